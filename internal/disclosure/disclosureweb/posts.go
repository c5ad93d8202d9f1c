package disclosureweb

import "dinh/internal/web"

func (h *pages) registerPosts(k *web.Kit) {}

func postPages() map[string]any { return map[string]any{} }

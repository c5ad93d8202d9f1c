package disclosureweb

import "dinh/internal/web"

func (h *pages) registerItems(k *web.Kit) {}

func itemPages() map[string]any { return map[string]any{} }

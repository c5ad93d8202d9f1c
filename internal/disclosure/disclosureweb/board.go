package disclosureweb

import "dinh/internal/web"

func (h *pages) registerBoard(k *web.Kit) {}

func boardPages() map[string]any { return map[string]any{} }

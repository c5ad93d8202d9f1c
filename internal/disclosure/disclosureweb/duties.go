package disclosureweb

import "dinh/internal/web"

func (h *pages) registerDuties(k *web.Kit) {}

func dutyPages() map[string]any { return map[string]any{} }

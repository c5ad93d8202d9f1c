package plan

import "context"

// IssuedPlans lists all plans that are not drafts and are no unit's own, newest first.
func (s *Service) IssuedPlans(ctx context.Context) ([]Summary, error) {
	return s.summaries(ctx, false, `parent_id=''`)
}

package plan

import (
	"context"
	"net/url"

	"dinh/internal/db"
	"dinh/internal/search"
)

// findableTx makes an issued plan findable, and its tasks where it is nobody's plan derived from another: of those each unit has one, and a search would
// find nothing else. Tasks that the plan had as it was before, and has no more, are found no more.
func (s *Service) findableTx(ctx context.Context, tx *db.Tx, p, before *Plan) error {
	if before != nil {
		for _, t := range before.Tasks {
			if err := search.DeleteTx(ctx, tx, search.KindTask, p.ID+"/"+t.ID); err != nil {
				return err
			}
		}
	}
	path := s.units.Path(p.Unit, tx.Today()) + "/ke-hoach/" + p.Slug()
	err := search.PutTx(ctx, tx, search.Doc{
		Kind: search.KindPlan, ID: p.ID, Unit: p.Unit, Audience: search.Public, Title: p.TitleVI, TitleEN: p.TitleEN, Text: p.Number, Path: path, Day: p.Signed,
	})
	if err != nil || p.Parent != "" {
		return err
	}
	for _, t := range p.Tasks {
		doc := search.Doc{
			Kind: search.KindTask, ID: p.ID + "/" + t.ID, Unit: p.Unit, Audience: search.Public, Title: t.ID + " " + t.TitleVI, Text: t.Ref + ", " + p.Number,
			Path: path + "/viec/" + url.PathEscape(t.ID), Day: p.Signed,
		}
		if t.TitleEN != "" {
			doc.TitleEN = t.ID + " " + t.TitleEN
		}
		if err := search.PutTx(ctx, tx, doc); err != nil {
			return err
		}
	}
	return nil
}

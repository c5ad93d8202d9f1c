package disclosure

import (
	"context"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/law"
)

// Work is an item as those see it who work on it.
type Work struct {
	*View
	Writing  *Edition // the edition that is not published yet; nil where there is none, and for who may not write
	New      []File   // of Writing
	At       map[string]attach.Attachment
	Setting  Setting
	Dues     []law.StoredDue
	Write    bool // the actor may change it
	Approve  bool // on screen
	Marks    []Marked
	Personal []Finding
	OldFiles []File // of the edition that is up, where Writing is another
}

// FilesNow are the files of the edition that is worked on, else of the one that is up.
func (w *Work) FilesNow() []File {
	if w.Writing != nil {
		return w.New
	}
	return w.Files
}

// EditionNow is the edition that is worked on, else the one that is up.
func (w *Work) EditionNow() *Edition {
	if w.Writing != nil {
		return w.Writing
	}
	return w.Ed
}

// Work gives an item with what its unit does with it. Village heads get it without what is being written. errs.NotFound for everybody else.
func (s *Service) Work(ctx context.Context, actor access.Actor, id string) (w *Work, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		i, err := readItem(ctx, q, `id=$1`, id)
		if err != nil {
			return err
		}
		w = &Work{Write: s.MayWrite(actor, i.Unit), Approve: s.MayApprove(actor, i.Unit)}
		if !w.Write && !w.Approve && !s.mayTell(ctx, q, actor, i) {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		list, err := s.views(ctx, q, []*Item{i}, true)
		if err != nil {
			return err
		}
		w.View = list[0]
		if w.Setting, err = readSetting(ctx, q, i.Unit); err != nil {
			return err
		}
		if w.Dues, err = law.StoredFor(ctx, q, Owner, i.ID); err != nil {
			return err
		}
		if w.Write || w.Approve {
			if err := s.writingOf(ctx, q, w); err != nil {
				return err
			}
		}
		return s.attachmentsOf(ctx, q, w)
	})
	return w, err
}

func (s *Service) writingOf(ctx context.Context, q db.Querier, w *Work) (err error) {
	if w.Draft == 0 || w.State == Withdrawn {
		return nil
	}
	for _, e := range w.Editions {
		if e.Number == w.Draft {
			w.Writing = e
		}
	}
	if w.Writing == nil {
		return nil
	}
	if w.New, err = readFiles(ctx, q, `edition_id=$1`, w.Writing.ID); err != nil {
		return err
	}
	if w.Edition != 0 {
		w.OldFiles = w.Files
	}
	w.Marks, w.Personal = FindMarks(w.Writing, w.New), FindPersonal(w.Writing, w.New)
	return nil
}

func (s *Service) attachmentsOf(ctx context.Context, q db.Querier, w *Work) (err error) {
	if s.files == nil {
		return nil
	}
	var ids []string
	for _, list := range [][]File{w.Files, w.New} {
		for i := range list {
			ids = append(ids, list[i].Original)
			if list[i].Shown != "" && list[i].Shown != list[i].Original {
				ids = append(ids, list[i].Shown)
			}
		}
	}
	w.At, err = s.files.ByIDs(ctx, q, ids...)
	return err
}

// WorkFile is an attachment of one of the item's files, for who works on the item: the original, or what readers get. A village head gets only the latter, of the
// edition that is up.
func (s *Service) WorkFile(ctx context.Context, actor access.Actor, item, file string, original bool) (id string, err error) {
	none := errs.E(errs.NotFound, "disclosure.none")
	err = s.db.Read(ctx, func(q db.Querier) error {
		i, err := readItem(ctx, q, `id=$1`, item)
		if err != nil {
			return err
		}
		f, e, err := s.fileTx(ctx, q, i, file)
		if err != nil {
			return err
		}
		if !s.MayWrite(actor, i.Unit) && !s.MayApprove(actor, i.Unit) && (original || e.State != Published || !s.mayTell(ctx, q, actor, i)) {
			return none
		}
		id = f.Shown
		if original {
			id = f.Original
		}
		return nil
	})
	if err == nil && id == "" {
		err = none
	}
	return id, err
}

package disclosure

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/photo"
)

// TakenIn is a photo on the disk that is nobody's yet: the file as it came, the copy that people get, and a small one.
type TakenIn struct {
	Original, Shown, Thumb attach.File
	Taken                  string // as Photo.Taken
	Name                   string
}

// photoOwner is the owner kind of the attachments of photos; the owner is the photo.
const photoOwner = "disclosure.photo"

// boardBatch marks photos of notice boards in Photo.Batch, which are given to no posting.
const boardBatch = boardPrefix

// TakePhoto takes a photo in, before the transaction that uses it: the file is streamed to the disk as it comes, then its two copies are made of it,
// turned upright and without what the phone wrote about place and device. Refusals are errs.Invalid or errs.TooLarge, worded for the sender.
func (s *Service) TakePhoto(ctx context.Context, r io.Reader, name string) (TakenIn, error) {
	var t TakenIn
	var err error
	if t.Original, err = s.files.Put(ctx, r, name, attach.Images); err != nil {
		return t, err
	}
	t.Name = t.Original.Name
	src, err := s.files.Content(t.Original)
	if err != nil {
		return t, err
	}
	defer src.Close()
	info, err := s.camera.Look(src)
	if err != nil {
		return t, photoFault(err, t.Name)
	}
	if !info.TakenAt.IsZero() {
		t.Taken = info.TakenAt.In(civil.Zone).Format("2006-01-02 15:04")
	}
	if t.Shown, err = s.publicCopy(ctx, src, t.Name); err != nil {
		return t, err
	}
	small, err := s.files.Content(t.Shown)
	if err != nil {
		return t, err
	}
	defer small.Close()
	t.Thumb, err = s.develop(ctx, t.Name, func(w io.Writer) error {
		_, err := s.camera.Thumb(ctx, small, w)
		return err
	})
	return t, err
}

// publicCopy puts a copy of a picture into the store: upright, no larger than readers need, with nothing in it but the picture.
func (s *Service) publicCopy(ctx context.Context, src io.ReadSeeker, name string) (attach.File, error) {
	return s.develop(ctx, name, func(w io.Writer) error {
		_, err := s.camera.Public(ctx, src, w, Rules.PhotoPixels)
		return err
	})
}

// develop puts what f writes into the store.
func (s *Service) develop(ctx context.Context, name string, f func(w io.Writer) error) (attach.File, error) {
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := f(w)
		_ = w.CloseWithError(err)
		done <- err
	}()
	stem := name
	if i := strings.LastIndexByte(name, '.'); i > 0 {
		stem = name[:i]
	}
	out, err := s.files.Put(ctx, r, stem+".jpg", attach.Types{attach.JPEG})
	_ = r.Close()
	if made := <-done; made != nil && !errors.Is(made, io.ErrClosedPipe) {
		err = photoFault(made, name)
	}
	return out, err
}

// photoFault words what is wrong with a picture for its sender.
func photoFault(err error, name string) error {
	if large, ok := errors.AsType[*photo.TooLargeError](err); ok {
		return errs.Wrap(errs.Invalid, err, "disclosurepost.fault.photo_large", "name", name, "have", (large.Width*large.Height+500_000)/1_000_000, "most", large.Limit/1_000_000)
	}
	switch {
	case errors.Is(err, photo.ErrFormat), errors.Is(err, photo.ErrAnimated):
		return errs.Wrap(errs.Invalid, err, "disclosurepost.fault.photo_format", "name", name)
	case errors.Is(err, photo.ErrBroken):
		return errs.Wrap(errs.Invalid, err, "disclosurepost.fault.photo_broken", "name", name)
	}
	return err
}

// keepPhotoTx gives a photo its row and its files their owner. The caller fills in what it belongs to.
func (s *Service) keepPhotoTx(ctx context.Context, tx *db.Tx, actor access.Actor, t TakenIn, p Photo) (Photo, error) {
	p.ID, p.Taken, p.Name, p.Created = tx.NewID(), t.Taken, t.Name, db.Micros(tx.Now())
	owner := attach.Owner{Kind: photoOwner, ID: p.ID, Unit: p.Unit}
	for _, f := range []struct {
		file     attach.File
		internal bool
		id       *string
	}{{t.Original, true, &p.Original}, {t.Shown, false, &p.Shown}, {t.Thumb, false, &p.Thumb}} {
		a, err := s.files.LinkTx(ctx, tx, f.file, owner, f.internal, actor.ID)
		if err != nil {
			return p, err
		}
		*f.id = a.ID
	}
	return p, insertPhoto(ctx, tx, &p)
}

// photoSum is what the log says of a photo: what its original was when it came.
type photoSum struct {
	Photo  string `json:"photo"`
	SHA256 string `json:"sha256"`
	Taken  string `json:"taken,omitempty"`
}

// givePhotosTx keeps photos as those of a posting, and gives what the log says of them.
func (s *Service) givePhotosTx(ctx context.Context, tx *db.Tx, actor access.Actor, x *Posting, photos []TakenIn, atDown bool) ([]photoSum, error) {
	out := []photoSum{}
	for _, t := range photos {
		p, err := s.keepPhotoTx(ctx, tx, actor, t, Photo{Unit: x.Unit, Item: x.Item, Posting: x.ID, AtDown: atDown})
		if err != nil {
			return nil, err
		}
		out = append(out, photoSum{p.ID, t.Original.SHA256, t.Taken})
	}
	return out, nil
}

// AddPhotosTx adds photos to a posting: proof that came later, or that the sheet hangs still.
func (s *Service) AddPhotosTx(ctx context.Context, tx *db.Tx, actor access.Actor, posting string, photos []TakenIn) error {
	x, i, p, err := s.postingTx(ctx, tx, actor, posting, 0)
	if err != nil {
		return err
	}
	if len(photos) == 0 {
		return errs.At("photo", "disclosurepost.fault.photo_which")
	}
	sums, err := s.givePhotosTx(ctx, tx, actor, x, photos, x.DownDay != civil.None)
	if err != nil {
		return err
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, i, "photos", map[string]any{"posting": x.ID, "place": p.Key, "photos": sums}, "place", p.Label(), "n", len(sums))
}

// DropPhotoTx takes a photo away from its posting: the wrong one, or one that shows a person's face. It stays in the store, for those with rights.
func (s *Service) DropPhotoTx(ctx context.Context, tx *db.Tx, actor access.Actor, id, why string) error {
	list, err := readPhotos(ctx, tx, `id=$1 AND posting_id<>''`, id)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	ph := list[0]
	x, i, p, err := s.postingTx(ctx, tx, actor, ph.Posting, 0)
	if err != nil {
		return err
	}
	if why == "" {
		return errs.At("why", "disclosurepost.fault.why")
	}
	if err := tx.Update(ctx, `UPDATE disclosure_photo SET posting_id='', batch='' WHERE id=$1 AND posting_id=$2`, id, x.ID); err != nil {
		return err
	}
	for _, a := range []string{ph.Shown, ph.Thumb} {
		if err := s.files.SetInternalTx(ctx, tx, a, true); err != nil {
			return err
		}
	}
	if err := s.recountTx(ctx, tx, actor, i); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, i, "photo_dropped", map[string]any{"posting": x.ID, "photo": id, "why": why}, "place", p.Label())
}

// The sizes of a photo.
const (
	PhotoShown    = "anh"
	PhotoThumb    = "nho"
	PhotoOriginal = "goc"
)

// PhotoFile is the file of a photo in a size, for who may see it: the copies for who may see the item, the original for who may enter what happens at the
// place. errs.NotFound else.
func (s *Service) PhotoFile(ctx context.Context, actor access.Actor, id, size string) (a attach.Attachment, err error) {
	none := errs.E(errs.NotFound, "disclosure.none")
	err = s.db.Read(ctx, func(q db.Querier) error {
		list, err := readPhotos(ctx, q, `id=$1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return none
		}
		ph := list[0]
		ok, err := s.maySeePhoto(ctx, q, actor, ph, size)
		if err != nil {
			return err
		}
		file := map[string]string{PhotoShown: ph.Shown, PhotoThumb: ph.Thumb, PhotoOriginal: ph.Original}[size]
		if !ok || file == "" {
			return none
		}
		a, err = s.files.ByID(ctx, q, file)
		return err
	})
	return a, err
}

func (s *Service) maySeePhoto(ctx context.Context, q db.Querier, actor access.Actor, ph Photo, size string) (bool, error) {
	if s.MayWrite(actor, ph.Unit) {
		return true, nil
	}
	if strings.HasPrefix(ph.Batch, boardBatch) && size != PhotoOriginal {
		return s.maySeeBoard(ctx, q, actor, ph)
	}
	if ph.Posting == "" {
		return false, nil
	}
	i, err := readItem(ctx, q, `id=$1`, ph.Item)
	if err != nil {
		return false, err
	}
	list, err := readPostings(ctx, q, `id=$1`, ph.Posting)
	if err != nil || len(list) == 0 {
		return false, err
	}
	if s.MaySee(actor, i) && size != PhotoOriginal && list[0].Struck == civil.None && i.State != Draft {
		return true, nil
	}
	if !s.mayTell(ctx, q, actor, i) {
		return false, nil
	}
	places, err := readPlaces(ctx, q, i.ID)
	return slices.ContainsFunc(places, func(p Place) bool { return p.Key == list[0].Place && s.mayEnter(actor, p) }), err
}

// maySeeBoard reports whether the actor may see the photo of a notice board: everybody, unless the board is for staff.
func (s *Service) maySeeBoard(ctx context.Context, q db.Querier, actor access.Actor, ph Photo) (bool, error) {
	var audience Audience
	err := q.QueryRow(ctx, `SELECT audience FROM disclosure_board WHERE id=$1`, strings.TrimPrefix(ph.Batch, boardBatch)).Scan(&audience)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil && (audience == Everybody || actor.Holds(ph.Unit)), err
}

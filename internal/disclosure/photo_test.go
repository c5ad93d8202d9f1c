package disclosure

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
)

func TestPhotosOfAPosting(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWall(t, d)
		ctx := t.Context()
		item := w.hang("2021-04-05", "2021-04-06")
		raw := picture(t, 40)
		taken, err := w.TakePhoto(ctx, bytes.NewReader(raw), "../../IMG 1.jpg")
		if err != nil {
			t.Fatal(err)
		}
		if taken.Taken != "" || taken.Name != "IMG 1.jpg" {
			t.Errorf("a photo without EXIF: %+v", taken)
		}
		x, err := w.post(w.headOf(0), PutUp{Item: item, Place: VillageKey(w.villages[0]), Day: "2021-04-06", Photos: []TakenIn{taken}})
		if err != nil {
			t.Fatal(err)
		}
		v := w.view(w.officer(), item)
		if len(v.Photos[x.ID]) != 1 {
			t.Fatalf("photos %+v", v.Photos)
		}
		ph := v.Photos[x.ID][0]

		// The original is as it came, for those with rights; the copy is for everybody.
		for _, tt := range []struct {
			name  string
			actor access.Actor
			size  string
			ok    bool
		}{
			{"public copy, anybody", access.Actor{}, PhotoShown, true},
			{"thumb, anybody", access.Actor{}, PhotoThumb, true},
			{"original, anybody", access.Actor{}, PhotoOriginal, false},
			{"original, officer", w.officer(), PhotoOriginal, true},
			{"original, the village's head", w.headOf(0), PhotoOriginal, true},
			{"original, another village's head", w.headOf(1), PhotoOriginal, false},
			{"a size that there is not", w.officer(), "to", false},
		} {
			a, err := w.PhotoFile(ctx, tt.actor, ph.ID, tt.size)
			if (err == nil) != tt.ok || err != nil && !errs.Is(err, errs.NotFound) {
				t.Errorf("%s: %v", tt.name, err)
			}
			if err == nil && a.Internal != (tt.size == PhotoOriginal) {
				t.Errorf("%s: internal %v", tt.name, a.Internal)
			}
		}
		a, err := w.PhotoFile(ctx, w.officer(), ph.ID, PhotoOriginal)
		if err != nil {
			t.Fatal(err)
		}
		f, err := w.files.Content(a.File)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if b, err := io.ReadAll(f); err != nil || !bytes.Equal(b, raw) {
			t.Errorf("the original is not as it came: %d bytes, %v", len(b), err)
		}
		thumb, err := w.PhotoFile(ctx, access.Actor{}, ph.ID, PhotoThumb)
		if err != nil {
			t.Fatal(err)
		}
		tf, err := w.files.Content(thumb.File)
		if err != nil {
			t.Fatal(err)
		}
		defer tf.Close()
		if conf, err := jpeg.DecodeConfig(tf); err != nil || max(conf.Width, conf.Height) != 480 {
			t.Errorf("thumb %+v, %v", conf, err)
		}

		// Its sum stands in the log.
		var details string
		err = d.QueryRow(ctx, `SELECT body FROM audit_detail JOIN audit_entry ON id=entry_id WHERE action='disclosure.posted'`).Scan(&details)
		if err != nil || !strings.Contains(details, a.SHA256) {
			t.Errorf("log: %q, %v", details, err)
		}

		// Bytes changed on the disk are found.
		if faults, n, err := w.files.Check(ctx, nil); err != nil || n != 3 || len(faults) != 0 {
			t.Errorf("sound: %d files, %v, %v", n, faults, err)
		}
		w.spoil(a.SHA256)
		faults, _, err := w.files.Check(ctx, nil)
		if err != nil || len(faults) != 1 || faults[0].Missing || faults[0].Owner.ID != ph.ID {
			t.Errorf("a changed photo: %+v, %v", faults, err)
		}

		// A photo that should not be seen is taken away, with a reason.
		err = w.do(func(tx *db.Tx) error { return w.DropPhotoTx(ctx, tx, w.headOf(0), ph.ID, "") })
		if got := fields(err); got != "why why" {
			t.Errorf("without a reason: %s", got)
		}
		w.must(func(tx *db.Tx) error { return w.DropPhotoTx(ctx, tx, w.headOf(0), ph.ID, "thấy mặt người") })
		if _, err := w.PhotoFile(ctx, access.Actor{}, ph.ID, PhotoShown); !errs.Is(err, errs.NotFound) {
			t.Errorf("taken away: %v", err)
		}
		if len(w.view(w.officer(), item).Photos) != 0 {
			t.Error("the posting still shows it")
		}
	})
}

func TestTakePhotoRefuses(t *testing.T) {
	t.Parallel()
	w := newWall(t, dbtest.New(t))
	var big bytes.Buffer
	if err := jpeg.Encode(&big, image.NewGray(image.Rect(0, 0, 9000, 6000)), nil); err != nil {
		t.Fatal(err)
	}
	cut := picture(t, 1)
	for name, body := range map[string][]byte{
		"anh.svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
		"anh.jpg": []byte("%PDF-1.4\n%%EOF"),
		"cut.jpg": cut[:len(cut)/3],
		"big.jpg": big.Bytes(),
		"nil.jpg": nil,
	} {
		_, err := w.TakePhoto(t.Context(), bytes.NewReader(body), name)
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.TakePhoto(t.Context(), broken{}, "a.jpg"); err == nil || errs.Is(err, errs.Invalid) {
		t.Errorf("a line that breaks is no fault of the photo: %v", err)
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("gone") }

func TestBatch(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWall(t, d)
		ctx := t.Context()
		item := w.hang("2021-04-05", "2021-04-06")
		batch := db.NewID(dbtest.Clock.Now())
		keep := func(actor access.Actor, p TakenIn) (kept bool, err error) {
			err = w.do(func(tx *db.Tx) error {
				kept, err = w.KeepPhotoTx(ctx, tx, actor, item, batch, p)
				return err
			})
			return kept, err
		}
		if kept, err := keep(w.officer(), w.photo(1)); err != nil || !kept {
			t.Fatal(kept, err)
		}
		for n, want := range map[uint8]bool{1: false, 2: true, 3: true, 4: true} {
			if kept, err := keep(w.officer(), w.photo(n)); err != nil || kept != want {
				t.Errorf("photo %d: kept %v, %v", n, kept, err)
			}
		}
		if _, err := keep(w.headOf(0), w.photo(9)); !errs.Is(err, errs.NotFound) {
			t.Errorf("a village head has no batch of the commune: %v", err)
		}
		if list, err := w.Batches(ctx, w.officer(), w.commune); err != nil || len(list) != 1 || list[0].Photos != 4 || list[0].ID != batch {
			t.Errorf("batches %+v, %v", list, err)
		}
		if _, err := w.Batch(ctx, w.headOf(0), batch); !errs.Is(err, errs.NotFound) {
			t.Errorf("batch for a village head: %v", err)
		}
		b, err := w.Batch(ctx, w.officer(), batch)
		if err != nil || len(b.Waiting) != 4 {
			t.Fatalf("batch %+v, %v", b, err)
		}
		first, second := VillageKey(w.villages[0]), VillageKey(w.villages[1])
		give := func(g Given) (r GiveResult, err error) {
			g.Batch = batch
			err = w.do(func(tx *db.Tx) error {
				r, err = w.GiveBatchTx(ctx, tx, w.officer(), g)
				return err
			})
			return r, err
		}
		id := func(n int) string { return b.Waiting[n].ID }

		if _, err := give(Given{Day: "2021-04-06"}); fields(err) != " batch_nothing" {
			t.Errorf("nothing chosen: %q", fields(err))
		}
		_, err = give(Given{Day: "2021-04-22", Photos: []GivenPhoto{{Photo: id(0), Place: first}, {Photo: id(1), Place: "website"}, {Photo: id(2), Place: second, Day: "2021-05-01"}}})
		want := "day day_ahead, day-" + id(2) + " day_ahead, how how_which, person person, place-" + id(1) + " place_none"
		if got := fields(err); got != want {
			t.Errorf("faults:\n%s\nwant\n%s", got, want)
		}
		_, err = give(Given{Day: "2021-04-01", How: HowChat, Person: "anh Ún", Photos: []GivenPhoto{{Photo: id(0), Place: first}}})
		if got := fields(err); got != "day-"+id(0)+" before_approval" {
			t.Errorf("before the approval: %s", got)
		}

		// Two photos of one village are one posting; one waits; the day of one is its own.
		r, err := give(Given{Day: "2021-04-06", Hour: "09:00", How: HowChat, Person: "anh Ún", Photos: []GivenPhoto{
			{Photo: id(0), Place: first}, {Photo: id(1), Place: first}, {Photo: id(2), Place: second, Day: "2021-04-08"}, {Photo: id(3)},
		}})
		if err != nil || r != (GiveResult{Posted: 2, Waiting: 1}) {
			t.Fatalf("given %+v, %v", r, err)
		}
		v := w.view(w.officer(), item)
		if len(v.Postings) != 2 {
			t.Fatalf("postings %+v", v.Postings)
		}
		for _, x := range v.Postings {
			switch x.Place {
			case first:
				if x.UpDay != "2021-04-06" || x.UpHour != "09:00" || x.UpPerson != "anh Ún" || x.UpHow != HowChat || len(v.Photos[x.ID]) != 2 {
					t.Errorf("first %+v, %d photos", x, len(v.Photos[x.ID]))
				}
			case second:
				if x.UpDay != "2021-04-08" || x.UpHour != "" || len(v.Photos[x.ID]) != 1 {
					t.Errorf("second %+v", x)
				}
			}
		}

		// What waits is given later: where a sheet hangs it is proof of that one.
		r, err = give(Given{Day: "2021-04-15", How: HowChat, Person: "anh Ún", Photos: []GivenPhoto{{Photo: id(3), Place: first}, {Photo: id(0), Place: second}}})
		if err != nil || r != (GiveResult{Added: 1}) {
			t.Errorf("the rest: %+v, %v", r, err)
		}
		if v := w.view(w.officer(), item); len(v.Postings) != 2 {
			t.Errorf("postings %+v", v.Postings)
		}
		if _, err := give(Given{Day: "2021-04-15", Photos: []GivenPhoto{{Photo: id(3), Place: first}}}); !errs.Is(err, errs.Conflict) {
			t.Errorf("given twice: %v", err)
		}
		if list, err := w.Batches(ctx, w.officer(), w.commune); err != nil || len(list) != 0 {
			t.Errorf("batches %+v, %v", list, err)
		}
	})
}

func TestBatchByExifAndDrop(t *testing.T) {
	t.Parallel()
	w := newWall(t, dbtest.New(t))
	ctx := t.Context()
	item := w.hang("2021-04-05", "2021-04-06")
	batch := db.NewID(dbtest.Clock.Now())
	with := w.photo(1)
	with.Taken = "2021-04-07 16:20"
	for _, p := range []TakenIn{with, w.photo(2), w.photo(3)} {
		w.must(func(tx *db.Tx) error {
			_, err := w.KeepPhotoTx(ctx, tx, w.officer(), item, batch, p)
			return err
		})
	}
	b, err := w.Batch(ctx, w.officer(), batch)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(b.Waiting, func(x, y Photo) int { return strings.Compare(y.Taken, x.Taken) }) // all came at one instant
	var r GiveResult
	w.must(func(tx *db.Tx) (err error) {
		r, err = w.GiveBatchTx(ctx, tx, w.officer(), Given{Batch: batch, Day: "2021-04-06", Hour: "08:00", How: HowPhone, Person: "ông Pọm", ByExif: true, Photos: []GivenPhoto{
			{Photo: b.Waiting[0].ID, Place: VillageKey(w.villages[0])}, {Photo: b.Waiting[1].ID, Place: VillageKey(w.villages[1])}, {Photo: b.Waiting[2].ID, Drop: true},
		}})
		return err
	})
	if r != (GiveResult{Posted: 2, Dropped: 1}) {
		t.Errorf("given %+v", r)
	}
	got := map[string]string{}
	for _, x := range w.view(w.officer(), item).Postings {
		got[x.Place] = string(x.UpDay) + " " + x.UpHour
	}
	if got[VillageKey(w.villages[0])] != "2021-04-07 16:20" || got[VillageKey(w.villages[1])] != "2021-04-06 08:00" {
		t.Errorf("days %v", got)
	}
}

func TestBoardsAndSettings(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		w := newWall(t, d)
		ctx := t.Context()
		var id string
		save := func(actor access.Actor, b Board, photos ...TakenIn) error {
			return w.do(func(tx *db.Tx) (err error) {
				id, err = w.SaveBoardTx(ctx, tx, actor, b, photos)
				return err
			})
		}
		if got := fields(save(w.officer(), Board{Unit: w.commune})); got != "audience audience, from day_which, name board_name, spot board_spot" {
			t.Errorf("nothing typed: %s", got)
		}
		if err := save(w.headOf(0), Board{Unit: w.commune, Name: "Bảng", Spot: "Cổng", Audience: Everybody, Span: civil.Span{From: "2021-01-01"}}); !errs.Is(err, errs.NotFound) {
			t.Errorf("a board of another unit: %v", err)
		}
		if err := save(w.officer(), Board{Unit: w.commune, Name: "Bảng trước cổng", Spot: "Cổng trụ sở", Audience: Everybody, Span: civil.Span{From: "2021-01-01"}}, w.photo(7)); err != nil {
			t.Fatal(err)
		}
		list, err := w.Boards(ctx, access.Actor{}, w.commune)
		if err != nil || len(list) != 1 || len(list[0].Photos) != 1 {
			t.Fatalf("boards %+v, %v", list, err)
		}
		if _, err := w.PhotoFile(ctx, access.Actor{}, list[0].Photos[0].ID, PhotoThumb); err != nil {
			t.Errorf("the board's photo: %v", err)
		}
		if n := len(w.records); n != 1 || w.records[0].Kind != "board" || !w.records[0].Counts {
			t.Errorf("records %+v", w.records)
		}
		offered := false
		for _, p := range Offers(w.units.On("2021-04-20"), w.commune, Everybody, "2021-04-20", []Board{list[0].Board}) {
			offered = offered || p.Key == BoardKey(id)
		}
		if !offered {
			t.Error("the board is not offered")
		}
		b := list[0].Board
		b.Audience = Staff
		if err := save(w.officer(), b); err != nil {
			t.Fatal(err)
		}
		if err := save(w.officer(), b); !errs.Is(err, errs.Conflict) {
			t.Errorf("two at once: %v", err)
		}
		if list, err := w.Boards(ctx, access.Actor{}, w.commune); err != nil || len(list) != 0 {
			t.Errorf("a board for staff: %+v, %v", list, err)
		}
		if _, err := w.PhotoFile(ctx, access.Actor{}, list[0].Photos[0].ID, PhotoThumb); !errs.Is(err, errs.NotFound) {
			t.Errorf("its photo: %v", err)
		}

		set := func(actor access.Actor, s Setting) error {
			s.Unit = w.commune
			return w.do(func(tx *db.Tx) error { return w.SaveSettingTx(ctx, tx, actor, s) })
		}
		head := access.Actor{ID: "head", Name: "H", Posts: []access.Post{{Unit: w.commune, Kind: access.Head}}}
		if got := fields(set(w.officer(), Setting{TwoPeople: true, AnswerDays: 99})); got != "answer_days answer_days, two_people two_people" {
			t.Errorf("settings: %s", got)
		}
		if err := set(head, Setting{TwoPeople: true, AnswerDays: 3, Contact: "bà Hương"}); err != nil {
			t.Fatal(err)
		}
		if err := set(head, Setting{}); !errs.Is(err, errs.Conflict) {
			t.Errorf("typed over what is stored: %v", err)
		}
		if s, err := w.Setting(ctx, w.officer(), w.commune); err != nil || !s.TwoPeople || s.AnswerDays != 3 || s.Version != 1 {
			t.Errorf("setting %+v, %v", s, err)
		}
		if _, err := w.Setting(ctx, access.Actor{}, w.commune); !errs.Is(err, errs.NotFound) {
			t.Errorf("settings for the public: %v", err)
		}
	})
}

func TestPhotoDetailsAreSmall(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(photoSum{"p", strings.Repeat("a", 64), ""})
	if err != nil || strings.Contains(string(b), "taken") {
		t.Errorf("%s, %v", b, err)
	}
	if _, _, ok := (Photo{Taken: "2021-04-06"}).TakenAt(); !ok {
		t.Error("a day without an hour")
	}
	if day, hour, ok := (Photo{Taken: ""}).TakenAt(); ok || day != civil.None || hour != "" {
		t.Error("no day")
	}
}

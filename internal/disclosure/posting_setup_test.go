package disclosure

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/law"
	"dinh/internal/org"
)

// wall is the room over a database with xã Thanh Nưa and two villages in it, on 20/4/2021, with an item that went up on 6/4.
type wall struct {
	*Service
	t        *testing.T
	d        *db.DB
	dir      string // of the files
	commune  string
	villages []string
	records  []Record
}

func (w *wall) RecordTx(_ context.Context, _ *db.Tx, _ access.Actor, r Record) error {
	w.records = append(w.records, r)
	return nil
}

func newWall(t *testing.T, d *db.DB) *wall {
	t.Helper()
	ctx := t.Context()
	units, err := org.Open(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	o := org.NewService(d, units)
	if err := o.LoadSample(ctx); err != nil {
		t.Fatal(err)
	}
	cat, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	w := &wall{t: t, d: d, dir: t.TempDir()}
	files, err := attach.New(d, w.dir, 8<<20, dbtest.Clock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	u, ok := units.On("2021-04-20").ByCode("03322")
	if !ok {
		t.Fatal("no xã Thanh Nưa")
	}
	w.commune = u.ID
	w.must(func(tx *db.Tx) (err error) {
		w.villages, err = o.AddVillagesTx(ctx, tx, access.System, w.commune, []org.VillageDraft{{Name: "Bản Mển"}, {Name: "Bản Phiêng Ban"}}, "2021-01-01")
		return err
	})
	w.Service = New(Options{DB: d, Units: units, Law: func() *law.Catalogue { return cat }, Clock: dbtest.Clock, Files: files, Recorder: w})
	return w
}

func (w *wall) do(f func(tx *db.Tx) error) error { return w.d.Write(w.t.Context(), f) }

func (w *wall) must(f func(tx *db.Tx) error) {
	w.t.Helper()
	if err := w.do(f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *wall) officer() access.Actor {
	return access.Actor{ID: "officer", Name: "Lò Thị Hương", Posts: []access.Post{{Unit: w.commune, Kind: access.Officer}}}
}

func (w *wall) headOf(n int) access.Actor {
	return access.Actor{ID: "village", Name: "Quàng Văn Ún", Posts: []access.Post{{Unit: w.villages[n], Kind: access.VillageHead}}}
}

// hang makes an item with places at the office, two villages, the loudspeakers and the website. published None leaves it approved since the day.
func (w *wall) hang(approved, published civil.Date) string {
	w.t.Helper()
	var id string
	w.must(func(tx *db.Tx) error {
		id = tx.NewID()
		i := &Item{
			ID: id, Unit: w.commune, Code: randomCode(), Year: 2021, Slug: "du-toan-" + id, Audience: Everybody, State: Draft, Draft: 1, Title: "Dự toán ngân sách",
			Need: Need{MinDays: 30, LoudDays: 3}, Version: 1, Created: db.Micros(tx.Now()),
		}
		e := &Edition{ID: tx.NewID(), Item: id, Unit: w.commune, Number: 1, State: Approved, Title: i.Title, Summary: "Năm nay xã chi nhiều hơn.", Approved: approved, PaperDay: approved, PaperNumber: "21/TB-UBND", Version: 1}
		if approved == civil.None {
			e.State, e.PaperNumber = Writing, ""
		}
		if published != civil.None {
			i.State, i.Edition, i.Draft, i.Published = Up, 1, 0, published
			e.State, e.Published = Published, published
		}
		ctx := w.t.Context()
		if err := insertItem(ctx, tx, i); err != nil {
			return err
		}
		if err := insertEdition(ctx, tx, e); err != nil {
			return err
		}
		for n, p := range w.places() {
			p.Item, p.Position, p.Need = id, n, i.NeedAt(p.Kind)
			if err := insertPlace(ctx, tx, p); err != nil {
				return err
			}
		}
		return nil
	})
	return id
}

func (w *wall) places() []Place {
	var out []Place
	for _, p := range Offers(w.units.On("2021-04-20"), w.commune, Everybody, "2021-04-20", nil) {
		if slices.Contains([]string{"office", VillageKey(w.villages[0]), VillageKey(w.villages[1]), "website", "loudspeaker", "village_head"}, p.Key) {
			out = append(out, p)
		}
	}
	return out
}

// replace publishes a second edition on a day, as PublishTx does.
func (w *wall) replace(item string, day civil.Date) {
	w.t.Helper()
	w.must(func(tx *db.Tx) error {
		ctx := w.t.Context()
		i, err := readItem(ctx, tx, `id=$1`, item)
		if err != nil {
			return err
		}
		if err := w.replaceTx(ctx, tx, access.System, i, day); err != nil {
			return err
		}
		e := &Edition{ID: tx.NewID(), Item: item, Unit: i.Unit, Number: 2, State: Published, Title: i.Title, Approved: day, Published: day, Version: 1}
		if err := insertEdition(ctx, tx, e); err != nil {
			return err
		}
		i.Edition, i.Published = 2, day
		return saveItem(ctx, tx, i)
	})
}

func (w *wall) view(actor access.Actor, item string) *View {
	w.t.Helper()
	v, err := w.Item(w.t.Context(), actor, item)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// count is the count of a place.
func (w *wall) count(item, key string) PlaceCount {
	w.t.Helper()
	for _, c := range w.view(w.officer(), item).Count.Places {
		if c.Place.Key == key {
			return c
		}
	}
	w.t.Fatalf("no place %s", key)
	return PlaceCount{}
}

func (w *wall) post(actor access.Actor, in PutUp) (x *Posting, err error) {
	w.t.Helper()
	err = w.do(func(tx *db.Tx) error {
		x, err = w.PostTx(w.t.Context(), tx, actor, in)
		return err
	})
	return x, err
}

// picture is a real JPEG of a colour.
func picture(t *testing.T, n uint8) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 640, 480))
	for y := range 480 {
		for x := range 640 {
			img.Set(x, y, color.RGBA{n, uint8(x), uint8(y), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (w *wall) photo(n uint8) TakenIn {
	w.t.Helper()
	p, err := w.TakePhoto(w.t.Context(), bytes.NewReader(picture(w.t, n)), "IMG_1.jpg")
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// spoil changes a byte of a stored file.
func (w *wall) spoil(sum string) {
	w.t.Helper()
	path := filepath.Join(w.dir, "files", sum[:2], sum[2:])
	b, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// fields are the names of the faulty fields with their messages' keys.
func fields(err error) string {
	var out []string
	for _, f := range errs.FieldsOf(err) {
		out = append(out, f.Name+" "+f.Msg.Key[strings.LastIndexByte(f.Msg.Key, '.')+1:])
	}
	slices.Sort(out)
	if len(out) == 0 && err != nil {
		return "- " + errs.MsgOf(err).Key[strings.LastIndexByte(errs.MsgOf(err).Key, '.')+1:]
	}
	return strings.Join(out, ", ")
}

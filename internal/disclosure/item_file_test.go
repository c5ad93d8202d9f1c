package disclosure

import (
	"bytes"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
)

func TestSecretsAndPersonalData(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		h := newItemHouse(t, d, dbtest.Clock)
		officer := h.someone("hương", h.commune, "officer")
		submit := func(item string, c Checks) string {
			return fieldsOf(h.try(func(tx *db.Tx) error { return h.SubmitTx(ctx, tx, officer, item, Submission{Checks: c}) }))
		}
		no := Checks{Secret: SecretNo, SecretBy: "Lò Thị Hương"}
		in := budget()
		in.Body = "TUYỆT MẬT\nKế hoạch phòng thủ"
		i := h.create(officer, h.commune, in)
		if got := submit(i.ID, no); got != "secret disclosureitem.secret_marked_words" {
			t.Errorf("marked words: %q", got)
		}
		if got := submit(h.create(officer, h.commune, budget()).ID, Checks{Secret: SecretYes, SecretBy: "x"}); got != "secret disclosureitem.secret_said" {
			t.Errorf("said to be secret: %q", got)
		}
		_, err := h.Prepare(ctx, strings.NewReader("MẬT\nKế hoạch"), "ke-hoach.txt", attach.Documents)
		if !errs.Is(err, errs.Invalid) || errs.MsgOf(err).Key != "disclosureitem.file_secret" {
			t.Errorf("a marked file: %v", err)
		}
		if bad, n, err := h.files.Check(ctx, nil); err != nil || n != 0 || len(bad) != 0 {
			t.Errorf("files with a row: %d, %v, %v", n, bad, err)
		}

		// Personal data in the words: named statement, or masked.
		in.Body = "Hộ ông Lò Văn Pánh, CCCD 011085001234, điện thoại 0912 345 678"
		i = h.create(officer, h.commune, in)
		if got := submit(i.ID, no); got != "personal disclosureitem.personal_needed" {
			t.Errorf("personal data: %q", got)
		}
		both := no
		both.Personal = PersonalStays
		if got := submit(i.ID, both); got != "personal_by disclosureitem.personal_by_needed" {
			t.Errorf("a statement without a name: %q", got)
		}
		words, version, err := h.Words(ctx, officer, i.ID, "Bản gốc nội dung")
		if err != nil || version != 1 {
			t.Fatalf("the words of edition version %d: %v", version, err)
		}
		h.write(func(tx *db.Tx) error { return h.MaskWordsTx(ctx, tx, officer, i.ID, 1, words) })
		v := h.item(officer, i.ID)
		if strings.Contains(v.Ed.Body, "011085001234") || !strings.Contains(v.Ed.Body, "Lò Văn Pánh") {
			t.Errorf("masked: %s", v.Ed.Body)
		}
		if f := v.Files[0]; f.Shown != "" || f.Original == "" || f.Text != "" {
			t.Errorf("the original words: %+v", f)
		} else if a, err := h.files.ByID(ctx, d, f.Original); err != nil || !a.Internal {
			t.Errorf("the original words can be seen: %+v, %v", a, err)
		}
		if got := submit(i.ID, no); got != "" {
			t.Errorf("masked, and yet: %q", got)
		}

		// Personal data in a file: a masked copy is shown, the original is internal, search finds the copy alone.
		i = h.create(officer, h.commune, budget())
		p := h.prepare("../../danh sach\x07.docx", docx("Hộ bà Lò Thị Mai, CCCD 011085001234"))
		if p.File.Name != "danh sach.docx" {
			t.Errorf("name %q", p.File.Name)
		}
		var f *File
		h.write(func(tx *db.Tx) (err error) {
			f, err = h.AttachTx(ctx, tx, officer, i.ID, NewFile{Prepared: p})
			return err
		})
		if got := submit(i.ID, no); got != "personal disclosureitem.personal_needed" {
			t.Errorf("personal data in a file: %q", got)
		}
		clean, err := h.TextCopy(ctx, officer, i.ID, f.ID, "Bản đã che dữ liệu cá nhân")
		if err != nil {
			t.Fatal(err)
		}
		h.write(func(tx *db.Tx) error { return h.CopyTx(ctx, tx, officer, i.ID, f.ID, clean) })
		v = h.up(officer, i.ID)
		g := v.Files[0]
		if g.Shown == g.Original || g.Shown == "" || strings.Contains(g.Text, "011085001234") || !slices.Contains(g.Faults, FaultPersonal) {
			t.Errorf("the file %+v", g)
		}
		if a, err := h.files.ByID(ctx, d, g.Original); err != nil || !a.Internal {
			t.Errorf("the original %+v, %v", a, err)
		}
		if a, err := h.files.ByID(ctx, d, g.Shown); err != nil || a.Internal || a.Type != attach.Plain {
			t.Errorf("the copy %+v, %v", a, err)
		}
		if n := h.count(`SELECT COUNT(*) FROM search_doc WHERE doc_id=$1 AND body LIKE '%011085001234%'`, i.ID); n != 0 {
			t.Error("search has what was masked")
		}

		// A new edition has uses of its own of the same files; dropping it leaves those of the edition that is up.
		h.write(func(tx *db.Tx) error {
			_, err := h.NewEditionTx(ctx, tx, officer, i.ID, v.Version, "Thêm hộ")
			return err
		})
		h.write(func(tx *db.Tx) error { return h.DropDraftTx(ctx, tx, officer, i.ID, 0) })
		again := h.item(officer, i.ID)
		if again.Draft != 0 || len(again.Editions) != 1 || again.Files[0].Shown != g.Shown {
			t.Errorf("after dropping the new edition: %+v", again.Item)
		}
		if _, err := h.files.ByID(ctx, d, g.Shown); err != nil {
			t.Errorf("the published file is gone: %v", err)
		}
	})
}

func TestDraftIsDroppedWithAllItHas(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	ctx := t.Context()
	officer := h.someone("hương", h.commune, "officer")
	i := h.create(officer, h.commune, budget())
	p := h.prepare("bang.docx", docx("Tổng thu"))
	h.write(func(tx *db.Tx) error { _, err := h.AttachTx(ctx, tx, officer, i.ID, NewFile{Prepared: p}); return err })
	h.write(func(tx *db.Tx) error { return h.DropDraftTx(ctx, tx, officer, i.ID, 1) })
	for _, table := range []string{"disclosure_item", "disclosure_edition", "disclosure_file", "disclosure_place", "attachment"} {
		if n := h.count(`SELECT COUNT(*) FROM ` + table); n != 0 {
			t.Errorf("%s has %d rows", table, n)
		}
	}
	if n := h.count(`SELECT COUNT(*) FROM law_due WHERE running=1`); n != 0 {
		t.Errorf("%d deadlines run", n)
	}
}

// What lies about itself, carries code or cannot be opened is refused or kept from readers.
func TestFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	ctx := t.Context()
	officer := h.someone("hương", h.commune, "officer")
	for _, c := range []struct {
		name string
		body []byte
		want string
	}{
		{"bang.pdf", []byte("<svg xmlns='http://www.w3.org/2000/svg'></svg>"), "attach.lies"},
		{"bang.svg", []byte("<svg xmlns='http://www.w3.org/2000/svg'></svg>"), "attach.type"},
		{"bang.docm", docx("x"), "attach.macro"},
		{"bang.docx", docx("x", "word/vbaProject.bin"), "attach.macro"},
		{"bang.docx", []byte("PK\x03\x04 not a zip"), "attach.torn"},
		{"", nil, "attach.empty"},
	} {
		_, err := h.Prepare(ctx, bytes.NewReader(c.body), c.name, PaperTypes)
		if got := errs.MsgOf(err).Key; got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	i := h.create(officer, h.commune, budget())
	p := h.prepare("quyet-dinh.pdf", scriptPDF)
	if !slices.Contains(p.Faults, FaultScripts) {
		t.Fatalf("faults of a PDF with a script: %v", p.Faults)
	}
	var f *File
	h.write(func(tx *db.Tx) (err error) {
		f, err = h.AttachTx(ctx, tx, officer, i.ID, NewFile{Prepared: p})
		return err
	})
	if f.Shown != "" || f.Original == "" {
		t.Errorf("a PDF with a script is shown: %+v", f)
	}
	if _, err := h.TextCopy(ctx, officer, i.ID, f.ID, "Bản chữ"); !errs.Is(err, errs.Invalid) {
		t.Errorf("a text copy of what has no text: %v", err)
	}
	if _, err := h.TextCopy(ctx, h.someone("lạ", h.school, "officer"), i.ID, f.ID, "Bản chữ"); !errs.Is(err, errs.NotFound) {
		t.Errorf("a stranger's text copy: %v", err)
	}
	h.write(func(tx *db.Tx) error { return h.RemoveFileTx(ctx, tx, officer, i.ID, f.ID) })
	if n := h.count(`SELECT COUNT(*) FROM attachment`); n != 0 {
		t.Errorf("%d attachments are left", n)
	}
}

// The head of a village may add a recording to what is up, and a sound that was up is hidden, not erased.
func TestSounds(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	ctx := t.Context()
	officer, village := h.someone("hương", h.commune, "officer"), h.someone("pánh", h.villages[0], "village_head")
	in := budget()
	in.Places = []string{VillageKey(h.villages[0])}
	i := h.create(officer, h.commune, in)
	p, err := h.Prepare(ctx, strings.NewReader("OggS"+strings.Repeat("\x00", 60)), "doc.ogg", SoundTypes)
	if err != nil {
		t.Fatal(err)
	}
	add := func(a access.Actor, lang string) (f *File, err error) {
		err = h.try(func(tx *db.Tx) error {
			f, err = h.SoundTx(ctx, tx, a, i.ID, NewFile{Lang: lang, Prepared: p})
			return err
		})
		return f, err
	}
	if _, err := add(village, "th"); !errs.Is(err, errs.NotFound) {
		t.Errorf("a village head sees a draft: %v", err)
	}
	h.up(officer, i.ID)
	if _, err := add(village, "xx"); fieldsOf(err) != "lang disclosureitem.lang_needed" {
		t.Errorf("unknown language: %v", err)
	}
	f, err := add(village, "th")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := add(h.someone("khác", h.villages[1], "village_head"), "th"); !errs.Is(err, errs.NotFound) {
		t.Errorf("the head of another village: %v", err)
	}
	h.write(func(tx *db.Tx) error { return h.RemoveFileTx(ctx, tx, officer, i.ID, f.ID) })
	v := h.item(officer, i.ID)
	if len(v.Files) != 1 || v.Files[0].Shown != "" || v.Files[0].Original == "" {
		t.Errorf("files %+v", v.Files)
	}
}

// Readers get a picture without what the camera wrote; the original is the unit's.
func TestPicturesOfPapers(t *testing.T) {
	t.Parallel()
	h := newItemHouse(t, dbtest.New(t), dbtest.Clock)
	ctx := t.Context()
	officer := h.someone("hương", h.commune, "officer")
	i := h.create(officer, h.commune, budget())
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 60))); err != nil {
		t.Fatal(err)
	}
	p := h.prepare("thong-bao.png", b.Bytes())
	var f *File
	h.write(func(tx *db.Tx) (err error) {
		f, err = h.AttachTx(ctx, tx, officer, i.ID, NewFile{Title: "Thông báo", Prepared: p})
		return err
	})
	original, err := h.files.ByID(ctx, h.d, f.Original)
	if err != nil || !original.Internal || original.Type != attach.PNG {
		t.Errorf("the original %+v, %v", original, err)
	}
	shown, err := h.files.ByID(ctx, h.d, f.Shown)
	if err != nil || shown.Internal || shown.Type != attach.JPEG {
		t.Errorf("what readers get %+v, %v", shown, err)
	}
	if _, err := h.Prepare(ctx, strings.NewReader("\x89PNG\r\n\x1a\nbroken"), "x.png", PaperTypes); !errs.Is(err, errs.Invalid) {
		t.Errorf("a broken picture: %v", err)
	}
}

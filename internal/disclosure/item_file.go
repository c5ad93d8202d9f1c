package disclosure

import (
	"context"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/extract"
	"dinh/internal/privacy"
)

// FileOwner is the owner kind of attachments of editions; the owner's id is the edition's.
const FileOwner = "disclosure.edition"

// The files that an edition takes.
var (
	PaperTypes = attach.Types{attach.PDF, attach.DOCX, attach.XLSX, attach.ODT, attach.ODS, attach.JPEG, attach.PNG, attach.WebP}
	SoundTypes = attach.Audio
)

// The faults of files that keep the original from readers.
const (
	FaultMacros   = "macros"
	FaultScripts  = "scripts"
	FaultExternal = "external"
	FaultEmbedded = "embedded"
	FaultScanned  = "scanned"  // shown, but nobody could look into it for personal data
	FaultUnread   = "unread"   // likewise
	FaultPersonal = "personal" // a masked copy is shown in its place
	FaultOriginal = "original" // it is the words as they were before they were masked
)

var hiding = []string{FaultMacros, FaultScripts, FaultExternal, FaultEmbedded, FaultOriginal}

// Prepared is a file that was taken in and read, before the transaction that attaches it.
type Prepared struct {
	File   attach.File
	Public *attach.File // what readers get where that is another: a picture without what the camera wrote
	Text   string
	Faults []string
}

// Prepare takes a file in and reads it. It refuses, as errs.Invalid or errs.TooLarge worded for the sender: what attach refuses, a file that nobody can open without
// a password, and a file that carries a mark of secrecy, which is not kept at all.
func (s *Service) Prepare(ctx context.Context, r io.Reader, name string, allow attach.Types) (Prepared, error) {
	f, err := s.files.Put(ctx, r, name, allow)
	if err != nil {
		return Prepared{}, err
	}
	p := Prepared{File: f}
	if slices.Contains(SoundTypes, f.Type) {
		return p, nil
	}
	if slices.Contains(attach.Images, f.Type) {
		shown, err := s.cleanPicture(ctx, f)
		if err != nil {
			return Prepared{}, err
		}
		p.Public, p.Faults = &shown, []string{FaultScanned}
		return p, nil
	}
	res, err := s.read(ctx, f)
	if err != nil && ctx.Err() != nil {
		return Prepared{}, ctx.Err()
	}
	if res.Encrypted {
		return Prepared{}, s.refuse(ctx, f, "disclosureitem.file_locked")
	}
	if mark, ok := privacy.Marking(res.Text); ok {
		return Prepared{}, s.refuse(ctx, f, "disclosureitem.file_secret", "mark", mark)
	}
	p.Text = cutText(res.Text)
	for fault, found := range map[string]bool{
		FaultMacros: res.Macros, FaultScripts: res.Scripts, FaultExternal: res.External, FaultEmbedded: res.Embedded, FaultScanned: res.Scanned,
		FaultUnread: err != nil || res.Truncated || len(p.Text) < len(res.Text),
	} {
		if found {
			p.Faults = append(p.Faults, fault)
		}
	}
	slices.Sort(p.Faults)
	return p, nil
}

// read reads a file's text. A file that cannot be read keeps the faults that were found before.
func (s *Service) read(ctx context.Context, f attach.File) (extract.Result, error) {
	content, err := s.files.Content(f)
	if err != nil {
		return extract.Result{}, err
	}
	defer content.Close()
	return extract.Text(ctx, content, f.Size, string(f.Type), extract.Limits{})
}

// refuse forgets a file that must not be kept.
func (s *Service) refuse(ctx context.Context, f attach.File, key string, kv ...any) error {
	e := errs.E(errs.Invalid, key, append([]any{"name", f.Name}, kv...)...)
	return errors.Join(e, s.files.Discard(ctx, f))
}

func cutText(s string) string {
	if r := []rune(s); len(r) > Rules.TextKept {
		return string(r[:Rules.TextKept])
	}
	return s
}

// NewFile attaches a paper, or a sound in a language, to an edition.
type NewFile struct {
	Title string // "" is the file's name
	Lang  string // of a sound: one of Langs
	Prepared
}

// AttachTx adds a paper to the edition that is being written.
func (s *Service) AttachTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, in NewFile) (*File, error) {
	i, e, err := s.writingTx(ctx, tx, actor, item, 0, Writing)
	if err != nil {
		return nil, err
	}
	var l errs.List
	itemText(&l, "file_title", in.Title, maxItemTitle, false)
	if err := l.Err(); err != nil {
		return nil, err
	}
	f := &File{Kind: FilePaper, Title: in.Title, Text: in.Text, Faults: in.Faults}
	if err := s.addFileTx(ctx, tx, actor, e, f, in.Prepared); err != nil {
		return nil, err
	}
	return f, s.noteDraft(ctx, tx, actor, i, "file", map[string]any{"file": f.ID, "name": in.File.Name, "sha256": in.File.SHA256, "faults": f.Faults}, "name", f.Title)
}

// SoundTx adds a sound file: to the edition that is being written, else to the one that is up. Of an item that is up, the heads of the villages in which it is told
// may do it too.
func (s *Service) SoundTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, in NewFile) (*File, error) {
	i, err := readItem(ctx, tx, `id=$1`, item)
	if err != nil {
		return nil, err
	}
	write := s.MayWrite(actor, i.Unit)
	if !write && !s.mayTell(ctx, tx, actor, i) {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	if i.State == Withdrawn {
		return nil, errs.E(errs.Conflict, "disclosureitem.withdrawn_already")
	}
	number := i.Edition
	if number == 0 || write && i.Draft != 0 {
		number = i.Draft
	}
	list, err := readEditions(ctx, tx, `item_id=$1 AND number=$2`, i.ID, number)
	if err != nil {
		return nil, err
	}
	if len(list) != 1 {
		return nil, errs.E(errs.Conflict, "disclosureitem.no_draft")
	}
	var l errs.List
	if !slices.Contains(Langs, in.Lang) {
		l.Add("lang", "disclosureitem.lang_needed")
	}
	itemText(&l, "file_title", in.Title, maxItemTitle, false)
	if err := l.Err(); err != nil {
		return nil, err
	}
	f := &File{Kind: FileSound, Title: in.Title, Lang: in.Lang}
	if err := s.addFileTx(ctx, tx, actor, list[0], f, in.Prepared); err != nil {
		return nil, err
	}
	return f, s.record(ctx, tx, actor, i, "sound", list[0].State != Published || accessState(i) == access.Draft,
		map[string]any{"file": f.ID, "name": in.File.Name, "sha256": in.File.SHA256, "lang": in.Lang}, "lang", in.Lang)
}

func (s *Service) addFileTx(ctx context.Context, tx *db.Tx, actor access.Actor, e *Edition, f *File, p Prepared) error {
	f.ID, f.Edition, f.Unit = tx.NewID(), e.ID, e.Unit
	if f.Title == "" {
		f.Title = strings.TrimSuffix(p.File.Name, path.Ext(p.File.Name))
	}
	err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(position),0)+1 FROM disclosure_file WHERE edition_id=$1`, e.ID).Scan(&f.Position)
	if err != nil {
		return err
	}
	hide := p.Public != nil || slices.ContainsFunc(f.Faults, func(x string) bool { return slices.Contains(hiding, x) })
	owner := attach.Owner{Kind: FileOwner, ID: e.ID, Unit: e.Unit}
	a, err := s.files.LinkTx(ctx, tx, p.File, owner, hide, actor.ID)
	if err != nil {
		return err
	}
	f.Original = a.ID
	switch {
	case p.Public != nil:
		a, err := s.files.LinkTx(ctx, tx, *p.Public, owner, false, actor.ID)
		if err != nil {
			return err
		}
		f.Shown = a.ID
	case !hide:
		f.Shown = a.ID
	}
	return insertFile(ctx, tx, f)
}

// RemoveFileTx takes a file away from the edition that is being written. A sound of an edition that is up is hidden instead: what was published stays kept.
func (s *Service) RemoveFileTx(ctx context.Context, tx *db.Tx, actor access.Actor, item, file string) error {
	i, err := s.itemTx(ctx, tx, actor, item, 0)
	if err != nil {
		return err
	}
	f, e, err := s.fileTx(ctx, tx, i, file)
	if err != nil {
		return err
	}
	details := map[string]any{"file": f.ID, "title": f.Title, "original": f.Original}
	switch {
	case e.State == Writing:
		if err := s.unlinkTx(ctx, tx, f); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM disclosure_file WHERE id=$1`, f.ID); err != nil {
			return err
		}
		return s.noteDraft(ctx, tx, actor, i, "file_remove", details, "name", f.Title)
	case f.Kind == FileSound && f.Shown != "":
		if err := s.files.SetInternalTx(ctx, tx, f.Original, true); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE disclosure_file SET shown='' WHERE id=$1`, f.ID); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, i, "file_remove", details, "name", f.Title)
	}
	return errs.E(errs.Conflict, "disclosureitem.state."+string(e.State))
}

// fileTx is a file of the item with its edition; errs.NotFound where the item has no such file.
func (s *Service) fileTx(ctx context.Context, q db.Querier, i *Item, file string) (*File, *Edition, error) {
	list, err := readFiles(ctx, q, `id=$1`, file)
	if err != nil {
		return nil, nil, err
	}
	if len(list) != 1 {
		return nil, nil, errs.E(errs.NotFound, "disclosure.none")
	}
	editions, err := readEditions(ctx, q, `id=$1 AND item_id=$2`, list[0].Edition, i.ID)
	if err != nil {
		return nil, nil, err
	}
	if len(editions) != 1 {
		return nil, nil, errs.E(errs.NotFound, "disclosure.none")
	}
	return &list[0], editions[0], nil
}

func (s *Service) unlinkTx(ctx context.Context, tx *db.Tx, f *File) error {
	for _, id := range slices.Compact([]string{f.Original, f.Shown}) {
		if id == "" {
			continue
		}
		if err := s.files.UnlinkTx(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// copyFilesTx gives a new edition the files of the one before it, each with uses of its own.
func (s *Service) copyFilesTx(ctx context.Context, tx *db.Tx, actor access.Actor, from, to *Edition) error {
	files, err := readFiles(ctx, tx, `edition_id=$1`, from.ID)
	if err != nil {
		return err
	}
	for n := range files {
		f := &files[n]
		f.ID, f.Edition = tx.NewID(), to.ID
		was := f.Original
		if f.Original, err = s.useAgainTx(ctx, tx, actor, was, to); err != nil {
			return err
		}
		switch f.Shown {
		case "":
		case was:
			f.Shown = f.Original
		default:
			if f.Shown, err = s.useAgainTx(ctx, tx, actor, f.Shown, to); err != nil {
				return err
			}
		}
		if err := insertFile(ctx, tx, f); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) useAgainTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, e *Edition) (string, error) {
	a, err := s.files.ByID(ctx, tx, id)
	if err != nil {
		return "", err
	}
	b, err := s.files.LinkTx(ctx, tx, a.File, attach.Owner{Kind: FileOwner, ID: e.ID, Unit: e.Unit}, a.Internal, actor.ID)
	return b.ID, err
}

// TextCopy makes, before the transaction, the copy of a file that may be shown to everybody: its text alone, with personal data masked. It says itself that it is one.
func (s *Service) TextCopy(ctx context.Context, actor access.Actor, item, file, heading string) (Prepared, error) {
	var p Prepared
	err := s.db.Read(ctx, func(q db.Querier) error {
		i, err := readItem(ctx, q, `id=$1`, item)
		if err != nil {
			return err
		}
		if err := s.writable(actor, i.Unit); err != nil {
			return err
		}
		f, _, err := s.fileTx(ctx, q, i, file)
		if err != nil {
			return err
		}
		a, err := s.files.ByID(ctx, q, f.Original)
		if err != nil {
			return err
		}
		p.File = a.File
		p.Text = f.Text
		return nil
	})
	if err != nil {
		return p, err
	}
	if strings.TrimSpace(p.Text) == "" {
		return p, errs.E(errs.Invalid, "disclosureitem.no_text")
	}
	p.Text = privacy.Mask(p.Text, privacy.Find(p.Text))
	name := strings.TrimSuffix(p.File.Name, path.Ext(p.File.Name)) + ".txt"
	p.File, err = s.files.Put(ctx, strings.NewReader(heading+"\n\n"+p.Text), name, attach.Types{attach.Plain})
	return p, err
}

// CopyTx shows the copy that TextCopy made in place of the original, which becomes internal.
func (s *Service) CopyTx(ctx context.Context, tx *db.Tx, actor access.Actor, item, file string, p Prepared) error {
	i, e, err := s.writingTx(ctx, tx, actor, item, 0, Writing)
	if err != nil {
		return err
	}
	f, of, err := s.fileTx(ctx, tx, i, file)
	if err != nil {
		return err
	}
	if of.ID != e.ID || f.Kind != FilePaper {
		return errs.E(errs.Conflict, "db.conflict")
	}
	if f.Shown != "" && f.Shown != f.Original {
		if err := s.files.UnlinkTx(ctx, tx, f.Shown); err != nil {
			return err
		}
	}
	a, err := s.files.LinkTx(ctx, tx, p.File, attach.Owner{Kind: FileOwner, ID: e.ID, Unit: e.Unit}, false, actor.ID)
	if err != nil {
		return err
	}
	if err := s.files.SetInternalTx(ctx, tx, f.Original, true); err != nil {
		return err
	}
	faults := append(slices.DeleteFunc(f.Faults, func(x string) bool { return x == FaultPersonal }), FaultPersonal)
	err = tx.Update(ctx, `UPDATE disclosure_file SET shown=$2, body=$3, faults=$4 WHERE id=$1`, f.ID, a.ID, p.Text, strings.Join(faults, " "))
	if err != nil {
		return err
	}
	return s.noteDraft(ctx, tx, actor, i, "mask", map[string]any{"file": f.ID, "shown": a.ID, "sha256": p.File.SHA256}, "name", f.Title)
}

// Words takes the words of the edition that is being written in as a file, before the transaction that masks them, so that the unit keeps them. version is that of the
// edition whose words they are; title is how the file is to be called.
func (s *Service) Words(ctx context.Context, actor access.Actor, item, title string) (in NewFile, version int, err error) {
	var e *Edition
	err = s.db.Read(ctx, func(q db.Querier) error {
		i, err := readItem(ctx, q, `id=$1`, item)
		if err != nil {
			return err
		}
		if err := s.writable(actor, i.Unit); err != nil {
			return err
		}
		list, err := readEditions(ctx, q, `item_id=$1 AND number=$2`, i.ID, i.Draft)
		if err == nil && len(list) == 0 {
			err = errs.E(errs.Conflict, "disclosureitem.no_draft")
		}
		if err == nil {
			e = list[0]
		}
		return err
	})
	if err != nil {
		return in, 0, err
	}
	in.Title, in.Faults = title, []string{FaultOriginal}
	in.File, err = s.files.Put(ctx, strings.NewReader(wordsOf(e)), title+".txt", attach.Types{attach.Plain})
	return in, e.Version, err
}

// MaskWordsTx masks personal data in the words of the edition that is being written, and keeps the original that Words took in for the unit alone. version is the
// edition's, and must be that of the original.
func (s *Service) MaskWordsTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, version int, original NewFile) error {
	i, e, err := s.writingTx(ctx, tx, actor, item, version, Writing)
	if err != nil {
		return err
	}
	f := &File{Kind: FilePaper, Title: original.Title, Faults: original.Faults}
	if err := s.addFileTx(ctx, tx, actor, e, f, original.Prepared); err != nil {
		return err
	}
	mask := func(t string) string { return privacy.Mask(t, privacy.Find(t)) }
	e.Title, e.Summary, e.Body = mask(e.Title), mask(e.Summary), mask(e.Body)
	if err := saveEdition(ctx, tx, e); err != nil {
		return err
	}
	if i.State == Draft {
		i.Title = e.Title
		if err := s.addressTx(ctx, tx, i, e); err != nil {
			return err
		}
		if err := saveItem(ctx, tx, i); err != nil {
			return err
		}
	}
	return s.noteDraft(ctx, tx, actor, i, "mask_words", map[string]any{"edition": e.Number, "original": f.Original, "sha256": original.File.SHA256})
}

package disclosureweb

import (
	"context"
	"path"
	"strings"

	"dinh/internal/db"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/web"
)

func itemFileRows(c *web.Context, w *disclosure.Work, files []disclosure.File) []itemFileRow {
	var out []itemFileRow
	for _, f := range files {
		r := itemFileRow{ID: f.ID, Title: f.Title, Hidden: f.Shown == ""}
		at := disclosure.WorkPath(w.ID) + "/tep/" + f.ID
		a := w.At[f.Original]
		if f.Shown != "" {
			r.Path = at
			a = w.At[f.Shown]
		}
		if f.Shown != f.Original && (w.Write || w.Approve) {
			r.Original = at + "?goc=1"
		}
		r.Kind, r.Size = strings.ToUpper(strings.TrimPrefix(path.Ext(a.Name), ".")), size(c, a.Size)
		if f.Kind == disclosure.FileSound {
			r.Lang = disclosure.LangName(f.Lang)
		}
		if w.Write || w.Approve {
			for _, x := range f.Faults {
				r.Faults = append(r.Faults, i18n.M("disclosureitem.fault."+x))
			}
		}
		r.Mask = f.Kind == disclosure.FilePaper && f.Text != "" && (f.Shown == "" || len(disclosure.FindPersonal(&disclosure.Edition{}, []disclosure.File{f})) > 0)
		out = append(out, r)
	}
	return out
}

// itemFile sends a file of the item to who works on it.
func (h *pages) itemFile(c *web.Context) error {
	id, err := h.Service.WorkFile(c.Context(), c.Actor, c.Value("item"), c.Value("file"), c.Query("goc") == "1")
	if err != nil {
		return err
	}
	return h.sendFile(c, id)
}

// itemAct is a button on the work page: what goes wrong is told there.
func (h *pages) itemAct(c *web.Context, word string, f itemCommand) error {
	w, err := h.Service.Work(c.Context(), c.Actor, c.Value("item"))
	if err != nil {
		return err
	}
	if f != nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			return disclosure.WorkPath(w.ID) + "?xong=" + word, f(ctx, tx)
		})
	}
	if err == nil {
		return nil
	}
	return h.retryWork(c, w, err)
}

func (h *pages) retryItem(c *web.Context, err error) error {
	w, werr := h.Service.Work(c.Context(), c.Actor, c.Value("item"))
	if werr != nil {
		return werr
	}
	return h.retryWork(c, w, err)
}

func (h *pages) retryWork(c *web.Context, w *disclosure.Work, err error) error {
	p, perr := h.itemWorkPage(c, w)
	if perr != nil {
		return perr
	}
	return c.Retry(err, "item_work", p)
}

func (h *pages) removeItemFile(c *web.Context) error {
	return h.itemAct(c, "go-tep", func(ctx context.Context, tx *db.Tx) error {
		return h.Service.RemoveFileTx(ctx, tx, c.Actor, c.Value("item"), c.Value("file"))
	})
}

// maskItemFile shows a copy of a file's text, with personal data masked, in place of the file.
func (h *pages) maskItemFile(c *web.Context) error {
	if err := c.CheckToken(); err != nil { // before the copy is made
		return h.retryItem(c, err)
	}
	file, err := h.Service.TextCopy(c.Context(), c.Actor, c.Value("item"), c.Value("file"), i18n.For(i18n.VI).T("disclosureitem.copy_heading"))
	return h.itemAct(c, "che", func(ctx context.Context, tx *db.Tx) error {
		if err != nil {
			return err
		}
		return h.Service.CopyTx(ctx, tx, c.Actor, c.Value("item"), c.Value("file"), file)
	})
}

// maskItem masks personal data in the words of the edition.
func (h *pages) maskItem(c *web.Context) error {
	version := c.Form().Int("version")
	if err := c.CheckToken(); err != nil { // before the original is put away
		return h.retryItem(c, err)
	}
	words, of, err := h.Service.Words(c.Context(), c.Actor, c.Value("item"), i18n.For(i18n.VI).T("disclosureitem.original_words"))
	if errs.Is(err, errs.NotFound) || errs.Is(err, errs.Forbidden) {
		return err
	}
	return h.itemAct(c, "che", func(ctx context.Context, tx *db.Tx) error {
		switch {
		case err != nil:
			return err
		case of != version:
			return errs.E(errs.Conflict, "db.conflict")
		}
		return h.Service.MaskWordsTx(ctx, tx, c.Actor, c.Value("item"), version, words)
	})
}

// itemFiles are files as the work page lists them.
type itemFiles struct {
	Rows []itemFileRow
	Page *itemWorkPage
}

// FileList is files as the page lists them.
func (p *itemWorkPage) FileList(rows []itemFileRow) itemFiles { return itemFiles{rows, p} }

package orgweb

import (
	"context"
	"io"
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/org/legacy"
	"dinh/internal/web"
)

type uploadPage struct {
	F    *web.Form
	Done i18n.Msg
}

func (h *pages) uploadForm(c *web.Context) error {
	if len(roots(c)) == 0 {
		return errs.E(errs.Forbidden, "org.error.forbidden")
	}
	return c.Render("org_upload", uploadPage{c.Form(), done(c)})
}

// upload keeps the file, and the one of successions beside it, for the next step.
func (h *pages) upload(c *web.Context) error {
	if len(roots(c)) == 0 {
		return errs.E(errs.Forbidden, "org.error.forbidden")
	}
	f := c.Form()
	main, err := take(f, "file", true)
	more, err2 := take(f, "successions", false)
	if err == nil {
		err = err2
	}
	if err == nil {
		err = f.Err()
	}
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			id, err := h.Service.KeepUploadTx(ctx, tx, c.Actor, main)
			if err != nil {
				return "", err
			}
			to := filePath + "/" + id
			if more.Name != "" {
				second, err := h.Service.KeepUploadTx(ctx, tx, c.Actor, more)
				return to + "?kem=" + second, err
			}
			return to, nil
		})
	}
	if err == nil {
		return nil
	}
	return c.Retry(err, "org_upload", uploadPage{F: f})
}

// take reads a file of the form and looks at it: what is no table at all is told at once.
func take(f *web.Form, name string, needed bool) (org.UploadFile, error) {
	u := f.File(name)
	if u == nil {
		if needed && f.Err() == nil {
			f.Add(name, "org.upload.choose")
		}
		return org.UploadFile{}, nil
	}
	if u.Size > org.MaxFile {
		f.Add(name, "org.import.too_large", "max", org.MaxFile>>20)
		return org.UploadFile{}, nil
	}
	data, err := io.ReadAll(u.Open())
	if err != nil {
		return org.UploadFile{}, err
	}
	if _, err := org.PreviewFile(data, u.Name, 0); err != nil {
		fields := errs.FieldsOf(err)
		if len(fields) == 0 {
			f.Add(name, errs.MsgOf(err).Key, pairs(errs.MsgOf(err).Args)...)
			return org.UploadFile{}, nil
		}
		for i := range fields {
			fields[i].Name = name
		}
		return org.UploadFile{}, &errs.Error{Kind: errs.Invalid, Msg: i18n.M("error.invalid"), Fields: fields}
	}
	return org.UploadFile{Name: u.Name, Data: data}, nil
}

func pairs(args i18n.Args) []any {
	var out []any
	for k, v := range args {
		out = append(out, k, v)
	}
	return out
}

// shownChanges is how many changes of a kind a dry run lists.
const shownChanges = 200

type importPage struct {
	F         *web.Form
	Name      string
	More      string // the file of successions
	Path      string
	Previews  []previewRow
	Encodings []web.Option
	Tried     bool
	Report    *org.Report
	Summary   i18n.Msg
	Ready     bool
	Groups    []changeGroup
	Faults    []note
	Warnings  []note
	MoreNotes int // warnings not listed
}

type previewRow struct {
	Key      string
	Encoding string
	OK       bool
	Lines    []string
}

type changeGroup struct {
	Kind    string
	Count   int
	Changes []org.Change
	Rest    int
}

type note struct {
	Line int
	Msg  i18n.Msg
}

func notes(fields []errs.Field) []note {
	var out []note
	for _, f := range fields {
		out = append(out, note{f.Line, f.Msg})
	}
	return out
}

// files are the files of the wizard.
func (h *pages) files(c *web.Context) (main, more org.UploadFile, err error) {
	main, err = h.Service.Upload(c.Context(), c.Actor, c.Value("file"))
	if err != nil {
		return main, more, err
	}
	if id := c.Form().Text("kem"); id != "" {
		more, err = h.Service.Upload(c.Context(), c.Actor, id)
	}
	return main, more, err
}

func (h *pages) importPage(c *web.Context) (importPage, org.UploadFile, org.ImportOptions, error) {
	f := c.Form()
	p := importPage{F: f, Path: filePath + "/" + c.Value("file")}
	main, more, err := h.files(c)
	if err != nil {
		return p, main, org.ImportOptions{}, err
	}
	p.Name, p.More = main.Name, more.Name
	previews, err := org.PreviewFile(main.Data, main.Name, 4)
	if err != nil {
		return p, main, org.ImportOptions{}, err
	}
	for _, v := range previews {
		p.Previews = append(p.Previews, previewRow{key(v.Encoding), string(v.Encoding), v.OK, v.Lines})
		p.Encodings = append(p.Encodings, web.Option{Value: string(v.Encoding), Label: c.P.T("org.upload.encoding." + key(v.Encoding))})
	}
	if !f.Has("encoding") {
		f.Prefill("encoding", string(legacy.UTF8))
	}
	o := org.ImportOptions{
		Encoding: legacy.Encoding(f.Text("encoding")), On: f.Date("day"), EndMissing: f.Bool("end_missing"), Act: f.Text("act"), Province: f.Text("province"),
		Successions: more.Data, SuccessionsName: more.Name,
	}
	if o.On == civil.None {
		o.On = c.Today
	}
	return p, main, o, nil
}

func key(e legacy.Encoding) string { return strings.ReplaceAll(string(e), "-", "") }

// tryImport asks how to read the file and, once that is said, shows what the import would do. It stores nothing.
func (h *pages) tryImport(c *web.Context) error {
	f := c.Form()
	p, main, o, err := h.importPage(c)
	if err != nil {
		return err
	}
	if f.Text("thu") == "" {
		f.PrefillDate("day", c.Today)
		return c.Render("org_import", p)
	}
	if f.Err() != nil {
		return c.Render("org_import", p)
	}
	o.DryRun = true
	r, err := h.Service.ImportFile(c.Context(), c.Actor, main.Data, main.Name, o)
	if err != nil && (r == nil || len(r.Faults) == 0) {
		f.Fail(err)
		return c.Render("org_import", p)
	}
	p.report(r)
	return c.Render("org_import", p)
}

func (p *importPage) report(r *org.Report) {
	p.Tried, p.Report, p.Summary, p.Ready = true, r, r.Summary(), len(r.Faults) == 0 && r.Changed() > 0
	p.Faults, p.Warnings = notes(r.Faults), notes(r.Warnings)
	if len(p.Warnings) > shownChanges {
		p.MoreNotes = len(p.Warnings) - shownChanges
		p.Warnings = p.Warnings[:shownChanges]
	}
	if len(p.Faults) > shownChanges {
		p.Faults = p.Faults[:shownChanges]
	}
	for _, kind := range org.ChangeKinds {
		g := changeGroup{Kind: kind, Count: r.Counts[kind]}
		if g.Count == 0 {
			continue
		}
		if kind != org.ChangeUnchanged {
			of := slices.Collect(func(yield func(org.Change) bool) {
				for _, c := range r.Changes {
					if c.Kind == kind && !yield(c) {
						return
					}
				}
			})
			g.Changes = of[:min(len(of), shownChanges)]
			g.Rest = len(of) - len(g.Changes)
		}
		p.Groups = append(p.Groups, g)
	}
}

// doImport does what the dry run has shown.
func (h *pages) doImport(c *web.Context) error {
	f := c.Form()
	p, main, o, err := h.importPage(c)
	if err != nil {
		return err
	}
	err = f.Err()
	var in *org.Import
	if err == nil {
		in, err = h.Service.ReadImport(main.Data, main.Name, o)
	}
	var report *org.Report
	if err == nil {
		err = c.Post(func(ctx context.Context, tx *db.Tx) (string, error) {
			report, err = h.Service.ImportTx(ctx, tx, c.Actor, in)
			return workPath + "?xong=tep", err
		})
	}
	if err == nil {
		return nil
	}
	if report != nil && len(report.Faults) > 0 {
		p.report(report)
		err = errs.Wrap(errs.Invalid, err, "org.import.refused", "n", len(report.Faults))
	}
	return c.Retry(err, "org_import", p)
}

package auditweb

import (
	"encoding/base64"
	"maps"
	"net/url"
	"slices"

	"dinh/internal/audit"
	"dinh/internal/errs"
	"dinh/internal/web"
)

type checkpointPage struct {
	F      *web.Form
	C      audit.Checkpoint
	Keys   []string
	Asked  bool // an old checkpoint was compared
	Agrees bool
	Size   int
}

// checkpoint is the public page: the latest signed head of the log, and a form to hold the log to an older one.
func (h *handlers) checkpoint(c *web.Context) error {
	f := c.Form()
	p := checkpointPage{F: f}
	var err error
	if p.C, err = h.log.Checkpoint(c.Context()); err != nil {
		return err
	}
	if p.Keys, err = h.log.Keys(c.Context()); err != nil {
		return err
	}
	if !f.Has("goc") {
		return c.Render("audit_log", p)
	}
	p.Size = f.Int("so-muc")
	root := f.Text("goc")
	if b, derr := base64.StdEncoding.DecodeString(root); derr != nil || len(b) != 32 {
		f.Add("goc", "audit.log.bad_root")
	}
	if p.Size < 1 {
		f.Add("so-muc", "audit.log.bad_size")
	}
	if err := f.Err(); err != nil {
		return c.Retry(err, "audit_log", p)
	}
	is, ok, err := h.log.RootAt(c.Context(), int64(p.Size))
	if err != nil && errs.KindOf(err) != errs.Internal {
		return err
	}
	p.Asked, p.Agrees = true, err == nil && ok && is == root
	return c.Render("audit_log", p)
}

// pathOf is a path with name, value pairs; empty values are left out.
func pathOf(path string, kv ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(kv); i += 2 {
		if kv[i+1] != "" {
			q.Set(kv[i], kv[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

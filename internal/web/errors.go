package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"

	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// errMethod is an address that is there, asked in a way that it does not answer.
var errMethod = errors.New("web: method not allowed")

// statusOf is the status of an error's kind. Nobody else decides one.
func statusOf(err error) int {
	switch {
	case errors.Is(err, errMethod):
		return http.StatusMethodNotAllowed
	case errors.Is(err, context.Canceled):
		return 499 // the reader went away; nobody sees it
	}
	switch errs.KindOf(err) {
	case errs.Invalid, errs.Usage:
		return http.StatusBadRequest
	case errs.NotFound:
		return http.StatusNotFound
	case errs.Gone:
		return http.StatusGone
	case errs.Forbidden, errs.Unauthenticated:
		return http.StatusForbidden
	case errs.Conflict:
		return http.StatusConflict
	case errs.TooMany:
		return http.StatusTooManyRequests
	case errs.TooLarge:
		return http.StatusRequestEntityTooLarge
	case errs.Unavailable:
		return http.StatusServiceUnavailable
	case errs.Internal:
	}
	return http.StatusInternalServerError
}

// errorPage is what the template "error" shows.
type errorPage struct {
	Status int
	Title  i18n.Msg
	Text   i18n.Msg
	Code   string // to read out on the telephone; "" where it would not help
	Search string // where to search; "" where it would not help
	Home   string
}

// fail answers with the error's page, once: where something was sent already the connection is all that can be closed.
func (c *Context) fail(err error) {
	status := statusOf(err)
	if status >= 500 {
		c.k.log.ErrorContext(c.R.Context(), "request failed", slog.String("request", c.ID()), slog.String("method", c.R.Method), slog.String("route", c.routeName()),
			slog.Int("status", status), slog.String("error", err.Error()))
	}
	if status == 499 || c.W.(*answer).status != 0 {
		return
	}
	h := c.W.Header()
	for _, name := range []string{"Content-Type", "Content-Disposition", "Content-Encoding", "Content-Length", "Etag", "Last-Modified"} {
		delete(h, name)
	}
	h["Content-Security-Policy"] = hdrPolicy
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		h.Set("Retry-After", "60")
	}
	c.keep = nil
	c.L = Layout{Failed: status != http.StatusNotFound && status != http.StatusGone}
	p := errorPage{Status: status, Title: i18n.M("web.error.title." + strconv.Itoa(status)), Text: errs.MsgOf(err), Home: "/"}
	if c.Tree == nil && c.k.conf.Units != nil {
		c.Tree = c.k.conf.Units.On(c.Today)
	}
	if errors.Is(err, errMethod) {
		p.Text = i18n.M("web.error.method")
	}
	switch status {
	case http.StatusNotFound, http.StatusGone:
		p.Search = c.searchPath()
	case http.StatusInternalServerError, http.StatusServiceUnavailable:
		p.Code = c.ID()
	case http.StatusForbidden, http.StatusBadRequest, http.StatusConflict, http.StatusTooManyRequests, http.StatusRequestEntityTooLarge:
		if fields := errs.FieldsOf(err); len(fields) > 0 {
			p.Text = fields[0].Msg
		}
	}
	if errs.Is(err, errs.Unauthenticated) {
		p.Title = i18n.M("web.error.title.session")
	}
	if rerr := c.RenderStatus(status, "error", p); rerr != nil {
		c.k.log.ErrorContext(c.R.Context(), "error page failed", slog.String("request", c.ID()), slog.String("error", rerr.Error()))
		h.Set("Content-Type", "text/plain; charset=utf-8")
		c.W.WriteHeader(status)
		_, _ = c.W.Write([]byte(c.P.T("error.internal") + "\n" + c.ID() + "\n"))
	}
}

// problem is RFC 9457.
type problem struct {
	Type   string         `json:"type"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Code   string         `json:"code,omitempty"`
	Fields []problemField `json:"fields,omitempty"`
}

type problemField struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
}

// Problem answers an error as application/problem+json, worded in the language asked for (Accept-Language: vi or en, English without it).
func (k *Kit) Problem(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	if errs.Is(err, errs.Unauthenticated) {
		status = http.StatusUnauthorized
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	p := i18n.For(i18n.EN)
	if lang := r.Header.Get("Accept-Language"); len(lang) >= 2 && lang[:2] == "vi" {
		p = i18n.For(i18n.VI)
	}
	out := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: p.Say(errs.MsgOf(err))}
	if errors.Is(err, errMethod) {
		out.Detail = p.T("web.error.method")
	}
	for _, f := range errs.FieldsOf(err) {
		out.Fields = append(out.Fields, problemField{f.Name, p.Say(f.Msg)})
	}
	if status >= 500 {
		out.Code = k.requestID()
		k.log.ErrorContext(r.Context(), "request failed", slog.String("request", out.Code), slog.Int("status", status), slog.String("error", err.Error()))
	}
	b, _ := json.Marshal(out)
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h["Cache-Control"] = noStore
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}

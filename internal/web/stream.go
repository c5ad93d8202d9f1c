package web

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"dinh/internal/errs"
)

// perFileTime is how long one file of a stream may take to come.
const perFileTime = 5 * time.Minute

// Stream reads a form with many files: each is handed to take as it arrives, one after another, and nothing of them is kept here; so a connection that breaks
// loses only the file under way. What take refuses (errs.Invalid, errs.TooLarge) becomes a fault beside the field, and the next file follows. The fields
// that take needs, and the form's token, must stand before the files in the form; the token is checked before the first file is handed out. Files beyond
// maxFiles are refused beside the field. Form gives the form afterwards, also where Stream fails.
func (c *Context) Stream(maxFiles int, take func(f *Form, field, name string, r io.Reader) error) error {
	f := &Form{posted: true, values: url.Values{}}
	f.token = c.token
	c.form = f
	kind, params, _ := mime.ParseMediaType(c.R.Header.Get("Content-Type"))
	if kind != "multipart/form-data" {
		f.broken = errs.E(errs.Invalid, "web.form.unreadable")
		return f.broken
	}
	c.R.Body = http.MaxBytesReader(c.W, c.R.Body, maxText+c.k.conf.Upload*int64(maxFiles))
	mr := multipart.NewReader(c.R.Body, params["boundary"])
	s := streamed{c: c, f: f, max: maxFiles, take: take}
	for {
		p, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = s.part(p)
		}
		if failed, ok := errors.AsType[takeError](err); ok {
			f.broken = failed.error
			return f.broken
		}
		if err != nil {
			f.broken = tooLarge(err)
			return f.broken
		}
	}
	if err := c.CheckToken(); err != nil && f.Err() == nil {
		return err
	}
	return f.Err()
}

type streamed struct {
	c           *Context
	f           *Form
	text, files int
	max         int
	checked     bool
	take        func(f *Form, field, name string, r io.Reader) error
}

func (s *streamed) part(p *multipart.Part) error {
	name := p.FormName()
	if _, isFile := p.Header["Content-Type"]; !isFile && p.FileName() == "" {
		b, err := io.ReadAll(io.LimitReader(p, int64(maxText-s.text)+1))
		if err != nil {
			return err
		}
		if s.text += len(b); s.text > maxText {
			return errs.E(errs.TooLarge, "web.form.too_large")
		}
		s.f.values.Add(name, string(b))
		return nil
	}
	if p.FileName() == "" {
		return nil // no file was chosen
	}
	if !s.checked {
		if err := s.c.CheckToken(); err != nil {
			return err
		}
		s.checked = true
	}
	s.f.hadFile = true
	if s.files++; s.files > s.max {
		if s.files == s.max+1 {
			s.f.Add(name, "web.form.file.count", "n", s.max)
		}
		return nil
	}
	// A slow line gets its time for each file anew. Where the connection knows no deadlines (tests), there is nothing to move.
	rc := http.NewResponseController(s.c.W)
	until := s.c.k.start().Add(perFileTime)
	_ = rc.SetReadDeadline(until)
	_ = rc.SetWriteDeadline(until.Add(perFileTime))
	line := &lineReader{r: p}
	err := s.take(s.f, name, fileName(p.FileName()), line)
	if line.err != nil {
		return line.err
	}
	if errs.Is(err, errs.Invalid) || errs.Is(err, errs.TooLarge) {
		s.f.faults = append(s.f.faults, beside(name, err)...)
		return nil
	}
	if err != nil {
		return takeError{err}
	}
	return nil
}

// lineReader remembers that the line failed, whatever becomes of its error on the way.
type lineReader struct {
	r   io.Reader
	err error
}

func (l *lineReader) Read(b []byte) (int, error) {
	n, err := l.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		l.err = err
	}
	return n, err
}

// takeError is a fault of taking a file in, as against one of the line.
type takeError struct{ error }

func (e takeError) Unwrap() error { return e.error }

// beside makes the faults of a file those of its field.
func beside(field string, err error) []errs.Field {
	fields := errs.FieldsOf(err)
	if len(fields) == 0 {
		return []errs.Field{{Name: field, Msg: errs.MsgOf(err)}}
	}
	out := make([]errs.Field, len(fields))
	for i, f := range fields {
		f.Name = field
		out[i] = f
	}
	return out
}

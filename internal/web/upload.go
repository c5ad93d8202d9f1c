package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"unicode/utf8"

	"dinh/internal/errs"
)

// Upload is a file that came with a form. Its content is in memory or in a temporary file that is gone when the request ends.
type Upload struct {
	Name string // as the sender's device calls it, without folders
	Size int64
	mem  []byte
	file *os.File
}

// Open reads the file from its beginning; each call has its own position.
func (u *Upload) Open() io.ReadSeeker {
	if u.file == nil {
		return bytes.NewReader(u.mem)
	}
	return io.NewSectionReader(u.file, 0, u.Size)
}

const (
	maxText   = 1 << 20 // all typed values of a form together
	maxFields = 5000    // a report form has hundreds
	inMemory  = 256 << 10
	maxFiles  = 20
)

// File is the one file of a field, nil where none was chosen. A file over the limit is a fault beside the field.
func (f *Form) File(name string) *Upload {
	if all := f.uploads[name]; len(all) > 0 {
		return all[0]
	}
	return nil
}

// Files are all files of a field with multiple.
func (f *Form) Files(name string) []*Upload { return f.uploads[name] }

func (f *Form) close() {
	for _, all := range f.uploads {
		for _, u := range all {
			if u.file != nil {
				_ = u.file.Close()
				_ = os.Remove(u.file.Name())
			}
		}
	}
}

// readForm decodes the body of a POST. Text over the limits is errs.TooLarge; one file over its limit is a fault beside its field, with all else kept.
func readForm(w http.ResponseWriter, r *http.Request, perFile int64) (*Form, error) {
	f := &Form{posted: true, values: url.Values{}}
	kind, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch kind {
	case "multipart/form-data":
		// A body may hold two files too many before it is cut off: enough to say so beside the field and to keep the rest.
		r.Body = http.MaxBytesReader(w, r.Body, maxText+perFile*4)
		err := f.readParts(multipart.NewReader(r.Body, params["boundary"]), perFile)
		return f, tooLarge(err)
	case "", "application/x-www-form-urlencoded":
		r.Body = http.MaxBytesReader(w, r.Body, maxText)
		b, err := io.ReadAll(r.Body)
		if err != nil {
			return f, tooLarge(err)
		}
		if strings.Count(string(b), "&") > maxFields {
			return f, errs.E(errs.TooLarge, "web.form.too_large")
		}
		f.values, err = url.ParseQuery(string(b))
		if err != nil {
			return f, errs.Wrap(errs.Invalid, err, "web.form.unreadable")
		}
		return f, nil
	}
	return f, errs.E(errs.Invalid, "web.form.unreadable")
}

func tooLarge(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errs.Wrap(errs.TooLarge, err, "web.form.too_large")
	}
	if _, ok := errors.AsType[*errs.Error](err); ok {
		return err
	}
	return errs.Wrap(errs.Invalid, err, "web.form.unreadable")
}

func (f *Form) readParts(mr *multipart.Reader, perFile int64) error {
	text, fields, files := 0, 0, 0
	for {
		p, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		name := p.FormName()
		if fields++; fields > maxFields {
			return errs.E(errs.TooLarge, "web.form.too_large")
		}
		if _, isFile := p.Header["Content-Type"]; !isFile && p.FileName() == "" {
			b, err := io.ReadAll(io.LimitReader(p, int64(maxText-text)+1))
			if err != nil {
				return err
			}
			if text += len(b); text > maxText {
				return errs.E(errs.TooLarge, "web.form.too_large")
			}
			f.values.Add(name, string(b))
			continue
		}
		if p.FileName() == "" {
			continue // no file was chosen
		}
		f.hadFile = true
		if files++; files > maxFiles {
			f.Add(name, "web.form.file.count", "n", maxFiles)
			continue
		}
		u, err := readUpload(p, perFile)
		if errors.Is(err, errBig) {
			f.Add(name, "web.form.file.large", "mb", int(perFile>>20))
			continue
		}
		if err != nil {
			return err
		}
		u.Name = fileName(p.FileName())
		if f.uploads == nil {
			f.uploads = map[string][]*Upload{}
		}
		f.uploads[name] = append(f.uploads[name], u)
	}
}

var errBig = errors.New("web: file over the limit")

func readUpload(r io.Reader, limit int64) (*Upload, error) {
	head, err := io.ReadAll(io.LimitReader(r, min(inMemory, limit)+1))
	if err != nil {
		return nil, err
	}
	if int64(len(head)) > limit {
		_, err := io.Copy(io.Discard, r)
		return nil, errors.Join(err, errBig)
	}
	if len(head) <= inMemory {
		return &Upload{Size: int64(len(head)), mem: head}, nil
	}
	file, err := os.CreateTemp("", "dinh-upload")
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(file, io.MultiReader(bytes.NewReader(head), io.LimitReader(r, limit-int64(len(head))+1)))
	if err == nil && n > limit {
		if _, err = io.Copy(io.Discard, r); err == nil {
			err = errBig
		}
	}
	if err != nil {
		_ = file.Close()
		_ = os.Remove(file.Name())
		return nil, err
	}
	return &Upload{Size: n, file: file}, nil
}

// fileName takes folders and control characters from a name, whichever system it comes from, and bounds its length.
func fileName(s string) string {
	s = clean(path.Base(strings.ReplaceAll(s, `\`, "/")), false)
	if s == "." || s == "/" || s == ".." {
		s = ""
	}
	for len(s) > 200 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

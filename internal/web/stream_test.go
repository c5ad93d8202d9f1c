package web

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dinh/internal/civil"
	"dinh/internal/errs"
)

// streamForm is a form with a token, a field, then files; cut takes bytes from its end.
func streamForm(t *testing.T, token string, files map[string]string, order []string) (body *bytes.Buffer, kind string) {
	t.Helper()
	body = new(bytes.Buffer)
	mw := multipart.NewWriter(body)
	if token != "" {
		if err := mw.WriteField(tokenField, token); err != nil {
			t.Fatal(err)
		}
	}
	if err := mw.WriteField("dot", "một"); err != nil {
		t.Fatal(err)
	}
	for _, name := range order {
		w, err := mw.CreateFormFile("anh", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[name]); err != nil {
			t.Fatal(err)
		}
	}
	if err := mw.Close(); err != nil {
		t.Fatal(err)
	}
	return body, mw.FormDataContentType()
}

func TestStream(t *testing.T) {
	t.Parallel()
	k, err := New(Config{Clock: civil.Fixed("2021-04-20"), Key: []byte("k"), Upload: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"a.jpg": strings.Repeat("a", 300_000), "b.jpg": "bad", "c.jpg": "c", "d.jpg": "d"}
	order := []string{"a.jpg", "b.jpg", "c.jpg"}
	broken := errors.New("the disk is full")
	type result struct {
		taken  string
		faults int
		kind   errs.Kind
		broken bool
	}
	run := func(token string, order []string, cut int, limit int, fail error) result {
		body, kind := streamForm(t, token, files, order)
		body.Truncate(body.Len() - cut)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/x", body)
		r.Header.Set("Content-Type", kind)
		c := &Context{k: k, W: &answer{ResponseWriter: httptest.NewRecorder()}, R: r}
		var taken []string
		err := c.Stream(limit, func(f *Form, field, name string, r io.Reader) error {
			b, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			if field != "anh" || f.Text("dot") != "một" {
				t.Errorf("field %q, the field before the files is %q", field, f.Text("dot"))
			}
			if string(b) == "bad" {
				return errs.E(errs.Invalid, "attach.type")
			}
			if name == "c.jpg" && fail != nil {
				return fail
			}
			taken = append(taken, name)
			return nil
		})
		if (err == nil) != (c.Form().Err() == nil) {
			t.Errorf("Stream gave %v, its form %v", err, c.Form().Err())
		}
		return result{strings.Join(taken, " "), len(c.Form().Faults()), errs.KindOf(err), errors.Is(err, broken)}
	}
	token := k.tokens.issue("")
	for _, tt := range []struct {
		name  string
		token string
		order []string
		cut   int
		limit int
		fail  error
		want  result
	}{
		{"a bad file does not stop the others", token, order, 0, 9, nil, result{"a.jpg c.jpg", 1, errs.Invalid, false}},
		{"all good", token, []string{"a.jpg", "c.jpg"}, 0, 9, nil, result{"a.jpg c.jpg", 0, errs.Internal, false}},
		{"the line breaks", token, []string{"a.jpg", "c.jpg"}, 40, 9, nil, result{"a.jpg", 0, errs.Invalid, false}},
		{"too many", token, []string{"a.jpg", "c.jpg", "d.jpg"}, 0, 1, nil, result{"a.jpg", 1, errs.Invalid, false}},
		{"no token: nothing is taken", "", order, 0, 9, nil, result{"", 0, errs.Invalid, false}},
		{"somebody else's token", "x" + token, order, 0, 9, nil, result{"", 0, errs.Invalid, false}},
		{"our own fault is not the sender's", token, []string{"a.jpg", "c.jpg"}, 0, 9, broken, result{"a.jpg", 0, errs.Internal, true}},
	} {
		if got := run(tt.token, tt.order, tt.cut, tt.limit, tt.fail); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

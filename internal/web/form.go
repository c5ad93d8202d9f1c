package web

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Form is what was typed into a form: it decodes values, keeps them to be shown again, and has the faults beside the fields.
// A page without a submission (GET) has a form too: Prefill puts values into it.
type Form struct {
	values  url.Values
	uploads map[string][]*Upload
	faults  []errs.Field
	stored  map[string]string
	posted  bool
	token   func() string
	hadFile bool
	broken  error // the body could not be read to its end
}

// NewForm makes a form of values, for tests and for filters.
func NewForm(values url.Values) *Form {
	if values == nil {
		values = url.Values{}
	}
	return &Form{values: values, token: func() string { return "" }}
}

// Posted reports whether the form was sent, as against shown for the first time.
func (f *Form) Posted() bool { return f.posted }

// Has reports whether the form came with the field, even empty.
func (f *Form) Has(name string) bool { return f.values.Has(name) }

// Raw is a value exactly as it came: passwords only.
func (f *Form) Raw(name string) string { return f.values.Get(name) }

// Text is a value in one line: NFC, control characters and surrounding space taken away.
func (f *Form) Text(name string) string { return clean(f.values.Get(name), false) }

// Lines is a value of several lines, each ended by "\n" alone.
func (f *Form) Lines(name string) string { return clean(f.values.Get(name), true) }

// Texts are all values of a field of the name: checkboxes, repeated inputs.
func (f *Form) Texts(name string) []string {
	var out []string
	for _, v := range f.values[name] {
		out = append(out, clean(v, false))
	}
	return out
}

// Bool reports whether a checkbox is ticked.
func (f *Form) Bool(name string) bool {
	v := f.Text(name)
	return v != "" && v != "0"
}

func clean(s string, lines bool) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "�")
	}
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case r == '\n', r == '\t', r == '\u00a0':
			return ' '
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff': // also marks that turn the direction of what follows
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(i18n.NFC(s))
}

// Int is a whole number, with or without grouping ("1.234", "1,234", "1 234"). An empty field is 0; what is not a number becomes a fault beside it.
func (f *Form) Int(name string) int {
	s := f.Text(name)
	if s == "" {
		return 0
	}
	n, ok := parseInt(s)
	if !ok {
		f.Add(name, "web.form.int")
	}
	return n
}

func parseInt(s string) (int, bool) {
	neg := strings.HasPrefix(s, "-")
	digits := strings.TrimPrefix(s, "-")
	groups := strings.FieldsFunc(digits, func(r rune) bool { return r == '.' || r == ',' || r == ' ' })
	if len(groups) > 1 {
		for i, g := range groups {
			if len(g) != 3 && (i > 0 || len(g) > 3) {
				return 0, false
			}
		}
		if len(digits) != len(strings.Join(groups, " ")) {
			return 0, false
		}
		digits = strings.Join(groups, "")
	}
	if digits == "" || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	if neg {
		n = -n
	}
	return n, err == nil
}

// Date is a day from three boxes (NAME-day, NAME-month, NAME-year) or from one value (2021-04-22 or 22/4/2021). Empty is civil.None; a day that does
// not exist (31/2) or is not complete becomes a fault beside the field, worded as a sentence.
func (f *Form) Date(name string) civil.Date {
	d, m, y := f.Text(name+"-day"), f.Text(name+"-month"), f.Text(name+"-year")
	if d == "" && m == "" && y == "" {
		s := f.Text(name)
		if s == "" {
			return civil.None
		}
		if day, err := civil.Parse(s); err == nil {
			return day
		}
		p := strings.FieldsFunc(s, func(r rune) bool { return r == '/' || r == '-' || r == '.' || r == ' ' })
		switch {
		case len(p) == 3 && len(p[0]) == 4:
			y, m, d = p[0], p[1], p[2]
		case len(p) == 3:
			d, m, y = p[0], p[1], p[2]
		default:
			f.Add(name, "web.form.date.unclear")
			return civil.None
		}
	}
	if d == "" || m == "" || y == "" {
		f.Add(name, "web.form.date.parts")
		return civil.None
	}
	dn, ok1 := parseInt(d)
	mn, ok2 := parseInt(m)
	yn, ok3 := parseInt(y)
	switch {
	case !ok1 || !ok2 || !ok3:
		f.Add(name, "web.form.date.unclear")
		return civil.None
	case len(y) != 4:
		f.Add(name, "web.form.date.year")
		return civil.None
	}
	day, ok := civil.New(yn, mn, dn)
	if !ok {
		f.Add(name, "web.form.date.none", "day", d+"/"+m+"/"+y)
	}
	return day
}

// Prefill puts a value into a form that was not sent; a sent one keeps what was typed.
func (f *Form) Prefill(name, value string) {
	if !f.posted {
		f.values.Set(name, value)
	}
}

// PrefillDate is Prefill for three boxes.
func (f *Form) PrefillDate(name string, d civil.Date) {
	if f.posted || d.IsZero() {
		return
	}
	f.values.Set(name+"-day", strconv.Itoa(d.Day()))
	f.values.Set(name+"-month", strconv.Itoa(d.Month()))
	f.values.Set(name+"-year", strconv.Itoa(d.Year()))
}

// PrefillAll is Prefill for a field with several values.
func (f *Form) PrefillAll(name string, values []string) {
	if !f.posted {
		f.values[name] = values
	}
}

// Put sets a value whatever was typed: the new version after a conflict, a password never shown again.
func (f *Form) Put(name, value string) { f.values.Set(name, value) }

// Stored notes what is stored now in a field, to be shown beside what was typed where they differ: the page after a conflict.
func (f *Form) Stored(name, value string) {
	if f.stored == nil {
		f.stored = map[string]string{}
	}
	f.stored[name] = value
}

// Add notes a fault beside a field.
func (f *Form) Add(field, key string, kv ...any) {
	f.faults = append(f.faults, errs.Field{Name: field, Msg: i18n.M(key, kv...)})
}

// Err is the faults of decoding as an error, nil where there are none: what cannot be read is told before the service is asked.
func (f *Form) Err() error {
	if f.broken != nil {
		return f.broken
	}
	if len(f.faults) == 0 {
		return nil
	}
	return &errs.Error{Kind: errs.Invalid, Msg: i18n.M("error.invalid"), Fields: f.faults}
}

// Fail takes the faults out of err to show them beside the fields; an error without fields is shown in the summary alone.
func (f *Form) Fail(err error) {
	fields := errs.FieldsOf(err)
	if len(fields) == 0 {
		fields = []errs.Field{{Msg: errs.MsgOf(err)}}
	}
	for _, n := range fields {
		if !f.knows(n) {
			f.faults = append(f.faults, n)
		}
	}
}

func (f *Form) knows(n errs.Field) bool {
	for _, o := range f.faults {
		if o.Name == n.Name && o.Line == n.Line && o.Msg.Key == n.Msg.Key {
			return true
		}
	}
	return false
}

// Failed reports whether there is a fault to show.
func (f *Form) Failed() bool { return f != nil && len(f.faults) > 0 }

// Faults are the faults in the order of the form.
func (f *Form) Faults() []errs.Field { return f.faults }

// FileAgain reports whether a file was sent with a form that is shown again: browsers do not keep it, so the page says to choose it again.
func (f *Form) FileAgain() bool { return f.Failed() && f.hadFile }

// Token is the value of the hidden field of the partial "token".
func (f *Form) Token() string { return f.token() }

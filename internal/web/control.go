package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Option is one choice of a select, of radios or of checkboxes. Label is worded already.
type Option struct {
	Value, Label, Hint string
	Lang               string // of Label and Hint where it is not the page's
}

// Control is one field as the partials draw it: what was typed, its fault, its words.
type Control struct {
	ID, Name       string
	Label, Hint    string
	Lang           string // of Label where it is not the page's
	Error          string // "" where there is none
	Value          string
	Values         []string
	Options        []choice
	Stored         string // what is stored now, where it differs from what was typed
	Type           string
	Width          string // govuk: 2, 3, 4, 5, 10, 20, 30
	Rows           int
	Autocomplete   string
	Inputmode      string
	Accept         string
	Keep           string // name under which a draft stays on the device; never on forms of citizens
	Multiple       bool
	Optional       bool
	Small          bool
	Inline         bool
	Again          bool // a file must be chosen again
	Day, Month     string
	Year           string
	Hints          string // ids for aria-describedby
	OptionalWord   string
	ErrorWord      string
	ErrorID        string
	HintID         string
	Plain          bool // the label in normal weight
	HiddenLabel    bool // the label is for screen readers only
	Spellcheck     string
	PageHeading    bool // the label is the page's h1
	StoredSentence string
}

type choice struct {
	Option
	ID      string
	Chosen  bool
	HintID  string
	OfGroup string // aria-describedby
}

func newOptions(p *i18n.Printer, kv []string) ([]Option, error) {
	if len(kv)%2 != 0 {
		return nil, fmt.Errorf("options: %d values, not pairs", len(kv))
	}
	out := make([]Option, 0, len(kv)/2)
	for i := 0; i < len(kv); i += 2 {
		out = append(out, Option{Value: kv[i], Label: p.T(kv[i+1])})
	}
	return out, nil
}

// newControl makes a field. Options: hint KEY, text STRING (a label that is no key), lang (of that label), hinttext STRING, type, width, rows, autocomplete, inputmode,
// accept, keep, spellcheck, multiple, optional, small, inline, plain, hidden, heading (booleans), options []Option.
func newControl(p *i18n.Printer, f *Form, name, label string, kv []any) (*Control, error) {
	if f == nil {
		f = NewForm(nil)
	}
	c := &Control{ID: fieldID(name), Name: name, Value: f.Lines(name), Values: f.values[name], Type: "text", Rows: 5}
	if label != "" {
		c.Label = p.T(label)
	}
	if len(kv)%2 != 0 {
		return nil, fmt.Errorf("control %s: options are not pairs", name)
	}
	var opts []Option
	for i := 0; i < len(kv); i += 2 {
		key, _ := kv[i].(string)
		switch v := kv[i+1].(type) { //nolint:gosec // pairs: the length was checked
		case string:
			if err := c.setText(p, key, v); err != nil {
				return nil, err
			}
		case int:
			switch key {
			case "rows":
				c.Rows = v
			case "width":
				c.Width = strconv.Itoa(v)
			default:
				return nil, fmt.Errorf("control %s: %q is no number", name, key)
			}
		case bool:
			if err := c.setFlag(key, v); err != nil {
				return nil, err
			}
		case []Option:
			opts = v
		default:
			return nil, fmt.Errorf("control %s: option %q is %T", name, key, v)
		}
	}
	if c.Type == "password" {
		c.Value = "" // never sent back
	}
	c.Day, c.Month, c.Year = f.Text(name+"-day"), f.Text(name+"-month"), f.Text(name+"-year")
	if c.Day == "" && c.Month == "" && c.Year == "" && len(c.Value) == len("2006-01-02") {
		if y, md, ok := strings.Cut(c.Value, "-"); ok {
			m, d, _ := strings.Cut(md, "-")
			c.Day, c.Month, c.Year = strings.TrimLeft(d, "0"), strings.TrimLeft(m, "0"), y
		}
	}
	for _, n := range f.faults {
		if n.Name == name {
			c.Error = p.Say(n.Msg)
			break
		}
	}
	if s, ok := f.stored[name]; ok && s != c.Value {
		c.Stored = s
		c.StoredSentence = p.T("web.form.stored", "value", s)
	}
	c.Again = f.FileAgain()
	if c.Optional {
		c.OptionalWord = p.T("web.form.optional")
	}
	c.describe(p)
	c.choose(opts)
	return c, nil
}

func fieldID(name string) string { return "f-" + name }

func (c *Control) setText(p *i18n.Printer, key, v string) error {
	switch key {
	case "hint":
		c.Hint = p.T(v)
	case "hinttext":
		c.Hint = v
	case "text":
		c.Label = v
	case "lang":
		c.Lang = v
	case "type":
		c.Type = v
	case "width":
		c.Width = v
	case "autocomplete":
		c.Autocomplete = v
	case "inputmode":
		c.Inputmode = v
	case "accept":
		c.Accept = v
	case "keep":
		c.Keep = v
	case "spellcheck":
		c.Spellcheck = v
	default:
		return fmt.Errorf("control %s: no option %q", c.Name, key)
	}
	return nil
}

func (c *Control) setFlag(key string, v bool) error {
	switch key {
	case "multiple":
		c.Multiple = v
	case "optional":
		c.Optional = v
	case "small":
		c.Small = v
	case "inline":
		c.Inline = v
	case "plain":
		c.Plain = v
	case "hidden":
		c.HiddenLabel = v
	case "heading":
		c.PageHeading = v
	default:
		return fmt.Errorf("control %s: no flag %q", c.Name, key)
	}
	return nil
}

func (c *Control) describe(p *i18n.Printer) {
	var ids []string
	if c.Hint != "" {
		c.HintID = c.ID + "-hint"
		ids = append(ids, c.HintID)
	}
	if c.Stored != "" {
		ids = append(ids, c.ID+"-stored")
	}
	if c.Error != "" {
		c.ErrorWord = p.T("web.form.error_word")
		c.ErrorID = c.ID + "-error"
		ids = append(ids, c.ErrorID)
	}
	c.Hints = strings.Join(ids, " ")
}

func (c *Control) choose(opts []Option) {
	c.Options = make([]choice, len(opts))
	for i, o := range opts {
		ch := choice{Option: o, ID: c.ID, Chosen: slices.Contains(c.Values, o.Value)}
		if i > 0 {
			ch.ID += "-" + strconv.Itoa(i+1)
		}
		if o.Hint != "" {
			ch.HintID = ch.ID + "-hint"
		}
		c.Options[i] = ch
	}
}

// Summary is the list of faults at the top of a page.
type Summary struct {
	Title string
	Items []summaryItem
	Again string // "files must be chosen again", or ""
}

type summaryItem struct{ Href, Text string }

func newSummary(p *i18n.Printer, f *Form) *Summary {
	s := &Summary{}
	if !f.Failed() {
		return s
	}
	s.Title = p.T("web.form.summary", "n", len(f.faults))
	for _, n := range f.faults {
		s.Items = append(s.Items, summaryItem{f.anchor(n), worded(p, n)})
	}
	if f.FileAgain() {
		s.Again = p.T("web.form.file.again")
	}
	return s
}

func worded(p *i18n.Printer, n errs.Field) string {
	if n.Line > 0 {
		return p.T("web.form.line", "line", n.Line, "text", n.Msg)
	}
	return p.Say(n.Msg)
}

// anchor is where the summary's entry leads: the field, the first box of a date; "" for a fault of the whole.
func (f *Form) anchor(n errs.Field) string {
	switch {
	case n.Name == "":
		return ""
	case f.Has(n.Name + "-day"):
		return "#" + fieldID(n.Name) + "-day"
	}
	return "#" + fieldID(n.Name)
}

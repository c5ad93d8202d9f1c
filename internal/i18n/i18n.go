// Package i18n words what the program says, in Vietnamese and English: catalogues, dates, numbers, folding and collation of Vietnamese.
package i18n

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"dinh/internal/civil"

	"github.com/BurntSushi/toml"
	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Lang is a language of the reader.
type Lang string

// The languages of the product. Vietnamese is the default.
const (
	VI Lang = "vi"
	EN Lang = "en"
)

// Langs lists the languages, the default first.
var Langs = []Lang{VI, EN}

// Msg is something the program says, stored as key and arguments and worded when shown. Its JSON keeps the types of the arguments.
type Msg struct {
	Key  string `json:"k"`
	Args Args   `json:"a,omitempty"`
}

// Args are the named arguments of a message: string, int, int64, bool, civil.Date, Msg, []civil.Date, []string or []Msg.
type Args map[string]any

// M makes a message from a key and name, value pairs. An odd number of pairs is a programmer's fault and panics.
func M(key string, kv ...any) Msg {
	if len(kv) == 0 {
		return Msg{Key: key}
	}
	args := make(Args, len(kv)/2)
	for i := 0; i < len(kv); i += 2 {
		args[kv[i].(string)] = kv[i+1]
	}
	return Msg{Key: key, Args: args}
}

// IsZero reports whether there is nothing to say.
func (m Msg) IsZero() bool { return m.Key == "" }

// MarshalJSON tags days, messages and lists so that UnmarshalJSON gives them back as they were.
func (a Args) MarshalJSON() ([]byte, error) {
	out := make(map[string]any, len(a))
	for k, v := range a {
		switch x := v.(type) {
		case civil.Date:
			out[k] = map[string]any{"$d": x}
		case Msg:
			out[k] = map[string]any{"$m": x}
		case []civil.Date:
			out[k] = map[string]any{"$ds": x}
		case []Msg:
			out[k] = map[string]any{"$ms": x}
		case []string:
			out[k] = map[string]any{"$s": x}
		default:
			out[k] = v
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads what MarshalJSON wrote; whole numbers come back as int.
func (a *Args) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	*a = make(Args, len(raw))
	for k, r := range raw {
		v, err := readArg(r)
		if err != nil {
			return err
		}
		(*a)[k] = v
	}
	return nil
}

func readArg(r json.RawMessage) (any, error) {
	if len(r) == 0 || r[0] != '{' {
		var v any
		err := json.Unmarshal(r, &v)
		if f, ok := v.(float64); ok {
			return int(f), err
		}
		return v, err
	}
	var t struct {
		D  *civil.Date  `json:"$d"`
		M  *Msg         `json:"$m"`
		Ds []civil.Date `json:"$ds"`
		Ms []Msg        `json:"$ms"`
		S  []string     `json:"$s"`
	}
	if err := json.Unmarshal(r, &t); err != nil {
		return nil, err
	}
	switch {
	case t.D != nil:
		return *t.D, nil
	case t.M != nil:
		return *t.M, nil
	case t.Ds != nil:
		return t.Ds, nil
	case t.Ms != nil:
		return t.Ms, nil
	}
	return t.S, nil
}

//go:embed locales
var files embed.FS

// Printer words messages in one language. It is safe for concurrent use and never changes after it was made.
type Printer struct {
	Lang  Lang
	plain map[string]string // messages without arguments and plural forms
	loc   *goi18n.Localizer
}

var printers = sync.OnceValue(func() map[Lang]*Printer {
	out := map[Lang]*Printer{}
	for _, lang := range Langs {
		p, err := load(lang)
		if err != nil {
			panic(err)
		}
		out[lang] = p
	}
	return out
})

// For is the printer of a language; an unknown one gets Vietnamese.
func For(lang Lang) *Printer {
	all := printers()
	if p, ok := all[lang]; ok {
		return p
	}
	return all[VI]
}

func load(lang Lang) (*Printer, error) {
	bundle := goi18n.NewBundle(language.Make(string(lang)))
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	p := &Printer{Lang: lang, plain: map[string]string{}}
	dir := "locales/" + string(lang)
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		b, err := files.ReadFile(dir + "/" + e.Name())
		if err != nil {
			return nil, err
		}
		mf, err := bundle.ParseMessageFileBytes(b, e.Name()[:len(e.Name())-len(".toml")]+"."+string(lang)+".toml")
		if err != nil {
			return nil, fmt.Errorf("i18n: %s/%s: %w", lang, e.Name(), err)
		}
		for _, m := range mf.Messages {
			if m.One == "" && !strings.Contains(m.Other, "{{") {
				if _, twice := p.plain[m.ID]; twice {
					return nil, fmt.Errorf("i18n: %s/%s: %s twice", lang, e.Name(), m.ID)
				}
				p.plain[m.ID] = m.Other
			}
		}
	}
	p.loc = goi18n.NewLocalizer(bundle, string(lang))
	return p, nil
}

// T words a key with name, value pairs. The argument "n" chooses the plural form. A key that is not in the catalogue comes back in ⟦⟧, so that
// tests and readers see it.
func (p *Printer) T(key string, kv ...any) string {
	if len(kv) == 0 {
		if s, ok := p.plain[key]; ok {
			return s
		}
	}
	return p.Say(M(key, kv...))
}

// Say words a message.
func (p *Printer) Say(m Msg) string {
	if s, ok := p.plain[m.Key]; ok {
		return s
	}
	data := make(map[string]any, len(m.Args))
	for k, v := range m.Args {
		data[k] = p.Arg(v)
	}
	conf := goi18n.LocalizeConfig{MessageID: m.Key, TemplateData: data}
	switch n := m.Args["n"].(type) {
	case int:
		conf.PluralCount = n
	case int64:
		conf.PluralCount = int(n)
	}
	// An error beside a text says only that "one" was asked for and "other" is there: Vietnamese has one form for all numbers.
	s, err := p.loc.Localize(&conf)
	if err != nil && s == "" {
		return "⟦" + m.Key + "⟧"
	}
	return s
}

// Has reports whether the catalogue of the language has the key.
func (p *Printer) Has(key string) bool {
	if _, ok := p.plain[key]; ok {
		return true
	}
	_, err := p.loc.Localize(&goi18n.LocalizeConfig{MessageID: key, PluralCount: 2, TemplateData: map[string]any{}})
	return err == nil
}

// Arg words one argument: numbers grouped, days in the language's short form, messages worded, lists joined by commas.
func (p *Printer) Arg(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case civil.Date:
		return p.Date(x)
	case Msg:
		return p.Say(x)
	case int:
		return p.Int(int64(x))
	case int64:
		return p.Int(x)
	case []civil.Date:
		out := make([]string, len(x))
		for i, d := range x {
			out[i] = p.Date(d)
		}
		return strings.Join(out, ", ")
	case []Msg:
		out := make([]string, len(x))
		for i, m := range x {
			out[i] = p.Say(m)
		}
		return strings.Join(out, ", ")
	case []string:
		return strings.Join(x, ", ")
	}
	return fmt.Sprint(v)
}

// Keys lists every key of a language's catalogue with its text, for the tests of the catalogues.
func Keys(lang Lang) (map[string]string, error) {
	out := map[string]string{}
	dir := "locales/" + string(lang)
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		b, err := files.ReadFile(dir + "/" + e.Name())
		if err != nil {
			return nil, err
		}
		mf, err := goi18n.ParseMessageFileBytes(b, e.Name()[:len(e.Name())-len(".toml")]+"."+string(lang)+".toml", map[string]goi18n.UnmarshalFunc{"toml": toml.Unmarshal})
		if err != nil {
			return nil, err
		}
		for _, m := range mf.Messages {
			if _, twice := out[m.ID]; twice {
				return nil, fmt.Errorf("i18n: %s: %s twice", lang, m.ID)
			}
			out[m.ID] = m.One + "\x00" + m.Other
		}
	}
	return out, nil
}

// SortedKeys is Keys in order, for messages that name the first fault.
func SortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

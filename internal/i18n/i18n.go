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
	texts map[string]*text  // all others
}

// text is a message in its two forms; Vietnamese has one form for all numbers.
type text struct{ one, other []piece }

// piece is a run of words and the argument after it, "" at the end.
type piece struct{ words, arg string }

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
	p := &Printer{Lang: lang, plain: map[string]string{}, texts: map[string]*text{}}
	dir := "locales/" + string(lang)
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		list, err := readFile(dir, e.Name(), lang)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
			if p.Has(m.ID) {
				return nil, fmt.Errorf("i18n: %s/%s: %s twice", lang, e.Name(), m.ID)
			}
			if m.One == "" && !strings.Contains(m.Other, "{{") {
				p.plain[m.ID] = m.Other
				continue
			}
			t := &text{other: cut(m.Other)}
			if m.One != "" {
				t.one = cut(m.One)
			}
			p.texts[m.ID] = t
		}
	}
	return p, nil
}

func readFile(dir, name string, lang Lang) ([]*goi18n.Message, error) {
	b, err := files.ReadFile(dir + "/" + name)
	if err != nil {
		return nil, err
	}
	mf, err := goi18n.ParseMessageFileBytes(b, strings.TrimSuffix(name, ".toml")+"."+string(lang)+".toml", map[string]goi18n.UnmarshalFunc{"toml": toml.Unmarshal})
	if err != nil {
		return nil, fmt.Errorf("i18n: %s/%s: %w", lang, name, err)
	}
	return mf.Messages, nil
}

// cut parts a text at its arguments. What stands between {{ and }} is an argument's name and nothing else; a test sees to it.
func cut(s string) []piece {
	var out []piece
	for {
		words, rest, ok := strings.Cut(s, "{{")
		if !ok {
			return append(out, piece{words: s})
		}
		arg, after, _ := strings.Cut(rest, "}}")
		out = append(out, piece{words, strings.TrimPrefix(strings.TrimSpace(arg), ".")})
		s = after
	}
}

// T words a key with name, value pairs. The argument "n" chooses the plural form. A key that is not in the catalogue, and an argument that is not given,
// come back in ⟦⟧, so that tests and readers see it.
func (p *Printer) T(key string, kv ...any) string {
	if s, ok := p.plain[key]; ok {
		return s
	}
	return p.word(key, func(name string) any {
		for i := 0; i < len(kv); i += 2 {
			if kv[i] == name {
				return kv[i+1]
			}
		}
		return nil
	})
}

// Say words a message.
func (p *Printer) Say(m Msg) string {
	if s, ok := p.plain[m.Key]; ok {
		return s
	}
	return p.word(m.Key, func(name string) any { return m.Args[name] })
}

func (p *Printer) word(key string, arg func(name string) any) string {
	t, ok := p.texts[key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	form := t.other
	if n := arg("n"); t.one != nil && (n == 1 || n == int64(1)) {
		form = t.one
	}
	var b strings.Builder
	for _, x := range form {
		b.WriteString(x.words)
		if x.arg == "" {
			continue
		}
		if v := arg(x.arg); v != nil {
			b.WriteString(p.Arg(v))
		} else {
			b.WriteString("⟦" + x.arg + "⟧")
		}
	}
	return b.String()
}

// Has reports whether the catalogue of the language has the key.
func (p *Printer) Has(key string) bool {
	if _, ok := p.plain[key]; ok {
		return true
	}
	_, ok := p.texts[key]
	return ok
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
		list, err := readFile(dir, e.Name(), lang)
		if err != nil {
			return nil, err
		}
		for _, m := range list {
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

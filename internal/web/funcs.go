package web

import (
	"fmt"
	"html/template"
	"time"
	"unicode"
	"unicode/utf8"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/org"
)

// funcs are the functions of templates in one language.
//
//	t "key" "name" value …     words a catalogue key
//	say msg                    words a stored message
//	date d · longdate d · instant t · num n · pct part whole · year d
//	href "/path" "name" value …    an address in the reader's language
//	static "dinh.css"          the address of a static file
//	md text                    Markdown without HTML
//	control form "name" "label.key" "option" value …    what the partials of form fields take
//	options "value" "label.key" …    the choices of select, radios, checkboxes
//	inlang "vi"                lang="vi" where the reader reads another language, for what was written in that language
//	unitname u                 a unit's name in the reader's language
//	unitin u                   the same inside a sentence: "xã Thanh Nưa"
//	tag "lam" "key" …          a state for the partial "tag"
func (v *views) funcs(lang i18n.Lang) template.FuncMap {
	p := i18n.For(lang)
	return template.FuncMap{
		"t":        func(key string, kv ...any) string { return p.T(key, kv...) },
		"say":      p.Say,
		"date":     p.Date,
		"longdate": p.LongDate,
		"year":     func(d civil.Date) string { return string(d)[:min(4, len(d))] },
		"instant":  func(t time.Time) string { return p.Instant(t) },
		"num":      func(n any) (string, error) { return num(p, n) },
		"pct":      p.Percent,
		"href":     func(path string, query ...any) string { return href(lang, path, query...) },
		"static":   v.k.Static,
		"md":       markdown,
		"control": func(f *Form, name, label string, kv ...any) (*Control, error) {
			return newControl(p, f, name, label, kv)
		},
		"options":  func(kv ...string) ([]Option, error) { return newOptions(p, kv) },
		"inlang":   func(l string) template.HTMLAttr { return inlang(lang, i18n.Lang(l)) },
		"unitname": func(u *org.Unit) string { return u.NameIn(lang) },
		"unitin":   func(u *org.Unit) string { return unitIn(lang, u) },
		"tag":      func(class, key string, kv ...any) Tag { return Tag{class, p.T(key, kv...)} },
		"errors":   func(f *Form) *Summary { return newSummary(p, f) },
		"add":      func(a, b int) int { return a + b },
	}
}

// unitIn is a unit's name inside a sentence: Vietnamese writes the word for the kind of a territory small there.
func unitIn(lang i18n.Lang, u *org.Unit) string {
	name := u.NameIn(lang)
	if lang == i18n.VI && org.Administrative(u.Kind) {
		r, n := utf8.DecodeRuneInString(name)
		return string(unicode.ToLower(r)) + name[n:]
	}
	return name
}

func num(p *i18n.Printer, n any) (string, error) {
	switch x := n.(type) {
	case int:
		return p.Int(int64(x)), nil
	case int64:
		return p.Int(x), nil
	case *int:
		if x == nil {
			return "–", nil
		}
		return p.Int(int64(*x)), nil
	}
	return "", fmt.Errorf("num of %T", n)
}

// inlang is a lang attribute for text in a language other than the page's.
func inlang(page, text i18n.Lang) template.HTMLAttr {
	if page == text || text != i18n.VI && text != i18n.EN {
		return ""
	}
	return template.HTMLAttr(` lang="` + string(text) + `"`) //nolint:gosec // one of two constants
}

// Tag is a word for a state: Class is one of xong, lam, sap, tre, cho.
type Tag struct{ Class, Text string }

// Pager is a list's way to its next and earlier parts; empty addresses are left out.
type Pager struct {
	First, Prev, Next string // addresses without /en
	Label             string // catalogue key of the navigation's name; default web.pager.label
}

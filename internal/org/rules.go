package org

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"dinh/internal/civil"

	"github.com/BurntSushi/toml"
)

//go:embed data/parents.toml
var parentsTOML string

//go:embed data/flags.toml
var flagsTOML string

// parentRule is a line of data/parents.toml.
type parentRule struct {
	Kind    string
	Parents []string
	From    civil.Date
	To      civil.Date
}

var parentRules = sync.OnceValue(func() []parentRule {
	rules, err := loadParentRules(parentsTOML)
	if err != nil {
		panic(err)
	}
	return rules
})

func loadParentRules(text string) ([]parentRule, error) {
	var f struct{ Rule []parentRule }
	md, err := toml.Decode(text, &f)
	if err != nil {
		return nil, fmt.Errorf("org: parents.toml: %w", err)
	}
	if u := md.Undecoded(); len(u) > 0 {
		return nil, fmt.Errorf("org: parents.toml: unknown key %s", u[0])
	}
	for _, r := range f.Rule {
		for _, k := range append([]string{r.Kind}, r.Parents...) {
			if !slices.Contains(Kinds, k) {
				return nil, fmt.Errorf("org: parents.toml: unknown kind %q", k)
			}
		}
		for _, d := range []civil.Date{r.From, r.To} {
			if _, err := civil.Parse(string(d)); d != civil.None && err != nil {
				return nil, fmt.Errorf("org: parents.toml: %w", err)
			}
		}
		if r.From > end(r.To) {
			return nil, fmt.Errorf("org: parents.toml: %s: end before start", r.Kind)
		}
	}
	return f.Rule, nil
}

// AllowedParents are the kinds under which a unit of the kind may stand from the day on. Root is true where it stands under none; nothing and false
// mean that no unit of the kind can begin on the day.
func AllowedParents(kind string, day civil.Date) (parents []string, root bool) {
	for _, r := range parentRules() {
		if r.Kind != kind || !(civil.Span{From: r.From, To: r.To}).Has(day) {
			continue
		}
		if len(r.Parents) == 0 {
			root = true
		}
		parents = append(parents, r.Parents...)
	}
	return parents, root
}

// AllowedKinds are the kinds that may stand directly below a kind from the day on, in the order of Kinds.
func AllowedKinds(parent string, day civil.Date) []string {
	var out []string
	for _, k := range Kinds {
		if p, _ := AllowedParents(k, day); slices.Contains(p, parent) {
			out = append(out, k)
		}
	}
	return out
}

// Flags are the words that a unit may carry: those of the law's catalogue with scope unit or both, then those of plans.
var Flags = sync.OnceValue(func() []string {
	var f struct{ Law, Plan []string }
	if _, err := toml.Decode(flagsTOML, &f); err != nil {
		panic(err)
	}
	return append(f.Law, f.Plan...)
})

// parseFlags reads flags parted by blanks, commas or semicolons into order, each once; unknown ones come back beside.
func parseFlags(s string, known []string) (flags, unknown []string) {
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,;|\t", r) }) {
		switch {
		case !slices.Contains(known, f):
			unknown = append(unknown, f)
		case !slices.Contains(flags, f):
			flags = append(flags, f)
		}
	}
	slices.Sort(flags)
	return flags, unknown
}

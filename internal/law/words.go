package law

import (
	"fmt"
	"sync"

	"dinh/internal/i18n"

	"github.com/BurntSushi/toml"
)

// stepWords is what data/words/vi.toml adds to a step.
type stepWords struct {
	Meaning string `toml:"meaning"`
	Event   string `toml:"event"`
	Counts  string `toml:"counts"` // the field that answers the step, where a duty has several
	Bare    bool   `toml:"bare"`   // a duty may answer without a number
}

// wordsFile is data/words/vi.toml.
type wordsFile struct {
	Prefix  map[string]string    `toml:"prefix"`
	Flag    map[string]string    `toml:"flag"`
	Step    map[string]stepWords `toml:"step"`
	Subject map[string]string    `toml:"subject"`
}

// embeddedWords are the Vietnamese words for what the catalogue names in English. They come with the program and a test reads them, so a fault is a
// programmer's.
var embeddedWords = sync.OnceValue(func() *wordsFile {
	var w wordsFile
	body, err := data.ReadFile("data/words/vi.toml")
	if err == nil {
		err = toml.Unmarshal(body, &w)
	}
	if err != nil {
		panic(fmt.Sprintf("law: words: %v", err))
	}
	return &w
})

// in gives the Vietnamese words where they are asked for and there; else the English ones. The second value is the language of the text.
func in(l i18n.Lang, vi, en string) (string, i18n.Lang) {
	if l == i18n.VI && vi != "" {
		return vi, i18n.VI
	}
	return en, i18n.EN
}

// Words is what the step means, in the language where it has words in it; the second value is the language of the text.
func (s *Step) Words(l i18n.Lang) (string, i18n.Lang) {
	return in(l, embeddedWords().Step[s.ID].Meaning, s.Meaning)
}

// EventWords is the event that starts the step's clock; the second value is the language of the text.
func (s *Step) EventWords(l i18n.Lang) (string, i18n.Lang) {
	return in(l, embeddedWords().Step[s.ID].Event, s.Event)
}

// Words is what the flag means; the second value is the language of the text.
func (f *Flag) Words(l i18n.Lang) (string, i18n.Lang) {
	return in(l, embeddedWords().Flag[f.ID], f.Meaning)
}

// SubjectWords is who acts, where the kind of unit does not say it; the second value is the language of the text.
func (d *Duty) SubjectWords(l i18n.Lang) (string, i18n.Lang) {
	return in(l, embeddedWords().Subject[d.Subject], d.Subject)
}

package disclosure

import (
	"slices"
	"strings"

	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/privacy"
)

// Checks are what a person says before an edition goes up.
type Checks struct {
	Secret     string // does it hold state secrets: SecretNo, SecretYes, "" for no answer
	SecretBy   string // the name of whoever says so
	Personal   string // of personal data that was found: PersonalStays, "" for no answer
	PersonalBy string // the name of whoever says that it may be shown to everybody
}

// The answers to the questions of Checks.
const (
	SecretNo      = "no"
	SecretYes     = "yes"
	PersonalStays = "stays"
)

// KindCount is how often personal data of a kind was found.
type KindCount struct {
	Kind privacy.Kind
	N    int
}

// Finding is personal data found in a part of an edition.
type Finding struct {
	File  string // id of the file; "" for the words of the edition itself
	Title string // of the file
	Kinds []KindCount
	Lines []string // the lines in which it was found, masked; not more than maxFindingLines
	More  int      // lines that are left out
}

const maxFindingLines = 20

// Marked is a part of an edition that carries a mark of secrecy.
type Marked struct {
	File, Title string // as in Finding
	Mark        string // "Mật", "Tối mật", "Tuyệt mật"
}

// wordsOf are the words of the edition that its readers see.
func wordsOf(e *Edition) string {
	return strings.Join([]string{e.Title, e.Summary, e.Body}, "\n\n")
}

// Msg says that it may not be disclosed, and what to do.
func (m Marked) Msg() i18n.Msg {
	if m.File == "" {
		return i18n.M("disclosureitem.secret_marked_words", "mark", m.Mark)
	}
	return i18n.M("disclosureitem.secret_marked_file", "mark", m.Mark, "file", m.Title)
}

// FindMarks looks for marks of secrecy in all that the edition holds, also in what only the unit sees.
func FindMarks(e *Edition, files []File) []Marked {
	var out []Marked
	if m, ok := privacy.Marking(wordsOf(e)); ok {
		out = append(out, Marked{Mark: m})
	}
	for i := range files {
		if m, ok := privacy.Marking(files[i].Text); ok {
			out = append(out, Marked{files[i].ID, files[i].Title, m})
		}
	}
	return out
}

// FindPersonal looks for personal data in what readers of the edition get.
func FindPersonal(e *Edition, files []File) []Finding {
	var out []Finding
	add := func(id, title, text string) {
		if f, ok := finding(text); ok {
			f.File, f.Title = id, title
			out = append(out, f)
		}
	}
	add("", "", wordsOf(e))
	for i := range files {
		if f := &files[i]; f.Kind == FilePaper && f.Shown != "" {
			add(f.ID, f.Title, f.Text)
		}
	}
	return out
}

func finding(text string) (f Finding, ok bool) {
	hits := privacy.Find(text)
	if len(hits) == 0 {
		return f, false
	}
	for _, h := range hits {
		n := slices.IndexFunc(f.Kinds, func(k KindCount) bool { return k.Kind == h.Kind })
		if n < 0 {
			f.Kinds = append(f.Kinds, KindCount{h.Kind, 0})
			n = len(f.Kinds) - 1
		}
		f.Kinds[n].N++
	}
	// A mask keeps lines where they are, and the dots stand where something was found.
	plain, masked := strings.Split(i18n.NFC(text), "\n"), strings.Split(privacy.Mask(text, hits), "\n")
	for n, line := range masked {
		if n < len(plain) && line != plain[n] {
			if len(f.Lines) < maxFindingLines {
				f.Lines = append(f.Lines, clipRunes(strings.TrimSpace(line), 300))
			} else {
				f.More++
			}
		}
	}
	return f, true
}

func clipRunes(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}

// checkEdition takes the answers into the edition. It refuses what is marked as secret, whatever was answered; what is not answered yet; and what is said to hold secrets.
// An answer that the edition has already need not be given again.
func checkEdition(e *Edition, files []File, c Checks) error {
	var l errs.List
	for _, m := range FindMarks(e, files) {
		l.Fields = append(l.Fields, errs.Field{Name: "secret", Msg: m.Msg()})
	}
	if e.SecretChecked == "" && len(l.Fields) == 0 {
		switch {
		case c.Secret == SecretYes:
			l.Add("secret", "disclosureitem.secret_said")
		case c.Secret != SecretNo:
			l.Add("secret", "disclosureitem.secret_needed")
		case strings.TrimSpace(c.SecretBy) == "":
			l.Add("secret_by", "disclosureitem.secret_by_needed")
		default:
			itemText(&l, "secret_by", c.SecretBy, maxItemShort, false)
			e.SecretChecked = c.SecretBy
		}
	}
	if e.PersonalChecked == "" && len(FindPersonal(e, files)) > 0 {
		switch {
		case c.Personal != PersonalStays:
			l.Add("personal", "disclosureitem.personal_needed")
		case strings.TrimSpace(c.PersonalBy) == "":
			l.Add("personal_by", "disclosureitem.personal_by_needed")
		default:
			itemText(&l, "personal_by", c.PersonalBy, maxItemShort, false)
			e.PersonalChecked = c.PersonalBy
		}
	}
	return l.Err()
}

// completeEdition notes what an edition lacks before it can go to the head.
func completeEdition(e *Edition, files []File, places []Place) error {
	var l errs.List
	if strings.TrimSpace(e.Summary) == "" {
		l.Add("summary", "disclosureitem.summary_needed")
	}
	if strings.TrimSpace(e.Body) == "" && !slices.ContainsFunc(files, func(f File) bool { return f.Kind == FilePaper && f.Shown != "" }) {
		l.Add("body", "disclosureitem.body_needed")
	}
	if len(places) == 0 {
		l.Add("places", "disclosureitem.places_needed")
	}
	return l.Err()
}

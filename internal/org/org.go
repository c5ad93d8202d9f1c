// Package org has the units of the state and of society in a province (who belongs where on which day), what became of each, and their addresses.
package org

import (
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
)

// The kinds of units.
const (
	Province    = "province"
	District    = "district"
	Commune     = "commune"
	Village     = "village"
	Agency      = "agency"
	ServiceUnit = "service_unit"
	Enterprise  = "enterprise"
	Front       = "front"
	Union       = "union"
	MassOrg     = "mass_org"
	Party       = "party"
)

// Kinds lists all kinds in the order of forms and lists.
var Kinds = []string{Province, District, Commune, Village, Agency, ServiceUnit, Enterprise, Front, Union, MassOrg, Party}

// Administrative reports whether the kind is a level of territory: province, district, commune or village.
func Administrative(kind string) bool {
	return kind == Province || kind == District || kind == Commune || kind == Village
}

// Unknown is a size that is not known. It exempts nobody.
const Unknown = -1

// Unit is one legal body as it was on some day. Values that come out of a Directory are shared: never change them.
//
// ID and Kind never change; the embedded Span is the body's life. Everything else holds on the days of Valid: a rename, a move or a new size continues
// the unit with another Unit of the same ID.
type Unit struct {
	ID        string
	Kind      string
	Code      string
	Slug      string
	Name      string
	NameEN    string // "" where nobody wrote one; see NameIn
	ParentID  string // "" for a root
	ManagerID string // the managing authority beside the parent; it filters and carries no sums
	civil.Span
	Flags   []string // sorted; see Flags in flags.go
	Staff   int      // Unknown or how many officials and public employees
	Workers int      // Unknown or how many workers
	SortKey string   // of Name, in Vietnamese order
	Version int      // of the whole body, for Conflict

	valid  civil.Span
	at     int32 // handle inside a Directory
	chosen bool  // in a book: a person chose the slug
}

// Valid are the days on which the body was as this value says.
func (u *Unit) Valid() civil.Span { return u.valid }

// HasFlag reports whether the unit has a flag of the law's catalogue, or has_committee.
func (u *Unit) HasFlag(flag string) bool { return slices.Contains(u.Flags, flag) }

// NameIn is the unit's name for readers of a language: in English NameEN where there is one, else the name with the word for its kind put into English
// ("Thanh Nưa Commune").
func (u *Unit) NameIn(lang i18n.Lang) string {
	if lang != i18n.EN {
		return u.Name
	}
	if u.NameEN != "" {
		return u.NameEN
	}
	for _, w := range kindWords {
		rest, ok := strings.CutPrefix(u.Name, w.vi+" ")
		if !ok || !Administrative(u.Kind) {
			continue
		}
		if w.en == "Ward" && rest != "" && rest[0] >= '0' && rest[0] <= '9' {
			return "Ward " + rest
		}
		return rest + " " + w.en
	}
	return u.Name
}

// KindWord is the word for the unit's own kind as its name says it ("xã", "thị trấn"); "" where the name does not.
func (u *Unit) KindWord(lang i18n.Lang) string {
	for _, w := range kindWords {
		if strings.HasPrefix(u.Name, w.vi+" ") && Administrative(u.Kind) {
			if lang == i18n.EN {
				return strings.ToLower(w.en)
			}
			return strings.ToLower(w.vi)
		}
	}
	return ""
}

// Words with which the names of territory begin.
var kindWords = []struct{ vi, en string }{
	{"Tỉnh", "Province"},
	{"Thành phố", "City"},
	{"Thị xã", "Town"},
	{"Quận", "District"},
	{"Huyện", "District"},
	{"Phường", "Ward"},
	{"Thị trấn", "Township"},
	{"Xã", "Commune"},
	{"Đặc khu", "Special Zone"},
	{"Thôn", "Hamlet"},
	{"Bản", "Village"},
	{"Tổ dân phố", "Residential Group"},
}

// How one unit follows another.
const (
	Merged  = "merge"
	Divided = "split"
	Renamed = "rename" // the same unit goes on
	Moved   = "move"   // the same unit goes on
)

// How much of the old unit went into the new one.
const (
	Whole = "whole"
	Part  = "part"
)

// Succession says what became of a unit on a day. Old and New are the same unit in a rename or a move.
type Succession struct {
	ID    string
	Kind  string // Merged, Divided, Renamed, Moved
	Old   string
	New   string
	Share string // Whole or Part
	Day   civil.Date
	Act   string // the act that ordered it, as a person wrote it
}

// Reserved are the words that are no unit's slug, because pages of the program stand at their address. Routes add theirs here; the test over all routes
// says which is missing.
var Reserved = []string{
	"api", "bang-niem-yet", "bao-cao", "bao-mat", "bao-ve-thong-tin", "bieu-quyet", "bieu-tuong", "cong-trinh", "dan-ban", "dan-biet", "dan-kiem-tra", "dan-lam",
	"dan-quyet-dinh", "dang-ky", "dang-nhap", "doi-mat-khau", "don-vi", "du-lieu", "en", "favicon", "giay-phep", "gioi-thieu", "healthz", "hoi-nghi", "huong-uoc", "huy-dang-ky",
	"ke-hoach", "kha-nang-tiep-can", "kien-nghi", "kiem-tra", "lam-viec", "lich", "lich-su", "lich-tiep-cong-dan", "luat", "moi", "n", "nhat-ky", "niem-yet", "phai-cong-khai", "quy-che", "quyen-rieng-tu",
	"readyz", "robots", "sitemap", "sua", "static", "them", "thoat", "thon-ban", "tiep-can", "tim", "tin", "tro-giup", "truoc-day", "tuyen-truyen", "van-ban", "vi", "xuat",
}

// IsReserved reports whether the word cannot be a slug: a page's address, a number (a year in an address) or nothing.
func IsReserved(slug string) bool {
	return slug == "" || slices.Contains(Reserved, slug) || strings.Trim(slug, "0123456789") == ""
}

// SlugOf is the slug that a name gives, without regard to clashes: a province goes without the word for its kind (dien-bien), all others carry it
// (xa-thanh-nua, so-noi-vu).
func SlugOf(kind, name string) string {
	if kind == Province {
		for _, w := range kindWords {
			if rest, ok := strings.CutPrefix(name, w.vi+" "); ok {
				name = rest
				break
			}
		}
	}
	s := i18n.Slug(name)
	if len(s) > 80 {
		s = strings.Trim(s[:80], "-")
	}
	return s
}

// ValidSlug reports whether a person may choose the slug: lower-case letters, figures and single dashes, at most 80, not reserved.
func ValidSlug(s string) bool { return len(s) <= 80 && s == i18n.Slug(s) && !IsReserved(s) }

// ValidCode reports whether the text can be a code: 1 to 40 letters, figures, dots and dashes of ASCII.
func ValidCode(s string) bool {
	if s == "" || len(s) > 40 {
		return false
	}
	for _, r := range s {
		if !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r == '-' || r == '.' || r == '_') {
			return false
		}
	}
	return true
}

// far stands for the open end when days are compared.
const far civil.Date = "9999-12-31"

func end(d civil.Date) civil.Date {
	if d == civil.None {
		return far
	}
	return d
}

// clip is the part of s inside o; ok is false where they share no day.
func clip(s, o civil.Span) (civil.Span, bool) {
	out := civil.Span{From: max(s.From, o.From), To: min(end(s.To), end(o.To))}
	if out.To == far {
		out.To = civil.None
	}
	return out, out.From <= end(out.To)
}

package law

import (
	"fmt"
	"strconv"
	"strings"

	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Counts are what was counted, by name: yes, backing, attending, and the bases of Bases. What is not known is left out.
type Counts map[string]int

// The names in Counts beside the bases.
const (
	Yes       = "yes"       // votes for; households behind an initiative or request
	Backing   = "backing"   // those behind a petition, where the vote that follows it is counted too
	Attending = "attending" // present
)

// Verdict says whether a majority was reached, and why.
type Verdict struct {
	Passes bool
	Duty   *Duty
	Msg    i18n.Msg
}

// maxCount bounds what may be counted, so that a fraction never overflows.
const maxCount = 1_000_000_000

// Passes compares the counts with the duty's quorum and approval, in whole numbers; where it has both, both must hold. Attendance need not be given
// where the votes for show it. Errors: errs.NotFound "law.no_majority" where the duty sets no majority; errs.Invalid whose field names the count that
// is missing ("law.count_missing") or cannot be ("law.count_range", "law.count_more").
func (c *Catalogue) Passes(d *Duty, n Counts) (Verdict, error) {
	if d.Quorum == nil && d.Approval == nil {
		return Verdict{}, errs.E(errs.NotFound, "law.no_majority", "cite", d.Cite(), "title", d.TitleVI)
	}
	for name, v := range n {
		if v < 0 || v > maxCount {
			return Verdict{}, errs.At(name, "law.count_range", "count", countName(name), "most", maxCount)
		}
	}
	if s := c.steps[d.Step]; d.Quorum != nil && s != nil && s.Quorum == "backing" {
		return backed(d, n)
	}
	var approval, quorum *part
	if d.Approval != nil {
		p, err := measure(*d.Approval, Yes, n)
		if err != nil {
			return Verdict{}, err
		}
		approval = &p
	}
	if q := d.Quorum; q != nil {
		_, known := n[Attending]
		yes, voted := n[Yes]
		whole, based := n[q.Of]
		implied := !known && voted && based && approval != nil && (!approval.holds || q.reached(yes, whole))
		if !implied {
			p, err := measure(*q, Attending, n)
			if err != nil {
				return Verdict{}, err
			}
			quorum = &p
		}
	}
	v := Verdict{Duty: d, Passes: (approval == nil || approval.holds) && (quorum == nil || quorum.holds)}
	var why i18n.Msg
	key := "vote"
	switch {
	case quorum == nil:
		why = approval.msg
	case approval == nil:
		why, key = quorum.msg, "quorum"
	default:
		why = i18n.M("law.passes.both", "quorum", quorum.msg, "approval", approval.msg)
	}
	v.Msg = i18n.M("law.passes."+key+yesNo(v.Passes), "why", why, "cite", d.Cite())
	return v, nil
}

func yesNo(b bool) string {
	if b {
		return "_yes"
	}
	return "_no"
}

// backed judges a duty whose quorum is the share behind a request. Where it has an approval too, the vote decides, and the share only where it is given:
// others than petitioners may have asked for the vote.
func backed(d *Duty, n Counts) (Verdict, error) {
	v := Verdict{Duty: d, Passes: true}
	key, whys := "backing", []i18n.Msg(nil)
	_, given := n[Backing]
	if d.Approval == nil || given {
		name := Backing
		if !given {
			name = Yes
		}
		p, err := measure(*d.Quorum, name, n)
		if err != nil {
			return Verdict{}, err
		}
		v.Passes, whys = p.holds, append(whys, p.msg)
	}
	if d.Approval != nil {
		p, err := measure(*d.Approval, Yes, n)
		if err != nil {
			return Verdict{}, err
		}
		key, v.Passes, whys = "vote", v.Passes && p.holds, append(whys, p.msg)
	}
	why := whys[0]
	if len(whys) == 2 {
		why = i18n.M("law.passes.both_backing", "backing", whys[0], "approval", whys[1])
	}
	v.Msg = i18n.M("law.passes."+key+yesNo(v.Passes), "why", why, "cite", d.Cite())
	return v, nil
}

type part struct {
	holds bool
	msg   i18n.Msg
}

// reached reports whether got is enough of whole.
func (s Share) reached(got, whole int) bool {
	have, want := int64(got)*int64(s.Den), int64(s.Num)*int64(whole)
	return have > want || have == want && !s.Exceed
}

// Needs is the least whole number that is enough of whole.
func (s Share) Needs(whole int) int {
	want, den := int64(s.Num)*int64(whole), int64(s.Den)
	if s.Exceed {
		return int(want/den) + 1
	}
	return int((want + den - 1) / den)
}

// Words is the fraction in words: "hai phần ba".
func (s Share) Words() i18n.Msg {
	k := fmt.Sprintf("law.fraction.f%d_%d", s.Num, s.Den)
	if i18n.For(i18n.VI).Has(k) {
		return i18n.M(k)
	}
	return i18n.M("law.fraction.plain", "num", strconv.Itoa(s.Num), "den", strconv.Itoa(s.Den))
}

// Rule is the share in words: "hơn một nửa tổng số hộ".
func (s Share) Rule() i18n.Msg {
	k := "law.share.reach"
	if s.Exceed {
		k = "law.share.exceed"
	}
	return i18n.M(k, "fraction", s.Words(), "base", i18n.M("law.base_all."+s.Of))
}

// exact is the share of whole: "57,33", "43".
func (s Share) exact(whole int) i18n.Msg {
	want, den := int64(s.Num)*int64(whole), int64(s.Den)
	if want%den == 0 {
		return i18n.M("law.decimal.whole", "whole", int(want/den))
	}
	cents := fmt.Sprintf("%02d", want%den*100/den)
	return i18n.M("law.decimal.part", "whole", int(want/den), "cents", strings.TrimSuffix(cents, "0"))
}

func countName(name string) i18n.Msg { return i18n.M("law.count." + name) }

// measure compares one count with one share of its base.
func measure(s Share, name string, n Counts) (part, error) {
	got, ok := n[name]
	if !ok {
		return part{}, errs.At(name, "law.count_missing", "count", countName(name))
	}
	whole, ok := n[s.Of]
	if !ok {
		return part{}, errs.At(s.Of, "law.count_missing", "count", countName(s.Of))
	}
	if whole < 1 {
		return part{}, errs.At(s.Of, "law.count_zero", "count", countName(s.Of))
	}
	if got > whole {
		return part{}, errs.At(name, "law.count_more", "count", countName(name), "got", got, "base", countName(s.Of), "whole", whole)
	}
	key := "law.passes." + name
	if name == Backing || name == Yes {
		key = "law.passes.count"
	}
	if s.Exceed {
		key += "_exceed"
	}
	return part{holds: s.reached(got, whole), msg: i18n.M(key, "got", got, "whole", whole, "base", i18n.M("law.base."+s.Of), "need", s.Needs(whole),
		"fraction", s.Words(), "exact", s.exact(whole))}, nil
}

package law

import (
	"math/big"
	"testing"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"

	"pgregory.net/rapid"
)

func TestPasses(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, x := range []struct {
		step, kind string
		day        civil.Date
		counts     Counts
		passes     bool
		vi         string
	}{
		{
			"ballot.contribution.pass", "village", "2026-11-01",
			Counts{Yes: 58, "all_households": 86},
			true,
			"58 trên 86 hộ: cần ít nhất 58 (hai phần ba của 86 là 57,33). Được thông qua theo Khoản 1 Điều 15; Điều 17, 21 Luật 10/2022/QH15.",
		},
		{
			"ballot.contribution.pass", "village", "2026-11-01",
			Counts{Yes: 57, "all_households": 86},
			false,
			"57 trên 86 hộ: cần ít nhất 58 (hai phần ba của 86 là 57,33). Chưa được thông qua theo Khoản 1 Điều 15; Điều 17, 21 Luật 10/2022/QH15.",
		},
		{"ballot.contribution.pass", "village", "2026-11-01", Counts{Yes: 60, "all_households": 90}, true, ""}, // exactly two thirds is enough
		{
			"ballot.contribution.pass", "village", "2021-05-05", Counts{Yes: 45, "all_voters_or_households": 90}, false, // exactly half is not
			"45 trên 90 cử tri hoặc hộ: cần ít nhất 46 (hơn một nửa; một nửa của 90 là 45). Chưa được thông qua theo Điều 10; Điều 12 Pháp lệnh 34/2007/PL-UBTVQH11.",
		},
		{"ballot.contribution.pass", "commune", "2026-11-01", Counts{Yes: 8, "all_villages": 12}, true, ""},
		{ // attendance and votes
			"conference.staff.pass", "agency", "2026-11-01",
			Counts{Yes: 27, Attending: 52, "called": 78},
			true,
			"Có mặt 52 trên 78 người được triệu tập: cần ít nhất 52 (hai phần ba của 78 là 52). Tán thành 27 trên 52 người dự: cần ít nhất 27 (hơn một nửa; một nửa của 52 là 26). Được thông qua theo Điểm c khoản 2 Điều 51 Luật 10/2022/QH15.",
		},
		{"conference.staff.pass", "agency", "2026-11-01", Counts{Yes: 51, Attending: 51, "called": 78}, false, ""}, // all in favour, too few present
		{"conference.staff.pass", "agency", "2026-11-01", Counts{Yes: 26, Attending: 52, "called": 78}, false, ""},
		{"conference.staff.quorum", "agency", "2026-11-01", Counts{Attending: 52, "called": 78}, true, "Có mặt 52 trên 78 người được triệu tập: cần ít nhất 52 (hai phần ba của 78 là 52). Đủ số người dự theo Điểm c khoản 2 Điều 51 Luật 10/2022/QH15."},
		{"ballot.convention.pass", "village", "2026-11-01", Counts{Yes: 44, "all_households": 86}, true, ""}, // votes for show the attendance
		{"ballot.convention.pass", "village", "2026-11-01", Counts{Yes: 44, Attending: 60, "all_households": 86}, true, ""},
		{"ballot.convention.pass", "village", "2026-11-01", Counts{Yes: 43, "all_households": 86}, false, ""},
		{"dialogue.workplace.quorum", "enterprise", "2026-11-01", Counts{Attending: 7, "members": 10}, false, ""}, // over 70%
		{"dialogue.workplace.request", "enterprise", "2026-11-01", Counts{Yes: 3, "members": 10}, true, ""},
		{
			"ballot.initiative", "village", "2026-11-01",
			Counts{Yes: 9, "all_households": 86},
			true,
			"9 trên 86 hộ: cần ít nhất 9 (một phần mười của 86 là 8,6). Đủ số người ủng hộ theo Khoản 3 Điều 16 Luật 10/2022/QH15.",
		},
		{"village_head.release.pass", "village", "2026-11-01", Counts{Yes: 44, "all_households": 86}, true, ""},
		{"village_head.release.pass", "village", "2026-11-01", Counts{Yes: 44, Backing: 43, "all_households": 86}, true, ""},
		{"village_head.release.pass", "village", "2026-11-01", Counts{Yes: 44, Backing: 42, "all_households": 86}, false, ""},
	} {
		d, ok := c.Rule(x.step, x.kind, nil, Sizes{}, x.day)
		if !ok {
			t.Errorf("%s on %s: no rule", x.step, x.day)
			continue
		}
		v, err := c.Passes(d, x.counts)
		if err != nil || v.Passes != x.passes || v.Duty != d {
			t.Errorf("%s %v: %v %v", x.step, x.counts, v.Passes, err)
		}
		if got := i18n.For(i18n.VI).Say(v.Msg); x.vi != "" && got != x.vi {
			t.Errorf("%s\n got %s\nwant %s", x.step, got, x.vi)
		}
	}
}

func TestCountsThatCannotBe(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, x := range []struct {
		step, kind string
		counts     Counts
		field, key string
	}{
		{"ballot.contribution.pass", "village", Counts{Yes: 58}, "all_households", "law.count_missing"},
		{"ballot.contribution.pass", "village", Counts{"all_households": 86}, Yes, "law.count_missing"},
		{"ballot.contribution.pass", "village", Counts{Yes: 0, "all_households": 0}, "all_households", "law.count_zero"},
		{"ballot.contribution.pass", "village", Counts{Yes: 87, "all_households": 86}, Yes, "law.count_more"},
		{"ballot.contribution.pass", "village", Counts{Yes: -1, "all_households": 86}, Yes, "law.count_range"},
		{"ballot.contribution.pass", "village", Counts{Yes: 1, "all_households": maxCount + 1}, "all_households", "law.count_range"},
		{"conference.staff.pass", "agency", Counts{Yes: 27, "called": 78}, Attending, "law.count_missing"},
		{"conference.staff.pass", "agency", Counts{Yes: 27, Attending: 52}, "called", "law.count_missing"},
		{"conference.staff.pass", "agency", Counts{Yes: 27, Attending: 79, "called": 78}, Attending, "law.count_more"},
		{"conference.staff.quorum", "agency", Counts{Yes: 27, "called": 78}, Attending, "law.count_missing"},
	} {
		d, ok := c.Rule(x.step, x.kind, nil, Sizes{}, "2026-11-01")
		if !ok {
			t.Fatalf("%s: no rule", x.step)
		}
		_, err := c.Passes(d, x.counts)
		f := errs.FieldsOf(err)
		if !errs.Is(err, errs.Invalid) || len(f) != 1 || f[0].Name != x.field || f[0].Msg.Key != x.key {
			t.Errorf("%s %v: %v, want %s at %s", x.step, x.counts, err, x.key, x.field)
		}
	}
	d, _ := c.Rule("disclosure.publish", "commune", nil, Sizes{}, "2026-11-01")
	if _, err := c.Passes(d, Counts{}); errs.MsgOf(err).Key != "law.no_majority" {
		t.Errorf("a duty without majority: %v", err)
	}
}

// The share is reached exactly where the fraction says so, and Needs is the least number that reaches it.
func TestSharesAreExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		den := rapid.IntRange(1, 1000).Draw(t, "den")
		s := Share{Num: rapid.IntRange(1, den).Draw(t, "num"), Den: den, Exceed: rapid.Bool().Draw(t, "exceed")}
		whole := rapid.IntRange(1, maxCount).Draw(t, "whole")
		got := rapid.IntRange(0, whole).Draw(t, "got")
		cmp := big.NewRat(int64(got), int64(whole)).Cmp(big.NewRat(int64(s.Num), int64(s.Den)))
		want := cmp > 0 || cmp == 0 && !s.Exceed
		if s.reached(got, whole) != want {
			t.Fatalf("%+v: %d of %d", s, got, whole)
		}
		if n := s.Needs(whole); !s.reached(n, whole) || n > 0 && s.reached(n-1, whole) {
			t.Fatalf("%+v needs %d of %d", s, n, whole)
		}
	})
}

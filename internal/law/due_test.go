package law

import (
	"encoding/json"
	"testing"

	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/i18n"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestDeadlines(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, x := range []struct {
		step, kind string
		flags      []string
		event      civil.Date
		date       civil.Date
		vi, en     string
	}{
		{
			"ballot.recognise.village_head", "commune", nil, "2021-03-12", "2021-03-19",
			"5 ngày làm việc từ 12/3/2021, không tính 13, 14/3: hạn 19/3/2021 (Điều 9 (số điều chưa kiểm) Nghị quyết liên tịch 09/2008/NQLT-CP-UBTWMTTQVN)",
			"5 working days from 12 March 2021, not counting 13, 14 March: due 19 March 2021 (Điều 9 (số điều chưa kiểm), Joint resolution 09/2008/NQLT-CP-UBTWMTTQVN)",
		},
		{ // a swapped Saturday counts, days off of two months
			"disclosure.publish", "commune", nil, "2024-04-29", "2024-05-07",
			"5 ngày làm việc từ 29/4/2024, không tính 30/4, 1, 5/5, tính cả ngày làm bù 4/5: hạn 7/5/2024 (Khoản 3 Điều 12 Luật 10/2022/QH15)",
			"5 working days from 29 April 2024, not counting 30 April, 1, 5 May, counting the swapped working day 4 May: due 7 May 2024 (Khoản 3 Điều 12, Law 10/2022/QH15)",
		},
		{ // into the next year
			"disclosure.publish", "commune", nil, "2025-12-29", "2026-01-07",
			"5 ngày làm việc từ 29/12/2025, không tính 1, 2, 3, 4/1/2026: hạn 7/1/2026 (Khoản 3 Điều 12 Luật 10/2022/QH15)",
			"5 working days from 29 December 2025, not counting 1, 2, 3, 4 January 2026: due 7 January 2026 (Khoản 3 Điều 12, Law 10/2022/QH15)",
		},
		{ // over Tết: weekends are counted, holidays named
			"reception.answer", "commune", nil, "2025-01-20", "2025-02-10",
			"10 ngày làm việc từ 20/1/2025, không tính 6 ngày thứ Bảy, Chủ nhật và các ngày nghỉ 27, 28, 29, 30, 31/1: hạn 10/2/2025 (Khoản 1 Điều 28 Luật 42/2013/QH13)",
			"10 working days from 20 January 2025, not counting 6 Saturdays and Sundays and the days off 27, 28, 29, 30, 31 January: due 10 February 2025 (Khoản 1 Điều 28, Law 42/2013/QH13)",
		},
		{ // 14/3/2021 is a Sunday
			"disclosure.publish", "commune", nil, "2021-03-12", "2021-03-15",
			"2 ngày từ 12/3/2021, ngày cuối 14/3 là ngày nghỉ nên chuyển sang ngày làm việc tiếp theo: hạn 15/3/2021 (Điều 7 Pháp lệnh 34/2007/PL-UBTVQH11)",
			"2 days from 12 March 2021, the last day, 14 March, is a day off and moves to the next working day: due 15 March 2021 (Điều 7, Ordinance 34/2007/PL-UBTVQH11)",
		},
		{ // the same duty answers how long the sheet stays up; that does not move
			"disclosure.posting", "commune", nil, "2021-03-12", "2021-04-11",
			"ít nhất 30 ngày từ 12/3/2021: đến hết 11/4/2021 (Điều 7 Pháp lệnh 34/2007/PL-UBTVQH11)",
			"at least 30 days from 12 March 2021: to the end of 11 April 2021 (Điều 7, Ordinance 34/2007/PL-UBTVQH11)",
		},
		{ // backward
			"reception.publish", "commune", nil, "2021-03-22", "2021-03-15",
			"5 ngày làm việc trước 22/3/2021, không tính 20, 21/3: hạn 15/3/2021 (Điều 24 Luật 42/2013/QH13)",
			"5 working days before 22 March 2021, not counting 20, 21 March: due 15 March 2021 (Điều 24, Law 42/2013/QH13)",
		},
		{ // backward in calendar days does not move off a Sunday
			"meeting.notice", "village", nil, "2026-11-03", "2026-11-01",
			"2 ngày trước 3/11/2026: hạn 1/11/2026 (Khoản 3 Điều 3 Nghị định 59/2023/NĐ-CP)",
			"2 days before 3 November 2026: due 1 November 2026 (Khoản 3 Điều 3, Decree 59/2023/NĐ-CP)",
		},
		{ // flags choose
			"complaint.settle", "commune",
			[]string{"remote", "complex"},
			"2021-03-12", "2021-05-11",
			"60 ngày từ 12/3/2021: hạn 11/5/2021 (Điều 28 Luật 02/2011/QH13)",
			"60 days from 12 March 2021: due 11 May 2021 (Điều 28, Law 02/2011/QH13)",
		},
		{ // fixed dates do not move: 14/11/2021 is a Sunday
			"report.year", "commune", nil, "2021-03-12", "2021-11-14",
			"ngày ấn định của năm 2021: hạn 14/11/2021 (Mục III.1 Kế hoạch 648/KH-UBND)",
			"the fixed day of 2021: due 14 November 2021 (Mục III.1, Plan 648/KH-UBND)",
		},
		{ // a date of one year only
			"convention.replace_old", "village", nil, "2023-09-09", "2023-12-30", "", "",
		},
		{
			"report.government", "province", nil, "2021-04-12", "2021-06-25",
			"ngày 25 của tháng 6/2021, tháng cuối kỳ: hạn 25/6/2021 (Khoản 1 Điều 13 Nghị định 09/2019/NĐ-CP)",
			"day 25 of June 2021, the last month of the period: due 25 June 2021 (Khoản 1 Điều 13, Decree 09/2019/NĐ-CP)",
		},
		{ // months after the year ends; 31/3/2024 is a Sunday
			"conference.staff", "agency", nil, "2023-12-31", "2024-04-01",
			"3 tháng từ 31/12/2023, ngày cuối 31/3/2024 là ngày nghỉ nên chuyển sang ngày làm việc tiếp theo: hạn 1/4/2024 (Khoản 1 Điều 51 Luật 10/2022/QH15)",
			"3 months from 31 December 2023, the last day, 31 March 2024, is a day off and moves to the next working day: due 1 April 2024 (Khoản 1 Điều 51, Law 10/2022/QH15)",
		},
		{ // hours are exact and do not move: 16/3/2024 is a Saturday
			"data.request", "commune", nil, "2024-03-13", "2024-03-16",
			"72 giờ từ 13/3/2024: hạn 16/3/2024 (Toàn văn Nghị định 13/2023/NĐ-CP)",
			"72 hours from 13 March 2024: due 16 March 2024 (Toàn văn, Decree 13/2023/NĐ-CP)",
		},
		{
			"complaint.effect", "commune",
			[]string{"remote"},
			"2021-03-12", "2021-04-26",
			"chờ 45 ngày từ 12/3/2021: hết ngày 26/4/2021 (Khoản 1, 2 Điều 44 Luật 02/2011/QH13)", "",
		},
		{"ballot.initiative", "village", nil, "2024-01-31", "2024-04-30", "có giá trị 3 tháng từ 31/1/2024: đến hết 30/4/2024 (Khoản 3 Điều 16 Luật 10/2022/QH15)", ""},
		{
			"dialogue.people", "commune", nil, "2024-05-05", "2024-12-31",
			"ít nhất 1 lần từ 1/1/2024 đến 31/12/2024: hạn 31/12/2024 (Điều 32 Luật 10/2022/QH15)",
			"at least once between 1 January 2024 and 31 December 2024: due 31 December 2024 (Điều 32, Law 10/2022/QH15)",
		},
		{"reception.head", "commune", nil, "2021-03-12", "2021-03-14", "ít nhất 1 lần từ 8/3/2021 đến 14/3/2021: hạn 14/3/2021 (Điểm d khoản 2 Điều 15 Luật 42/2013/QH13)", ""},
		{ // no data for 2027 yet
			"reception.answer", "commune", nil, "2027-05-05", "2027-05-19",
			"10 ngày làm việc từ 5/5/2027, không tính 8, 9, 15, 16/5: hạn 19/5/2027, tạm tính vì chưa có lịch nghỉ của năm (Khoản 1 Điều 28 Luật 42/2013/QH13)", "",
		},
	} {
		due, err := c.Deadline(x.step, x.kind, x.flags, Sizes{}, x.event)
		if err != nil {
			t.Errorf("%s on %s: %v", x.step, x.event, err)
			continue
		}
		if due.Date != x.date || due.Digest != c.Digest() || due.Tentative != (x.event.Year() == 2027) {
			t.Errorf("%s on %s: %+v, want %s", x.step, x.event, due, x.date)
		}
		if got := i18n.For(i18n.VI).Say(due.Msg); x.vi != "" && got != x.vi {
			t.Errorf("%s\n got %s\nwant %s", x.step, got, x.vi)
		}
		if got := i18n.For(i18n.EN).Say(due.Msg); x.en != "" && got != x.en {
			t.Errorf("%s\n got %s\nwant %s", x.step, got, x.en)
		}
	}
}

func TestNoDeadline(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for _, x := range []struct {
		step, kind string
		day        civil.Date
		key        string
	}{
		{"disclosure.publish", "agency", "2021-03-12", "law.no_rule"},
		{"disclosure.publish", "commune", "2001-03-12", "law.no_rule"},
		{"village_head.term", "village", "2021-03-12", "law.no_rule"},
		{"no.step", "commune", "2021-03-12", "law.no_rule"},
		{"ballot.team", "village", "2026-11-01", "law.no_date"}, // its lead_days belong to ballot.announce
		{"complaint.dialogue", "commune", "2021-03-12", "law.no_date"},
		{"dialogue.workplace.side.workers", "enterprise", "2021-03-12", "law.size_needed"},
		{"conference.staff", "agency", "2021-03-12", "law.no_date"}, // decree 04/2015 sets no months
		{"board.people.by_election", "commune", "2026-11-01", "law.no_date"},
	} {
		due, err := c.Deadline(x.step, x.kind, nil, Sizes{}, x.day)
		if !errs.Is(err, errs.NotFound) || errs.MsgOf(err).Key != x.key {
			t.Errorf("%s: %+v, %v", x.step, due, err)
		}
	}
}

func TestADueIsStoredAsItIs(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	due, err := c.Deadline("disclosure.publish", "commune", nil, Sizes{}, "2025-12-29")
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(due)
	if err != nil {
		t.Fatal(err)
	}
	var back Due
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(due, back); d != "" {
		t.Error(d)
	}
}

// Every step that counts days, for every kind of unit, on every day: never before the event (or never after it, counted back), never earlier for a
// later event, and the same whenever asked.
func TestDeadlinesNeverRunBackwards(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(c.Steps).Draw(t, "step")
		kind := rapid.SampledFrom(UnitKinds).Draw(t, "kind")
		day := civil.Date("2021-01-01").Add(rapid.IntRange(0, 2200).Draw(t, "day"))
		d, ok := c.Rule(s.ID, kind, nil, Sizes{}, day)
		if !ok {
			return
		}
		a, err := c.DueOf(d, s.ID, day)
		if err != nil {
			return
		}
		b, err := c.DueOf(d, s.ID, day.Add(rapid.IntRange(0, 40).Draw(t, "later")))
		if err != nil || b.Date < a.Date {
			t.Fatalf("%s %s: %s gives %s, %s gives %s", s.ID, d.ID, a.Event, a.Date, b.Event, b.Date)
		}
		switch {
		case s.Measures("date"): // a fixed day may have passed
		case s.Backward():
			if a.Date >= day {
				t.Fatalf("%s: %s is not before %s", s.ID, a.Date, day)
			}
		case a.Date < day:
			t.Fatalf("%s: %s is before %s", s.ID, a.Date, day)
		}
	})
}

func TestWorkingDaysSkipExactlyTheDaysOff(t *testing.T) {
	t.Parallel()
	cal := catalogue(t).Calendar()
	rapid.Check(t, func(t *rapid.T) {
		from := civil.Date("2021-01-01").Add(rapid.IntRange(0, 2200).Draw(t, "day"))
		n := rapid.IntRange(1, 60).Draw(t, "n")
		end, skipped, worked := cal.count(from, n, 1)
		if cal.Off(end) || end <= from {
			t.Fatalf("%d from %s ends on %s", n, from, end)
		}
		var off, counted, swapped int
		for d := from.Add(1); d <= end; d = d.Add(1) {
			if cal.Off(d) {
				if skipped[off] != d {
					t.Fatalf("%s is off but not skipped: %v", d, skipped)
				}
				off++
			} else {
				counted++
			}
			if cal.Swapped(d) {
				swapped++
			}
		}
		if counted != n || off != len(skipped) || swapped != len(worked) {
			t.Fatalf("%d from %s to %s: %d counted, %d off of %d, %d swapped of %d", n, from, end, counted, off, len(skipped), swapped, len(worked))
		}
		// Back the same number of days from a working day comes to a day from which forward comes to it again.
		start, back, _ := cal.count(end, n, -1)
		again, forth, _ := cal.count(start, n, 1)
		if again != end || cal.Off(start) || start < from && !cal.Off(from) || len(back) != len(forth) {
			t.Fatalf("%d back from %s is %s, forward again %s", n, end, start, again)
		}
		if !cal.Off(from) && start != from {
			t.Fatalf("%d back from %s is %s, not %s", n, end, start, from)
		}
	})
}

func TestMonthsAfterAYearEnds(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		from civil.Date
		n    int
		want civil.Date
	}{
		{"2021-12-31", 3, "2022-03-31"},
		{"2021-02-28", 3, "2021-05-31"}, // the end of a month stays one
		{"2020-02-29", 12, "2021-02-28"},
		{"2022-01-30", 1, "2022-02-28"},
		{"2021-03-15", 3, "2021-06-15"},
	} {
		if got := monthsAfter(x.from, x.n); got != x.want {
			t.Errorf("%d months after %s: %s, want %s", x.n, x.from, got, x.want)
		}
	}
}

func TestSkippedDaysInWords(t *testing.T) {
	t.Parallel()
	cal := catalogue(t).Calendar()
	days := func(from, to civil.Date) (out []civil.Date) {
		for d := from; d <= to; d = d.Add(1) {
			if cal.Off(d) {
				out = append(out, d)
			}
		}
		return out
	}
	p := i18n.For(i18n.VI)
	for _, x := range []struct {
		days []civil.Date
		want string
	}{
		{days("2021-04-30", "2021-05-03"), "không tính 30/4, 1, 2, 3/5"},
		{days("2021-06-01", "2021-07-31"), "không tính 17 ngày thứ Bảy, Chủ nhật"},
		{days("2021-01-01", "2021-12-31"), "không tính 104 ngày thứ Bảy, Chủ nhật và 11 ngày nghỉ lễ, Tết"},
	} {
		if got := p.Say(skippedMsg(x.days, 2021)); got != x.want {
			t.Errorf("%s, want %s", got, x.want)
		}
	}
}

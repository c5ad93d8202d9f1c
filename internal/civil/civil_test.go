package civil_test

import (
	"testing"
	"time"

	"dinh/internal/civil"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for in, ok := range map[string]bool{
		"2021-03-12": true, "2024-02-29": true, "2021-02-29": false, "2021-02-31": false, "2021-3-12": false,
		"12/3/2021": false, "": false, "9999-01-01": false, "1700-01-01": false, "2021-03-12 ": false,
	} {
		if _, err := civil.Parse(in); (err == nil) != ok {
			t.Errorf("Parse(%q): %v", in, err)
		}
	}
	if _, ok := civil.New(2021, 2, 31); ok {
		t.Error("31 February is taken for a day")
	}
	if d, ok := civil.New(2021, 2, 28); !ok || d != "2021-02-28" {
		t.Error("28 February", d, ok)
	}
}

func TestArithmetic(t *testing.T) {
	t.Parallel()
	d := civil.Date("2021-01-31")
	if got := d.AddMonths(1); got != "2021-02-28" {
		t.Error("a month after 31 January:", got)
	}
	if got := d.AddMonths(-2); got != "2020-11-30" {
		t.Error("two months before 31 January:", got)
	}
	if got := civil.None.Add(3); got != civil.None {
		t.Error("no day plus three:", got)
	}
	rapid.Check(t, func(r *rapid.T) {
		d := civil.Date("2000-01-01").Add(rapid.IntRange(-20000, 20000).Draw(r, "day"))
		n := rapid.IntRange(-3000, 3000).Draw(r, "n")
		if got := d.Add(n).Sub(d); got != n {
			r.Fatalf("%s + %d - %s = %d", d, n, d, got)
		}
		if (d.Add(n) > d) != (n > 0) {
			r.Fatal("text order differs from the order of days")
		}
	})
}

func TestDayInVietnam(t *testing.T) {
	t.Parallel()
	late := time.Date(2021, 4, 20, 17, 30, 0, 0, time.UTC)
	if got := civil.Of(late); got != "2021-04-21" {
		t.Error("17:30 UTC is the next day in Vietnam, got", got)
	}
	c := civil.Shifted(func() time.Time { return late }, "2021-03-12")
	if c.Today() != "2021-03-12" || !c.Now().Equal(late) {
		t.Error("only Today is shifted", c.Today(), c.Now())
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b civil.Span
		meet bool
	}{
		{civil.Span{From: "2021-01-01", To: "2021-06-30"}, civil.Span{From: "2021-06-30"}, true},
		{civil.Span{From: "2021-01-01", To: "2021-06-30"}, civil.Span{From: "2021-07-01"}, false},
		{civil.Span{From: "2021-01-01"}, civil.Span{From: "2025-07-01"}, true},
	} {
		if c.a.Meets(c.b) != c.meet || c.b.Meets(c.a) != c.meet {
			t.Errorf("%v meets %v: want %v", c.a, c.b, c.meet)
		}
	}
	if s := (civil.Span{From: "2021-01-01", To: "2021-06-30"}); !s.Has("2021-06-30") || s.Has("2021-07-01") || s.Has("2020-12-31") {
		t.Error("both ends belong to a span")
	}
}

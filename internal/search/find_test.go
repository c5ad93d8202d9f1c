package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/search"

	"github.com/google/go-cmp/cmp"
)

// pages reads all pages of a query, newest first, and checks that each is full but the last.
func pages(t *testing.T, x *search.Index, q search.Query) (all []search.Hit, first search.Found) {
	t.Helper()
	for n := 0; ; n++ {
		got, err := x.Find(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			first = got
		}
		if diff := cmp.Diff(first.Count, got.Count); diff != "" {
			t.Errorf("the counts of page %d differ: %s", n, diff)
		}
		all = append(all, got.Hits...)
		if got.Next == "" {
			return all, first
		}
		if len(got.Hits) != q.Limit {
			t.Fatalf("page %d has %d hits", n, len(got.Hits))
		}
		q.After = got.Next
	}
}

// Some hundred documents of three kinds, four units and all audiences, most words in many of them: every filter gives, newest first and page by page,
// what reading all of them gives.
func TestFiltersAndPages(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		kinds, units := []string{"task", "disclosure", "vote"}, []string{"u1", "u2", "u3", "Đơn vị 4"}
		audiences := []string{search.Public, search.Public, search.Unit, search.Posts}
		var docs []search.Doc
		for i := range 600 {
			doc := search.Doc{
				Kind: kinds[i%3], ID: fmt.Sprint(i), Unit: units[i/3%4], Audience: audiences[i/12%4], Title: "Thông báo", Text: fmt.Sprintf("lần %d", i/7), Path: "/x",
				Day: civil.Date("2019-06-01").Add(i * 7 % 900),
			}
			if i%50 == 0 {
				doc.Day = ""
			}
			if doc.Audience == search.Posts {
				doc.Posts = []access.PostKind{access.Head}
			}
			docs = append(docs, doc)
		}
		put(t, d, docs...)
		x := search.New(d)
		head := access.Actor{ID: "1", Posts: []access.Post{{Kind: access.Head, Unit: "u2"}}}
		officer := access.Actor{ID: "2", Posts: []access.Post{{Kind: access.Officer, Unit: "Đơn vị 4"}, {Kind: access.Officer, Unit: "u1"}}}
		for name, q := range map[string]search.Query{
			"all":                {},
			"a kind":             {Kinds: []string{"vote"}},
			"two kinds":          {Kinds: []string{"vote", "task"}},
			"a kind of nobody":   {Kinds: []string{"nothing"}},
			"a unit":             {Units: []string{"Đơn vị 4"}},
			"a subtree":          {Units: []string{"u1", "u3", "u9"}},
			"from a day":         {From: "2021-01-01"},
			"until a day":        {Until: "2019-07-15"},
			"days":               {From: "2020-02-10", Until: "2020-03-20"},
			"no days":            {From: "2030-01-01"},
			"before all":         {Until: "1900-01-01"},
			"a head":             {Actor: head},
			"an officer":         {Actor: officer},
			"all at once":        {Actor: officer, Kinds: []string{"disclosure"}, Units: []string{"u1", "u2"}, From: "2019-07-01", Until: "2021-01-01"},
			"a head and a place": {Actor: head, Units: []string{"u1"}},
		} {
			t.Run(name, func(t *testing.T) {
				q.Text, q.Limit = "thong bao", 7
				var want []search.Doc
				count := map[string]int{}
				for _, doc := range docs {
					switch {
					case len(q.Kinds) > 0 && !slices.Contains(q.Kinds, doc.Kind), len(q.Units) > 0 && !slices.Contains(q.Units, doc.Unit),
						q.From != "" && doc.Day < q.From, q.Until != "" && (doc.Day > q.Until || doc.Day == ""),
						doc.Audience == search.Unit && !q.Actor.Holds(doc.Unit), doc.Audience == search.Posts && !q.Actor.Holds(doc.Unit, access.Head):
						continue
					}
					want = append(want, doc)
					count[doc.Kind]++
				}
				got, first := pages(t, x, q)
				if diff := cmp.Diff(count, first.Count); diff != "" {
					t.Error(diff)
				}
				var gotIDs, wantIDs []string
				for i, h := range got {
					gotIDs = append(gotIDs, h.ID)
					if i > 0 && h.Day > got[i-1].Day {
						t.Errorf("%s after %s", h.Day, got[i-1].Day)
					}
				}
				for _, doc := range want {
					wantIDs = append(wantIDs, doc.ID)
				}
				slices.Sort(gotIDs)
				slices.Sort(wantIDs)
				if diff := cmp.Diff(wantIDs, gotIDs); diff != "" {
					t.Errorf("each once: %s", diff)
				}
			})
		}
	})
}

// More matches than are counted: all can still be paged through, on PostgreSQL by months.
func TestMoreThanIsCounted(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		n := search.Most + 300
		var docs []search.Doc
		for i := range n {
			doc := search.Doc{Kind: []string{"x", "y"}[i/(search.Most+100)], ID: fmt.Sprint(i), Audience: search.Public, Title: "thông báo", Day: civil.Date("2011-01-01").Add(i * 3)}
			if i < 30 {
				doc.Day = ""
			}
			docs = append(docs, doc)
		}
		put(t, d, docs...)
		got, first := pages(t, search.New(d), search.Query{Text: "thong bao", Limit: 100})
		if len(got) != n || first.Count["x"] != search.Most+1 || first.Count["y"] != 200 || first.Total() != search.Most+1 {
			t.Errorf("%d of %d, counted %v", len(got), n, first.Count)
		}
		for i, h := range got {
			if i > 0 && h.Day > got[i-1].Day {
				t.Fatalf("%s after %s", h.Day, got[i-1].Day)
			}
		}
		best, err := search.New(d).Find(t.Context(), search.Query{Text: "thong bao", Order: search.Best, Limit: 3})
		if err != nil || len(best.Hits) != 3 || best.Hits[0].ID != fmt.Sprint(n-1) {
			t.Errorf("%s, %v", ids(best.Hits), err)
		}
		ranked, q := 0, search.Query{Text: "thong bao", Order: search.Best, Limit: 30}
		for {
			found, err := search.New(d).Find(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			ranked += len(found.Hits)
			if q.After = found.Next; q.After == "" {
				break
			}
		}
		if ranked != search.Ranked {
			t.Errorf("%d can be paged through by rank", ranked)
		}
	})
}

func TestTheLastWordMayGoOn(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d,
			search.Doc{Kind: "x", ID: "hoa", Audience: search.Public, Title: "Hoa ban", Day: "2021-01-01"},
			search.Doc{Kind: "x", ID: "hoach", Audience: search.Public, Title: "Kế hoạch", Day: "2021-02-01"},
			search.Doc{Kind: "x", ID: "hoach2", Audience: search.Public, Title: "Kế hoạch", Day: "2021-03-01"},
		)
		x := search.New(d)
		for q, want := range map[string]string{"hoa": "hoa", "hoac": "hoach2 hoach", "ke ho": "hoach2 hoach", "h": ""} {
			got, _ := pages(t, x, search.Query{Text: q, Limit: 1})
			if ids(got) != want {
				t.Errorf("%q: %q, want %q", q, ids(got), want)
			}
		}
	})
}

func TestPagesThatAreNone(t *testing.T) {
	t.Parallel()
	x := search.New(dbtest.New(t))
	for _, after := range []string{"n", "x1", "n-1", "b-1", "b99999999", "n' OR 1=1"} {
		_, err := x.Find(t.Context(), search.Query{Text: "a", After: after})
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("%q: %v", after, err)
		}
	}
}

// A record that changes its day, its audience or its text is found as it is now, once.
func TestPutElsewhere(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := search.New(d)
		doc := search.Doc{Kind: "x", ID: "1", Unit: "u", Audience: search.Public, Title: "lúa nước", Day: "2021-01-01"}
		put(t, d, doc)
		doc.Day = "2020-01-01"
		put(t, d, doc)
		got, first := pages(t, x, search.Query{Text: "lua", Limit: 5})
		if len(got) != 1 || got[0].Day != "2020-01-01" || first.Count["x"] != 1 {
			t.Errorf("%v, %v", got, first.Count)
		}
		doc.Audience = search.Unit
		put(t, d, doc)
		if got, _ := pages(t, x, search.Query{Text: "lua", Limit: 5}); len(got) != 0 {
			t.Error("the public finds what has become the unit's own")
		}
		doc.Unit = "v"
		put(t, d, doc)
		for unit, n := range map[string]int{"u": 0, "v": 1} {
			a := access.Actor{ID: "1", Posts: []access.Post{{Kind: access.Officer, Unit: unit}}}
			if got, _ := pages(t, x, search.Query{Text: "lua", Limit: 5, Actor: a}); len(got) != n {
				t.Errorf("unit %s finds %d", unit, len(got))
			}
		}
	})
}

// The marks of the index cannot be looked for.
func TestMarksAreNoWords(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, search.Doc{Kind: "x", ID: "1", Unit: "u1", Audience: search.Unit, Title: "lúa"}, search.Doc{Kind: "x", ID: "2", Unit: "u1", Audience: search.Public, Title: "ngô"})
		for _, q := range []string{"~uu1", "~su1", "~a", "~k1", "uu1", "~m0"} {
			got, err := search.New(d).Find(t.Context(), search.Query{Text: q})
			if err != nil || len(got.Hits) != 0 {
				t.Errorf("%s: %s, %v", q, ids(got.Hits), err)
			}
		}
	})
}

// long is a text with a word near its end, beyond what is shown.
func long() string { return strings.Repeat("công khai tài chính ", 3000) + " hồ chứa" }

func TestLongAndBadTexts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		var many strings.Builder
		for i := range 400_000 {
			fmt.Fprintf(&many, "%d ", 1_000_000+i)
		}
		put(t, d,
			search.Doc{Kind: "x", ID: "long", Audience: search.Public, Title: "Dự toán", Text: long()},
			search.Doc{Kind: "x", ID: "bad", Audience: search.Public, Title: "Bảng\x00 kê", Text: "mưa \xff\xfe lũ"},
			search.Doc{Kind: "x", ID: "numbers", Audience: search.Public, Title: "Bảng số", Text: many.String()},
		)
		x := search.New(d)
		for q, want := range map[string]string{"hồ chứa": "long", "mua lu": "bad", "bang ke": "bad", "1000001": "numbers"} {
			got, err := x.Find(t.Context(), search.Query{Text: q})
			if err != nil || ids(got.Hits) != want {
				t.Errorf("%q: %q, %v", q, ids(got.Hits), err)
			}
		}
		put(t, d, search.Doc{Kind: "x", ID: "long", Audience: search.Public, Title: "Dự toán", Text: "ngắn"})
		if got, err := x.Find(t.Context(), search.Query{Text: "ho chua"}); err != nil || len(got.Hits) != 0 {
			t.Errorf("the end of a text that is short now is found: %v", err)
		}
	})
}

package search_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/i18n"
	"dinh/internal/search"

	"github.com/google/go-cmp/cmp"
)

func put(t *testing.T, d *db.DB, docs ...search.Doc) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		for _, doc := range docs {
			if err := search.PutTx(t.Context(), tx, doc); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func ids(hits []search.Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.ID)
	}
	return strings.Join(out, " ")
}

func TestFind(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		doc := func(id, day, title, text string) search.Doc {
			return search.Doc{Kind: search.KindTask, ID: id, Unit: "u", Audience: search.Public, Title: title, Text: text, Path: "/" + id, Day: civil.Date(day)}
		}
		put(t, d,
			doc("1.2", "2021-03-12", "Xây dựng kế hoạch thực hiện Quy chế dân chủ ở cơ sở", "Ủy ban nhân dân cấp xã ban hành trước ngày 25/3/2021 theo 648/KH-UBND"),
			doc("ma", "2021-03-01", "Ma chay, cưới hỏi", ""),
			doc("má", "2021-02-01", "Chăm sóc ba má", ""),
			doc("mà", "2021-04-01", "Làm mà không họp", ""),
			doc("old", "2020-01-01", "Đại hội", "Đại hội công đoàn"),
			doc("new", "2021-01-01", "Đại hội", "Đại hội đại biểu"),
			doc("none", "", "Không ngày tháng", "quyết định"),
		)
		x := search.New(d)
		for _, tt := range []struct{ q, want string }{
			{"quy che dan chu", "1.2"},
			{"QUY CHẾ DÂN CHỦ", "1.2"},
			{"quyết", "none"},
			{"quyet", "none"},
			{"648/KH", "1.2"},
			{"kh-ubnd 648", "1.2"},
			{"dai hoi", "new old"},
			{"đại biểu", "new"},
			{"ke hoa", "1.2"}, // the last word is a beginning
			{"hoa ke", ""},    // an inner word is whole
			{"má", "má ma mà"},
			{"ma", "ma mà má"},
			{"", ""},
			{"' OR 1=1 --", ""},
			{`"*:)(`, ""},
			{"quyết' & !!", "none"},
		} {
			got, err := x.Find(t.Context(), search.Query{Text: tt.q, Order: search.Best})
			if err != nil {
				t.Errorf("%q: %v", tt.q, err)
			} else if ids(got.Hits) != tt.want {
				t.Errorf("%q: %q, want %q", tt.q, ids(got.Hits), tt.want)
			}
		}
	})
}

func TestAudience(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d,
			search.Doc{Kind: "x", ID: "public", Unit: "a", Audience: search.Public, Title: "hồ sơ"},
			search.Doc{Kind: "x", ID: "staff", Unit: "a", Audience: search.Unit, Title: "hồ sơ"},
			search.Doc{Kind: "x", ID: "heads", Unit: "a", Audience: search.Posts, Posts: []access.PostKind{access.Head, access.Focal}, Title: "hồ sơ"},
		)
		x := search.New(d)
		at := func(unit string, kinds ...access.PostKind) access.Actor {
			a := access.Actor{ID: "1"}
			for _, k := range kinds {
				a.Posts = append(a.Posts, access.Post{Kind: k, Unit: unit})
			}
			return a
		}
		for name, tt := range map[string]struct {
			reader access.Actor
			want   int
		}{
			"nobody":        {access.Actor{}, 1},
			"another unit":  {at("b", access.Head), 1},
			"officer":       {at("a", access.Officer), 2},
			"head":          {at("a", access.Head), 3},
			"both posts":    {at("a", access.Officer, access.Focal), 3},
			"quoted":        {at("a' OR '1'='1", access.Head), 1},
			"without posts": {access.Actor{ID: "1"}, 1},
		} {
			got, err := x.Find(t.Context(), search.Query{Text: "ho so", Actor: tt.reader})
			if err != nil || len(got.Hits) != tt.want {
				t.Errorf("%s: %s, %v", name, ids(got.Hits), err)
			}
		}
	})
}

func TestPutAgainAndDelete(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		x := search.New(d)
		find := func(q string) string {
			got, err := x.Find(t.Context(), search.Query{Text: q})
			if err != nil {
				t.Fatal(err)
			}
			return ids(got.Hits)
		}
		put(t, d, search.Doc{Kind: "x", ID: "1", Audience: search.Public, Title: "lúa nước", Day: "2021-01-01"})
		put(t, d, search.Doc{Kind: "x", ID: "1", Audience: search.Public, Title: "ngô lai", Day: "2021-02-01"})
		if find("lua") != "" || find("ngo") != "1" {
			t.Errorf("after a change: %q %q", find("lua"), find("ngo"))
		}
		boom := fmt.Errorf("boom")
		if err := d.Write(t.Context(), func(tx *db.Tx) error {
			if err := search.DeleteTx(t.Context(), tx, "x", "1"); err != nil {
				return err
			}
			return boom
		}); err == nil {
			t.Fatal("no error")
		}
		if find("ngo") != "1" {
			t.Error("a rolled back deletion took the words with it")
		}
		if err := d.Write(t.Context(), func(tx *db.Tx) error { return search.DeleteTx(t.Context(), tx, "x", "1") }); err != nil {
			t.Fatal(err)
		}
		if find("ngo") != "" {
			t.Error("deleted and still found")
		}
	})
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("đầu ", 60) + "Quy chế dân chủ ở cơ sở " + strings.Repeat("cuối ", 60)
	parts := search.Parse("che dan").Excerpt(text)
	var all, marked []string
	for _, p := range parts {
		all = append(all, p.Text)
		if p.Marked {
			marked = append(marked, p.Text)
		}
	}
	if diff := cmp.Diff([]string{"chế", "dân"}, marked); diff != "" {
		t.Error(diff)
	}
	if s := strings.Join(all, ""); !strings.Contains(s, "Quy chế dân chủ ở cơ sở") || len([]rune(s)) > 300 || !strings.HasPrefix(s, "… ") || !strings.HasSuffix(s, " …") {
		t.Errorf("excerpt %q", s)
	}
	if search.Parse("khong thay").Excerpt(text) != nil {
		t.Error("an excerpt without the words")
	}
}

func FuzzExcerpt(f *testing.F) {
	f.Add("Đại hội", "dai")
	f.Add("ế", "e")
	f.Fuzz(func(t *testing.T, text, q string) {
		terms := search.Parse(q)
		var b strings.Builder
		for _, p := range terms.Excerpt(text) {
			b.WriteString(p.Text)
		}
		got := strings.TrimSuffix(strings.TrimPrefix(b.String(), "… "), " …")
		if b.Len() > 0 && !strings.Contains(text, got) {
			t.Errorf("%q is not in %q", got, text)
		}
		terms.Match(search.FoldWords(text))
	})
}

type fixed []search.Hit

func (fixed) Kinds() []string { return []string{"memory"} }
func (f fixed) Find(context.Context, search.Query, search.Terms, int) ([]search.Hit, map[string]int, error) {
	return f, map[string]int{"memory": len(f)}, nil
}

func TestSourcesAndKinds(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	put(t, d, search.Doc{Kind: "x", ID: "stored", Audience: search.Public, Title: "họp", TitleEN: "Village meeting"})
	x := search.New(d, fixed{{Kind: "memory", ID: "kept", Title: "họp"}})
	all, err := x.Find(t.Context(), search.Query{Text: "hop", Lang: i18n.VI})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"x": 1, "memory": 1}, all.Count); diff != "" {
		t.Error(diff)
	}
	if ids(all.Known) != "kept" || ids(all.Hits) != "stored" {
		t.Errorf("from memory %s, stored %s", ids(all.Known), ids(all.Hits))
	}
	one, err := x.Find(t.Context(), search.Query{Text: "hop", Kinds: []string{"x"}})
	if err != nil || ids(one.Hits) != "stored" || len(one.Known) != 0 {
		t.Errorf("%s, %s, %v", ids(one.Hits), ids(one.Known), err)
	}
	memory, err := x.Find(t.Context(), search.Query{Text: "hop", Kinds: []string{"memory"}})
	if err != nil || ids(memory.Hits) != "kept" {
		t.Errorf("%s, %v", ids(memory.Hits), err)
	}
	best, err := x.Find(t.Context(), search.Query{Text: "hop", Order: search.Best})
	if err != nil || len(best.Hits) != 2 {
		t.Errorf("%s, %v", ids(best.Hits), err)
	}
}

func TestEnglishTitle(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		put(t, d, search.Doc{Kind: "x", ID: "1", Audience: search.Public, Title: "Họp thôn", TitleEN: "Village meeting"})
		for _, q := range []search.Query{{Text: "village", Lang: i18n.EN}, {Text: "hop thon", Lang: i18n.EN}, {Text: "meeting", Lang: i18n.VI}} {
			got, err := search.New(d).Find(t.Context(), q)
			if err != nil || len(got.Hits) != 1 {
				t.Fatalf("%q: %v, %v", q.Text, got.Hits, err)
			}
			if want := map[i18n.Lang]string{i18n.EN: "Village meeting", i18n.VI: "Họp thôn"}[q.Lang]; got.Hits[0].Title != want || got.Hits[0].Lang != q.Lang {
				t.Errorf("%s: %q in %s", q.Lang, got.Hits[0].Title, got.Hits[0].Lang)
			}
		}
	})
}

package search_test

import (
	"context"
	"fmt"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/search"
)

func exec(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRebuild(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		docs := []search.Doc{{Kind: "x", ID: "long", Audience: search.Public, Title: "Dự toán", Text: long(), Day: "2021-01-01"}}
		for i := range 2100 { // more than a batch
			docs = append(docs, search.Doc{Kind: "y", ID: fmt.Sprint(i), Unit: "u", Audience: search.Posts, Posts: []access.PostKind{access.Head, access.Focal}, Title: fmt.Sprintf("Việc %d", i), Day: civil.Date("2021-01-01").Add(i % 9)})
		}
		put(t, d, docs...)
		if d.Dialect() == db.SQLite {
			exec(t, d, `INSERT INTO search_words(search_words) VALUES('delete-all')`)
		} else {
			exec(t, d, `UPDATE search_doc SET words=''`)
		}
		x := search.New(d)
		head := access.Actor{ID: "1", Posts: []access.Post{{Kind: access.Focal, Unit: "u"}}}
		if got, _ := pages(t, x, search.Query{Text: "viec", Actor: head, Limit: 50}); len(got) != 0 {
			t.Fatalf("%d found without words", len(got))
		}
		for range 2 { // a second time changes nothing
			done := 0
			if err := search.Rebuild(t.Context(), d, func(n int) { done = n }); err != nil {
				t.Fatal(err)
			}
			if got, _ := pages(t, x, search.Query{Text: "viec", Actor: head, Limit: 200}); len(got) != 2100 || done != len(docs) {
				t.Errorf("%d found after %d were made again", len(got), done)
			}
			if got, _ := pages(t, x, search.Query{Text: "ho chua", Limit: 50}); ids(got) != "long" {
				t.Errorf("the end of a long text: %q", ids(got))
			}
			if got, _ := pages(t, x, search.Query{Text: "viec 7", Limit: 50}); len(got) != 0 {
				t.Error("the public finds what is for heads")
			}
		}
	})
}

// What an older program has stored waits in search_old: it is put once, and what is newer stays.
func TestReadyLosesNothing(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for i := range 1100 {
			exec(t, d, `INSERT INTO search_old(id,kind,doc_id,unit_id,audience,posts,title,path,day) VALUES($1,'x',$2,'u','posts',',head,',$3,'/p','2021-03-01')`, 1000-i, fmt.Sprint(i), fmt.Sprintf("Cũ %d", i))
		}
		put(t, d, search.Doc{Kind: "x", ID: "5", Audience: search.Public, Title: "Mới"})
		// Once in the middle: what was put before an interruption is not lost.
		exec(t, d, `DELETE FROM search_old WHERE doc_id='5'`)
		exec(t, d, `INSERT INTO search_old(id,kind,doc_id,unit_id,audience,posts,title,path,day) VALUES(5000,'x','5','u','posts',',head,','Cũ 5','/p','2021-03-01')`)
		for range 2 {
			if err := search.Ready(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
		head := access.Actor{ID: "1", Posts: []access.Post{{Kind: access.Head, Unit: "u"}}}
		got, _ := pages(t, search.New(d), search.Query{Text: "cu", Actor: head, Limit: 200})
		if len(got) != 1099 {
			t.Errorf("%d of 1099", len(got))
		}
		if got, _ := pages(t, search.New(d), search.Query{Text: "moi", Limit: 5}); ids(got) != "5" {
			t.Errorf("what was newer: %q", ids(got))
		}
	})
}

func TestLoadHasLongTexts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		exec(t, d, `INSERT INTO search_rest(kind,doc_id,body) VALUES('x','1','hồ chứa')`)
		err := d.Write(t.Context(), func(tx *db.Tx) error {
			return search.LoadTx(context.Background(), tx, map[string]any{"kind": "x", "doc_id": "1", "audience": "public", "title": "a", "body": long()[:19998], "path": "/", "day": "2021-01-01", "id": int64(7)})
		})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := pages(t, search.New(d), search.Query{Text: "ho chua", Limit: 5}); ids(got) != "1" {
			t.Errorf("%q", ids(got))
		}
	})
}

package search

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
)

// Who a document is for.
const (
	Public = "public" // everybody
	Unit   = "unit"   // those who hold a post at the document's unit
	Posts  = "posts"  // those who hold one of Doc.Posts at the document's unit
)

// Doc is a record that can be found.
type Doc struct {
	Kind     string // of the room: "task", "disclosure"
	ID       string
	Unit     string
	Audience string // Public, Unit or Posts
	Posts    []access.PostKind
	Title    string // as written, in Vietnamese
	TitleEN  string // "" where there is none
	Text     string // what else can be found in it; the first 20,000 characters count
	Path     string // without /en
	Day      civil.Date
}

const maxText = 20_000

// PutTx makes a record findable, or findable as it is now, in the transaction that changes the record.
func PutTx(ctx context.Context, tx *db.Tx, d Doc) error {
	if d.Audience != Public && d.Audience != Unit && d.Audience != Posts {
		return fmt.Errorf("search: %s %s: no audience %q", d.Kind, d.ID, d.Audience)
	}
	if err := DeleteTx(ctx, tx, d.Kind, d.ID); err != nil {
		return err
	}
	d.Title, d.Text = i18n.NFC(d.Title), cut(i18n.NFC(d.Text), maxText)
	words := distinct(d.Title + " " + d.TitleEN + " " + d.Text)
	posts := ""
	for _, p := range d.Posts {
		posts += "," + string(p)
	}
	if posts != "" {
		posts += ","
	}
	for salt := range 100 {
		id := rowID(d, salt)
		args := []any{id, d.Kind, d.ID, d.Unit, d.Audience, posts, d.Title, d.TitleEN, d.Text, d.Path, string(d.Day)}
		cols, vals := "id,kind,doc_id,unit_id,audience,posts,title,title_en,body,path,day", "$1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11"
		if tx.Dialect() == db.Postgres {
			cols, vals = cols+",words", vals+",array_to_tsvector(string_to_array($12,' '))"
			args = append(args, words)
		}
		res, err := tx.Exec(ctx, `INSERT INTO search_doc(`+cols+`) VALUES(`+vals+`) ON CONFLICT(id) DO NOTHING`, args...)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return err
			}
			continue // another document of the day has the number
		}
		if tx.Dialect() == db.SQLite {
			_, err = tx.Exec(ctx, `INSERT INTO search_words(rowid,words) VALUES($1,$2)`, id, words)
		}
		return err
	}
	return errors.New("search: no free number")
}

// DeleteTx makes a record unfindable; one that was not there is no error.
func DeleteTx(ctx context.Context, tx *db.Tx, kind, id string) error {
	if tx.Dialect() == db.SQLite {
		if _, err := tx.Exec(ctx, `DELETE FROM search_words WHERE rowid IN (SELECT id FROM search_doc WHERE kind=$1 AND doc_id=$2)`, kind, id); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `DELETE FROM search_doc WHERE kind=$1 AND doc_id=$2`, kind, id)
	return err
}

// rowID is a number that grows with the day: 17 bits of days and 40 of the record's name.
func rowID(d Doc, salt int) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(d.Kind + "\x00" + d.ID + "\x00" + strconv.Itoa(salt)))
	days := int64(0)
	if !d.Day.IsZero() {
		days = int64(max(0, d.Day.Sub("1850-01-01")))
	}
	return days<<40 | int64(h.Sum64()>>24)
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// distinct are the folded words of a text, each once: the index keeps no positions.
func distinct(s string) string {
	words := strings.Fields(FoldWords(s))
	words = slices.DeleteFunc(words, func(w string) bool { return len(w) > 64 })
	slices.Sort(words)
	return strings.Join(slices.Compact(words), " ")
}

// Index is the stored documents together with sources in memory. It is safe for concurrent use.
type Index struct {
	d       *db.DB
	sources []Source
}

// New makes an index.
func New(d *db.DB, sources ...Source) *Index { return &Index{d: d, sources: sources} }

// Found is the answer to a query.
type Found struct {
	Hits  []Hit
	Count map[string]int // by kind, at most Most for each
	More  bool           // there is more than was looked at
}

// Find gives the best hits first. It looks at the newest Most documents that have the words and at all that is in memory, and ranks these.
func (x *Index) Find(ctx context.Context, q Query) (Found, error) {
	out := Found{Count: map[string]int{}}
	t := Parse(q.Text)
	if t.Empty() {
		return out, nil
	}
	var hits []Hit
	for _, s := range x.sources {
		if len(q.Kinds) > 0 && !slices.ContainsFunc(s.Kinds(), func(k string) bool { return slices.Contains(q.Kinds, k) }) {
			continue
		}
		found, err := s.Find(ctx, q, t, Most+1)
		if err != nil {
			return out, err
		}
		out.More = out.More || len(found) > Most
		hits = append(hits, found[:min(len(found), Most)]...)
	}
	stored, err := x.stored(ctx, q, t)
	if err != nil {
		return out, err
	}
	out.More = out.More || len(stored) > Most
	hits = append(hits, stored[:min(len(stored), Most)]...)
	if len(q.Kinds) > 0 {
		hits = slices.DeleteFunc(hits, func(h Hit) bool { return !slices.Contains(q.Kinds, h.Kind) })
	}
	for _, h := range hits {
		out.Count[h.Kind]++
	}
	Rank(hits)
	limit := q.Limit
	if limit <= 0 {
		limit = 20
	}
	out.Hits = hits[:min(len(hits), limit)]
	return out, nil
}

// stored are the newest documents that have the words and that the reader may see.
func (x *Index) stored(ctx context.Context, q Query, t Terms) ([]Hit, error) {
	var from, match, order string
	args := []any{}
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	terms := make([]string, len(t.Words))
	for i, w := range t.Words {
		last := t.prefix && i == len(t.Words)-1
		if x.d.Dialect() == db.Postgres {
			terms[i] = "'" + w + "'"
			if last {
				terms[i] += ":*"
			}
		} else {
			terms[i] = `"` + w + `"`
			if last {
				terms[i] += "*"
			}
		}
	}
	if x.d.Dialect() == db.Postgres {
		from, match, order = "search_doc d", "d.words @@ "+arg(strings.Join(terms, " & "))+"::tsquery", "d.id"
	} else {
		// CROSS JOIN keeps the order: the words first, walked from the newest backwards.
		from, match, order = "search_words w CROSS JOIN search_doc d ON d.id=w.rowid", "search_words MATCH "+arg(strings.Join(terms, " AND ")), "w.rowid"
	}
	where := match + " AND " + audience(q.Actor, arg)
	if len(q.Kinds) > 0 {
		n := len(args) + 1
		for _, k := range q.Kinds {
			arg(k)
		}
		where += " AND d.kind IN " + db.In(len(q.Kinds), n)
	}
	rows, err := x.d.Query(ctx, `SELECT d.kind,d.doc_id,d.unit_id,d.title,d.title_en,d.body,d.path,d.day FROM `+from+` WHERE `+where+` ORDER BY `+order+` DESC LIMIT `+strconv.Itoa(Most+1), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Hit
	for rows.Next() {
		h := Hit{Lang: i18n.VI}
		var body, english string
		if err := rows.Scan(&h.Kind, &h.ID, &h.Unit, &h.Title, &english, &body, &h.Path, &h.Day); err != nil {
			return nil, err
		}
		h.score = t.Score(h.Title, body)
		if english != "" {
			h.score = max(h.score, t.Score(english, body))
			if q.Lang == i18n.EN {
				h.Title, h.Lang = english, i18n.EN
			}
		}
		h.Parts = t.Excerpt(body)
		out = append(out, h)
	}
	return out, rows.Err()
}

// audience is the condition under which the reader may see a document.
func audience(a access.Actor, arg func(any) string) string {
	cond := "d.audience='public'"
	if len(a.Posts) == 0 {
		return cond
	}
	units := a.Units()
	list := make([]string, len(units))
	for i, u := range units {
		list[i] = arg(u)
	}
	cond += " OR d.audience='unit' AND d.unit_id IN (" + strings.Join(list, ",") + ")"
	for _, p := range a.Posts {
		cond += " OR d.audience='posts' AND d.unit_id=" + arg(p.Unit) + " AND d.posts LIKE " + arg("%,"+string(p.Kind)+",%")
	}
	return "(" + cond + ")"
}

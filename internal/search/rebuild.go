package search

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"dinh/internal/civil"
	"dinh/internal/db"
)

// A batch is one transaction: others get their turn in between.
const (
	batchRows  = 2_000
	batchBytes = 8 << 20
)

// LoadTx makes a record of a backup findable again; row are the columns of search_doc, of this program or an older one. The rest of a long text must be
// there already.
func LoadTx(ctx context.Context, tx *db.Tx, row map[string]any) error {
	text := func(column string) string {
		s, _ := row[column].(string)
		return s
	}
	d := Doc{
		Kind: text("kind"), ID: text("doc_id"), Unit: text("unit_id"), Audience: text("audience"), Posts: splitPosts(text("posts")), Title: text("title"),
		TitleEN: text("title_en"), Text: text("body"), Path: text("path"), Day: civil.Date(text("day")),
	}
	rest, err := restOf(ctx, tx, d.Kind, d.ID)
	if err != nil {
		return err
	}
	d.Text += rest
	return PutTx(ctx, tx, d)
}

func restOf(ctx context.Context, q db.Querier, kind, id string) (string, error) {
	var rest string
	err := q.QueryRow(ctx, `SELECT body FROM search_rest WHERE kind=$1 AND doc_id=$2`, kind, id).Scan(&rest)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return rest, err
}

// ImportTx stores many new records at once, without their words: they are found after Rebuild.
func ImportTx(ctx context.Context, tx *db.Tx, docs []Doc) error {
	next := map[int64]int64{}
	cols := strings.Count(columns, ",") + 2
	const rows = 200
	args := make([]any, 0, rows*cols)
	flush := func() error {
		if len(args) == 0 {
			return nil
		}
		list := make([]string, 0, rows)
		for i := 0; i < len(args); i += cols {
			list = append(list, db.In(cols, i+1))
		}
		_, err := tx.Exec(ctx, `INSERT INTO search_doc(`+columns+`,id) VALUES `+strings.Join(list, ","), args...)
		args = args[:0]
		return err
	}
	for _, d := range docs {
		lo, d, err := prepare(ctx, tx, d)
		if err != nil {
			return err
		}
		id, ok := next[lo]
		if !ok {
			if id, err = nextID(ctx, tx, lo); err != nil {
				return err
			}
		}
		if id>>seqBits != lo>>seqBits {
			return errFull
		}
		next[lo] = id + 1
		shown := cut(d.Text, maxShown)
		if rest := d.Text[len(shown):]; rest != "" {
			if _, err := tx.Exec(ctx, `INSERT INTO search_rest(kind,doc_id,body) VALUES($1,$2,$3)`, d.Kind, d.ID, rest); err != nil {
				return err
			}
		}
		args = append(args, d.Kind, d.ID, d.Unit, d.Audience, joinPosts(d.Posts), d.Title, d.TitleEN, shown, d.Path, string(d.Day), id)
		if len(args) == rows*cols {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// Ready puts again what an older program has made findable and a migration has laid aside, some at a time, and takes it away only when it is put. What
// has been put anew meanwhile stays as it is. Where nothing is laid aside it costs one query.
func Ready(ctx context.Context, d *db.DB) error {
	for {
		n := 0
		err := d.Write(ctx, func(tx *db.Tx) error {
			docs, err := read(ctx, tx, `SELECT id,`+columns+` FROM search_old ORDER BY id LIMIT 500`)
			if err != nil {
				return err
			}
			n = len(docs)
			for _, o := range docs {
				var there int
				if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM search_doc WHERE kind=$1 AND doc_id=$2`, o.Kind, o.ID).Scan(&there); err != nil {
					return err
				}
				if there == 0 {
					if err := PutTx(ctx, tx, o.Doc); err != nil {
						return err
					}
				}
				if _, err := tx.Exec(ctx, `DELETE FROM search_old WHERE id=$1`, o.id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// Rebuild makes the words of all documents again from their texts, some at a time, beside running readers and writers. A document is never without its
// words; one that is interrupted begins anew. progress, which may be nil, hears how many are done.
func Rebuild(ctx context.Context, d *db.DB, progress func(done int)) error {
	if err := Ready(ctx, d); err != nil {
		return err
	}
	from, done := int64(-1), 0
	for {
		last, n := from, 0
		err := d.Write(ctx, func(tx *db.Tx) error {
			docs, err := read(ctx, tx, `SELECT id,`+columns+` FROM search_doc WHERE id>$1 ORDER BY id LIMIT `+strconv.Itoa(batchRows), from)
			if err != nil {
				return err
			}
			last, n = from, len(docs)
			if n > 0 {
				last = docs[n-1].id
			}
			return remake(ctx, tx, docs)
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		from, done = last, done+n
		if progress != nil {
			progress(done)
		}
	}
}

type stored struct {
	Doc
	id int64
}

// read reads documents, at least one where there is one, until they are large.
func read(ctx context.Context, q db.Querier, query string, args ...any) ([]stored, error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []stored
	for size := 0; size < batchBytes && rows.Next(); {
		var s stored
		var posts string
		if err := rows.Scan(&s.id, &s.Kind, &s.ID, &s.Unit, &s.Audience, &posts, &s.Title, &s.TitleEN, &s.Text, &s.Path, &s.Day); err != nil {
			return nil, err
		}
		s.Posts = splitPosts(posts)
		size += len(s.Text)
		out = append(out, s)
	}
	return out, rows.Err()
}

func remake(ctx context.Context, tx *db.Tx, docs []stored) error {
	if len(docs) == 0 {
		return nil
	}
	var ids []int64
	var words []string
	for _, o := range docs {
		if len(o.Text) > maxShown-utf8.UTFMax { // there may be more
			rest, err := restOf(ctx, tx, o.Kind, o.ID)
			if err != nil {
				return err
			}
			o.Text += rest
		}
		w := strings.Join(append(distinct(o.Title, o.TitleEN, o.Text), marks(tx.Dialect(), o.Doc, partOf(o.id)&(inner-1))...), " ")
		if tx.Dialect() == db.SQLite {
			if err := putWords(ctx, tx, o.id, w, true); err != nil {
				return err
			}
			continue
		}
		ids, words = append(ids, o.id), append(words, w)
	}
	if tx.Dialect() == db.SQLite {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE search_doc d SET words=array_to_tsvector(string_to_array(v.words,' ')) FROM unnest($1::bigint[],$2::text[]) v(id,words) WHERE d.id=v.id`, ids, words)
	return err
}

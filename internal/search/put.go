package search

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
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
	Kind     string // of the room: "task", "disclosure"; at most 60 kinds in all
	ID       string
	Unit     string
	Audience string // Public, Unit or Posts
	Posts    []access.PostKind
	Title    string // as written, in Vietnamese
	TitleEN  string // "" where there is none
	Text     string // what else can be found in it: the first 2,000,000 characters count, the first 20,000 bytes are shown
	Path     string // without /en
	Day      civil.Date
}

const (
	maxShown = 20_000    // bytes of a text from which excerpts are taken
	maxText  = 2_000_000 // characters of a text that can be found
)

// A document's number is audience (1 bit), kind (6), day (17) and a number of the day (24). Numbers of one audience and kind are a range of the index,
// which is walked from its newest end and left when there is enough, however few of the other matches the reader may see.
const (
	seqBits  = 24
	ordBits  = 17 + seqBits // day and number: the order in time
	kindBits = 6
	inner    = 1 << kindBits // part of those documents that are not public
	maxKind  = 60
)

const epoch civil.Date = "1850-01-01" // day 0 is also "without a day"

func dayNumber(d civil.Date) int64 {
	if d.IsZero() {
		return 0
	}
	return int64(min(max(1, d.Sub(epoch)), 1<<17-1))
}

func ordOf(id int64) int64  { return id & (1<<ordBits - 1) }
func partOf(id int64) int64 { return id >> ordBits }

// monthOf counts months; 0 is without a day.
func monthOf(day civil.Date) int64 {
	if day.IsZero() {
		return 0
	}
	return int64(day.Year()*12 + day.Month())
}

// PutTx makes a record findable, or findable as it is now, in the transaction that changes the record.
func PutTx(ctx context.Context, tx *db.Tx, d Doc) error {
	lo, d, err := prepare(ctx, tx, d)
	if err != nil {
		return err
	}
	code := lo >> ordBits & (inner - 1)
	var id int64
	err = tx.QueryRow(ctx, `SELECT id FROM search_doc WHERE kind=$1 AND doc_id=$2`, d.Kind, d.ID).Scan(&id)
	there := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if there && id>>seqBits != lo>>seqBits { // another day, another audience
		if err := DeleteTx(ctx, tx, d.Kind, d.ID); err != nil {
			return err
		}
		there = false
	}
	shown := cut(d.Text, maxShown)
	args := []any{d.Kind, d.ID, d.Unit, d.Audience, joinPosts(d.Posts), d.Title, d.TitleEN, shown, d.Path, string(d.Day)}
	words := strings.Join(append(distinct(d.Title, d.TitleEN, d.Text), marks(tx.Dialect(), d, code)...), " ")
	if tx.Dialect() == db.Postgres {
		args = append(args, words)
	}
	if there {
		err = change(ctx, tx, id, args)
	} else {
		id, err = insert(ctx, tx, lo, args)
	}
	if err != nil {
		return err
	}
	if tx.Dialect() == db.SQLite {
		if err := putWords(ctx, tx, id, words, there); err != nil {
			return err
		}
	}
	if rest := d.Text[len(shown):]; rest != "" {
		_, err = tx.Exec(ctx, `INSERT INTO search_rest(kind,doc_id,body) VALUES($1,$2,$3) ON CONFLICT(kind,doc_id) DO UPDATE SET body=excluded.body`, d.Kind, d.ID, rest)
	} else if there {
		_, err = tx.Exec(ctx, `DELETE FROM search_rest WHERE kind=$1 AND doc_id=$2`, d.Kind, d.ID)
	}
	return err
}

// prepare checks and cleans a record and gives the first number of its audience, kind and day.
func prepare(ctx context.Context, tx *db.Tx, d Doc) (lo int64, plain Doc, err error) {
	if d.Audience != Public && d.Audience != Unit && d.Audience != Posts {
		return 0, d, fmt.Errorf("search: %s %s: no audience %q", d.Kind, d.ID, d.Audience)
	}
	d.Title, d.TitleEN, d.Text = clean(d.Title), clean(d.TitleEN), cutRunes(clean(d.Text), maxText)
	part, err := kindCode(ctx, tx, d.Kind)
	if err != nil {
		return 0, d, err
	}
	if d.Audience != Public {
		part |= inner
	}
	return part<<ordBits | dayNumber(d.Day)<<seqBits, d, nil
}

// marks of a document: SQLite finds audience, kind and day by the number, PostgreSQL's index has only words.
func marks(engine db.Dialect, d Doc, code int64) []string {
	out := []string{markUnit(d.Unit)}
	switch d.Audience {
	case Unit:
		out = append(out, markStaff(d.Unit))
	case Posts:
		for _, p := range d.Posts {
			out = append(out, markPost(d.Unit, string(p)))
		}
	case Public:
		if engine == db.Postgres {
			out = append(out, markPublic)
		}
	}
	if engine == db.Postgres {
		out = append(out, markKind(code), markMonth(monthOf(d.Day)))
	}
	return out
}

const columns = "kind,doc_id,unit_id,audience,posts,title,title_en,body,path,day"

func change(ctx context.Context, tx *db.Tx, id int64, args []any) error {
	set := `kind=$1,doc_id=$2,unit_id=$3,audience=$4,posts=$5,title=$6,title_en=$7,body=$8,path=$9,day=$10`
	if tx.Dialect() == db.Postgres {
		set += `,words=array_to_tsvector(string_to_array($11,' '))`
	}
	args = append(args, id)
	return tx.Update(ctx, `UPDATE search_doc SET `+set+` WHERE id=$`+strconv.Itoa(len(args)), args...)
}

// insert stores a new document under the next number of its day on SQLite, where near numbers make a small index, and under one that is likely to be
// free on PostgreSQL, where nobody shall wait for another's transaction.
func insert(ctx context.Context, tx *db.Tx, lo int64, args []any) (int64, error) {
	if tx.Dialect() == db.SQLite {
		id, err := nextID(ctx, tx, lo)
		if err != nil {
			return 0, err
		}
		if id>>seqBits != lo>>seqBits {
			return 0, errFull
		}
		_, err = tx.Exec(ctx, `INSERT INTO search_doc(`+columns+`,id) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`, append(args, id)...)
		return id, err
	}
	for salt := range 100 {
		h := fnv.New64a()
		_, _ = fmt.Fprintf(h, "%v\x00%v\x00%d", args[0], args[1], salt)
		id := lo | int64(h.Sum64()>>(64-seqBits))
		res, err := tx.Exec(ctx, `INSERT INTO search_doc(`+columns+`,words,id) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,array_to_tsvector(string_to_array($11,' ')),$12)
			ON CONFLICT(id) DO NOTHING`, append(args, id)...)
		if err != nil {
			return 0, err
		}
		if n, err := res.RowsAffected(); err != nil || n == 1 {
			return id, err
		}
	}
	return 0, errFull
}

var errFull = errors.New("search: no free number of the day")

// nextID is the number after the last of a day.
func nextID(ctx context.Context, tx *db.Tx, lo int64) (id int64, err error) {
	err = tx.QueryRow(ctx, `SELECT COALESCE(MAX(id)+1,CAST($1 AS bigint)) FROM search_doc WHERE id BETWEEN $1 AND $2`, lo, lo|(1<<seqBits-1)).Scan(&id)
	return id, err
}

func putWords(ctx context.Context, tx *db.Tx, id int64, words string, there bool) error {
	if there {
		if _, err := tx.Exec(ctx, `DELETE FROM search_words WHERE rowid=$1`, id); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `INSERT INTO search_words(rowid,words) VALUES($1,$2)`, id, words)
	return err
}

// kindCode is the number of a kind, which it is given when it is first used.
func kindCode(ctx context.Context, tx *db.Tx, kind string) (int64, error) {
	var code int64
	err := tx.QueryRow(ctx, `SELECT code FROM search_kind WHERE kind=$1`, kind).Scan(&code)
	if !errors.Is(err, sql.ErrNoRows) {
		return code, err
	}
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(code),0)+1 FROM search_kind`).Scan(&code); err != nil {
		return 0, err
	}
	if code > maxKind {
		return 0, fmt.Errorf("search: more than %d kinds", maxKind)
	}
	_, err = tx.Exec(ctx, `INSERT INTO search_kind(kind,code) VALUES($1,$2)`, kind, code)
	return code, err
}

// DeleteTx makes a record unfindable; one that was not there is no error.
func DeleteTx(ctx context.Context, tx *db.Tx, kind, id string) error {
	if tx.Dialect() == db.SQLite {
		if _, err := tx.Exec(ctx, `DELETE FROM search_words WHERE rowid IN (SELECT id FROM search_doc WHERE kind=$1 AND doc_id=$2)`, kind, id); err != nil {
			return err
		}
	}
	for _, table := range []string{"search_doc", "search_rest", "search_old"} {
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE kind=$1 AND doc_id=$2`, kind, id); err != nil {
			return err
		}
	}
	return nil
}

// clean is text that both engines store: valid, composed, without the zero byte.
func clean(s string) string {
	return i18n.NFC(strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", " "))
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

func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func joinPosts(posts []access.PostKind) string {
	out := ""
	for _, p := range posts {
		out += "," + string(p)
	}
	if out != "" {
		out += ","
	}
	return out
}

func splitPosts(s string) []access.PostKind {
	var out []access.PostKind
	for p := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == ',' }) {
		out = append(out, access.PostKind(p))
	}
	return out
}

package db

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"dinh/internal/errs"
)

// The portable form of a database, for both engines: lines of JSON, first dumpHead, then for each table its dumpTable and its rows as arrays, last dumpEnd.
type (
	dumpHead struct {
		Dinh    int    `json:"dinh"` // 1
		Version int64  `json:"version"`
		Engine  string `json:"engine"`
	}
	dumpTable struct {
		Table   string   `json:"table"`
		Columns []string `json:"columns"`
	}
	dumpEnd struct {
		End  bool  `json:"end"`
		Rows int64 `json:"rows"`
	}
	dumpBytes struct {
		B *string `json:"b"`
	}
)

// tables are the tables of the product with their columns, without those that only one engine has for searching.
func (d *DB) tables(ctx context.Context, q Querier) ([]dumpTable, error) {
	query := `SELECT t.name, c.name FROM pragma_table_list t, pragma_table_info(t.name) c WHERE t.schema='main' AND t.type='table' AND t.strict=1 ORDER BY t.name, c.cid`
	if d.dialect == Postgres {
		query = `SELECT c.table_name, c.column_name FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema=c.table_schema AND t.table_name=c.table_name
			WHERE c.table_schema=current_schema() AND t.table_type='BASE TABLE' AND c.table_name<>'goose_db_version' AND c.data_type IN ('text','bigint','bytea')
			ORDER BY c.table_name COLLATE "C", c.ordinal_position`
	}
	rows, err := q.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []dumpTable
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return nil, err
		}
		if len(out) == 0 || out[len(out)-1].Table != table {
			out = append(out, dumpTable{Table: table})
		}
		t := &out[len(out)-1]
		t.Columns = append(t.Columns, column)
	}
	return out, rows.Err()
}

// Dump writes all rows of one moment to w, in a form that Load reads into either engine, and leaves the tables named in skip out. progress, which may be
// nil, hears of rows done and rows in all.
func (d *DB) Dump(ctx context.Context, w io.Writer, skip []string, progress func(done, of int64)) error {
	out := bufio.NewWriterSize(w, 1<<16)
	err := d.Read(ctx, func(q Querier) error {
		version, err := d.Version(ctx)
		if err != nil {
			return err
		}
		all, err := d.tables(ctx, q)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(t dumpTable) bool { return slices.Contains(skip, t.Table) })
		var done, of int64
		for _, t := range all {
			var n int64
			if err := q.QueryRow(ctx, `SELECT COUNT(*) FROM `+t.Table).Scan(&n); err != nil {
				return err
			}
			of += n
		}
		if err := writeLine(out, dumpHead{1, version, d.dialect.String()}); err != nil {
			return err
		}
		for _, t := range all {
			err := dumpRows(ctx, q, out, t, func() {
				if done++; progress != nil && done%1000 == 0 {
					progress(done, of)
				}
			})
			if err != nil {
				return fmt.Errorf("%s: %w", t.Table, err)
			}
		}
		return writeLine(out, dumpEnd{true, done})
	})
	if err = errors.Join(err, out.Flush()); err != nil {
		return fmt.Errorf("db: dump: %w", err)
	}
	return nil
}

func writeLine(w *bufio.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

func dumpRows(ctx context.Context, q Querier, out *bufio.Writer, t dumpTable, step func()) error {
	if err := writeLine(out, t); err != nil {
		return err
	}
	rows, err := q.Query(ctx, `SELECT `+strings.Join(t.Columns, ", ")+` FROM `+t.Table)
	if err != nil {
		return err
	}
	defer rows.Close()
	values, dest := make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range values {
		dest[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		for i, v := range values {
			switch x := v.(type) {
			case nil, int64:
			case string:
				if !utf8.ValidString(x) {
					return fmt.Errorf("column %s: text that is not UTF-8", t.Columns[i])
				}
			case []byte:
				s := base64.StdEncoding.EncodeToString(x)
				values[i] = dumpBytes{&s}
			default:
				return fmt.Errorf("column %s: a value of type %T", t.Columns[i], v)
			}
		}
		if err := writeLine(out, values); err != nil {
			return err
		}
		step()
	}
	return rows.Err()
}

// LoadRow stores a row of a table in a way of its own.
type LoadRow func(ctx context.Context, tx *Tx, row map[string]any) error

// Load reads what Dump wrote into a database that has nothing in it yet, and brings it up to this program. A dump of a newer program is refused with
// errs.Unavailable, a database with tables with errs.Conflict. Tables in own are stored by their function, after all others.
func (d *DB) Load(ctx context.Context, r io.ReadSeeker, own map[string]LoadRow) error {
	head, err := d.loadHead(r)
	if err != nil {
		return err
	}
	if have, err := d.Version(ctx); err != nil || have != 0 {
		return errors.Join(err, errs.E(errs.Conflict, "db.not_empty"))
	}
	if head.Version == 0 {
		return errs.E(errs.Invalid, "db.bad_dump")
	}
	if err := d.migrate(ctx, head.Version); err != nil {
		return err
	}
	for _, late := range []bool{false, true} {
		err := d.Write(ctx, func(tx *Tx) error {
			if _, err := r.Seek(0, io.SeekStart); err != nil {
				return err
			}
			l := loader{tx: tx, own: own, late: late}
			return l.all(ctx, r)
		})
		if err != nil {
			return fmt.Errorf("db: load: %w", err)
		}
		if err := d.Migrate(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) loadHead(r io.Reader) (dumpHead, error) {
	var head dumpHead
	line, err := bufio.NewReader(r).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &head) != nil || head.Dinh != 1 {
		return head, errs.E(errs.Invalid, "db.bad_dump")
	}
	know, err := newest(d.dialect)
	if err != nil {
		return head, err
	}
	if head.Version > know {
		return head, newer(head.Version, know)
	}
	return head, nil
}

// loader stores the rows of a dump: those of own tables where late, the others where not.
type loader struct {
	tx   *Tx
	own  map[string]LoadRow
	late bool

	table dumpTable
	store bool
	args  []any
	rows  int64
}

func (l *loader) all(ctx context.Context, r io.Reader) error {
	back, err := l.unbind(ctx)
	if err != nil {
		return err
	}
	in := bufio.NewReaderSize(r, 1<<16)
	if _, err := in.ReadBytes('\n'); err != nil { // the head
		return err
	}
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return fmt.Errorf("a dump without an end: %w", err)
		}
		if line[0] == '[' {
			if err := l.row(ctx, line); err != nil {
				return fmt.Errorf("%s: %w", l.table.Table, err)
			}
			continue
		}
		if err := l.flush(ctx); err != nil {
			return fmt.Errorf("%s: %w", l.table.Table, err)
		}
		var end dumpEnd
		if json.Unmarshal(line, &end) == nil && end.End {
			if end.Rows != l.rows {
				return fmt.Errorf("%d rows, not %d", l.rows, end.Rows)
			}
			break
		}
		if err := l.begin(ctx, line); err != nil {
			return err
		}
	}
	for _, q := range back {
		if _, err := l.tx.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// unbind lets rows come in any order: what refers to what is checked at the end. On PostgreSQL that means to take the constraints away and give the
// statements that put them back.
func (l *loader) unbind(ctx context.Context) (back []string, err error) {
	if l.tx.dialect == SQLite {
		_, err := l.tx.Exec(ctx, `PRAGMA defer_foreign_keys=ON`)
		return nil, err
	}
	rows, err := l.tx.Query(ctx, `SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
		WHERE contype='f' AND connamespace=current_schema()::regnamespace ORDER BY 1, 2`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var away []string
	for rows.Next() {
		var table, name, def string
		if err := rows.Scan(&table, &name, &def); err != nil {
			return nil, err
		}
		away = append(away, `ALTER TABLE `+table+` DROP CONSTRAINT `+name)
		back = append(back, `ALTER TABLE `+table+` ADD CONSTRAINT `+name+` `+def)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, q := range away {
		if _, err := l.tx.Exec(ctx, q); err != nil {
			return nil, err
		}
	}
	return back, nil
}

// begin begins a table. What the migrations put into it goes.
func (l *loader) begin(ctx context.Context, line []byte) error {
	l.table = dumpTable{}
	if err := json.Unmarshal(line, &l.table); err != nil || !plainName(l.table.Table) || len(l.table.Columns) == 0 {
		return errs.E(errs.Invalid, "db.bad_dump")
	}
	for _, c := range l.table.Columns {
		if !plainName(c) {
			return errs.E(errs.Invalid, "db.bad_dump")
		}
	}
	l.store = (l.own[l.table.Table] != nil) == l.late
	if !l.store || l.late {
		return nil
	}
	_, err := l.tx.Exec(ctx, `DELETE FROM `+l.table.Table)
	return err
}

// plainName reports whether s can stand in SQL as a name.
func plainName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func (l *loader) row(ctx context.Context, line []byte) error {
	l.rows++
	if !l.store {
		return nil
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil || len(raw) != len(l.table.Columns) {
		return errs.E(errs.Invalid, "db.bad_dump")
	}
	at := len(l.args)
	for _, r := range raw {
		v, err := readValue(r)
		if err != nil {
			return err
		}
		l.args = append(l.args, v)
	}
	if l.late {
		row := map[string]any{}
		for i, c := range l.table.Columns {
			row[c] = l.args[at+i]
		}
		l.args = l.args[:0]
		return l.own[l.table.Table](ctx, l.tx, row)
	}
	if len(l.args)+len(raw) > 900 {
		return l.flush(ctx)
	}
	return nil
}

// flush stores the rows gathered so far.
func (l *loader) flush(ctx context.Context) error {
	if len(l.args) == 0 {
		return nil
	}
	var q strings.Builder
	q.WriteString(`INSERT INTO ` + l.table.Table + `(` + strings.Join(l.table.Columns, ",") + `) VALUES `)
	n := len(l.table.Columns)
	for i := 0; i < len(l.args); i += n {
		if i > 0 {
			q.WriteByte(',')
		}
		q.WriteString(In(n, i+1))
	}
	_, err := l.tx.Exec(ctx, q.String(), l.args...)
	l.args = l.args[:0]
	return err
}

// readValue reads a value of a row: null, a whole number, a text, or bytes as {"b":"base64"}.
func readValue(r json.RawMessage) (any, error) {
	r = bytes.TrimSpace(r)
	switch {
	case string(r) == "null":
		return nil, nil
	case r[0] == '"':
		var s string
		err := json.Unmarshal(r, &s)
		return s, err
	case r[0] == '{':
		var b dumpBytes
		if err := json.Unmarshal(r, &b); err != nil || b.B == nil {
			return nil, errs.E(errs.Invalid, "db.bad_dump")
		}
		return base64.StdEncoding.DecodeString(*b.B)
	}
	return strconv.ParseInt(string(r), 10, 64)
}

package audit

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
)

// Query says which entries of the history are wanted. Empty fields do not filter.
type Query struct {
	Unit     string
	Actor    string
	Action   string
	Area     string     // the part of Action before the first dot: "plan"
	Subject  string     // id of what was done something to
	From, To civil.Date // days in Vietnam, both included
	After    string     // the cursor of the page before
	Limit    int        // default 50
	// Keep leaves out the entries that it is false for, beside the other filters.
	Keep func(*Line) bool
}

// maxLooked is how many pages are read to fill one from which Keep leaves entries out. A page that is shorter because of it still has a next one.
const maxLooked = 40

// History is a page of entries, newest first, and the cursor of the next page, "" at the end. A cursor that is none of ours is errs.Invalid.
func (l *Log) History(ctx context.Context, q Query) (lines []Line, next string, err error) {
	if q.Limit <= 0 {
		q.Limit = 50
	}
	if q.Keep == nil {
		return l.page(ctx, q)
	}
	for range maxLooked {
		page, more, err := l.page(ctx, q)
		if err != nil {
			return nil, "", err
		}
		for i := range page {
			if !q.Keep(&page[i]) {
				continue
			}
			if len(lines) == q.Limit {
				last := &lines[q.Limit-1]
				return lines, cursor(db.Micros(last.At), last.ID), nil
			}
			lines = append(lines, page[i])
		}
		if q.After = more; more == "" {
			break
		}
	}
	return lines, q.After, nil
}

func (l *Log) page(ctx context.Context, q Query) (lines []Line, next string, err error) {
	var where []string
	var args []any
	add := func(cond string, v ...any) {
		for _, x := range v {
			args = append(args, x)
			cond = strings.Replace(cond, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		where = append(where, cond)
	}
	for _, f := range []struct{ column, value string }{{"unit", q.Unit}, {"actor", q.Actor}, {"action", q.Action}, {"subject", q.Subject}} {
		if f.value != "" {
			add("e."+f.column+"=?", f.value)
		}
	}
	if q.Area != "" {
		add("e.action>=? AND e.action<?", q.Area+".", q.Area+"/") // "/" is the character after "."
	}
	if q.From != civil.None {
		add("e.at>=?", dayStart(q.From))
	}
	if q.To != civil.None {
		add("e.at<?", dayStart(q.To.Add(1)))
	}
	if q.After != "" {
		at, id, ok := readCursor(q.After)
		if !ok {
			return nil, "", errs.E(errs.Invalid, "audit.bad_cursor")
		}
		add("(e.at, e.id)<(?, ?)", at, id)
	}
	cond := ""
	if len(where) > 0 {
		cond = " WHERE " + strings.Join(where, " AND ")
	}
	args = append(args, q.Limit+1)
	rows, err := l.d.Query(ctx, `SELECT `+rowColumns+`, COALESCE(e.seq,-1), d.body FROM audit_entry e LEFT JOIN audit_detail d ON d.entry_id=e.id`+cond+
		` ORDER BY e.at DESC, e.id DESC LIMIT $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return nil, "", fmt.Errorf("audit: history: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r row
		var text sql.NullString
		var seq int64
		if err := rows.Scan(append(r.dest(), &seq, &text)...); err != nil {
			return nil, "", fmt.Errorf("audit: history: %w", err)
		}
		line, err := r.line(seq, text)
		if err != nil {
			return nil, "", err
		}
		lines = append(lines, line)
	}
	if len(lines) > q.Limit {
		lines = lines[:q.Limit]
		last := lines[q.Limit-1]
		next = cursor(db.Micros(last.At), last.ID)
	}
	return lines, next, rows.Err()
}

// Entry is one entry; errs.NotFound where there is none.
func (l *Log) Entry(ctx context.Context, id string) (Line, error) {
	rows, err := l.d.Query(ctx, `SELECT `+rowColumns+`, COALESCE(e.seq,-1), d.body FROM audit_entry e LEFT JOIN audit_detail d ON d.entry_id=e.id WHERE e.id=$1`, id)
	if err != nil {
		return Line{}, fmt.Errorf("audit: %w", err)
	}
	defer rows.Close()
	if !rows.Next() {
		if err := rows.Err(); err != nil {
			return Line{}, fmt.Errorf("audit: %w", err)
		}
		return Line{}, errs.E(errs.NotFound, "audit.redact.no_entry")
	}
	var r row
	var text sql.NullString
	var seq int64
	if err := rows.Scan(append(r.dest(), &seq, &text)...); err != nil {
		return Line{}, fmt.Errorf("audit: %w", err)
	}
	return r.line(seq, text)
}

// Actions are the kinds of things done in a unit's history, for its filter.
func (l *Log) Actions(ctx context.Context, unit string) ([]string, error) {
	rows, err := l.d.Query(ctx, `SELECT DISTINCT action FROM audit_entry WHERE unit=$1 ORDER BY action`, unit)
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var a string
		if err := rows.Scan(&a); err != nil {
			return nil, fmt.Errorf("audit: %w", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

func (r *row) line(seq int64, text sql.NullString) (Line, error) {
	out := Line{ID: r.id, Seq: seq, At: db.FromMicros(r.at), Actor: r.actor, Action: r.action, Unit: r.unit, Kind: r.kind, Subject: r.subject, Erased: !text.Valid}
	if text.Valid {
		var b body
		if err := json.Unmarshal([]byte(text.String), &b); err != nil {
			return out, fmt.Errorf("audit: entry %s: %w", r.id, err)
		}
		out.ActorName, out.Msg, out.Details, out.Draft, out.Day = b.ActorName, b.Msg, b.Details, b.Draft, b.Day
	}
	return out, nil
}

// dayStart is the first instant of a day in Vietnam.
func dayStart(d civil.Date) int64 {
	t := d.Time()
	return db.Micros(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, civil.Zone))
}

func cursor(at int64, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(at, 10) + " " + id))
}

func readCursor(s string) (at int64, id string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0, "", false
	}
	num, id, ok := strings.Cut(string(b), " ")
	at, err = strconv.ParseInt(num, 10, 64)
	return at, id, ok && err == nil
}

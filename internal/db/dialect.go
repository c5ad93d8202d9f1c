package db

import (
	"errors"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Dialect is the engine. Its methods are the only places where the two engines differ in SQL.
type Dialect uint8

// The engines.
const (
	SQLite Dialect = iota
	Postgres
)

func (d Dialect) String() string {
	if d == Postgres {
		return "postgres"
	}
	return "sqlite"
}

// ForUpdate is the clause that locks the rows read until the end of the transaction; SQLite has one writer and needs none.
func (d Dialect) ForUpdate() string {
	if d == Postgres {
		return " FOR UPDATE"
	}
	return ""
}

// SkipLocked is ForUpdate that passes over rows which another process holds.
func (d Dialect) SkipLocked() string {
	if d == Postgres {
		return " FOR UPDATE SKIP LOCKED"
	}
	return ""
}

// In is the list of n placeholders that begins with $from: In(3, 3) is "($3,$4,$5)". None is "(NULL)", which no value is in.
func In(n, from int) string {
	if n <= 0 {
		return "(NULL)"
	}
	var b strings.Builder
	for i := range n {
		b.WriteByte("(,"[min(i, 1)])
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	b.WriteByte(')')
	return b.String()
}

// code is the engine's own number of an error: 0 and "" where it is none of the engine's.
func code(err error) (lite int, pg string) {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		return e.Code(), ""
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return 0, e.Code
	}
	return 0, ""
}

// IsUnique reports whether err says that a unique key was there already.
func (d Dialect) IsUnique(err error) bool {
	lite, pg := code(err)
	return lite == sqlite3.SQLITE_CONSTRAINT_UNIQUE || lite == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || pg == "23505"
}

// IsForeignKey reports whether err says that a row refers to one that is not there, or is referred to.
func (d Dialect) IsForeignKey(err error) bool {
	lite, pg := code(err)
	return lite == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY || pg == "23503"
}

// IsBusy reports whether err says that others were in the way and the transaction may be tried again.
func (d Dialect) IsBusy(err error) bool {
	lite, pg := code(err)
	switch lite & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return true
	}
	return pg == "40001" || pg == "40P01"
}

package db

import (
	"context"
	"database/sql"
)

// Each runs a query and calls f for each of its rows.
func Each(ctx context.Context, q Querier, f func(rows *sql.Rows) error, query string, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Args are the values of a list as arguments, beside In.
func Args[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// Flag is a truth as a column stores it: 0 or 1.
func Flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

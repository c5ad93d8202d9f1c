package db

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Once notes a form token in the command's transaction. Where the token was used before, done is true and result is what OnceDone kept: the command must
// do nothing and answer with it. A command that fails leaves its token unused.
func (tx *Tx) Once(ctx context.Context, key string) (result string, done bool, err error) {
	res, err := tx.Exec(ctx, `INSERT INTO form_token(token,result,at) VALUES($1,'',$2) ON CONFLICT(token) DO NOTHING`, key, Micros(tx.now))
	if err != nil {
		return "", false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return "", false, err
	}
	err = tx.QueryRow(ctx, `SELECT result FROM form_token WHERE token=$1`, key).Scan(&result)
	return result, true, err
}

// OnceDone keeps the command's result for a repeat of the same token.
func (tx *Tx) OnceDone(ctx context.Context, key, result string) error {
	return tx.Update(ctx, `UPDATE form_token SET result=$2 WHERE token=$1`, key, result)
}

// Bump moves the epoch of a name on, so that other processes know that what they keep in memory under that name is old.
func (tx *Tx) Bump(ctx context.Context, name string) error {
	// An epoch is the sum of its rows. SQLite has one writer and one row; on PostgreSQL each transaction adds a row of its own, so that commands that
	// have nothing else in common do not conflict over it.
	id := ""
	if tx.dialect == Postgres {
		id = tx.NewID()
	}
	_, err := tx.Exec(ctx, `INSERT INTO epoch(name,id,n) VALUES($1,$2,1) ON CONFLICT(name,id) DO UPDATE SET n=epoch.n+1`, name, id)
	return err
}

// Epoch is how often the name was bumped.
func (d *DB) Epoch(ctx context.Context, name string) (n int64, err error) {
	err = d.QueryRow(ctx, `SELECT CAST(COALESCE(SUM(n),0) AS BIGINT) FROM epoch WHERE name=$1`, name).Scan(&n)
	return n, err
}

// Epochs are all epochs by name.
func (d *DB) Epochs(ctx context.Context) (map[string]int64, error) {
	rows, err := d.Query(ctx, `SELECT name, CAST(SUM(n) AS BIGINT) FROM epoch GROUP BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			return nil, err
		}
		out[name] = n
	}
	return out, rows.Err()
}

// Prune forgets form tokens used longer ago than keep, and joins the rows of each epoch into one. It writes nothing where there is nothing to do.
func (d *DB) Prune(ctx context.Context, keep time.Duration) error {
	before := Micros(d.clock.Now().Add(-keep))
	var tokens, rows int
	err := d.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM form_token WHERE at<$1), (SELECT COUNT(*) FROM epoch WHERE id<>'')`, before).Scan(&tokens, &rows)
	if err != nil || tokens+rows == 0 {
		return err
	}
	return d.WriteLoose(ctx, func(tx *Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM form_token WHERE at<$1`, before); err != nil {
			return err
		}
		if rows == 0 {
			return nil
		}
		return tx.joinEpochs(ctx)
	})
}

// joinEpochs adds up the rows of each epoch; their sum stays what it was.
func (tx *Tx) joinEpochs(ctx context.Context) error {
	rows, err := tx.Query(ctx, `SELECT name, id, n FROM epoch WHERE id<>'' ORDER BY name, id`+tx.dialect.ForUpdate())
	if err != nil {
		return err
	}
	defer rows.Close()
	var gone [][2]string
	sums := map[string]int64{}
	for rows.Next() {
		var name, id string
		var n int64
		if err := rows.Scan(&name, &id, &n); err != nil {
			return err
		}
		gone = append(gone, [2]string{name, id})
		sums[name] += n
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, g := range gone {
		if _, err := tx.Exec(ctx, `DELETE FROM epoch WHERE name=$1 AND id=$2`, g[0], g[1]); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(sums)) {
		_, err := tx.Exec(ctx, `INSERT INTO epoch(name,id,n) VALUES($1,'',$2) ON CONFLICT(name,id) DO UPDATE SET n=epoch.n+excluded.n`, name, sums[name])
		if err != nil {
			return err
		}
	}
	return nil
}

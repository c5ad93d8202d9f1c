package db_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
)

// fill gives a database rows of each kind of value, and rows that refer to later ones.
func fill(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		for _, q := range []string{
			`INSERT INTO form_token(token,result,at) VALUES('Đình – "quoted" \ <b>',' ',-9007199254740993)`,
			`INSERT INTO epoch(name,id,n) VALUES('org','',7)`, `INSERT INTO epoch(name,id,n) VALUES('org','x',2)`,
			`INSERT INTO audit_entry(id,seq,at,actor,action,unit,kind,subject,touches,commitment) VALUES('e',NULL,1,'','','','','','',$1)`,
			`UPDATE audit_tree SET origin='here'`, `INSERT INTO job_tick(name,due) VALUES('skipped',1)`,
		} {
			args := []any{}
			if strings.Contains(q, "$1") {
				args = append(args, []byte{})
			}
			if _, err := tx.Exec(t.Context(), q, args...); err != nil {
				return err
			}
		}
		_, err := tx.Exec(t.Context(), `INSERT INTO audit_detail(entry_id,salt,body) VALUES('e',$1,'{}')`, []byte{0, 255, 1})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func dump(t *testing.T, d *db.DB) string {
	t.Helper()
	var b bytes.Buffer
	if err := d.Dump(t.Context(), &b, []string{"job_tick"}, nil); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(b.String(), "\n") // without the engine's name
	return rest
}

func TestDumpAndLoadAcrossEngines(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, from *db.DB) {
		fill(t, from)
		want := dump(t, from)
		for _, o := range []db.Options{{Dir: t.TempDir(), Clock: dbtest.Clock}, {DSN: dbtest.EmptyPostgres(t), Clock: dbtest.Clock}} {
			to := dbtest.Open(t, o)
			var b bytes.Buffer
			if err := from.Dump(t.Context(), &b, []string{"job_tick"}, nil); err != nil {
				t.Fatal(err)
			}
			epochs := 0
			own := map[string]db.LoadRow{"epoch": func(ctx context.Context, tx *db.Tx, row map[string]any) error {
				epochs++
				_, err := tx.Exec(ctx, `INSERT INTO epoch(name,id,n) VALUES($1,$2,$3)`, row["name"], row["id"], row["n"])
				return err
			}}
			if err := to.Load(t.Context(), bytes.NewReader(b.Bytes()), own); err != nil {
				t.Fatalf("into %s: %v", to.Dialect(), err)
			}
			if got := dump(t, to); got != want || epochs != 2 {
				t.Errorf("into %s: %d own rows\n%s\nwant\n%s", to.Dialect(), epochs, got, want)
			}
			if err := to.Load(t.Context(), bytes.NewReader(b.Bytes()), nil); !errs.Is(err, errs.Conflict) {
				t.Errorf("loaded over data: %v", err)
			}
			// What refers to nothing is refused again.
			err := to.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `INSERT INTO audit_detail(entry_id,salt,body) VALUES('none',$1,'')`, []byte{})
				return err
			})
			if !to.Dialect().IsForeignKey(err) {
				t.Errorf("into %s: foreign keys are gone: %v", to.Dialect(), err)
			}
		}
	})
}

func TestLoadRefusesWhatIsBroken(t *testing.T) {
	t.Parallel()
	d := dbtest.New(t)
	fill(t, d)
	var b bytes.Buffer
	if err := d.Dump(t.Context(), &b, nil, nil); err != nil {
		t.Fatal(err)
	}
	whole := b.String()
	for name, text := range map[string]string{
		"empty":        "",
		"cut":          whole[:len(whole)-40],
		"a row lost":   strings.Replace(whole, `["org","x",2]`+"\n", "", 1),
		"newer":        strings.Replace(whole, `"version":2`, `"version":9`, 1),
		"bad name":     strings.Replace(whole, `"table":"epoch"`, `"table":"epoch; DROP TABLE epoch"`, 1),
		"lost parent":  strings.Replace(whole, `["e",null,1,`, `["f",null,1,`, 1),
		"wrong column": strings.Replace(whole, `"columns":["name","id","n"]`, `"columns":["name","id","m"]`, 1),
	} {
		if text == whole {
			t.Fatalf("%s: not changed", name)
		}
		to := dbtest.Open(t, db.Options{Dir: t.TempDir(), Clock: dbtest.Clock})
		if err := to.Load(t.Context(), strings.NewReader(text), nil); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}

package plan

import (
	"context"
	"sync"
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/law"
	"dinh/internal/org"
)

var catalogue = sync.OnceValue(func() *law.Catalogue {
	c, err := law.Load()
	if err != nil {
		panic(err)
	}
	return c
})

// bundle is the room over a database with Điện Biên in it.
type bundle struct {
	*Service
	d      *db.DB
	org    *org.Service
	people *people
}

// people holds the posts of a test.
type people struct{ holders map[string][]string }

func (p *people) Holders(_ context.Context, unit string, _ ...access.PostKind) ([]string, error) {
	return p.holders[unit], nil
}

func (p *people) Names(_ context.Context, ids ...string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range ids {
		out[id] = "Tên " + id
	}
	return out, nil
}

func setup(t *testing.T, d *db.DB) *bundle {
	t.Helper()
	return setupAt(t, d, dbtest.Clock)
}

func setupAt(t *testing.T, d *db.DB, clock civil.Clock) *bundle {
	t.Helper()
	ctx := t.Context()
	dir, err := org.Open(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	o := org.NewService(d, dir)
	if err := o.LoadSample(ctx); err != nil {
		t.Fatal(err)
	}
	pp := &people{holders: map[string][]string{}}
	return &bundle{Service: New(Options{DB: d, Units: dir, Law: catalogue, Clock: clock, People: pp}), d: d, org: o, people: pp}
}

// unit is the id of the unit with the code on 20/4/2021.
func (b *bundle) unit(t *testing.T, code string) string {
	t.Helper()
	u, ok := b.units.On("2021-04-20").ByCode(code)
	if !ok {
		t.Fatalf("no unit %s", code)
	}
	return u.ID
}

// actor is somebody with posts: code of the unit and kind in turn.
func (b *bundle) actor(t *testing.T, name string, posts ...string) access.Actor {
	t.Helper()
	a := access.Actor{ID: name, Name: name}
	for i := 0; i < len(posts); i += 2 {
		a.Posts = append(a.Posts, access.Post{Unit: b.unit(t, posts[i]), Kind: access.PostKind(posts[i+1])})
	}
	return a
}

func (b *bundle) write(t *testing.T, f func(tx *db.Tx) error) {
	t.Helper()
	if err := b.d.Write(t.Context(), f); err != nil {
		t.Fatalf("%v", err)
	}
}

// issue648 imports and issues the plan of 2021.
func (b *bundle) issue648(t *testing.T) *Issued {
	t.Helper()
	parsed, err := Parse(Plan648, b.words())
	if err != nil {
		t.Fatal(err)
	}
	var out *Issued
	b.write(t, func(tx *db.Tx) error {
		id, err := b.ImportTx(t.Context(), tx, access.System, Import{Parsed: parsed})
		if err != nil {
			return err
		}
		out, err = b.IssueTx(t.Context(), tx, access.System, id, 0)
		return err
	})
	return out
}

const plan648 = "648-kh-ubnd-2021"

// of is the assignment of a task at a unit.
func (b *bundle) of(t *testing.T, task, code string) *Assignment {
	t.Helper()
	list, err := readAssignments(t.Context(), b.d, `a.plan_id=$1 AND a.task_id=$2 AND a.unit_id=$3`, plan648, task, b.unit(t, code))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 {
		t.Fatalf("%d assignments of %s at %s", len(list), task, code)
	}
	return list[0]
}

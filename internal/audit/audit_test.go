package audit_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// moving is a clock that a test moves.
type moving struct{ ns atomic.Int64 }

func (m *moving) clock() civil.Clock {
	return civil.Real(func() time.Time { return time.Unix(1618894800, m.ns.Load()).UTC() })
}

func record(t *testing.T, d *db.DB, e audit.Entry) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error { return audit.Record(t.Context(), tx, e) })
	if err != nil {
		t.Fatal(err)
	}
}

func entry(n int) audit.Entry {
	return audit.Entry{
		Actor: "a1", ActorName: "Lò Văn Én", Action: "plan.receive", Unit: "u1", Kind: "plan", Subject: fmt.Sprint("p", n),
		Msg: i18n.M("audit.did.ask"), Details: map[string]any{"after": "đã nhận <b>", "n": n}, Touches: []string{"plan:p", "unit:u1"},
	}
}

func flush(t *testing.T, l *audit.Log) {
	t.Helper()
	if err := l.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, l *audit.Log) audit.Report {
	t.Helper()
	r, err := l.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func exec(t *testing.T, d *db.DB, query string, args ...any) {
	t.Helper()
	err := d.Write(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func lines(t *testing.T, l *audit.Log, q audit.Query) []audit.Line {
	t.Helper()
	out, _, err := l.History(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSequencersTogether(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		// Two servers, each with a keys folder of its own, number what eight writers write.
		logs := []*audit.Log{audit.New(d, t.TempDir(), dbtest.Clock), audit.New(d, t.TempDir(), dbtest.Clock)}
		ctx, stop := context.WithCancel(t.Context())
		var servers, writers sync.WaitGroup
		for _, l := range logs {
			servers.Go(func() { l.Run(ctx) })
		}
		for w := range 8 {
			writers.Go(func() {
				for i := range 20 {
					record(t, d, entry(w*100+i))
					if i%5 == 0 {
						if err := logs[w%2].Flush(t.Context()); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		writers.Wait()
		stop()
		servers.Wait()
		r := verify(t, logs[0])
		keys, err := logs[0].Keys(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !r.OK() || r.Pending != 0 || r.Entries != int64(160+len(keys)) || len(keys) == 0 {
			t.Fatalf("report %+v, %d keys", r, len(keys))
		}
		c, err := logs[1].Checkpoint(t.Context())
		if err != nil || c.Size != r.Entries || c.Root != r.Root || !strings.HasPrefix(c.Note, r.Origin+"\n") {
			t.Errorf("checkpoint %+v, err %v; report %+v", c, err, r)
		}
		if root, ok, err := logs[1].RootAt(t.Context(), c.Size); root != c.Root || !ok || err != nil {
			t.Errorf("RootAt = %s %v %v", root, ok, err)
		}
		var seen int64
		touched := 0
		for {
			got, next, err := logs[0].Follow(t.Context(), seen, 50)
			if err != nil {
				t.Fatal(err)
			}
			if next == seen {
				break
			}
			touched += len(got)
			seen = next
		}
		if touched != 160 || seen != r.Entries {
			t.Errorf("followed %d to %d", touched, seen)
		}
	})
}

func TestVerifyFindsEveryChange(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := audit.New(d, t.TempDir(), dbtest.Clock)
		for i := range 21 {
			record(t, d, entry(i))
			if i%4 == 0 {
				flush(t, l)
			}
		}
		flush(t, l)
		record(t, d, entry(99)) // one that waits for its number
		if r := verify(t, l); !r.OK() || r.Entries != 22 || r.Pending != 1 {
			t.Fatalf("before: %+v", r)
		}
		victim := lines(t, l, audit.Query{Subject: "p7"})[0].ID
		waiting := lines(t, l, audit.Query{Subject: "p99"})[0].ID
		for _, c := range []struct{ name, change, back, names string }{
			{
				"a byte of the details", `UPDATE audit_detail SET body=REPLACE(body,'Lò Văn Én','Lò Văn Ến') WHERE entry_id='` + victim + `'`,
				`UPDATE audit_detail SET body=REPLACE(body,'Lò Văn Ến','Lò Văn Én') WHERE entry_id='` + victim + `'`, victim,
			},
			{
				"a byte of details without number", `UPDATE audit_detail SET body=REPLACE(body,'Lò Văn Én','Lò Văn Ến') WHERE entry_id='` + waiting + `'`,
				`UPDATE audit_detail SET body=REPLACE(body,'Lò Văn Ến','Lò Văn Én') WHERE entry_id='` + waiting + `'`, waiting,
			},
			{"the actor", `UPDATE audit_entry SET actor='a2' WHERE id='` + victim + `'`, `UPDATE audit_entry SET actor='a1' WHERE id='` + victim + `'`, victim},
			{"the time", `UPDATE audit_entry SET at=at+1 WHERE id='` + victim + `'`, `UPDATE audit_entry SET at=at-1 WHERE id='` + victim + `'`, victim},
			{"a gap", `UPDATE audit_entry SET seq=seq+1000 WHERE id='` + victim + `'`, `UPDATE audit_entry SET seq=seq-1000 WHERE id='` + victim + `'`, victim},
			{"the size", `UPDATE audit_tree SET size=size-1`, `UPDATE audit_tree SET size=size+1`, ""},
			{"a hash lost", `UPDATE audit_hash SET idx=idx+100000 WHERE idx=7`, `UPDATE audit_hash SET idx=7 WHERE idx=100007`, ""},
			{"hashes swapped", `UPDATE audit_hash SET hash=(SELECT hash FROM audit_hash WHERE idx=3) WHERE idx=6`, ``, ""},
		} {
			exec(t, d, c.change)
			r := verify(t, l)
			if r.OK() {
				t.Errorf("%s: not found", c.name)
			}
			if c.names != "" && !slices.ContainsFunc(r.Faults, func(f audit.Fault) bool { return f.Entry == c.names }) {
				t.Errorf("%s: %+v does not name %s", c.name, r.Faults, c.names)
			}
			for _, f := range r.Faults {
				if s := i18n.For(i18n.EN).Say(f.Msg); strings.Contains(s, "⟦") || strings.Contains(s, "no value") {
					t.Errorf("%s: %s", c.name, s)
				}
			}
			if c.back == "" {
				continue
			}
			exec(t, d, c.back)
			if r := verify(t, l); !r.OK() {
				t.Fatalf("%s put back: %+v", c.name, r.Faults)
			}
		}
	})
}

func TestVerifyFindsARewrittenLog(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := audit.New(d, t.TempDir(), dbtest.Clock)
		for i := range 9 {
			record(t, d, entry(i))
		}
		flush(t, l)
		// Somebody with the database but without the key takes all numbers and hashes away and has a program number them anew.
		exec(t, d, `UPDATE audit_entry SET actor='somebody else', seq=NULL WHERE action='plan.receive'`)
		exec(t, d, `UPDATE audit_entry SET seq=NULL`)
		exec(t, d, `DELETE FROM audit_hash`)
		exec(t, d, `UPDATE audit_tree SET size=0`)
		flush(t, audit.New(d, t.TempDir(), dbtest.Clock))
		r := verify(t, l)
		if !slices.ContainsFunc(r.Faults, func(f audit.Fault) bool { return f.Msg.Key == "audit.fault.root" }) {
			t.Errorf("held to what was kept beside the key: %+v", r.Faults)
		}
		// Whoever has only the database sees nothing wrong in it: that is why checkpoints go out.
		if r := verify(t, audit.New(d, t.TempDir(), dbtest.Clock)); !r.OK() {
			t.Errorf("the new log by itself: %+v", r.Faults)
		}
		exec(t, d, `DELETE FROM audit_checkpoint`)
		if r := verify(t, audit.New(d, t.TempDir(), dbtest.Clock)); r.OK() {
			t.Error("a log without checkpoints passes")
		}
	})
}

func TestUnnumberedForOverAMinute(t *testing.T) {
	t.Parallel()
	var m moving
	dbtest.EachAt(t, m.clock(), func(t *testing.T, d *db.DB) {
		l := audit.New(d, t.TempDir(), m.clock())
		record(t, d, entry(1))
		if r := verify(t, l); !r.OK() || r.Pending != 1 {
			t.Errorf("at once: %+v", r)
		}
		m.ns.Add(int64(2 * time.Minute))
		if r := verify(t, l); r.OK() {
			t.Error("two minutes later: passes")
		}
		flush(t, l)
		if r := verify(t, l); !r.OK() {
			t.Errorf("numbered: %+v", r.Faults)
		}
	})
}

func TestRedaction(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		l := audit.New(d, t.TempDir(), dbtest.Clock)
		for i := range 5 {
			record(t, d, entry(i))
		}
		flush(t, l)
		id := lines(t, l, audit.Query{Subject: "p2"})[0].ID
		an, binh := audit.Person{ID: "an", Name: "An"}, audit.Person{ID: "binh", Name: "Bình"}
		var request string
		ask := func(entry, reason, basis string) error {
			return d.Write(t.Context(), func(tx *db.Tx) (err error) {
				request, err = l.Ask(t.Context(), tx, an, entry, reason, basis)
				return err
			})
		}
		confirm := func(by audit.Person) error {
			return d.Write(t.Context(), func(tx *db.Tx) error { return l.Confirm(t.Context(), tx, by, request) })
		}
		if err := ask(id, " ", ""); len(errs.FieldsOf(err)) != 2 {
			t.Errorf("without reason and basis: %v", err)
		}
		if err := ask("none", "lý do", "căn cứ"); !errs.Is(err, errs.NotFound) {
			t.Errorf("no entry: %v", err)
		}
		if err := ask(id, "tên người tố cáo", "Luật Tố cáo"); err != nil {
			t.Fatal(err)
		}
		first := request
		if err := ask(id, "lần nữa", "Luật"); !errs.Is(err, errs.Conflict) {
			t.Errorf("asked twice: %v", err)
		}
		request = first
		if err := confirm(an); !errs.Is(err, errs.Forbidden) {
			t.Errorf("confirmed by whoever asked: %v", err)
		}
		if got, err := l.Entry(t.Context(), id); err != nil || got.Erased {
			t.Fatalf("erased by one person: %+v %v", got, err)
		}
		if err := confirm(binh); err != nil {
			t.Fatal(err)
		}
		if err := confirm(binh); !errs.Is(err, errs.Conflict) {
			t.Errorf("confirmed twice: %v", err)
		}
		flush(t, l)
		got, err := l.Entry(t.Context(), id)
		if err != nil || !got.Erased || got.ActorName != "" || !got.Msg.IsZero() || got.Details != nil || got.Actor != "a1" {
			t.Errorf("after: %+v %v", got, err)
		}
		r := verify(t, l)
		if !r.OK() || len(r.Erasures) != 1 || r.Erasures[0].Entry != id || r.Erasures[0].Basis != "Luật Tố cáo" || r.Erasures[0].Reason != "tên người tố cáo" {
			t.Errorf("report: %+v", r)
		}
		// What the log says about itself stays.
		own := lines(t, l, audit.Query{Action: "audit.redact"})[0]
		if err := ask(own.ID, "lý do", "căn cứ"); !errs.Is(err, errs.Forbidden) {
			t.Errorf("the redaction itself: %v", err)
		}
		// An erasure without a decision is found.
		other := lines(t, l, audit.Query{Subject: "p3"})[0].ID
		exec(t, d, `DELETE FROM audit_detail WHERE entry_id=$1`, other)
		if r := verify(t, l); r.OK() || r.Faults[0].Entry != other {
			t.Errorf("a lost detail: %+v", r)
		}
	})
}

func TestHistory(t *testing.T) {
	t.Parallel()
	var m moving
	dbtest.EachAt(t, m.clock(), func(t *testing.T, d *db.DB) {
		l := audit.New(d, t.TempDir(), m.clock())
		for i := range 25 {
			e := entry(i)
			if i%2 == 1 {
				e.Unit, e.Actor, e.Action = "u2", "a2", "unit.rename"
			}
			record(t, d, e)
			m.ns.Add(int64(time.Hour))
		}
		var subjects []string
		q := audit.Query{Unit: "u1", Limit: 5}
		for {
			got, next, err := l.History(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range got {
				subjects = append(subjects, g.Subject)
				if g.ActorName != "Lò Văn Én" || g.Msg.Key != "audit.did.ask" {
					t.Errorf("line %+v", g)
				}
			}
			if next == "" {
				break
			}
			q.After = next
		}
		if len(subjects) != 13 || subjects[0] != "p24" || subjects[12] != "p0" {
			t.Errorf("subjects %v", subjects)
		}
		first := civil.Of(lines(t, l, audit.Query{Subject: "p0"})[0].At)
		for _, c := range []struct {
			q    audit.Query
			want int
		}{
			{audit.Query{Actor: "a2"}, 12},
			{audit.Query{Area: "plan"}, 13},
			{audit.Query{Area: "pla"}, 0},
			{audit.Query{Action: "unit.rename", Unit: "u1"}, 0},
			{audit.Query{Subject: "p3"}, 1},
			{audit.Query{To: first}, 12},
			{audit.Query{From: first.Add(1)}, 13},
			{audit.Query{From: first.Add(5)}, 0},
		} {
			if got := lines(t, l, c.q); len(got) != c.want {
				t.Errorf("%+v: %d lines, want %d", c.q, len(got), c.want)
			}
		}
		if _, _, err := l.History(t.Context(), audit.Query{After: "…"}); !errs.Is(err, errs.Invalid) {
			t.Errorf("a bad cursor: %v", err)
		}
		acts, err := l.Actions(t.Context(), "u2")
		if err != nil || !slices.Equal(acts, []string{"unit.rename"}) {
			t.Errorf("actions %v %v", acts, err)
		}
		m.ns.Store(0)
	})
}

func TestForeignKeyFile(t *testing.T) {
	t.Parallel()
	keys := t.TempDir()
	a, b := dbtest.New(t), dbtest.New(t)
	record(t, a, entry(1))
	flush(t, audit.New(a, keys, dbtest.Clock))
	record(t, b, entry(1))
	if err := audit.New(b, keys, dbtest.Clock).Flush(t.Context()); !errs.Is(err, errs.Unavailable) {
		t.Errorf("signed with another log's key: %v", err)
	}
}

package access

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// The relations of an actor's post to the place, in the order of the columns of docs/access.md; siblings and units below come last and may do nothing.
var relations = []string{"own", "parent", "root", "manager", "watch", "focal", "issuer", "sibling", "below"}

type row struct {
	action  Action
	state   State
	kinds   []string
	allowed map[string][]PostKind // by relation
}

// readTable reads the table in docs/access.md, which is the specification.
func readTable(t *testing.T) []row {
	t.Helper()
	b, err := os.ReadFile("../../docs/access.md")
	if err != nil {
		t.Fatal(err)
	}
	sets := map[string][]PostKind{
		"desk": {Head, Focal, Officer}, "keepers": {Head, Focal, Officer, Admin}, "all": PostKinds,
		"staff":   {Head, Focal, Officer, VillageHead, Reception, Front, Union},
		"readers": {Head, Focal, Officer, Front, Union},
	}
	var out []row
	for line := range strings.Lines(string(b)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if !strings.HasPrefix(line, "| ") || len(cells) != 9 || strings.Contains(cells[0], "action") || strings.Contains(cells[0], "---") {
			continue
		}
		name, state, _ := strings.Cut(strings.TrimSpace(cells[0]), ", ")
		r := row{action: Action(name), allowed: map[string][]PostKind{}}
		if state == "submitted" {
			r.state = Submitted
		}
		switch strings.TrimSpace(cells[1]) {
		case "unit":
			r.kinds = []string{"commune"}
		case "village":
			r.kinds = []string{"village"}
		case "both":
			r.kinds = []string{"commune", "village"}
		}
		for i, cell := range cells[2:] {
			for word := range strings.FieldsSeq(cell) {
				switch {
				case word == "–":
				case sets[word] != nil:
					r.allowed[relations[i]] = append(r.allowed[relations[i]], sets[word]...)
				case slices.Contains(PostKinds, PostKind(word)):
					r.allowed[relations[i]] = append(r.allowed[relations[i]], PostKind(word))
				default:
					t.Fatalf("docs/access.md: %q is no post: %s", word, line)
				}
			}
		}
		out = append(out, r)
	}
	return out
}

func place(kind string, state State) Place {
	return Place{
		Unit: "own", Above: []string{"parent", "root"}, Kind: kind, Manager: "manager", Watch: []string{"watch"}, Focal: []string{"focal"},
		Issuer: "issuer", State: state,
	}
}

// Every action × post × relation × kind of place is as docs/access.md says.
func TestAllowedIsTheTable(t *testing.T) {
	t.Parallel()
	rows := readTable(t)
	for _, act := range Actions {
		for _, kind := range []string{"commune", "village"} {
			states := []State{Draft}
			if act == ReadRecord {
				states = []State{Draft, Submitted}
			}
			for _, state := range states {
				i := slices.IndexFunc(rows, func(r row) bool { return r.action == act && r.state == state && slices.Contains(r.kinds, kind) })
				if i < 0 {
					t.Fatalf("docs/access.md has no row for %s at a %s, state %d", act, kind, state)
				}
				for _, rel := range relations {
					for _, post := range PostKinds {
						a := Actor{ID: "a", Posts: []Post{{Kind: post, Unit: rel}}}
						want := slices.Contains(rows[i].allowed[rel], post)
						if got := Allowed(a, act, place(kind, state)); got != want {
							t.Errorf("%s at a %s, state %d, by a %s of %s: %v; the table says %v", act, kind, state, post, rel, got, want)
						}
					}
				}
			}
		}
	}
}

// Where the province itself is the place or the parent, its administrator keeps the tree and the settings.
func TestAllowedAtTheRoot(t *testing.T) {
	t.Parallel()
	a := Actor{ID: "a", Posts: []Post{{Kind: Admin, Unit: "p"}}}
	for _, p := range []Place{{Unit: "p", Kind: "province"}, {Unit: "c", Above: []string{"p"}, Kind: "commune"}} {
		for _, act := range []Action{EditUnits, ManagePeople, RedactAudit, ManageSettings} {
			if !Allowed(a, act, p) {
				t.Errorf("the province's administrator may not %s at %s", act, p.Unit)
			}
		}
		for _, act := range []Action{ReadRecord, WriteRecord, ConfirmRecord} {
			if Allowed(a, act, p) {
				t.Errorf("the province's administrator may %s at %s", act, p.Unit)
			}
		}
	}
}

func TestAllowedWithoutPlaceOrAccount(t *testing.T) {
	t.Parallel()
	everyPost := Actor{ID: "a"}
	for _, k := range PostKinds {
		everyPost.Posts = append(everyPost.Posts, Post{Kind: k}, Post{Kind: k, Unit: "elsewhere"})
	}
	for _, act := range Actions {
		if Allowed(everyPost, act, Place{}) {
			t.Errorf("%s is allowed nowhere in particular", act)
		}
		for _, s := range []State{Draft, Submitted, Published} {
			want := act == ReadRecord && s == Published
			if got := Allowed(Actor{}, act, place("commune", s)); got != want {
				t.Errorf("the public, %s, state %d: %v", act, s, got)
			}
		}
		if !Allowed(System, act, place("commune", Draft)) {
			t.Errorf("the program itself may not %s", act)
		}
	}
}

// A token does what its scopes say of what its owner may, and never writes.
func TestAllowedByToken(t *testing.T) {
	t.Parallel()
	posts := []Post{}
	for _, k := range PostKinds {
		posts = append(posts, Post{Kind: k, Unit: "own"}, Post{Kind: k, Unit: "root"}, Post{Kind: k, Unit: "issuer"}, Post{Kind: k, Unit: "focal"})
	}
	want := map[string][]Action{"": nil, ScopeRead: {ReadRecord, ReadProgress}, ScopeHistory: {ReadHistory}}
	for _, scope := range append([]string{""}, Scopes...) {
		for _, act := range Actions {
			a := Actor{ID: "a", Posts: posts, Scopes: []string{scope}}
			if got := Allowed(a, act, place("commune", Submitted)); got != slices.Contains(want[scope], act) {
				t.Errorf("token of scope %q, %s: %v", scope, act, got)
			}
		}
	}
	if Allowed(Actor{ID: "a", Posts: posts, Scopes: []string{}}, ReadProgress, place("commune", Draft)) {
		t.Error("a token without scopes reads progress")
	}
}

// Whoever may write a record may read it as a draft: nobody works blind.
func TestWritersReadDrafts(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"commune", "village"} {
		for _, rel := range relations {
			for _, post := range PostKinds {
				a := Actor{ID: "a", Posts: []Post{{Kind: post, Unit: rel}}}
				if Allowed(a, WriteRecord, place(kind, Draft)) && !Allowed(a, ReadRecord, place(kind, Draft)) {
					t.Errorf("a %s of %s writes at a %s what they cannot read", post, rel, kind)
				}
			}
		}
	}
}

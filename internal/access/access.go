// Package access decides who may do what where, from Actor, Action and Place alone: no I/O, no clock, no context.
package access

import (
	"slices"

	"dinh/internal/civil"
)

// PostKind is the kind of a post that a person holds at a unit.
type PostKind string

// The posts.
const (
	Head        PostKind = "head"              // người đứng đầu
	Focal       PostKind = "focal_officer"     // cán bộ đầu mối
	Officer     PostKind = "officer"           // công chức, viên chức
	VillageHead PostKind = "village_head"      // trưởng thôn, bản, tổ dân phố
	Reception   PostKind = "reception_officer" // cán bộ tiếp công dân
	BoardMember PostKind = "board_member"      // thành viên Ban Thanh tra nhân dân, Ban Giám sát đầu tư của cộng đồng
	Front       PostKind = "front_officer"     // cán bộ Mặt trận
	Union       PostKind = "union_officer"     // cán bộ Công đoàn
	Admin       PostKind = "administrator"     // quản trị
)

// PostKinds lists all posts in the order of forms.
var PostKinds = []PostKind{Head, Focal, Officer, VillageHead, Reception, BoardMember, Front, Union, Admin}

// Post is a person's post at a unit between two days.
type Post struct {
	Kind PostKind
	Unit string
	civil.Span
}

// Actor is who acts. The zero Actor is the public: somebody without an account.
type Actor struct {
	ID     string // account id; "" for the public, "system" for the program itself
	Name   string
	Posts  []Post   // those in force today
	Scopes []string // an API token's scopes; nil for a session
}

// System is the program acting by itself: jobs, the sequencer, the demo's preparation.
var System = Actor{ID: "system", Name: "Đình"}

// Public reports whether the actor is somebody without an account.
func (a Actor) Public() bool { return a.ID == "" }

// Holds reports whether the actor has one of the posts at the unit; no kinds means any post.
func (a Actor) Holds(unit string, kinds ...PostKind) bool {
	return slices.ContainsFunc(a.Posts, func(p Post) bool {
		return p.Unit == unit && (len(kinds) == 0 || slices.Contains(kinds, p.Kind))
	})
}

// Units are the units at which the actor has a post, in the order of the posts, each once.
func (a Actor) Units() []string {
	var out []string
	for _, p := range a.Posts {
		if !slices.Contains(out, p.Unit) {
			out = append(out, p.Unit)
		}
	}
	return out
}

// State is how far a record has come, which decides who sees it.
type State uint8

// Records begin as drafts of their unit.
const (
	Draft     State = iota // seen by the unit alone
	Submitted              // seen by the unit, its superiors and the focal body
	Published              // seen by all
)

// Place is where an action happens: the unit that the record belongs to, the units above it, and who else has to do with it. A field left out lets
// nobody in.
type Place struct {
	Unit    string
	Above   []string // the units above, nearest first, up to the root
	Kind    string   // kind of the unit
	Manager string   // the managing authority beside the tree: the department whose field the unit works in
	Watch   []string // bodies of the Front and the unions at the unit and those above, which watch progress
	Focal   []string // units that hold the focal role of the plan concerned
	Issuer  string   // the unit that issued the plan concerned
	State   State
}

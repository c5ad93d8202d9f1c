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

// Place is where an action happens: the unit that the record belongs to, the units above it, and who else has to do with it.
type Place struct {
	Unit   string
	Above  []string // the units above, nearest first, up to the root
	Kind   string   // kind of the unit
	Focal  []string // units that hold the focal role of the plan concerned
	Issuer string   // the unit that issued the plan concerned
	State  State
}

// Action is what somebody wants to do.
type Action string

// The actions. What each means stands in the table in docs/architecture.md; Allowed below is the truth.
const (
	ReadRecord     Action = "record.read"       // see a record of the unit in its State
	WriteRecord    Action = "record.write"      // make and change records of the unit
	ConfirmRecord  Action = "record.confirm"    // the head's confirmation on screen
	ReturnRecord   Action = "record.return"     // ask a subordinate unit for supplements; accept "not applicable"
	ReadProgress   Action = "progress.read"     // a unit's state per task where it is not public
	EditPlan       Action = "plan.edit"         // draft, issue, amend a plan at its issuer
	SteerPlan      Action = "plan.steer"        // all rows of a plan: press, guide, extend
	EditUnits      Action = "unit.edit"         // the tree: import, merge, rename
	EditVillages   Action = "unit.village.edit" // villages of one's commune
	ManagePeople   Action = "people.manage"     // accounts and posts at the unit and below
	ReadHistory    Action = "audit.read"        // a unit's history
	RedactAudit    Action = "audit.redact"
	ManageSettings Action = "settings.manage"
)

// Actions lists all actions, for the generated tests.
var Actions = []Action{ReadRecord, WriteRecord, ConfirmRecord, ReturnRecord, ReadProgress, EditPlan, SteerPlan, EditUnits, EditVillages, ManagePeople, ReadHistory, RedactAudit, ManageSettings}

var staff = []PostKind{Head, Focal, Officer, VillageHead, Reception, Front, Union, Admin}

// Allowed reports whether the actor may do the action at the place.
//
// A unit works on its own; a superior reads what its subtree has submitted or published; the focal body reads and steers all rows of its plan; nobody
// sees a sibling's drafts.
func Allowed(a Actor, act Action, p Place) bool {
	if a.ID == System.ID {
		return true
	}
	if act == ReadRecord && p.State == Published {
		return true
	}
	if a.Public() {
		return false
	}
	own := func(kinds ...PostKind) bool { return a.Holds(p.Unit, kinds...) }
	above := func(kinds ...PostKind) bool {
		return slices.ContainsFunc(p.Above, func(u string) bool { return a.Holds(u, kinds...) })
	}
	focal := func() bool {
		return slices.ContainsFunc(p.Focal, func(u string) bool { return a.Holds(u, Head, Focal, Officer) })
	}
	root := p.Unit
	if len(p.Above) > 0 {
		root = p.Above[len(p.Above)-1]
	}
	administrator := a.Holds(root, Admin)
	switch act {
	case ReadRecord:
		if p.State == Draft {
			return own() || p.Kind == "village" && len(p.Above) > 0 && a.Holds(p.Above[0], staff...)
		}
		return own() || above(Head, Focal, Officer, Admin) || focal()
	case ReadProgress:
		return own() || above(Head, Focal, Officer, Admin) || focal()
	case WriteRecord:
		// An officer of the commune may enter for the village head, naming the source.
		return own(staff...) || p.Kind == "village" && len(p.Above) > 0 && a.Holds(p.Above[0], Head, Focal, Officer, Front)
	case ConfirmRecord:
		return own(Head)
	case ReturnRecord:
		return len(p.Above) > 0 && a.Holds(p.Above[0], Head, Focal, Officer) || focal()
	case EditPlan:
		return a.Holds(p.Issuer, Head, Focal, Officer, Admin) || focal()
	case SteerPlan:
		return focal() || a.Holds(p.Issuer, Head, Focal, Admin)
	case EditUnits, RedactAudit, ManageSettings:
		return administrator
	case EditVillages:
		return administrator || own(Head, Focal, Officer) && p.Kind == "commune" || p.Kind == "village" && len(p.Above) > 0 && a.Holds(p.Above[0], Head, Focal, Officer)
	case ManagePeople:
		return administrator || own(Admin) || above(Admin)
	case ReadHistory:
		return own(Head, Focal, Admin) || above(Head, Focal, Admin)
	}
	return false
}

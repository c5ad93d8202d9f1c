package access

import "slices"

// Action is what somebody wants to do.
type Action string

// The actions. docs/access.md shows who may do each of them; it is made from Allowed.
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
var Actions = []Action{
	ReadRecord, WriteRecord, ConfirmRecord, ReturnRecord, ReadProgress, EditPlan, SteerPlan, EditUnits, EditVillages, ManagePeople, ReadHistory,
	RedactAudit, ManageSettings,
}

// The scopes of API tokens: what a token may do of what its owner may. A token never writes.
const (
	ScopeRead    = "read"    // records and progress
	ScopeHistory = "history" // histories of units
)

// Scopes lists the scopes in the order of forms.
var Scopes = []string{ScopeRead, ScopeHistory}

// scopeOf is the scope that a token needs for the action, "" where no token may do it.
func scopeOf(act Action) string {
	switch act {
	case ReadRecord, ReadProgress:
		return ScopeRead
	case ReadHistory:
		return ScopeHistory
	default:
	}
	return ""
}

// InScope reports whether the actor's log-in reaches as far as the action: always for a session, for an API token by its scopes.
func (a Actor) InScope(act Action) bool {
	need := scopeOf(act)
	return a.Scopes == nil || need != "" && slices.Contains(a.Scopes, need)
}

// Who counts as what. An administrator keeps people and units in order and reads no drafts; a member of an inspection board inspects what was submitted,
// and has own records with the board.
var (
	desk    = []PostKind{Head, Focal, Officer}                                       // those who do a unit's own work
	keepers = []PostKind{Head, Focal, Officer, Admin}                                // and those who keep it in order
	staff   = []PostKind{Head, Focal, Officer, VillageHead, Reception, Front, Union} // those who make a unit's records
	readers = []PostKind{Head, Focal, Officer, Front, Union}                         // those who read for a body that watches
)

// Allowed reports whether the actor may do the action at the place. It is the only place where that is decided.
//
// A unit works on its own; a superior, and the managing authority, read what their units have submitted or published; the focal body reads and steers
// all rows of its plan; the Front and the unions above watch progress; nobody sees a sibling's drafts, and an administrator sees nobody's.
func Allowed(a Actor, act Action, p Place) bool {
	if a.ID == System.ID {
		return true
	}
	if act == ReadRecord && p.State == Published {
		return true
	}
	if a.Public() || !a.InScope(act) || p.Unit == "" && p.Issuer == "" {
		return false
	}
	at := func(unit string, kinds ...PostKind) bool { return unit != "" && a.Holds(unit, kinds...) }
	oneOf := func(units []string, kinds ...PostKind) bool {
		return slices.ContainsFunc(units, func(u string) bool { return at(u, kinds...) })
	}
	own := func(kinds ...PostKind) bool { return at(p.Unit, kinds...) }
	village := p.Kind == "village"
	parent := ""
	root := p.Unit
	if len(p.Above) > 0 {
		parent, root = p.Above[0], p.Above[len(p.Above)-1]
	}
	focal := oneOf(p.Focal, desk...)
	steers := focal || at(p.Issuer, Head, Focal)
	switch act {
	case WriteRecord:
		return mayWrite(own, at, village, parent)
	case ReadRecord:
		if mayWrite(own, at, village, parent) {
			return true
		}
		return p.State == Submitted && (own(BoardMember) || oneOf(p.Above, desk...) || at(p.Manager, desk...) || steers)
	case ReadProgress:
		return own() || oneOf(p.Above, keepers...) || oneOf(p.Above, Front, Union) || oneOf(p.Watch, readers...) || at(p.Manager, desk...) || steers
	case ConfirmRecord:
		return own(Head) || village && own(VillageHead)
	case ReturnRecord:
		return at(parent, desk...) || steers
	case EditPlan:
		return focal || at(p.Issuer, keepers...)
	case SteerPlan:
		return steers
	case EditUnits, RedactAudit, ManageSettings:
		return at(root, Admin)
	case EditVillages:
		return at(root, Admin) || p.Kind == "commune" && own(keepers...) || village && at(parent, keepers...)
	case ManagePeople:
		return own(Admin) || oneOf(p.Above, Admin)
	case ReadHistory:
		return own(Head, Focal, Admin) || oneOf(p.Above, Head, Focal, Admin)
	}
	return false
}

// mayWrite: a unit's staff, and for a village also officers of its commune, who name the source; whoever may write reads the drafts.
func mayWrite(own func(...PostKind) bool, at func(string, ...PostKind) bool, village bool, parent string) bool {
	return own(staff...) || village && at(parent, Head, Focal, Officer, Front)
}

package plan

import (
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
)

// DiffKind is the kind of a difference between what a plan, a file or a template says and what can be done on the day.
type DiffKind string

// The kinds of differences.
const (
	DiffUnknownUnit DiffKind = "unknown_unit" // a code that no unit holds on the day
	DiffForeignUnit DiffKind = "foreign_unit" // a unit that is not below the issuer
	DiffVacantRole  DiffKind = "vacant_role"  // a role that nobody holds
	DiffJoinedRoles DiffKind = "joined_roles" // two roles on one unit
	DiffRoleGiven   DiffKind = "role_given"   // a role will be given to the unit that the file names
	DiffRoleKept    DiffKind = "role_kept"    // the file names another unit than the one that holds the role
	DiffNobody      DiffKind = "nobody"       // a task that falls on no unit
	DiffNoKind      DiffKind = "no_kind"      // a kind of units that does not exist on the day
	DiffActReplaced DiffKind = "act_replaced" // an act was replaced by those in force
	DiffActEnded    DiffKind = "act_ended"    // an act is no longer in force and has no successor that is known
	DiffActUnknown  DiffKind = "act_unknown"  // the catalogue does not hold the act's successor
	DiffMoved       DiffKind = "moved"        // days were shifted to the new year
	DiffWeekend     DiffKind = "weekend"      // a last day falls on a weekend and stays
	DiffReportTo    DiffKind = "report_to"    // reports go elsewhere, because the level above is gone
	DiffText        DiffKind = "text"         // a text names a year, place or act that a person must look at
	DiffExempt      DiffKind = "exempt"       // the law exempts units from a task
)

// Difference is one line of the list that a person looks through before a plan is imported, derived or issued. It never stops anything.
type Difference struct {
	Kind DiffKind
	Task string // "" for the whole plan
	Role string // the role concerned, for those that can be filled
	Msg  i18n.Msg
}

// Target is a unit on which a task falls.
type Target struct {
	Task    *Task
	Unit    *org.Unit
	Request bool
	Exempt  i18n.Msg // why the task does not apply by rule; zero where it applies
}

// Resolve finds the addressees of each task over a tree: units of the kinds in To, those named by code and those that hold a role, all of
// them the issuer or below it, each once. Units that the law exempts, or that lack the flag of only_if, are targets to which the task does not apply. What cannot
// be resolved comes back as differences.
func Resolve(p *Plan, tree *org.Tree, roles []Role, cat *law.Catalogue) ([]Target, []Difference) {
	var out []Target
	var diffs []Difference
	byKind := map[string][]*org.Unit{}
	for u := range tree.Walk(p.Unit) {
		byKind[u.Kind] = append(byKind[u.Kind], u)
	}
	day := tree.Day()
	noKind := map[string]bool{}
	for _, t := range p.Tasks {
		seen := map[string]bool{}
		var mine []Target
		add := func(u *org.Unit) {
			if seen[u.ID] {
				return
			}
			seen[u.ID] = true
			tg := Target{Task: t, Unit: u, Request: t.Mode == ModeRequest || p.Requests(u.Kind)}
			switch why, exempt := Exemption(t, u, cat, day); {
			case t.OnlyIf != "" && !u.HasFlag(t.OnlyIf):
				tg.Exempt = i18n.M("plan.exempt.flag", "flag", i18n.M("org.flag."+t.OnlyIf))
			case exempt:
				tg.Exempt = why
			}
			mine = append(mine, tg)
		}
		for _, k := range t.To {
			for _, u := range byKind[k] {
				add(u)
			}
			if len(byKind[k]) == 0 && !noKind[k] {
				noKind[k] = true
				diffs = append(diffs, Difference{Kind: DiffNoKind, Msg: i18n.M("plan.diff.no_kind", "kind", i18n.M("org.kind."+k))})
			}
		}
		for _, code := range t.ToUnits {
			u, ok := tree.ByCode(code)
			switch {
			case !ok:
				diffs = append(diffs, Difference{Kind: DiffUnknownUnit, Task: t.ID, Msg: i18n.M("plan.diff.unknown_unit", "task", t.ID, "code", code)})
			case !tree.Under(u.ID, p.Unit):
				diffs = append(diffs, Difference{Kind: DiffForeignUnit, Task: t.ID, Msg: i18n.M("plan.diff.foreign_unit", "task", t.ID, "unit", u.Name)})
			default:
				add(u)
			}
		}
		for _, r := range t.ToRoles {
			u, ok := tree.ByID(RoleHolder(roles, r, day))
			if !ok || !tree.Under(u.ID, p.Unit) {
				diffs = append(diffs, Difference{Kind: DiffVacantRole, Task: t.ID, Role: r, Msg: i18n.M("plan.diff.vacant_role", "task", t.ID, "role", RoleMsg(r))})
				continue
			}
			add(u)
		}
		if len(mine) == 0 {
			diffs = append(diffs, Difference{Kind: DiffNobody, Task: t.ID, Msg: i18n.M("plan.diff.nobody", "task", t.ID)})
		}
		if n := exempted(mine); n > 0 && t.OnlyIf == "" {
			diffs = append(diffs, Difference{Kind: DiffExempt, Task: t.ID, Msg: i18n.M("plan.diff.exempt", "task", t.ID, "n", n)})
		}
		out = append(out, mine...)
	}
	return out, append(diffs, joined(tree, roles)...)
}

func exempted(list []Target) (n int) {
	for _, t := range list {
		if !t.Exempt.IsZero() {
			n++
		}
	}
	return n
}

// joined lists the units that hold more than one role on the tree's day.
func joined(tree *org.Tree, roles []Role) []Difference {
	held := map[string][]i18n.Msg{}
	var order []string
	names := RolesIn(roles)
	for _, r := range names {
		u := RoleHolder(roles, r, tree.Day())
		if u == "" {
			continue
		}
		if len(held[u]) == 0 {
			order = append(order, u)
		}
		held[u] = append(held[u], RoleMsg(r))
	}
	var out []Difference
	for _, id := range order {
		if u, ok := tree.ByID(id); ok && len(held[id]) > 1 {
			out = append(out, Difference{Kind: DiffJoinedRoles, Msg: i18n.M("plan.diff.joined_roles", "unit", u.Name, "roles", held[id])})
		}
	}
	return out
}

// RolesIn are the roles that the rows name, the known ones first in their order.
func RolesIn(roles []Role) []string {
	out := slices.DeleteFunc(slices.Clone(RoleNames), func(n string) bool {
		return !slices.ContainsFunc(roles, func(r Role) bool { return r.Role == n })
	})
	for _, r := range roles {
		if !slices.Contains(out, r.Role) {
			out = append(out, r.Role)
		}
	}
	return out
}

// RoleMsg words a role; one that is not in the vocabulary stands as it was written.
func RoleMsg(role string) i18n.Msg {
	if slices.Contains(RoleNames, role) {
		return i18n.M("plan.role." + role)
	}
	return i18n.M("plan.role_other", "role", role)
}

// Exemption reports whether the law exempts the unit from the task: by its size it is exempt from rules of the task's steps, and what is left is only
// limits of the same thing (how many deputies a board has that need not be), nothing to do and nothing of another body. The message names the place in the
// law. An unknown size exempts nobody.
func Exemption(t *Task, u *org.Unit, cat *law.Catalogue, day civil.Date) (i18n.Msg, bool) {
	size := law.SizesOf(u.Staff, u.Workers)
	if cat == nil || len(t.Steps) == 0 || size == (law.Sizes{}) {
		return i18n.Msg{}, false
	}
	var why i18n.Msg
	var gone, left []string // what the steps are about
	for _, step := range t.Steps {
		plain, bound := cat.Rule(step, u.Kind, u.Flags, law.Sizes{}, day)
		if !bound {
			continue
		}
		switch still, ok := cat.Rule(step, u.Kind, u.Flags, size, day); {
		case ok && still.Role == "matter":
			return i18n.Msg{}, false
		case ok:
			left = append(left, about(step))
		default:
			gone = append(gone, about(step))
			if why.IsZero() {
				why = i18n.M("plan.exempt.law", "cite", plain.Cite())
			}
		}
	}
	for _, s := range left {
		if !slices.Contains(gone, s) {
			return i18n.Msg{}, false
		}
	}
	return why, len(gone) > 0
}

// about is the thing that a step is a step of: "board.staff" of "board.staff.size".
func about(step string) string {
	parts := strings.SplitN(step, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// StepsOf are the steps of the law that a task is about: those of the duties that its acts hold in its kinds of duty, whenever in force. They are kept with the
// task, because they outlive the acts.
func StepsOf(t *Task, cat *law.Catalogue) []string {
	if cat == nil {
		return nil
	}
	var out []string
	for _, act := range t.Acts {
		for _, d := range cat.DutiesOf(act) {
			if !slices.Contains(t.DutyKinds, d.Kind) {
				continue
			}
			for _, s := range d.Steps() {
				if !slices.Contains(out, s) {
					out = append(out, s)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// FillSteps gives each task that names no steps those of its acts; a task that names no acts either takes those of the task it is a part of ("8.1.b" of
// "8.1").
func FillSteps(p *Plan, cat *law.Catalogue) {
	for _, t := range p.Tasks {
		if len(t.Steps) == 0 {
			t.Steps = StepsOf(t, cat)
		}
	}
	for _, t := range p.Tasks {
		if len(t.Steps) > 0 || len(t.Acts) > 0 {
			continue
		}
		if i := strings.LastIndexByte(t.ID, '.'); i > 0 {
			if whole, ok := p.Task(t.ID[:i]); ok {
				t.Steps = slices.Clone(whole.Steps)
			}
		}
	}
}

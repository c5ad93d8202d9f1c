package plan

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dinh/internal/civil"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"

	"github.com/BurntSushi/toml"
)

// DeriveOptions say what a new plan made from a template is to be.
type DeriveOptions struct {
	ID      string
	Number  string
	Unit    string     // id of the issuing unit
	Year    int        // the template's days move to this year
	Signed  civil.Date // addressees, roles and acts resolve on this day; None: the template's day in the new year
	Signer  string
	TitleVI string // "" keeps the template's with its year changed
	TitleEN string
}

// Derive makes a draft from a template, "làm như năm trước" or another province's plan: days move to the same day of the new year (a weekend
// stays, 29 February becomes 28), acts become those in force on the signing day, units that hold a role come by their role, reports go past a level that
// is gone. Every difference is listed; the draft can be edited before it is issued. tree is that of the signing day.
func Derive(tmpl *Plan, o DeriveOptions, tree *org.Tree, roles []Role, cat *law.Catalogue) (*Plan, []Difference) {
	d := deriver{tmpl: tmpl, o: o, tree: tree, cat: cat, roles: roles, shift: o.Year - tmpl.From.Year()}
	p := tmpl.Clone()
	p.ID, p.Number, p.Unit, p.Status, p.Template = o.ID, o.Number, o.Unit, StatusDraft, tmpl.ID
	p.File, p.Parent, p.Fulfils, p.Issued, p.Version, p.ProgressPublic = "", "", "", civil.None, 0, false
	p.Signer, p.Signed = o.Signer, o.Signed
	if p.Signed == civil.None {
		p.Signed = d.year(tmpl.Signed)
	}
	d.day = p.Signed
	p.From, p.To = d.year(tmpl.From), d.year(tmpl.To)
	p.TitleVI, p.TitleEN = o.TitleVI, o.TitleEN
	if p.TitleVI == "" {
		p.TitleVI = d.yearIn(tmpl.TitleVI)
	}
	if p.TitleEN == "" {
		p.TitleEN = d.yearIn(tmpl.TitleEN)
	}
	if d.shift != 0 {
		d.add(Difference{Kind: DiffMoved, Msg: i18n.M("plan.diff.moved", "from", strconv.Itoa(tmpl.From.Year()), "to", strconv.Itoa(o.Year))})
	}
	FillSteps(p, cat) // from the acts of the template's own time, before they are replaced
	p.Basis, p.Cites = d.acts("", p.Basis), d.acts("", p.Cites)
	p.Roles = d.propose()
	for _, t := range p.Tasks {
		d.task(t)
	}
	p.Tasks = slices.DeleteFunc(p.Tasks, func(t *Task) bool {
		if len(t.To)+len(t.ToUnits)+len(t.ToRoles) > 0 {
			return false
		}
		d.add(Difference{Kind: DiffNobody, Task: t.ID, Msg: i18n.M("plan.diff.task_dropped", "task", t.ID, "title", t.TitleVI)})
		return true
	})
	return p, d.diffs
}

type deriver struct {
	tmpl  *Plan
	o     DeriveOptions
	tree  *org.Tree
	cat   *law.Catalogue
	roles []Role
	shift int
	day   civil.Date
	diffs []Difference
	told  map[string]bool
}

// add lists a difference once for the whole plan or once for a task.
func (d *deriver) add(x Difference) {
	key := string(x.Kind) + "\x00" + x.Task + "\x00" + mustJSON(x.Msg)
	if d.told[key] {
		return
	}
	if d.told == nil {
		d.told = map[string]bool{}
	}
	d.told[key] = true
	d.diffs = append(d.diffs, x)
}

// year is the same day in the new year.
func (d *deriver) year(day civil.Date) civil.Date { return day.AddMonths(12 * d.shift) }

// yearIn puts the new year where a text names the template's.
func (d *deriver) yearIn(s string) string {
	return strings.ReplaceAll(s, strconv.Itoa(d.tmpl.From.Year()), strconv.Itoa(d.o.Year))
}

func (d *deriver) task(t *Task) {
	t.From, t.Person, t.Account = "", "", ""
	t.Due = d.year(t.Due)
	for i := range t.Dues {
		t.Dues[i] = d.year(t.Dues[i])
	}
	for _, day := range t.Days() {
		if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
			d.add(Difference{Kind: DiffWeekend, Task: t.ID, Msg: i18n.M("plan.diff.weekend", "task", t.ID, "due", day, "weekday", i18n.M("plan.weekday."+strconv.Itoa(int(w))))})
		}
	}
	before := t.Acts
	t.Acts = d.acts(t.ID, t.Acts)
	d.texts(t, before)
	d.units(t)
}

// units takes out of a task whom it cannot reach in the new time and place.
func (d *deriver) units(t *Task) {
	// A unit that the template names because it held a role comes by the role.
	t.ToUnits = slices.DeleteFunc(t.ToUnits, func(code string) bool {
		if slices.ContainsFunc(d.tmpl.Roles, func(r RoleCode) bool { return r.Code == code && slices.Contains(t.ToRoles, r.Role) }) {
			return true
		}
		if _, ok := d.tree.ByCode(code); ok {
			return false
		}
		if i := slices.IndexFunc(d.tmpl.Roles, func(r RoleCode) bool { return r.Code == code }); i >= 0 {
			t.ToRoles = append(t.ToRoles, d.tmpl.Roles[i].Role)
			return true
		}
		d.add(Difference{Kind: DiffUnknownUnit, Task: t.ID, Msg: i18n.M("plan.diff.unit_dropped", "task", t.ID, "code", code)})
		return true
	})
	districts := d.has(org.District)
	t.To = slices.DeleteFunc(t.To, func(kind string) bool {
		if kind != org.District || districts {
			return false
		}
		d.add(Difference{Kind: DiffNoKind, Task: t.ID, Msg: i18n.M("plan.diff.kind_dropped", "task", t.ID, "kind", i18n.M("org.kind."+kind))})
		return true
	})
	if !districts && slices.Contains(t.To, org.Commune) {
		if t.ReportTo == "parent" {
			t.ReportTo = "focal"
			d.add(Difference{Kind: DiffReportTo, Task: t.ID, Msg: i18n.M("plan.diff.report_to_focal", "task", t.ID)})
		}
		if t.DueSetBy == "parent" {
			t.DueSetBy = "issuer"
		}
	}
}

func (d *deriver) has(kind string) bool {
	for u := range d.tree.Walk(d.o.Unit) {
		if u.Kind == kind {
			return true
		}
	}
	return false
}

// acts are those in force on the day in place of the template's.
func (d *deriver) acts(task string, ids []string) []string {
	var out []string
	for _, id := range ids {
		for _, now := range d.standing(task, id) {
			if !slices.Contains(out, now) {
				out = append(out, now)
			}
		}
	}
	return out
}

var ofPlace = regexp.MustCompile(`(?:tỉnh|Tỉnh ủy|thành phố|Thành ủy|Tỉnh|Thành phố) (\p{Lu}.*)$`)

// standing follows an act to the one that is in force on the day.
func (d *deriver) standing(task, id string) []string {
	act, ok := d.cat.Act(id)
	if !ok {
		d.add(Difference{Kind: DiffActUnknown, Task: task, Msg: i18n.M("plan.diff.act_unknown", "act", id)})
		return nil
	}
	if m := ofPlace.FindStringSubmatch(act.Issuer); m != nil {
		if u, ok := d.tree.ByID(d.o.Unit); ok && !strings.Contains(u.Name, m[1]) {
			d.add(Difference{Kind: DiffActEnded, Task: task, Msg: i18n.M("plan.diff.act_elsewhere", "act", act.Name(), "issuer", act.Issuer)})
			return nil
		}
	}
	now, ok := Standing(d.cat, id, d.day)
	switch {
	case !ok && now != "":
		d.add(Difference{Kind: DiffActUnknown, Task: task, Msg: i18n.M("plan.diff.act_successor_unknown", "act", act.Name(), "successor", now)})
		return nil
	case !ok:
		d.add(Difference{Kind: DiffActEnded, Task: task, Msg: i18n.M("plan.diff.act_ended", "act", act.Name(), "to", act.EffectiveTo)})
		return nil
	case now != id:
		successor, _ := d.cat.Act(now)
		d.add(Difference{Kind: DiffActReplaced, Task: task, Msg: i18n.M("plan.diff.act_replaced", "act", act.Name(), "successor", successor.Name())})
	}
	return []string{now}
}

// Standing is the act that is in force on the day in the place of the one given: itself, or the last of those that replaced one another. Where there is
// none, ok is false and the id is that of a successor which the catalogue does not hold, "" where no successor is known.
func Standing(cat *law.Catalogue, id string, day civil.Date) (now string, ok bool) {
	for range 20 { // a chain of acts is short; a ring in an overlay must not hang
		act, known := cat.Act(id)
		switch {
		case !known:
			return id, false
		case act.InForce(day):
			return id, true
		case act.EffectiveTo == civil.None || act.EffectiveTo >= day || act.ReplacedBy == "":
			return "", false
		}
		id = act.ReplacedBy
	}
	return "", false
}

var shortNumber = regexp.MustCompile(`^[0-9]+/[0-9]{4}`)

// texts puts the acts in force where a title names those before them, and what template.toml says where a level is gone.
func (d *deriver) texts(t *Task, before []string) {
	vi, en, ref := t.TitleVI, t.TitleEN, t.Ref
	for _, id := range before {
		now, ok := Standing(d.cat, id, d.day)
		act, _ := d.cat.Act(id)
		if !ok || now == id || act == nil {
			continue
		}
		short := shortNumber.FindString(act.Number)
		successor, known := d.cat.Act(now)
		if short == "" || !known {
			continue
		}
		name := successor.Name()
		place := `(?:(?:Chương|Điều|Khoản|Mục) [0-9IVXL, và]+ )?\p{Lu}\p{L}+(?: \p{L}+)? ` + regexp.QuoteMeta(short) + `\S*`
		vi = regexp.MustCompile(place).ReplaceAllString(vi, i18n.For(i18n.VI).Say(name))
		place = `(?:(?:chapters?|articles?|clauses?) [0-9IVXL, and]+ of )?\p{L}+ ` + regexp.QuoteMeta(short) + `\S*`
		en = regexp.MustCompile(place).ReplaceAllString(en, i18n.For(i18n.EN).Say(name))
	}
	for _, r := range replacements().Text {
		if d.has(r.Gone) {
			continue
		}
		if r.Lang == "en" {
			en = strings.ReplaceAll(en, r.Find, r.Put)
		} else {
			vi, ref = strings.ReplaceAll(vi, r.Find, r.Put), strings.ReplaceAll(ref, r.Find, r.Put)
		}
	}
	vi, en = d.yearIn(vi), d.yearIn(en)
	if vi != t.TitleVI || en != t.TitleEN {
		d.add(Difference{Kind: DiffText, Task: t.ID, Msg: i18n.M("plan.diff.text", "task", t.ID, "before", t.TitleVI, "after", vi)})
	}
	t.TitleVI, t.TitleEN, t.Ref = vi, en, ref
}

//go:embed data/template.toml
var templateTOML string

type replacing struct {
	Text []struct{ Gone, Lang, Find, Put string }
}

var replacements = sync.OnceValue(func() replacing {
	var r replacing
	if _, err := toml.Decode(templateTOML, &r); err != nil {
		panic(err)
	}
	return r
})

// roleFlags are the flags of units that point to the holder of a role where nobody has said who it is; roleKinds the kinds.
var (
	roleFlags = map[string]string{RoleFocal: "home_affairs", RoleLabour: "labour", "culture": "culture", "health": "health"}
	roleKinds = map[string]string{"front": org.Front, "union": org.Union}
)

// propose names holders for the roles of the template that have none on the day: the unit with the template's code, else the only unit directly below the
// issuer with the role's flag or kind.
func (d *deriver) propose() []RoleCode {
	var out []RoleCode
	for _, r := range d.tmpl.Roles {
		if RoleHolder(d.roles, r.Role, d.day) != "" {
			continue
		}
		u, ok := d.tree.ByCode(r.Code)
		if !ok {
			u, ok = d.only(r.Role)
		}
		if !ok {
			d.add(Difference{Kind: DiffVacantRole, Role: r.Role, Msg: i18n.M("plan.diff.role_vacant", "role", RoleMsg(r.Role))})
			continue
		}
		out = append(out, RoleCode{r.Role, u.Code})
		d.add(Difference{Kind: DiffRoleGiven, Role: r.Role, Msg: i18n.M("plan.diff.role_given", "role", RoleMsg(r.Role), "unit", u.Name)})
	}
	return out
}

func (d *deriver) only(role string) (*org.Unit, bool) {
	var found *org.Unit
	for _, u := range d.tree.Children(d.o.Unit) {
		flag, kind := roleFlags[role], roleKinds[role]
		if flag != "" && u.Kind == org.Agency && u.HasFlag(flag) || kind != "" && u.Kind == kind {
			if found != nil {
				return nil, false
			}
			found = u
		}
	}
	return found, found != nil
}

package law

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"dinh/internal/civil"
	"dinh/internal/i18n"

	"github.com/BurntSushi/toml"
)

// source is one file of the catalogue.
type source struct {
	name  string
	body  []byte
	local bool
}

// entry is one row of a file before it is understood.
type entry struct {
	id    string
	row   map[string]any
	local bool
	place
	was *entry // the program's row in whose place it stands
}

// tables are the rows of all files by table, in the order of the files; a local row stands in the place of the row whose id it has.
type tables struct {
	acts, duties, steps, flags []entry
}

func (t *tables) of(table string) *[]entry {
	switch table {
	case "act":
		return &t.acts
	case "duty":
		return &t.duties
	case "step":
		return &t.steps
	case "flag":
		return &t.flags
	}
	return nil
}

// reader reads files in their order. The same id twice is a fault, but a local row replaces one of the program.
type reader struct {
	tables
	at map[string]int // place in its table by "table id"
	f  *faults
}

func newReader(f *faults) *reader { return &reader{at: map[string]int{}, f: f} }

func (r *reader) add(file source) {
	var doc map[string]any
	if err := toml.Unmarshal(file.body, &doc); err != nil {
		what, line := err.Error(), 0
		if pe, ok := errors.AsType[toml.ParseError](err); ok {
			what, line = cmp.Or(pe.Message, what), pe.Position.Line
		}
		r.f.addLine(file.name, line, "syntax", "what", what)
		return
	}
	heads := headLines(file.body)
	for _, table := range slices.Sorted(maps.Keys(doc)) {
		into := r.of(table)
		if into == nil {
			r.f.add(file.name, "table", "table", table)
			continue
		}
		rows, ok := rowsOf(doc[table])
		if !ok {
			r.f.add(file.name, "wrong_type", "field", table)
			continue
		}
		for n, row := range rows {
			e := entry{row: row, local: file.local, place: place{file: file.name}}
			if len(heads[table]) == len(rows) { // else they are written in another way, and the entry's number says enough
				e.line = heads[table][n]
			}
			if e.id, _ = row["id"].(string); e.id == "" {
				missing := Fault{Where: fmt.Sprintf("[[%s]] %d", table, n+1), Msg: i18n.M("law.fault.missing", "field", "id")}
				if file.local {
					missing.at = e.place
				} else {
					missing.Where = file.name + " " + missing.Where
				}
				r.f.list = append(r.f.list, missing)
				continue
			}
			r.put(into, table, e)
		}
	}
}

// put takes a row in; a local one takes the place of the program's.
func (r *reader) put(into *[]entry, table string, e entry) {
	i, there := r.at[table+" "+e.id]
	switch {
	case !there:
		r.at[table+" "+e.id] = len(*into)
		*into = append(*into, e)
	case e.local && !(*into)[i].local:
		was := (*into)[i]
		e.was = &was
		(*into)[i] = e
	default:
		twice := Fault{Where: e.id, Msg: i18n.M("law.fault.twice")}
		if e.local {
			twice.at = e.place
		}
		r.f.list = append(r.f.list, twice)
		return
	}
	if e.local {
		r.f.stands(e.id, e.place)
	}
}

// headForm is the line that begins a row: [[duty]].
var headForm = regexp.MustCompile(`^\s*\[\[\s*["']?([A-Za-z0-9_-]+)["']?\s*\]\]`)

// headLines are the lines on which the rows of each table begin, as text: the reader of TOML does not say them. Texts of several lines are skipped.
func headLines(body []byte) map[string][]int {
	out := map[string][]int{}
	open := "" // the quotes of a text of several lines
	n := 0
	for line := range strings.Lines(string(body)) {
		n++
		if open == "" && strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		if m := headForm.FindStringSubmatch(line); open == "" && m != nil {
			out[m[1]] = append(out[m[1]], n)
		}
		for _, q := range []string{`"""`, `'''`} {
			if (open == "" || open == q) && strings.Count(line, q)%2 == 1 {
				open = map[bool]string{true: q}[open == ""]
				break
			}
		}
	}
	return out
}

func rowsOf(v any) ([]map[string]any, bool) {
	switch x := v.(type) {
	case []map[string]any:
		return x, true
	case []any:
		out := make([]map[string]any, len(x))
		for i, r := range x {
			m, ok := r.(map[string]any)
			if !ok {
				return nil, false
			}
			out[i] = m
		}
		return out, true
	}
	return nil, false
}

// form is the type that a field must have.
type form uint8

const (
	text form = iota
	day
	number
	truth
	list
	table
	textOrList
)

var (
	actFields = map[string]form{
		"id": text, "number": text, "kind": text, "issuer": text, "title_vi": text, "title_en": text, "issued": day,
		"effective_from": day, "effective_to": day, "replaced_by": text, "source": text,
	}
	dutyFields = map[string]form{
		"id": text, "act": text, "ref": text, "principle": text, "kind": text, "role": text, "step": text, "also": list, "of": textOrList,
		"yields_to": list, "flags": list, "unit_kinds": list, "subject": text, "title_vi": text, "title_en": text, "forms": list,
		"min_days": number, "within_days": number, "working": truth, "exempt": text, "recurrence": text, "quorum": table, "approval": table,
		"majority_text": text, "limits": table, "effective_from": day, "effective_to": day, "confidence": text, "note": text, "audience": text,
	}
	stepFields = map[string]form{"id": text, "meaning": text, "event": text, "unit": text, "quorum": text}
	flagFields = map[string]form{"id": text, "scope": text, "weight": number, "meaning": text}

	actNeeds  = words("id number kind issuer title_vi title_en effective_from")
	dutyNeeds = words("id act ref principle kind role unit_kinds title_vi title_en effective_from confidence")
	stepNeeds = words("id meaning event unit")
	flagNeeds = words("id scope weight meaning")
)

// shape checks that a row has the fields it needs and no others, none of a wrong type, none empty.
func shape(e entry, fields map[string]form, needs []string, f *faults) {
	for _, k := range slices.Sorted(maps.Keys(e.row)) {
		want, known := fields[k]
		v := e.row[k]
		switch {
		case !known:
			f.add(e.id, "unknown_field", "field", k)
		case !hasForm(v, want):
			f.add(e.id, "wrong_type", "field", k)
		case empty(v):
			f.add(e.id, "empty", "field", k)
		}
	}
	for _, k := range needs {
		if _, ok := e.row[k]; !ok {
			f.add(e.id, "missing", "field", k)
		}
	}
}

func hasForm(v any, want form) bool {
	switch x := v.(type) {
	case string:
		return want == text || want == textOrList
	case int64:
		return want == number && int64(int32(x)) == x
	case bool:
		return want == truth
	case time.Time:
		_, ok := dayOf(x)
		return want == day && ok
	case []any:
		return want == list || want == textOrList
	case map[string]any:
		return want == table
	}
	return false
}

func empty(v any) bool {
	switch x := v.(type) {
	case string:
		return x == ""
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return false
}

// dayOf is a TOML local date as a civil day; a date with a time of day is none.
func dayOf(v any) (civil.Date, bool) {
	t, ok := v.(time.Time)
	if !ok || t.Location().String() != "date-local" {
		return civil.None, false
	}
	d, ok := civil.New(t.Year(), int(t.Month()), t.Day())
	return d, ok
}

// The getters read a field of a row that shape has passed; a field that is not there is the zero value.

func (e entry) text(k string) string { s, _ := e.row[k].(string); return s }

func (e entry) number(k string) int { n, _ := e.row[k].(int64); return int(n) }

func (e entry) truth(k string) bool { b, _ := e.row[k].(bool); return b }

func (e entry) day(k string) civil.Date { d, _ := dayOf(e.row[k]); return d }

func (e entry) has(k string) bool { _, ok := e.row[k]; return ok }

func (e entry) list(k string) []string {
	l, _ := e.row[k].([]any)
	if len(l) == 0 {
		return nil
	}
	out := make([]string, len(l))
	for i, v := range l {
		out[i], _ = v.(string) // "" is in no vocabulary and names no duty
	}
	return out
}

func (e entry) table(k string) map[string]any { m, _ := e.row[k].(map[string]any); return m }

func (e entry) act() *Act {
	return &Act{
		ID: e.id, Number: e.text("number"), Kind: e.text("kind"), Issuer: e.text("issuer"), TitleVI: e.text("title_vi"), TitleEN: e.text("title_en"),
		Issued: e.day("issued"), EffectiveFrom: e.day("effective_from"), EffectiveTo: e.day("effective_to"),
		ReplacedBy: e.text("replaced_by"), Source: e.text("source"), Local: e.local,
	}
}

func (e entry) step() *Step {
	return &Step{ID: e.id, Meaning: e.text("meaning"), Event: e.text("event"), Unit: e.text("unit"), Quorum: e.text("quorum"), Local: e.local}
}

func (e entry) flag() *Flag {
	return &Flag{ID: e.id, Scope: e.text("scope"), Weight: e.number("weight"), Meaning: e.text("meaning"), Local: e.local}
}

// duty understands a row. Faults inside its tables (limits, quorum, approval, exempt) are noted.
func (e entry) duty(f *faults) *Duty {
	d := &Duty{
		ID: e.id, Act: e.text("act"), Ref: e.text("ref"), Principle: e.text("principle"), Kind: e.text("kind"), Role: e.text("role"),
		Step: e.text("step"), Also: e.list("also"), YieldsTo: e.list("yields_to"), Flags: e.list("flags"), UnitKinds: e.list("unit_kinds"),
		Subject: e.text("subject"), TitleVI: e.text("title_vi"), TitleEN: e.text("title_en"), Forms: e.list("forms"),
		MinDays: e.number("min_days"), WithinDays: e.number("within_days"), Working: e.truth("working"), Exempt: e.text("exempt"),
		Recurrence: e.text("recurrence"), MajorityText: e.text("majority_text"), EffectiveFrom: e.day("effective_from"),
		EffectiveTo: e.day("effective_to"), Confidence: e.text("confidence"), Note: e.text("note"), Audience: e.text("audience"), Local: e.local,
	}
	d.Recalled = d.Confidence == "recalled"
	if p := e.text("of"); p != "" {
		d.Of.Pattern = p
	} else {
		d.Of.IDs = e.list("of")
	}
	d.Quorum = e.share("quorum", f)
	d.Approval = e.share("approval", f)
	e.limits(&d.Limits, f)
	if d.Exempt != "" {
		alts, bad := alternatives(d.Exempt)
		if bad != "" {
			f.add(e.id, "exempt", "part", bad)
		}
		d.exempt = alts
	}
	return d
}

func (e entry) share(k string, f *faults) *Share {
	m := e.table(k)
	if m == nil {
		return nil
	}
	num, ok1 := m["num"].(int64)
	den, ok2 := m["den"].(int64)
	exceed, ok3 := m["exceed"].(bool)
	_, ok4 := m["of"]
	if !ok1 || !ok2 || !ok3 || !ok4 || len(m) != 4 || num < 1 || num > den || den > 1_000_000 {
		f.add(e.id, "share", "field", k)
	}
	of, _ := m["of"].(string)
	one(e.id, k+".of", []string{of}, has(Bases), f)
	return &Share{Num: int(num), Den: int(den), Of: of, Exceed: exceed}
}

func (e entry) limits(l *Limits, f *faults) {
	m := e.table("limits")
	for _, k := range slices.Sorted(maps.Keys(m)) {
		v, ok := m[k], false
		switch k {
		case "lead_working":
			l.LeadWorking, _ = v.(bool)
			ok = l.LeadWorking
		case "permanent":
			l.Permanent, _ = v.(bool)
			ok = l.Permanent
		case "team":
			l.Team, _ = v.(string)
			ok = teamForm.MatchString(l.Team)
		case "due":
			l.Due, _ = v.(string)
			ok = isDue(l.Due)
		default:
			if at := limitInt(k); at != nil {
				n, whole := v.(int64)
				ok = whole && n > 0 && n < 1_000_000
				*at(l) = int(n)
			}
		}
		if !ok {
			f.add(e.id, "limit", "field", k, "value", fmt.Sprint(v))
		}
	}
	if e.has("limits") && m["lead_working"] != nil && m["lead_days"] == nil {
		f.add(e.id, "lead_working")
	}
}

package law

import (
	"maps"
	"slices"

	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Fault is one thing wrong in a catalogue: where (the id of the entry, or the file) and what.
type Fault struct {
	Where string
	Line  int // in a file that cannot be read at all; else 0
	Msg   i18n.Msg

	at place // of the local entry it comes from, where neither Where nor Msg names it
}

// faults gathers what is wrong, so that whoever edits a file sees all of it at once.
type faults struct {
	list   []Fault
	places map[string]place // where an entry of a local file stands, by its id
}

// place is where an entry of a local file stands; line is 0 where it cannot be told.
type place struct {
	file string
	line int
}

func (f *faults) add(where, key string, kv ...any) { f.addLine(where, 0, key, kv...) }

func (f *faults) addLine(where string, line int, key string, kv ...any) {
	f.list = append(f.list, Fault{Where: where, Line: line, Msg: i18n.M("law.fault."+key, kv...)})
}

// stands notes where an entry of a local file stands.
func (f *faults) stands(id string, at place) {
	if f.places == nil {
		f.places = map[string]place{}
	}
	f.places[id] = at
}

func (f *faults) any() bool { return len(f.list) > 0 }

// err is nil without faults, else an errs.Invalid whose fields name the places: the file and the line where the fault comes from a local file, else
// the entry alone.
func (f *faults) err() error {
	if !f.any() {
		return nil
	}
	e := errs.E(errs.Invalid, "law.faults", "n", len(f.list))
	for _, x := range f.list {
		field := errs.Field{Name: x.Where, Line: x.Line, Msg: x.Msg}
		if at, ok := f.place(x); ok {
			field = errs.Field{Name: at.file, Line: at.line, Msg: i18n.M("law.fault_entry", "entry", x.Where, "what", x.Msg)}
		}
		e.Fields = append(e.Fields, field)
	}
	return e
}

// place finds the local entry that a fault comes from: the faulty one itself, else one that the sentence names. An entry of the program is without fault
// until a local one changes what it refers to.
func (f *faults) place(x Fault) (place, bool) {
	if x.at != (place{}) {
		return x.at, true
	}
	if at, ok := f.places[x.Where]; ok {
		return at, true
	}
	for _, name := range slices.Sorted(maps.Keys(x.Msg.Args)) {
		var ids []string
		switch v := x.Msg.Args[name].(type) {
		case string:
			ids = []string{v}
		case []string:
			ids = v
		}
		for _, id := range ids {
			if at, ok := f.places[id]; ok {
				return at, true
			}
		}
	}
	return place{}, false
}

package law

import (
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// Fault is one thing wrong in a catalogue: where (the id of the entry, or the file) and what.
type Fault struct {
	Where string
	Line  int // in a file that cannot be read at all; else 0
	Msg   i18n.Msg
}

// faults gathers what is wrong, so that whoever edits a file sees all of it at once.
type faults struct{ list []Fault }

func (f *faults) add(where, key string, kv ...any) { f.addLine(where, 0, key, kv...) }

func (f *faults) addLine(where string, line int, key string, kv ...any) {
	f.list = append(f.list, Fault{Where: where, Line: line, Msg: i18n.M("law.fault."+key, kv...)})
}

func (f *faults) any() bool { return len(f.list) > 0 }

// err is nil without faults, else an errs.Invalid whose fields name the places.
func (f *faults) err() error {
	if !f.any() {
		return nil
	}
	e := errs.E(errs.Invalid, "law.faults", "n", len(f.list))
	for _, x := range f.list {
		e.Fields = append(e.Fields, errs.Field{Name: x.Where, Line: x.Line, Msg: x.Msg})
	}
	return e
}

// Package errs has the kinds of errors that cross package borders, with what to tell the user as key and arguments. It knows nothing of HTTP.
package errs

import (
	"errors"
	"strings"

	"dinh/internal/i18n"
)

// Kind is the class of an error. Only package web turns it into a status and a page, only cmd into an exit status.
type Kind uint8

// The kinds. The zero value is a fault of ours: it is logged, and the user is told nothing of its inside.
const (
	Internal  Kind = iota
	Invalid        // bad input; Fields say where
	NotFound       // not there, or not for this actor to see
	Gone           // was there
	Forbidden      // seen, but this actor may not do it; the message names who may
	Unauthenticated
	Conflict // someone else changed it meanwhile
	TooMany  // throttled
	TooLarge
	Unavailable // try again later
	Usage       // a command line that cannot be understood
)

// Field is one fault in a form or a file. Name is the form field's name, or "" for the whole; Line counts from 1 in files, 0 elsewhere.
type Field struct {
	Name string
	Line int
	Msg  i18n.Msg
}

// Error is the one error type that carries a kind and words. Err, the cause, is for the log only.
type Error struct {
	Kind   Kind
	Msg    i18n.Msg
	Fields []Field
	Err    error
}

func (e *Error) Error() string {
	var s strings.Builder
	s.WriteString(e.Msg.Key)
	for _, f := range e.Fields {
		s.WriteString(" [" + f.Name + ": " + f.Msg.Key + "]")
	}
	if e.Err != nil {
		s.WriteString(": " + e.Err.Error())
	}
	return s.String()
}

func (e *Error) Unwrap() error { return e.Err }

// E makes an error of a kind with a message.
func E(kind Kind, key string, kv ...any) *Error { return &Error{Kind: kind, Msg: i18n.M(key, kv...)} }

// Wrap makes an error of a kind around a cause.
func Wrap(kind Kind, err error, key string, kv ...any) *Error {
	return &Error{Kind: kind, Msg: i18n.M(key, kv...), Err: err}
}

// At is a fault beside one field.
func At(field, key string, kv ...any) *Error {
	return &Error{Kind: Invalid, Msg: i18n.M("error.invalid"), Fields: []Field{{Name: field, Msg: i18n.M(key, kv...)}}}
}

// List gathers faults of one input, so that a user sees all of them at once.
type List struct{ Fields []Field }

// Add notes a fault beside a field.
func (l *List) Add(field, key string, kv ...any) {
	l.Fields = append(l.Fields, Field{Name: field, Msg: i18n.M(key, kv...)})
}

// AddLine notes a fault in a line of a file.
func (l *List) AddLine(line int, field, key string, kv ...any) {
	l.Fields = append(l.Fields, Field{Name: field, Line: line, Msg: i18n.M(key, kv...)})
}

// Err is nil where there were no faults.
func (l *List) Err() error {
	if len(l.Fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Msg: i18n.M("error.invalid"), Fields: l.Fields}
}

// KindOf is the kind of the first *Error in the chain, Internal where there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of the kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// FieldsOf are the faults by field, nil where there are none.
func FieldsOf(err error) []Field {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fields
	}
	return nil
}

// MsgOf is what to tell the user; a general sentence where err carries no words.
func MsgOf(err error) i18n.Msg {
	if e, ok := errors.AsType[*Error](err); ok && e.Msg.Key != "" {
		return e.Msg
	}
	return i18n.M("error.internal")
}

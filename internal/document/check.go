package document

import (
	"errors"
	"fmt"
)

// Check reports what a paper lacks or has twice. The faults are those of the program that made the paper, not of a person; it is called by every writer.
func (p *Paper) Check() error {
	var all []error
	add := func(format string, args ...any) { all = append(all, fmt.Errorf("document: "+format, args...)) }
	if p.Head.Body == "" {
		add("no issuing body")
	}
	if p.Subject == "" && p.IsLetter() {
		add("a letter without a subject")
	}
	if len(p.Signs) == 0 {
		add("nobody signs")
	}
	for i, s := range p.Signs {
		if len(s.As) == 0 {
			add("signature %d: as whom?", i+1)
		}
	}
	check(p.Blocks, "body", add)
	for i, a := range p.Annexes {
		if len(a.Blocks) == 0 {
			add("annex %d is empty", i+1)
		}
		check(a.Blocks, fmt.Sprintf("annex %d", i+1), add)
	}
	if p.Mark != nil && p.Mark.Link != "" {
		if _, err := NewQR(p.Mark.Link); err != nil {
			add("mark: %w", err)
		}
	}
	return errors.Join(all...)
}

func check(blocks []Block, where string, add func(string, ...any)) {
	for i, b := range blocks {
		at := fmt.Sprintf("%s, block %d", where, i+1)
		n := 0
		for _, set := range []bool{b.Heading != nil, b.Para != nil, b.List != nil, b.Table != nil, b.NewPage} {
			if set {
				n++
			}
		}
		if n != 1 {
			add("%s: %d parts instead of one", at, n)
			continue
		}
		switch {
		case b.Heading != nil:
			if b.Heading.No == "" && b.Heading.Title == "" {
				add("%s: an empty heading", at)
			}
			switch b.Heading.Level {
			case Part, Section, Article, Roman, Arabic, Sub:
			default:
				add("%s: level %q", at, b.Heading.Level)
			}
		case b.Table != nil:
			t := b.Table
			if len(t.Columns) == 0 {
				add("%s: a table without columns", at)
				continue
			}
			if _, err := t.Grid(t.Head, true); err != nil {
				add("%s: head: %w", at, err)
			}
			if _, err := t.Grid(t.Rows, false); err != nil {
				add("%s: %w", at, err)
			}
		}
	}
}

package extract

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
)

// pdfText reads a PDF.
func pdfText(ctx context.Context, r io.ReaderAt, size int64, lim Limits, out *Result, w *writer) error {
	head := make([]byte, min(size, 1024))
	n, err := r.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if !bytes.Contains(head[:n], []byte("%PDF-")) {
		return ErrBroken
	}
	p := &pdfFile{
		ctx: ctx, r: r, size: size, objects: map[int]place{}, trailer: dict{}, left: lim.Unpacked, work: 64<<20 + 64*size, flags: out, cache: map[int]any{},
	}
	err = p.scan()
	if err != nil {
		return err
	}
	if out.Encrypted {
		return nil
	}
	pages := p.pages(lim.Pages)
	if len(pages) == 0 {
		return ErrBroken
	}
	out.Pages = len(pages)
	fonts := map[any]*font{}
	for _, page := range pages {
		t := &pageText{p: p, fonts: fonts}
		err = t.page(page)
		if err != nil {
			return err
		}
		if !w.write(t.lines()) || !w.write("\n\n") {
			return nil
		}
	}
	out.Scanned = !strings.ContainsFunc(w.String(), unicode.IsLetter)
	return nil
}

// emptyNames reports whether a value is a tree of names with nothing in it, which some programs write into every file.
func emptyNames(v any) bool {
	d, ok := v.(dict)
	if !ok || len(d) != 1 {
		return false
	}
	list, ok := d["Names"].(array)
	return ok && len(list) == 0
}

// look notes what a value does beside showing text.
func (p *pdfFile) look(v any, depth int) {
	if depth > maxDepth {
		return
	}
	switch v := v.(type) {
	case stream:
		p.look(v.dict, depth)
	case array:
		for _, e := range v {
			p.look(e, depth+1)
		}
	case dict:
		for k, e := range v {
			switch k {
			case "JS", "JavaScript", "XFA", "RichMediaContent", "AA":
				p.flags.Scripts = p.flags.Scripts || e != nil
			case "OpenAction": // an array or a name only says which page to show
				if d, ok := e.(dict); ok && d["S"] != name("GoTo") {
					p.flags.Scripts = true
				}
			case "EmbeddedFiles", "EF":
				p.flags.Embedded = p.flags.Embedded || e != nil && !emptyNames(e)
			case "Type":
				if e == name("EmbeddedFile") {
					p.flags.Embedded = true
				}
			case "S":
				switch e {
				case name("JavaScript"), name("Launch"), name("Rendition"):
					p.flags.Scripts = true
				case name("SubmitForm"), name("ImportData"), name("GoToR"), name("GoToE"):
					p.flags.External = true
				}
			}
			p.look(e, depth+1)
		}
	}
}

// pages are the dictionaries of the pages in their order, with what they inherit.
func (p *pdfFile) pages(most int) []dict {
	var out []dict
	seen := map[ref]bool{}
	var walk func(v any, resources any, depth int)
	walk = func(v any, resources any, depth int) {
		if r, ok := v.(ref); ok {
			if seen[r] {
				return
			}
			seen[r] = true
		}
		d := p.dict(v)
		if d == nil || depth > maxDepth || len(out) >= most || p.ctx.Err() != nil {
			return
		}
		if d["Resources"] != nil {
			resources = d["Resources"]
		}
		kids := p.array(d["Kids"])
		if kids == nil {
			out = append(out, dict{"Resources": resources, "Contents": d["Contents"], "Annots": d["Annots"]})
			return
		}
		for _, k := range kids {
			if len(seen) > maxObjects {
				return
			}
			walk(k, resources, depth+1)
		}
	}
	root := p.dict(p.trailer["Root"])
	if root == nil {
		root = p.first("Catalog")
	}
	walk(root["Pages"], nil, 0)
	if len(out) == 0 { // no tree: the pages as they come
		var nums []int
		for n := range p.objects {
			nums = append(nums, n)
		}
		slices.Sort(nums)
		for _, n := range nums {
			if d := p.dict(ref{num: n}); d["Type"] == name("Page") {
				walk(ref{num: n}, p.dict(d["Parent"])["Resources"], 0)
			}
		}
	}
	return out
}

// first finds an object by its type, the last of the file first.
func (p *pdfFile) first(kind name) dict {
	var best dict
	seq := -1
	for n, at := range p.objects {
		if at.seq > seq {
			if d := p.dict(ref{num: n}); d["Type"] == kind {
				best, seq = d, at.seq
			}
		}
	}
	return best
}

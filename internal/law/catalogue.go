package law

import (
	"crypto/sha256"
	"embed"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"dinh/internal/errs"
)

//go:embed data/*.toml data/holidays.csv data/words/*.toml
var data embed.FS

// Catalogue is the law as the program knows it. It never changes after it was made and is safe for concurrent use; nobody may change what it gives.
type Catalogue struct {
	Acts  []*Act  // oldest first
	Steps []*Step // in the order of steps.toml
	Flags []*Flag
	Local []string // names of the files of the data folder that were laid over

	all      []*Duty
	acts     map[string]*Act
	duties   map[string]*Duty
	steps    map[string]*Step
	flags    map[string]*Flag
	answer   map[string][]*Duty // by step
	calendar *Calendar
	digest   string
}

// Load is the catalogue that the program carries.
func Load() (*Catalogue, error) {
	c, err := load(nil)
	if err != nil {
		return nil, fmt.Errorf("law: embedded catalogue: %w", err)
	}
	return c, nil
}

// Overlay is the catalogue that the program carries with the files of dir (*.toml, holidays.csv) laid over it: an entry with a known id replaces it,
// others are added, all of them Local. What is wrong in them is an errs.Invalid that names the
// file, the line and the entry of each fault. A folder that is not there changes nothing.
func Overlay(dir string) (*Catalogue, error) {
	files, err := readFolder(dir)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return Load()
	}
	return load(files)
}

const maxFile = 4 << 20 // of the data folder

func readFolder(dir string) ([]source, error) {
	root, err := os.OpenRoot(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, overlayFault(err, "law")
	}
	defer root.Close()
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, overlayFault(err, "law")
	}
	var out []source
	for _, e := range entries {
		if e.IsDir() || path.Ext(e.Name()) != ".toml" && e.Name() != holidaysFile {
			continue
		}
		body, err := readFile(root, e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, source{name: e.Name(), body: body, local: true})
	}
	return out, nil
}

func readFile(root *os.Root, name string) ([]byte, error) {
	file, err := root.Open(name)
	if err != nil {
		return nil, overlayFault(err, "law/"+name)
	}
	defer file.Close()
	body, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return nil, overlayFault(err, "law/"+name)
	}
	if len(body) > maxFile {
		return nil, errs.E(errs.TooLarge, "law.overlay_large", "file", name, "mb", maxFile>>20)
	}
	return body, nil
}

// overlayFault is that a file or the folder cannot be read.
func overlayFault(err error, name string) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err
	}
	return errs.Wrap(errs.Unavailable, err, "law.overlay_read", "file", name, "what", err.Error())
}

func embedded() ([]source, error) {
	entries, err := data.ReadDir("data")
	if err != nil {
		return nil, err
	}
	var out []source
	for _, e := range entries {
		if e.IsDir() {
			continue
		}
		body, err := data.ReadFile("data/" + e.Name())
		if err != nil {
			return nil, err
		}
		out = append(out, source{name: e.Name(), body: body})
	}
	return out, nil
}

func load(local []source) (*Catalogue, error) {
	files, err := embedded()
	if err != nil {
		return nil, err
	}
	return assemble(append(files, local...))
}

// assemble makes a catalogue of files; later ones are laid over earlier ones where they are local.
func assemble(files []source) (*Catalogue, error) {
	var f faults
	r, cal := newReader(&f), newCalendar()
	for _, s := range files {
		if s.name == holidaysFile {
			cal.read(s, &f)
		} else {
			r.add(s)
		}
	}
	c := build(&r.tables, &f)
	if err := f.err(); err != nil {
		return nil, err
	}
	c.calendar, c.digest = cal, digest(files)
	for _, s := range files {
		if s.local {
			c.Local = append(c.Local, s.name)
		}
	}
	return c, nil
}

// digest is the SHA-256 over names and contents of all files.
func digest(files []source) string {
	h := sha256.New()
	for _, s := range files {
		for _, b := range [][]byte{[]byte(s.name), s.body} {
			var n [8]byte
			binary.BigEndian.PutUint64(n[:], uint64(len(b)))
			h.Write(n[:])
			h.Write(b)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Digest is the SHA-256 of the catalogue and its calendar, in hex: two catalogues with one digest give the same answers.
func (c *Catalogue) Digest() string { return c.digest }

// Calendar is the calendar of working days.
func (c *Catalogue) Calendar() *Calendar { return c.calendar }

// All are all duties in the order of the catalogue.
func (c *Catalogue) All() []*Duty { return slices.Clone(c.all) }

// Act is the act with the id.
func (c *Catalogue) Act(id string) (*Act, bool) { a, ok := c.acts[id]; return a, ok }

// Duty is the duty with the id.
func (c *Catalogue) Duty(id string) (*Duty, bool) { d, ok := c.duties[id]; return d, ok }

// Step is the step with the id.
func (c *Catalogue) Step(id string) (*Step, bool) { s, ok := c.steps[id]; return s, ok }

// Flag is the flag with the id.
func (c *Catalogue) Flag(id string) (*Flag, bool) { f, ok := c.flags[id]; return f, ok }

// DutiesOf are the duties of an act in the order of the catalogue.
func (c *Catalogue) DutiesOf(act string) []*Duty {
	var out []*Duty
	for _, d := range c.all {
		if d.Act == act {
			out = append(out, d)
		}
	}
	return out
}

// Answers are all duties that answer the step, whenever in force, the oldest first.
func (c *Catalogue) Answers(step string) []*Duty {
	out := slices.Clone(c.answer[step])
	slices.SortStableFunc(out, func(a, b *Duty) int { return strings.Compare(string(a.EffectiveFrom), string(b.EffectiveFrom)) })
	return out
}

// Details are the hows and limits that name the matter, in the order of the catalogue.
func (c *Catalogue) Details(matter string) []*Duty {
	var out []*Duty
	for _, d := range c.all {
		if d.ID != matter && d.Of.Has(matter) {
			out = append(out, d)
		}
	}
	return out
}

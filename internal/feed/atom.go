package feed

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"time"
)

// Feed is a list of news that other programs subscribe to.
type Feed struct {
	ID       string // the same for ever: an address or a URN
	Title    string
	Subtitle string
	Lang     string // "vi", "en"
	Author   string // the body that publishes
	Self     string // address of the feed
	Link     string // address of the page with the same content
	Updated  time.Time
	Entries  []Entry // newest first
}

// Entry is one piece of news.
type Entry struct {
	ID         string // the same for ever: an address or a URN
	Title      string
	Link       string
	Author     string // where it is not the feed's
	Published  time.Time
	Updated    time.Time
	Summary    string // plain text
	Categories []string
}

// URN is the Atom identifier of a record of ours.
func URN(id string) string { return "urn:uuid:" + id }

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomEntry struct {
	ID         string         `xml:"id"`
	Title      string         `xml:"title"`
	Updated    string         `xml:"updated"`
	Published  string         `xml:"published,omitempty"`
	Author     *atomPerson    `xml:"author"`
	Links      []atomLink     `xml:"link"`
	Categories []atomCategory `xml:"category"`
	Summary    string         `xml:"summary,omitempty"`
}

type atomFeed struct {
	XMLName   xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang      string      `xml:"xml:lang,attr,omitempty"`
	ID        string      `xml:"id"`
	Title     string      `xml:"title"`
	Subtitle  string      `xml:"subtitle,omitempty"`
	Updated   string      `xml:"updated"`
	Author    *atomPerson `xml:"author"`
	Links     []atomLink  `xml:"link"`
	Generator string      `xml:"generator"`
	Entries   []atomEntry `xml:"entry"`
}

// Bytes is the feed as application/atom+xml. A feed or entry without ID, title or time, or a feed without author, is an error: it would not be Atom.
// A feed's time left out is that of its newest entry.
func (f Feed) Bytes() ([]byte, error) {
	updated := f.Updated
	for _, e := range f.Entries {
		if f.Updated.IsZero() && e.Updated.After(updated) {
			updated = e.Updated
		}
	}
	if f.ID == "" || oneLine(f.Title) == "" || oneLine(f.Author) == "" || updated.IsZero() {
		return nil, errors.New("feed: id, title, author and time are needed")
	}
	out := atomFeed{
		Lang: f.Lang, ID: oneLine(f.ID), Title: oneLine(f.Title), Subtitle: oneLine(f.Subtitle), Updated: rfc3339(updated),
		Author: person(f.Author), Generator: "Dinh",
	}
	if f.Self != "" {
		out.Links = append(out.Links, atomLink{Rel: "self", Type: "application/atom+xml", Href: uri(f.Self)})
	}
	if f.Link != "" {
		out.Links = append(out.Links, atomLink{Rel: "alternate", Type: "text/html", Href: uri(f.Link)})
	}
	seen := make(map[string]bool, len(f.Entries))
	for i, e := range f.Entries {
		if e.ID == "" || oneLine(e.Title) == "" || e.Updated.IsZero() {
			return nil, fmt.Errorf("feed: entry %d: id, title and time are needed", i)
		}
		if seen[e.ID] {
			return nil, fmt.Errorf("feed: entry %d: id %q twice", i, e.ID)
		}
		seen[e.ID] = true
		a := atomEntry{
			ID: oneLine(e.ID), Title: oneLine(e.Title), Updated: rfc3339(e.Updated), Author: person(e.Author), Summary: clean(e.Summary),
		}
		if !e.Published.IsZero() {
			a.Published = rfc3339(e.Published)
		}
		if e.Link != "" {
			a.Links = append(a.Links, atomLink{Rel: "alternate", Type: "text/html", Href: uri(e.Link)})
		}
		for _, c := range e.Categories {
			a.Categories = append(a.Categories, atomCategory{Term: oneLine(c)})
		}
		out.Entries = append(out.Entries, a)
	}
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", " ")
	err := enc.Encode(out)
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	b.WriteByte('\n')
	return b.Bytes(), nil
}

func person(name string) *atomPerson {
	if name == "" {
		return nil
	}
	return &atomPerson{Name: oneLine(name)}
}

func rfc3339(t time.Time) string { return t.UTC().Format(time.RFC3339) }

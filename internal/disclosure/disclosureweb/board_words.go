package disclosureweb

import (
	"slices"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
)

// progressClass are the classes of tags by state.
var progressClass = map[disclosure.Progress]string{
	disclosure.ToBePosted: "cho", disclosure.Posted: "lam", disclosure.EndingSoon: "sap", disclosure.Full: "xong", disclosure.RemovedEarly: "tre", disclosure.Taken: "cho",
}

// ItemTag words how far an item has come. What this site shows, but was told in none of the forms that the law names, still waits to be posted.
func ItemTag(c *web.Context, v *disclosure.View) web.Tag {
	if v.Progress == disclosure.Posted && v.FirstTold == civil.None {
		return progressTag(c, disclosure.ToBePosted)
	}
	return progressTag(c, v.Progress)
}

func progressTag(c *web.Context, s disclosure.Progress) web.Tag {
	return web.Tag{Class: progressClass[s], Text: c.P.T("disclosure.progress." + string(s))}
}

// boardRow is an item on a board.
type boardRow struct {
	V        *disclosure.View
	Path     string
	Unit     *org.Unit // in the room over all units
	UnitPath string
	Staff    bool
	Cite     i18n.Msg // the place in the law
	CitePath string
	Own      string // what the unit discloses beyond the law
	Where    []i18n.Msg
	Tag      web.Tag
	Time     timing
	Proof    proof
}

// timing is how far an item's days have come.
type timing struct {
	Class     string // of the bar
	Days      int
	Need      int
	Left      int
	From, To  civil.Date
	Permanent bool
	Full      bool
	Running   bool // days are being counted everywhere
	Uneven    bool // they are not: somewhere it is not up
	Since     civil.Date
}

// proof is what the photos show.
type proof struct {
	Hang   int // places where a sheet hangs or must hang
	Photos int // of them, with a photo
	Up     int
}

// Missing are the places without a photo.
func (p proof) Missing() int { return p.Hang - p.Photos }

func (h *pages) row(c *web.Context, v *disclosure.View, room bool) boardRow {
	r := boardRow{V: v, Path: h.Service.Link(v.Item, ""), Staff: v.Audience == disclosure.Staff, Tag: ItemTag(c, v), Where: where(v.Places), Time: timingOf(v, c.Today), Proof: proofOf(v)}
	if room || v.Unit != c.Unit.ID {
		r.Unit = h.unitOf(c, v.Unit)
		r.UnitPath = h.Units.Path(v.Unit, c.Today)
	}
	switch {
	case v.Duty != nil:
		r.Cite, r.CitePath = v.Duty.Cite(), "/luat/nghia-vu/"+v.Duty.ID
	case v.Own != nil:
		r.Own = v.Own.Title
	}
	return r
}

// where words the places: those of which there are many by their number.
func where(places []disclosure.Place) []i18n.Msg {
	n := map[string]int{}
	for _, p := range places {
		n[p.Kind]++
	}
	var out []i18n.Msg
	for _, kind := range disclosure.PlaceKinds {
		switch n[kind] {
		case 0:
		case 1:
			i := slices.IndexFunc(places, func(p disclosure.Place) bool { return p.Kind == kind })
			out = append(out, places[i].Label())
		default:
			out = append(out, i18n.M("disclosureboard.where."+kind, "n", n[kind]))
		}
	}
	return out
}

func timingOf(v *disclosure.View, today civil.Date) timing {
	t := timing{Days: v.Count.Days, Need: v.Count.Need, Permanent: v.Permanent, Since: v.Published}
	if v.FirstTold != civil.None && v.FirstTold > v.Published {
		t.Since = v.FirstTold
	}
	switch {
	case v.Permanent || t.Need == 0:
		return t
	case v.Count.Full != civil.None:
		t.Full, t.Class, t.To = true, "xong", v.Count.Full
		t.Days = t.Need
	case v.Count.Ends != civil.None:
		t.Running, t.To = true, v.Count.Ends
		t.Left = max(v.Count.Ends.Sub(today), 0)
	default:
		t.Uneven = true
	}
	if t.To != civil.None {
		t.From = t.To.Add(1 - t.Need)
	}
	switch v.Progress {
	case disclosure.EndingSoon:
		t.Class = "sap"
	case disclosure.RemovedEarly:
		t.Class = "tre"
	default:
	}
	return t
}

func proofOf(v *disclosure.View) proof {
	p := proof{Hang: v.Count.Hang}
	for _, pc := range v.Count.Places {
		if !disclosure.Hangs(pc.Place.Kind) {
			continue
		}
		if pc.Up {
			p.Up++
		}
		if slices.ContainsFunc(v.Postings, func(x disclosure.Posting) bool {
			return x.Place == pc.Place.Key && x.Edition == v.Edition && len(v.Photos[x.ID]) > 0
		}) {
			p.Photos++
		}
	}
	return p
}

// shortHost is the address people type, without its scheme.
func shortHost(c *web.Context) string {
	_, host, ok := strings.Cut(c.BaseURL(), "://")
	if !ok {
		host = c.BaseURL()
	}
	return host
}

// cutText is the beginning of a text of at most n characters, up to the end of a word, with the sign that something follows; cut reports whether it does.
func cutText(s string, n int) (out string, cut bool) {
	r := []rune(strings.TrimSpace(s))
	if len(r) <= n {
		return string(r), false
	}
	end := n
	for end > n*3/4 && r[end] != ' ' && r[end] != '\n' {
		end--
	}
	return strings.TrimRight(string(r[:end]), " \n.,;:") + "…", true
}

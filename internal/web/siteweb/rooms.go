package siteweb

import (
	"slices"
	"strings"

	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/search"
	"dinh/internal/web"
)

// principles are the catalogue's words for the rooms.
var principles = map[string]string{"dan-biet": "know", "dan-ban": "discuss", "dan-quyet-dinh": "decide", "dan-lam": "do", "dan-kiem-tra": "inspect"}

type roomPage struct {
	Room   string
	Unit   *org.Unit
	Piece  Piece
	Kind   string      // the kind of unit whose duties are listed
	Kinds  []kindLink  // for a province: the kinds to choose from
	Groups []dutyGroup // what the law asks, by kind of duty
	Count  int
}

type kindLink struct {
	Kind, Path string
	Current    bool
}

type dutyGroup struct {
	Kind   string
	Duties []dutyRow
}

type dutyRow struct {
	Title    string
	Path     string
	Cite     i18n.Msg
	Recalled bool
}

// asked are the kinds of units of which a province's page can list the duties, the one shown first in front.
var asked = []string{org.Commune, org.Village, org.Agency, org.ServiceUnit, org.Enterprise, org.District, org.Province}

func (s *site) room(room string) web.Handler {
	return func(c *web.Context) error {
		u := c.Unit
		c.L.Room = room
		c.Touches("unit:"+u.ID, "law")
		p := roomPage{Room: room, Unit: u, Kind: u.Kind}
		var err error
		if p.Piece, err = s.gather(c, u, room); err != nil {
			return err
		}
		q := law.Query{Kind: u.Kind, Flags: u.Flags, Size: law.SizesOf(u.Staff, u.Workers), Day: c.On, Role: "matter", Principle: principles[room]}
		if u.Kind == org.Province {
			q.Kind, q.Flags, q.Size = asked[0], nil, law.Sizes{}
			if k := c.Query("loai"); slices.Contains(asked, k) {
				q.Kind = k
			}
			p.Kind = q.Kind
			for _, k := range asked {
				l := kindLink{Kind: k, Path: roomKind(c, u, room, k), Current: k == q.Kind}
				p.Kinds = append(p.Kinds, l)
			}
		}
		if s.Law != nil {
			s.duties(c, q, &p)
		}
		return c.Render("site_room", p)
	}
}

func roomKind(c *web.Context, u *org.Unit, room, kind string) string {
	p := c.UnitLink(u, "/"+room)
	if strings.Contains(p, "?") {
		return p + "&loai=" + kind
	}
	return p + "?loai=" + kind
}

func (s *site) duties(c *web.Context, q law.Query, p *roomPage) {
	at := map[string]int{}
	for _, d := range s.Law().Duties(q) {
		i, ok := at[d.Kind]
		if !ok {
			i = len(p.Groups)
			at[d.Kind] = i
			p.Groups = append(p.Groups, dutyGroup{Kind: d.Kind})
		}
		p.Groups[i].Duties = append(p.Groups[i].Duties, dutyRow{Title: d.Title(c.Lang), Path: s.lawPath(search.KindDuty, d.ID), Cite: d.Cite(), Recalled: d.Recalled})
		p.Count++
	}
}

func (s *site) lawPath(kind, id string) string {
	if s.LawPath == nil {
		return ""
	}
	return s.LawPath(kind, id)
}

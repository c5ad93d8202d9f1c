package siteweb_test

import (
	"net"
	"net/http"
	"os"
	"testing"

	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/web"
	"dinh/internal/web/siteweb"
)

func TestServe(t *testing.T) {
	if os.Getenv("SERVE") == "" {
		t.Skip()
	}
	h := open(t, siteweb.ContributorFunc(func(c *web.Context, u *org.Unit, room string) (siteweb.Piece, error) {
		var p siteweb.Piece
		if os.Getenv("SERVE") == "full" {
			if room == "" {
				p.Counts = []siteweb.Count{{Room: "dan-kiem-tra", N: 59, Label: i18n.M("site.room.dan-biet")}}
				p.Cards = []siteweb.Card{{Title: i18n.M("site.room.dan-lam"), Big: "90,1%", Part: 90, Whole: 100, Links: []siteweb.Link{{Label: i18n.M("site.help.title"), Path: "/tro-giup"}}}}
				p.Sections = []siteweb.Section{{Title: i18n.M("site.room.dan-biet"), Rows: []siteweb.Row{{Title: "Dự toán", Path: "/x", Tag: &web.Tag{Class: "lam", Text: "Còn 15 ngày"}}}}}
			}
		}
		return p, nil
	}))
	l, err := net.Listen("tcp", "127.0.0.1:9177")
	if err != nil {
		t.Fatal(err)
	}
	go http.Serve(l, h.k)
	<-make(chan int)
}

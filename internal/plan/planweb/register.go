// Package planweb has the pages of the room plan: an officer's work, the tracking board of those who steer, and what the public sees of a plan.
package planweb

import (
	"context"
	"embed"
	"io/fs"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

// Colleague is somebody who has a post at a unit.
type Colleague struct {
	Account string
	Name    string
	Title   string // "Công chức Văn phòng – Thống kê"; may be empty
}

// People knows who works at a unit; app makes it of auth.
type People interface {
	// Colleagues are those who do the unit's work on the day, by name.
	Colleagues(ctx context.Context, unit string, day civil.Date) ([]Colleague, error)
}

// Actors makes an account the actor it is today; auth is it.
type Actors interface {
	ActorOf(ctx context.Context, account string) (access.Actor, error)
}

// Deps are what the pages work with. People may be nil: then a task is given to a person by name alone.
type Deps struct {
	Plans  *plan.Service
	Units  *org.Directory
	Law    func() *law.Catalogue
	Files  *attach.Store
	DB     *db.DB // reading notices
	Clock  civil.Clock
	People People
	Actors Actors
	// Door leads from a task that records of another room show to where they are made; "" where there is nothing to open. It may be nil.
	Door func(ctx context.Context, t *plan.Task, unit *org.Unit, due civil.Date) (path string, label i18n.Msg, err error)
}

//go:embed templates/*.gohtml
var templates embed.FS

// Register adds the room's templates, addresses and navigation.
func Register(k *web.Kit, d Deps) {
	sub, err := fs.Sub(templates, "templates")
	if err != nil {
		panic(err) // embedded
	}
	k.Templates(sub)
	registerOfficer(k, d)
	registerFocal(k, d)
}

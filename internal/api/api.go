// Package api is the JSON API v1: what is public for everybody, the rest with a token. It reads and never changes.
package api

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/errs"
	"dinh/internal/law"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

//go:embed openapi.yaml
var openapi []byte

// OpenAPI is the description of the API, in YAML.
func OpenAPI() []byte { return bytes.Clone(openapi) }

// Tokens finds out whose token an Authorization header holds ("Bearer …", "ApiToken …"). An unknown or ended one is errs.Unauthenticated.
type Tokens interface {
	Token(ctx context.Context, header string) (access.Actor, error)
}

// Deps are what the API reads from.
type Deps struct {
	Units  *org.Directory
	Law    func() *law.Catalogue
	Plans  *plan.Service
	Tokens Tokens
	Clock  civil.Clock
}

type api struct {
	Deps
	k *web.Kit
}

// handler answers with a value that becomes JSON.
type handler func(c *call) (any, error)

// call is one question.
type call struct {
	ctx   context.Context
	r     *http.Request
	q     url.Values
	actor access.Actor
}

// Register adds the API to the kit.
func Register(k *web.Kit, d Deps) {
	a := &api{Deps: d, k: k}
	for pattern, h := range map[string]handler{
		"/api/v1/units":            a.units,
		"/api/v1/units/{code}":     a.unit,
		"/api/v1/acts":             a.acts,
		"/api/v1/acts/{id}":        a.act,
		"/api/v1/duties":           a.duties,
		"/api/v1/plans":            a.plans,
		"/api/v1/plans/{id}":       a.plan,
		"/api/v1/plans/{id}/tasks": a.tasks,
		"/api/v1/plans/{id}/board": a.board,
		"/api/v1/assignments":      a.assignments,
	} {
		k.HandleAPI("GET "+pattern, a.adapt(h))
	}
	k.HandleAPI("GET /api/v1/openapi.yaml", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(openapi)
	}))
	k.HandleAPI("/api/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		k.Problem(w, r, errs.E(errs.NotFound, "api.none"))
	}))
}

func (a *api) adapt(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{ctx: r.Context(), r: r, q: r.URL.Query()}
		var out any
		err := a.identify(c)
		if err == nil {
			out, err = h(c)
		}
		var body []byte
		if err == nil {
			body, err = json.Marshal(out)
		}
		if err != nil {
			a.k.Problem(w, r, err)
			return
		}
		head := w.Header()
		head.Set("Content-Type", "application/json")
		head.Add("Vary", "Authorization")
		if c.actor.Public() {
			head.Set("Cache-Control", "public, max-age=30")
			head.Set("Access-Control-Allow-Origin", "*")
		} else {
			head.Set("Cache-Control", "no-store")
		}
		_, _ = w.Write(append(body, '\n'))
	})
}

// identify finds the holder of the token, where one came. A wrong token is refused and never taken for the public.
func (a *api) identify(c *call) error {
	head := c.r.Header.Get("Authorization")
	if head == "" {
		return nil
	}
	actor, err := a.Tokens.Token(c.ctx, head)
	if err != nil {
		return err
	}
	c.actor = actor
	return nil
}

// list is one page of things. Next goes into after; it is left out on the last page.
type list[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

const (
	defaultLimit = 100
	maxLimit     = 1000
)

// page cuts the page after the cursor out of items, which are in the order of their keys.
func page[T any](c *call, items []T, key func(T) string) (list[T], error) {
	limit, err := c.limit()
	if err != nil {
		return list[T]{}, err
	}
	if after := c.q.Get("after"); after != "" {
		raw, err := base64.RawURLEncoding.DecodeString(after)
		if err != nil {
			return list[T]{}, errs.At("after", "api.after")
		}
		i := 0
		for i < len(items) && key(items[i]) <= string(raw) {
			i++
		}
		items = items[i:]
	}
	out := list[T]{Items: items}
	if len(items) > limit {
		out.Items = items[:limit]
		out.Next = base64.RawURLEncoding.EncodeToString([]byte(key(items[limit-1])))
	}
	if out.Items == nil {
		out.Items = []T{}
	}
	return out, nil
}

func (c *call) limit() (int, error) {
	s := c.q.Get("limit")
	if s == "" {
		return defaultLimit, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, errs.At("limit", "api.limit", "max", maxLimit)
	}
	return min(n, maxLimit), nil
}

// day is the parameter on, today where it is missing.
func (a *api) day(c *call) (civil.Date, error) {
	s := c.q.Get("on")
	if s == "" {
		return a.Clock.Today(), nil
	}
	d, err := civil.Parse(s)
	if err != nil {
		return civil.None, errs.At("on", "api.day", "value", s)
	}
	return d, nil
}

// pageInOrder is page for items in an order of their own, such as the tasks of a plan.
func pageInOrder[T any](c *call, items []T, key func(T) string) (list[T], error) {
	limit, err := c.limit()
	if err != nil {
		return list[T]{}, err
	}
	if after := c.q.Get("after"); after != "" {
		raw, err := base64.RawURLEncoding.DecodeString(after)
		i := slices.IndexFunc(items, func(t T) bool { return key(t) == string(raw) })
		if err != nil || i < 0 {
			return list[T]{}, errs.At("after", "api.after")
		}
		items = items[i+1:]
	}
	out := list[T]{Items: items}
	if len(items) > limit {
		out.Items = items[:limit]
		out.Next = base64.RawURLEncoding.EncodeToString([]byte(key(items[limit-1])))
	}
	return out, nil
}

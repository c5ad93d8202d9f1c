package e2e

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dinh/internal/app"
	"dinh/internal/auth"
	"dinh/internal/db"
)

var apiPath = regexp.MustCompile(`(?m)^  (/[^:]*):$`)

// TestAPIAsEverybody asks the API's every address, with sensible and with nasty values, as the public and with tokens: JSON always, nothing fails inside,
// nothing is told that is not the asker's.
func TestAPIAsEverybody(t *testing.T) {
	t.Parallel()
	f := furnish(t, demo(t))
	tokens := map[string]string{public: ""}
	for _, role := range []string{"thanhnua", "xabencanh", "huyendb", "mttq", "quantri", "snv"} {
		f.write(t, func(ctx context.Context, tx *db.Tx) (err error) {
			tokens[role], err = f.Auth.CreateTokenTx(ctx, tx, f.actor(t, role), auth.TokenOrder{Label: "thử", Expires: app.DemoDay.Add(30)})
			return err
		})
	}
	before := contents(t, f.DB)
	doc := f.as(t, public).Get("/api/v1/openapi.yaml").Want(http.StatusOK).Body
	var paths []string
	for _, m := range apiPath.FindAllStringSubmatch(doc, -1) {
		if p := strings.TrimPrefix(m[1], "/api/v1"); !strings.HasSuffix(p, ".yaml") {
			paths = append(paths, "/api/v1"+p)
		}
	}
	if len(paths) < 9 {
		t.Fatalf("the description has only %v", paths)
	}
	params := []string{"unit", "on", "kind", "role", "parent", "q", "after", "limit", "under"}
	for role, token := range tokens {
		c := f.as(t, public)
		if token != "" {
			c.Header.Set("Authorization", "Bearer "+token)
		}
		for _, p := range paths {
			filled := strings.NewReplacer("plans/{id}", "plans/"+planID, "acts/{id}", "acts/pl-34-2007", "{code}", "03322").Replace(p)
			asked := []string{filled, filled + "?unit=03322&on=2021-03-12&limit=500"}
			for _, bad := range nasty {
				q := url.Values{}
				for _, name := range params {
					q.Set(name, bad)
				}
				asked = append(asked, filled+"?"+q.Encode(), wildcard.ReplaceAllLiteralString(p, url.PathEscape(bad)))
			}
			for _, at := range asked {
				got := c.Do(http.MethodGet, at, nil, nil)
				if got.Status >= 500 {
					t.Errorf("%s as %s: %d\n%s", at, role, got.Status, f.log.last())
				}
				if kind := got.Header.Get("Content-Type"); strings.HasPrefix(kind, "application/") && !json.Valid([]byte(got.Body)) {
					t.Errorf("%s as %s: %s that is none: %.200s", at, role, kind, got.Body)
				}
				f.discreet(t, role, got)
			}
		}
	}
	unchanged(t, before, contents(t, f.DB))
}

var wildcard = regexp.MustCompile(`\{\w+\}`)

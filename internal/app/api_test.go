package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dinh/internal/api"
	"dinh/internal/civil"
	"dinh/internal/config"
	"dinh/internal/i18n"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// apiBed is one demonstration that the tests of the API read from.
type apiBed struct {
	app    *App
	h      http.Handler
	router routers.Router
	doc    *openapi3.T
	token  string
}

var apiOnce = sync.OnceValues(func() (*apiBed, error) {
	ctx := context.Background()
	c := config.Config{Data: apiDir}
	c.Default()
	now := func() time.Time { return time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC) }
	a, err := Open(ctx, Options{Config: c, Clock: civil.Shifted(now, DemoDay), Log: slog.New(slog.DiscardHandler), Demo: true})
	if err != nil {
		return nil, err
	}
	if _, err := a.Demo(ctx); err != nil {
		return nil, err
	}
	h, err := a.Handler(ctx)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := (&TokenCreate{User: "snv", Days: 30}).Run(ctx, a, i18n.For(i18n.EN), &out); err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(api.OpenAPI())
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(ctx); err != nil {
		return nil, err
	}
	r, err := gorillamux.NewRouter(doc)
	return &apiBed{app: a, h: h, router: r, doc: doc, token: strings.TrimSpace(out.String())}, err
})

var apiDir string

func bed(t *testing.T) *apiBed {
	t.Helper()
	b, err := apiOnce()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// ask asks the API and holds the answer against openapi.yaml.
func (b *apiBed) ask(t *testing.T, path, token string, status int) []byte {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	rec := httptest.NewRecorder()
	b.h.ServeHTTP(rec, req)
	res := rec.Result()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != status {
		t.Fatalf("%s: status %d, want %d: %s", path, res.StatusCode, status, body)
	}
	route, params, err := b.router.FindRoute(req)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 res.StatusCode, Header: res.Header, Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	in.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(t.Context(), in); err != nil {
		t.Errorf("%s: the answer is not as openapi.yaml says: %v", path, err)
	}
	return body
}

func TestAPIAnswersAsDescribed(t *testing.T) {
	t.Parallel()
	b := bed(t)
	for _, path := range []string{
		"/api/v1/units", "/api/v1/units?kind=district&limit=3", "/api/v1/units?parent=100&q=thanh+nua", "/api/v1/units?on=2026-01-01&kind=commune", "/api/v1/units/03322",
		"/api/v1/units/03127?on=2025-12-01", "/api/v1/units/SNV", "/api/v1/acts?limit=1000", "/api/v1/acts/pl-34-2007", "/api/v1/duties?limit=1000", "/api/v1/duties?limit=1000&on=2026-11-01",
		"/api/v1/duties?unit=03322&on=2021-03-12&kind=disclose", "/api/v1/duties?unit=SNV&role=matter", "/api/v1/plans", "/api/v1/plans/648-kh-ubnd-2021",
		"/api/v1/plans/648-kh-ubnd-2021/tasks", "/api/v1/plans/648-kh-ubnd-2021/board", "/api/v1/plans/648-kh-ubnd-2021/board?under=100&kind=commune&limit=5",
	} {
		b.ask(t, path, "", http.StatusOK)
		b.ask(t, path, b.token, http.StatusOK)
	}
	b.ask(t, "/api/v1/assignments?unit=03322", b.token, http.StatusOK)
	for path, status := range map[string]int{
		"/api/v1/units?on=2021-02-31": 400, "/api/v1/units?parent=XX": 400, "/api/v1/units/XX": 404, "/api/v1/units?limit=0": 400, "/api/v1/units?after=%25": 400, "/api/v1/units?kind=planet": 400,
		"/api/v1/acts/none": 404, "/api/v1/duties?unit=XX": 400, "/api/v1/duties?role=king": 400, "/api/v1/plans/none": 404, "/api/v1/plans/648-kh-ubnd-2021/board?under=XX": 400,
		"/api/v1/assignments?unit=03322": 401,
	} {
		b.ask(t, path, "", status)
	}
	b.ask(t, "/api/v1/units", "wrong", http.StatusUnauthorized)
	b.ask(t, "/api/v1/assignments", b.token, http.StatusBadRequest)
}

type duties struct {
	Items []struct {
		ID, Act, Kind, Role string
		EffectiveFrom       civil.Date `json:"effective_from"`
		EffectiveTo         civil.Date `json:"effective_to"`
	}
	Next string
}

// TestWhatACommuneMustDisclose is acceptance 3: the law of 2021 for xã Thanh Nưa, law 10/2022 for the commune that its code's unit went into.
func TestWhatACommuneMustDisclose(t *testing.T) {
	t.Parallel()
	b := bed(t)
	get := func(path string) duties {
		var d duties
		if err := json.Unmarshal(b.ask(t, path, "", 200), &d); err != nil {
			t.Fatal(err)
		}
		return d
	}
	acts := func(d duties) map[string]int {
		out := map[string]int{}
		for _, x := range d.Items {
			if x.Kind != "disclose" {
				t.Errorf("%s is of kind %s", x.ID, x.Kind)
			}
			out[x.Act]++
		}
		return out
	}
	old := acts(get("/api/v1/duties?unit=03322&on=2021-03-12&kind=disclose"))
	if old["pl-34-2007"] < 11 || old["l-10-2022"] > 0 {
		t.Errorf("2021: %v", old)
	}
	now := acts(get("/api/v1/duties?unit=03328&on=2026-11-01&kind=disclose"))
	if now["l-10-2022"] < 10 || now["pl-34-2007"] > 0 {
		t.Errorf("2026: %v", now)
	}
	roles := map[string]bool{}
	for _, x := range get("/api/v1/duties?unit=03322&on=2021-03-12&limit=1000").Items {
		roles[x.Role] = true
	}
	if len(roles) < 4 {
		t.Errorf("without role all roles come, not only %v", roles)
	}
}

// TestAPIPages reads the whole board page by page: a row for every unit that the plan binds, each once.
func TestAPIPages(t *testing.T) {
	t.Parallel()
	b := bed(t)
	seen := map[string]bool{}
	path := "/api/v1/plans/648-kh-ubnd-2021/board?limit=50"
	for after := ""; ; {
		var page struct {
			Items []struct {
				Unit               string
				Tasks              map[string]string
				Done, Due, Overdue int
			}
			Next string
		}
		q := path
		if after != "" {
			q += "&after=" + url.QueryEscape(after)
		}
		if err := json.Unmarshal(b.ask(t, q, "", 200), &page); err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Items {
			if seen[r.Unit] {
				t.Errorf("%s comes twice", r.Unit)
			}
			seen[r.Unit] = true
			done, overdue := 0, 0
			for _, s := range r.Tasks {
				if slices.Contains([]string{"done", "done_late", "entered_late"}, s) {
					done++
				}
				if s == "overdue" {
					overdue++
				}
			}
			if done != r.Done || overdue != r.Overdue {
				t.Errorf("%s: done %d and overdue %d, the cells say %d and %d", r.Unit, r.Done, r.Overdue, done, overdue)
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	// 1 province, 10 districts, 129 communes and all 68 bodies but the steering committee, of which the plan asks nothing.
	if len(seen) != 207 {
		t.Errorf("%d rows", len(seen))
	}
	var units struct{ Items []struct{ Code string } }
	if err := json.Unmarshal(b.ask(t, "/api/v1/units?limit=1000", "", 200), &units); err != nil {
		t.Fatal(err)
	}
	if len(units.Items) != 208 {
		t.Errorf("%d units on the demo's day", len(units.Items))
	}
	var later struct{ Items []struct{ Code, Kind string } }
	if err := json.Unmarshal(b.ask(t, "/api/v1/units?limit=1000&kind=commune&on=2026-01-01", "", 200), &later); err != nil {
		t.Fatal(err)
	}
	if len(later.Items) != 45 {
		t.Errorf("%d communes in 2026", len(later.Items))
	}
}

// TestEveryPathIsAsked keeps openapi.yaml and the routes together.
func TestEveryPathIsAsked(t *testing.T) {
	t.Parallel()
	b := bed(t)
	want := []string{"/acts", "/acts/{id}", "/assignments", "/duties", "/plans", "/plans/{id}", "/plans/{id}/board", "/plans/{id}/tasks", "/units", "/units/{code}"}
	got := slices.Sorted(slices.Values(b.doc.Paths.InMatchingOrder()))
	if !slices.Equal(got, want) {
		t.Errorf("openapi.yaml describes %v", got)
	}
}

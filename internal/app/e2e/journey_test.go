package e2e

import (
	"net/http"
	"testing"
)

func TestEverySampleAccountLogsIn(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s := demoOn(t, engine)
			people, err := s.Demo(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range people {
				s.as(t, p.Login).Get("/lam-viec/viec-cua-toi").Want(http.StatusOK).Check()
			}
		})
	}
}

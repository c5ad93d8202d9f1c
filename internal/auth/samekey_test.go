package auth

import (
	"testing"

	"dinh/internal/db"
)

// A server with another key than the database's secrets are sealed with notices it; once nothing is sealed with the old key the new one takes over.
func TestSameKey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		server := func(dir string) *Service {
			t.Helper()
			s, err := New(Options{DB: h.d, Clock: h.clock.civil(), Units: h.dir, KeyDir: dir})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		want := func(s *Service, want bool) {
			t.Helper()
			if same, err := s.SameKey(t.Context()); err != nil || same != want {
				t.Errorf("%v, %v, want %v", same, err, want)
			}
		}
		first, other := server(h.keys), server(t.TempDir())
		want(first, true)
		seal := func(sealed string) {
			t.Helper()
			err := h.d.Write(t.Context(), func(tx *db.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE account SET totp=$1 WHERE id=(SELECT MIN(id) FROM account)`, sealed)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		seal(first.key.seal("totp:x", "secret"))
		want(other, false)
		want(server(h.keys), true)
		seal("")
		want(other, true)
		want(first, true) // and back
	})
}

package disclosure

import "testing"

func TestParseKey(t *testing.T) {
	t.Parallel()
	tests := []struct {
		key, kind, id string
		ok            bool
	}{
		{"office", PlaceOffice, "", true},
		{"written", PlaceWritten, "", true},
		{VillageKey("u1"), PlaceVillage, "u1", true},
		{BoardKey("b1"), PlaceBoard, "b1", true},
		{"v:", PlaceVillage, "", false},
		{"b:", PlaceBoard, "", false},
		{"village", "", "", false},
		{"board", "", "", false},
		{"", "", "", false},
		{"office ", "", "", false},
	}
	for _, tt := range tests {
		kind, id, ok := ParseKey(tt.key)
		if ok != tt.ok || ok && (kind != tt.kind || id != tt.id) {
			t.Errorf("ParseKey(%q) = %q, %q, %v", tt.key, kind, id, ok)
		}
	}
}

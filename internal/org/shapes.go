package org

import (
	_ "embed"

	"dinh/internal/civil"
)

//go:embed data/dien-bien-2025.geojson
var shapes2025 []byte

// Shapes are the territories of the communes on a day as GeoJSON, by code; false for a day whose territories nobody has drawn: a map is of its own time or not
// there.
func Shapes(day civil.Date) ([]byte, bool) {
	if day >= merged2025 {
		return shapes2025, true
	}
	return nil, false
}

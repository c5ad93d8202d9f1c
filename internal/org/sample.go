package org

import (
	"context"
	"embed"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
)

//go:generate go run data/cut.go

//go:embed data/*.csv
var samples embed.FS

// The days from which the sample files hold.
const (
	sampleFrom civil.Date = "2021-01-01"
	merged2025 civil.Date = "2025-07-01"
	merger2025            = "Nghị quyết số 1661/NQ-UBTVQH15 ngày 16/6/2025"
)

// LoadSample puts Điện Biên into the tree: the province, its 10 districts, 129 communes and 68 bodies of 2021, and its 45 communes from 1/7/2025 with what
// became of the old ones; the districts end without successor. A second call changes nothing.
func (s *Service) LoadSample(ctx context.Context) error {
	steps := []struct {
		file, follow string
		on           civil.Date
		act          string
	}{
		{file: "data/units-2021.csv", on: sampleFrom},
		{file: "data/bodies-2021.csv", on: sampleFrom},
		{file: "data/units-2025.csv", follow: "data/successions-2025.csv", on: merged2025, act: merger2025},
	}
	for _, st := range steps {
		o := ImportOptions{On: st.on, Act: st.act}
		data, err := samples.ReadFile(st.file)
		if err != nil {
			return err
		}
		if st.follow != "" {
			o.Successions, err = samples.ReadFile(st.follow)
			if err != nil {
				return err
			}
			o.SuccessionsName = st.follow
		}
		in, err := s.ReadImport(data, st.file, o)
		if err != nil {
			return err
		}
		err = s.d.Write(ctx, func(tx *db.Tx) error {
			_, err := s.ImportTx(ctx, tx, access.System, in)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

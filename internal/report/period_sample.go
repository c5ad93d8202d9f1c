package report

import (
	"context"
	"hash/fnv"
	"math/rand/v2"
	"slices"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/org"
)

// Sample fills a demonstration: the half year before last as it was closed, with made-up figures of all units, and this year's, open, with some units at
// work and some done. The units of the codes given have not begun. Everything is marked as a sample.
func (s *Service) Sample(ctx context.Context, province string, untouched ...string) error {
	today := s.clock.Today()
	via, err := s.focalOf(ctx, province)
	if err != nil {
		return err
	}
	for _, year := range []int{today.Year() - 1, today.Year()} {
		forms, err := s.Forms(ctx, s.db)
		if err != nil {
			return err
		}
		p := s.NewPeriod(forms, Asker{province, cmpOr(via, province)}, PeriodHalf, year)
		p.Sample = true
		if p.Opens > today {
			continue
		}
		var id string
		err = s.db.Write(ctx, func(tx *db.Tx) error {
			if id, err = s.CreatePeriodTx(ctx, tx, access.System, *p); err != nil {
				return err
			}
			_, err = s.OpenTx(ctx, tx, access.System, id, 1)
			return err
		})
		if err != nil {
			return err
		}
		past := p.dueOf("", "") < today
		if err := s.samplePeriod(ctx, id, past, today, untouched); err != nil {
			return err
		}
	}
	return nil
}

// samplePeriod makes up the reports of a period: all of one that is past, about a third of one that runs.
func (s *Service) samplePeriod(ctx context.Context, id string, past bool, today civil.Date, untouched []string) error {
	p, form, err := s.PeriodForm(ctx, id)
	if err != nil {
		return err
	}
	list, err := readReports(ctx, s.db, len(form.Indicators), `period_id=$1 ORDER BY id`, id)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(list, tellBatch) {
		err := s.db.Write(ctx, func(tx *db.Tx) error {
			for _, have := range part {
				r := *have
				r.Values, r.Found = slices.Clone(have.Values), slices.Clone(have.Found)
				o := s.with(&r, p, form)
				rng := seeded(o.unit.Code + p.Title)
				if !past && (rng.IntN(3) > 0 || slices.Contains(untouched, o.unit.Code)) {
					continue
				}
				if err := s.sampleReport(ctx, tx, o, rng, past, today); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if !past {
		return nil
	}
	return s.db.Write(ctx, func(tx *db.Tx) error { return s.CloseTx(ctx, tx, access.System, id, 0) })
}

func seeded(name string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	return rand.New(rand.NewPCG(h.Sum64(), 1))
}

func (s *Service) sampleReport(ctx context.Context, tx *db.Tx, o *opened, rng *rand.Rand, past bool, today civil.Date) error {
	if !past { // what the records say is not made up
		now, err := s.found(ctx, tx, o.Unit, o.period.days(today), o.asked)
		if err != nil {
			return err
		}
		o.prefill(o.form, o.asked, now)
	}
	o.invent(rng)
	o.State = Drafting
	done := past || rng.IntN(2) == 0
	if done {
		o.State, o.First, o.SignedBy = Submitted, today, "Người ký mẫu"
		if past {
			o.First = o.Due.Add(rng.IntN(12) - 9)
			o.State, o.Accepted, o.AcceptedBy = Accepted, o.First.Add(2), "Dữ liệu mẫu"
		}
		o.Submitted, o.SubmittedBy = o.First, "Dữ liệu mẫu"
	}
	o.Sample = true
	for _, x := range o.asked {
		if x.Unit != Words || !done {
			continue
		}
		sec := &Section{Report: o.ID, Name: x.Section, Texts: map[string]string{}}
		for _, y := range o.inSection(x.Section) {
			if y.Unit == Words {
				sec.Texts[y.Code] = sampleWords[rng.IntN(len(sampleWords))]
			}
		}
		if err := saveSection(ctx, tx, access.Actor{Name: "Dữ liệu mẫu"}, sec, 0); err != nil {
			return err
		}
		break // words stand in one section
	}
	return saveReport(ctx, tx, o.Report)
}

var sampleWords = []string{
	"Việc công khai và lấy ý kiến Nhân dân được duy trì; cán bộ, công chức nắm rõ trách nhiệm hơn.",
	"Một số nội dung công khai còn chậm do thiếu người phụ trách; hồ sơ cuộc họp chưa đầy đủ.",
	"Đề nghị cấp trên mở lớp bồi dưỡng nghiệp vụ cho cán bộ thôn, bản, tổ dân phố.",
}

// invent makes up the figures that nobody gave, so that they keep the form's rules.
func (o *opened) invent(rng *rand.Rand) {
	for _, x := range o.asked {
		i := o.form.Index(x.Code)
		if !typed(x) || !x.Stored() || o.Values.Known(i) || x.Source == SourceGrading {
			continue
		}
		switch x.Unit {
		case YesNo:
			o.Values[i] = int64(min(rng.IntN(6), 1))
		case Day:
			o.Values[i] = int64(o.period.Year)*10000 + 301 + int64(rng.IntN(28))
		case VND:
			o.Values[i] = int64(rng.IntN(400)) * 1_000_000
		case M2:
			o.Values[i] = int64(rng.IntN(40)) * 50
		default:
			o.Values[i] = int64(rng.IntN(12))
			if o.kind == org.District || o.kind == org.Province {
				o.Values[i] += int64(rng.IntN(20))
			}
		}
	}
	value := func(code string) int64 {
		if i := o.form.Index(code); o.Values.Known(i) {
			return o.Values[i]
		}
		return 0
	}
	sum := func(codes []string) (n int64) {
		for _, c := range codes {
			n += value(c)
		}
		return n
	}
	for range 5 { // mending one rule may break another, a few times
		for _, x := range o.asked {
			if x.rule == nil {
				continue
			}
			left, right := sum(x.rule.Left), sum(x.rule.Right)
			first := o.form.Index(x.rule.Right[0])
			own := o.form.Index(x.Code)
			switch {
			case x.rule.Op == "==" && left != right, x.rule.Op == "<=" && left > right && len(x.rule.Left)+len(x.rule.Right) > 2:
				if !o.Found.Known(first) {
					o.Values[first] += left - right
				}
			case x.rule.Op == "<=" && left > right:
				if !o.Found.Known(own) {
					o.Values[own] = right
				} else if !o.Found.Known(first) {
					o.Values[first] = left
				}
			}
		}
	}
}

package disclosure

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/law"
	"dinh/internal/org"
)

// Sample gives communes, agencies, schools and hospitals below the root sample disclosures, always the same, up to today: most of a commune's matters of the
// year told in time, some late, some still missing, a sheet that was gone for some days, one item replaced and one withdrawn, questions with and without an
// answer, items for staff. All are marked as samples. Units with the codes of untouched are left as they are.
func (s *Service) Sample(ctx context.Context, root string, untouched ...string) error {
	today := s.clock.Today()
	n := map[string]int{}
	for _, u := range s.units.On(today).Subtree(root) {
		if slices.Contains(untouched, u.Code) {
			continue
		}
		most := map[string]int{org.Commune: 24, org.Agency: 3, org.ServiceUnit: 4}[u.Kind]
		if n[u.Kind]++; n[u.Kind] > most {
			continue
		}
		err := s.db.Write(ctx, func(tx *db.Tx) error { return s.sampleUnitTx(ctx, tx, u, n[u.Kind] == 1) })
		if err != nil {
			return err
		}
	}
	return nil
}

// sampleRoll is a number from 0 to n-1 that belongs to its words.
func sampleRoll(n int, words ...string) int {
	h := fnv.New32a()
	for _, w := range words {
		_, _ = h.Write([]byte(w + "\x00"))
	}
	x := h.Sum32()
	x ^= x >> 15
	x *= 0x2c1b3c6d
	x ^= x >> 12
	return int(x % uint32(n))
}

func (s *Service) sampleUnitTx(ctx context.Context, tx *db.Tx, u *org.Unit, full bool) error {
	today := s.clock.Today()
	n := -1
	for _, d := range Matters(s.law(), u, today) {
		audience := AudienceOf(d)
		if u.Kind == org.Commune && audience == Staff || !slices.Contains(d.Forms, "posting") && !slices.Contains(d.Forms, "loudspeaker") {
			continue
		}
		n++
		if !full && sampleRoll(100, u.Code, d.ID) >= 40 {
			continue
		}
		if err := s.sampleItemTx(ctx, tx, u, d, audience, n, full); err != nil {
			return err
		}
	}
	return nil
}

// sampleTitle is what the duty is about, as the title of a paper.
func sampleTitle(d *law.Duty) string {
	t := d.TitleVI
	for _, p := range []string{"Công khai trong đơn vị: ", "Công khai với người lao động: ", "Công khai "} {
		t = strings.TrimPrefix(t, p)
	}
	t, _, _ = strings.Cut(t, ";")
	r, size := utf8.DecodeRuneInString(t)
	return string(unicode.ToUpper(r)) + t[size:] + " (mẫu)"
}

func (s *Service) sampleItemTx(ctx context.Context, tx *db.Tx, u *org.Unit, d *law.Duty, audience Audience, n int, full bool) error {
	today := s.clock.Today()
	roll := sampleRoll(1000, "day", u.Code, d.ID)
	decided := today.Add(-8 - roll%70)
	offers, err := s.OfferedPlaces(ctx, u.ID, audience)
	if err != nil {
		return err
	}
	var keys []string
	for _, p := range offers {
		switch {
		case p.Kind == PlaceOffice, p.Kind == PlaceVillage, p.Kind == PlaceWebsite, p.Kind == PlaceLoudspeaker && slices.Contains(d.Forms, "loudspeaker"):
			keys = append(keys, p.Key)
		}
	}
	number := strconv.Itoa(10+n*3+roll%3) + "/TB-" + map[string]string{org.Commune: "UBND"}[u.Kind]
	number = strings.TrimSuffix(number, "-")
	i, err := s.CreateTx(ctx, tx, access.System, NewItem{Unit: u.ID, Sample: true, ItemInput: ItemInput{
		Matter: d.ID, Period: PeriodOf(d.Recurrence, decided), Audience: audience, Title: sampleTitle(d), Places: keys, DocNumber: number, DocDay: decided, Decided: decided,
		Summary: "Đây là mục mẫu để thử phần mềm. Khi dùng thật, chỗ này nói ngắn gọn: việc này là gì, liên quan đến bà con thế nào, hỏi ai.",
		Body:    "Nội dung mẫu, số liệu không có thật.\n\n| Nội dung | Năm 2021 | Năm 2020 |\n| --- | ---: | ---: |\n| Chỉ tiêu mẫu thứ nhất | 120 | 100 |\n| Chỉ tiêu mẫu thứ hai | 45 | 48 |\n",
	}})
	if err != nil {
		return err
	}
	told := decided.Add(1 + roll%2)
	if roll%6 == 0 {
		told = decided.Add(6)
	}
	if err := s.sampleUpTx(ctx, tx, i.ID, Approval{PaperNumber: number, PaperDay: decided, PaperSigner: "Người đứng đầu (mẫu)"}, told); err != nil {
		return err
	}
	for _, key := range keys {
		switch {
		case key == PlaceLoudspeaker:
			_, err = s.TellTx(ctx, tx, access.System, Tell{Item: i.ID, Place: key, Day: told, Until: min(told.Add(2), today), Hour: "17:00", Person: "Cán bộ văn hóa (mẫu)", How: HowSelf})
		case key != PlaceWebsite:
			in := PutUp{Item: i.ID, Place: key, Day: told, Hour: "08:15", Person: "Công chức văn phòng (mẫu)", How: HowSelf}
			switch end := told.Add(31); {
			case full && n == 1 && told.Add(9) < today: // gone for three days, then put up again
				in.Down = &Down{Day: told.Add(6), Kind: DownMissing, Person: "Công chức văn phòng (mẫu)", How: HowSelf, Note: "Mẫu: tờ bị mưa làm rách"}
			case end <= today && i.MinDays > 0:
				in.Down = &Down{Day: end, Kind: DownEnd, Person: "Công chức văn phòng (mẫu)", How: HowSelf}
			}
			if _, err = s.PostTx(ctx, tx, access.System, in); err == nil && in.Down != nil && in.Down.Kind == DownMissing {
				again := in
				again.Down, again.Day = nil, told.Add(9)
				_, err = s.PostTx(ctx, tx, access.System, again)
			}
		}
		if err != nil {
			return err
		}
	}
	if !full || audience == Staff {
		return nil
	}
	switch n {
	case 0:
		return s.sampleQuestionsTx(ctx, tx, i.ID)
	case 2:
		now, err := readItem(ctx, tx, `id=$1`, i.ID)
		if err != nil {
			return err
		}
		return s.WithdrawTx(ctx, tx, access.System, i.ID, now.Version, "Mẫu: văn bản gốc bị thu hồi để sửa số liệu.")
	}
	return nil
}

// sampleUpTx approves and publishes the edition that is being written.
func (s *Service) sampleUpTx(ctx context.Context, tx *db.Tx, item string, a Approval, day civil.Date) error {
	version := func() (int, error) {
		var v int
		err := tx.QueryRow(ctx, `SELECT version FROM disclosure_edition WHERE item_id=$1 AND state IN ('writing','waiting','approved')`, item).Scan(&v)
		return v, err
	}
	v, err := version()
	if err != nil {
		return err
	}
	a.Version = v
	if err := s.ApproveTx(ctx, tx, access.System, item, a); err != nil {
		return err
	}
	if v, err = version(); err != nil {
		return err
	}
	return s.PublishTx(ctx, tx, access.System, item, Publication{Version: v, Checks: Checks{Secret: SecretNo, SecretBy: "Công chức văn phòng (mẫu)"}, Day: day}) //nolint:gosec // a state secret, not a credential
}

func (s *Service) sampleQuestionsTx(ctx context.Context, tx *db.Tx, item string) error {
	for n, body := range []string{"Câu hỏi mẫu: số liệu này so với năm trước tăng vì sao?", "Câu hỏi mẫu: bà con xem bản đầy đủ ở đâu?"} {
		q, err := s.AskTx(ctx, tx, access.Actor{}, item, NewQuestion{Body: body})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE disclosure_question SET sample=1 WHERE id=$1`, q.ID); err != nil {
			return err
		}
		if n == 1 {
			continue
		}
		if err := s.ReplyTx(ctx, tx, access.System, Reply{ID: q.ID, Version: q.Version, Do: QuestionAnswered, Answer: "Câu trả lời mẫu: bản đầy đủ có dấu nằm trong tệp đính kèm và tại trụ sở."}); err != nil {
			return err
		}
	}
	return nil
}

package disclosure

import (
	"context"
	"crypto/rand"
	"database/sql"
	"strings"
	"unicode/utf8"

	"dinh/internal/access"
	"dinh/internal/audit"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/mail"
	"dinh/internal/notify"
	"dinh/internal/org"
)

// The states of a question: moderated first, then shown and answered, or refused with a reason that its asker reads.
const (
	QuestionWaiting  = "waiting"
	QuestionOpen     = "open"
	QuestionAnswered = "answered"
	QuestionRefused  = "refused"
)

// Question is what somebody without an account asks about an item. Contact is for the unit alone, to say that there is an answer.
type Question struct {
	ID, Item, Unit string
	Code           string // of the receipt: opens the asker's own page
	State          string
	Body           string
	Place          string // "bản Mển", as the asker says; "" where not
	Contact        string // telephone number or mail address; never public
	Day            civil.Date
	Due            civil.Date // the last day for the answer
	RefusedWhy     string
	Answer         string
	Answered       civil.Date
	Actor          string // who answered or refused
	ActorName      string
	Sample         bool
	Version        int
	Created        int64
}

// Late reports whether the answer is overdue.
func (x *Question) Late(today civil.Date) bool {
	return (x.State == QuestionOpen || x.State == QuestionWaiting) && x.Due < today
}

const questionColumns = `id, item_id, unit_id, code, state, body, place, phone, day, due, refused_why, answer, answered, actor, actor_name, sample, version, created`

func readQuestions(ctx context.Context, q db.Querier, where string, args ...any) ([]Question, error) {
	var out []Question
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var x Question
		var sample int
		err := rows.Scan(&x.ID, &x.Item, &x.Unit, &x.Code, &x.State, &x.Body, &x.Place, &x.Contact, &x.Day, &x.Due, &x.RefusedWhy, &x.Answer, &x.Answered, &x.Actor,
			&x.ActorName, &sample, &x.Version, &x.Created)
		x.Sample = sample == 1
		out = append(out, x)
		return err
	}, `SELECT `+questionColumns+` FROM disclosure_question WHERE `+where, args...)
	return out, err
}

func insertQuestion(ctx context.Context, tx *db.Tx, x *Question) error {
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_question(`+questionColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18)`,
		x.ID, x.Item, x.Unit, x.Code, x.State, x.Body, x.Place, x.Contact, x.Day, x.Due, x.RefusedWhy, x.Answer, x.Answered, x.Actor, x.ActorName, db.Flag(x.Sample),
		x.Version, x.Created)
	return err
}

func saveQuestion(ctx context.Context, tx *db.Tx, x *Question) error {
	err := tx.Update(ctx, `UPDATE disclosure_question SET state=$3, refused_why=$4, answer=$5, answered=$6, actor=$7, actor_name=$8, version=version+1 WHERE id=$1 AND version=$2`,
		x.ID, x.Version, x.State, x.RefusedWhy, x.Answer, x.Answered, x.Actor, x.ActorName)
	if err == nil {
		x.Version++
	}
	return err
}

// NewQuestion is what the form has.
type NewQuestion struct {
	Body    string
	Place   string
	Contact string
}

// Check keeps the rules of a question that need no database.
func (n NewQuestion) Check() error {
	var faults errs.List
	body := strings.TrimSpace(n.Body)
	switch {
	case body == "":
		faults.Add("hoi", "disclosureboard.ask.empty")
	case utf8.RuneCountInString(body) < 5:
		faults.Add("hoi", "disclosureboard.ask.short")
	case utf8.RuneCountInString(body) > Rules.QuestionRunes:
		faults.Add("hoi", "disclosureboard.ask.long", "n", Rules.QuestionRunes)
	}
	if utf8.RuneCountInString(n.Place) > 100 {
		faults.Add("noi", "disclosureboard.ask.place_long")
	}
	if n.Contact != "" && !validContact(n.Contact) {
		faults.Add("lien-he", "disclosureboard.ask.contact_bad")
	}
	return faults.Err()
}

// validContact is a telephone number of 8 to 12 figures, or a mail address.
func validContact(s string) bool {
	if strings.Contains(s, "@") {
		_, err := mail.Address("lien-he", s)
		return err == nil
	}
	digits := strings.NewReplacer(" ", "", ".", "", "-", "", "+", "", "(", "", ")", "").Replace(s)
	return len(digits) >= 8 && len(digits) <= 12 && strings.Trim(digits, "0123456789") == ""
}

// answerDue is the last day for an answer to what was asked on the day: working days of the unit, else of the house.
func (s *Service) answerDue(set Setting, day civil.Date) civil.Date {
	n := Rules.AnswerDays
	if set.AnswerDays > 0 {
		n = set.AnswerDays
	}
	return s.law().Calendar().Workday(day, n)
}

// AnswerBy is the day by which a question asked today about something of the unit is answered.
func (s *Service) AnswerBy(ctx context.Context, unit string) (civil.Date, error) {
	set, err := readSetting(ctx, s.db, unit)
	if err != nil {
		return civil.None, err
	}
	return s.answerDue(set, s.clock.Today()), nil
}

// AskTx takes a question about an item that the actor sees. It waits for the unit before anybody else reads it. errs.TooMany where too many wait.
func (s *Service) AskTx(ctx context.Context, tx *db.Tx, actor access.Actor, item string, n NewQuestion) (Question, error) {
	if err := n.Check(); err != nil {
		return Question{}, err
	}
	i, err := readItem(ctx, tx, `id=$1`, item)
	if err != nil {
		return Question{}, err
	}
	if i.State != Up || !s.MaySee(actor, i) {
		return Question{}, errs.E(errs.NotFound, "disclosure.none")
	}
	var open int
	if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM disclosure_question WHERE item_id=$1 AND state='waiting'`, i.ID).Scan(&open); err != nil {
		return Question{}, err
	}
	if open >= Rules.QuestionsOpen {
		return Question{}, errs.E(errs.TooMany, "disclosureboard.ask.crowded")
	}
	set, err := readSetting(ctx, tx, i.Unit)
	if err != nil {
		return Question{}, err
	}
	today := tx.Today()
	x := Question{
		ID: tx.NewID(), Item: i.ID, Unit: i.Unit, Code: receiptCode(), State: QuestionWaiting, Body: strings.TrimSpace(n.Body), Place: n.Place, Contact: n.Contact,
		Day: today, Due: s.answerDue(set, today), Version: 1, Created: db.Micros(tx.Now()),
	}
	if err := insertQuestion(ctx, tx, &x); err != nil {
		return x, err
	}
	if err := s.tellDeskTx(ctx, tx, i.Unit, notify.Notice{
		Kind: "disclosure.question", Msg: i18n.M("disclosureboard.notice.question", "title", i.Title), Link: questionLink(x.ID), Due: x.Due, Once: "question:" + x.ID,
	}); err != nil {
		return x, err
	}
	// Nothing of it is shown yet, so no kept page is dropped.
	return x, audit.Record(ctx, tx, audit.Entry{
		Actor: actor.ID, ActorName: actor.Name, Action: "disclosure.question", Unit: i.Unit, Kind: "disclosure", Subject: i.ID,
		Msg: i18n.M("disclosure.audit.question", "title", i.Title), Details: map[string]any{"question": x.ID},
	})
}

// questionLink is the work page of a question.
func questionLink(id string) string { return "/lam-viec/hoi-dap/" + id }

// receiptCode is a random code that nobody guesses.
func receiptCode() string {
	b := make([]byte, Rules.ReceiptLength)
	rand.Read(b)
	for i, x := range b {
		b[i] = Rules.CodeLetters[int(x)%len(Rules.CodeLetters)]
	}
	return string(b)
}

// tellDeskTx sends a notice to those who do the unit's work; for a village to its head and to the officers of its commune.
func (s *Service) tellDeskTx(ctx context.Context, tx *db.Tx, unit string, n notify.Notice) error {
	if s.people == nil {
		return nil
	}
	kinds := []access.PostKind{access.Focal, access.Officer, access.VillageHead}
	who, err := s.people.Holders(ctx, unit, kinds...)
	if err != nil {
		return err
	}
	tree := s.units.On(tx.Today())
	if u, ok := tree.ByID(unit); ok && u.Kind == org.Village {
		more, err := s.people.Holders(ctx, u.ParentID, access.Focal, access.Officer)
		if err != nil {
			return err
		}
		who = append(who, more...)
	}
	if len(who) == 0 {
		if who, err = s.people.Holders(ctx, unit, access.Head); err != nil {
			return err
		}
	}
	told := map[string]bool{}
	for _, account := range who {
		if told[account] {
			continue
		}
		told[account] = true
		n.Account, n.Unit = account, unit
		if err := notify.SendTx(ctx, tx, n); err != nil {
			return err
		}
	}
	return nil
}

// QuestionByCode is a question for whoever has its receipt, in whatever state, without the contact. errs.NotFound else.
func (s *Service) QuestionByCode(ctx context.Context, item, code string) (Question, error) {
	code = strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
	list, err := readQuestions(ctx, s.db, `code=$1 AND item_id=$2`, code, item)
	if err == nil && len(list) == 0 {
		err = errs.E(errs.NotFound, "disclosure.none")
	}
	if err != nil {
		return Question{}, err
	}
	list[0].Contact = ""
	return list[0], nil
}

// Reply is what the desk does with a question: refuse it with a reason, show it, or answer it, which shows it too.
type Reply struct {
	ID      string
	Version int
	Do      string // QuestionOpen, QuestionAnswered, QuestionRefused
	Answer  string
	Why     string
}

// Check keeps the rules of a reply that need no database.
func (r Reply) Check() error {
	var faults errs.List
	switch r.Do {
	case QuestionOpen:
	case QuestionAnswered:
		if strings.TrimSpace(r.Answer) == "" {
			faults.Add("tra-loi", "disclosureboard.reply.empty")
		}
		if utf8.RuneCountInString(r.Answer) > 2*Rules.QuestionRunes {
			faults.Add("tra-loi", "disclosureboard.ask.long", "n", 2*Rules.QuestionRunes)
		}
	case QuestionRefused:
		if strings.TrimSpace(r.Why) == "" {
			faults.Add("ly-do", "disclosureboard.reply.why_empty")
		}
	default:
		faults.Add("lam", "disclosureboard.reply.choose")
	}
	return faults.Err()
}

// ReplyTx does what the desk decided. A question that was answered can be answered anew; one that was refused can still be shown.
func (s *Service) ReplyTx(ctx context.Context, tx *db.Tx, actor access.Actor, r Reply) error {
	list, err := readQuestions(ctx, tx, `id=$1`, r.ID)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	x := list[0]
	i, err := readItem(ctx, tx, `id=$1`, x.Item)
	if err != nil {
		return err
	}
	if err := s.writable(actor, x.Unit); err != nil {
		return err
	}
	if err := r.Check(); err != nil {
		return err
	}
	if r.Version != x.Version {
		return errs.E(errs.Conflict, "db.conflict")
	}
	before := x.State
	x.State, x.Actor, x.ActorName = r.Do, actor.ID, actor.Name
	switch r.Do {
	case QuestionAnswered:
		x.Answer, x.Answered, x.RefusedWhy = strings.TrimSpace(r.Answer), tx.Today(), ""
	case QuestionRefused:
		x.Answer, x.Answered, x.RefusedWhy = "", civil.None, strings.TrimSpace(r.Why)
	case QuestionOpen:
		x.Answer, x.Answered, x.RefusedWhy = "", civil.None, ""
	}
	if err := saveQuestion(ctx, tx, &x); err != nil {
		return err
	}
	if r.Do != QuestionOpen {
		if err := notify.WithdrawTx(ctx, tx, "question:"+x.ID); err != nil {
			return err
		}
		if err := s.tellAskerTx(ctx, tx, i, &x); err != nil {
			return err
		}
	}
	return s.note(ctx, tx, actor, i, "reply_"+r.Do, map[string]any{"question": x.ID, "before": before})
}

// tellAskerTx writes to an asker who left a mail address. The letter says only where the answer stands.
func (s *Service) tellAskerTx(ctx context.Context, tx *db.Tx, i *Item, x *Question) error {
	if !strings.Contains(x.Contact, "@") {
		return nil
	}
	return mail.QueueTx(ctx, tx, mail.Message{
		To: x.Contact, Lang: i18n.VI, Kind: "disclosure.answer", Subject: i18n.M("disclosureboard.mail.answer_subject"),
		Body: []mail.Part{{Msg: i18n.M("disclosureboard.mail.answer_"+x.State, "title", i.Title), Link: s.Link(i, "/hoi/"+x.Code)}},
	})
}

// DeskQuestion is a question as the desk sees it.
type DeskQuestion struct {
	Question
	Title string // of the item
	Link  string
	Staff bool // the item is for staff alone
}

// deskUnits are the units whose questions the actor may answer: those at which they may write, and the villages below.
func (s *Service) deskUnits(actor access.Actor) []string {
	tree := s.units.On(s.clock.Today())
	var out []string
	for _, id := range actor.Units() {
		if !s.MayWrite(actor, id) {
			continue
		}
		out = append(out, id)
		for _, v := range tree.Children(id) {
			if v.Kind == org.Village && s.MayWrite(actor, v.ID) {
				out = append(out, v.ID)
			}
		}
	}
	return out
}

// Questions lists the questions at the actor's units: those that wait for something first, by their last day; done ones only with done, the newest first.
func (s *Service) Questions(ctx context.Context, actor access.Actor, done bool, limit int) ([]DeskQuestion, error) {
	units := s.deskUnits(actor)
	if len(units) == 0 {
		return nil, nil
	}
	var out []DeskQuestion
	err := s.db.Read(ctx, func(q db.Querier) error {
		where := `state IN ('waiting','open') AND unit_id IN ` + db.In(len(units), 2) + ` ORDER BY due, created, id LIMIT $1`
		if done {
			where = `state IN ('answered','refused') AND unit_id IN ` + db.In(len(units), 2) + ` ORDER BY created DESC, id DESC LIMIT $1`
		}
		list, err := readQuestions(ctx, q, where, append([]any{limit}, db.Args(units)...)...)
		if err != nil {
			return err
		}
		out, err = s.withItems(ctx, q, list)
		return err
	})
	return out, err
}

func (s *Service) withItems(ctx context.Context, q db.Querier, list []Question) ([]DeskQuestion, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var ids []string
	for _, x := range list {
		ids = append(ids, x.Item)
	}
	items, err := readItems(ctx, q, `id IN `+db.In(len(ids), 1), db.Args(ids)...)
	if err != nil {
		return nil, err
	}
	at := map[string]*Item{}
	for _, i := range items {
		at[i.ID] = i
	}
	var out []DeskQuestion
	for _, x := range list {
		i := at[x.Item]
		out = append(out, DeskQuestion{Question: x, Title: i.Title, Link: s.Link(i, ""), Staff: i.Audience == Staff})
	}
	return out, nil
}

// Question is one question for the desk. errs.NotFound for others.
func (s *Service) Question(ctx context.Context, actor access.Actor, id string) (DeskQuestion, error) {
	var out DeskQuestion
	err := s.db.Read(ctx, func(q db.Querier) error {
		list, err := readQuestions(ctx, q, `id=$1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 || !s.MayWrite(actor, list[0].Unit) {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		all, err := s.withItems(ctx, q, list)
		if err == nil {
			out = all[0]
		}
		return err
	})
	return out, err
}

// Waiting is the number of questions and reports at the actor's units that nobody has dealt with: one query.
func (s *Service) Waiting(ctx context.Context, actor access.Actor) (n int, err error) {
	units := s.deskUnits(actor)
	if len(units) == 0 {
		return 0, nil
	}
	in := db.In(len(units), 1)
	err = s.db.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM disclosure_question WHERE state IN ('waiting','open') AND unit_id IN `+in+`)
		+ (SELECT COUNT(*) FROM disclosure_torn WHERE state='open' AND unit_id IN `+in+`)`, db.Args(units)...).Scan(&n)
	return n, err
}

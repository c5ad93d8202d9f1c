package disclosure

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"strings"

	"dinh/internal/access"
	"dinh/internal/attach"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/errs"
	"dinh/internal/i18n"
)

// The kinds of a Session.
const (
	SessionTalk     = "session"  // an information session
	SessionTraining = "training" // a training course for those who carry the regulation out
	SessionMaterial = "material" // leaflets, a broadcast, an item on a website
)

// SessionKinds lists the kinds in the order of forms.
var SessionKinds = []string{SessionTalk, SessionTraining, SessionMaterial}

// SessionForms are the ways in which something is made known, in the order of forms.
var SessionForms = []string{"meeting", "conference", "broadcast", "leaflet", "banner", "online", "visit", "contest", "another"}

// OtherLang is a language that is none of Langs.
const OtherLang = "other"

// SessionLangs are the languages in which people are told, in the order of forms.
var SessionLangs = append(slices.Clone(Langs), OtherLang)

// Session is an information session, a training course, or material given out.
type Session struct {
	ID, Unit  string
	Kind      string
	Day       civil.Date
	Form      string
	Title     string
	Spot      string   // where
	Langs     []string // of SessionLangs
	Acts      []string // ids of the acts that were treated
	People    int      // attending
	Copies    int      // given out, broadcast, put on a website
	Speaker   string
	Body      string
	Audience  Audience
	Struck    civil.Date // entered by mistake
	StruckWhy string
	Sample    bool
	Entered   civil.Date
	Actor     string
	Version   int
	Created   int64
	Files     []attach.Attachment // where the page asked for them
}

// Minority reports whether it was held in a language other than Vietnamese too.
func (x *Session) Minority() bool {
	return slices.ContainsFunc(x.Langs, func(l string) bool { return l != "vi" })
}

// Told is how many pieces of material it comes to: what it says, one for material that does not.
func (x *Session) Told() int {
	if x.Kind == SessionMaterial {
		return max(x.Copies, 1)
	}
	return x.Copies
}

// OwnerSession is the owner kind of a session's files.
const OwnerSession = "disclosure_session"

const sessionColumns = `id, unit_id, kind, day, form, title, spot, langs, acts, people, copies, speaker, body, audience, struck, struck_why, sample, entered, actor, version, created`

func readSessions(ctx context.Context, q db.Querier, where string, args ...any) ([]*Session, error) {
	var out []*Session
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		x := new(Session)
		var langs, acts string
		var sample int
		out = append(out, x)
		err := rows.Scan(&x.ID, &x.Unit, &x.Kind, &x.Day, &x.Form, &x.Title, &x.Spot, &langs, &acts, &x.People, &x.Copies, &x.Speaker, &x.Body, &x.Audience, &x.Struck,
			&x.StruckWhy, &sample, &x.Entered, &x.Actor, &x.Version, &x.Created)
		if err != nil {
			return err
		}
		x.Langs, x.Sample = strings.Fields(langs), sample == 1
		return json.Unmarshal([]byte(acts), &x.Acts)
	}, `SELECT `+sessionColumns+` FROM disclosure_session WHERE `+where, args...)
	return out, err
}

// MaySeeSession reports whether the actor may see it: everybody what was for everybody, the unit and those above it all, unless it was struck out; then the
// unit alone.
func (s *Service) MaySeeSession(actor access.Actor, x *Session) bool {
	if x.Struck == civil.None && (x.Audience == Everybody || actor.InScope(access.ReadRecord) && actor.Holds(x.Unit) || s.mayReadUp(actor, x.Unit)) {
		return true
	}
	return s.MayWrite(actor, x.Unit)
}

// Sessions are a unit's sessions of a year, the latest first, as far as the actor may see them, with their files.
func (s *Service) Sessions(ctx context.Context, actor access.Actor, unit string, year int) (out []*Session, err error) {
	y := yearSpan(year)
	err = s.db.Read(ctx, func(q db.Querier) error {
		list, err := readSessions(ctx, q, `unit_id=$1 AND day>=$2 AND day<=$3 ORDER BY day DESC, created DESC`, unit, y.From, y.To)
		if err != nil {
			return err
		}
		out = slices.DeleteFunc(list, func(x *Session) bool { return !s.MaySeeSession(actor, x) })
		return s.sessionFiles(ctx, q, out...)
	})
	return out, err
}

func (s *Service) sessionFiles(ctx context.Context, q db.Querier, list ...*Session) error {
	if s.files == nil || len(list) == 0 {
		return nil
	}
	ids := make([]string, len(list))
	for i, x := range list {
		ids[i] = x.ID
	}
	files, err := s.files.Of(ctx, q, OwnerSession, ids...)
	if err != nil {
		return err
	}
	for _, x := range list {
		for _, f := range files {
			if f.Owner.ID == x.ID {
				x.Files = append(x.Files, f)
			}
		}
	}
	return nil
}

// Session is one of them with its files. errs.NotFound for who may not see it.
func (s *Service) Session(ctx context.Context, actor access.Actor, id string) (x *Session, err error) {
	err = s.db.Read(ctx, func(q db.Querier) error {
		list, err := readSessions(ctx, q, `id=$1`, id)
		if err != nil {
			return err
		}
		if len(list) == 0 || !s.MaySeeSession(actor, list[0]) {
			return errs.E(errs.NotFound, "disclosure.none")
		}
		x = list[0]
		return s.sessionFiles(ctx, q, x)
	})
	return x, err
}

// SessionTx enters a session (no ID) or changes one, with the files that were taken in for it. Fields: kind, form, title, day, spot, langs, acts, people,
// copies, speaker, body, audience.
func (s *Service) SessionTx(ctx context.Context, tx *db.Tx, actor access.Actor, x Session, files []attach.File) (id string, err error) {
	var was *Session
	if x.ID != "" {
		if was, err = s.sessionTx(ctx, tx, actor, x.ID, x.Version); err != nil {
			return "", err
		}
		x.Unit, x.Entered, x.Actor, x.Created, x.Sample = was.Unit, was.Entered, was.Actor, was.Created, was.Sample
	} else if err := s.writable(actor, x.Unit); err != nil {
		return "", err
	}
	if err := s.checkSession(tx, &x); err != nil {
		return "", err
	}
	acts, err := json.Marshal(append([]string{}, x.Acts...))
	if err != nil {
		return "", err
	}
	action := "session_edit"
	if was == nil {
		action = "session_add"
		x.ID, x.Version, x.Entered, x.Actor, x.Created = tx.NewID(), 1, tx.Today(), actor.ID, db.Micros(tx.Now())
		_, err = tx.Exec(ctx, `INSERT INTO disclosure_session(`+sessionColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,'','',$15,$16,$17,1,$18)`,
			x.ID, x.Unit, x.Kind, x.Day, x.Form, x.Title, x.Spot, strings.Join(x.Langs, " "), string(acts), x.People, x.Copies, x.Speaker, x.Body, string(x.Audience),
			db.Flag(x.Sample), x.Entered, x.Actor, x.Created)
	} else {
		err = tx.Update(ctx, `UPDATE disclosure_session SET kind=$3, day=$4, form=$5, title=$6, spot=$7, langs=$8, acts=$9, people=$10, copies=$11, speaker=$12, body=$13,
			audience=$14, version=version+1 WHERE id=$1 AND version=$2`,
			x.ID, x.Version, x.Kind, x.Day, x.Form, x.Title, x.Spot, strings.Join(x.Langs, " "), string(acts), x.People, x.Copies, x.Speaker, x.Body, string(x.Audience))
	}
	if err != nil {
		return "", err
	}
	sums, err := s.linkTx(ctx, tx, actor, attach.Owner{Kind: OwnerSession, ID: x.ID, Unit: x.Unit}, files)
	if err != nil {
		return "", err
	}
	x.Files = nil
	details := map[string]any{"after": x}
	if was != nil {
		details["before"] = was
	}
	if len(sums) > 0 {
		details["files"] = sums
	}
	if err := recordOf(ctx, tx, actor, x.Unit, "session", x.ID, action, []string{"sessions:" + x.Unit}, details, "title", x.Title, "day", x.Day); err != nil {
		return "", err
	}
	return x.ID, s.tellSessionTx(ctx, tx, actor, x.ID)
}

func (s *Service) checkSession(tx *db.Tx, x *Session) error {
	var l errs.List
	if !slices.Contains(SessionKinds, x.Kind) {
		l.Add("kind", "disclosureduty.fault.choose")
	}
	dutyText(&l, "title", x.Title, true, maxTitle)
	switch {
	case x.Day == civil.None:
		l.Add("day", "disclosureduty.fault.needed.day")
	case x.Day > tx.Today():
		l.Add("day", "disclosureduty.fault.future")
	}
	if !slices.Contains(SessionForms, x.Form) {
		l.Add("form", "disclosureduty.fault.choose")
	}
	dutyText(&l, "spot", x.Spot, false, maxLine)
	for _, k := range x.Langs {
		if !slices.Contains(SessionLangs, k) {
			l.Add("langs", "disclosureduty.fault.choose")
			break
		}
	}
	for _, a := range x.Acts {
		if _, ok := s.law().Act(a); !ok {
			l.Add("acts", "disclosureduty.fault.act", "act", a)
			break
		}
	}
	for _, n := range []struct {
		field string
		n     int
	}{{"people", x.People}, {"copies", x.Copies}} {
		if n.n < 0 || n.n > 10_000_000 {
			l.Add(n.field, "disclosureduty.fault.number")
		}
	}
	dutyText(&l, "speaker", x.Speaker, false, maxLine)
	dutyText(&l, "body", x.Body, false, maxNote)
	if x.Audience != Everybody && x.Audience != Staff {
		l.Add("audience", "disclosureduty.fault.choose")
	}
	return l.Err()
}

func (s *Service) sessionTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int) (*Session, error) {
	list, err := readSessions(ctx, tx, `id=$1`, id)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	x := list[0]
	if err := s.writable(actor, x.Unit); err != nil {
		return nil, err
	}
	if x.Version != version || x.Struck != civil.None {
		return nil, errs.E(errs.Conflict, "db.conflict")
	}
	return x, nil
}

// StrikeSessionTx strikes a session out that was entered by mistake: it stays to be seen by the unit and counts no longer. Field: why.
func (s *Service) StrikeSessionTx(ctx context.Context, tx *db.Tx, actor access.Actor, id string, version int, why string) (unit string, err error) {
	x, err := s.sessionTx(ctx, tx, actor, id, version)
	if err != nil {
		return "", err
	}
	var l errs.List
	dutyText(&l, "why", why, true, maxNote)
	if err := l.Err(); err != nil {
		return "", err
	}
	err = tx.Update(ctx, `UPDATE disclosure_session SET struck=$3, struck_why=$4, version=version+1 WHERE id=$1 AND version=$2`, id, version, tx.Today(), why)
	if err != nil {
		return "", err
	}
	err = recordOf(ctx, tx, actor, x.Unit, "session", x.ID, "session_strike", []string{"sessions:" + x.Unit}, map[string]any{"why": why}, "title", x.Title, "day", x.Day)
	if err != nil {
		return "", err
	}
	return x.Unit, s.tellSessionTx(ctx, tx, actor, id)
}

// linkTx gives files that were taken in to their owner, and their sums to the log.
func (s *Service) linkTx(ctx context.Context, tx *db.Tx, actor access.Actor, o attach.Owner, files []attach.File) ([]map[string]string, error) {
	var out []map[string]string
	for _, f := range files {
		a, err := s.files.LinkTx(ctx, tx, f, o, false, actor.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, map[string]string{"id": a.ID, "name": a.Name, "sha256": a.SHA256})
	}
	return out, nil
}

// SessionKindMsg is the word for a kind of session.
func SessionKindMsg(kind string) i18n.Msg { return i18n.M("disclosureduty.session.kind." + kind) }

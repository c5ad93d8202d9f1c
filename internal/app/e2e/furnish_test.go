package e2e

import (
	"context"
	"slices"
	"strings"
	"testing"

	"dinh/internal/access"
	"dinh/internal/app"
	"dinh/internal/attach"
	"dinh/internal/audit"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/plan"
)

// More people than the demonstration has: those who look from below, from beside and from far away.
var morePeople = []struct {
	login, name, unit string
	post              access.PostKind
}{
	{"truongban", "Lò Văn Thươi", "03322-01", access.VillageHead},
	{"tiepdan", "Cà Thị Nguyệt", "03322", access.Reception},
	{"ttnd", "Tòng Văn Inh", "03322", access.BoardMember},
	{"xabencanh", "Quàng Thị Biên", "03325", access.Focal}, // a commune of the same district
	{"xakhac", "Giàng A Chống", "03130", access.Head},      // a commune of another district
	{"congdoan", "Bạc Thị Hiền", "LDLD", access.Union},
	{"quantri-huyen", "Nguyễn Văn Quý", "100", access.Admin},
}

// roles are the public, the demonstration's accounts and more, in the order of the tables.
func roles() []string {
	out := []string{public, "thanhnua", "ct-thanhnua", "huyendb", "snv", "chutich", "syt", "clqd", "mttq", "quantri"}
	for _, p := range morePeople {
		out = append(out, p.login)
	}
	return out
}

// secret is a word that stands in one place alone, and who may read it there.
type secret struct {
	word string
	who  []string
}

// own are the people of xã Thanh Nưa who do its work; above are those who may read what the commune has sent up.
var (
	own   = []string{"thanhnua", "ct-thanhnua", "tiepdan"}
	above = append(slices.Clone(own), "ttnd", "huyendb", "snv", "chutich")
)

const (
	kDraftNote = "Bimatghichunhap"  // a note on evidence that nobody has confirmed
	kDraftFile = "bimattepnhap"     // name of its internal file
	kSentNote  = "Bimatghichudagui" // a note on confirmed evidence
	kSentFile  = "bimattepdagui"    // name of its internal file
	kGap       = "Bimatlydothieu"   // why a line is missing
	kPerson    = "Bimatnguoilam"    // who does it
	kReason    = "Bimatlydokhong"   // why a task should not apply
	kReturn    = "Bimatyeucaubosung"
	kOwnPlan   = "Bimatduthaoxa"   // title of the commune's own draft
	kDraftPlan = "Bimatduthaotinh" // title of the province's draft
)

var secrets = []secret{
	{kDraftNote, own},
	{kDraftFile, own},
	{kSentNote, above},
	{kSentFile, above},
	{kGap, above},
	{kPerson, above},
	{kReason, above},
	{kReturn, above},
	{kOwnPlan, []string{"thanhnua", "ct-thanhnua"}},
	{kDraftPlan, []string{"snv", "chutich", "quantri"}},
	{kStaffItem, []string{"clqd"}},
	{kStaffMatter, []string{"clqd", "snv", "chutich", "mttq", "congdoan", "quantri"}},
	{kStaffCount, []string{"clqd", "snv", "chutich"}},
	{kDraftItem, []string{"thanhnua", "ct-thanhnua", "tiepdan"}},
	{kQuestion, []string{"thanhnua", "ct-thanhnua", "tiepdan"}},
	{kContact, []string{"thanhnua", "ct-thanhnua", "tiepdan", "clqd"}}, // of the commune's and of the school's
	{kTorn, []string{"thanhnua", "ct-thanhnua", "tiepdan"}},
}

// names of people who hold posts at xã Thanh Nưa are for those who work there or above.
var personalNames = []string{"Lò Thị Hương", "Quàng Văn Pọm", "Cà Thị Nguyệt", "Tòng Văn Inh"}

var mayReadNames = append(slices.Clone(above), "quantri", "quantri-huyen", "truongban")

// furnished is a demonstration with more people, a village, work in every state at xã Thanh Nưa, drafts, and the secrets.
type furnished struct {
	*site
	unit     string            // id of xã Thanh Nưa
	village  string            // id of its first village
	at       map[string]string // by task: the assignment's id at xã Thanh Nưa
	accs     map[string]string // by log-in name: account
	file     map[string]string // by word: attachment
	occ      map[string]string // by task: an occurrence
	ev       map[string]string // by task: evidence
	own      string            // the commune's own draft
	draft    string            // the province's draft
	nudge    string            // a reminder of snv to all late units
	invite   string            // an open invitation
	code     string            // its code
	newcomer string            // the account invited
	handed   string            // the record of a change of officers
	upload   string            // a file of units on its way
	entry    string            // an entry of the log
	erasure  string            // a request to erase its details
	post     string            // a post that quantri may end
	know     *told             // of xã Thanh Nưa, for everybody
	staff    *told             // of a school, for its staff
	told     []string          // secrets that somebody has made public since
	report   reporting         // what the addresses of the room report name
	draftOf  string            // the commune's item that is not published
	read     map[string]bool   // "word role": the role has come upon the secret
}

func furnish(t *testing.T, s *site) *furnished {
	t.Helper()
	f := &furnished{site: s, read: map[string]bool{}, at: map[string]string{}, accs: map[string]string{}, file: map[string]string{}, occ: map[string]string{}, ev: map[string]string{}}
	f.unit = f.unitID(t, "03322")
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		ids, err := s.Org.AddVillagesTx(ctx, tx, access.System, f.unit, []org.VillageDraft{{Name: "Bản Mển"}, {Name: "Bản Co Củ"}}, app.DemoDay)
		if err == nil {
			f.village = ids[0]
		}
		return err
	})
	if _, err := s.Plans.CatchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.people(t)
	f.assignments(t)
	f.work(t)
	f.drafts(t)
	f.records(t)
	f.know, f.staff, f.draftOf = f.tell(t, "thanhnua", "public", "Congkhai"), f.tell(t, "clqd", "staff", kStaffItem), f.drafted(t)
	f.report = f.reporting(t)
	return f
}

func (f *furnished) unitID(t *testing.T, code string) string {
	t.Helper()
	u, ok := f.Units.On(app.DemoDay).ByCode(code)
	if !ok {
		t.Fatalf("no unit %s", code)
	}
	return u.ID
}

func (f *furnished) write(t *testing.T, do func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	ctx := t.Context()
	if err := f.DB.Write(ctx, func(tx *db.Tx) error { return do(ctx, tx) }); err != nil {
		t.Fatalf("%v", err)
	}
}

func (f *furnished) people(t *testing.T) {
	t.Helper()
	h, err := f.Auth.HashPassword(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		for _, p := range morePeople {
			_, err := f.Auth.AddHashedTx(ctx, tx, access.System, auth.NewPerson{
				Name: p.name, Login: p.login, Lang: i18n.VI, Post: auth.Assignment{Unit: f.unitID(t, p.unit), Kind: p.post, Basis: "Kiểm thử", From: longAgo},
			}, h)
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, login := range roles()[1:] {
		a, err := f.Auth.Find(t.Context(), login)
		if err != nil {
			t.Fatal(err)
		}
		f.accs[login] = a.ID
	}
}

const longAgo civil.Date = "2021-01-04"

func (f *furnished) actor(t *testing.T, login string) access.Actor {
	t.Helper()
	a, err := f.Auth.ActorOf(t.Context(), f.accs[login])
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// assignments finds what the plan asks of the commune.
func (f *furnished) assignments(t *testing.T) {
	t.Helper()
	b, err := f.Plans.Board(t.Context(), access.System, planID, plan.Filter{Under: f.unit})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range b.Rows {
		for i := range r.Cells {
			if r.Unit.ID == f.unit && r.Cells[i].Assignment != "" {
				f.at[b.Tasks[i].ID] = r.Cells[i].Assignment
				if b.Tasks[i].Recurs == plan.OnEvent {
					f.at["event"] = r.Cells[i].Assignment
				}
			}
		}
	}
	done, err := f.Plans.Board(t.Context(), access.System, planID, plan.Filter{Under: f.unitID(t, "100"), Task: "1.2", State: plan.Done})
	if err != nil || len(done.Rows) == 0 {
		t.Fatal("nobody has done 1.2", err)
	}
	f.at["done"] = done.Rows[0].Cells[0].Assignment
}

func (f *furnished) view(t *testing.T, task string) *plan.AssignmentView {
	t.Helper()
	v, err := f.Plans.Assignment(t.Context(), f.actor(t, "thanhnua"), f.at[task])
	if err != nil {
		t.Fatal(err)
	}
	return v
}

const pdf = "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n" +
	"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>\nendobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n0000000115 00000 n \n" +
	"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n190\n%%EOF\n"

// evidence enters a paper with an internal file for a task.
func (f *furnished) evidence(t *testing.T, task, word string, e plan.NewEvidence) {
	t.Helper()
	file, err := f.Files.Put(t.Context(), strings.NewReader(pdf), word+".pdf", attach.Documents)
	if err != nil {
		t.Fatal(err)
	}
	v := f.view(t, task)
	e.Assignment, e.Version = v.ID, v.Version
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		a, err := f.Files.LinkTx(ctx, tx, file, attach.Owner{Kind: "assignment", ID: v.ID, Unit: f.unit}, true, f.accs["thanhnua"])
		if err != nil {
			return err
		}
		e.File, f.file[word] = a.ID, a.ID
		f.ev[task], err = f.Plans.EvidenceTx(ctx, tx, f.actor(t, "thanhnua"), e)
		return err
	})
	for _, o := range f.view(t, task).Occ {
		f.occ[task] = o.ID
	}
}

// work puts three tasks of the commune into three states: one has evidence that nobody has confirmed, one was confirmed and returned, one is said not to
// apply.
func (f *furnished) work(t *testing.T) {
	t.Helper()
	officer := f.actor(t, "thanhnua")
	dues := f.dued(t)
	draft, returned, claimed := dues[0], dues[1], dues[2]
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		_, err := f.Plans.ReceiveTx(ctx, tx, officer, plan.Receive{Plan: planID, Unit: f.unit, Day: "2021-04-19", Tasks: []string{draft, returned, claimed}})
		return err
	})
	f.evidence(t, draft, kDraftFile, plan.NewEvidence{Number: "11/KH-UBND", Day: "2021-04-19", Signer: "Quàng Văn Pọm", Note: kDraftNote})
	gaps := map[int]string{}
	for i := range f.view(t, returned).Task.Evidence {
		gaps[i] = kGap
	}
	f.evidence(t, returned, kSentFile, plan.NewEvidence{
		Number: "12/KH-UBND", Day: "2021-04-19", Signer: "Quàng Văn Pọm", Note: kSentNote, Gaps: gaps,
		Confirm: &plan.Confirmation{Signer: "Quàng Văn Pọm", As: plan.SignHead, Number: "12/KH-UBND", Day: "2021-04-19"},
	})
	v := f.view(t, returned)
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		return f.Plans.NameTx(ctx, tx, officer, plan.Name{Assignment: v.ID, Version: v.Version, Person: kPerson})
	})
	o := f.view(t, returned).Occ[0]
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		return f.Plans.ReturnTx(ctx, tx, f.actor(t, "huyendb"), plan.Return{Occurrence: o.ID, Version: o.Version, Reason: kReturn})
	})
	c := f.view(t, claimed)
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		return f.Plans.NotApplicableTx(ctx, tx, officer, plan.NAClaim{Assignment: c.ID, Version: c.Version, Reason: kReason})
	})
	f.at["draft"], f.at["returned"], f.at["claimed"] = f.at[draft], f.at[returned], c.ID
	f.occ["draft"], f.occ["returned"] = f.occ[draft], o.ID
	f.ev["draft"], f.ev["returned"] = f.ev[draft], f.ev[returned]
}

// dued are the commune's tasks with one day, in the order of the plan, without 1.2, which the journeys do.
func (f *furnished) dued(t *testing.T) []string {
	t.Helper()
	p, err := f.Plans.Plan(t.Context(), planID)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, task := range p.Tasks {
		if f.at[task.ID] != "" && task.ID != "1.2" && task.Due != civil.None {
			out = append(out, task.ID)
		}
	}
	if len(out) < 3 {
		t.Fatalf("only %d tasks with a day at the commune: %v", len(out), out)
	}
	return out
}

func (f *furnished) drafts(t *testing.T) {
	t.Helper()
	officer := f.actor(t, "thanhnua")
	p, err := f.Plans.Adopt(t.Context(), officer, planID, f.unit)
	if err != nil {
		t.Fatal(err)
	}
	p.TitleVI = kOwnPlan
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		f.own, err = f.Plans.DeriveTx(ctx, tx, officer, p)
		return err
	})
	snv := f.actor(t, "snv")
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		f.draft, err = f.Plans.CreateTx(ctx, tx, snv, &plan.Plan{
			Unit: f.unitID(t, "11"), Number: "9999/KH-UBND", TitleVI: kDraftPlan, TitleEN: kDraftPlan, Signed: "2021-04-20", From: "2021-05-01", To: "2021-12-31", Signer: "Lê Văn A", SignerTitle: "Chủ tịch",
		})
		return err
	})
}

// records makes one of everything else that has a page of its own.
func (f *furnished) records(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	snv, admin := f.actor(t, "snv"), f.actor(t, "quantri")
	late, err := f.Plans.Late(ctx, snv, planID, plan.Filter{}, false)
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		n, err := f.Plans.NudgeTx(ctx, tx, snv, plan.Nudge{Plan: planID, Unit: snv.Posts[0].Unit, Units: late})
		if err == nil {
			f.nudge = n.ID
		}
		return err
	})
	syt := f.unitID(t, "SYT")
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		var ids [2]string
		for i, name := range []string{"Lò Văn Cũ", "Lò Văn Mới"} {
			if ids[i], err = f.Auth.AddTx(ctx, tx, admin, auth.NewPerson{Name: name, Lang: i18n.VI, Post: auth.Assignment{Unit: syt, Kind: access.Officer, From: longAgo}}); err != nil {
				return err
			}
		}
		f.newcomer = ids[1]
		if f.handed, err = f.Auth.HandOverTx(ctx, tx, admin, auth.HandoverOrder{Unit: syt, From: ids[0], To: ids[1], Day: app.DemoDay, Basis: "QĐ 1"}); err != nil {
			return err
		}
		if f.invite, err = f.Auth.InviteTx(ctx, tx, admin, f.newcomer, auth.Paper); err != nil {
			return err
		}
		f.upload, err = f.Org.KeepUploadTx(ctx, tx, admin, org.UploadFile{Name: "don-vi.csv", Data: []byte("code,name,kind,parent_code\n99001,Xã Mới,commune,100\n")})
		return err
	})
	inv, err := f.Auth.Invitation(ctx, admin, f.invite)
	if err != nil {
		t.Fatal(err)
	}
	f.code = inv.Code
	posts, err := f.Auth.PostsOf(ctx, admin, f.accs["xakhac"])
	if err != nil || len(posts) != 1 {
		t.Fatal(posts, err)
	}
	f.post = posts[0].ID
	if err := f.Audit.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	lines, _, err := f.Audit.History(ctx, audit.Query{Unit: f.unit, Area: "plan", Limit: 1})
	if err != nil || len(lines) != 1 {
		t.Fatal(lines, err)
	}
	f.entry = lines[0].ID
	f.write(t, func(ctx context.Context, tx *db.Tx) error {
		f.erasure, err = f.Audit.Ask(ctx, tx, audit.Person{ID: admin.ID, Name: admin.Name}, f.entry, "Có tên người", "Điều 1")
		return err
	})
}

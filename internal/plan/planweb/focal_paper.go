package planweb

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"dinh/internal/document"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/org"
	"dinh/internal/plan"
	"dinh/internal/web"
)

func (h focal) registerPapers(k *web.Kit) {
	get := func(pattern string, f web.Handler) {
		k.Handle(web.Route{Method: http.MethodGet, Pattern: pattern, Handler: f, Who: web.Staff})
	}
	get("/lam-viec/ke-hoach/{plan}/toan-van", h.planPaper)
	for _, as := range []string{web.AsDOCX, web.AsPDF} {
		get("/lam-viec/ke-hoach/{plan}/van-ban/soan"+as, func(c *web.Context) error { return h.letterFile(c, as) })
		get("/lam-viec/ke-hoach/{plan}/toan-van"+as, func(c *web.Context) error { return h.planFile(c, as) })
	}
}

// vi words what stands on papers, which are Vietnamese in whatever language the page is read.
var vi = i18n.For(i18n.VI)

// manyTo is how many addressees a letter names itself; more stand in a list behind it.
const manyTo = 6

// letterPaper is a letter as a paper: the units it goes to, the paragraphs, the tasks as an annex.
func (h focal) letterPaper(c *web.Context, l *plan.Letter) *document.Paper {
	p := &document.Paper{
		Head: c.PaperHead(l.From, ""), Subject: vi.Say(l.Subject), Sent: []string{"Như trên", "Lưu: VT"}, Signs: []document.Signature{web.PaperSign(l.From)},
	}
	for _, m := range l.Body {
		p.Blocks = append(p.Blocks, document.P(vi.Say(m)))
	}
	var names []string
	table := document.Table{
		Size:    12,
		Columns: []document.Column{{Width: 5, Align: document.Centre}, {Width: 22}, {Width: 46}, {Width: 13, Align: document.Centre}},
		Head:    [][]document.Cell{document.Cells("TT", "Đơn vị", "Việc", "Hạn")},
	}
	pressing := l.Kind == plan.NudgeLetter
	if pressing {
		table.Columns = append(table.Columns, document.Column{Width: 11, Align: document.Right})
		table.Head[0] = append(table.Head[0], document.C("Số ngày chậm"))
	}
	no := 0
	for _, u := range l.Units {
		names = append(names, u.Unit.Name)
		for i, t := range u.Tasks {
			no++
			row := []document.Cell{document.C(strconv.Itoa(no))}
			if i == 0 {
				row = append(row, document.C(u.Unit.Name).Tall(len(u.Tasks)))
			}
			row = append(row, document.C(t.ID+". "+t.Task.TitleVI), document.C(vi.Date(t.Due)))
			if pressing {
				row = append(row, document.C(strconv.Itoa(t.Days)))
			}
			table.Rows = append(table.Rows, row)
		}
	}
	p.To = names
	if len(names) > manyTo {
		p.To = []string{"Các cơ quan, đơn vị, địa phương (có danh sách kèm theo)"}
	}
	switch {
	case no > 0:
		title := "Các việc đề nghị phối hợp"
		if pressing {
			title = "Các việc quá hạn tính đến ngày " + vi.Date(l.Day)
		}
		p.Annexes = []document.Annex{{Title: title, Blocks: []document.Block{document.TableOf(table)}}}
	case len(names) > manyTo:
		list := document.List{Marker: document.Numbers}
		for _, n := range names {
			list.Items = append(list.Items, document.Plain(n))
		}
		p.Annexes = []document.Annex{{Label: "Danh sách nơi nhận", Blocks: []document.Block{{List: &list}}}}
	}
	return p
}

func (h focal) letterFile(c *web.Context, as string) error {
	p, _, err := h.letter(c, "")
	if errs.Is(err, errs.Invalid) {
		return errs.E(errs.NotFound, "plan.nudge.nobody") // nobody is to be written to: no file either
	}
	if err != nil {
		return err
	}
	return c.Paper(p.Paper, "cong-van "+p.Kind+" "+p.L.Plan.Number, as)
}

// paperPage is a plan as the paper that is signed.
type paperPage struct {
	Plan  *plan.Plan
	Base  string
	Paper *document.Paper
	Files *web.Files
}

func (h focal) planPaper(c *web.Context) error {
	p, paper, err := h.planOf(c)
	if err != nil {
		return err
	}
	c.L.Paper = true
	c.NoStore()
	at := "/lam-viec/ke-hoach/" + url.PathEscape(p.ID)
	return c.Render("plan_paper", &paperPage{Plan: p, Base: at, Paper: paper, Files: web.FilesOf(at + "/toan-van")})
}

func (h focal) planFile(c *web.Context, as string) error {
	p, paper, err := h.planOf(c)
	if err != nil {
		return err
	}
	return c.Paper(paper, "ke-hoach "+p.Number, as)
}

// planOf makes the paper of a plan out of its tasks, by room, with who does what until when as an annex.
func (h focal) planOf(c *web.Context) (*plan.Plan, *document.Paper, error) {
	p, err := h.Plans.Seen(c.Context(), c.Actor, c.Value("plan"))
	if err != nil {
		return nil, nil, err
	}
	roles, err := h.Plans.Roles(c.Context(), h.provinceOf(c, p.Unit))
	if err != nil {
		return nil, nil, err
	}
	day := p.Signed
	if day.IsZero() {
		day = c.Today
	}
	issuer, ok := h.Units.Unit(p.Unit, day)
	if !ok {
		return nil, nil, errNone()
	}
	sign := web.PaperSign(issuer)
	sign.Name = p.Signer
	if t := strings.ToUpper(p.SignerTitle); t != "" && sign.As[len(sign.As)-1] != t && !strings.Contains(t, "ỦY BAN") {
		sign.As[len(sign.As)-1] = t
	}
	subject := p.TitleVI
	if rest, ok := strings.CutPrefix(subject, "Kế hoạch "); ok {
		subject = firstUpper(rest)
	}
	paper := &document.Paper{
		Head: c.PaperHead(issuer, "KH"), Kind: "KẾ HOẠCH", Subject: subject, Signs: []document.Signature{sign},
		Sent: []string{"Các cơ quan, đơn vị được giao nhiệm vụ", "Lưu: VT"},
	}
	paper.Head.Number, paper.Head.Day = p.Number, p.Signed
	for _, id := range p.Basis {
		if a, ok := h.Law().Act(id); ok {
			paper.Bases = append(paper.Bases, web.PaperBasis(a))
		}
	}
	paper.Blocks = append(paper.Blocks, document.P(issuer.Name+" ban hành kế hoạch như sau:"), document.H(document.Roman, "I", "Nội dung"))
	if org.Administrative(issuer.Kind) {
		paper.Blocks[0] = document.P("Ủy ban nhân dân " + lowerKind(issuer.Name) + " ban hành kế hoạch như sau:")
	}
	table := document.Table{
		Size:    12,
		Columns: []document.Column{{Width: 7, Align: document.Centre}, {Width: 42}, {Width: 26}, {Width: 18}, {Width: 22}},
		Head:    [][]document.Cell{document.Cells("TT", "Nhiệm vụ", "Thực hiện", "Thời hạn", "Kết quả")},
	}
	no := 0
	for _, room := range rooms {
		var list document.List
		for _, t := range p.Tasks {
			if t.Room != room {
				continue
			}
			list.Items = append(list.Items, document.Plain(strings.TrimSuffix(t.TitleVI, ".")+"."))
			if len(list.Items) == 1 {
				table.Rows = append(table.Rows, []document.Cell{{Text: document.Bold(vi.T("planweb.room." + room)), Cols: 5, Align: document.Left, Shaded: true}})
			}
			table.Rows = append(table.Rows, document.Cells(t.ID, t.TitleVI, h.doers(c, p, t, roles), firstUpper(vi.Say(dueMsg(t))), strings.Join(t.Evidence, "; ")))
		}
		if len(list.Items) > 0 {
			no++
			paper.Blocks = append(paper.Blocks, document.H(document.Arabic, strconv.Itoa(no), vi.T("planweb.room."+room)), document.Block{List: &list})
		}
	}
	paper.Blocks = append(paper.Blocks, document.H(document.Roman, "II", "Tổ chức thực hiện"),
		document.P("Các cơ quan, đơn vị theo phân công tại Phụ lục tổ chức thực hiện, cập nhật kết quả và báo cáo đúng thời hạn. Trong quá trình thực hiện nếu có khó khăn, vướng mắc, kịp thời phản ánh để xem xét, giải quyết./."))
	if len(table.Rows) > 0 {
		paper.Annexes = []document.Annex{{Title: "Phân công nhiệm vụ", Landscape: true, Blocks: []document.Block{document.TableOf(table)}}}
	}
	return p, paper, nil
}

// doers words who does a task: the person where a unit's own plan names one, units, those who hold roles, kinds of units.
func (h focal) doers(c *web.Context, p *plan.Plan, t *plan.Task, roles []plan.Role) string {
	var out []string
	add := func(word string) {
		if word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	add(t.Person)
	for _, code := range t.ToUnits {
		if u, ok := c.Tree.ByCode(code); ok {
			add(u.Name)
		}
	}
	day := p.Signed
	if day.IsZero() {
		day = c.Today
	}
	for _, r := range t.ToRoles {
		word := vi.T("planedit.role." + r)
		if u, ok := h.Units.Unit(plan.RoleHolder(roles, r, day), day); ok {
			word = u.Name
		}
		add(word)
	}
	for _, k := range t.To {
		add(vi.Say(org.KindMsg(k)))
	}
	return firstUpper(strings.Join(out, "; "))
}

func lowerKind(name string) string {
	for _, w := range []string{"Tỉnh ", "Thành phố ", "Thị xã ", "Huyện ", "Xã ", "Phường ", "Thị trấn "} {
		if strings.HasPrefix(name, w) {
			return strings.ToLower(w) + name[len(w):]
		}
	}
	return name
}

func firstUpper(s string) string {
	for i := range s {
		if i > 0 {
			return document.Upper(s[:i]) + s[i:]
		}
	}
	return s
}

package authweb

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/auth"
	"dinh/internal/civil"
	"dinh/internal/db"
	"dinh/internal/db/dbtest"
	"dinh/internal/org"
	"dinh/internal/web"
	"dinh/internal/web/webtest"

	"github.com/pquerna/otp/totp"
)

const (
	password = "nước chảy đá mòn"
	other    = "một cây làm chẳng nên non"
)

// site is a province with a commune and a village, its pages, and an administrator "quantri1".
type site struct {
	units                 *org.Service
	t                     *testing.T
	k                     *web.Kit
	s                     *auth.Service
	d                     *db.DB
	mu                    sync.Mutex
	now                   time.Time
	province, xaA, xaB    string
	banA                  string
	admin, officer, headA string // ids
}

type sessions struct{ s *auth.Service }

func (x sessions) Session(ctx context.Context, token string) (access.Actor, web.Session, error) {
	a, se, err := x.s.Session(ctx, token)
	return a, web.Session{ID: se.ID}, err
}

func (x *site) read() time.Time {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.now
}

func (x *site) pass(d time.Duration) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.now = x.now.Add(d)
}

func newSite(t *testing.T) *site {
	t.Helper()
	ctx := t.Context()
	x := &site{t: t, now: dbtest.Clock.Now()}
	clock := civil.Clock{Now: x.read, Today: func() civil.Date { return civil.Of(x.read()) }}
	x.d = dbtest.NewAt(t, clock)
	dir, err := org.Open(ctx, x.d)
	x.ok(err)
	units := org.NewService(x.d, dir)
	x.units = units
	add := func(kind, code, name, parent string) (id string) {
		x.write(func(ctx context.Context, tx *db.Tx) error {
			id, err = units.AddTx(ctx, tx, access.System, org.Draft{Kind: kind, Code: code, Name: name, ParentID: parent, Staff: org.Unknown, Workers: org.Unknown}, "2021-01-01", "")
			return err
		})
		return id
	}
	x.province = add(org.Province, "11", "Tỉnh Điện Biên", "")
	district := add(org.District, "094", "Huyện Điện Biên", x.province)
	x.xaA = add(org.Commune, "03322", "Xã Thanh Nưa", district)
	x.xaB = add(org.Commune, "03325", "Xã Hua Thanh", district)
	x.banA = add(org.Village, "03322-1", "Bản Mển", x.xaA)
	x.s, err = auth.New(auth.Options{DB: x.d, Clock: clock, Units: dir, KeyDir: filepath.Join(t.TempDir(), "keys")})
	x.ok(err)
	x.k, err = web.New(web.Config{DB: x.d, Clock: clock, Units: dir, Sessions: sessions{x.s}, BaseURL: "http://" + webtest.Host})
	x.ok(err)
	Register(x.k, x.s)
	x.k.Handle(web.Route{Method: "GET", Pattern: "/lam-viec", Who: web.Staff, Handler: func(c *web.Context) error { return c.Redirect(accountPath) }})
	h := hashed(t)
	x.write(func(ctx context.Context, tx *db.Tx) error {
		x.admin, err = x.s.FirstTx(ctx, tx, auth.NewPerson{Name: "Lò Thị Quản Trị", Login: "quantri1", Post: auth.Assignment{Unit: x.province}}, h)
		return err
	})
	x.officer = x.person("Lò Văn Mển", "lovanmen", x.xaA, access.Officer)
	x.headA = x.person("Tòng Thị Trưởng", "tongthitruong", x.xaA, access.Head)
	return x
}

var hashOnce = sync.OnceValues(func() (auth.Hashed, error) {
	dir, err := os.MkdirTemp("", "dinh-authweb-")
	if err != nil {
		return auth.Hashed{}, err
	}
	defer os.RemoveAll(dir)
	s, err := auth.New(auth.Options{Clock: dbtest.Clock, KeyDir: dir})
	if err != nil {
		return auth.Hashed{}, err
	}
	return s.HashPassword(context.Background(), password)
})

func hashed(t *testing.T) auth.Hashed {
	t.Helper()
	h, err := hashOnce()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func (x *site) ok(err error) {
	x.t.Helper()
	if err != nil {
		x.t.Fatal(err)
	}
}

func (x *site) write(f func(ctx context.Context, tx *db.Tx) error) {
	x.t.Helper()
	ctx := x.t.Context()
	x.ok(x.d.Write(ctx, func(tx *db.Tx) error { return f(ctx, tx) }))
}

func (x *site) person(name, login, unit string, kind access.PostKind) (id string) {
	x.t.Helper()
	h := hashed(x.t)
	x.write(func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = x.s.AddHashedTx(ctx, tx, access.System, auth.NewPerson{Name: name, Login: login, Post: auth.Assignment{Unit: unit, Kind: kind, From: "2021-01-01"}}, h)
		return err
	})
	return id
}

func (x *site) reader() *webtest.Client { return webtest.New(x.t, x.k) }

// in is a reader who has logged in.
func (x *site) in(login string) *webtest.Client {
	x.t.Helper()
	c := x.reader()
	c.Get("/dang-nhap").Form("form[method=post]").Set("ten", login).Set("mat_khau", password).Submit().Want(200)
	if c.Cookies[web.CookieName] == "" {
		x.t.Fatalf("%s is not logged in", login)
	}
	return c
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	webtest.CheckTemplates(t, x.k, map[string]any{
		"auth-login": loginPage{}, "auth-code": codePage{}, "auth-factor-setup": enrolPage{}, "auth-recovery": recoveryPage{}, "auth-logout": logoutPage{},
		"auth-invite-code": typeCodePage{}, "auth-accept": acceptPage{}, "auth-account": accountPage{}, "auth-password": passwordPage{}, "auth-mail": mailPage{},
		"auth-factor-off": factorOffPage{}, "auth-recovery-new": newCodesPage{}, "auth-tokens": tokensPage{}, "auth-people": peoplePage{}, "auth-person-add": addPage{},
		"auth-person": personPage{}, "auth-person-edit": editPage{}, "auth-settings": settingsPage{}, "auth-post-add": assignPage{}, "auth-post-end": endPage{},
		"auth-moves": movesPage{}, "auth-move": movePage{}, "auth-move-record": moveRecordPage{}, "auth-handover": handOverPage{}, "auth-record": recordPage{}, "auth-invitations": invitationsPage{}, "auth-invitation": invitationPage{},
	})
}

func TestLogInAndOut(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	c := x.reader()
	for _, lang := range []string{"", "/en"} {
		c.Get(lang + "/dang-nhap").Want(200).Check()
	}
	p := c.Do("GET", "/lam-viec/tai-khoan/mat-khau?a=b", nil, nil)
	if p.Status != 303 || !strings.HasPrefix(p.Header.Get("Location"), "/dang-nhap?tiep=") {
		t.Fatalf("%d %s", p.Status, p.Header.Get("Location"))
	}
	form := p.Follow().Want(200).Form("form[method=post]")
	bad := form.Set("ten", "lovanmen").Set("mat_khau", "sai rồi").Submit().Want(422).Check()
	bad.WantText("Tên đăng nhập hoặc mật khẩu không đúng")
	again := bad.Form("form[method=post]")
	if again.Values.Get("ten") != "lovanmen" || again.Values.Get("mat_khau") != "" || strings.Contains(bad.Body, "sai rồi") {
		t.Errorf("kept: %v", again.Values)
	}
	sent := again.Set("mat_khau", password).Send().Want(303)
	if to := sent.Header.Get("Location"); to != "/lam-viec/tai-khoan/mat-khau?a=b" {
		t.Errorf("leads to %s", to)
	}
	set := sent.Header.Get("Set-Cookie")
	for _, want := range []string{"dinh=", "HttpOnly", "SameSite=Lax", "Path=/", "Expires=Thu, 20 May 2021"} {
		if !strings.Contains(set, want) {
			t.Errorf("cookie %s lacks %s", set, want)
		}
	}
	account := sent.Follow().Click("Tài khoản của tôi").Want(200).Check()
	account.WantText("Lò Văn Mển", "Công chức, viên chức", "Xã Thanh Nưa", "Phiên này")
	account.Click("Thoát").Want(200).Check().Form("form[method=post]").Submit().Want(200).WantText("Đã thoát.")
	if c.Cookies[web.CookieName] != "" {
		t.Error("the cookie stays")
	}
	if p := c.Do("GET", "/lam-viec/tai-khoan", nil, nil); p.Status != 303 {
		t.Errorf("still in: %d", p.Status)
	}
}

// Only paths of our own are followed after a log-in.
func TestNextIsOurOwn(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	for tiep, want := range map[string]string{
		"https://evil.example/": "/lam-viec", "//evil.example": "/lam-viec", "/\\evil.example": "/lam-viec", "javascript:alert(1)": "/lam-viec", "/dang-nhap": "/lam-viec", "/thoat": "/lam-viec",
		"/lam-viec/nhan-su?q=a": "/lam-viec/nhan-su?q=a", "": "/lam-viec", "/a\r\nSet-Cookie: x": "/lam-viec", "/en/luat": "/luat",
	} {
		c := x.reader()
		f := c.Get("/dang-nhap").Form("form[method=post]")
		f.Values.Set("tiep", tiep)
		p := f.Set("ten", "quantri1").Set("mat_khau", password).Send().Want(303)
		if got := p.Header.Get("Location"); got != want {
			t.Errorf("%q leads to %q, want %q", tiep, got, want)
		}
	}
}

func TestSharedComputer(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	c := x.reader()
	p := c.Get("/dang-nhap").Form("form[method=post]").Set("ten", "lovanmen").Set("mat_khau", password).Set("dung_chung", "1").Send().Want(303)
	if set := p.Header.Get("Set-Cookie"); strings.Contains(set, "Expires") || strings.Contains(set, "Max-Age") {
		t.Errorf("the cookie outlives the browser: %s", set)
	}
	x.pass(31 * time.Minute)
	if p := c.Do("GET", "/lam-viec/tai-khoan", nil, nil); p.Status != 303 {
		t.Errorf("after half an hour: %d", p.Status)
	}
}

func TestFactorPages(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	c := x.in("lovanmen")
	setup := c.Get("/lam-viec/tai-khoan").Click("Bật mã xác thực").Want(200).Check()
	secret := strings.ReplaceAll(setup.Text(".dinh-code"), " ", "")
	code := func() string {
		s, err := totp.GenerateCode(secret, x.read())
		x.ok(err)
		return s
	}
	wrong := setup.Form("form[method=post]").Set("ma", "000").Submit().Want(422).Check()
	if again := strings.ReplaceAll(wrong.Text(".dinh-code"), " ", ""); again != secret {
		t.Fatalf("another secret after a wrong code: %s, %s", again, secret)
	}
	form := wrong.Form("form[method=post]").Set("ma", code())
	shown := form.Submit().Want(200).Check()
	if n := len(shown.Find("ol .dinh-code")); n != 10 {
		t.Fatalf("%d recovery codes in %s", n, shown.Main())
	}
	recovery := shown.Text("ol .dinh-code")
	if again := form.Submit().Want(200); len(again.Find("ol .dinh-code")) != 0 {
		t.Error("the codes are shown twice")
	}
	c.Get("/lam-viec/tai-khoan").Want(200).Check().WantText("Đang bật", "Còn 10 mã chưa dùng")

	x.pass(time.Minute)
	n := x.reader()
	step := n.Get("/dang-nhap?tiep=/lam-viec/tai-khoan").Form("form[method=post]").Set("ten", "lovanmen").Set("mat_khau", password).Submit().Want(200).Check()
	step.WantText("Mã xác thực")
	if p := n.Do("GET", "/lam-viec/tai-khoan", nil, nil); p.Status != 303 {
		t.Error("the half of a log-in opens the account")
	}
	step.Form("form[method=post]").Set("ma", "123456").Submit().Want(422).Check().Form("form[method=post]").Set("ma", code()).Submit().Want(200).WantText("Tài khoản của tôi")

	m := x.reader()
	m.Get("/dang-nhap").Form("form[method=post]").Set("ten", "lovanmen").Set("mat_khau", password).Submit().Form("form[method=post]").Set("ma", strings.ToLower(recovery)).Submit().Want(200)
	m.Get("/lam-viec/tai-khoan").WantText("Còn 9 mã chưa dùng")
	fresh := m.Get("/lam-viec/tai-khoan/ma-du-phong").Want(200).Check().Form("form[method=post]").Set("mat_khau", password).Submit().Want(200).Check()
	if n := len(fresh.Find("ol .dinh-code")); n != 10 {
		t.Errorf("%d new codes", n)
	}
	off := m.Get("/lam-viec/tai-khoan/ma-xac-thuc").Want(200).Check()
	off.Form("form[method=post]").Set("mat_khau", "sai").Submit().Want(422).Check()
	off.Form("form[method=post]").Set("mat_khau", password).Submit().Want(200).WantText("Đã tắt mã xác thực")
	if p := n.Do("GET", "/lam-viec/tai-khoan", nil, nil); p.Status != 303 {
		t.Error("another session outlives the change")
	}
}

func TestRequiredFactorPages(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	c := x.in("quantri1")
	c.Get("/lam-viec/nhan-su").Click("Quy định đăng nhập").Want(200).Check().Form("form[method=post]").Set("nhiem_vu", "head").Submit().Want(200).Check().WantText("Đã lưu quy định")
	n := x.reader()
	setup := n.Get("/dang-nhap").Form("form[method=post]").Set("ten", "tongthitruong").Set("mat_khau", password).Submit().Want(200).Check()
	setup.WantText("bắt buộc có mã xác thực")
	secret := strings.ReplaceAll(setup.Text(".dinh-code"), " ", "")
	code, err := totp.GenerateCode(secret, x.read())
	x.ok(err)
	done := setup.Form("form[method=post]").Set("ma", code).Submit().Want(200).Check()
	done.Click("Tôi đã cất các mã").Want(200).WantText("Tài khoản của tôi")
}

func TestPasswordPage(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	c, elsewhere := x.in("lovanmen"), x.in("lovanmen")
	p := c.Get("/lam-viec/tai-khoan/mat-khau").Want(200).Check()
	p.Form("form[method=post]").Set("mat_khau", password).Set("mat_khau_moi", other).Set("mat_khau_lai", "khác").Submit().Want(422).Check().WantText("không giống nhau")
	p.Form("form[method=post]").Set("mat_khau", password).Set("mat_khau_moi", "matkhau123").Set("mat_khau_lai", "matkhau123").Submit().Want(422).Check().WantText("quá dễ đoán")
	p.Form("form[method=post]").Set("mat_khau", password).Set("mat_khau_moi", other).Set("mat_khau_lai", other).Submit().Want(200).Check().WantText("Đã đổi mật khẩu")
	if p := elsewhere.Do("GET", "/lam-viec/tai-khoan", nil, nil); p.Status != 303 {
		t.Error("another device stays in")
	}
}

func TestSessionsPage(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	a, b, d := x.in("lovanmen"), x.in("lovanmen"), x.in("lovanmen")
	page := a.Get("/lam-viec/tai-khoan").Want(200).Check()
	page.Form("li form[method=post]").Submit().Want(200).WantText("Đã kết thúc phiên đó")
	left := 0
	for _, c := range []*webtest.Client{b, d} {
		if c.Do("GET", "/lam-viec/tai-khoan", nil, nil).Status == 200 {
			left++
		}
	}
	if left != 1 {
		t.Errorf("%d other sessions left", left)
	}
	forms := a.Get("/lam-viec/tai-khoan").Find("form[method=post]")
	if len(forms) != 2 { // one by one, and all others
		t.Fatalf("%d forms", len(forms))
	}
}

func TestTokensPage(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	c := x.in("lovanmen")
	p := c.Get("/lam-viec/tai-khoan/khoa-api").Want(200).Check()
	p.Form("form[data-once]").Submit().Want(422).Check().WantText("Xin ghi tên khóa")
	form := p.Form("form[data-once]").Set("ten_khoa", "Bảng <b>tính</b>").SetDate("den", "2022-04-20")
	made := form.Submit().Want(200).Check()
	token := strings.TrimSpace(made.Text("#khoa-moi"))
	if _, err := x.s.Token(t.Context(), "Bearer "+token); err != nil {
		t.Errorf("%s: %v", token, err)
	}
	if again := form.Submit().Want(200); strings.Contains(again.Body, token) {
		t.Error("the token is shown twice")
	}
	list := c.Get("/lam-viec/tai-khoan/khoa-api").Want(200).Check().WantText("Bảng <b>tính</b>")
	list.Form("td form").Submit().Want(200).Check().WantText("Đã thu hồi khóa")
	if _, err := x.s.Token(t.Context(), "Bearer "+token); err == nil {
		t.Error("a revoked token works")
	}
}

func TestInvitePages(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	c := x.in("quantri1")
	add := c.Get("/lam-viec/nhan-su").Want(200).Check().Click("Thêm người").Want(200).Check()
	bad := add.Form("form[data-once]").Set("ten", "Quàng <i>Văn</i> Bản").Set("dien_thoai", "0912").Set("don_vi", x.banA).Set("chuc_danh", "officer").Submit().Want(422).Check()
	bad.WantText("Số điện thoại không đúng", "Nhiệm vụ này không có ở loại đơn vị đã chọn")
	if v := bad.Form("form[data-once]").Values; v.Get("ten") != "Quàng <i>Văn</i> Bản" || v.Get("don_vi") != x.banA {
		t.Errorf("kept: %v", v)
	}
	form := bad.Form("form[data-once]").Set("ten", "Quàng Văn Bản").Set("dien_thoai", "0912 345 678").Set("chuc_danh", "village_head")
	paper := form.Submit().Want(200).Check()
	paper.WantText("GIẤY MỜI DÙNG ĐÌNH", "Quàng Văn Bản", "Bản Mển", webtest.Host+"/moi", "0912 345 678")
	if again := form.Submit().Want(200); again.URL.Path != paper.URL.Path {
		t.Errorf("sent twice: %s and %s", paper.URL, again.URL)
	}
	code := paper.Text(".dinh-code")
	c.Get("/lam-viec/nhan-su/giay-moi").Want(200).Check().WantText("Quàng Văn Bản")

	n := x.reader()
	n.Get("/moi").Want(200).Check().Form("form[action=/moi]").Set("ma", "AAAA-BBBB-CCCC").Submit().Want(404).Check().WantText("Không có giấy mời")
	accept := n.Get("/moi").Form("form[action=/moi]").Set("ma", strings.ToLower(code)).Submit().Want(200).Check()
	accept.WantText("Quàng Văn Bản", "Trưởng thôn, bản, tổ dân phố", "Bản Mển")
	n.Get("/en" + accept.URL.Path).Want(200).Check().WantText("Village head")
	accept.Form("form[method=post]").Set("mat_khau_moi", "ngắn").Set("mat_khau_lai", "ngắn").Submit().Want(422).Check().WantText("ít nhất 10 ký tự")
	accept.Form("form[method=post]").Set("mat_khau_moi", other).Set("mat_khau_lai", other).Submit().Want(200).WantText("Tài khoản của tôi", "Bản Mển")
	x.reader().Get(accept.URL.Path).Want(410).Check().WantText("đã được dùng")
	paper.Form("form[method=post]").Submit().Want(409)
}

func TestPeoplePages(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	x.person("=cmd|' /C calc'!A0", "tancong", x.xaB, access.Officer)
	c := x.in("quantri1")
	for _, lang := range []string{"", "/en"} {
		c.Get(lang+"/lam-viec/nhan-su").Want(200).Check().WantText("Lò Văn Mển", "Thanh Nưa")
	}
	found := c.Get("/lam-viec/nhan-su?q=men&don_vi=" + x.xaA).Want(200).Check()
	if n := len(found.Find("tbody tr")); n != 1 {
		t.Errorf("found %d", n)
	}
	c.Get("/lam-viec/nhan-su?q=kh%C3%B4ng+ai&ngay=31%2F2%2F2021&sau=x").Want(400)
	c.Get("/lam-viec/nhan-su?q=kh%C3%B4ng+ai").Want(200).Check().WantText("Không có ai hợp")
	csv := c.Get("/lam-viec/nhan-su/danh-sach.csv").Want(200)
	if !strings.HasPrefix(csv.Body, "\ufeffHọ và tên,") || !strings.Contains(csv.Body, "Lò Văn Mển,lovanmen,,03322,Xã Thanh Nưa") || strings.Contains(csv.Body, "\n=cmd") {
		t.Errorf("csv:\n%s", csv.Body)
	}
	person := found.Click("Lò Văn Mển").Want(200).Check()
	stale := person.Click("Sửa tên, số điện thoại").Want(200).Check()
	person.Click("Sửa tên, số điện thoại").Form("form[data-once]").Set("ten", "Lò Văn Mến").Submit().Want(200).Check().WantText("Đã lưu", "Lò Văn Mến")
	conflict := stale.Form("form[data-once]").Set("ten", "Lò Văn Men").Submit().Want(409).Check()
	conflict.WantText("Lò Văn Mến")
	if v := conflict.Form("form[data-once]").Values.Get("ten"); v != "Lò Văn Men" {
		t.Errorf("after a conflict: %q", v)
	}
	conflict.Form("form[data-once]").Submit().Want(200).WantText("Lò Văn Men")

	assign := c.Get("/lam-viec/nhan-su/nguoi/" + x.officer + "/nhiem-vu").Want(200).Check()
	assign = assign.Form("form[action=/lam-viec/nhan-su/nguoi/"+x.officer+"/nhiem-vu]").Set("don_vi", x.xaA).Submit().Want(200).Check()
	assign.Form("form[data-once]").Set("chuc_danh", "head").Submit().Want(422).Check().WantText("Đơn vị đã có người đứng đầu")
	assign.Form("form[data-once]").Set("chuc_danh", "focal_officer").Set("ten_chuc_danh", "Cán bộ Văn phòng").Submit().Want(200).Check().WantText("Đã giao nhiệm vụ", "Cán bộ đầu mối")

	c.Get("/lam-viec/nhan-su/nguoi/"+x.headA).Click("Kết thúc nhiệm vụ").Want(200).Check().Form("form[data-once]").SetDate("den", "2021-04-30").Submit().Want(200).Check().WantText("đến hết 30/4/2021")
	self := c.Get("/lam-viec/nhan-su/nguoi/" + x.admin).Want(200).Check()
	self.Click("Kết thúc nhiệm vụ").Form("form[data-once]").Submit().Want(403).Check().WantText("người quản trị cuối cùng")

	lock := c.Get("/lam-viec/nhan-su/nguoi/" + x.officer)
	victim := x.in("lovanmen")
	lock.Form("form[action=/lam-viec/nhan-su/nguoi/" + x.officer + "/khoa]").Submit().Want(200) // a button's own value is not sent: it opens what is open
	f := c.Get("/lam-viec/nhan-su/nguoi/" + x.officer).Form("form[action=/lam-viec/nhan-su/nguoi/" + x.officer + "/khoa]")
	f.Values.Set("khoa", "1")
	f.Submit().Want(200).Check().WantText("Đã khóa tài khoản", "Đang khóa")
	if p := victim.Do("GET", "/lam-viec/tai-khoan", nil, nil); p.Status != 303 {
		t.Error("a locked account is still in")
	}
}

func TestHandOverPages(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	young := x.person("Cà Thị Mới", "cathimoi", x.xaB, access.Officer)
	x.s.SetHandover(plan{})
	c := x.in("quantri1")
	page := c.Get("/lam-viec/nhan-su/nguoi/" + x.headA).Click("Bàn giao ở xã Thanh Nưa").Want(200).Check()
	page.WantText("Người đứng đầu", "Việc <một>")
	page.Form("form[data-once]").Submit().Want(422).Check().WantText("Xin chọn người nhận")
	record := page.Form("form[data-once]").Set("nguoi_nhan", young).Set("can_cu", "Quyết định 12/QĐ-UBND").Set("ghi_chu", "Con dấu.\nChìa khóa.").Submit().Want(200).Check()
	record.WantText("BIÊN BẢN", "Tòng Thị Trưởng", "Cà Thị Mới", "Quyết định 12/QĐ-UBND", "Con dấu.", "Chìa khóa.", "Việc <một>", "1 việc")
	c.Get("/en"+record.URL.Path).Want(200).Check().WantText("RECORD", "Handed over by")
	taker := x.in("cathimoi")
	taker.Get(record.URL.Path).Want(200).Check()
	x.in("lovanmen").Get(record.URL.Path).Want(404)
	taker.Get("/lam-viec/tai-khoan").WantText("Người đứng đầu")
}

type plan struct{}

func (plan) OpenWork(context.Context, string, string) ([]auth.WorkItem, error) {
	return []auth.WorkItem{{Title: "Việc <một>", Due: "2021-05-01"}}, nil
}

func (plan) HandOverTx(context.Context, *db.Tx, string, string, string) (int, error) { return 1, nil }

// Whoever has no administrator's post finds none of the pages of people, nor does one commune's administrator those of another.
func TestPeopleAreHidden(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	x.person("Quản Trị Xã", "quantrixa", x.xaA, access.Admin)
	stranger := x.person("Người Xã Khác", "nguoixakhac", x.xaB, access.Officer)
	posts, err := x.s.PostsOf(t.Context(), access.System, stranger)
	x.ok(err)
	paths := []string{
		"/lam-viec/nhan-su/nguoi/" + stranger, "/lam-viec/nhan-su/nguoi/" + stranger + "/sua", "/lam-viec/nhan-su/nguoi/" + stranger + "/nhiem-vu",
		"/lam-viec/nhan-su/nguoi/" + stranger + "/ban-giao?don_vi=" + x.xaB, "/lam-viec/nhan-su/nhiem-vu/" + posts[0].ID + "/ket-thuc", "/lam-viec/nhan-su/quy-dinh",
		"/lam-viec/nhan-su?don_vi=" + x.xaB, "/lam-viec/nhan-su/giay-moi/none", "/lam-viec/nhan-su/ban-giao/none",
	}
	for login, own := range map[string]int{"quantrixa": 200, "lovanmen": 404} {
		c := x.in(login)
		c.Get("/lam-viec/nhan-su").Want(own)
		for _, p := range paths {
			if got := c.Get(p); got.Status != 404 || got.Has("Người Xã Khác") {
				t.Errorf("%s: %s: %d", login, p, got.Status)
			}
		}
	}
}

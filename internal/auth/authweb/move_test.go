package authweb

import (
	"context"
	"testing"
	"time"

	"dinh/internal/access"
	"dinh/internal/db"
	"dinh/internal/org"
)

func TestMovePages(t *testing.T) {
	t.Parallel()
	x := newSite(t)
	c := x.in("quantri1")
	if c.Get("/lam-viec/nhan-su").Has("Người của đơn vị đã kết thúc") {
		t.Error("a link to what is not there")
	}
	c.Get("/lam-viec/nhan-su/don-vi-da-ket-thuc").Want(200).Check().WantText("Không còn ai")
	x.write(func(ctx context.Context, tx *db.Tx) error {
		var old []org.Ref
		for _, id := range []string{x.xaA, x.xaB} {
			u, _ := x.s.Unit(id, "2021-04-20")
			old = append(old, org.Ref{ID: id, Version: u.Version})
		}
		u, _ := x.s.Unit(x.xaA, "2021-04-20")
		_, err := x.units.MergeTx(ctx, tx, access.System, org.Merge{
			Old: old, Day: "2021-05-01", Act: "NQ 1",
			New: org.Draft{Kind: org.Commune, Code: "03999", Name: "Xã Hợp Nhất", ParentID: u.ParentID, Staff: org.Unknown, Workers: org.Unknown},
		})
		return err
	})
	x.pass(15 * 24 * time.Hour)
	c = x.in("quantri1")
	list := c.Get("/lam-viec/nhan-su").Click("Người của đơn vị đã kết thúc").Want(200).Check().WantText("Xã Thanh Nưa", "30/4/2021", "Xã Hợp Nhất", "2 nhiệm vụ")
	c.Get("/en/lam-viec/nhan-su/don-vi-da-ket-thuc").Want(200).Check().WantText("2 posts")
	page := list.Click("Xã Thanh Nưa").Want(200).Check().WantText("Tòng Thị Trưởng", "Lò Văn Mển", "Làm Người đứng đầu", "Để sau")
	c.Get("/en" + page.URL.Path).Want(200).Check()
	page.Form("form[data-once]").SetDate("tu", "2021-04-30").Send().Want(422).Check().WantText("phải sau ngày cuối của đơn vị cũ")
	page.Form("form[data-once]").Set("tu-day", "31").Set("tu-month", "2").Send().Want(422).Check().WantText("Không có ngày 31/2/2021")
	form := page.Form("form[data-once]").Set("can_cu", "Nghị quyết 1").Set("ghi_chu", "Con dấu.")
	record := form.Submit().Want(200).Check().WantText("BIÊN BẢN", "Tòng Thị Trưởng", "Lò Văn Mển", "Xã Thanh Nưa", "Xã Hợp Nhất", "Nghị quyết 1", "Con dấu.")
	c.Get("/en" + record.URL.Path).Want(200).Check().WantText("RECORD")
	if form.Send().Status != 303 {
		t.Error("a repeat is not answered by its first result")
	}
	c.Get("/lam-viec/nhan-su/don-vi-da-ket-thuc").Want(200).Check().WantText("Không còn ai", "Xã Thanh Nưa sang Xã Hợp Nhất")
	x.in("tongthitruong").Get("/lam-viec/tai-khoan").WantText("Xã Hợp Nhất")
	x.in("lovanmen").Get(record.URL.Path).Want(404)
}

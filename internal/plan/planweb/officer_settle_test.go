package planweb

import (
	"testing"

	"dinh/internal/access"
	"dinh/internal/civil"
	"dinh/internal/db"
)

// The open work of districts that have ended is on the province's list; it is settled in bulk after a preview, which changes nothing.
func TestWorkOfEndedUnits(t *testing.T) {
	t.Parallel()
	h := newDeskAt(t, civil.Fixed("2025-07-10"))
	h.write(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `UPDATE plan SET to_day='2025-12-31' WHERE id=$1`, plan648)
		return err
	})
	c := h.in("binh", "11", "head")
	list := both(c, "/lam-viec/don-vi-da-ket-thuc").WantText("Huyện Điện Biên, đến 30/6/2025", "Lãnh đạo trực tiếp đối thoại", "Giải quyết cả")
	h.in("huong", "03322", "officer").Get("/lam-viec/don-vi-da-ket-thuc?don-vi=11").Want(404)
	h.in("huong", "03322", "officer").Get("/lam-viec/don-vi-da-ket-thuc/giai-quyet?don-vi=11").Want(404)
	district := h.unit("100").ID
	left := func() int {
		all, err := h.plans.LeftWork(t.Context(), access.System, h.unit("11").ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range all {
			if l.Unit.ID == district {
				return len(l.Works)
			}
		}
		return 0
	}
	before := left()
	if before < 2 {
		t.Fatalf("%d tasks left at the district", before)
	}
	list.Check()
	form := both(c, "/lam-viec/don-vi-da-ket-thuc/giai-quyet?don-vi=11&cu="+district).WantText("Tỉnh Điện Biên", "Đóng việc").Form("form.dinh-form")
	form.Set("viec-"+district).Set("buoc", "xem").Send().Want(422).Check().WantText("Xin chọn ít nhất một việc")
	fresh := c.Get("/lam-viec/don-vi-da-ket-thuc/giai-quyet?don-vi=11&cu=" + district).Form("form.dinh-form")
	fresh.Set("reason", "").Set("buoc", "xem").Send().Want(422).Check()
	fresh = c.Get("/lam-viec/don-vi-da-ket-thuc/giai-quyet?don-vi=11&cu=" + district).Form("form.dinh-form")
	some := fresh.Values["viec-"+district][:1]
	pre := fresh.Set("viec-"+district, some...).Set("cach", "dong").Set("buoc", "xem").Send().Want(200).Check().WantText("Chưa có gì thay đổi", "Đóng việc", "Đơn vị chấm dứt hoạt động")
	if left() != before {
		t.Error("a preview settles")
	}
	confirm := pre.Form("form[data-once]").Set("buoc", "ghi")
	confirm.Submit().Want(200).Check().WantText("Đã giải quyết 1 việc")
	if left() != before-1 {
		t.Errorf("%d left of %d", left(), before)
	}
	// The rest goes to the province's own list.
	fresh = c.Get("/lam-viec/don-vi-da-ket-thuc/giai-quyet?don-vi=11&cu=" + district).Form("form.dinh-form")
	pre = fresh.Set("buoc", "xem").Send().Want(200).Check().WantText("Tỉnh Điện Biên")
	pre.Form("form[data-once]").Set("buoc", "ghi").Submit().Want(200).WantText("Đã giải quyết")
	if left() != 0 {
		t.Errorf("%d left after all", left())
	}
	if confirm.Send().Status != 303 {
		t.Error("a repeat is not answered by its first result")
	}
}

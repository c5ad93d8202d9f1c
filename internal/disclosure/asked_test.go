package disclosure

import (
	"testing"

	"dinh/internal/civil"
	"dinh/internal/law"
	"dinh/internal/org"
)

func TestAsk(t *testing.T) {
	t.Parallel()
	c, err := law.Load()
	if err != nil {
		t.Fatal(err)
	}
	commune, agency, firm := &org.Unit{Kind: org.Commune, Staff: -1, Workers: -1}, &org.Unit{Kind: org.Agency, Staff: -1, Workers: -1}, &org.Unit{Kind: org.Enterprise, Staff: -1, Workers: -1}
	for _, x := range []struct {
		name    string
		u       *org.Unit
		matter  string // "" is the unit's own
		who     Audience
		decided civil.Date
		due     civil.Date
		by      string
		need    Need
	}{
		{"2021, posting", commune, "pl-34-2007.d5.k1", Everybody, "2021-03-09", "2021-03-11", "pl-34-2007.d7.k2", Need{MinDays: 30}},
		{"2021, over a weekend", commune, "pl-34-2007.d5.k1", Everybody, "2021-03-12", "2021-03-15", "pl-34-2007.d7.k2", Need{MinDays: 30}},
		{"2021, loudspeaker: the rule of posting is about other matters", commune, "pl-34-2007.d5.k4", Everybody, "2021-03-09", "2021-03-11", "pl-34-2007.d5.k4", Need{LoudDays: 3}},
		{"2021, for ever", commune, "pl-34-2007.d5.k10", Everybody, "2021-03-09", "2021-03-11", "pl-34-2007.d7.k2", Need{Permanent: true}},
		{"2021, another act that sets no day", commune, "nqlt-403-2017.d11", Everybody, "2021-03-09", "", "", Need{}},
		{"2026, working days", commune, "l-10-2022.d11.k1", Everybody, "2026-03-06", "2026-03-13", "l-10-2022.d12.k3", Need{MinDays: 30}},
		{"2026, posting and loudspeaker", commune, "l-10-2022.d11.k7", Everybody, "2026-03-06", "2026-03-13", "l-10-2022.d12.k3", Need{MinDays: 30, LoudDays: 3}},
		{"2021, staff", agency, "nd-04-2015.d7.k2", Staff, "2021-03-09", "2021-03-12", "nd-04-2015.d8.k2", Need{MinDays: 30}},
		{"2026, staff", agency, "l-10-2022.d46.k2", Staff, "2026-03-06", "2026-03-13", "l-10-2022.d47.k2", Need{MinDays: 20, OnlineDays: 20}},
		{"2021, a private firm: no day in the law", firm, "nd-145-2020.d43.k1.a", Staff, "2021-03-09", "", "", Need{}},
		{"not decided yet", commune, "pl-34-2007.d5.k1", Everybody, "", "", "", Need{MinDays: 30}},
		{"the unit's own matter", commune, "", Everybody, "2021-03-09", "", "", Need{MinDays: 30}},
	} {
		var d *law.Duty
		day := x.decided
		if day == civil.None {
			day = "2021-03-09"
		}
		if x.matter != "" {
			var ok bool
			if d, ok = c.Duty(x.matter); !ok {
				t.Fatalf("%s: no duty %s", x.name, x.matter)
			}
		}
		got := Ask(c, x.u, d, x.who, x.decided, day)
		if got.HasDue != (x.due != "") || got.HasDue && (got.Due.Date != x.due || got.Due.DutyID != x.by) || got.Need != x.need {
			t.Errorf("%s: due %s by %s, need %+v; want %s by %s, %+v", x.name, got.Due.Date, got.Due.DutyID, got.Need, x.due, x.by, x.need)
		}
		if d != nil && AudienceOf(d) != x.who {
			t.Errorf("%s: audience %s", x.name, AudienceOf(d))
		}
	}
}

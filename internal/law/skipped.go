package law

import (
	"strconv"
	"strings"

	"dinh/internal/civil"
	"dinh/internal/i18n"
)

// listed is the greatest number of days off that a sentence names one by one.
const listed = 8

// skippedMsg words the days off that were not counted: "không tính 13, 14/3"; of many only the holidays are named, the weekends counted.
func skippedMsg(days []civil.Date, year int) i18n.Msg {
	if len(days) <= listed {
		return i18n.M("law.due.skip", "days", compress(days, year))
	}
	var holidays []civil.Date
	for _, d := range days {
		if !weekend(d) {
			holidays = append(holidays, d)
		}
	}
	n := len(days) - len(holidays)
	switch {
	case len(holidays) == 0:
		return i18n.M("law.due.skip_weekends", "n", n)
	case len(holidays) <= listed:
		return i18n.M("law.due.skip_many", "n", n, "days", compress(holidays, year))
	}
	return i18n.M("law.due.skip_count", "n", n, "holidays", i18n.M("law.due.holidays", "n", len(holidays)))
}

// compress words days by month: "13, 14/3", "30/4, 3/5"; the year stands where it is not that of the event.
func compress(days []civil.Date, year int) []i18n.Msg {
	var out []i18n.Msg
	for i := 0; i < len(days); {
		y, m := days[i].Year(), days[i].Month()
		var nums []string
		for ; i < len(days) && days[i].Year() == y && days[i].Month() == m; i++ {
			nums = append(nums, strconv.Itoa(days[i].Day()))
		}
		key, month := "law.due.day_list", i18n.M("law.month.m"+strconv.Itoa(m))
		if y != year {
			key = "law.due.day_list_year"
		}
		out = append(out, i18n.M(key, "days", strings.Join(nums, ", "), "month", month, "year", strconv.Itoa(y)))
	}
	return out
}

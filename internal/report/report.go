package report

import (
	"dinh/internal/civil"
)

// The kinds of periods.
const (
	PeriodHalf  = "half"
	PeriodYear  = "year"
	PeriodOther = "other" // asked for at another time, of chosen units
)

// PeriodState is how far a period has come.
type PeriodState string

// The states of a period.
const (
	Planned PeriodState = "planned" // its form can still be changed
	Open    PeriodState = "open"
	Closed  PeriodState = "closed" // nothing is taken in any more; the consolidated report stands
)

// Period is a run of days that units report about, with a form, and the days on which their reports are due.
type Period struct {
	ID          string
	Form        string // id of the form
	FormVersion int
	Unit        string // who asks: the unit to which the consolidated report belongs
	Via         string // the body through which the reports reach Unit and which consolidates them; Unit itself where there is none
	Kind        string // half, year, other
	Year        int
	Title       string
	civil.Span              // data from, to
	Opens       civil.Date  // when units can begin
	State       PeriodState //
	Dues        []Due       // the first that fits a unit holds
	Kinds       []string    // kinds of units that report; with Units both narrow
	Units       []string    // only these and those below them; none is the whole subtree of Unit
	Letter      Paper       // the guiding letter
	Outline     string      // đề cương: headings of the prose, Markdown
	Sample      bool
	Version     int
	Created     int64
}

// Due is the last day for units of a kind, or for one unit and those directly below it; a superior may set an earlier day for those that report to it.
type Due struct {
	Kind string     `json:"kind,omitempty"` // "" is every kind
	Unit string     `json:"unit,omitempty"` // the superior that set it for those that report to it; "" for all
	Day  civil.Date `json:"day"`
}

// Paper is a signed paper by its number.
type Paper struct {
	Number string     `json:"number,omitempty"`
	Day    civil.Date `json:"day,omitempty"`
	Signer string     `json:"signer,omitempty"`
	File   string     `json:"file,omitempty"` // id of the attachment
}

// State is how far a unit's report has come.
type State string

// The states of a report, with the words of the design: Chưa bắt đầu, Đang lập, Trình ký, Đã gửi, Yêu cầu bổ sung, Đã tiếp nhận.
const (
	NotStarted State = "not_started"
	Drafting   State = "drafting"
	Signing    State = "signing" // laid before the head
	Submitted  State = "submitted"
	Returned   State = "returned" // the superior asks for supplements
	Accepted   State = "accepted"
)

// Final reports whether the state's figures count above as handed in.
func (s State) Final() bool { return s == Submitted || s == Accepted || s == Returned }

// Report is one unit's report of a period: the only truth about its figures. No sum is stored.
type Report struct {
	ID, Period, Unit string
	To               string // the unit that it goes to: the superior of the period's day
	Due              civil.Date
	Extended         civil.Date // a later day that the superior granted; late is judged by it
	ExtendedWhy      string
	ExtendedBy       string
	State            State
	First            civil.Date // when it was first submitted: late is late for ever
	Submitted        civil.Date
	SubmittedBy      string
	Accepted         civil.Date
	AcceptedBy       string
	Paper            Paper  // the signed paper; zero where it was signed off on screen
	SignedBy         string // name of the head who signed off on screen
	Values           Values // as they stand now, in the order of the form's version
	Found            Values // what the records said when they were last asked
	Lump             int    // units without an account that this line stands for (nhập gộp); 0: an ordinary report
	LumpKind         string // their kind
	Sample           bool
	Version          int
	Changed          int64 // microseconds
}

// Late is the number of days by which the report came, or is by today, after its day; 0 where it is in time. A day of grace is a recorded extension.
func (r *Report) Late(today civil.Date) int {
	due := max(r.Due, r.Extended)
	if due == civil.None {
		return 0
	}
	end := r.First
	if end == civil.None {
		end = today
	}
	return max(end.Sub(due), 0)
}

// Section is what two people can fill side by side: the figures and the prose of one heading, with a version of its own.
type Section struct {
	Report  string
	Name    string
	Nothing bool              // "Mục này không phát sinh trong kỳ"
	Body    string            // prose, Markdown
	Reasons map[string]string // why a computed figure was corrected, by code
	Texts   map[string]string // figures that are words, by code
	By      string
	At      int64
	Version int
}

// Ask is a superior's request for supplements, and the answer.
type Ask struct {
	ID, Report string
	Reason     string
	Day        civil.Date
	AnswerBy   civil.Date
	By         string
	ByUnit     string
	Answer     string
	Answered   civil.Date
}

// Change is a figure that changed after the report was handed in, shown above as "đã đổi sau khi tổng hợp" where a snapshot has the old one.
type Change struct {
	ID, Report, Period, Unit string
	Code                     string
	Before, After            int64 // None where there was or is none
	Reason                   string
	Day                      civil.Date
	By                       string
	At                       int64
}

// Snapshot is a consolidated report as it was frozen: the rows it was made of, so that it can be recomputed and compared for ever.
type Snapshot struct {
	ID, Period, Unit string
	Number           int // of the snapshots of this unit and period
	Day              civil.Date
	By               string
	Rows             []SnapshotRow
	Texts            map[string]string // by section
	Paper            Paper
	Note             string
	Version          int
	Created          int64
}

// SnapshotRow is one report as it was.
type SnapshotRow struct {
	Report  string `json:"report"`
	Unit    string `json:"unit"`
	State   State  `json:"state"`
	Version int    `json:"version"`
	Values  []byte `json:"values"`

	Lump     int    `json:"lump,omitempty"`
	LumpKind string `json:"lump_kind,omitempty"`
}

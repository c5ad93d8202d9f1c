// Package disclosure is the room "Dân biết": what a unit must tell its people or its staff, where and for how long it was told, and how that is proved.
//
// What must be disclosed follows from the law's catalogue (Slots). An Item is one disclosure; its words stand in Editions, of which one is up. Where it is
// told are its places, and what happened there are Postings (a sheet that hangs) and Tellings (a broadcast, a word, a meeting, a letter). The days that
// the law asks for are counted by Count, from these records alone.
package disclosure

import (
	"slices"

	"dinh/internal/attach"
	"dinh/internal/civil"
)

// Audience is whom an item is for.
type Audience string

// The audiences.
const (
	Everybody Audience = "public"
	Staff     Audience = "staff" // those who hold a post at the unit
)

// State is how far an item has come.
type State string

// The states of an item. Its edition that is being written has a state of its own.
const (
	Draft     State = "draft"     // nothing of it is up yet
	Up        State = "up"        // an edition is published
	Withdrawn State = "withdrawn" // taken back with a reason; a stub stays
)

// EditionState is how far an edition has come.
type EditionState string

// The states of an edition.
const (
	Writing   EditionState = "writing"
	Waiting   EditionState = "waiting" // for the approval
	Approved  EditionState = "approved"
	Published EditionState = "published"
	Replaced  EditionState = "replaced" // by a later one
)

// Item is one disclosure of a unit.
type Item struct {
	ID       string
	Unit     string
	Code     string // five characters without O, I, 0, 1: the short link /n/CODE
	Year     int    // part of the address
	Slug     string // part of the address
	Matter   string // id of a duty, or "own:" and the id of an OwnMatter; "" for neither
	Beyond   bool   // beyond what the law asks
	Period   string // of a recurring matter: "2021", "2021-H1", "2021-Q2", "2021-04"; see Period
	Audience Audience
	State    State
	Edition  int    // the number of the edition that is up; 0: none yet
	Draft    int    // the number of the edition being written; 0: none
	Title    string // of the edition that is up, else of the one being written

	Decided civil.Date // when the decision was passed or the paper received: the event of the deadline
	Due     civil.Date // the last day to tell it; None where the law sets none
	Need               // the days that the law asked for when the item was made

	Published civil.Date // when the present edition went up; its days are counted from records of that edition
	FirstTold civil.Date // the first day on which one of the forms that the law names was done, whatever the edition
	Ends      civil.Date // the day with which all days are full, if nothing happens until then; None while that cannot be said, and for permanent ones

	Withdrawn    civil.Date
	WithdrawnWhy string
	WithdrawnBy  string
	Sample       bool
	Version      int
	Created      int64 // microseconds
	CreatedBy    string
}

// Need is how long something must be told: what Requirements says.
type Need struct {
	MinDays    int  // running days at each place where a sheet hangs; 0: the law sets none
	LoudDays   int  // running days of broadcasts
	OnlineDays int  // running days on the website or the inner site
	Permanent  bool // for ever
}

// Edition is the words of an item from one publication to the next.
type Edition struct {
	ID, Item, Unit  string
	Number          int
	State           EditionState
	Title           string
	Summary         string // plain words: what it means for bà con
	Body            string // Markdown
	DocNumber       string
	DocDay          civil.Date
	Why             string // why it was changed; the first has none
	SecretChecked   string // name of whoever said that it holds no state secret
	PersonalChecked string // name of whoever said that personal data found in it may stand; "" where none was found or it was masked
	DraftedBy       string // account
	DraftedName     string
	Approved        civil.Date
	ApprovedBy      string // account of the head, or of whoever entered the signed paper
	ApprovedName    string
	PaperNumber     string // of the signed paper that approves it; "" for an approval on screen
	PaperDay        civil.Date
	PaperSigner     string
	ReturnedWhy     string // why it was sent back to be written again
	Published       civil.Date
	Version         int
	Created         int64
}

// The kinds of a File.
const (
	FilePaper = "paper"
	FileSound = "sound"
)

// File is a file of an edition: the paper as it came, and what the public gets in its place where that is another.
type File struct {
	ID, Edition, Unit string
	Kind              string
	Title             string
	Lang              string   // of a sound: "th" (Thái), "hmn" (Mông), …
	Original          string   // id of the attachment
	Shown             string   // id of the attachment that readers get; "" where they get none
	Text              string   // extracted, for search and the finders
	Faults            []string // what was found: "macros", "scripts", "external", "encrypted", "scanned", "personal"
	Seconds           int      // of a sound
	Position          int
	At                attach.Attachment // of Shown, where the page asked for it
}

// The kinds of places.
const (
	PlaceOffice      = "office"       // the office's notice board
	PlaceVillage     = "village"      // a village's culture house or meeting place
	PlaceBoard       = "board"        // another notice board of the unit
	PlaceWebsite     = "website"      // this site; days on which it was away do not count
	PlaceLoudspeaker = "loudspeaker"  //
	PlaceVillageHead = "village_head" // told by village heads
	PlaceMeeting     = "meeting"
	PlaceWritten     = "written"
)

// PlaceKinds lists the kinds in the order of forms and lists.
var PlaceKinds = []string{PlaceOffice, PlaceVillage, PlaceBoard, PlaceWebsite, PlaceLoudspeaker, PlaceVillageHead, PlaceMeeting, PlaceWritten}

// Hangs reports whether a sheet hangs at places of the kind, so that days are counted between putting up and taking down.
func Hangs(kind string) bool {
	return kind == PlaceOffice || kind == PlaceVillage || kind == PlaceBoard
}

// Told reports whether places of the kind are told by Tellings.
func Told(kind string) bool {
	return slices.Contains(PlaceKinds, kind) && !Hangs(kind) && kind != PlaceWebsite
}

// FormOf is the word of the law's catalogue for what is done at places of the kind.
func FormOf(kind string) string {
	if Hangs(kind) {
		return "posting"
	}
	return kind // website, loudspeaker, village_head, meeting, written
}

// Place is where an item is to be told. Key is "office", "website", "loudspeaker", "village_head", "meeting", "written", "v:" and a village's id, or
// "b:" and the id of a Board.
type Place struct {
	Item     string
	Key      string
	Unit     string // of the item
	Kind     string
	AtUnit   string // the village, whose head may enter what happens there; "" for others
	Name     string // as it was when it was chosen
	Need     int    // running days asked for at this place; 0: none
	Position int
}

// The ways in which somebody who entered a record heard of it.
const (
	HowSelf  = "self"  // saw it or did it
	HowPhone = "phone" // told by telephone
	HowChat  = "chat"  // a message in a chat group
	HowPaper = "paper" // a paper
)

// Hows lists the ways in the order of forms.
var Hows = []string{HowSelf, HowPhone, HowChat, HowPaper}

// The ends of a posting.
const (
	DownEnd        = "end"        // taken down after its days
	DownTaken      = "taken"      // taken down before
	DownMissing    = "missing"    // found missing
	DownTorn       = "torn"       // found torn or unreadable
	DownReplaced   = "replaced"   // by the sheet of a new edition
	DownWithdrawn  = "withdrawn"  // with the item
	DownUnitClosed = "unit_ended" // the unit has ended
)

// Downs lists the ends that a person may enter.
var Downs = []string{DownEnd, DownTaken, DownMissing, DownTorn}

// Posting is a sheet that hangs or hung at a place. Day of posting and day of entry are two fields: a late entry is never a gap.
type Posting struct {
	ID, Item, Unit string
	Edition        int
	Place          string // key
	UpDay          civil.Date
	UpHour         string // "08:15", "" where it is not known
	UpPerson       string // who put it up
	UpHow          string
	UpEntered      civil.Date
	UpActor        string
	UpName         string
	DownDay        civil.Date
	DownHour       string
	DownKind       string
	DownPerson     string // who took it down or found it gone
	DownHow        string
	DownNote       string
	DownEntered    civil.Date
	DownActor      string
	DownName       string
	Struck         civil.Date // entered by mistake and struck out; it stays to be seen by the unit
	StruckWhy      string
	Sample         bool
	Version        int
	Created        int64
}

// Photo is a picture of a sheet at its place. Original keeps what the phone wrote, for those with rights; Shown and Thumb have nothing but the picture.
type Photo struct {
	ID, Unit, Item, Posting string
	Batch                   string // photos dropped together, until they are given to postings
	Original, Shown, Thumb  string // ids of attachments
	Taken                   string // "2021-04-06 08:15" as the phone says; "" where it does not: the day is then that of whoever put it up
	Name                    string // of the file
	AtDown                  bool   // taken when the sheet came down
	Created                 int64
}

// Telling is one telling that leaves no sheet.
type Telling struct {
	ID, Item, Unit string
	Edition        int
	Place          string // key
	Day            civil.Date
	Hour           string
	Lang           string
	People         int // who heard it, where known
	Person         string
	How            string
	Note           string
	Entered        civil.Date
	Actor          string
	ActorName      string
	Struck         civil.Date
	StruckWhy      string
	Sample         bool
	Version        int
	Created        int64
}

// OwnMatter is a matter that a unit discloses beyond the law.
type OwnMatter struct {
	ID, Unit   string
	Title      string
	Basis      string // as the unit says: a resolution, its regulation
	Audience   Audience
	Recurrence string // on_event, yearly, half_yearly, quarterly, monthly, "" for permanent
	civil.Span
	Version int
}

// Board is a notice board of a unit.
type Board struct {
	ID, Unit string
	Name     string
	Spot     string // where it hangs
	Audience Audience
	civil.Span
	Sample  bool
	Version int
}

// Setting is how a unit discloses.
type Setting struct {
	Unit       string
	TwoPeople  bool   // whoever drafted an edition may not approve it
	AnswerDays int    // working days in which questions are answered; 0: the house's
	Contact    string // whom people may ask, as the sheet names it
	Version    int
}

package privacy

import "bytes"

// Words, in plain form, that say what the number behind them is.
var (
	idWords = []string{
		"cmnd", "cmtnd", "cmt", "chung minh", "chung minh nhan dan", "chung minh thu", "so cm", "giay cm",
		"can cuoc", "can cuoc cong dan", "cccd", "so dinh danh", "dinh danh ca nhan", "gttt", "giay to tuy than",
	}
	accountWords = []string{
		"stk", "so tk", "tk so", "tknh", "so tai khoan", "tai khoan so", "tai khoan", "tai khoan ngan hang", "so the", "account no", "account number",
	}
	insuranceWords = []string{"bhyt", "bhxh", "bao hiem y te", "bao hiem xa hoi", "ma so bhxh", "so so bhxh"}
	householdWords = []string{"ma ho:", "ma so ho:", "ma ho gd", "ma so ho gd", "ma so ho gia dinh", "ma ho gia dinh", "ma ho ngheo", "so ho khau", "ho khau so", "ho khau", "so ho ngheo", "ma so ho ngheo"}
	taxWords       = []string{"mst", "ma so thue", "ma so doanh nghiep", "ma so dn", "msdn"}
	phoneWords     = []string{"dt", "sdt", "dien thoai", "so dien thoai", "di dong", "zalo", "tel", "phone", "hotline", "lien he"}
)

const (
	near  = 40   // characters between a word and its number in a sentence
	table = 4000 // between the head of a column and a number below it; each number found carries the column on
)

// run is a number as written from one place on: where its digits stand.
type run struct {
	at []int
}

// digits reads up to most digits from i on. Between two digits may stand one or two of the separators.
func (s *sheet) digits(i, most int, seps string) run {
	var r run
	for len(r.at) < most && isDigit(s.at(i)) {
		r.at = append(r.at, i)
		i++
		gap := 0
		for gap < 2 && bytes.IndexByte([]byte(seps), s.at(i+gap)) >= 0 {
			gap++
		}
		if gap > 0 && isDigit(s.at(i+gap)) {
			i += gap
		}
	}
	return r
}

func (s *sheet) value(r run, n int) string {
	b := make([]byte, n)
	for i := range n {
		b[i] = s.plain[r.at[i]]
	}
	return string(b)
}

// groups are the lengths of the groups of the first n digits; ok says that digit n does not go on without a break.
func (r run) groups(n int) (g []int, ok bool) {
	size := 1
	for i := 1; i < n; i++ {
		if r.at[i] == r.at[i-1]+1 {
			size++
			continue
		}
		g = append(g, size)
		size = 1
	}
	return append(g, size), len(r.at) == n || r.at[n] != r.at[n-1]+1
}

// free reports whether the number from i to end stands for itself: it is no part of a decimal, of a paper's number or of a day.
func (s *sheet) free(i, end int) bool {
	before, after := s.at(i-1), s.at(end)
	if isDigit(before) || isLetter(before) || isDigit(after) || isLetter(after) {
		return false
	}
	if (before == '.' || before == ',' || before == '/') && isDigit(s.at(i-2)) {
		return false
	}
	if (after == '/' || after == ',' || after == '.') && isDigit(s.at(end+1)) {
		return false
	}
	return after != '/' || !isLetter(s.at(end+1)) // 648/KH-UBND
}

// money reports whether what stands behind a number makes it an amount.
func (s *sheet) money(end int) bool {
	return s.follows(end, "dong", "d", "vnd", "vnd.", "trieu", "ty", "nghin", "ngan", "usd", "%", "m2", "m3", "ha", "kg", "tan", "met", "km") && !s.follows(end, "dong chi")
}

func (s *sheet) numbers() {
	lastID, lastAccount := -table, -table // where a column of such numbers was last continued
	for i := 0; i < len(s.plain); i++ {
		if !isDigit(s.plain[i]) || isDigit(s.at(i-1)) {
			continue
		}
		end, kind := s.number(i, &lastID, &lastAccount)
		if kind != "" {
			from := i
			if kind == Phone {
				for s.at(from-1) == '+' || s.at(from-1) == '(' {
					from--
				}
			}
			s.hit(kind, from, end)
			i = end - 1
		}
	}
}

// number says what the number at i is; "" for nothing personal.
func (s *sheet) number(i int, lastID, lastAccount *int) (end int, kind Kind) {
	id, account := s.since(&idWords, i), s.since(&accountWords, i)
	if end, ok := s.phone(i); ok && s.since(&taxWords, i) > near && s.since(&insuranceWords, i) > near && (account > near || s.since(&phoneWords, i) < account) {
		return end, Phone
	}
	if end, ok := s.citizen(i, id <= near); ok && (account > near || id <= account) {
		*lastID = i
		return end, CitizenID
	}
	if end, n, plain := s.whole(i, 19); n > 0 && !s.money(end) {
		switch {
		case n == 10 && s.since(&insuranceWords, i) <= near:
			return end, Insurance
		case n >= 6 && n <= 13 && s.since(&householdWords, i) <= near:
			return end, Household
		case n == 9 && (id <= near || plain && i-*lastID < table):
			*lastID = i
			return end, OldID
		case n == 9 && plain && id < table:
			*lastID = i
			return end, OldID
		case n >= 6 && account <= near && account < id:
			*lastAccount = i
			return end, Account
		case n >= 8 && plain && (account < table || i-*lastAccount < table) && s.cell(i):
			*lastAccount = i
			return end, Account
		}
	}
	return 0, ""
}

// cell reports whether what begins at i begins a line or a cell of a table, and no word of a sentence stands before it.
func (s *sheet) cell(i int) bool {
	for j := i - 1; ; j-- {
		switch s.at(j) {
		case '\n', '\t', '|', ';':
			return true
		case ' ':
			if s.at(j-1) == ' ' {
				return true
			}
		default:
			return false
		}
	}
}

// whole reads a number to its end: how many digits it has (0 where it is part of something else) and whether nothing separates them.
func (s *sheet) whole(i, most int) (end, n int, plain bool) {
	r := s.digits(i, most+1, " .-")
	// Where spaces separate, a later group may be another number of the line: only groups of one to four digits belong together.
	n = len(r.at)
	first := 1
	for first < n && r.at[first] == r.at[first-1]+1 {
		first++
	}
	if first > 4 {
		n = first
		if n < len(r.at) && s.plain[r.at[n-1]+1] == '.' { // 3713.0.1234567 goes on, 0123456789 2021 does not
			n = len(r.at)
		}
	}
	if n == 0 || n > most {
		return 0, 0, false
	}
	end = r.at[n-1] + 1
	if !s.free(i, end) {
		return 0, 0, false
	}
	return end, n, end-i == n
}

// provinces are the first three digits of a citizen's number: the 63 provinces of 2016.
var provinces = func() (t [97]bool) {
	for _, c := range []int{
		1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64,
		66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92, 93, 94, 95, 96,
	} {
		t[c] = true
	}
	return t
}()

// citizen reads a citizen's number of 12 digits. Where no word says that it is one, its province, century and grouping must be possible.
func (s *sheet) citizen(i int, said bool) (end int, ok bool) {
	r := s.digits(i, 13, " .-")
	if len(r.at) < 12 {
		return 0, false
	}
	g, ok := r.groups(12)
	end = r.at[11] + 1
	if !ok || !s.free(i, end) {
		return 0, false
	}
	if said {
		return end, true
	}
	v := s.value(r, 12)
	code := int(v[0]-'0')*100 + int(v[1]-'0')*10 + int(v[2]-'0')
	if code >= len(provinces) || !provinces[code] || v[3] > '3' {
		return 0, false
	}
	if v[3] >= '2' && v[4] > '5' { // born after 2059
		return 0, false
	}
	return end, usual(g)
}

// usual are the ways in which people group twelve digits.
func usual(g []int) bool {
	switch len(g) {
	case 1, 12:
		return true
	case 2:
		return g[0] == 6
	case 3:
		return g[0] == 4 && g[1] == 4 || g[0] == 3 && g[1] == 3
	case 4:
		return g[0] == 3 && g[1] == 3 && g[2] == 3 || g[0] == 3 && g[1] == 1 && g[2] == 2
	}
	return false
}

// phone reads a Vietnamese number: mobile, the mobiles of before 2018, fixed; with 0 or +84 before it.
func (s *sheet) phone(i int) (end int, ok bool) {
	if before := s.at(i - 1); isLetter(before) || (before == '.' || before == ',' || before == '/') && isDigit(s.at(i-2)) {
		return 0, false
	}
	r := s.digits(i, 14, " .-()")
	if len(r.at) < 10 {
		return 0, false
	}
	abroad, plus := false, s.at(i-1) == '+'
	switch {
	case s.at(i) == '0':
	case s.at(i) == '8' && s.at(i+1) == '4':
		abroad = true
	default:
		return 0, false
	}
	for _, n := range []int{10, 11, 12, 13} {
		if n > len(r.at) {
			break
		}
		_, done := r.groups(n)
		if !done {
			continue
		}
		v := s.value(r, n)
		if abroad {
			v = "0" + trimZero(v[2:])
		}
		if !phoneShape(v) {
			continue
		}
		end = r.at[n-1] + 1
		if after := s.at(end); isLetter(after) || after == '/' && isLetter(s.at(end+1)) {
			return 0, false
		}
		if abroad && !plus && (s.money(end) || s.plain[r.at[1]+1] == '.' || s.plain[r.at[1]+1] == ' ' && r.at[2] != r.at[1]+1 && s.money(end)) {
			return 0, false
		}
		return end, true
	}
	return 0, false
}

func trimZero(v string) string { // +84 (0) 912 …
	if v != "" && v[0] == '0' {
		return v[1:]
	}
	return v
}

func phoneShape(v string) bool {
	switch len(v) {
	case 10:
		return v[1] == '3' || v[1] == '5' || v[1] == '7' || v[1] == '8' || v[1] == '9'
	case 11:
		return v[1] == '2' || v[1] == '1' && (v[2] == '2' || v[2] == '6' || v[2] == '8' || v[2] == '9')
	}
	return false
}

// emails finds addresses for letters, but those of offices (gov.vn).
func (s *sheet) emails() {
	word := func(b byte) bool { return isDigit(b) || isLetter(b) || b == '.' || b == '-' || b == '_' }
	for at := 0; ; at++ {
		i := bytes.IndexByte(s.plain[at:], '@')
		if i < 0 {
			return
		}
		at += i
		from, to := at, at+1
		for word(s.at(from-1)) || s.at(from-1) == '+' || s.at(from-1) == '%' {
			from--
		}
		for word(s.at(to)) {
			to++
		}
		for to > at && (s.at(to-1) == '.' || s.at(to-1) == '-') {
			to--
		}
		domain := s.plain[at+1 : max(to, at+1)]
		dot := bytes.LastIndexByte(domain, '.')
		if from == at || dot < 1 || len(domain)-dot < 3 || bytes.HasSuffix(domain, []byte(".gov.vn")) || bytes.Equal(domain, []byte("gov.vn")) {
			continue
		}
		s.hit(Email, from, to)
	}
}

// cards finds the numbers of health insurance cards: two letters for the group, a digit for the share, two for the province, ten for the person.
func (s *sheet) cards() {
	for i := 2; i+13 <= len(s.plain); i++ {
		if !isDigit(s.plain[i]) || !isLetter(s.at(i-1)) && s.at(i-1) != ' ' {
			continue
		}
		from := i - 1
		if s.at(from) == ' ' || s.at(from) == '-' {
			from--
		}
		if !isLetter(s.at(from)) || !isLetter(s.at(from-1)) || isLetter(s.at(from-2)) || isDigit(s.at(from-2)) || s.plain[i] < '1' || s.plain[i] > '5' {
			continue
		}
		if !s.upper(from) || !s.upper(from-1) {
			continue
		}
		r := s.digits(i, 14, " .-")
		if len(r.at) < 13 {
			continue
		}
		if _, ok := r.groups(13); ok && s.free(from-1, r.at[12]+1) {
			s.hit(Insurance, from-1, r.at[12]+1)
			i = r.at[12]
		}
	}
}

package privacy

import (
	"bytes"
	"regexp"
	"strings"
)

// birthWords say that a day behind them is one of birth; birthGap is what may stand between.
var birthWords = []string{"sinh", "ngay sinh", "nam sinh", "sinh ngay", "sinh nam", "dob", "d.o.b", "date of birth", "ns", "n.s", "sn", "s.n"}

var birthGap = regexp.MustCompile(`^[ \t.:,(]{0,4}(?:la |ngay |vao ngay )?[ \t]{0,2}`)

var birthDay = regexp.MustCompile(`^(?:(?:ngay )?\d{1,2} ?(?:thang|[/.\-]) ?\d{1,2}(?:,? ?nam| ?[/.\-]) ?(?:19|20)\d\d|(?:ngay )?\d{1,2}[/.\-]\d{1,2}[/.\-]\d\d|(?:\d{1,2}[/.\-])?(?:19|20)\d\d|(?:19|20)\d\d-\d\d-\d\d)`)

// births finds days and years of birth behind a word that says so, where a person is named on the same line, on the line before or right behind.
func (s *sheet) births() {
	for _, end := range s.ends(&birthWords) {
		from := end + birthGap.FindIndex(s.plain[end:min(end+20, len(s.plain))])[1]
		day := birthDay.FindIndex(s.plain[from:min(from+40, len(s.plain))])
		if day == nil {
			continue
		}
		to := from + day[1]
		if isDigit(s.at(to)) || !s.named(s.lineBefore(end), end) && !s.named(to, min(to+60, s.lineEnd(to))) {
			continue
		}
		s.hit(Birth, from, to)
	}
}

// lineBefore is the beginning of what is read for a name before i: this line and the one before, at most 160 characters.
func (s *sheet) lineBefore(i int) int {
	from := max(0, i-160)
	lines := 0
	for j := i - 1; j >= from; j-- {
		if s.plain[j] == '\n' {
			if lines++; lines == 2 {
				return j + 1
			}
		}
	}
	return from
}

func (s *sheet) lineEnd(i int) int {
	if n := bytes.IndexByte(s.plain[i:], '\n'); n >= 0 {
		return i + n
	}
	return len(s.plain)
}

// surnames of Vietnam, the peoples of the north-west among them, in plain form. A name is one of them as a capitalised word with another one behind it.
var surnames = wordSet(`nguyen tran le pham hoang huynh phan vu vo dang bui do ho ngo duong ly dinh mai trinh doan lam ta dao cao luong phung thai to trieu quach hua la
kieu tang vuong thach chu ha truong luu ha nghiem khuc tong tu on khong mac mach ninh nhu bach giap van trang tieu than thieu bien
lo luong ca quang tong dieu giang vu mua sung thao hang cha vang cu lau tao khoang po bac cam deo mao lu vi sin ma phan tan chao leng ho hu quan be nong dam hoang mong
khang trang cheo sua gia thao ke seo ly cu vang ho phang ban trieu phin lieu dang giang a y ksor ro siu nay rmah rah kpa h danh son kim chau thi`)

// titles stand before a name.
var titles = wordSet(`ong ba anh chi chau em co chu bac be dong`)

var labels = []string{"ho va ten", "ho ten", "ho, ten", "ho va ten khai sinh", "full name"}

func wordSet(s string) map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		out[w] = true
	}
	return out
}

// named reports whether a person's name stands in plain[from:to].
func (s *sheet) named(from, to int) bool {
	if n := s.since(&labels, to); n <= to-from {
		return true
	}
	prev, prevUpper := "", false
	for i := from; i < to; {
		if !isLetter(s.plain[i]) {
			if s.plain[i] != ' ' {
				prev = ""
			}
			i++
			continue
		}
		j := i
		for j < to && isLetter(s.plain[j]) {
			j++
		}
		word, upper := string(s.plain[i:j]), s.upper(i)
		if upper && (prevUpper && surnames[prev] || titles[prev] && !prevUpper) {
			return true
		}
		if upper && titles[prev] && prevUpper && surnames[word] { // "Ông Lò Văn Pánh" at the head of a sentence
			return true
		}
		prev, prevUpper = word, upper
		i = j
	}
	return false
}

package disclosure

import (
	_ "embed"

	"github.com/BurntSushi/toml"
)

//go:embed rules.toml
var rulesFile string

// House are rules of the house that are not the law's.
type House struct {
	AnswerDays      int    `toml:"answer_days"`
	DarkMinutes     int    `toml:"dark_minutes"`
	BeatSeconds     int    `toml:"beat_seconds"`
	RemindDays      []int  `toml:"remind_days"`
	EndingDays      int    `toml:"ending_days"`
	WordsPerMinute  int    `toml:"words_per_minute"`
	PhotoPixels     int    `toml:"photo_pixels"`
	ThumbPixels     int    `toml:"thumb_pixels"`
	PhotoMegapixels int    `toml:"photo_megapixels"`
	BatchPhotos     int    `toml:"batch_photos"`
	TextKept        int    `toml:"text_kept"`
	QuestionRunes   int    `toml:"question_runes"`
	QuestionsOpen   int    `toml:"questions_open"`
	ReportsOpen     int    `toml:"reports_open"`
	ReceiptLength   int    `toml:"receipt_length"`
	MailHours       int    `toml:"mail_hours"`
	MailDays        int    `toml:"mail_days"`
	CodeLetters     string `toml:"code_letters"`
	CodeLength      int    `toml:"code_length"`
}

// Rules are the house's rules, as embedded.
var Rules = readRules()

func readRules() House {
	var h House
	md, err := toml.Decode(rulesFile, &h)
	if err != nil || len(md.Undecoded()) > 0 {
		panic("disclosure: rules.toml is not sound")
	}
	return h
}

package document

// P is a paragraph of plain text.
func P(s string) Block { return Block{Para: &Para{Text: Plain(s)}} }

// T is a paragraph.
func T(t Text) Block { return Block{Para: &Para{Text: t}} }

// Centred is a paragraph in the middle.
func Centred(t Text) Block { return Block{Para: &Para{Text: t, Align: Centre}} }

// H is a heading.
func H(level Level, no, title string) Block {
	return Block{Heading: &Heading{Level: level, No: no, Title: title}}
}

// Items is a list with dashes.
func Items(items ...string) Block {
	l := &List{Items: make([]Text, len(items))}
	for i, s := range items {
		l.Items[i] = Plain(s)
	}
	return Block{List: l}
}

// TableOf is a block with the table.
func TableOf(t Table) Block { return Block{Table: &t} }

// NewPage is a break of the page.
func NewPage() Block { return Block{NewPage: true} }

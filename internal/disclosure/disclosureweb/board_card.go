package disclosureweb

import (
	"bytes"
	"sync"

	"dinh/internal/civil"
	"dinh/internal/disclosure"
	"dinh/internal/errs"
	"dinh/internal/i18n"
	"dinh/internal/photo"
	"dinh/internal/web"
)

// cards keeps the last pictures for chat groups: drawing one costs far more than sending it, so one is drawn at a time.
type cards struct {
	mu   sync.Mutex
	all  map[photo.CardText][]byte
	last []photo.CardText
}

const cardsKept = 64

func (k *cards) get(t photo.CardText) ([]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if b, ok := k.all[t]; ok {
		return b, nil
	}
	var b bytes.Buffer
	if err := photo.Card(&b, t); err != nil {
		return nil, err
	}
	if k.all == nil {
		k.all = map[photo.CardText][]byte{}
	}
	if len(k.last) == cardsKept {
		delete(k.all, k.last[0])
		k.last = k.last[1:]
	}
	k.all[t] = b.Bytes()
	k.last = append(k.last, t)
	return b.Bytes(), nil
}

// card is the picture for a chat group. It is in Vietnamese, as the group is.
func (h *pages) card(c *web.Context) error {
	i, e, err := h.head(c)
	if err != nil {
		return err
	}
	if i.State != disclosure.Up {
		return errs.E(errs.NotFound, "disclosure.none")
	}
	vi := i18n.For(i18n.VI)
	t := photo.CardText{
		Heading: vi.T("disclosureboard.card.heading"), Title: e.Title, Unit: bodyOf(c.Unit), Short: shortHost(c) + "/n/" + i.Code, Link: c.BaseURL() + "/n/" + i.Code,
		Alt: vi.T("disclosureboard.card.alt"),
	}
	switch {
	case i.Ends != civil.None && i.MinDays > 0:
		t.Days = vi.T("disclosureboard.message.until", "from", i.Ends.Add(1-i.MinDays), "to", i.Ends)
	case i.Permanent:
		t.Days = vi.T("disclosureboard.message.permanent")
	}
	b, err := h.cards.get(t)
	if err != nil {
		return err
	}
	return c.Bytes("image/png", "", b)
}

package disclosure

import (
	"context"
	"database/sql"
	"strings"

	"dinh/internal/db"
	"dinh/internal/errs"
)

const itemColumns = `id, unit_id, code, year, slug, matter, beyond, period, audience, state, edition, draft, title, decided, due, min_days, loud_days, online_days,
	permanent, published, first_told, ends, withdrawn, withdrawn_why, withdrawn_by, sample, version, created, created_by`

func scanItem(scan func(...any) error) (*Item, error) {
	i := new(Item)
	var beyond, permanent, sample int
	err := scan(&i.ID, &i.Unit, &i.Code, &i.Year, &i.Slug, &i.Matter, &beyond, &i.Period, &i.Audience, &i.State, &i.Edition, &i.Draft, &i.Title, &i.Decided, &i.Due,
		&i.MinDays, &i.LoudDays, &i.OnlineDays, &permanent, &i.Published, &i.FirstTold, &i.Ends, &i.Withdrawn, &i.WithdrawnWhy, &i.WithdrawnBy, &sample,
		&i.Version, &i.Created, &i.CreatedBy)
	i.Beyond, i.Permanent, i.Sample = beyond == 1, permanent == 1, sample == 1
	return i, err
}

// readItems reads items; where holds the condition, the order and the limit.
func readItems(ctx context.Context, q db.Querier, where string, args ...any) ([]*Item, error) {
	var out []*Item
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		i, err := scanItem(rows.Scan)
		out = append(out, i)
		return err
	}, `SELECT `+itemColumns+` FROM disclosure_item WHERE `+where, args...)
	return out, err
}

// readItem reads one item; errs.NotFound where there is none.
func readItem(ctx context.Context, q db.Querier, where string, args ...any) (*Item, error) {
	list, err := readItems(ctx, q, where, args...)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errs.E(errs.NotFound, "disclosure.none")
	}
	return list[0], nil
}

func insertItem(ctx context.Context, tx *db.Tx, i *Item) error {
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_item(`+itemColumns+`)
		VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,$29)`,
		i.ID, i.Unit, i.Code, i.Year, i.Slug, i.Matter, db.Flag(i.Beyond), i.Period, string(i.Audience), string(i.State), i.Edition, i.Draft, i.Title, i.Decided, i.Due,
		i.MinDays, i.LoudDays, i.OnlineDays, db.Flag(i.Permanent), i.Published, i.FirstTold, i.Ends, i.Withdrawn, i.WithdrawnWhy, i.WithdrawnBy, db.Flag(i.Sample),
		i.Version, i.Created, i.CreatedBy)
	return err
}

// saveItem stores what of an item can change, if nobody else changed it meanwhile.
func saveItem(ctx context.Context, tx *db.Tx, i *Item) error {
	err := tx.Update(ctx, `UPDATE disclosure_item SET matter=$3, beyond=$4, period=$5, audience=$6, state=$7, edition=$8, draft=$9, title=$10, decided=$11, due=$12,
		min_days=$13, loud_days=$14, online_days=$15, permanent=$16, published=$17, first_told=$18, ends=$19, withdrawn=$20, withdrawn_why=$21, withdrawn_by=$22,
		year=$23, slug=$24, version=version+1 WHERE id=$1 AND version=$2`,
		i.ID, i.Version, i.Matter, db.Flag(i.Beyond), i.Period, string(i.Audience), string(i.State), i.Edition, i.Draft, i.Title, i.Decided, i.Due,
		i.MinDays, i.LoudDays, i.OnlineDays, db.Flag(i.Permanent), i.Published, i.FirstTold, i.Ends, i.Withdrawn, i.WithdrawnWhy, i.WithdrawnBy, i.Year, i.Slug)
	if err == nil {
		i.Version++
	}
	return err
}

const editionColumns = `id, item_id, unit_id, number, state, title, summary, body, doc_number, doc_day, why, secret_checked, personal_checked, drafted_by, drafted_name,
	approved, approved_by, approved_name, paper_number, paper_day, paper_signer, returned_why, published, version, created`

// readEditions reads editions; where holds the condition and the order.
func readEditions(ctx context.Context, q db.Querier, where string, args ...any) ([]*Edition, error) {
	var out []*Edition
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		e := new(Edition)
		out = append(out, e)
		return rows.Scan(&e.ID, &e.Item, &e.Unit, &e.Number, &e.State, &e.Title, &e.Summary, &e.Body, &e.DocNumber, &e.DocDay, &e.Why, &e.SecretChecked, &e.PersonalChecked,
			&e.DraftedBy, &e.DraftedName, &e.Approved, &e.ApprovedBy, &e.ApprovedName, &e.PaperNumber, &e.PaperDay, &e.PaperSigner, &e.ReturnedWhy, &e.Published,
			&e.Version, &e.Created)
	}, `SELECT `+editionColumns+` FROM disclosure_edition WHERE `+where, args...)
	return out, err
}

func insertEdition(ctx context.Context, tx *db.Tx, e *Edition) error {
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_edition(`+editionColumns+`)
		VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25)`,
		e.ID, e.Item, e.Unit, e.Number, string(e.State), e.Title, e.Summary, e.Body, e.DocNumber, e.DocDay, e.Why, e.SecretChecked, e.PersonalChecked, e.DraftedBy,
		e.DraftedName, e.Approved, e.ApprovedBy, e.ApprovedName, e.PaperNumber, e.PaperDay, e.PaperSigner, e.ReturnedWhy, e.Published, e.Version, e.Created)
	return err
}

// saveEdition stores an edition if nobody else changed it meanwhile.
func saveEdition(ctx context.Context, tx *db.Tx, e *Edition) error {
	err := tx.Update(ctx, `UPDATE disclosure_edition SET state=$3, title=$4, summary=$5, body=$6, doc_number=$7, doc_day=$8, why=$9, secret_checked=$10, personal_checked=$11,
		drafted_by=$12, drafted_name=$13, approved=$14, approved_by=$15, approved_name=$16, paper_number=$17, paper_day=$18, paper_signer=$19, returned_why=$20,
		published=$21, version=version+1 WHERE id=$1 AND version=$2`,
		e.ID, e.Version, string(e.State), e.Title, e.Summary, e.Body, e.DocNumber, e.DocDay, e.Why, e.SecretChecked, e.PersonalChecked, e.DraftedBy, e.DraftedName,
		e.Approved, e.ApprovedBy, e.ApprovedName, e.PaperNumber, e.PaperDay, e.PaperSigner, e.ReturnedWhy, e.Published)
	if err == nil {
		e.Version++
	}
	return err
}

const fileColumns = `id, edition_id, unit_id, kind, title, lang, original, shown, body, faults, seconds, position`

func readFiles(ctx context.Context, q db.Querier, where string, args ...any) ([]File, error) {
	var out []File
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var f File
		var faults string
		err := rows.Scan(&f.ID, &f.Edition, &f.Unit, &f.Kind, &f.Title, &f.Lang, &f.Original, &f.Shown, &f.Text, &faults, &f.Seconds, &f.Position)
		f.Faults = strings.Fields(faults)
		out = append(out, f)
		return err
	}, `SELECT `+fileColumns+` FROM disclosure_file WHERE `+where+` ORDER BY edition_id, kind, position, id`, args...)
	return out, err
}

func insertFile(ctx context.Context, tx *db.Tx, f *File) error {
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_file(`+fileColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`,
		f.ID, f.Edition, f.Unit, f.Kind, f.Title, f.Lang, f.Original, f.Shown, f.Text, strings.Join(f.Faults, " "), f.Seconds, f.Position)
	return err
}

const placeColumns = `item_id, place, unit_id, kind, at_unit, name, need, position`

func readPlaces(ctx context.Context, q db.Querier, items ...string) ([]Place, error) {
	var out []Place
	if len(items) == 0 {
		return nil, nil
	}
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var p Place
		err := rows.Scan(&p.Item, &p.Key, &p.Unit, &p.Kind, &p.AtUnit, &p.Name, &p.Need, &p.Position)
		out = append(out, p)
		return err
	}, `SELECT `+placeColumns+` FROM disclosure_place WHERE item_id IN `+db.In(len(items), 1)+` ORDER BY item_id, position, place`, db.Args(items)...)
	return out, err
}

func insertPlace(ctx context.Context, tx *db.Tx, p Place) error {
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_place(`+placeColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8)`,
		p.Item, p.Key, p.Unit, p.Kind, p.AtUnit, p.Name, p.Need, p.Position)
	return err
}

const postingColumns = `id, item_id, unit_id, edition, place, up_day, up_hour, up_person, up_how, up_entered, up_actor, up_name, down_day, down_hour, down_kind, down_person,
	down_how, down_note, down_entered, down_actor, down_name, struck, struck_why, sample, version, created`

// readPostings reads postings, struck ones too, by item, place and day.
func readPostings(ctx context.Context, q db.Querier, where string, args ...any) ([]Posting, error) {
	var out []Posting
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var p Posting
		var sample int
		err := rows.Scan(&p.ID, &p.Item, &p.Unit, &p.Edition, &p.Place, &p.UpDay, &p.UpHour, &p.UpPerson, &p.UpHow, &p.UpEntered, &p.UpActor, &p.UpName, &p.DownDay,
			&p.DownHour, &p.DownKind, &p.DownPerson, &p.DownHow, &p.DownNote, &p.DownEntered, &p.DownActor, &p.DownName, &p.Struck, &p.StruckWhy, &sample, &p.Version,
			&p.Created)
		p.Sample = sample == 1
		out = append(out, p)
		return err
	}, `SELECT `+postingColumns+` FROM disclosure_posting WHERE `+where+` ORDER BY item_id, place, up_day, up_hour, created, id`, args...)
	return out, err
}

func insertPosting(ctx context.Context, tx *db.Tx, p *Posting) error {
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_posting(`+postingColumns+`)
		VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26)`,
		p.ID, p.Item, p.Unit, p.Edition, p.Place, p.UpDay, p.UpHour, p.UpPerson, p.UpHow, p.UpEntered, p.UpActor, p.UpName, p.DownDay, p.DownHour, p.DownKind,
		p.DownPerson, p.DownHow, p.DownNote, p.DownEntered, p.DownActor, p.DownName, p.Struck, p.StruckWhy, db.Flag(p.Sample), p.Version, p.Created)
	return err
}

// savePosting stores how a posting ended, or that it was struck out, if nobody else changed it meanwhile.
func savePosting(ctx context.Context, tx *db.Tx, p *Posting) error {
	err := tx.Update(ctx, `UPDATE disclosure_posting SET up_day=$3, up_hour=$4, up_person=$5, up_how=$6, down_day=$7, down_hour=$8, down_kind=$9, down_person=$10, down_how=$11,
		down_note=$12, down_entered=$13, down_actor=$14, down_name=$15, struck=$16, struck_why=$17, version=version+1 WHERE id=$1 AND version=$2`,
		p.ID, p.Version, p.UpDay, p.UpHour, p.UpPerson, p.UpHow, p.DownDay, p.DownHour, p.DownKind, p.DownPerson, p.DownHow, p.DownNote, p.DownEntered, p.DownActor,
		p.DownName, p.Struck, p.StruckWhy)
	if err == nil {
		p.Version++
	}
	return err
}

const photoColumns = `id, unit_id, item_id, posting_id, batch, original, shown, thumb, taken, name, at_down, created`

// readPhotos reads photos in the order in which they came.
func readPhotos(ctx context.Context, q db.Querier, where string, args ...any) ([]Photo, error) {
	var out []Photo
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var p Photo
		var down int
		err := rows.Scan(&p.ID, &p.Unit, &p.Item, &p.Posting, &p.Batch, &p.Original, &p.Shown, &p.Thumb, &p.Taken, &p.Name, &down, &p.Created)
		p.AtDown = down == 1
		out = append(out, p)
		return err
	}, `SELECT `+photoColumns+` FROM disclosure_photo WHERE `+where+` ORDER BY created, id`, args...)
	return out, err
}

func insertPhoto(ctx context.Context, tx *db.Tx, p *Photo) error {
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_photo(`+photoColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12)`,
		p.ID, p.Unit, p.Item, p.Posting, p.Batch, p.Original, p.Shown, p.Thumb, p.Taken, p.Name, db.Flag(p.AtDown), p.Created)
	return err
}

const tellingColumns = `id, item_id, unit_id, edition, place, day, hour, lang, people, person, how, note, entered, actor, actor_name, struck, struck_why, sample, version, created`

// readTellings reads tellings, struck ones too, by item, place and day.
func readTellings(ctx context.Context, q db.Querier, where string, args ...any) ([]Telling, error) {
	var out []Telling
	err := db.Each(ctx, q, func(rows *sql.Rows) error {
		var t Telling
		var sample int
		err := rows.Scan(&t.ID, &t.Item, &t.Unit, &t.Edition, &t.Place, &t.Day, &t.Hour, &t.Lang, &t.People, &t.Person, &t.How, &t.Note, &t.Entered, &t.Actor, &t.ActorName,
			&t.Struck, &t.StruckWhy, &sample, &t.Version, &t.Created)
		t.Sample = sample == 1
		out = append(out, t)
		return err
	}, `SELECT `+tellingColumns+` FROM disclosure_telling WHERE `+where+` ORDER BY item_id, place, day, hour, created, id`, args...)
	return out, err
}

func insertTelling(ctx context.Context, tx *db.Tx, t *Telling) error {
	_, err := tx.Exec(ctx, `INSERT INTO disclosure_telling(`+tellingColumns+`) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20)`,
		t.ID, t.Item, t.Unit, t.Edition, t.Place, t.Day, t.Hour, t.Lang, t.People, t.Person, t.How, t.Note, t.Entered, t.Actor, t.ActorName, t.Struck, t.StruckWhy,
		db.Flag(t.Sample), t.Version, t.Created)
	return err
}

-- +goose Up

-- How a unit discloses: who approves, how long an answer may take. A unit without a row has the house's defaults.
CREATE TABLE disclosure_setting (
  unit_id TEXT NOT NULL PRIMARY KEY,
  two_people INTEGER NOT NULL DEFAULT 0,
  answer_days INTEGER NOT NULL DEFAULT 0,
  contact TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1
) STRICT;

-- A notice board of a unit, beside the places that every unit of its kind has.
CREATE TABLE disclosure_board (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  name TEXT NOT NULL,
  spot TEXT NOT NULL DEFAULT '',
  audience TEXT NOT NULL DEFAULT 'public',
  from_day TEXT NOT NULL DEFAULT '',
  to_day TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX disclosure_board_unit ON disclosure_board (unit_id);

-- A matter that a unit discloses beyond what the law asks.
CREATE TABLE disclosure_matter (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  title TEXT NOT NULL,
  basis TEXT NOT NULL DEFAULT '',
  audience TEXT NOT NULL DEFAULT 'public',
  recurrence TEXT NOT NULL DEFAULT 'on_event',
  from_day TEXT NOT NULL DEFAULT '',
  to_day TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX disclosure_matter_unit ON disclosure_matter (unit_id);

-- A person's statement that a matter did not arise in a period.
CREATE TABLE disclosure_statement (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  matter TEXT NOT NULL,
  period TEXT NOT NULL,
  day TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  ended TEXT NOT NULL DEFAULT '',
  ended_why TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX disclosure_statement_unit ON disclosure_statement (unit_id, period);
CREATE INDEX disclosure_statement_matter ON disclosure_statement (matter, period);

-- What a unit discloses. The words stand in editions; `edition` is the one that is up (0: none yet), `draft` the one being written (0: none).
-- `first_told` is the first day on which one of the duty's forms was done, `ends` the day with which all days are full ('' while it cannot be said).
CREATE TABLE disclosure_item (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  code TEXT NOT NULL,
  year INTEGER NOT NULL,
  slug TEXT NOT NULL,
  matter TEXT NOT NULL DEFAULT '',
  beyond INTEGER NOT NULL DEFAULT 0,
  period TEXT NOT NULL DEFAULT '',
  audience TEXT NOT NULL,
  state TEXT NOT NULL,
  edition INTEGER NOT NULL DEFAULT 0,
  draft INTEGER NOT NULL DEFAULT 0,
  title TEXT NOT NULL,
  decided TEXT NOT NULL DEFAULT '',
  due TEXT NOT NULL DEFAULT '',
  min_days INTEGER NOT NULL DEFAULT 0,
  loud_days INTEGER NOT NULL DEFAULT 0,
  online_days INTEGER NOT NULL DEFAULT 0,
  permanent INTEGER NOT NULL DEFAULT 0,
  published TEXT NOT NULL DEFAULT '',
  first_told TEXT NOT NULL DEFAULT '',
  ends TEXT NOT NULL DEFAULT '',
  withdrawn TEXT NOT NULL DEFAULT '',
  withdrawn_why TEXT NOT NULL DEFAULT '',
  withdrawn_by TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL,
  created_by TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE UNIQUE INDEX disclosure_item_code ON disclosure_item (code);
CREATE UNIQUE INDEX disclosure_item_slug ON disclosure_item (unit_id, year, slug);
CREATE INDEX disclosure_item_board ON disclosure_item (unit_id, state, published);
CREATE INDEX disclosure_item_newest ON disclosure_item (state, audience, published, id, unit_id, due, first_told, ends, permanent);
CREATE INDEX disclosure_item_waiting ON disclosure_item (state, audience, first_told, published, id);
CREATE INDEX disclosure_item_due ON disclosure_item (unit_id, due);
CREATE INDEX disclosure_item_matter ON disclosure_item (unit_id, matter, period);
CREATE INDEX disclosure_item_year ON disclosure_item (matter, state, year);

CREATE TABLE disclosure_edition (
  id TEXT NOT NULL PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES disclosure_item (id),
  unit_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  state TEXT NOT NULL,
  title TEXT NOT NULL,
  summary TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  doc_number TEXT NOT NULL DEFAULT '',
  doc_day TEXT NOT NULL DEFAULT '',
  why TEXT NOT NULL DEFAULT '',
  secret_checked TEXT NOT NULL DEFAULT '',
  personal_checked TEXT NOT NULL DEFAULT '',
  drafted_by TEXT NOT NULL DEFAULT '',
  drafted_name TEXT NOT NULL DEFAULT '',
  approved TEXT NOT NULL DEFAULT '',
  approved_by TEXT NOT NULL DEFAULT '',
  approved_name TEXT NOT NULL DEFAULT '',
  paper_number TEXT NOT NULL DEFAULT '',
  paper_day TEXT NOT NULL DEFAULT '',
  paper_signer TEXT NOT NULL DEFAULT '',
  returned_why TEXT NOT NULL DEFAULT '',
  published TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX disclosure_edition_number ON disclosure_edition (item_id, number);
CREATE INDEX disclosure_edition_state ON disclosure_edition (unit_id, state);

-- A file of an edition: the paper as it came, and the copy that the public gets where that is another one. Attachments belong to the edition.
CREATE TABLE disclosure_file (
  id TEXT NOT NULL PRIMARY KEY,
  edition_id TEXT NOT NULL REFERENCES disclosure_edition (id),
  unit_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  lang TEXT NOT NULL DEFAULT '',
  original TEXT NOT NULL,
  shown TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  faults TEXT NOT NULL DEFAULT '',
  seconds INTEGER NOT NULL DEFAULT 0,
  position INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX disclosure_file_edition ON disclosure_file (edition_id);

-- A place at which an item must be or shall be told. `place` is a key (package disclosure, Place).
CREATE TABLE disclosure_place (
  item_id TEXT NOT NULL REFERENCES disclosure_item (id),
  place TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at_unit TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL,
  need INTEGER NOT NULL DEFAULT 0,
  position INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (item_id, place)
) STRICT;
CREATE INDEX disclosure_place_at ON disclosure_place (at_unit, item_id);

-- A sheet that is up, or was up, at a place.
CREATE TABLE disclosure_posting (
  id TEXT NOT NULL PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES disclosure_item (id),
  unit_id TEXT NOT NULL,
  edition INTEGER NOT NULL,
  place TEXT NOT NULL,
  up_day TEXT NOT NULL,
  up_hour TEXT NOT NULL DEFAULT '',
  up_person TEXT NOT NULL DEFAULT '',
  up_how TEXT NOT NULL DEFAULT '',
  up_entered TEXT NOT NULL,
  up_actor TEXT NOT NULL DEFAULT '',
  up_name TEXT NOT NULL DEFAULT '',
  down_day TEXT NOT NULL DEFAULT '',
  down_hour TEXT NOT NULL DEFAULT '',
  down_kind TEXT NOT NULL DEFAULT '',
  down_person TEXT NOT NULL DEFAULT '',
  down_how TEXT NOT NULL DEFAULT '',
  down_note TEXT NOT NULL DEFAULT '',
  down_entered TEXT NOT NULL DEFAULT '',
  down_actor TEXT NOT NULL DEFAULT '',
  down_name TEXT NOT NULL DEFAULT '',
  struck TEXT NOT NULL DEFAULT '',
  struck_why TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX disclosure_posting_item ON disclosure_posting (item_id, place, up_day);
CREATE INDEX disclosure_posting_unit ON disclosure_posting (unit_id, up_day);

-- A photo of a sheet at its place. Until it is given to a posting it waits in its batch. Attachments: the original (internal), the public copy, a thumbnail.
CREATE TABLE disclosure_photo (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  item_id TEXT NOT NULL DEFAULT '',
  posting_id TEXT NOT NULL DEFAULT '',
  batch TEXT NOT NULL DEFAULT '',
  original TEXT NOT NULL,
  shown TEXT NOT NULL,
  thumb TEXT NOT NULL,
  taken TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL DEFAULT '',
  at_down INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX disclosure_photo_posting ON disclosure_photo (posting_id);
CREATE INDEX disclosure_photo_batch ON disclosure_photo (unit_id, batch);
CREATE INDEX disclosure_photo_item ON disclosure_photo (item_id);

-- A telling that leaves no sheet: a broadcast, a word of the village head, a meeting, a letter.
CREATE TABLE disclosure_telling (
  id TEXT NOT NULL PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES disclosure_item (id),
  unit_id TEXT NOT NULL,
  edition INTEGER NOT NULL,
  place TEXT NOT NULL,
  day TEXT NOT NULL,
  hour TEXT NOT NULL DEFAULT '',
  lang TEXT NOT NULL DEFAULT '',
  people INTEGER NOT NULL DEFAULT 0,
  person TEXT NOT NULL DEFAULT '',
  how TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  entered TEXT NOT NULL,
  actor TEXT NOT NULL DEFAULT '',
  actor_name TEXT NOT NULL DEFAULT '',
  struck TEXT NOT NULL DEFAULT '',
  struck_why TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX disclosure_telling_item ON disclosure_telling (item_id, place, day);
CREATE INDEX disclosure_telling_unit ON disclosure_telling (unit_id, day);

-- When no server answered: instants in microseconds, and the civil days on which the website was away for longer than the house allows.
CREATE TABLE disclosure_beat (
  id TEXT NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  day TEXT NOT NULL
) STRICT;
CREATE TABLE disclosure_outage (
  id TEXT NOT NULL PRIMARY KEY,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL
) STRICT;
CREATE TABLE disclosure_dark_day (
  day TEXT NOT NULL PRIMARY KEY,
  minutes INTEGER NOT NULL
) STRICT;

-- A question about an item. The telephone number is for the answer alone.
CREATE TABLE disclosure_question (
  id TEXT NOT NULL PRIMARY KEY,
  item_id TEXT NOT NULL REFERENCES disclosure_item (id),
  unit_id TEXT NOT NULL,
  code TEXT NOT NULL,
  state TEXT NOT NULL,
  body TEXT NOT NULL,
  place TEXT NOT NULL DEFAULT '',
  phone TEXT NOT NULL DEFAULT '',
  day TEXT NOT NULL,
  due TEXT NOT NULL DEFAULT '',
  refused_why TEXT NOT NULL DEFAULT '',
  answer TEXT NOT NULL DEFAULT '',
  answered TEXT NOT NULL DEFAULT '',
  actor TEXT NOT NULL DEFAULT '',
  actor_name TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX disclosure_question_code ON disclosure_question (code);
CREATE INDEX disclosure_question_item ON disclosure_question (item_id, state);
CREATE INDEX disclosure_question_unit ON disclosure_question (unit_id, state, due);

-- Somebody says that a sheet is missing or torn.
CREATE TABLE disclosure_torn (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  item_id TEXT NOT NULL DEFAULT '',
  place TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL DEFAULT '',
  seen TEXT NOT NULL,
  day TEXT NOT NULL,
  result TEXT NOT NULL DEFAULT '',
  settled TEXT NOT NULL DEFAULT '',
  actor TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX disclosure_torn_unit ON disclosure_torn (unit_id, state);
CREATE INDEX disclosure_torn_item ON disclosure_torn (item_id);

-- Who wants to hear by mail of what is posted: at a unit, or in its whole subtree.
CREATE TABLE disclosure_subscriber (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  below INTEGER NOT NULL DEFAULT 0,
  mail TEXT NOT NULL,
  lang TEXT NOT NULL DEFAULT 'vi',
  confirm_hash TEXT NOT NULL,
  leave_token TEXT NOT NULL,
  confirmed INTEGER NOT NULL DEFAULT 0,
  asked INTEGER NOT NULL,
  sent INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX disclosure_subscriber_mail ON disclosure_subscriber (unit_id, mail);
CREATE UNIQUE INDEX disclosure_subscriber_confirm ON disclosure_subscriber (confirm_hash);
CREATE UNIQUE INDEX disclosure_subscriber_leave ON disclosure_subscriber (leave_token);

-- An information session, a training course, material given out.
CREATE TABLE disclosure_session (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  day TEXT NOT NULL,
  form TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL,
  spot TEXT NOT NULL DEFAULT '',
  langs TEXT NOT NULL DEFAULT '',
  acts TEXT NOT NULL DEFAULT '[]',
  people INTEGER NOT NULL DEFAULT 0,
  copies INTEGER NOT NULL DEFAULT 0,
  speaker TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  audience TEXT NOT NULL DEFAULT 'public',
  struck TEXT NOT NULL DEFAULT '',
  struck_why TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  entered TEXT NOT NULL,
  actor TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX disclosure_session_unit ON disclosure_session (unit_id, day);

-- A regulation that a unit has in force, by editions, with its reviews.
CREATE TABLE disclosure_regulation (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  audience TEXT NOT NULL DEFAULT 'public',
  ended TEXT NOT NULL DEFAULT '',
  ended_by TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX disclosure_regulation_unit ON disclosure_regulation (unit_id, kind);
CREATE TABLE disclosure_regulation_edition (
  id TEXT NOT NULL PRIMARY KEY,
  regulation_id TEXT NOT NULL REFERENCES disclosure_regulation (id),
  unit_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  doc_number TEXT NOT NULL DEFAULT '',
  doc_day TEXT NOT NULL,
  from_day TEXT NOT NULL,
  signer TEXT NOT NULL DEFAULT '',
  basis TEXT NOT NULL DEFAULT '[]',
  note TEXT NOT NULL DEFAULT '',
  amends INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX disclosure_regulation_seq ON disclosure_regulation_edition (regulation_id, seq);
CREATE TABLE disclosure_review (
  id TEXT NOT NULL PRIMARY KEY,
  regulation_id TEXT NOT NULL REFERENCES disclosure_regulation (id),
  unit_id TEXT NOT NULL,
  day TEXT NOT NULL,
  result TEXT NOT NULL,
  doc_number TEXT NOT NULL DEFAULT '',
  doc_day TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  entered TEXT NOT NULL,
  actor TEXT NOT NULL DEFAULT '',
  actor_name TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX disclosure_review_unit ON disclosure_review (unit_id, day);

-- +goose Up

-- How a unit discloses: who approves, how long an answer may take. A unit without a row has the house's defaults.
CREATE TABLE disclosure_setting (
  unit_id text COLLATE "C" NOT NULL PRIMARY KEY,
  two_people bigint NOT NULL DEFAULT 0,
  answer_days bigint NOT NULL DEFAULT 0,
  contact text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1
);

-- A notice board of a unit, beside the places that every unit of its kind has.
CREATE TABLE disclosure_board (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  spot text COLLATE "C" NOT NULL DEFAULT '',
  audience text COLLATE "C" NOT NULL DEFAULT 'public',
  from_day text COLLATE "C" NOT NULL DEFAULT '',
  to_day text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1
);
CREATE INDEX disclosure_board_unit ON disclosure_board (unit_id);

-- A matter that a unit discloses beyond what the law asks.
CREATE TABLE disclosure_matter (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL,
  basis text COLLATE "C" NOT NULL DEFAULT '',
  audience text COLLATE "C" NOT NULL DEFAULT 'public',
  recurrence text COLLATE "C" NOT NULL DEFAULT 'on_event',
  from_day text COLLATE "C" NOT NULL DEFAULT '',
  to_day text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1
);
CREATE INDEX disclosure_matter_unit ON disclosure_matter (unit_id);

-- A person's statement that a matter did not arise in a period.
CREATE TABLE disclosure_statement (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  matter text COLLATE "C" NOT NULL,
  period text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  note text COLLATE "C" NOT NULL DEFAULT '',
  actor text COLLATE "C" NOT NULL,
  actor_name text COLLATE "C" NOT NULL,
  ended text COLLATE "C" NOT NULL DEFAULT '',
  ended_why text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1
);
CREATE INDEX disclosure_statement_unit ON disclosure_statement (unit_id, period);
CREATE INDEX disclosure_statement_matter ON disclosure_statement (matter, period);

-- What a unit discloses. The words stand in editions; `edition` is the one that is up (0: none yet), `draft` the one being written (0: none).
-- `first_told` is the first day on which one of the duty's forms was done, `ends` the day with which all days are full ('' while it cannot be said).
CREATE TABLE disclosure_item (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  code text COLLATE "C" NOT NULL,
  year bigint NOT NULL,
  slug text COLLATE "C" NOT NULL,
  matter text COLLATE "C" NOT NULL DEFAULT '',
  beyond bigint NOT NULL DEFAULT 0,
  period text COLLATE "C" NOT NULL DEFAULT '',
  audience text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  edition bigint NOT NULL DEFAULT 0,
  draft bigint NOT NULL DEFAULT 0,
  title text COLLATE "C" NOT NULL,
  decided text COLLATE "C" NOT NULL DEFAULT '',
  due text COLLATE "C" NOT NULL DEFAULT '',
  min_days bigint NOT NULL DEFAULT 0,
  loud_days bigint NOT NULL DEFAULT 0,
  online_days bigint NOT NULL DEFAULT 0,
  permanent bigint NOT NULL DEFAULT 0,
  published text COLLATE "C" NOT NULL DEFAULT '',
  first_told text COLLATE "C" NOT NULL DEFAULT '',
  ends text COLLATE "C" NOT NULL DEFAULT '',
  withdrawn text COLLATE "C" NOT NULL DEFAULT '',
  withdrawn_why text COLLATE "C" NOT NULL DEFAULT '',
  withdrawn_by text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL,
  created_by text COLLATE "C" NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX disclosure_item_code ON disclosure_item (code);
CREATE UNIQUE INDEX disclosure_item_slug ON disclosure_item (unit_id, year, slug);
CREATE INDEX disclosure_item_board ON disclosure_item (unit_id, state, published);
CREATE INDEX disclosure_item_newest ON disclosure_item (state, audience, published, id, unit_id, due, first_told, ends, permanent);
CREATE INDEX disclosure_item_waiting ON disclosure_item (state, audience, first_told, published, id);
CREATE INDEX disclosure_item_due ON disclosure_item (unit_id, due);
CREATE INDEX disclosure_item_matter ON disclosure_item (unit_id, matter, period);
CREATE INDEX disclosure_item_year ON disclosure_item (matter, state, year);

CREATE TABLE disclosure_edition (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  item_id text COLLATE "C" NOT NULL REFERENCES disclosure_item (id),
  unit_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  state text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL,
  summary text COLLATE "C" NOT NULL DEFAULT '',
  body text COLLATE "C" NOT NULL DEFAULT '',
  doc_number text COLLATE "C" NOT NULL DEFAULT '',
  doc_day text COLLATE "C" NOT NULL DEFAULT '',
  why text COLLATE "C" NOT NULL DEFAULT '',
  secret_checked text COLLATE "C" NOT NULL DEFAULT '',
  personal_checked text COLLATE "C" NOT NULL DEFAULT '',
  drafted_by text COLLATE "C" NOT NULL DEFAULT '',
  drafted_name text COLLATE "C" NOT NULL DEFAULT '',
  approved text COLLATE "C" NOT NULL DEFAULT '',
  approved_by text COLLATE "C" NOT NULL DEFAULT '',
  approved_name text COLLATE "C" NOT NULL DEFAULT '',
  paper_number text COLLATE "C" NOT NULL DEFAULT '',
  paper_day text COLLATE "C" NOT NULL DEFAULT '',
  paper_signer text COLLATE "C" NOT NULL DEFAULT '',
  returned_why text COLLATE "C" NOT NULL DEFAULT '',
  published text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE UNIQUE INDEX disclosure_edition_number ON disclosure_edition (item_id, number);
CREATE INDEX disclosure_edition_state ON disclosure_edition (unit_id, state);

-- A file of an edition: the paper as it came, and the copy that the public gets where that is another one. Attachments belong to the edition.
CREATE TABLE disclosure_file (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  edition_id text COLLATE "C" NOT NULL REFERENCES disclosure_edition (id),
  unit_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL DEFAULT '',
  lang text COLLATE "C" NOT NULL DEFAULT '',
  original text COLLATE "C" NOT NULL,
  shown text COLLATE "C" NOT NULL DEFAULT '',
  body text COLLATE "C" NOT NULL DEFAULT '',
  faults text COLLATE "C" NOT NULL DEFAULT '',
  seconds bigint NOT NULL DEFAULT 0,
  position bigint NOT NULL DEFAULT 0
);
CREATE INDEX disclosure_file_edition ON disclosure_file (edition_id);

-- A place at which an item must be or shall be told. `place` is a key (package disclosure, Place).
CREATE TABLE disclosure_place (
  item_id text COLLATE "C" NOT NULL REFERENCES disclosure_item (id),
  place text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  at_unit text COLLATE "C" NOT NULL DEFAULT '',
  name text COLLATE "C" NOT NULL,
  need bigint NOT NULL DEFAULT 0,
  position bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (item_id, place)
);
CREATE INDEX disclosure_place_at ON disclosure_place (at_unit, item_id);

-- A sheet that is up, or was up, at a place.
CREATE TABLE disclosure_posting (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  item_id text COLLATE "C" NOT NULL REFERENCES disclosure_item (id),
  unit_id text COLLATE "C" NOT NULL,
  edition bigint NOT NULL,
  place text COLLATE "C" NOT NULL,
  up_day text COLLATE "C" NOT NULL,
  up_hour text COLLATE "C" NOT NULL DEFAULT '',
  up_person text COLLATE "C" NOT NULL DEFAULT '',
  up_how text COLLATE "C" NOT NULL DEFAULT '',
  up_entered text COLLATE "C" NOT NULL,
  up_actor text COLLATE "C" NOT NULL DEFAULT '',
  up_name text COLLATE "C" NOT NULL DEFAULT '',
  down_day text COLLATE "C" NOT NULL DEFAULT '',
  down_hour text COLLATE "C" NOT NULL DEFAULT '',
  down_kind text COLLATE "C" NOT NULL DEFAULT '',
  down_person text COLLATE "C" NOT NULL DEFAULT '',
  down_how text COLLATE "C" NOT NULL DEFAULT '',
  down_note text COLLATE "C" NOT NULL DEFAULT '',
  down_entered text COLLATE "C" NOT NULL DEFAULT '',
  down_actor text COLLATE "C" NOT NULL DEFAULT '',
  down_name text COLLATE "C" NOT NULL DEFAULT '',
  struck text COLLATE "C" NOT NULL DEFAULT '',
  struck_why text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE INDEX disclosure_posting_item ON disclosure_posting (item_id, place, up_day);
CREATE INDEX disclosure_posting_unit ON disclosure_posting (unit_id, up_day);

-- A photo of a sheet at its place. Until it is given to a posting it waits in its batch. Attachments: the original (internal), the public copy, a thumbnail.
CREATE TABLE disclosure_photo (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL DEFAULT '',
  posting_id text COLLATE "C" NOT NULL DEFAULT '',
  batch text COLLATE "C" NOT NULL DEFAULT '',
  original text COLLATE "C" NOT NULL,
  shown text COLLATE "C" NOT NULL,
  thumb text COLLATE "C" NOT NULL,
  taken text COLLATE "C" NOT NULL DEFAULT '',
  name text COLLATE "C" NOT NULL DEFAULT '',
  at_down bigint NOT NULL DEFAULT 0,
  created bigint NOT NULL
);
CREATE INDEX disclosure_photo_posting ON disclosure_photo (posting_id);
CREATE INDEX disclosure_photo_batch ON disclosure_photo (unit_id, batch);
CREATE INDEX disclosure_photo_item ON disclosure_photo (item_id);

-- A telling that leaves no sheet: a broadcast, a word of the village head, a meeting, a letter.
CREATE TABLE disclosure_telling (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  item_id text COLLATE "C" NOT NULL REFERENCES disclosure_item (id),
  unit_id text COLLATE "C" NOT NULL,
  edition bigint NOT NULL,
  place text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  hour text COLLATE "C" NOT NULL DEFAULT '',
  lang text COLLATE "C" NOT NULL DEFAULT '',
  people bigint NOT NULL DEFAULT 0,
  person text COLLATE "C" NOT NULL DEFAULT '',
  how text COLLATE "C" NOT NULL DEFAULT '',
  note text COLLATE "C" NOT NULL DEFAULT '',
  entered text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL DEFAULT '',
  actor_name text COLLATE "C" NOT NULL DEFAULT '',
  struck text COLLATE "C" NOT NULL DEFAULT '',
  struck_why text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE INDEX disclosure_telling_item ON disclosure_telling (item_id, place, day);
CREATE INDEX disclosure_telling_unit ON disclosure_telling (unit_id, day);

-- When no server answered: instants in microseconds, and the civil days on which the website was away for longer than the house allows.
CREATE TABLE disclosure_beat (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  at bigint NOT NULL,
  day text COLLATE "C" NOT NULL
);
CREATE TABLE disclosure_outage (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  from_at bigint NOT NULL,
  to_at bigint NOT NULL,
  from_day text COLLATE "C" NOT NULL,
  to_day text COLLATE "C" NOT NULL
);
CREATE TABLE disclosure_dark_day (
  day text COLLATE "C" NOT NULL PRIMARY KEY,
  minutes bigint NOT NULL
);

-- A question about an item. The telephone number is for the answer alone.
CREATE TABLE disclosure_question (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  item_id text COLLATE "C" NOT NULL REFERENCES disclosure_item (id),
  unit_id text COLLATE "C" NOT NULL,
  code text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  place text COLLATE "C" NOT NULL DEFAULT '',
  phone text COLLATE "C" NOT NULL DEFAULT '',
  day text COLLATE "C" NOT NULL,
  due text COLLATE "C" NOT NULL DEFAULT '',
  refused_why text COLLATE "C" NOT NULL DEFAULT '',
  answer text COLLATE "C" NOT NULL DEFAULT '',
  answered text COLLATE "C" NOT NULL DEFAULT '',
  actor text COLLATE "C" NOT NULL DEFAULT '',
  actor_name text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE UNIQUE INDEX disclosure_question_code ON disclosure_question (code);
CREATE INDEX disclosure_question_item ON disclosure_question (item_id, state);
CREATE INDEX disclosure_question_unit ON disclosure_question (unit_id, state, due);

-- Somebody says that a sheet is missing or torn.
CREATE TABLE disclosure_torn (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  item_id text COLLATE "C" NOT NULL DEFAULT '',
  place text COLLATE "C" NOT NULL DEFAULT '',
  state text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL DEFAULT '',
  seen text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  result text COLLATE "C" NOT NULL DEFAULT '',
  settled text COLLATE "C" NOT NULL DEFAULT '',
  actor text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE INDEX disclosure_torn_unit ON disclosure_torn (unit_id, state);
CREATE INDEX disclosure_torn_item ON disclosure_torn (item_id);

-- Who wants to hear by mail of what is posted: at a unit, or in its whole subtree.
CREATE TABLE disclosure_subscriber (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  below bigint NOT NULL DEFAULT 0,
  mail text COLLATE "C" NOT NULL,
  lang text COLLATE "C" NOT NULL DEFAULT 'vi',
  confirm_hash text COLLATE "C" NOT NULL,
  leave_token text COLLATE "C" NOT NULL,
  confirmed bigint NOT NULL DEFAULT 0,
  asked bigint NOT NULL,
  sent bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX disclosure_subscriber_mail ON disclosure_subscriber (unit_id, mail);
CREATE UNIQUE INDEX disclosure_subscriber_confirm ON disclosure_subscriber (confirm_hash);
CREATE UNIQUE INDEX disclosure_subscriber_leave ON disclosure_subscriber (leave_token);

-- An information session, a training course, material given out.
CREATE TABLE disclosure_session (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  form text COLLATE "C" NOT NULL DEFAULT '',
  title text COLLATE "C" NOT NULL,
  spot text COLLATE "C" NOT NULL DEFAULT '',
  langs text COLLATE "C" NOT NULL DEFAULT '',
  acts text COLLATE "C" NOT NULL DEFAULT '[]',
  people bigint NOT NULL DEFAULT 0,
  copies bigint NOT NULL DEFAULT 0,
  speaker text COLLATE "C" NOT NULL DEFAULT '',
  body text COLLATE "C" NOT NULL DEFAULT '',
  audience text COLLATE "C" NOT NULL DEFAULT 'public',
  struck text COLLATE "C" NOT NULL DEFAULT '',
  struck_why text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  entered text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE INDEX disclosure_session_unit ON disclosure_session (unit_id, day);

-- A regulation that a unit has in force, by editions, with its reviews.
CREATE TABLE disclosure_regulation (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL,
  audience text COLLATE "C" NOT NULL DEFAULT 'public',
  ended text COLLATE "C" NOT NULL DEFAULT '',
  ended_by text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE INDEX disclosure_regulation_unit ON disclosure_regulation (unit_id, kind);
CREATE TABLE disclosure_regulation_edition (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  regulation_id text COLLATE "C" NOT NULL REFERENCES disclosure_regulation (id),
  unit_id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  doc_number text COLLATE "C" NOT NULL DEFAULT '',
  doc_day text COLLATE "C" NOT NULL,
  from_day text COLLATE "C" NOT NULL,
  signer text COLLATE "C" NOT NULL DEFAULT '',
  basis text COLLATE "C" NOT NULL DEFAULT '[]',
  note text COLLATE "C" NOT NULL DEFAULT '',
  amends bigint NOT NULL DEFAULT 0,
  created bigint NOT NULL
);
CREATE UNIQUE INDEX disclosure_regulation_seq ON disclosure_regulation_edition (regulation_id, seq);
CREATE TABLE disclosure_review (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  regulation_id text COLLATE "C" NOT NULL REFERENCES disclosure_regulation (id),
  unit_id text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  result text COLLATE "C" NOT NULL,
  doc_number text COLLATE "C" NOT NULL DEFAULT '',
  doc_day text COLLATE "C" NOT NULL DEFAULT '',
  note text COLLATE "C" NOT NULL DEFAULT '',
  entered text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL DEFAULT '',
  actor_name text COLLATE "C" NOT NULL DEFAULT '',
  created bigint NOT NULL
);
CREATE INDEX disclosure_review_unit ON disclosure_review (unit_id, day);

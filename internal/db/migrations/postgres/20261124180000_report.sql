-- +goose Up

-- A version of a form that is not one of the program's own; `doc` is its figures as JSON (package report, Form).
CREATE TABLE report_form (
  id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL,
  from_day text COLLATE "C" NOT NULL DEFAULT '',
  to_day text COLLATE "C" NOT NULL DEFAULT '',
  doc text COLLATE "C" NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL,
  PRIMARY KEY (id, number)
);
CREATE INDEX report_form_unit ON report_form (unit_id);

CREATE TABLE report_period (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  form_id text COLLATE "C" NOT NULL,
  form_number bigint NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  via text COLLATE "C" NOT NULL DEFAULT '',
  kind text COLLATE "C" NOT NULL,
  year bigint NOT NULL,
  title text COLLATE "C" NOT NULL,
  from_day text COLLATE "C" NOT NULL,
  to_day text COLLATE "C" NOT NULL,
  opens text COLLATE "C" NOT NULL DEFAULT '',
  state text COLLATE "C" NOT NULL,
  dues text COLLATE "C" NOT NULL DEFAULT '[]',
  kinds text COLLATE "C" NOT NULL DEFAULT '[]',
  units text COLLATE "C" NOT NULL DEFAULT '[]',
  letter text COLLATE "C" NOT NULL DEFAULT '{}',
  outline text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE INDEX report_period_unit ON report_period (unit_id, year, kind);

-- One unit's report: the only truth about its figures. `figures` are those of the form's version, packed (package report, Values); `found` what the unit's
-- records said when they were last asked. `changed` lets processes take in what is new.
CREATE TABLE report (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  period_id text COLLATE "C" NOT NULL REFERENCES report_period (id),
  unit_id text COLLATE "C" NOT NULL,
  to_unit text COLLATE "C" NOT NULL,
  due text COLLATE "C" NOT NULL DEFAULT '',
  extended text COLLATE "C" NOT NULL DEFAULT '',
  extended_why text COLLATE "C" NOT NULL DEFAULT '',
  extended_by text COLLATE "C" NOT NULL DEFAULT '',
  state text COLLATE "C" NOT NULL,
  first_day text COLLATE "C" NOT NULL DEFAULT '',
  submitted text COLLATE "C" NOT NULL DEFAULT '',
  submitted_by text COLLATE "C" NOT NULL DEFAULT '',
  accepted text COLLATE "C" NOT NULL DEFAULT '',
  accepted_by text COLLATE "C" NOT NULL DEFAULT '',
  paper text COLLATE "C" NOT NULL DEFAULT '{}',
  signed_by text COLLATE "C" NOT NULL DEFAULT '',
  figures bytea NOT NULL,
  found bytea NOT NULL,
  lump bigint NOT NULL DEFAULT 0,
  lump_kind text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  changed bigint NOT NULL
);
CREATE UNIQUE INDEX report_of ON report (period_id, unit_id, lump_kind);
CREATE INDEX report_changed ON report (period_id, changed);
CREATE INDEX report_unit ON report (unit_id, period_id);
CREATE INDEX report_to ON report (to_unit, period_id, state);

-- What two people can fill side by side: figures that are words, prose, reasons of corrections.
CREATE TABLE report_section (
  report_id text COLLATE "C" NOT NULL REFERENCES report (id),
  name text COLLATE "C" NOT NULL,
  not_arisen bigint NOT NULL DEFAULT 0,
  body text COLLATE "C" NOT NULL DEFAULT '',
  reasons text COLLATE "C" NOT NULL DEFAULT '{}',
  texts text COLLATE "C" NOT NULL DEFAULT '{}',
  actor text COLLATE "C" NOT NULL DEFAULT '',
  actor_name text COLLATE "C" NOT NULL DEFAULT '',
  at bigint NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  PRIMARY KEY (report_id, name)
);

-- What a section was before: its figures as code and number, its words. Kept while the report is not handed in, then the last of each day.
CREATE TABLE report_draft (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  report_id text COLLATE "C" NOT NULL REFERENCES report (id),
  name text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  doc text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL DEFAULT '',
  actor_name text COLLATE "C" NOT NULL DEFAULT '',
  at bigint NOT NULL
);
CREATE INDEX report_draft_of ON report_draft (report_id, name, version);

CREATE TABLE report_ask (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  report_id text COLLATE "C" NOT NULL REFERENCES report (id),
  reason text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  answer_by text COLLATE "C" NOT NULL DEFAULT '',
  actor text COLLATE "C" NOT NULL,
  actor_name text COLLATE "C" NOT NULL,
  actor_unit text COLLATE "C" NOT NULL,
  answer text COLLATE "C" NOT NULL DEFAULT '',
  answered text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1
);
CREATE INDEX report_ask_of ON report_ask (report_id, day);

-- A figure that changed after the report was handed in.
CREATE TABLE report_change (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  report_id text COLLATE "C" NOT NULL REFERENCES report (id),
  period_id text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  code text COLLATE "C" NOT NULL,
  before_value bigint,
  after_value bigint,
  reason text COLLATE "C" NOT NULL DEFAULT '',
  day text COLLATE "C" NOT NULL,
  actor_name text COLLATE "C" NOT NULL DEFAULT '',
  at bigint NOT NULL
);
CREATE INDEX report_change_period ON report_change (period_id, at);
CREATE INDEX report_change_report ON report_change (report_id, at);

-- A consolidated report as it was frozen; `rows` are the reports it was made of (package report, SnapshotRow).
CREATE TABLE report_snapshot (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  period_id text COLLATE "C" NOT NULL REFERENCES report_period (id),
  unit_id text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  day text COLLATE "C" NOT NULL,
  actor_name text COLLATE "C" NOT NULL DEFAULT '',
  rows_doc text COLLATE "C" NOT NULL,
  texts text COLLATE "C" NOT NULL DEFAULT '{}',
  paper text COLLATE "C" NOT NULL DEFAULT '{}',
  note text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE UNIQUE INDEX report_snapshot_of ON report_snapshot (period_id, unit_id, number);

-- A workbook that came in, by the hash of its bytes: coming twice changes nothing.
CREATE TABLE report_workbook (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  report_id text COLLATE "C" NOT NULL REFERENCES report (id),
  sha256 text COLLATE "C" NOT NULL,
  doc text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL DEFAULT '',
  actor_name text COLLATE "C" NOT NULL DEFAULT '',
  at bigint NOT NULL
);
CREATE UNIQUE INDEX report_workbook_of ON report_workbook (report_id, sha256);

-- Grading: a table of criteria for a kind of unit and year (`doc`: package report, ScoreTable), and a unit's scores beside the superior's.
CREATE TABLE report_score_table (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  year bigint NOT NULL,
  title text COLLATE "C" NOT NULL,
  published text COLLATE "C" NOT NULL DEFAULT '',
  doc text COLLATE "C" NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE INDEX report_score_table_unit ON report_score_table (unit_id, year, kind);
CREATE TABLE report_score (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  table_id text COLLATE "C" NOT NULL REFERENCES report_score_table (id),
  unit_id text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  doc text COLLATE "C" NOT NULL,
  own_points bigint NOT NULL DEFAULT 0,
  points bigint NOT NULL DEFAULT 0,
  grade bigint NOT NULL DEFAULT 0,
  submitted text COLLATE "C" NOT NULL DEFAULT '',
  decided text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1,
  changed bigint NOT NULL
);
CREATE UNIQUE INDEX report_score_of ON report_score (table_id, unit_id);

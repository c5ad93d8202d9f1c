-- +goose Up

-- A version of a form that is not one of the program's own; `doc` is its figures as JSON (package report, Form).
CREATE TABLE report_form (
  id TEXT NOT NULL,
  number INTEGER NOT NULL,
  unit_id TEXT NOT NULL,
  title TEXT NOT NULL,
  from_day TEXT NOT NULL DEFAULT '',
  to_day TEXT NOT NULL DEFAULT '',
  doc TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL,
  PRIMARY KEY (id, number)
) STRICT;
CREATE INDEX report_form_unit ON report_form (unit_id);

CREATE TABLE report_period (
  id TEXT NOT NULL PRIMARY KEY,
  form_id TEXT NOT NULL,
  form_number INTEGER NOT NULL,
  unit_id TEXT NOT NULL,
  via TEXT NOT NULL DEFAULT '',
  kind TEXT NOT NULL,
  year INTEGER NOT NULL,
  title TEXT NOT NULL,
  from_day TEXT NOT NULL,
  to_day TEXT NOT NULL,
  opens TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,
  dues TEXT NOT NULL DEFAULT '[]',
  kinds TEXT NOT NULL DEFAULT '[]',
  units TEXT NOT NULL DEFAULT '[]',
  letter TEXT NOT NULL DEFAULT '{}',
  outline TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX report_period_unit ON report_period (unit_id, year, kind);

-- One unit's report: the only truth about its figures. `figures` are those of the form's version, packed (package report, Values); `found` what the unit's
-- records said when they were last asked. `changed` lets processes take in what is new.
CREATE TABLE report (
  id TEXT NOT NULL PRIMARY KEY,
  period_id TEXT NOT NULL REFERENCES report_period (id),
  unit_id TEXT NOT NULL,
  to_unit TEXT NOT NULL,
  due TEXT NOT NULL DEFAULT '',
  extended TEXT NOT NULL DEFAULT '',
  extended_why TEXT NOT NULL DEFAULT '',
  extended_by TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,
  first_day TEXT NOT NULL DEFAULT '',
  submitted TEXT NOT NULL DEFAULT '',
  submitted_by TEXT NOT NULL DEFAULT '',
  accepted TEXT NOT NULL DEFAULT '',
  accepted_by TEXT NOT NULL DEFAULT '',
  paper TEXT NOT NULL DEFAULT '{}',
  signed_by TEXT NOT NULL DEFAULT '',
  figures BLOB NOT NULL,
  found BLOB NOT NULL,
  lump INTEGER NOT NULL DEFAULT 0,
  lump_kind TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  changed INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX report_of ON report (period_id, unit_id, lump_kind);
CREATE INDEX report_changed ON report (period_id, changed);
CREATE INDEX report_unit ON report (unit_id, period_id);
CREATE INDEX report_to ON report (to_unit, period_id, state);

-- What two people can fill side by side: figures that are words, prose, reasons of corrections.
CREATE TABLE report_section (
  report_id TEXT NOT NULL REFERENCES report (id),
  name TEXT NOT NULL,
  not_arisen INTEGER NOT NULL DEFAULT 0,
  body TEXT NOT NULL DEFAULT '',
  reasons TEXT NOT NULL DEFAULT '{}',
  texts TEXT NOT NULL DEFAULT '{}',
  actor TEXT NOT NULL DEFAULT '',
  actor_name TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  PRIMARY KEY (report_id, name)
) STRICT;

-- What a section was before: its figures as code and number, its words. Kept while the report is not handed in, then the last of each day.
CREATE TABLE report_draft (
  id TEXT NOT NULL PRIMARY KEY,
  report_id TEXT NOT NULL REFERENCES report (id),
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  doc TEXT NOT NULL,
  actor TEXT NOT NULL DEFAULT '',
  actor_name TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX report_draft_of ON report_draft (report_id, name, version);

CREATE TABLE report_ask (
  id TEXT NOT NULL PRIMARY KEY,
  report_id TEXT NOT NULL REFERENCES report (id),
  reason TEXT NOT NULL,
  day TEXT NOT NULL,
  answer_by TEXT NOT NULL DEFAULT '',
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  actor_unit TEXT NOT NULL,
  answer TEXT NOT NULL DEFAULT '',
  answered TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX report_ask_of ON report_ask (report_id, day);

-- A figure that changed after the report was handed in.
CREATE TABLE report_change (
  id TEXT NOT NULL PRIMARY KEY,
  report_id TEXT NOT NULL REFERENCES report (id),
  period_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  code TEXT NOT NULL,
  before_value INTEGER,
  after_value INTEGER,
  reason TEXT NOT NULL DEFAULT '',
  day TEXT NOT NULL,
  actor_name TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX report_change_period ON report_change (period_id, at);
CREATE INDEX report_change_report ON report_change (report_id, at);

-- A consolidated report as it was frozen; `rows` are the reports it was made of (package report, SnapshotRow).
CREATE TABLE report_snapshot (
  id TEXT NOT NULL PRIMARY KEY,
  period_id TEXT NOT NULL REFERENCES report_period (id),
  unit_id TEXT NOT NULL,
  number INTEGER NOT NULL,
  day TEXT NOT NULL,
  actor_name TEXT NOT NULL DEFAULT '',
  rows_doc TEXT NOT NULL,
  texts TEXT NOT NULL DEFAULT '{}',
  paper TEXT NOT NULL DEFAULT '{}',
  note TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX report_snapshot_of ON report_snapshot (period_id, unit_id, number);

-- A workbook that came in, by the hash of its bytes: coming twice changes nothing.
CREATE TABLE report_workbook (
  id TEXT NOT NULL PRIMARY KEY,
  report_id TEXT NOT NULL REFERENCES report (id),
  sha256 TEXT NOT NULL,
  doc TEXT NOT NULL,
  state TEXT NOT NULL,
  actor TEXT NOT NULL DEFAULT '',
  actor_name TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX report_workbook_of ON report_workbook (report_id, sha256);

-- Grading: a table of criteria for a kind of unit and year (`doc`: package report, ScoreTable), and a unit's scores beside the superior's.
CREATE TABLE report_score_table (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  year INTEGER NOT NULL,
  title TEXT NOT NULL,
  published TEXT NOT NULL DEFAULT '',
  doc TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX report_score_table_unit ON report_score_table (unit_id, year, kind);
CREATE TABLE report_score (
  id TEXT NOT NULL PRIMARY KEY,
  table_id TEXT NOT NULL REFERENCES report_score_table (id),
  unit_id TEXT NOT NULL,
  state TEXT NOT NULL,
  doc TEXT NOT NULL,
  own_points INTEGER NOT NULL DEFAULT 0,
  points INTEGER NOT NULL DEFAULT 0,
  grade INTEGER NOT NULL DEFAULT 0,
  submitted TEXT NOT NULL DEFAULT '',
  decided TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  changed INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX report_score_of ON report_score (table_id, unit_id);

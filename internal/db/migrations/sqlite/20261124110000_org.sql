-- +goose Up

-- The number of the last change of units: one row.
CREATE TABLE unit_change (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  n INTEGER NOT NULL
) STRICT;

-- A unit is one legal body between two days; '' is an open end. `touched` is the number of its last change.
CREATE TABLE unit (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  from_day TEXT NOT NULL DEFAULT '',
  to_day TEXT NOT NULL DEFAULT '',
  begin_act TEXT NOT NULL DEFAULT '',
  end_act TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  touched INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX unit_touched ON unit (touched);

-- What holds of a unit from day to day: the rows of one unit follow each other without gap or overlap and fill its life.
CREATE TABLE unit_row (
  unit_id TEXT NOT NULL REFERENCES unit (id),
  from_day TEXT NOT NULL DEFAULT '',
  to_day TEXT NOT NULL DEFAULT '',
  code TEXT NOT NULL,
  slug TEXT NOT NULL,
  name TEXT NOT NULL,
  name_en TEXT NOT NULL DEFAULT '',
  parent_id TEXT NOT NULL DEFAULT '',
  manager_id TEXT NOT NULL DEFAULT '',
  flags TEXT NOT NULL DEFAULT '',
  staff INTEGER NOT NULL DEFAULT -1,
  workers INTEGER NOT NULL DEFAULT -1,
  sort_key TEXT NOT NULL,
  PRIMARY KEY (unit_id, from_day)
) STRICT;
CREATE INDEX unit_row_code ON unit_row (code);
CREATE INDEX unit_row_slug ON unit_row (slug);
CREATE INDEX unit_row_parent ON unit_row (parent_id);
CREATE INDEX unit_row_manager ON unit_row (manager_id);

-- What became of units: merge, split; rename and move, where old and new are the same.
CREATE TABLE succession (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  old_id TEXT NOT NULL REFERENCES unit (id),
  new_id TEXT NOT NULL REFERENCES unit (id),
  share TEXT NOT NULL,
  day TEXT NOT NULL,
  act TEXT NOT NULL DEFAULT '',
  touched INTEGER NOT NULL DEFAULT 0,
  UNIQUE (old_id, new_id, day, kind)
) STRICT;
CREATE INDEX succession_new ON succession (new_id);
CREATE INDEX succession_touched ON succession (touched);

-- Files between the steps of an import in the browser; older than a day they go.
CREATE TABLE unit_upload (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  data BLOB NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX unit_upload_created ON unit_upload (created);

-- +goose Up

-- The number of the last change of units: one row.
CREATE TABLE unit_change (
  one bigint NOT NULL PRIMARY KEY CHECK (one = 1),
  n bigint NOT NULL
);

-- A unit is one legal body between two days; '' is an open end. `touched` is the number of its last change.
CREATE TABLE unit (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  from_day text COLLATE "C" NOT NULL DEFAULT '',
  to_day text COLLATE "C" NOT NULL DEFAULT '',
  begin_act text COLLATE "C" NOT NULL DEFAULT '',
  end_act text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1,
  touched bigint NOT NULL DEFAULT 0
);
CREATE INDEX unit_touched ON unit (touched);

-- What holds of a unit from day to day: the rows of one unit follow each other without gap or overlap and fill its life.
CREATE TABLE unit_row (
  unit_id text COLLATE "C" NOT NULL REFERENCES unit (id),
  from_day text COLLATE "C" NOT NULL DEFAULT '',
  to_day text COLLATE "C" NOT NULL DEFAULT '',
  code text COLLATE "C" NOT NULL,
  slug text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  name_en text COLLATE "C" NOT NULL DEFAULT '',
  parent_id text COLLATE "C" NOT NULL DEFAULT '',
  manager_id text COLLATE "C" NOT NULL DEFAULT '',
  flags text COLLATE "C" NOT NULL DEFAULT '',
  staff bigint NOT NULL DEFAULT -1,
  workers bigint NOT NULL DEFAULT -1,
  sort_key text COLLATE "C" NOT NULL,
  PRIMARY KEY (unit_id, from_day)
);
CREATE INDEX unit_row_code ON unit_row (code);
CREATE INDEX unit_row_slug ON unit_row (slug);
CREATE INDEX unit_row_parent ON unit_row (parent_id);
CREATE INDEX unit_row_manager ON unit_row (manager_id);

-- What became of units: merge, split; rename and move, where old and new are the same.
CREATE TABLE succession (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  old_id text COLLATE "C" NOT NULL REFERENCES unit (id),
  new_id text COLLATE "C" NOT NULL REFERENCES unit (id),
  share text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  act text COLLATE "C" NOT NULL DEFAULT '',
  touched bigint NOT NULL DEFAULT 0,
  UNIQUE (old_id, new_id, day, kind)
);
CREATE INDEX succession_new ON succession (new_id);
CREATE INDEX succession_touched ON succession (touched);

-- Files between the steps of an import in the browser; older than a day they go.
CREATE TABLE unit_upload (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  account text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  data bytea NOT NULL,
  created bigint NOT NULL
);
CREATE INDEX unit_upload_created ON unit_upload (created);

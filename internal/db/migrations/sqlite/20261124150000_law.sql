-- +goose Up

-- Deadlines that rooms keep, with the steps that led to them. `explanation` is law.Due as JSON; `seen` is the digest of the last catalogue that was found
-- to give the same, or that a person has answered for.
CREATE TABLE law_due (
  id TEXT NOT NULL PRIMARY KEY,
  owner_kind TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  step TEXT NOT NULL,
  unit_kind TEXT NOT NULL,
  flags TEXT NOT NULL DEFAULT '',
  staff INTEGER NOT NULL DEFAULT -1,
  workers INTEGER NOT NULL DEFAULT -1,
  event TEXT NOT NULL,
  due TEXT NOT NULL,
  duty TEXT NOT NULL,
  explanation TEXT NOT NULL,
  seen TEXT NOT NULL,
  running INTEGER NOT NULL DEFAULT 1,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE UNIQUE INDEX law_due_owner ON law_due (owner_kind, owner_id, step);
CREATE INDEX law_due_seen ON law_due (seen, id) WHERE running = 1;
CREATE INDEX law_due_unit ON law_due (unit_id, due) WHERE running = 1;

-- The catalogues that this installation has run with, one row for each change.
CREATE TABLE law_catalogue (
  id TEXT NOT NULL PRIMARY KEY,
  digest TEXT NOT NULL,
  at INTEGER NOT NULL,
  acts INTEGER NOT NULL,
  duties INTEGER NOT NULL,
  local_files TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX law_catalogue_at ON law_catalogue (at, id);

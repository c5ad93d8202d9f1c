-- +goose Up

-- Deadlines that rooms keep, with the steps that led to them. `explanation` is law.Due as JSON; `seen` is the digest of the last catalogue that was found
-- to give the same, or that a person has answered for.
CREATE TABLE law_due (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  owner_kind text COLLATE "C" NOT NULL,
  owner_id text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  step text COLLATE "C" NOT NULL,
  unit_kind text COLLATE "C" NOT NULL,
  flags text COLLATE "C" NOT NULL DEFAULT '',
  staff bigint NOT NULL DEFAULT -1,
  workers bigint NOT NULL DEFAULT -1,
  event text COLLATE "C" NOT NULL,
  due text COLLATE "C" NOT NULL,
  duty text COLLATE "C" NOT NULL,
  explanation text COLLATE "C" NOT NULL,
  seen text COLLATE "C" NOT NULL,
  running bigint NOT NULL DEFAULT 1,
  version bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX law_due_owner ON law_due (owner_kind, owner_id, step);
CREATE INDEX law_due_seen ON law_due (seen, id) WHERE running = 1;
CREATE INDEX law_due_unit ON law_due (unit_id, due) WHERE running = 1;

-- The catalogues that this installation has run with, one row for each change.
CREATE TABLE law_catalogue (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  digest text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  acts bigint NOT NULL,
  duties bigint NOT NULL,
  local_files text COLLATE "C" NOT NULL DEFAULT ''
);
CREATE INDEX law_catalogue_at ON law_catalogue (at, id);

-- +goose Up

-- What was done. seq is the place in the tree, NULL until the sequencer has come by; nothing else ever changes.
CREATE TABLE audit_entry (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  seq bigint UNIQUE,
  at bigint NOT NULL,
  actor text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  unit text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  touches text COLLATE "C" NOT NULL,
  commitment bytea NOT NULL
);
CREATE INDEX audit_entry_open ON audit_entry (at) WHERE seq IS NULL;
CREATE INDEX audit_entry_unit ON audit_entry (unit, at, id);
CREATE INDEX audit_entry_action ON audit_entry (unit, action);
CREATE INDEX audit_entry_subject ON audit_entry (subject, at, id);

-- What may be erased: salt and body hash to the entry's commitment.
CREATE TABLE audit_detail (
  entry_id text COLLATE "C" NOT NULL PRIMARY KEY REFERENCES audit_entry (id),
  salt bytea NOT NULL,
  body text COLLATE "C" NOT NULL
);

-- The tree's hashes in the order of golang.org/x/mod/sumdb/tlog.
CREATE TABLE audit_hash (
  idx bigint NOT NULL PRIMARY KEY,
  hash bytea NOT NULL
);

-- One row: the tree's name and size, and who numbers entries just now.
CREATE TABLE audit_tree (
  one bigint NOT NULL PRIMARY KEY CHECK (one = 1),
  origin text COLLATE "C" NOT NULL,
  size bigint NOT NULL,
  holder text COLLATE "C" NOT NULL,
  until bigint NOT NULL
);
INSERT INTO audit_tree (one, origin, size, holder, until) VALUES (1, '', 0, '', 0);

-- The last signed checkpoint of each hour.
CREATE TABLE audit_checkpoint (
  hour bigint NOT NULL PRIMARY KEY,
  size bigint NOT NULL,
  at bigint NOT NULL,
  note text COLLATE "C" NOT NULL
);

-- The public keys of all servers that have signed.
CREATE TABLE audit_key (
  verifier text COLLATE "C" NOT NULL PRIMARY KEY,
  at bigint NOT NULL
);

-- Erasures asked for; state is asked, done or declined.
CREATE TABLE audit_redaction (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  entry_id text COLLATE "C" NOT NULL REFERENCES audit_entry (id),
  state text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  basis text COLLATE "C" NOT NULL,
  asked_by text COLLATE "C" NOT NULL,
  asked_name text COLLATE "C" NOT NULL,
  asked_at bigint NOT NULL,
  decided_by text COLLATE "C" NOT NULL DEFAULT '',
  decided_name text COLLATE "C" NOT NULL DEFAULT '',
  decided_at bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX audit_redaction_entry ON audit_redaction (entry_id) WHERE state <> 'declined';
CREATE INDEX audit_redaction_asked ON audit_redaction (asked_at, id);

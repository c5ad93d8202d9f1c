-- +goose Up

-- What was done. seq is the place in the tree, NULL until the sequencer has come by; nothing else ever changes.
CREATE TABLE audit_entry (
  id TEXT NOT NULL PRIMARY KEY,
  seq INTEGER UNIQUE,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  unit TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  touches TEXT NOT NULL,
  commitment BLOB NOT NULL
) STRICT;
CREATE INDEX audit_entry_open ON audit_entry (at) WHERE seq IS NULL;
CREATE INDEX audit_entry_unit ON audit_entry (unit, at, id);
CREATE INDEX audit_entry_action ON audit_entry (unit, action);
CREATE INDEX audit_entry_subject ON audit_entry (subject, at, id);

-- What may be erased: salt and body hash to the entry's commitment.
CREATE TABLE audit_detail (
  entry_id TEXT NOT NULL PRIMARY KEY REFERENCES audit_entry (id),
  salt BLOB NOT NULL,
  body TEXT NOT NULL
) STRICT;

-- The tree's hashes in the order of golang.org/x/mod/sumdb/tlog.
CREATE TABLE audit_hash (
  idx INTEGER NOT NULL PRIMARY KEY,
  hash BLOB NOT NULL
) STRICT;

-- One row: the tree's name and size, and who numbers entries just now.
CREATE TABLE audit_tree (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  origin TEXT NOT NULL,
  size INTEGER NOT NULL,
  holder TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT;
INSERT INTO audit_tree (one, origin, size, holder, until) VALUES (1, '', 0, '', 0);

-- The last signed checkpoint of each hour.
CREATE TABLE audit_checkpoint (
  hour INTEGER NOT NULL PRIMARY KEY,
  size INTEGER NOT NULL,
  at INTEGER NOT NULL,
  note TEXT NOT NULL
) STRICT;

-- The public keys of all servers that have signed.
CREATE TABLE audit_key (
  verifier TEXT NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL
) STRICT;

-- Erasures asked for; state is asked, done or declined.
CREATE TABLE audit_redaction (
  id TEXT NOT NULL PRIMARY KEY,
  entry_id TEXT NOT NULL REFERENCES audit_entry (id),
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  basis TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_name TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  decided_by TEXT NOT NULL DEFAULT '',
  decided_name TEXT NOT NULL DEFAULT '',
  decided_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX audit_redaction_entry ON audit_redaction (entry_id) WHERE state <> 'declined';
CREATE INDEX audit_redaction_asked ON audit_redaction (asked_at, id);

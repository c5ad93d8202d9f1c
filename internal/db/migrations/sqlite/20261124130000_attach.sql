-- +goose Up
CREATE TABLE attachment (
  id TEXT NOT NULL PRIMARY KEY,
  owner_kind TEXT NOT NULL,
  owner_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  internal INTEGER NOT NULL,
  added_by TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX attachment_owner ON attachment(owner_kind, owner_id, id);
CREATE INDEX attachment_unit ON attachment(unit_id, id);
CREATE INDEX attachment_sha256 ON attachment(sha256);

CREATE TABLE notice (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  msg TEXT NOT NULL,
  link TEXT NOT NULL,
  due TEXT NOT NULL DEFAULT '',
  once TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL,
  read_at INTEGER NOT NULL DEFAULT 0,
  unread INTEGER NOT NULL DEFAULT 1,
  to_mail INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX notice_account ON notice(account, unread, id);
CREATE INDEX notice_unit ON notice(unit_id, id);
CREATE UNIQUE INDEX notice_once ON notice(once, account) WHERE once <> '';
CREATE INDEX notice_to_mail ON notice(account, id) WHERE to_mail = 1;

CREATE TABLE notice_preference (
  account TEXT NOT NULL PRIMARY KEY,
  mail TEXT NOT NULL
) STRICT;

CREATE TABLE mail_outbox (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  recipient TEXT NOT NULL,
  lang TEXT NOT NULL,
  kind TEXT NOT NULL,
  content TEXT NOT NULL,
  state TEXT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  fault TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL,
  sent_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX mail_outbox_waiting ON mail_outbox(next_at, id) WHERE state = 'waiting';
CREATE INDEX mail_outbox_state ON mail_outbox(state, id);

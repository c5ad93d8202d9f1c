-- +goose Up
CREATE TABLE attachment (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  owner_kind text COLLATE "C" NOT NULL,
  owner_id text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  size bigint NOT NULL,
  type text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  internal bigint NOT NULL,
  added_by text COLLATE "C" NOT NULL,
  created bigint NOT NULL
);
CREATE INDEX attachment_owner ON attachment(owner_kind, owner_id, id);
CREATE INDEX attachment_unit ON attachment(unit_id, id);
CREATE INDEX attachment_sha256 ON attachment(sha256);

CREATE TABLE notice (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  account text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  msg text COLLATE "C" NOT NULL,
  link text COLLATE "C" NOT NULL,
  due text COLLATE "C" NOT NULL DEFAULT '',
  once text COLLATE "C" NOT NULL DEFAULT '',
  created bigint NOT NULL,
  read_at bigint NOT NULL DEFAULT 0,
  unread bigint NOT NULL DEFAULT 1,
  to_mail bigint NOT NULL DEFAULT 1
);
CREATE INDEX notice_account ON notice(account, unread, id);
CREATE INDEX notice_unit ON notice(unit_id, id);
CREATE UNIQUE INDEX notice_once ON notice(once, account) WHERE once <> '';
CREATE INDEX notice_to_mail ON notice(account, id) WHERE to_mail = 1;

CREATE TABLE notice_preference (
  account text COLLATE "C" NOT NULL PRIMARY KEY,
  mail text COLLATE "C" NOT NULL
);

CREATE TABLE mail_outbox (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  account text COLLATE "C" NOT NULL,
  recipient text COLLATE "C" NOT NULL,
  lang text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  content text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  tries bigint NOT NULL DEFAULT 0,
  next_at bigint NOT NULL,
  fault text COLLATE "C" NOT NULL DEFAULT '',
  created bigint NOT NULL,
  sent_at bigint NOT NULL DEFAULT 0
);
CREATE INDEX mail_outbox_waiting ON mail_outbox(next_at, id) WHERE state = 'waiting';
CREATE INDEX mail_outbox_state ON mail_outbox(state, id);

-- +goose Up
CREATE TABLE account (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  name TEXT NOT NULL,
  name_fold TEXT NOT NULL,
  sort_key TEXT NOT NULL,
  login TEXT NOT NULL,
  phone TEXT NOT NULL,
  mail TEXT NOT NULL,
  lang TEXT NOT NULL,
  password TEXT NOT NULL,
  password_at INTEGER NOT NULL,
  totp TEXT NOT NULL,
  totp_at INTEGER NOT NULL,
  totp_step INTEGER NOT NULL,
  disabled_at INTEGER NOT NULL,
  created INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX account_login ON account(login) WHERE login <> '';
CREATE UNIQUE INDEX account_phone ON account(phone) WHERE phone <> '';
CREATE INDEX account_unit ON account(unit_id);

CREATE TABLE post (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account(id),
  unit_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  basis TEXT NOT NULL,
  stands_in TEXT NOT NULL,
  day_from TEXT NOT NULL,
  day_to TEXT NOT NULL,
  created INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX post_account ON post(account_id, day_from);
CREATE INDEX post_unit ON post(unit_id, kind);

CREATE TABLE session (
  id TEXT NOT NULL PRIMARY KEY,
  token_hash BLOB NOT NULL,
  account_id TEXT NOT NULL REFERENCES account(id),
  stage TEXT NOT NULL,
  agent TEXT NOT NULL,
  idle INTEGER NOT NULL,
  first_day TEXT NOT NULL,
  last_day TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX session_token ON session(token_hash);
CREATE INDEX session_account ON session(account_id);
CREATE INDEX session_expires ON session(expires);

CREATE TABLE recovery_code (
  account_id TEXT NOT NULL REFERENCES account(id),
  hash BLOB NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (account_id, hash)
) STRICT;

CREATE TABLE invitation (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES account(id),
  code_hash BLOB NOT NULL,
  code TEXT NOT NULL,
  kind TEXT NOT NULL,
  way TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created INTEGER NOT NULL,
  last_day TEXT NOT NULL,
  used INTEGER NOT NULL,
  revoked INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX invitation_code ON invitation(code_hash);
CREATE INDEX invitation_account ON invitation(account_id);
CREATE INDEX invitation_unit ON invitation(unit_id, created);

CREATE TABLE api_token (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES account(id),
  token_hash BLOB NOT NULL,
  label TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires TEXT NOT NULL,
  last_day TEXT NOT NULL,
  revoked INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX api_token_hash ON api_token(token_hash);
CREATE INDEX api_token_account ON api_token(account_id);

CREATE TABLE handover (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  from_account TEXT NOT NULL REFERENCES account(id),
  to_account TEXT NOT NULL REFERENCES account(id),
  day TEXT NOT NULL,
  basis TEXT NOT NULL,
  note TEXT NOT NULL,
  posts TEXT NOT NULL,
  work TEXT NOT NULL,
  moved INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX handover_unit ON handover(unit_id, created);

CREATE TABLE auth_setting (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  version INTEGER NOT NULL
) STRICT;

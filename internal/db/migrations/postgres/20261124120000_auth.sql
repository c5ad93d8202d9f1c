-- +goose Up
CREATE TABLE account (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  name_fold text COLLATE "C" NOT NULL,
  sort_key text COLLATE "C" NOT NULL,
  login text COLLATE "C" NOT NULL,
  phone text COLLATE "C" NOT NULL,
  mail text COLLATE "C" NOT NULL,
  lang text COLLATE "C" NOT NULL,
  password text COLLATE "C" NOT NULL,
  password_at bigint NOT NULL,
  totp text COLLATE "C" NOT NULL,
  totp_at bigint NOT NULL,
  totp_step bigint NOT NULL,
  disabled_at bigint NOT NULL,
  created bigint NOT NULL,
  version bigint NOT NULL
);
CREATE UNIQUE INDEX account_login ON account(login) WHERE login <> '';
CREATE UNIQUE INDEX account_phone ON account(phone) WHERE phone <> '';
CREATE INDEX account_unit ON account(unit_id);

CREATE TABLE post (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES account(id),
  unit_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  title text COLLATE "C" NOT NULL,
  basis text COLLATE "C" NOT NULL,
  stands_in text COLLATE "C" NOT NULL,
  day_from text COLLATE "C" NOT NULL,
  day_to text COLLATE "C" NOT NULL,
  created bigint NOT NULL,
  version bigint NOT NULL
);
CREATE INDEX post_account ON post(account_id, day_from);
CREATE INDEX post_unit ON post(unit_id, kind);

CREATE TABLE session (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  token_hash bytea NOT NULL,
  account_id text COLLATE "C" NOT NULL REFERENCES account(id),
  stage text COLLATE "C" NOT NULL,
  agent text COLLATE "C" NOT NULL,
  idle bigint NOT NULL,
  first_day text COLLATE "C" NOT NULL,
  last_day text COLLATE "C" NOT NULL,
  created bigint NOT NULL,
  expires bigint NOT NULL
);
CREATE UNIQUE INDEX session_token ON session(token_hash);
CREATE INDEX session_account ON session(account_id);
CREATE INDEX session_expires ON session(expires);

CREATE TABLE recovery_code (
  account_id text COLLATE "C" NOT NULL REFERENCES account(id),
  hash bytea NOT NULL,
  used bigint NOT NULL,
  PRIMARY KEY (account_id, hash)
);

CREATE TABLE invitation (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  account_id text COLLATE "C" NOT NULL REFERENCES account(id),
  code_hash bytea NOT NULL,
  code text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  way text COLLATE "C" NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  created bigint NOT NULL,
  last_day text COLLATE "C" NOT NULL,
  used bigint NOT NULL,
  revoked bigint NOT NULL
);
CREATE UNIQUE INDEX invitation_code ON invitation(code_hash);
CREATE INDEX invitation_account ON invitation(account_id);
CREATE INDEX invitation_unit ON invitation(unit_id, created);

CREATE TABLE api_token (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  account_id text COLLATE "C" NOT NULL REFERENCES account(id),
  token_hash bytea NOT NULL,
  label text COLLATE "C" NOT NULL,
  scopes text COLLATE "C" NOT NULL,
  created bigint NOT NULL,
  expires text COLLATE "C" NOT NULL,
  last_day text COLLATE "C" NOT NULL,
  revoked bigint NOT NULL
);
CREATE UNIQUE INDEX api_token_hash ON api_token(token_hash);
CREATE INDEX api_token_account ON api_token(account_id);

CREATE TABLE handover (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  from_account text COLLATE "C" NOT NULL REFERENCES account(id),
  to_account text COLLATE "C" NOT NULL REFERENCES account(id),
  day text COLLATE "C" NOT NULL,
  basis text COLLATE "C" NOT NULL,
  note text COLLATE "C" NOT NULL,
  posts text COLLATE "C" NOT NULL,
  work text COLLATE "C" NOT NULL,
  moved bigint NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  created bigint NOT NULL
);
CREATE INDEX handover_unit ON handover(unit_id, created);

CREATE TABLE auth_setting (
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  value text COLLATE "C" NOT NULL,
  version bigint NOT NULL
);

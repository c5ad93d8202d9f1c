-- +goose Up
CREATE TABLE form_token (
  token text COLLATE "C" NOT NULL PRIMARY KEY,
  result text NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX form_token_at ON form_token(at);

CREATE TABLE epoch (
  name text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  n bigint NOT NULL,
  PRIMARY KEY (name, id)
);

-- +goose Up
CREATE TABLE form_token (
  token TEXT NOT NULL PRIMARY KEY,
  result TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX form_token_at ON form_token(at);

CREATE TABLE epoch (
  name TEXT NOT NULL,
  id TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (name, id)
) STRICT;

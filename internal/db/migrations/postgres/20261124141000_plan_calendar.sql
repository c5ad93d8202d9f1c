-- +goose Up

-- The secret address under which somebody's calendar program reads their deadlines; one at a time, hashed.
CREATE TABLE plan_calendar (
  account text COLLATE "C" NOT NULL PRIMARY KEY,
  token_hash text COLLATE "C" NOT NULL,
  created bigint NOT NULL
);
CREATE UNIQUE INDEX plan_calendar_token ON plan_calendar (token_hash);

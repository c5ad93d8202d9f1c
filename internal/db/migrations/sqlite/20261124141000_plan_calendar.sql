-- +goose Up

-- The secret address under which somebody's calendar program reads their deadlines; one at a time, hashed.
CREATE TABLE plan_calendar (
  account TEXT NOT NULL PRIMARY KEY,
  token_hash TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX plan_calendar_token ON plan_calendar (token_hash);

-- Units that ask to be told that a task does not apply to them wait for an answer: few, and asked for over all units at once.
CREATE INDEX assignment_claim ON assignment (plan_id) WHERE na = 'asked';

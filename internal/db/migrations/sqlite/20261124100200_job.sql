-- +goose Up

-- Work to be done later. Whoever takes a job moves run_at to the end of the lease and puts itself as holder; state is waiting or dead.
CREATE TABLE job (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  args TEXT NOT NULL,
  state TEXT NOT NULL,
  run_at INTEGER NOT NULL,
  holder TEXT NOT NULL,
  tries INTEGER NOT NULL,
  fault TEXT NOT NULL,
  made_at INTEGER NOT NULL
) STRICT;
CREATE INDEX job_due ON job (run_at, id) WHERE state = 'waiting';
CREATE INDEX job_dead ON job (made_at, id) WHERE state = 'dead';

-- When each recurring job is next due.
CREATE TABLE job_tick (
  name TEXT NOT NULL PRIMARY KEY,
  due INTEGER NOT NULL
) STRICT;

-- +goose Up

-- Work to be done later. Whoever takes a job moves run_at to the end of the lease and puts itself as holder; state is waiting or dead.
CREATE TABLE job (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  args text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  run_at bigint NOT NULL,
  holder text COLLATE "C" NOT NULL,
  tries bigint NOT NULL,
  fault text COLLATE "C" NOT NULL,
  made_at bigint NOT NULL
);
CREATE INDEX job_due ON job (run_at, id) WHERE state = 'waiting';
CREATE INDEX job_dead ON job (made_at, id) WHERE state = 'dead';

-- When each recurring job is next due.
CREATE TABLE job_tick (
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  due bigint NOT NULL
);

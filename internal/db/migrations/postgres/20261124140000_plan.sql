-- +goose Up

-- A plan; `doc` is its facts as JSON (package plan, type Plan, without tasks), the other columns are what queries ask for.
CREATE TABLE plan (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  signed text COLLATE "C" NOT NULL DEFAULT '',
  from_day text COLLATE "C" NOT NULL DEFAULT '',
  to_day text COLLATE "C" NOT NULL DEFAULT '',
  parent_id text COLLATE "C" NOT NULL DEFAULT '',
  progress_public bigint NOT NULL DEFAULT 0,
  doc text COLLATE "C" NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  created bigint NOT NULL
);
CREATE INDEX plan_unit ON plan (unit_id, from_day);
CREATE INDEX plan_parent ON plan (parent_id, unit_id);

-- A task of a plan; `doc` is type Task as JSON.
CREATE TABLE plan_task (
  plan_id text COLLATE "C" NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
  id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  doc text COLLATE "C" NOT NULL,
  PRIMARY KEY (plan_id, id)
);

-- Which unit holds a role in a province, from day to day.
CREATE TABLE plan_role (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  province_id text COLLATE "C" NOT NULL,
  role text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  from_day text COLLATE "C" NOT NULL DEFAULT '',
  to_day text COLLATE "C" NOT NULL DEFAULT '',
  source text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1
);
CREATE INDEX plan_role_province ON plan_role (province_id, role);

-- Members of a steering committee with what is in their charge (lists as JSON).
CREATE TABLE plan_member (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  position text COLLATE "C" NOT NULL DEFAULT '',
  account text COLLATE "C" NOT NULL DEFAULT '',
  from_day text COLLATE "C" NOT NULL DEFAULT '',
  to_day text COLLATE "C" NOT NULL DEFAULT '',
  charge_units text COLLATE "C" NOT NULL DEFAULT '[]',
  charge_groups text COLLATE "C" NOT NULL DEFAULT '[]',
  version bigint NOT NULL DEFAULT 1
);
CREATE INDEX plan_member_unit ON plan_member (unit_id);

-- What an issued plan said before and says since.
CREATE TABLE plan_amendment (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  plan_id text COLLATE "C" NOT NULL REFERENCES plan (id),
  number text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  doc text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  actor_name text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX plan_amendment_plan ON plan_amendment (plan_id, at);

-- One task of one plan at one unit.
CREATE TABLE assignment (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  plan_id text COLLATE "C" NOT NULL REFERENCES plan (id),
  task_id text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  request bigint NOT NULL DEFAULT 0,
  given text COLLATE "C" NOT NULL,
  received text COLLATE "C" NOT NULL DEFAULT '',
  received_by text COLLATE "C" NOT NULL DEFAULT '',
  person text COLLATE "C" NOT NULL DEFAULT '',
  account text COLLATE "C" NOT NULL DEFAULT '',
  na text COLLATE "C" NOT NULL DEFAULT '',
  na_rule text COLLATE "C" NOT NULL DEFAULT '',
  na_reason text COLLATE "C" NOT NULL DEFAULT '',
  last_record text COLLATE "C" NOT NULL DEFAULT '',
  dropped text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1,
  UNIQUE (plan_id, task_id, unit_id)
);
CREATE INDEX assignment_unit ON assignment (unit_id, plan_id);
CREATE INDEX assignment_account ON assignment (account) WHERE account <> '';

-- One time that an assignment falls due, or one event of it.
CREATE TABLE occurrence (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  assignment_id text COLLATE "C" NOT NULL REFERENCES assignment (id),
  plan_id text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  event text COLLATE "C" NOT NULL DEFAULT '',
  due text COLLATE "C" NOT NULL DEFAULT '',
  limit_day text COLLATE "C" NOT NULL DEFAULT '',
  begun bigint NOT NULL DEFAULT 0,
  done text COLLATE "C" NOT NULL DEFAULT '',
  entered text COLLATE "C" NOT NULL DEFAULT '',
  kept bigint NOT NULL DEFAULT 0,
  returned bigint NOT NULL DEFAULT 0,
  answer_by text COLLATE "C" NOT NULL DEFAULT '',
  signer text COLLATE "C" NOT NULL DEFAULT '',
  sign_as text COLLATE "C" NOT NULL DEFAULT '',
  sign_number text COLLATE "C" NOT NULL DEFAULT '',
  confirmed_by text COLLATE "C" NOT NULL DEFAULT '',
  version bigint NOT NULL DEFAULT 1,
  UNIQUE (assignment_id, seq)
);
CREATE INDEX occurrence_unit ON occurrence (unit_id, plan_id);
CREATE INDEX occurrence_plan ON occurrence (plan_id);
CREATE INDEX occurrence_open ON occurrence (due) WHERE done = '' AND due <> '';

-- What shows that an assignment was done: a paper, a record of another room, a note. `items` are the ticked lines of the task's list (JSON), `gaps` the
-- reasons for lines that are missing (JSON).
CREATE TABLE evidence (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  assignment_id text COLLATE "C" NOT NULL REFERENCES assignment (id),
  occurrence_id text COLLATE "C" NOT NULL DEFAULT '',
  plan_id text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  room text COLLATE "C" NOT NULL DEFAULT '',
  record_kind text COLLATE "C" NOT NULL DEFAULT '',
  record_id text COLLATE "C" NOT NULL DEFAULT '',
  number text COLLATE "C" NOT NULL DEFAULT '',
  day text COLLATE "C" NOT NULL,
  signer text COLLATE "C" NOT NULL DEFAULT '',
  file_id text COLLATE "C" NOT NULL DEFAULT '',
  note text COLLATE "C" NOT NULL DEFAULT '',
  source text COLLATE "C" NOT NULL DEFAULT '',
  title text COLLATE "C" NOT NULL DEFAULT '',
  link text COLLATE "C" NOT NULL DEFAULT '',
  items text COLLATE "C" NOT NULL DEFAULT '[]',
  gaps text COLLATE "C" NOT NULL DEFAULT '{}',
  counts bigint NOT NULL DEFAULT 1,
  entered text COLLATE "C" NOT NULL,
  actor text COLLATE "C" NOT NULL,
  actor_name text COLLATE "C" NOT NULL,
  withdrawn text COLLATE "C" NOT NULL DEFAULT '',
  withdrawn_reason text COLLATE "C" NOT NULL DEFAULT '',
  withdrawn_by text COLLATE "C" NOT NULL DEFAULT '',
  sample bigint NOT NULL DEFAULT 0,
  version bigint NOT NULL DEFAULT 1
);
CREATE INDEX evidence_assignment ON evidence (assignment_id);
CREATE INDEX evidence_unit ON evidence (unit_id, day);
CREATE UNIQUE INDEX evidence_record ON evidence (assignment_id, room, record_kind, record_id) WHERE record_id <> '';
CREATE INDEX evidence_of_record ON evidence (room, record_kind, record_id) WHERE record_id <> '';

-- The steps that an assignment went through, in words that are shown: received, named, returned, answered, extended, …
CREATE TABLE plan_step (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  assignment_id text COLLATE "C" NOT NULL REFERENCES assignment (id),
  occurrence_id text COLLATE "C" NOT NULL DEFAULT '',
  unit_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL DEFAULT '',
  before_day text COLLATE "C" NOT NULL DEFAULT '',
  after_day text COLLATE "C" NOT NULL DEFAULT '',
  actor text COLLATE "C" NOT NULL,
  actor_name text COLLATE "C" NOT NULL,
  actor_unit text COLLATE "C" NOT NULL DEFAULT '',
  at bigint NOT NULL
);
CREATE INDEX plan_step_assignment ON plan_step (assignment_id);

-- A unit's own plan gives an assignment of the superior's plan a day and a person of its own.
CREATE TABLE plan_link (
  plan_id text COLLATE "C" NOT NULL REFERENCES plan (id),
  task_id text COLLATE "C" NOT NULL,
  assignment_id text COLLATE "C" NOT NULL REFERENCES assignment (id),
  unit_id text COLLATE "C" NOT NULL,
  due text COLLATE "C" NOT NULL DEFAULT '',
  PRIMARY KEY (plan_id, task_id, assignment_id)
);
CREATE INDEX plan_link_assignment ON plan_link (assignment_id);
CREATE INDEX plan_link_unit ON plan_link (unit_id);

-- Pressing (đôn đốc): a reminder to the units of a filter, a letter with its signed number, a guiding letter, a request to bodies that are only asked.
CREATE TABLE nudge (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  plan_id text COLLATE "C" NOT NULL REFERENCES plan (id),
  unit_id text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  filter text COLLATE "C" NOT NULL DEFAULT '{}',
  units bigint NOT NULL,
  tasks bigint NOT NULL,
  round bigint NOT NULL DEFAULT 0,
  number text COLLATE "C" NOT NULL DEFAULT '',
  signed text COLLATE "C" NOT NULL DEFAULT '',
  signer text COLLATE "C" NOT NULL DEFAULT '',
  note text COLLATE "C" NOT NULL DEFAULT '',
  evidence_id text COLLATE "C" NOT NULL DEFAULT '',
  actor text COLLATE "C" NOT NULL,
  actor_name text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX nudge_plan ON nudge (plan_id, at);

CREATE TABLE nudge_unit (
  nudge_id text COLLATE "C" NOT NULL REFERENCES nudge (id),
  unit_id text COLLATE "C" NOT NULL,
  tasks text COLLATE "C" NOT NULL,
  round bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (nudge_id, unit_id)
);
CREATE INDEX nudge_unit_unit ON nudge_unit (unit_id);

-- Reminders that were sent, so that none is sent twice. `subject` is an occurrence, or a unit with a week for the digest.
CREATE TABLE plan_reminder (
  subject text COLLATE "C" NOT NULL,
  step text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  PRIMARY KEY (subject, step)
);
CREATE INDEX plan_reminder_day ON plan_reminder (day);

-- What changed lately, so that boards in memory read only that. An empty assignment_id is the whole plan, an empty plan_id the roles and members.
CREATE TABLE plan_touch (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  plan_id text COLLATE "C" NOT NULL,
  assignment_id text COLLATE "C" NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX plan_touch_at ON plan_touch (at);

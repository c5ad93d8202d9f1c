-- +goose Up

-- A plan; `doc` is its facts as JSON (package plan, type Plan, without tasks), the other columns are what queries ask for.
CREATE TABLE plan (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  status TEXT NOT NULL,
  signed TEXT NOT NULL DEFAULT '',
  from_day TEXT NOT NULL DEFAULT '',
  to_day TEXT NOT NULL DEFAULT '',
  parent_id TEXT NOT NULL DEFAULT '',
  progress_public INTEGER NOT NULL DEFAULT 0,
  doc TEXT NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_unit ON plan (unit_id, from_day);
CREATE INDEX plan_parent ON plan (parent_id, unit_id);

-- A task of a plan; `doc` is type Task as JSON.
CREATE TABLE plan_task (
  plan_id TEXT NOT NULL REFERENCES plan (id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY (plan_id, id)
) STRICT;

-- Which unit holds a role in a province, from day to day.
CREATE TABLE plan_role (
  id TEXT NOT NULL PRIMARY KEY,
  province_id TEXT NOT NULL,
  role TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  from_day TEXT NOT NULL DEFAULT '',
  to_day TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX plan_role_province ON plan_role (province_id, role);

-- Members of a steering committee with what is in their charge (lists as JSON).
CREATE TABLE plan_member (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  name TEXT NOT NULL,
  position TEXT NOT NULL DEFAULT '',
  account TEXT NOT NULL DEFAULT '',
  from_day TEXT NOT NULL DEFAULT '',
  to_day TEXT NOT NULL DEFAULT '',
  charge_units TEXT NOT NULL DEFAULT '[]',
  charge_groups TEXT NOT NULL DEFAULT '[]',
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX plan_member_unit ON plan_member (unit_id);

-- What an issued plan said before and says since.
CREATE TABLE plan_amendment (
  id TEXT NOT NULL PRIMARY KEY,
  plan_id TEXT NOT NULL REFERENCES plan (id),
  number TEXT NOT NULL,
  day TEXT NOT NULL,
  reason TEXT NOT NULL,
  doc TEXT NOT NULL,
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_amendment_plan ON plan_amendment (plan_id, at);

-- One task of one plan at one unit.
CREATE TABLE assignment (
  id TEXT NOT NULL PRIMARY KEY,
  plan_id TEXT NOT NULL REFERENCES plan (id),
  task_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  request INTEGER NOT NULL DEFAULT 0,
  given TEXT NOT NULL,
  received TEXT NOT NULL DEFAULT '',
  received_by TEXT NOT NULL DEFAULT '',
  person TEXT NOT NULL DEFAULT '',
  account TEXT NOT NULL DEFAULT '',
  na TEXT NOT NULL DEFAULT '',
  na_rule TEXT NOT NULL DEFAULT '',
  na_reason TEXT NOT NULL DEFAULT '',
  last_record TEXT NOT NULL DEFAULT '',
  dropped TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1,
  UNIQUE (plan_id, task_id, unit_id)
) STRICT;
CREATE INDEX assignment_unit ON assignment (unit_id, plan_id);
CREATE INDEX assignment_account ON assignment (account) WHERE account <> '';

-- One time that an assignment falls due, or one event of it.
CREATE TABLE occurrence (
  id TEXT NOT NULL PRIMARY KEY,
  assignment_id TEXT NOT NULL REFERENCES assignment (id),
  plan_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  seq INTEGER NOT NULL,
  event TEXT NOT NULL DEFAULT '',
  due TEXT NOT NULL DEFAULT '',
  limit_day TEXT NOT NULL DEFAULT '',
  begun INTEGER NOT NULL DEFAULT 0,
  done TEXT NOT NULL DEFAULT '',
  entered TEXT NOT NULL DEFAULT '',
  kept INTEGER NOT NULL DEFAULT 0,
  returned INTEGER NOT NULL DEFAULT 0,
  answer_by TEXT NOT NULL DEFAULT '',
  signer TEXT NOT NULL DEFAULT '',
  sign_as TEXT NOT NULL DEFAULT '',
  sign_number TEXT NOT NULL DEFAULT '',
  confirmed_by TEXT NOT NULL DEFAULT '',
  version INTEGER NOT NULL DEFAULT 1,
  UNIQUE (assignment_id, seq)
) STRICT;
CREATE INDEX occurrence_unit ON occurrence (unit_id, plan_id);
CREATE INDEX occurrence_plan ON occurrence (plan_id);
CREATE INDEX occurrence_open ON occurrence (due) WHERE done = '' AND due <> '';

-- What shows that an assignment was done: a paper, a record of another room, a note. `items` are the ticked lines of the task's list (JSON), `gaps` the
-- reasons for lines that are missing (JSON).
CREATE TABLE evidence (
  id TEXT NOT NULL PRIMARY KEY,
  assignment_id TEXT NOT NULL REFERENCES assignment (id),
  occurrence_id TEXT NOT NULL DEFAULT '',
  plan_id TEXT NOT NULL,
  unit_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  room TEXT NOT NULL DEFAULT '',
  record_kind TEXT NOT NULL DEFAULT '',
  record_id TEXT NOT NULL DEFAULT '',
  number TEXT NOT NULL DEFAULT '',
  day TEXT NOT NULL,
  signer TEXT NOT NULL DEFAULT '',
  file_id TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  source TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL DEFAULT '',
  link TEXT NOT NULL DEFAULT '',
  items TEXT NOT NULL DEFAULT '[]',
  gaps TEXT NOT NULL DEFAULT '{}',
  counts INTEGER NOT NULL DEFAULT 1,
  entered TEXT NOT NULL,
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  withdrawn TEXT NOT NULL DEFAULT '',
  withdrawn_reason TEXT NOT NULL DEFAULT '',
  withdrawn_by TEXT NOT NULL DEFAULT '',
  sample INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 1
) STRICT;
CREATE INDEX evidence_assignment ON evidence (assignment_id);
CREATE INDEX evidence_unit ON evidence (unit_id, day);
CREATE UNIQUE INDEX evidence_record ON evidence (assignment_id, room, record_kind, record_id) WHERE record_id <> '';
CREATE INDEX evidence_of_record ON evidence (room, record_kind, record_id) WHERE record_id <> '';

-- The steps that an assignment went through, in words that are shown: received, named, returned, answered, extended, …
CREATE TABLE plan_step (
  id TEXT NOT NULL PRIMARY KEY,
  assignment_id TEXT NOT NULL REFERENCES assignment (id),
  occurrence_id TEXT NOT NULL DEFAULT '',
  unit_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  day TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  before_day TEXT NOT NULL DEFAULT '',
  after_day TEXT NOT NULL DEFAULT '',
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  actor_unit TEXT NOT NULL DEFAULT '',
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_step_assignment ON plan_step (assignment_id);

-- A unit's own plan gives an assignment of the superior's plan a day and a person of its own.
CREATE TABLE plan_link (
  plan_id TEXT NOT NULL REFERENCES plan (id),
  task_id TEXT NOT NULL,
  assignment_id TEXT NOT NULL REFERENCES assignment (id),
  unit_id TEXT NOT NULL,
  due TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (plan_id, task_id, assignment_id)
) STRICT;
CREATE INDEX plan_link_assignment ON plan_link (assignment_id);
CREATE INDEX plan_link_unit ON plan_link (unit_id);

-- Pressing (đôn đốc): a reminder to the units of a filter, a letter with its signed number, a guiding letter, a request to bodies that are only asked.
CREATE TABLE nudge (
  id TEXT NOT NULL PRIMARY KEY,
  plan_id TEXT NOT NULL REFERENCES plan (id),
  unit_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  day TEXT NOT NULL,
  filter TEXT NOT NULL DEFAULT '{}',
  units INTEGER NOT NULL,
  tasks INTEGER NOT NULL,
  round INTEGER NOT NULL DEFAULT 0,
  number TEXT NOT NULL DEFAULT '',
  signed TEXT NOT NULL DEFAULT '',
  signer TEXT NOT NULL DEFAULT '',
  note TEXT NOT NULL DEFAULT '',
  evidence_id TEXT NOT NULL DEFAULT '',
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX nudge_plan ON nudge (plan_id, at);

CREATE TABLE nudge_unit (
  nudge_id TEXT NOT NULL REFERENCES nudge (id),
  unit_id TEXT NOT NULL,
  tasks TEXT NOT NULL,
  round INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (nudge_id, unit_id)
) STRICT;
CREATE INDEX nudge_unit_unit ON nudge_unit (unit_id);

-- Reminders that were sent, so that none is sent twice. `subject` is an occurrence, or a unit with a week for the digest.
CREATE TABLE plan_reminder (
  subject TEXT NOT NULL,
  step TEXT NOT NULL,
  day TEXT NOT NULL,
  PRIMARY KEY (subject, step)
) STRICT;
CREATE INDEX plan_reminder_day ON plan_reminder (day);

-- What changed lately, so that boards in memory read only that. An empty assignment_id is the whole plan, an empty plan_id the roles and members.
CREATE TABLE plan_touch (
  id TEXT NOT NULL PRIMARY KEY,
  plan_id TEXT NOT NULL,
  assignment_id TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX plan_touch_at ON plan_touch (at);

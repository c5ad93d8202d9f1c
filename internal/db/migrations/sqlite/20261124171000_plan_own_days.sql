-- +goose Up

-- Where the superior's task has several days, a unit's own plan has one for each: a list in JSON, in order; `due` is the first of them.
ALTER TABLE plan_link ADD COLUMN days TEXT NOT NULL DEFAULT '';

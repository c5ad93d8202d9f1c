-- +goose Up

-- The posts of a unit that has ended moved to a unit that came after it, in one step: the record that is printed. `posts` is a list in JSON.
CREATE TABLE post_move (
  id TEXT NOT NULL PRIMARY KEY,
  unit_id TEXT NOT NULL,
  to_unit_id TEXT NOT NULL,
  day TEXT NOT NULL,
  basis TEXT NOT NULL,
  note TEXT NOT NULL,
  posts TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
CREATE INDEX post_move_unit ON post_move (unit_id, created);

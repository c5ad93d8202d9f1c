-- +goose Up

-- The posts of a unit that has ended moved to a unit that came after it, in one step: the record that is printed. `posts` is a list in JSON.
CREATE TABLE post_move (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  unit_id text COLLATE "C" NOT NULL,
  to_unit_id text COLLATE "C" NOT NULL,
  day text COLLATE "C" NOT NULL,
  basis text COLLATE "C" NOT NULL,
  note text COLLATE "C" NOT NULL,
  posts text COLLATE "C" NOT NULL,
  created_by text COLLATE "C" NOT NULL,
  created bigint NOT NULL
);
CREATE INDEX post_move_unit ON post_move (unit_id, created);

-- +goose Up

-- What can be found. The id begins with the day, so that the newest comes first without sorting.
CREATE TABLE search_doc (
  id bigint NOT NULL PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  doc_id text COLLATE "C" NOT NULL,
  unit_id text COLLATE "C" NOT NULL DEFAULT '',
  audience text COLLATE "C" NOT NULL,
  posts text COLLATE "C" NOT NULL DEFAULT '',
  title text NOT NULL,
  title_en text NOT NULL DEFAULT '',
  body text NOT NULL DEFAULT '',
  path text NOT NULL,
  day text COLLATE "C" NOT NULL DEFAULT '',
  words tsvector NOT NULL,
  UNIQUE (kind, doc_id)
);
CREATE INDEX search_doc_unit ON search_doc (unit_id);
CREATE INDEX search_doc_words ON search_doc USING gin (words);

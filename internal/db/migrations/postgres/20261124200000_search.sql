-- +goose Up

-- The search of before: its rows wait here until the program has put them again, with new numbers and new words.
DROP INDEX search_doc_unit;
DROP INDEX search_doc_words;
ALTER TABLE search_doc DROP COLUMN words;
ALTER TABLE search_doc RENAME TO search_old;
ALTER INDEX search_doc_pkey RENAME TO search_old_pkey;
ALTER INDEX search_doc_kind_doc_id_key RENAME TO search_old_kind_doc_id_key;

-- The numbers of the kinds, which are part of a document's number.
CREATE TABLE search_kind (
  kind text COLLATE "C" NOT NULL PRIMARY KEY,
  code bigint NOT NULL UNIQUE
);

-- What can be found. The number is made of audience, kind, day and a number of the day.
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
  words tsvector NOT NULL DEFAULT '',
  UNIQUE (kind, doc_id)
);
CREATE INDEX search_doc_day ON search_doc (day);
CREATE INDEX search_doc_words ON search_doc USING gin (words) WITH (gin_pending_list_limit = 256);

-- What of a long text is not shown, but found; read only when the words are made again.
CREATE TABLE search_rest (
  kind text COLLATE "C" NOT NULL,
  doc_id text COLLATE "C" NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (kind, doc_id)
);

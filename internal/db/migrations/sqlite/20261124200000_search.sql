-- +goose Up

-- The search of before: its rows wait here until the program has put them again, with new numbers and new words.
DROP INDEX search_doc_unit;
DROP TABLE search_words;
ALTER TABLE search_doc RENAME TO search_old;

-- The numbers of the kinds, which are part of a document's number.
CREATE TABLE search_kind (
  kind TEXT NOT NULL PRIMARY KEY,
  code INTEGER NOT NULL UNIQUE
) STRICT;

-- What can be found. The number is made of audience, kind, day and a number of the day: what one reader looks for is a few ranges, newest last.
CREATE TABLE search_doc (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  doc_id TEXT NOT NULL,
  unit_id TEXT NOT NULL DEFAULT '',
  audience TEXT NOT NULL,
  posts TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL,
  title_en TEXT NOT NULL DEFAULT '',
  body TEXT NOT NULL DEFAULT '',
  path TEXT NOT NULL,
  day TEXT NOT NULL DEFAULT '',
  UNIQUE (kind, doc_id)
) STRICT;

-- What of a long text is not shown, but found; read only when the words are made again.
CREATE TABLE search_rest (
  kind TEXT NOT NULL,
  doc_id TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, doc_id)
) STRICT;

-- The folded words of title and text, each once, and marks that begin with ~. PostgreSQL has them in search_doc.words.
CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '~-_'");

-- +goose Up

-- What can be found. The id begins with the day, so that the newest comes first without sorting.
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
CREATE INDEX search_doc_unit ON search_doc (unit_id);

-- The folded words of title and body. PostgreSQL has them in search_doc.words.
CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1, detail=none, prefix='2 3', tokenize="unicode61 remove_diacritics 0");

"""The statements of the migration about gatherings; never edited once released."""

from __future__ import annotations

RECORDS_34 = """
CREATE TABLE gatherings (            -- what is planned, and what became of it; nobody who is invited stands in it
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    begins REAL NOT NULL,
    changed_at REAL NOT NULL,
    json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX gatherings_by_begin ON gatherings (begins);
CREATE TABLE invitations (           -- one of each gathering and customer
    id TEXT PRIMARY KEY,
    gathering TEXT NOT NULL,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX invitations_once ON invitations (gathering, customer);
CREATE INDEX invitations_by_customer ON invitations (customer);
CREATE TABLE memberships (           -- proofs of ownership: that a document was seen, by whom and when
    id TEXT PRIMARY KEY,             -- of the customer and the brand
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_by_customer ON memberships (customer);
"""
RECORDS_35 = """
CREATE TABLE introductions (         -- two who are asked; of who is erased an id is left
    id TEXT PRIMARY KEY,
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    opened_at REAL NOT NULL,
    made_at REAL,
    stopped_at REAL,
    json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX introductions_by_one ON introductions (one);
CREATE INDEX introductions_by_other ON introductions (other);
CREATE TABLE introduction_answers (  -- what each said, sealed with their own key
    id TEXT PRIMARY KEY,             -- of the introduction and the customer
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    introduction TEXT NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX introduction_answers_by_customer ON introduction_answers (customer);
CREATE INDEX introduction_answers_by_introduction ON introduction_answers (introduction);
"""

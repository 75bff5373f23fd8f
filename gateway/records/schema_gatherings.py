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
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    brand TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (customer, brand)
) STRICT, WITHOUT ROWID;
"""

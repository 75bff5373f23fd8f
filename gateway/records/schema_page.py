"""The statements of migration 11: customers' own pages, and who came in a file; never edited once released."""

from __future__ import annotations

RECORDS_11 = """
CREATE TABLE pages (                 -- what opens a customer's own page: the secret as a keyed hash, never itself
    id TEXT PRIMARY KEY,             -- the customer's
    customer TEXT NOT NULL UNIQUE REFERENCES customers (id) ON DELETE CASCADE,
    hash BLOB UNIQUE,                -- none while no link opens it
    made_at REAL,
    tries INTEGER NOT NULL,          -- wrong digits in a row
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE brought (               -- what came with a customer from another house, and has no row of its own here
    id TEXT PRIMARY KEY,             -- of the event, and the kind
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,              -- journal: what happened there; proof: receipts and what was agreed to
    at REAL NOT NULL,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX brought_by_customer ON brought (customer);
"""

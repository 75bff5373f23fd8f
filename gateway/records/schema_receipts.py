"""The statements of the migrations that brought receipts and the house's own keys; never edited once released."""

from __future__ import annotations

RECORDS_10 = """
CREATE TABLE receipts (              -- what a customer took away, whole and as it was signed
    id TEXT PRIMARY KEY,             -- as it stands on it: R-…
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX receipts_by_customer ON receipts (customer, at);
"""

KEYS_10 = """
CREATE TABLE secrets (               -- of the house, wrapped by the master key; one that is not here follows from it
    name TEXT NOT NULL, generation INTEGER NOT NULL, wrapped BLOB NOT NULL,
    PRIMARY KEY (name, generation)
) STRICT, WITHOUT ROWID;
CREATE TABLE receipt_keys (          -- public halves stay for ever: receipts of their days are checked by them
    number INTEGER PRIMARY KEY,
    kid TEXT NOT NULL UNIQUE, use TEXT NOT NULL CHECK (use IN ('operator', 'receipts')),
    begins TEXT NOT NULL, ends TEXT, -- days; of the operator's key it ends with the next one
    certified TEXT NOT NULL,         -- the certificate of a house's key, and by whom an operator's was, as JSON
    stolen TEXT,                     -- since when it is in other hands, and where the journal stood, as JSON
    wrapped BLOB                     -- the private half; NULL once another took its place
) STRICT;
CREATE TABLE rotation (              -- the one that is not finished
    id INTEGER PRIMARY KEY CHECK (id = 1),
    what TEXT NOT NULL, facts TEXT NOT NULL,
    next BLOB, previous BLOB         -- of the master key: each wrapped by the other
) STRICT;
CREATE TABLE rotated (what TEXT PRIMARY KEY, at REAL NOT NULL) STRICT, WITHOUT ROWID;
"""

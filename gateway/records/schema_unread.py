"""The statements of the migration about names in repeats and of the erased; never edited once released."""

from __future__ import annotations

RECORDS_24 = """
-- What a client calls its write may hold a name: a keyed hash stands for it. Those from before are carried over.
ALTER TABLE idempotency ADD COLUMN hashed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX idempotency_plain ON idempotency (at) WHERE hashed = 0;
CREATE TABLE left_names (            -- what others called somebody who was erased, for those who are still to be told
    id TEXT PRIMARY KEY,             -- of the customer, which means nothing
    erasure TEXT NOT NULL,           -- the receipt that says who has been told
    at REAL NOT NULL,
    sealed BLOB NOT NULL             -- with a key of its own
) STRICT, WITHOUT ROWID;
"""

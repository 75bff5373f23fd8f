"""The statements of the migration about what is let go of events and visits; never edited once released."""

from __future__ import annotations

RECORDS_20 = """
ALTER TABLE visits ADD COLUMN zones INTEGER;     -- in how many it was, once where it was is let go
CREATE TABLE journal_let_go (        -- up to which row the bodies of the events of a kind are gone; see bodies.py
    kind TEXT PRIMARY KEY,
    number INTEGER NOT NULL,
    sequence INTEGER NOT NULL,       -- the highest of an event until there
    proof BLOB NOT NULL
) STRICT, WITHOUT ROWID;
"""

"""The statements of the migration about what passed between this venue and its hub; never edited once released."""

from __future__ import annotations

RECORDS_25 = """
CREATE TABLE hub_state (             -- of which hub and life the rest is, and how far escrow is
    name TEXT PRIMARY KEY, value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE hub_feeds (             -- how far each feed was read; written with what follows from it
    feed TEXT PRIMARY KEY, number INTEGER NOT NULL, hash BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE hub_epochs (            -- how far the hub had each epoch of ours at least
    epoch INTEGER PRIMARY KEY, position INTEGER NOT NULL,
    done INTEGER NOT NULL            -- 1: nothing of it is to be sent any more
) STRICT;
CREATE TABLE hub_shared (            -- of whom the hub was ever sent open rows
    customer TEXT PRIMARY KEY,
    open INTEGER NOT NULL,           -- 1: it has their keys; 0: what it had was taken back
    keys TEXT NOT NULL               -- ids of the keys it has, as JSON
) STRICT, WITHOUT ROWID;
"""

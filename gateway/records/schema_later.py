"""The statements of the later migrations of ``schema.py``; never edited once released."""

from __future__ import annotations

# What was said for one visit alone is sealed with a key of that visit, which is destroyed with it.
RECORDS_5 = """
ALTER TABLE preferences ADD COLUMN holder TEXT;
CREATE INDEX preferences_by_holder ON preferences (holder) WHERE holder IS NOT NULL;
"""

RECORDS_6 = """
CREATE TABLE seats (                 -- of each visit in which the guest had a place; which one stands sealed
    id TEXT PRIMARY KEY REFERENCES visits (id) ON DELETE CASCADE,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX seats_by_customer ON seats (customer, at);
CREATE TABLE expected (
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    begins REAL NOT NULL, ends REAL NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX expected_by_end ON expected (ends);
CREATE INDEX expected_by_customer ON expected (customer);
CREATE TABLE menus (
    menu TEXT PRIMARY KEY, changed_at REAL NOT NULL, json TEXT NOT NULL,
    counted INTEGER NOT NULL         -- the event by which the count of what was ordered changed last
) STRICT, WITHOUT ROWID;
CREATE TABLE rounds (                -- places, visits and dishes of seats; nothing of whom they are
    id TEXT PRIMARY KEY, is_open INTEGER NOT NULL, started_at REAL NOT NULL, ended_at REAL, json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX rounds_open ON rounds (started_at) WHERE is_open = 1;
CREATE TABLE orders (                -- the asks that are orders of a round, and the event that brought each
    id TEXT PRIMARY KEY REFERENCES asks (id) ON DELETE CASCADE,
    round TEXT NOT NULL, count INTEGER NOT NULL, sequence INTEGER NOT NULL, received REAL NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_by_round ON orders (round);
"""

RECORDS_7 = """
CREATE TABLE merges (                -- two records that are of one person; each keeps its own rows and keys
    id TEXT PRIMARY KEY,             -- of the event
    kept TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    other TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    undone_at REAL,
    said TEXT NOT NULL               -- names of facts that were said of the one who is kept since, as JSON
) STRICT;
CREATE UNIQUE INDEX merges_live ON merges (other) WHERE undone_at IS NULL;
CREATE INDEX merges_by_kept ON merges (kept);
CREATE TABLE told_apart (            -- two who look like one and are not
    one TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    other TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    PRIMARY KEY (one, other)
) STRICT, WITHOUT ROWID;
CREATE TABLE mistakes (              -- "wrong person!": whose things are in doubt until somebody settles it
    id TEXT PRIMARY KEY,             -- of the event
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    closed_at REAL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX mistakes_open ON mistakes (at) WHERE closed_at IS NULL;
"""

# What a program may do (a JSON list; NULL: as its role), until when (NULL: from before there was an end), its last use.
RECORDS_12 = """
ALTER TABLE tokens ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN scopes TEXT;
ALTER TABLE tokens ADD COLUMN until REAL;
ALTER TABLE tokens ADD COLUMN used_at REAL;
ALTER TABLE tokens ADD COLUMN used_from TEXT;
"""

# What a disk or a person has changed: the value as it was found, until it is made anew or somebody looks at it.
RECORDS_8 = """
CREATE TABLE quarantine (
    place TEXT NOT NULL,             -- where it stands, as it was sealed for
    holder TEXT NOT NULL,            -- whose key would open it
    found_at REAL NOT NULL,
    value BLOB NOT NULL,
    PRIMARY KEY (place, holder)
) STRICT, WITHOUT ROWID;
"""

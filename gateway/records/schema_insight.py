"""The statements of the migration about value, cost and what customers say; never edited once released."""

from __future__ import annotations

RECORDS_30 = """
CREATE TABLE entries (               -- one line of money each
    id TEXT PRIMARY KEY,
    customer TEXT REFERENCES customers (id) ON DELETE CASCADE,   -- NULL: a gathering's
    holder TEXT NOT NULL,            -- whose key opens `sealed`
    day TEXT NOT NULL,               -- of the venue's calendar
    mark BLOB UNIQUE,                -- of its source and reference there: both together are one entry for ever
    touch TEXT,                      -- the visit, promise, alert or complaint that it belongs to
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX entries_by_customer ON entries (customer);
CREATE INDEX entries_by_touch ON entries (touch) WHERE touch IS NOT NULL;
CREATE TABLE statements (            -- what is told of a customer's days, plans and opinions
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    mark BLOB UNIQUE,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX statements_by_customer ON statements (customer, kind);
CREATE TABLE ties (                  -- two who both agreed
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    other TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    day TEXT NOT NULL,
    ended TEXT,
    mark BLOB UNIQUE
) STRICT;
CREATE INDEX ties_by_customer ON ties (customer);
CREATE INDEX ties_by_other ON ties (other);
"""

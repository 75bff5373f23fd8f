"""The statements of the migration about what other venues lend; never edited once released."""

from __future__ import annotations

# What few rows say is found without reading all: who is one person with whom, and who is announced.
RECORDS_28 = """
CREATE INDEX lent_rows_merging ON lent_rows (customer)
    WHERE json_extract(head, '$[5]') IN ('customer.merged', 'customer.unmerged');
CREATE INDEX lent_rows_coming ON lent_rows (customer)
    WHERE json_extract(head, '$[5]') IN ('expected.recorded', 'expected.cancelled');
"""
RECORDS_29 = """
ALTER TABLE lent_rows ADD COLUMN hash BLOB;  -- of this venue's own that came back: the hub is told them openly by it
"""
RECORDS_26 = """
CREATE TABLE lent (                  -- whom another venue has lent
    customer TEXT PRIMARY KEY,       -- as the house calls them: c-1@flagship
    venue TEXT NOT NULL,             -- whose customer it is
    since REAL NOT NULL,
    after INTEGER NOT NULL,          -- the newest event by then: what this venue wrote of a day before is dark again
    shown INTEGER NOT NULL,          -- whether they may be known here by all that is heard
    named INTEGER NOT NULL           -- by the snapshot that is being read
) STRICT, WITHOUT ROWID;
CREATE TABLE lent_rows (             -- rows of other venues, sealed as they were written; of our own customers, too
    customer TEXT NOT NULL,          -- as this venue calls them
    origin TEXT NOT NULL, epoch TEXT NOT NULL, position INTEGER NOT NULL,
    hlc INTEGER NOT NULL,            -- the effective clock
    head TEXT NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (customer, origin, epoch, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE elsewhere (             -- which facts and debts were recorded in another venue
    id TEXT PRIMARY KEY, customer TEXT NOT NULL, venue TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX elsewhere_by_customer ON elsewhere (customer);
CREATE TABLE clashes (               -- what a lent customer carries and another customer, too: it is of neither
    customer TEXT NOT NULL, credential TEXT NOT NULL, fingerprint BLOB NOT NULL,
    PRIMARY KEY (customer, credential)
) STRICT, WITHOUT ROWID;
CREATE TABLE lent_ended (            -- whose keys go, or went: made good at the next start, and told
    customer TEXT PRIMARY KEY,
    because TEXT NOT NULL, venue TEXT NOT NULL, at REAL NOT NULL,
    keys TEXT NOT NULL,              -- ids of the destroyed keys, as JSON
    settled INTEGER NOT NULL, told INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

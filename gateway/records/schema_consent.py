"""The statements of the ledger of consent, and of the texts that people read; never edited once released."""

from __future__ import annotations

from gateway.records.migrations import Database

BEFORE_9 = ("consents_before_9", "revocations_before_9")

# What stood in tables of the other shape is carried over by consents.py, at once after this.
RECORDS_9 = """
DROP INDEX consents_live;
DROP INDEX consents_by_customer;
DROP INDEX revocations_by_customer;
ALTER TABLE consents RENAME TO consents_before_9;
ALTER TABLE revocations RENAME TO revocations_before_9;
CREATE TABLE consents (              -- the ledger: one row for each act, and none is ever another one later
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    brand TEXT NOT NULL,             -- empty: of no brand in particular
    partner TEXT NOT NULL,           -- empty: of none, and of a stop: of all
    act TEXT NOT NULL,
    at REAL NOT NULL,
    expires REAL,                    -- when the last day of a consent is over
    lifts TEXT NOT NULL,             -- ids of the stops that it names, as JSON
    notice TEXT,                     -- which text was read: id and version
    old INTEGER NOT NULL,            -- of before acts were told apart
    stopped_at REAL,                 -- these two follow from the other rows of the customer and purpose
    until REAL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX consents_by_customer ON consents (customer, purpose);
CREATE INDEX consents_unstopped ON consents (customer) WHERE stopped_at IS NULL AND act IN ('given', 'renewed');
CREATE TABLE signatures (            -- what was written by hand on the glass
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    at REAL NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX signatures_by_customer ON signatures (customer, at);
CREATE TABLE notices (               -- the texts that people read, in versions that are never edited
    id TEXT NOT NULL, version INTEGER NOT NULL,
    published_at REAL NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;
"""


def drop_empty(db: Database) -> None:
    """Drops the tables of the other shape where nothing stands in them; the others once that is carried over."""
    for table in reversed(BEFORE_9):
        if db.conn.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None:  # noqa: S608 - ours
            db.conn.execute(f"DROP TABLE {table}")

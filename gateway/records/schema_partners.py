"""The statements of the migration about what partners were sent; never edited once released."""

from __future__ import annotations

RECORDS_23 = """
CREATE TABLE sharings (              -- what a partner may have of a customer, and what it has acknowledged
    partner TEXT NOT NULL,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    has TEXT NOT NULL,               -- ids of the facts that it may have, as JSON
    acknowledged TEXT NOT NULL,      -- those of them that it said it has, as JSON
    told TEXT,                       -- the digest of what it has acknowledged; none: nothing yet
    sent_at REAL NOT NULL,           -- when it was sent something first
    answered_at REAL,                -- when it answered last
    waits_since REAL,                -- since when something is on its way that it has not answered
    what TEXT,                       -- and what that is: news, correction, stop
    stopped_at REAL,                 -- when it acknowledged that nothing is shared any more
    PRIMARY KEY (partner, customer)
) STRICT, WITHOUT ROWID;
CREATE INDEX sharings_by_customer ON sharings (customer);
CREATE INDEX sharings_waiting ON sharings (partner) WHERE waits_since IS NOT NULL;
CREATE INDEX consents_by_partner ON consents (partner) WHERE partner <> '';
ALTER TABLE erasure_places ADD COLUMN by_whom TEXT;  -- who said that a partner has done it; none: it has itself
"""

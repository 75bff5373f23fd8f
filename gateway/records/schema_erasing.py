"""Tables of what is erased where."""

# What became of each erasure, place by place: of whom it tells is a receipt's number and an id that means nothing.
RECORDS_15 = """
CREATE TABLE erasure_receipts (
    id TEXT PRIMARY KEY,             -- E- and 12 random characters
    whose TEXT NOT NULL,             -- the id of who was erased
    at REAL NOT NULL,
    by_whom TEXT NOT NULL,
    because TEXT NOT NULL,
    keys TEXT NOT NULL,              -- ids of the destroyed keys, as JSON
    sequence INTEGER NOT NULL        -- of the event
) STRICT, WITHOUT ROWID;
CREATE INDEX erasure_receipts_by_time ON erasure_receipts (at);
CREATE TABLE erasure_places (
    erasure TEXT NOT NULL REFERENCES erasure_receipts (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,              -- venue, tablet, backup, list, webhook
    place TEXT NOT NULL,
    told_at REAL,
    done_at REAL,
    heard_at REAL,                   -- when the place was heard last, where it has not answered
    PRIMARY KEY (erasure, kind, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX erasure_places_open ON erasure_places (erasure) WHERE done_at IS NULL;
"""

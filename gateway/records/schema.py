"""The tables, as numbered migrations: one transaction each, applied in order, never edited once released."""

from __future__ import annotations

from datetime import datetime
from math import inf

from gateway.records import versions
from gateway.records.migrations import Database, Migrations
from gateway.records.schema_aliases import RECORDS_19
from gateway.records.schema_consent import RECORDS_9, drop_empty
from gateway.records.schema_erasing import RECORDS_15
from gateway.records.schema_gatherings import RECORDS_34, RECORDS_35
from gateway.records.schema_hub import RECORDS_25
from gateway.records.schema_insight import RECORDS_30
from gateway.records.schema_later import RECORDS_5, RECORDS_6, RECORDS_7, RECORDS_8, RECORDS_12
from gateway.records.schema_lent import RECORDS_26, RECORDS_28, RECORDS_29
from gateway.records.schema_let_go import RECORDS_20
from gateway.records.schema_page import RECORDS_11
from gateway.records.schema_partners import RECORDS_23
from gateway.records.schema_passkeys import RECORDS_17
from gateway.records.schema_receipts import KEYS_10, RECORDS_10
from gateway.records.schema_tablets import RECORDS_13
from gateway.records.schema_told import RECORDS_22
from gateway.records.schema_unread import RECORDS_24
from gateway.records.sqlite_file import sqlite3

KEYS = Migrations("keys")
RECORDS = Migrations("records")

# Times are seconds since 1970 UTC. A `sealed` column holds JSON that only the customer's data key opens (seal.py);
# what stands in clear beside it is what rows are found by: ids, times, states.

_KEYS_1 = """
CREATE TABLE master (id INTEGER PRIMARY KEY CHECK (id = 1), proof BLOB NOT NULL) STRICT;
CREATE TABLE keys (
    position INTEGER PRIMARY KEY,
    key_id BLOB NOT NULL UNIQUE,
    holder TEXT NOT NULL,
    wrapped BLOB NOT NULL            -- zeros when destroyed: the row stays, so that a restored copy knows
) STRICT;
CREATE INDEX keys_by_holder ON keys (holder, position);
"""

_RECORDS_1 = """
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    position INTEGER PRIMARY KEY,    -- order of insertion, which the chain follows
    sequence INTEGER NOT NULL UNIQUE,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    time REAL NOT NULL,
    actor TEXT NOT NULL,
    holder TEXT NOT NULL,            -- whose key opens `sealed`
    sealed BLOB NOT NULL,
    hash BLOB NOT NULL               -- HMAC-SHA-256 over the hash before and this row
) STRICT;
CREATE INDEX journal_by_subject ON journal (subject, sequence);
CREATE INDEX journal_by_time ON journal (time);
CREATE TABLE journal_anchor (        -- where the chain begins after pruning
    id INTEGER PRIMARY KEY CHECK (id = 1),
    position INTEGER NOT NULL, sequence INTEGER NOT NULL, hash BLOB NOT NULL, proof BLOB NOT NULL
) STRICT;

CREATE TABLE customers (id TEXT PRIMARY KEY, changed_at REAL NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE TABLE erasures (
    key_id BLOB PRIMARY KEY, customer TEXT NOT NULL, at REAL NOT NULL, settled INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_unsettled ON erasures (settled) WHERE settled = 0;

CREATE TABLE credentials (
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    scheme TEXT NOT NULL,
    fingerprint BLOB NOT NULL UNIQUE,
    added_at REAL NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX credentials_by_customer ON credentials (customer);

CREATE TABLE consents (
    id INTEGER PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    granted_at REAL NOT NULL,
    expires REAL,
    ended_at REAL,
    ended_by TEXT CHECK (ended_by IN ('revoked', 'renewed')),
    sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX consents_live ON consents (customer, purpose) WHERE ended_at IS NULL;
CREATE INDEX consents_by_customer ON consents (customer, purpose, ended_at);

CREATE TABLE preferences (
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    visit TEXT,
    one_off INTEGER NOT NULL,
    at REAL NOT NULL,
    ended_at REAL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX preferences_by_customer ON preferences (customer);
CREATE INDEX preferences_by_visit ON preferences (visit) WHERE one_off = 1;

CREATE TABLE visits (
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    opened_at REAL NOT NULL,
    closed_at REAL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX visits_by_customer ON visits (customer, opened_at);
CREATE INDEX visits_open ON visits (opened_at) WHERE closed_at IS NULL;
CREATE INDEX visits_closed ON visits (closed_at) WHERE closed_at IS NOT NULL;

CREATE TABLE staff (id TEXT PRIMARY KEY, changed_at REAL NOT NULL, sealed BLOB NOT NULL) STRICT;
CREATE TABLE shifts (
    staff TEXT PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    zones TEXT NOT NULL, since REAL NOT NULL, until REAL
) STRICT;
CREATE TABLE tokens (
    hash BLOB PRIMARY KEY, id TEXT NOT NULL UNIQUE, role TEXT NOT NULL, staff TEXT,
    created_at REAL NOT NULL, revoked_at REAL
) STRICT;
CREATE TABLE sessions (
    hash BLOB PRIMARY KEY,
    staff TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    created_at REAL NOT NULL, last_seen REAL NOT NULL, ended_at REAL
) STRICT;
CREATE INDEX sessions_by_staff ON sessions (staff);

CREATE TABLE idempotency (
    actor TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL, holder TEXT NOT NULL, sealed BLOB NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_time ON idempotency (at);
CREATE INDEX idempotency_by_holder ON idempotency (holder);
"""

# Alerts, asks, and promises with complaints: sealed documents found by customer, visit and whether they are open.
_DOCUMENTS = """
CREATE TABLE {table} (
    id TEXT PRIMARY KEY,
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    visit TEXT,
    kind TEXT NOT NULL,
    is_open INTEGER NOT NULL,
    changed_at REAL NOT NULL,
    sealed BLOB NOT NULL
) STRICT;
CREATE INDEX {table}_by_customer ON {table} (customer);
CREATE INDEX {table}_by_visit ON {table} (visit);
CREATE INDEX {table}_by_state ON {table} (is_open, changed_at);
"""


def _run(db: Database, script: str) -> None:
    # Statement by statement: sqlite3's executescript would commit the migration's transaction first.
    bare = "\n".join(line.partition("--")[0] for line in script.splitlines())
    for statement in bare.split(";"):
        if statement.strip():
            db.conn.execute(statement)


@KEYS(name="0001_keys")
def _keys(db: Database) -> None:
    _run(db, _KEYS_1)


@RECORDS(name="0001_records")
def _records(db: Database) -> None:
    _run(db, _RECORDS_1)
    for table in ("alerts", "asks", "promises"):
        _run(db, _DOCUMENTS.format(table=table))


_RECORDS_2 = """
CREATE TABLE visit_facts (           -- counted, never named
    visit TEXT PRIMARY KEY REFERENCES visits (id) ON DELETE CASCADE,
    party TEXT NOT NULL,
    companions INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE documents (             -- of the house, one each: nothing personal but who is expected
    name TEXT PRIMARY KEY, changed_at REAL NOT NULL, json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX journal_by_type ON journal (type, time);
"""


@RECORDS(name="0002_service")
def _service(db: Database) -> None:
    _run(db, _RECORDS_2)


_RECORDS_3 = """
CREATE TABLE tablets (
    id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, name TEXT NOT NULL,
    paired_at REAL NOT NULL, paired_by TEXT NOT NULL,
    last_seen REAL NOT NULL, revoked_at REAL
) STRICT;
ALTER TABLE sessions ADD COLUMN tablet TEXT;
CREATE INDEX sessions_by_tablet ON sessions (tablet) WHERE tablet IS NOT NULL;
"""


@RECORDS(name="0003_tablets")
def _tablets(db: Database) -> None:
    _run(db, _RECORDS_3)


_KEYS_2 = """
CREATE TABLE head (                  -- the newest row of the journal, a few seconds old at most
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL, proof BLOB NOT NULL
) STRICT;
"""


@KEYS(name="0002_head")
def _head(db: Database) -> None:
    _run(db, _KEYS_2)


# What stood in tables of another shape is carried over by upgrade.py, at once after this.
_RECORDS_4 = """
DROP INDEX journal_by_subject;
DROP INDEX journal_by_time;
DROP INDEX journal_by_type;
DROP INDEX consents_live;
DROP INDEX consents_by_customer;
ALTER TABLE journal RENAME TO journal_before;
ALTER TABLE journal_anchor RENAME TO journal_anchor_before;
ALTER TABLE consents RENAME TO consents_before;
CREATE TABLE unrecognised (          -- who wishes not to be recognised at all
    customer TEXT PRIMARY KEY REFERENCES customers (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE TABLE epochs (                -- the lives of this database: at first, after a restore, under another venue id
    epoch INTEGER PRIMARY KEY,
    origin TEXT NOT NULL, parent_epoch INTEGER, parent_position INTEGER, began REAL NOT NULL
) STRICT;
CREATE TABLE journal (
    number INTEGER PRIMARY KEY,      -- order of insertion, which the chain follows
    epoch INTEGER NOT NULL,
    position INTEGER NOT NULL,       -- gapless within its epoch
    sequence INTEGER NOT NULL UNIQUE,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    holder TEXT NOT NULL,            -- whose key opens `sealed`
    time REAL NOT NULL,
    hlc INTEGER NOT NULL,
    actor TEXT NOT NULL,
    head TEXT NOT NULL,              -- what the chain stands on; see chain.py
    sealed BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;
CREATE INDEX journal_by_subject ON journal (subject, sequence);
CREATE INDEX journal_by_type ON journal (type, time);
CREATE TABLE journal_anchor (        -- where the chain begins after it was cut
    id INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL, epoch INTEGER NOT NULL, position INTEGER NOT NULL, sequence INTEGER NOT NULL,
    hash BLOB NOT NULL, proof BLOB NOT NULL
) STRICT;

CREATE TABLE consents (
    id TEXT PRIMARY KEY,             -- of the event that granted it
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    granted_at REAL NOT NULL,
    expires REAL,
    lifts TEXT NOT NULL,             -- ids of the revocations that it names, as JSON
    ended_at REAL,                   -- follows from the others of the customer and purpose; see consents.py
    ended_by TEXT CHECK (ended_by IN ('revoked', 'renewed')),
    sealed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX consents_live ON consents (customer, purpose) WHERE ended_at IS NULL;
CREATE INDEX consents_by_customer ON consents (customer, purpose, ended_at);
CREATE TABLE revocations (
    id TEXT PRIMARY KEY,             -- of the event
    customer TEXT NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    at REAL NOT NULL
) STRICT;
CREATE INDEX revocations_by_customer ON revocations (customer, purpose);
"""


@RECORDS(name="0004_journal")
def _journal(db: Database) -> None:
    _run(db, _RECORDS_4)


@RECORDS(name="0005_facts")
def _facts(db: Database) -> None:
    _run(db, RECORDS_5)


@RECORDS(name="0006_rounds")
def _rounds(db: Database) -> None:
    _run(db, RECORDS_6)


@RECORDS(name="0007_merges")
def _merges(db: Database) -> None:
    _run(db, RECORDS_7)


@RECORDS(name="0008_quarantine")
def _quarantine(db: Database) -> None:
    _run(db, RECORDS_8)


@RECORDS(name="0009_ledger")
def _ledger(db: Database) -> None:
    _run(db, RECORDS_9)
    drop_empty(db)


@RECORDS(name="0010_receipts")
def _receipts(db: Database) -> None:
    _run(db, RECORDS_10)


@KEYS(name="0010_house_keys")
def _house_keys(db: Database) -> None:
    _run(db, KEYS_10)


UNREAD = "0024_unread+"
"""From when on a consent of which nobody knows the text counts for 90 days, whoever has told of it."""
LATER = {
    "0011_page": RECORDS_11,
    "0012_scopes": RECORDS_12,
    "0013_device_keys": RECORDS_13,
    "0015_erasures": RECORDS_15,
    "0017_passkeys": RECORDS_17,
    "0019_aliases": RECORDS_19,
    "0020_let_go": RECORDS_20,
    "0022_told": RECORDS_22,
    "0023_partners+": RECORDS_23,
    UNREAD: RECORDS_24,
    "0025_hub+": RECORDS_25,
    "0026_lent+": RECORDS_26,
    "0028_lent_few+": RECORDS_28,
    "0029_lent_hash+": RECORDS_29,
    "0030_entries+": RECORDS_30,
    "0034_gatherings+": RECORDS_34,
    "0035_introductions+": RECORDS_35,
}
"""Migrations that are their statements and nothing else, in order."""
for _name, _statements in LATER.items():
    RECORDS(name=_name)(lambda db, statements=_statements: _run(db, statements))


BEFORE_4 = ("journal_before", "journal_anchor_before", "consents_before")


def drop_before(db: Database) -> None:
    """Drops the tables of the old shape, once what stood in them is carried over."""
    for table in BEFORE_4:
        db.conn.execute(f"DROP TABLE IF EXISTS {table}")


def since(db: Database, name: str) -> float:
    """When a migration was applied to these records, in seconds since 1970 UTC; infinity where it was not."""
    there = [one.applied_at for one in RECORDS.applied(db) if one.name == name]
    return datetime.fromisoformat(there[0]).timestamp() if there else inf


def bare(connection: sqlite3.Connection) -> Database:
    """``connection`` as migrations want it."""
    return Database(connection)


def pending(migrations: Migrations, db: Database) -> list[str]:
    """Names of the migrations that ``db`` still needs; NewerSchema where it had one that stands in our way."""
    unknown(migrations, db)
    return [one.name for one in migrations.pending(db)]


def unknown(migrations: Migrations, db: Database) -> list[str]:
    """Names of those it had that we do not know, and beside which we can go on; raises NewerSchema for another."""
    return versions.ahead([one.name for one in migrations.applied(db)], migrations.names)


def migrate(migrations: Migrations, db: Database) -> None:
    """Brings ``db`` up to date; raises NewerSchema."""
    if pending(migrations, db):
        migrations.apply(db)

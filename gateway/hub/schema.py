"""The hub's tables, in SQL that both databases read.

Times are milliseconds since 1970 UTC. ``epoch`` is the JSON text of what its origin calls it. Wraps and escrow stand
apart in SQLite: in ``hub-keys.db``, where what is overwritten is gone.
"""

from __future__ import annotations

import re

VERSION = 1

EVENTS = """
CREATE TABLE IF NOT EXISTS events (
    origin TEXT NOT NULL, epoch TEXT NOT NULL, position BIGINT NOT NULL, received BIGINT NOT NULL,
    hlc BIGINT, effective BIGINT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT NOT NULL,
    head TEXT NOT NULL, sealed {bytes} NOT NULL, dark {bytes} NOT NULL,
    head_digest {bytes} NOT NULL, body_digest {bytes} NOT NULL, hash {bytes} NOT NULL
){partitions};
CREATE INDEX IF NOT EXISTS events_by_position ON events (origin, epoch, position);
CREATE INDEX IF NOT EXISTS events_by_subject ON events (subject, hlc);
CREATE INDEX IF NOT EXISTS events_of_leavers ON events (origin) WHERE type = 'staff.left';
"""
EVENT_COLUMNS = (
    "origin", "epoch", "position", "received", "hlc", "effective", "id", "type", "subject", "head", "sealed", "dark",
    "head_digest", "body_digest", "hash",
)  # fmt: skip

TABLES = """
CREATE TABLE IF NOT EXISTS house (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS cursors (
    origin TEXT NOT NULL, epoch TEXT NOT NULL, position BIGINT NOT NULL, hash {bytes} NOT NULL,
    effective BIGINT NOT NULL, parent {bytes} NOT NULL, heard_at BIGINT NOT NULL, box TEXT NOT NULL,
    PRIMARY KEY (origin, epoch)
);
CREATE TABLE IF NOT EXISTS pruned (
    origin TEXT NOT NULL, epoch TEXT NOT NULL, position BIGINT NOT NULL, hash {bytes} NOT NULL,
    PRIMARY KEY (origin, epoch)
);
CREATE TABLE IF NOT EXISTS ahead (
    origin TEXT NOT NULL, epoch TEXT NOT NULL, position BIGINT NOT NULL, hash {bytes} NOT NULL, subject TEXT NOT NULL,
    head TEXT NOT NULL, sealed {bytes} NOT NULL, PRIMARY KEY (origin, epoch, position)
);
CREATE INDEX IF NOT EXISTS ahead_by_subject ON ahead (subject);
CREATE TABLE IF NOT EXISTS heads (
    feed TEXT PRIMARY KEY, number BIGINT NOT NULL, hash {bytes} NOT NULL, oldest BIGINT NOT NULL,
    oldest_hash {bytes} NOT NULL
);
CREATE TABLE IF NOT EXISTS feed (
    feed TEXT NOT NULL, number BIGINT NOT NULL, kind TEXT NOT NULL, customer TEXT NOT NULL, origin TEXT NOT NULL,
    epoch TEXT NOT NULL, position BIGINT NOT NULL, venue TEXT NOT NULL, hlc BIGINT NOT NULL, hash {bytes} NOT NULL,
    at BIGINT NOT NULL, PRIMARY KEY (feed, number)
);
CREATE INDEX IF NOT EXISTS feed_by_customer ON feed (customer, feed, number);
CREATE TABLE IF NOT EXISTS applied (
    box TEXT NOT NULL, feed TEXT NOT NULL, number BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (box, feed)
);
CREATE TABLE IF NOT EXISTS lent (
    venue TEXT NOT NULL, customer TEXT NOT NULL, since BIGINT NOT NULL, until BIGINT, why TEXT NOT NULL,
    PRIMARY KEY (venue, customer)
);
CREATE INDEX IF NOT EXISTS lent_by_customer ON lent (customer);
CREATE TABLE IF NOT EXISTS customers (
    id TEXT PRIMARY KEY, origin TEXT NOT NULL, birth TEXT NOT NULL, brands TEXT NOT NULL, scope TEXT NOT NULL,
    until BIGINT, erased BIGINT, changed BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS customers_by_end ON customers (until);
CREATE TABLE IF NOT EXISTS merges (
    id TEXT PRIMARY KEY, kept TEXT NOT NULL, other TEXT NOT NULL, undone BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS merges_by_kept ON merges (kept);
CREATE INDEX IF NOT EXISTS merges_by_other ON merges (other);
CREATE TABLE IF NOT EXISTS erasures (
    id TEXT PRIMARY KEY, customer TEXT NOT NULL, at BIGINT NOT NULL, by_whom TEXT NOT NULL, dark_at BIGINT
);
CREATE INDEX IF NOT EXISTS erasures_by_customer ON erasures (customer);
CREATE TABLE IF NOT EXISTS receipts (
    erasure TEXT NOT NULL, place TEXT NOT NULL, kind TEXT NOT NULL, sent_at BIGINT NOT NULL, done_at BIGINT,
    number BIGINT NOT NULL, PRIMARY KEY (erasure, place)
);
CREATE INDEX IF NOT EXISTS receipts_open ON receipts (place) WHERE done_at IS NULL;
CREATE TABLE IF NOT EXISTS boxes (
    id TEXT PRIMARY KEY, venue TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL, brand TEXT NOT NULL,
    sign {bytes} NOT NULL, open_key {bytes} NOT NULL, joined BIGINT NOT NULL, revoked BIGINT, heard BIGINT NOT NULL,
    build TEXT NOT NULL, skew_ms BIGINT NOT NULL, behind BIGINT NOT NULL
);
CREATE INDEX IF NOT EXISTS boxes_by_venue ON boxes (venue);
CREATE TABLE IF NOT EXISTS sessions (
    hash {bytes} PRIMARY KEY, box TEXT NOT NULL, boot TEXT NOT NULL, until BIGINT NOT NULL, heard BIGINT NOT NULL,
    talk TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_by_box ON sessions (box);
CREATE TABLE IF NOT EXISTS invitations (
    id TEXT PRIMARY KEY, secret {bytes} NOT NULL, venue TEXT NOT NULL, role TEXT NOT NULL, brand TEXT NOT NULL,
    until BIGINT NOT NULL, used BIGINT
);
CREATE TABLE IF NOT EXISTS venues (id TEXT PRIMARY KEY, names TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS wishes (
    venue TEXT PRIMARY KEY, scope TEXT NOT NULL, before_ms BIGINT NOT NULL, after_ms BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS expected (
    id TEXT PRIMARY KEY, customer TEXT NOT NULL, venue TEXT NOT NULL, begins BIGINT NOT NULL, ends BIGINT NOT NULL,
    event TEXT NOT NULL, cancelled TEXT
);
CREATE INDEX IF NOT EXISTS expected_by_venue ON expected (venue, begins);
CREATE INDEX IF NOT EXISTS expected_by_customer ON expected (customer);
CREATE TABLE IF NOT EXISTS office (
    id TEXT PRIMARY KEY, roles TEXT NOT NULL, pin TEXT NOT NULL, added BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS office_sessions (
    hash {bytes} PRIMARY KEY, who TEXT NOT NULL, began BIGINT NOT NULL, used BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS told (
    venue TEXT NOT NULL, code TEXT NOT NULL, words TEXT NOT NULL, since BIGINT NOT NULL, over BIGINT,
    PRIMARY KEY (venue, code)
);
"""

KEYS = """
CREATE TABLE IF NOT EXISTS {where}wraps (
    customer TEXT NOT NULL, key_id {bytes} NOT NULL, origin TEXT NOT NULL, wrapped {bytes} NOT NULL,
    generation BIGINT NOT NULL, PRIMARY KEY (customer, key_id)
);
CREATE TABLE IF NOT EXISTS {where}escrow (
    origin TEXT NOT NULL, key_id {bytes} NOT NULL, wrapped {bytes} NOT NULL, generation BIGINT NOT NULL,
    PRIMARY KEY (origin, key_id)
);
"""


def statements(bytes_: str, partitions: str = "", where_keys: str = "") -> list[str]:
    """Every statement that makes the tables where they are missing."""
    text = EVENTS + TABLES + KEYS
    for name, value in (("bytes", bytes_), ("partitions", partitions), ("where", where_keys)):
        text = text.replace(f"{{{name}}}", value)
    return [each for part in text.split(";\n") if (each := part.strip().rstrip(";"))]


def tables() -> list[str]:
    """The name of every table."""
    return re.findall(r"CREATE TABLE IF NOT EXISTS (?:\{where\})?(\w+)", EVENTS + TABLES + KEYS)

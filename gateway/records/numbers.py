"""The numbers from which tablets resume: reserved ahead, so that none is used twice after a kill."""

from __future__ import annotations

from typing import NamedTuple

from gateway.records import told
from gateway.records.connection import SealedDatabase
from gateway.records.writer import Change, Tx

RESERVED = 100_000
RESERVE_EVERY = 1_000  # how often the reservation is looked at once half of it is used
STAMPED = 1_000  # the newest rows, whose clock goes on; commits may overtake each other
WITHOUT = "written_without"  # a counter: the first event that a program wrote which does not know all tables
CARRIED = "carried "  # what an upgrade brought along: counters whose names begin so


class Numbers(NamedTuple):
    """The number to go on from, the last one known from before (the same unless we were killed), the newest clock."""

    start: int
    known: int
    hlc: int


def take(tx: Tx) -> Numbers:
    """The numbers to go on from; some are reserved."""
    counters = dict(tx.db.conn.execute("SELECT name, value FROM counters").fetchall())
    last = max(tx.db.conn.execute("SELECT max(sequence) FROM journal").fetchone()[0] or 0, told.newest(tx))
    at_close = counters.get("sequence_at_close")
    known = last if at_close is None else max(at_close, last)
    start = told.finish(tx, known if at_close is not None else max(counters.get("sequence_reserved", 0), last))
    tx.db.conn.execute("DELETE FROM counters WHERE name = 'sequence_at_close'")
    put(tx.db, "sequence_reserved", start + RESERVED)
    newest = f"SELECT max(hlc) FROM (SELECT hlc FROM journal ORDER BY number DESC LIMIT {STAMPED})"  # noqa: S608
    return Numbers(start, known, tx.db.conn.execute(newest).fetchone()[0] or 0)


def floor(reader: SealedDatabase) -> int:
    """The number from which tablets may resume: what was before this life of the database needs a snapshot."""
    row = reader.conn.execute(
        "SELECT sequence FROM journal WHERE number = (SELECT max(number) FROM journal WHERE type = 'epoch.began')"
        " AND epoch IN (SELECT epoch FROM epochs WHERE parent_epoch IS NOT NULL)"
    ).fetchone()
    return row[0] if row else 0


def reserve(sequence: int) -> Change[None]:
    """The change that reserves more numbers where half of them are used."""

    def change(tx: Tx) -> None:
        row = tx.db.conn.execute("SELECT value FROM counters WHERE name = 'sequence_reserved'").fetchone()
        if row is None or row[0] - sequence < RESERVED // 2:
            put(tx.db, "sequence_reserved", sequence + RESERVED)

    return change


def leave_no_gap(tx: Tx, sequence: int) -> None:
    """Writes down at the end which number was the last."""
    put(tx.db, "sequence_at_close", sequence)


def skip(tx: Tx) -> None:
    """Goes on far beyond any number that may have been given since this copy of the database was made."""
    last = tx.db.conn.execute("SELECT max(sequence) FROM journal").fetchone()[0] or 0
    reserved = tx.db.conn.execute("SELECT value FROM counters WHERE name = 'sequence_reserved'").fetchone()
    tx.db.conn.execute("DELETE FROM counters WHERE name = 'sequence_at_close'")
    put(tx.db, "sequence_reserved", max(last, reserved[0] if reserved else 0) + 100 * RESERVED)


def jump(tx: Tx, ahead: int) -> None:
    """Goes on ``ahead`` of all that may have been given: what is given now, nobody else writes down as used."""
    rows = tx.db.conn.execute("SELECT name, value FROM counters WHERE name LIKE 'sequence_%'").fetchall()
    for name, value in rows:
        put(tx.db, name, value + ahead)


def carried(reader: SealedDatabase) -> dict[str, int]:
    """What an upgrade brought along, how much of each, until an epoch has begun that says so."""
    rows = reader.conn.execute("SELECT name, value FROM counters WHERE name LIKE ? ORDER BY name", (CARRIED + "%",))
    return {name.removeprefix(CARRIED): value for name, value in rows}


def forget_carried(tx: Tx) -> None:
    """Forgets what an upgrade brought along: an epoch has said so."""
    tx.db.conn.execute("DELETE FROM counters WHERE name LIKE ?", (CARRIED + "%",))


def in_doubt(reader: SealedDatabase) -> float:
    """By how many seconds the clock was in doubt when the records ended."""
    row = reader.conn.execute("SELECT value FROM counters WHERE name = 'clock_in_doubt'").fetchone()
    return row[0] / 1000 if row else 0.0


def doubt(seconds: float) -> Change[None]:
    """The change that writes down by how much the clock is in doubt."""
    return lambda tx: put(tx.db, "clock_in_doubt", round(seconds * 1000))


def again(tx: Tx, name: str, sequence: int) -> bool:
    """Whether the last event that was counted under this name is this one; from now on it is."""
    row = tx.db.conn.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()
    put(tx.db, name, sequence)
    return row is not None and row[0] == sequence


def forget(tx: Tx, name: str) -> None:
    """Takes a counter away."""
    tx.db.conn.execute("DELETE FROM counters WHERE name = ?", (name,))


def get(reader: SealedDatabase, name: str) -> int | None:
    """A counter; None where it was never set."""
    row = reader.conn.execute("SELECT value FROM counters WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else None


def put(db: SealedDatabase, name: str, value: int) -> None:
    """Sets a counter."""
    db.conn.execute(
        "INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )

"""What the tables still need of events that the journal has let go: a snapshot of them where it was cut.

``anchor.db`` has the same tables. Events that are to go are applied to it, and it is on the disk, before they are
deleted; so its position is that of the cut or further on, and a crash between the two is harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gateway.events.event import Data
from gateway.events.times import DAY, iso, now
from gateway.records import (
    bodies,
    consents,
    expected,
    journal_rows,
    lent_tables,
    numbers,
    projector,
    retention,
    schema,
    told,
)
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Damaged
from gateway.records.journal_rows import Link
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import connect_to_read, connect_to_write
from gateway.records.verify import anchor_proof
from gateway.records.writer import Tx

T = TypeVar("T")

ANCHOR_FILE = "anchor.db"
STANDING_AT = "standing_at"  # milliseconds since 1970 UTC
MARGIN = 2 * DAY  # a visit that is over may go on for as long as this: who is back soon
AT_ONCE = 1_000  # events that one run lets go: the writer has others waiting


# Every table that follows from events, those first on which others stand.
TABLES = (
    "epochs", "customers", "unrecognised", "credentials", "consents", "signatures", "receipts", "preferences",
    "visits", "visit_facts", "seats", "alerts", "asks", "orders", "expected", "menus", "rounds", "promises",
    "merges", "told_apart", "mistakes", "pages", "brought", "sharings", "entries", "statements", "ties",
    "gatherings", "invitations", "memberships", "introductions", "introduction_answers",
    "staff", "shifts", "tokens", "sessions", "tablets", "passkeys", "documents", "notices",
    "erasures", "erasure_receipts", "erasure_places", "erased_aliases",
)  # fmt: skip


class Anchor:
    """The snapshot of one data folder; made at the first cut. Belongs to the writer's thread."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self._path = folder / ANCHOR_FILE
        self._keyring = keyring
        self._opened: SealedDatabase | None = None

    def darken(self, tx: Tx, kind: bodies.Kind, before: float) -> int:
        """Lets go of what the oldest events of a kind say, some at once; what follows of them stands here first."""
        if numbers.get(tx.db, numbers.WITHOUT):
            return 0
        upto = bodies.last_of(tx.db, kind, before)
        sql = "SELECT number, epoch, position, hash FROM journal WHERE number = ?"
        row = tx.db.conn.execute(sql, (upto,)).fetchone()
        if row is None:
            return 0
        self._advance(tx, Link(*row))
        return bodies.let_go(tx, kind, upto)

    def cut(self, tx: Tx, before: float) -> int:
        """Drops the oldest events that happened before ``before``, some at once; the chain goes on from there.

        None while there are tables that this program does not know: what follows of the events for those, it cannot do.
        """
        if numbers.get(tx.db, numbers.WITHOUT):
            return 0
        kept = tx.db.conn.execute("SELECT min(number) FROM journal WHERE time >= ?", (before,)).fetchone()[0]
        first = journal_rows.first(tx.db)
        upto = min(first + AT_ONCE, (1 << 62) if kept is None else kept) - 1
        sql = "SELECT number, epoch, position, hash FROM journal WHERE number <= ? ORDER BY number DESC LIMIT 1"
        row = tx.db.conn.execute(sql, (upto,)).fetchone()
        if row is None:
            return 0
        self._advance(tx, Link(*row))
        mark_cut(tx.db, Link(*row))
        told.forget(tx, row[0])
        return int(tx.db.conn.execute("DELETE FROM journal WHERE number <= ?", (row[0],)).rowcount)

    def let_go(self, data: Data) -> None:
        """Deletes what the tables have deleted, but for what an event still in the journal may change."""
        if not self._path.exists():
            return
        db = self._db()
        row = db.conn.execute("SELECT value FROM counters WHERE name = ?", (STANDING_AT,)).fetchone()
        latest = iso(max(0.0, (row[0] / 1000 if row else 0.0) - MARGIN))
        with db.transaction():
            retention.let_go(Tx(db, self._keyring), retention.bounded_by(data, latest))

    def mend(self, tx: Tx) -> None:
        """Makes the snapshot anew from the tables where it misses what the journal has let go."""
        row = tx.db.conn.execute("SELECT number FROM journal_anchor").fetchone()
        needed = max(row[0] if row else 0, bodies.furthest(tx.db).number)
        if needed > (standing_of(self._db()) if self._path.exists() else 0):
            self.take(tx)

    def take(self, tx: Tx) -> None:
        """Makes the snapshot anew: the tables as they are, at the newest event."""
        db = self._db()
        with db.transaction():
            for table in reversed(TABLES):
                db.conn.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
            for table in TABLES:
                copy(tx.db, db, table)
            last = journal_rows.last(tx.db)
            mark_cut(db, last, sequence=0)
            _stand_at(db, tx, last)

    def change(self, step: Callable[[SealedDatabase], T]) -> T | None:
        """What ``step`` answers of the snapshot, in a transaction of its own; None where there is no snapshot."""
        if not self._path.exists():
            return None
        db = self._db()
        with db.transaction():
            return step(db)

    def forget(self, table: str, id: str) -> None:  # noqa: A002
        """Removes somebody whose key is destroyed from the snapshot too."""
        if self._path.exists():
            self._db().conn.execute(f"DELETE FROM {table} WHERE id = ?", (id,))  # noqa: S608 - ours

    def close(self) -> None:
        """Closes the file."""
        if self._opened is not None:
            self._opened.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._opened.close()
            self._opened = None

    def _db(self) -> SealedDatabase:
        if self._opened is None:
            self._opened = make(self._path, self._keyring)
        return self._opened

    def _advance(self, tx: Tx, to: Link) -> None:
        """Applies the events up to ``to`` that the snapshot does not hold yet."""
        try:
            self._apply(tx, to)
        except Damaged:  # the tables know more than an event that cannot be read any more
            self.take(tx)

    def _apply(self, tx: Tx, to: Link) -> None:
        db = self._db()
        with db.transaction():
            standing = standing_of(db)
            lent_tables.before_replay(Tx(db, tx.keyring), tx.db, _subjects(tx, standing, to.number))
            events = journal_rows.changing(tx.db, standing, to.number, projector.APPLIED)
            projector.replay(Tx(db, tx.keyring), lent_tables.of_now(tx.db, events))
            if to.number > standing:
                mark_cut(db, to, sequence=0)
                _stand_at(db, tx, to)


def _subjects(tx: Tx, after: int, upto: int) -> set[str]:
    sql = "SELECT DISTINCT subject FROM journal WHERE number > ? AND number <= ?"
    return {row[0] for row in tx.db.conn.execute(sql, (after, upto))}


def copy(source: SealedDatabase, target: SealedDatabase, table: str) -> None:
    """Copies the rows of a table, in their order."""
    there = columns_of(source, table)
    both = [name for name in columns_of(target, table) if name in there]
    columns, marks = ", ".join(both), ", ".join("?" * len(both))
    rows = source.conn.execute(f"SELECT {columns} FROM {table}")  # noqa: S608 - ours
    target.conn.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # noqa: S608


def columns_of(db: SealedDatabase, table: str) -> list[str]:
    """The names of the columns of a table, in their order."""
    return [row[1] for row in db.conn.execute(f"PRAGMA table_info({table})")]


def _stand_at(db: SealedDatabase, tx: Tx, last: Link) -> None:
    """Writes down when the last event happened that a snapshot holds."""
    row = tx.db.conn.execute("SELECT time FROM journal WHERE number = ?", (last.number,)).fetchone()
    numbers.put(db, STANDING_AT, int((row[0] if row else now()) * 1000))


def make(path: Path, keyring: Keyring) -> SealedDatabase:
    """The snapshot at ``path``, opened to write; an empty one where there is none."""
    db = SealedDatabase(connect_to_write(path), keyring)
    schema.migrate(schema.RECORDS, db)
    schema.drop_before(db)
    return db


def bring_up_to_date(path: Path, keyring: Keyring) -> None:
    """Gives the snapshot at ``path``, where there is one, the tables of this program."""
    if path.exists():
        db = make(path, keyring)
        try:
            expected.carry(Tx(db, keyring))
            consents.carry(Tx(db, keyring))
        finally:
            db.close()


def reading(path: Path, keyring: Keyring) -> SealedDatabase | None:
    """The snapshot at ``path`` to read; None where there is none."""
    return SealedDatabase(connect_to_read(path), keyring) if path.exists() else None


def standing_of(db: SealedDatabase) -> int:
    """The number of the last event that a snapshot holds."""
    row = db.conn.execute("SELECT number FROM journal_anchor").fetchone()
    return row[0] if row else 0


def prove_anew(db: SealedDatabase) -> None:
    """Has where the chain of ``db`` was cut, and what was let go of it, proved by the newest key."""
    row = db.conn.execute("SELECT number, epoch, position, hash, sequence FROM journal_anchor").fetchone()
    if row is not None:
        mark_cut(db, Link(*row[:4]), sequence=row[4])
    bodies.prove_anew(db)


def mark_cut(db: SealedDatabase, at: Link, *, sequence: int | None = None) -> None:
    """Writes down that the chain of ``db`` goes on from ``at``, and that it was us who cut it there."""
    if sequence is None:
        sql = "SELECT max(sequence) FROM journal WHERE number <= ?"
        sequence = db.conn.execute(sql, (at.number,)).fetchone()[0]
        before = db.conn.execute("SELECT sequence FROM journal_anchor").fetchone()
        sequence = max(sequence, before[0] if before else 0)
    proof = anchor_proof(db, at, sequence)
    row = (at.number, at.epoch, at.position, sequence, at.hash, proof)
    columns = "id, number, epoch, position, sequence, hash, proof"
    db.conn.execute(f"INSERT OR REPLACE INTO journal_anchor ({columns}) VALUES (1, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608

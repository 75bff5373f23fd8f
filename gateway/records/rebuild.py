"""The tables made anew from the journal alone: from the snapshot where it was cut, and every event after it.

``check`` makes them in memory and says where those there differ; ``replace`` puts them in place of those there.
"""

from __future__ import annotations

import marshal
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from gateway.events.event import STAFF
from gateway.records import anchor, bodies, journal_rows, lent_tables, numbers, projector, schema
from gateway.records.anchor import ANCHOR_FILE, TABLES, columns_of
from gateway.records.bound import bound
from gateway.records.compact import comparable
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Altered, Erased
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import sqlite3
from gateway.records.writer import Change, Tx

T = TypeVar("T")

NO_FACTS = {"settled"}  # whether a key is destroyed yet says what is left to do, not what happened
TRIES = 3
DAMAGED = "damaged"
UNUSED = ("alerts_by_state", "asks_by_state", "promises_by_state", "visits_open")  # nobody looks at a scratch database


class Row(NamedTuple):
    """A row of any table: its key, its name for people, and its columns with what is sealed in them opened."""

    key: tuple[Any, ...]
    name: str
    facts: dict[str, Any]


@dataclass(slots=True, frozen=True)
class Difference:
    """A row that is not what the journal says: ``missing`` from the tables, ``extra`` there, or it ``differs``.

    Or an event that cannot be read: ``damaged``.
    """

    table: str
    id: str
    what: str


@dataclass(slots=True, frozen=True)
class Check:
    """How many events were applied to how many rows of a snapshot, and where the tables differ from what they say."""

    events: int
    rows: int
    differences: list[Difference]


class Made(NamedTuple):
    """Tables made anew: of how many rows of a snapshot and events, and the numbers of those that cannot be read."""

    tables: SealedDatabase
    rows: int
    events: int
    damaged: list[int]


class Incomplete(Exception):
    """The snapshot does not reach as far as the journal was cut."""


class Transparent(Keyring):
    """A keyring for a scratch database: nothing is sealed, and nobody's key is destroyed."""

    def __init__(self, real: Keyring) -> None:
        self._real = real

    def fingerprint(self, identifier: str) -> bytes:
        """The same as on the disk."""
        return self._real.fingerprint(identifier)

    def fingerprints(self, identifier: str) -> list[bytes]:
        """The newest of them: a scratch database holds no other."""
        return [self.fingerprint(identifier)]

    def seal(self, customer: str, value: Any, *, place: str) -> bytes:
        """The value in clear: a scratch database is in memory alone."""
        return marshal.dumps(value)

    def open(self, customer: str, sealed: bytes, *, place: str) -> Any:
        """The value that was sealed there."""
        return marshal.loads(sealed)  # noqa: S302 - what we wrote a moment ago

    def renew(self, holder: str) -> None:
        """Nothing: a new key seals as the old one did."""

    def retire(self, key_ids: Iterable[bytes], *, listed: bool = True) -> None:
        """Nothing."""


def check(reader: SealedDatabase, folder: Path) -> Check:
    """Makes the tables anew in memory and holds those of ``reader`` against them; beside a running gateway too.

    Raises Incomplete where the journal was cut further than the snapshot beside it reaches.
    """
    for _ in range(TRIES):
        with suppress(Incomplete):
            return _check(reader, folder)
    return _check(reader, folder)


def _check(reader: SealedDatabase, folder: Path) -> Check:
    with made_anew(reader, folder) as made:
        unread = [Difference("journal", f"event {sequence}", DAMAGED) for sequence in made.damaged]
        return Check(made.events, made.rows, [*unread, *_differences(reader, made.tables)])


@contextmanager
def made_anew(reader: SealedDatabase, folder: Path) -> Iterator[Made]:
    """The tables as the snapshot and the journal of this moment say, in memory; ``reader`` stands at that moment.

    Raises Incomplete where the journal was cut further than the snapshot beside it reaches.
    """
    snapshot = anchor.reading(folder / ANCHOR_FILE, reader.keyring)
    try:
        if snapshot is not None:
            snapshot.conn.execute("BEGIN")
            anchor.standing_of(snapshot)  # the snapshot is taken before the journal's, which only goes on
        reader.conn.execute("BEGIN")
        with closing(scratch_of(reader.keyring)) as scratch:
            damaged: list[int] = []
            rows, events = _fill(scratch, reader, snapshot, damaged)
            yield Made(scratch, rows, events, damaged)
    finally:
        if reader.conn.in_transaction:
            reader.conn.execute("COMMIT")
        if snapshot is not None:
            snapshot.close()


class Written(Protocol):
    """A store, as far as it is needed here."""

    @property
    def folder(self) -> Path:
        """Where it lies."""
        ...

    def call(self, change: Change[T]) -> T:
        """What the change returns, once it is on the disk."""
        ...


def replace(store: Written) -> tuple[int, int]:
    """Replaces the tables by what the journal says; answers how many snapshot rows and events made them."""
    return store.call(lambda tx: anew(tx, store.folder))


def anew(tx: Tx, folder: Path) -> tuple[int, int]:
    """The same inside a transaction of the caller."""
    snapshot = anchor.reading(folder / ANCHOR_FILE, tx.keyring)
    try:
        kept = [table for table in TABLES if table != "erasures"]  # of which some may still have to be finished
        for table in reversed(kept):
            tx.db.conn.execute(f"DELETE FROM {table}")  # noqa: S608 - ours
        numbers.forget(tx, projector.MOVED)
        rows = _restore(snapshot, tx.db, kept) if snapshot else 0
        return rows, _apply(tx, tx.db, snapshot)
    finally:
        if snapshot is not None:
            snapshot.close()


# --- making the tables -----------------------------------------------------------------------------------------------


def scratch_of(keyring: Keyring) -> SealedDatabase:
    """Empty tables in memory, in which nothing is sealed."""
    connection: sqlite3.Connection = sqlite3.connect(":memory:", isolation_level=None, cached_statements=1000)
    connection.execute("PRAGMA foreign_keys = ON")
    db = SealedDatabase(connection, Transparent(keyring))
    schema.migrate(schema.RECORDS, db)
    for index in UNUSED:
        connection.execute(f"DROP INDEX {index}")
    return db


def _fill(
    scratch: SealedDatabase, reader: SealedDatabase, snapshot: SealedDatabase | None, damaged: list[int]
) -> tuple[int, int]:
    scratch.conn.execute("BEGIN")
    rows = _restore(snapshot, scratch, TABLES, passing=True) if snapshot else 0
    events = _apply(Tx(scratch, scratch.keyring), reader, snapshot, damaged)
    scratch.conn.execute("COMMIT")
    return rows, events


def _apply(tx: Tx, journal: SealedDatabase, snapshot: SealedDatabase | None, damaged: list[int] | None = None) -> int:
    standing = anchor.standing_of(snapshot) if snapshot else 0
    cut, bare = journal_rows.first(journal) - 1, bodies.furthest(journal).number
    if max(cut, bare) > standing:
        what = f"the journal was cut at row {cut}" if cut > standing else f"what events say was let go up to row {bare}"
        raise Incomplete(f"{what}, and the snapshot beside it ends at row {standing}")
    newest = journal_rows.last(journal).number
    events = journal_rows.changing(journal, standing, newest, projector.APPLIED, damaged)
    lent_tables.before_replay(tx, journal)
    projector.replay(tx, lent_tables.of_now(journal, events), damaged)
    lent_tables.after_replay(tx, journal)
    return newest - standing


def _restore(snapshot: SealedDatabase, target: SealedDatabase, tables: Iterable[str], *, passing: bool = False) -> int:
    """Copies the rows of these tables that can still be read, sealed anew; how many there are.

    One that was changed raises Altered, or is passed over.
    """
    gone, count = _gone(snapshot), 0
    for table in tables:
        for row in rows_of(snapshot, table, gone, broken=DAMAGED if passing else None, of=target):
            facts = row.facts
            if facts.get("sealed") == DAMAGED:
                continue
            if "sealed" in facts:
                holder, place = bound(table, facts)
                facts["sealed"] = target.keyring.seal(holder, facts["sealed"], place=place)
            marks = ", ".join("?" * len(facts))
            sql = f"INSERT INTO {table} ({', '.join(facts)}) VALUES ({marks})"  # noqa: S608 - ours
            target.conn.execute(sql, tuple(facts.values()))
            count += 1
    return count


# --- comparing -------------------------------------------------------------------------------------------------------


def _differences(live: SealedDatabase, made: SealedDatabase) -> Iterator[Difference]:
    gone = _gone(live)
    for table in TABLES:
        there = rows_of(live, table, gone, broken=DAMAGED, by_key=True, of=made)
        yield from _between(table, there, rows_of(made, table, set(), by_key=True))


def _between(table: str, there: Iterator[Row], said: Iterator[Row]) -> Iterator[Difference]:
    """Walks both, which come by key, side by side, so that neither is held in memory."""
    one, other = next(there, None), next(said, None)
    while one is not None or other is not None:
        if one is not None and (other is None or one.key < other.key):
            yield Difference(table, one.name, "extra")
            one = next(there, None)
        elif other is not None and (one is None or other.key < one.key):
            yield Difference(table, other.name, "missing")
            other = next(said, None)
        elif one is not None and other is not None:
            if one.facts != other.facts and comparable(one.facts) != comparable(other.facts):
                yield Difference(table, one.name, "differs")
            one, other = next(there, None), next(said, None)


def rows_of(
    db: SealedDatabase,
    table: str,
    gone: set[str],
    *,
    broken: str | None = None,
    by_key: bool = False,
    of: SealedDatabase | None = None,
) -> Iterator[Row]:
    """The rows of a table that can still be read, in the order in which they were made, or ``by_key``.

    ``broken`` stands for what was changed there; without it that raises Damaged. ``of`` has the columns that count.
    """
    count = set(columns_of(of or db, table)) - NO_FACTS
    shape = [row for row in db.conn.execute(f"PRAGMA table_info({table})") if row[1] in count]
    columns, keys = [row[1] for row in shape], [row[1] for row in shape if row[5]]
    order = f"ORDER BY {', '.join(keys)}" if by_key else ""
    for row in db.conn.execute(f"SELECT {', '.join(columns)} FROM {table} {order}"):  # noqa: S608 - ours
        facts = _opened(db, table, dict(zip(columns, row, strict=True)), gone, broken)
        if facts is not None:
            key = tuple(facts[name] for name in keys)
            name = facts.get("id") or "/".join(part.hex() if isinstance(part, bytes) else str(part) for part in key)
            yield Row(key, str(name), facts)


def _gone(db: SealedDatabase) -> set[str]:
    """Holders whose rows can no longer be read: they are erased, and the rows are as good as gone."""
    gone = set()
    for table in ("customers", "staff"):
        for id_, key_id in db.conn.execute(f"SELECT id, substr(sealed, 2, 8) FROM {table}"):  # noqa: S608 - ours
            if db.keyring.destroyed(key_id):
                gone.add(STAFF + id_ if table == "staff" else id_)
    return gone


def _opened(
    db: SealedDatabase, table: str, facts: dict[str, Any], gone: set[str], broken: str | None
) -> dict[str, Any] | None:
    """A row with what is sealed in it opened; None where its customer or member of staff is erased."""
    holder, place = bound(table, facts)
    if holder in gone:
        return None
    if "sealed" in facts:
        try:
            facts["sealed"] = db.keyring.open(holder, facts["sealed"], place=place)
        except Erased:
            return None
        except Altered:
            if broken is None:
                raise
            facts["sealed"] = broken
    return facts

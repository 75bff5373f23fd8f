"""The append-only record of what happened: CloudEvents 1.0 with a sequence, sealed, each hashed to the one before."""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from gateway.events.times import iso, new_id
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Erased
from gateway.records.seal import HOUSE
from gateway.records.store import Store
from gateway.records.writer import Tx

log = logging.getLogger(__name__)

PLACE = "journal"
GENESIS = bytes(32)
NOT_OF_CUSTOMERS = {
    "reader",
    "staff",
    "tablet",
    "session",
    "token",
    "broker",
    "gateway",
    "config",
    "records",
    "plan",
    "walk",
}
RESERVED = 100_000  # numbers reserved ahead, so that none is used twice after a kill
RESERVE_EVERY = 1_000  # how often the reservation is looked at once half of it is used

COLUMNS = "position, sequence, id, type, subject, time, actor, holder, sealed, hash"


@dataclass(slots=True)
class Event:
    """Something that happened; ``time`` in seconds since 1970 UTC, ``sensitive`` where the subject is a customer."""

    id: str
    type: str
    subject: str
    time: float
    data: dict[str, Any]
    actor: str
    sequence: int
    sensitive: bool = True

    def cloud_event(self, source: str) -> dict[str, Any]:
        """The CloudEvents 1.0 envelope that tablets and programs see."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": source,
            "type": self.type,
            "subject": self.subject,
            "time": iso(self.time),
            "sequence": self.sequence,
            "actor": self.actor,
            "data": self.data,
        }


@dataclass(slots=True, frozen=True)
class Verdict:
    """Whether the chain holds, the events walked, the first broken sequence; a head kept elsewhere shows a cut tail.

    ``sequence`` is the newest event's; ``known_at`` that of the head which was asked for, None where it is not there.
    """

    ok: bool
    events: int
    broken_at: int | None
    head: str
    sequence: int = 0
    known_at: int | None = None


class Journal:
    """Numbers events on the loop, appends them in the writer thread, and gives them back."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.sequence, self._before = store.call(_take_numbers)
        self._start = self.sequence
        store.at_close(self._leave_no_gap)

    def event(self, type: str, subject: str, data: dict[str, Any], *, actor: str = "gateway", at: float) -> Event:  # noqa: A002
        """A new event with the next number; nothing is recorded yet."""
        self.sequence += 1
        if self.sequence % RESERVE_EVERY == 0:
            self._store.post(_reserve(self.sequence))
        sensitive = type.partition(".")[0] not in NOT_OF_CUSTOMERS
        return Event(new_id(at), type, subject, at, data, actor, self.sequence, sensitive)

    def append(self, tx: Tx, event: Event) -> None:
        """Records ``event`` as the newest link of the chain.

        Of an erased customer only ``customer.erased`` keeps its data; anything later keeps that it happened.
        """
        holder, data = (event.subject, event.data) if event.sensitive else (HOUSE, event.data)
        try:
            sealed = tx.keyring.seal(holder, data, place=PLACE)
        except Erased:
            holder = HOUSE
            sealed = tx.keyring.seal(HOUSE, data if event.type == "customer.erased" else {}, place=PLACE)
        position, before = _head(tx.db)
        row = (
            position + 1,
            event.sequence,
            event.id,
            event.type,
            event.subject,
            float(event.time),
            event.actor,
            holder,
        )
        linked = _link(tx.keyring.chain_key, before, row, sealed)
        tx.db.conn.execute(f"INSERT INTO journal ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)", (*row, sealed, linked))  # noqa: S608

    def since(self, sequence: int, limit: int = 1_000) -> list[Event] | None:
        """Every written event after ``sequence``, in order; None where that number is unknown or too far behind.

        What this start has told is with the live socket, written yet or not.
        """
        if not self._knows(sequence):
            return None
        events = self._select("WHERE sequence > ? LIMIT ?", (sequence, limit + 1))
        return None if len(events) > limit else sorted(events, key=lambda event: event.sequence)

    def _knows(self, sequence: int) -> bool:
        if sequence > self.sequence or self._before < sequence < self._start:
            return False
        row = self._store.reader.conn.execute("SELECT sequence FROM journal_anchor").fetchone()
        return sequence >= (row[0] if row else 0)

    def of_customer(self, customer: str, limit: int = 200) -> list[Event]:
        """The newest events about ``customer``, newest first."""
        return self._select("WHERE subject = ? ORDER BY sequence DESC LIMIT ?", (customer, limit))

    def verify(self) -> Verdict:
        """Walks the whole chain; for a thread, about a second for 200,000 events."""
        with closing(self._store.open_reader()) as reader:
            return verify(reader)

    def _select(self, where: str, parameters: tuple[Any, ...]) -> list[Event]:
        reader = self._store.reader
        rows = reader.conn.execute(f"SELECT {COLUMNS} FROM journal {where}", parameters)  # noqa: S608
        return [_event(reader, row) for row in rows]

    def _leave_no_gap(self, tx: Tx) -> None:
        _set_counter(tx, "sequence_at_close", self.sequence)


def head(reader: SealedDatabase) -> tuple[int, str]:
    """The newest event's sequence and the hash that stands for all of them, in hex: what is to be kept elsewhere."""
    row = reader.conn.execute("SELECT sequence, hash FROM journal ORDER BY position DESC LIMIT 1").fetchone()
    row = row or reader.conn.execute("SELECT sequence, hash FROM journal_anchor").fetchone() or (0, GENESIS)
    return row[0], row[1].hex()


def verify(reader: SealedDatabase, known: str = "") -> Verdict:
    """Walks the chain of ``reader`` from its anchor to its head; looks for the head ``known`` (hex) on the way."""
    key = reader.keyring.chain_key
    before, count, last, known_at = GENESIS, 0, 0, None
    anchor = reader.conn.execute("SELECT position, sequence, hash, proof FROM journal_anchor").fetchone()
    if anchor is not None:
        before = anchor[2]
        if not hmac.compare_digest(anchor[3], _anchor_proof(key, anchor[0], anchor[1], anchor[2])):
            return Verdict(False, 0, anchor[1], "")
        last, known_at = anchor[1], anchor[1] if before.hex() == known else None
    for row in reader.conn.execute(f"SELECT {COLUMNS} FROM journal ORDER BY position"):  # noqa: S608
        linked = _link(key, before, row[:8], row[8])
        if not hmac.compare_digest(linked, row[9]):
            return Verdict(False, count, row[1], before.hex())
        before, count, last = linked, count + 1, row[1]
        if before.hex() == known:
            known_at = last
    return Verdict(True, count, None, before.hex(), last, known_at)


def prune(tx: Tx, before: float) -> int:
    """Drops the oldest events that happened before ``before``; the chain goes on from an anchor. Answers how many."""
    kept = tx.db.conn.execute("SELECT min(position) FROM journal WHERE time >= ?", (before,)).fetchone()[0]
    last = tx.db.conn.execute(
        "SELECT position, hash FROM journal WHERE position < ? ORDER BY position DESC LIMIT 1",
        (kept if kept is not None else 1 << 62,),
    ).fetchone()
    if last is None:
        return 0
    position, linked = last
    sequence = tx.db.conn.execute("SELECT max(sequence) FROM journal WHERE position <= ?", (position,)).fetchone()[0]
    proof = _anchor_proof(tx.keyring.chain_key, position, sequence, linked)
    tx.db.conn.execute("DELETE FROM journal_anchor")
    tx.db.conn.execute("INSERT INTO journal_anchor VALUES (1, ?, ?, ?, ?)", (position, sequence, linked, proof))
    return int(tx.db.conn.execute("DELETE FROM journal WHERE position <= ?", (position,)).rowcount)


def _head(db: SealedDatabase) -> tuple[int, bytes]:
    """Position and hash of the newest link."""
    row = db.conn.execute("SELECT position, hash FROM journal ORDER BY position DESC LIMIT 1").fetchone()
    row = row or db.conn.execute("SELECT position, hash FROM journal_anchor").fetchone()
    return (row[0], row[1]) if row else (0, GENESIS)


def _link(key: bytes, before: bytes, row: Iterable[Any], sealed: bytes) -> bytes:
    canonical = json.dumps(list(row), ensure_ascii=False, separators=(",", ":")).encode()
    return hmac.digest(key, before + len(canonical).to_bytes(4, "big") + canonical + sealed, "sha256")


def _anchor_proof(key: bytes, position: int, sequence: int, linked: bytes) -> bytes:
    return hmac.digest(key, b"anchor %d %d " % (position, sequence) + linked, "sha256")


def _event(reader: SealedDatabase, row: tuple[Any, ...]) -> Event:
    _, sequence, event_id, kind, subject, at, actor, holder, sealed, _ = row
    try:
        data = reader.keyring.open(holder, sealed, place=PLACE)
    except Erased:
        data = {}
    return Event(event_id, kind, subject, at, data, actor, sequence, holder != HOUSE)


# --- numbers ---------------------------------------------------------------------------------------------------------


def _take_numbers(tx: Tx) -> tuple[int, int]:
    """The number to go on from, and the last one known from before: the same unless the gateway was killed."""
    counters = dict(tx.db.conn.execute("SELECT name, value FROM counters").fetchall())
    last = tx.db.conn.execute("SELECT max(sequence) FROM journal").fetchone()[0] or 0
    at_close = counters.get("sequence_at_close")
    start = at_close if at_close is not None else max(counters.get("sequence_reserved", 0), last)
    tx.db.conn.execute("DELETE FROM counters WHERE name = 'sequence_at_close'")
    _set_counter(tx, "sequence_reserved", start + RESERVED)
    return start, start if at_close is not None else last


def _reserve(sequence: int) -> Any:
    def change(tx: Tx) -> None:
        row = tx.db.conn.execute("SELECT value FROM counters WHERE name = 'sequence_reserved'").fetchone()
        if row is None or row[0] - sequence < RESERVED // 2:
            _set_counter(tx, "sequence_reserved", sequence + RESERVED)

    return change


def skip_numbers(tx: Tx) -> None:
    """Goes on far beyond any number that may have been given since this copy of the database was made."""
    last = tx.db.conn.execute("SELECT max(sequence) FROM journal").fetchone()[0] or 0
    reserved = tx.db.conn.execute("SELECT value FROM counters WHERE name = 'sequence_reserved'").fetchone()
    tx.db.conn.execute("DELETE FROM counters WHERE name = 'sequence_at_close'")
    _set_counter(tx, "sequence_reserved", max(last, reserved[0] if reserved else 0) + 100 * RESERVED)


def _set_counter(tx: Tx, name: str, value: int) -> None:
    tx.db.conn.execute(
        "INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )

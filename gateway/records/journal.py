"""The truth: the append-only record of what happened, each row hashed to the one before; tables follow from it.

event = journal.event(News("customer.enrolled", "c-1", {…}), "lina", now)   # on the loop: it has its number
await store.write(lambda tx: journal.record(tx, [event]))                   # the disk has it, and the tables
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from gateway.consent.receipt import Frame
from gateway.events import catalogue, hlc
from gateway.events.catalogue import holder_of
from gateway.events.event import GATEWAY, HOUSE, STAFF, VISIT, Data, Event, News
from gateway.events.times import born, new_id, now, seconds
from gateway.records import (
    bodies,
    chain,
    journal_rows,
    numbers,
    preferences,
    projector,
    receipts,
    retention,
    rounds,
    told,
)
from gateway.records.connection import SealedDatabase
from gateway.records.consents import Cut, never
from gateway.records.errors import Erased
from gateway.records.intents import Intent, Intents
from gateway.records.journal_rows import Link
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import Store
from gateway.records.verify import Verdict, verify
from gateway.records.writer import Tx

log = logging.getLogger(__name__)

VENUE = "venue"
"""The origin until the venue's id is known."""

RENEWING = {"customer.enrolled", "staff.changed"}  # who was forgotten may come back, and is somebody new


class Head(NamedTuple):
    """Where the journal stands: the newest row, and the hash (hex) that stands for all of them."""

    sequence: int
    epoch: int
    position: int
    hash: str


class Journal:
    """Numbers events on the loop, appends and applies them in the writer thread, and gives them back.

    ``origin`` is the venue's id, empty where it is not known: then the folder's own goes on. ``at`` is when an epoch
    begins, if one does; None: now. ``notes`` is where
    what is told first is noted; None: in the data folder.
    """

    frame = Frame()
    """What stands on every receipt of the house."""
    cut: Cut = staticmethod(never)
    """When a new text ends a consent."""
    checked = False
    """Whether events are held against the catalogue as they are recorded: for tests."""

    def __init__(
        self, store: Store, *, origin: str, brand: str = "", at: float | None = None, notes: Path | None = None
    ) -> None:
        self._store = store
        self.brand = brand
        self.intents = Intents(notes or store.folder, store.keyring, lasting=store.refusing is not None)
        """What is told before the disk has it."""
        store.with_it.append(self.intents.close)
        self._write_what_was_told()
        self.sequence, self._before, stamp = store.call(numbers.take)
        self._start = self.sequence
        self._clock = hlc.HybridClock(stamp)
        self.epoch, self.origin = journal_rows.newest_epoch(store.reader)
        store.at_close(lambda tx: numbers.leave_no_gap(tx, self.sequence))
        self._floor = numbers.floor(store.reader)
        self._begin(origin or self.origin or VENUE, now() if at is None else at)

    # --- writing -----------------------------------------------------------------------------------------------------

    def event(self, news: News, actor: str, now: float) -> Event:
        """A new event with the next number; nothing is recorded yet. Its time is when its id was made.

        Raises ClockAhead for an id that was made by a clock more than five minutes ahead of ours.
        """
        at = now if news.at is None else news.at
        id_ = news.id or new_id(at)
        time = born(id_) if news.id else round(at * 1000) / 1000
        stamp = self._clock.receive(hlc.of(time), now) if news.id else self._clock.tick(now)
        return Event(
            id=id_,
            type=news.type,
            subject=news.subject,
            holder=news.holder or holder_of(news.type, news.subject),
            time=time,
            data=news.data,
            actor=news.actor or actor,
            sequence=self.number(),
            origin=self.origin,
            epoch=self.epoch,
            hlc=stamp,
            brand=self.brand,
        )

    def number(self) -> int:
        """The next number."""
        self.sequence += 1
        if self.sequence % numbers.RESERVE_EVERY == 0:
            self._store.post(numbers.reserve(self.sequence))
        return self.sequence

    def record(self, tx: Tx, events: Sequence[Event], *, unless_erased: bool = False) -> None:
        """Appends the events to the chain and changes the tables as they say.

        Raises what the projector raises, and Erased for an event of an erased customer; ``unless_erased`` keeps that
        it happened and nothing of what.
        """
        last = journal_rows.last(tx.db)
        for event in events:
            self._complete(tx, event)
            if self.checked:
                catalogue.check(event)
            known, last = self._append(tx, event, last, unless_erased)
            if known:
                projector.apply(tx, event)

    def _append(self, tx: Tx, event: Event, last: Link, unless_erased: bool) -> tuple[bool, Link]:
        """The newest row of the chain, behind ``last``; whether it may be applied."""
        event.epoch = max(event.epoch, last.epoch)  # made before an epoch that began since
        holder, data = event.holder or holder_of(event.type, event.subject), event.data
        known = not tx.keyring.erased(holder) and not tx.keyring.erased(holder_of(event.type, event.subject))
        if not known:
            if not unless_erased:
                raise Erased
            holder, data = HOUSE, {}
        position, before = last.position + 1, last.hash
        if last.epoch != event.epoch:
            position, before = 1, chain.beginning(event.origin, event.epoch, last.hash)
        head = chain.Head(
            tx.keyring.salt(event.id, event.sequence),
            event.origin,
            event.epoch,
            position,
            event.id,
            event.type,
            event.subject,
            holder,
            hlc.text(event.hlc),
            event.brand,
            event.actor,
        )
        row = journal_rows.NewRow(last.number + 1, event.sequence, event.time, event.hlc, head)
        appended = journal_rows.insert(tx.db, row, before, lambda digest: tx.keyring.seal_event(holder, data, digest))
        event.holder, event.position, event.recorded = holder, position, self._store.refusing is None
        return known, appended

    def _complete(self, tx: Tx, event: Event) -> None:
        """Fills in what only the transaction knows: whose keys end, and how much is let go."""
        if event.holder.startswith(VISIT):  # of a visit that goes on after it was forgotten
            tx.keyring.renew(event.holder)
        if event.type in RENEWING:
            tx.keyring.renew(holder_of(event.type, event.subject))
        elif event.type == "receipt.made":
            receipts.complete(tx, event, self.frame, self.cut)
        elif event.type == "keys.rotated" and event.data["what"] == "customer":
            tx.keyring.another(event.data["id"])
        elif event.type == "customer.erased":
            keys = event.data["keys"] or tx.keyring.ids_of(event.subject)
            of_visits = [
                key for each in preferences.holders_of(tx.db, event.subject) for key in tx.keyring.ids_of(each)
            ]
            event.data["keys"] = [*keys, *(key for key in of_visits if key not in keys)]
            event.data["sold"] = rounds.sold(tx.db)
            tx.after_commit.append(lambda: self._store.anchor.forget("customers", event.subject))
        elif event.type == "visit.forgotten":
            event.data["keys"] = event.data["keys"] or tx.keyring.ids_of(VISIT + event.subject)
        elif event.type == "staff.removed":
            sql = "SELECT id FROM tokens WHERE staff = ? AND revoked_at IS NULL ORDER BY created_at, id"
            event.data["tokens"] = [row[0] for row in tx.db.conn.execute(sql, (event.subject,))]
            event.data["keys"] = event.data["keys"] or tx.keyring.ids_of(STAFF + event.subject)
            tx.after_commit.append(lambda: self._store.anchor.forget("staff", event.subject))
        elif event.type == "retention.applied":
            self._let_go(tx, event.data)

    def _let_go(self, tx: Tx, data: Data) -> None:
        """Lets go of what is over, and fills in how much; of the journal last, since it says where visits were."""
        before = {kind: seconds(data.get(kind)) or 0.0 for kind in ("presence", "journal", "skeleton")}
        data["zones"] = bodies.zones(tx.db, before["presence"], retention.AT_ONCE)
        gone, anchor = retention.let_go(tx, data), self._store.anchor
        gone["presence"] = anchor.darken(tx, "presence", before["presence"])
        gone["bodies"] = anchor.darken(tx, "journal", before["journal"])
        gone["journal"] = anchor.cut(tx, before["skeleton"])
        data["gone"], data["kinds"] = gone, retention.counted(data.get("kinds", []), gone)
        tx.after_commit.append(lambda: anchor.let_go(data))
        tx.after_commit.append(lambda: log.info("let go: %s", retention.in_words(gone)))

    def _begin(self, origin: str, at: float) -> None:
        """A new epoch, where the database is new, was brought up to date, or has another venue's id."""
        carried = numbers.carried(self._store.reader)
        because = "upgraded" if carried else "new" if not self.epoch else "renamed" if origin != self.origin else None
        if because is not None:
            self.begin_epoch(origin, because, carried, at)

    def begin_epoch(self, origin: str, because: str, carried: dict[str, int], at: float, *, beyond: int = 0) -> None:
        """Begins another life of this database, with a number greater than ``beyond`` too."""
        parent = journal_rows.last(self._store.reader) if self.epoch else None
        self.epoch, self.origin = max(self.epoch, beyond) + 1, origin
        data: Data = {
            "because": because,
            "parent_epoch": parent.epoch if parent else None,
            "parent_position": parent.position if parent else None,
            "carried": carried,
        }
        began = self.event(News("epoch.began", origin, data), GATEWAY, at)

        def begin(tx: Tx) -> None:
            self.record(tx, [began])
            numbers.forget_carried(tx)

        self._store.call(begin)
        self._floor = began.sequence if parent else 0

    def _write_what_was_told(self) -> None:
        """Writes down what was told before the gateway was killed, and what of it the disk has not."""
        left = self.intents.left()
        if left:
            written = self._store.call(partial(self._recover, left))
            if written:
                log.warning("%d events were told before the last end and not written: they are now", written)
        self.intents.clear()

    def _recover(self, left: Sequence[Intent], tx: Tx) -> int:
        written, epoch = 0, journal_rows.newest_epoch(tx.db)[0]
        for intent in left:
            told.overtaken(tx, intent.over)
            for event in intent.events:
                known = tx.db.conn.execute("SELECT 1 FROM journal WHERE sequence = ?", (event.sequence,)).fetchone()
                if known or event.epoch != epoch:
                    continue
                tx.db.conn.execute("SAVEPOINT intent")
                try:
                    self.record(tx, [event], unless_erased=True)
                    written += 1
                except (KeyError, ValueError, sqlite3.IntegrityError) as error:
                    tx.db.conn.execute("ROLLBACK TO intent")
                    log.error("an event that was told could not be written: %s", type(error).__name__)
                tx.db.conn.execute("RELEASE intent")
        return written

    # --- reading -----------------------------------------------------------------------------------------------------

    def since(self, sequence: int, limit: int = 1_000) -> list[Event] | None:
        """Every written event after ``sequence``, in order; None where that number is unknown or too far behind.

        Events since this start are with the live socket, written yet or not.
        """
        if not self._knows(sequence):
            return None
        events = self._select("WHERE sequence > ? LIMIT ?", sequence, limit + 1)
        late = "WHERE sequence <= ?1 AND sequence IN (SELECT sequence FROM told WHERE told > ?1)"
        events += self._select(late, sequence)
        return None if len(events) > limit else sorted(events, key=lambda event: event.number)

    def _knows(self, sequence: int) -> bool:
        if not self._floor <= sequence <= self.sequence or self._before < sequence < self._start:
            return False
        row = self._store.reader.conn.execute("SELECT sequence FROM journal_anchor").fetchone()
        return sequence >= max(row[0] if row else 0, bodies.furthest(self._store.reader).sequence)

    def of_customer(self, customer: str, limit: int = 200, *, type: str | None = None) -> list[Event]:  # noqa: A002
        """The newest events about ``customer``, newest first; of one ``type`` where it is given."""
        sql = "WHERE subject = ?1 AND (?2 IS NULL OR type = ?2) ORDER BY sequence DESC LIMIT ?3"
        return self._select(sql, customer, type, limit)

    def verify(self) -> Verdict:
        """Walks the whole chain; for a thread, about a second for 100,000 events."""
        with closing(self._store.open_reader()) as reader:
            return verify(reader)

    def _select(self, where: str, *values: object) -> list[Event]:
        return list(journal_rows.select(self._store.reader, where, *values))


def newest_time(reader: SealedDatabase) -> float | None:
    """When the newest event happened, in seconds since 1970 UTC; None where there is none."""
    row = reader.conn.execute("SELECT time FROM journal ORDER BY number DESC LIMIT 1").fetchone()
    return row[0] if row else None


def last_time_of(reader: SealedDatabase, type: str) -> float | None:  # noqa: A002
    """When an event of this type happened last, in seconds since 1970 UTC; None where none is in the journal."""
    found: float | None = reader.conn.execute("SELECT max(time) FROM journal WHERE type = ?", (type,)).fetchone()[0]
    return found


def head(reader: SealedDatabase) -> Head:
    """Where the journal stands: what is to be kept elsewhere."""
    last = journal_rows.last(reader)
    row = reader.conn.execute("SELECT sequence FROM journal WHERE number = ?", (last.number,)).fetchone()
    row = row or reader.conn.execute("SELECT sequence FROM journal_anchor").fetchone() or (0,)
    return Head(row[0], last.epoch, last.position, last.hash.hex())

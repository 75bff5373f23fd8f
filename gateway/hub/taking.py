"""How rows are taken: exactly once by the cursor, gapless, and what follows from them in the same transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gateway.events import hlc
from gateway.hub import feeds, letting_go, rows, scopes
from gateway.hub.database import Tx, among, first
from gateway.hub.deciding import Cause, Deciding, named_by
from gateway.hub.feeds import BRAND, URGENT, Item
from gateway.hub.own_keys import OwnKeys
from gateway.hub.problems import HubProblem
from gateway.hub.rows import ERASED, Row
from gateway.hub.schema import EVENT_COLUMNS
from gateway.hub.wire import Epoch, kept_epoch

LEFT = "staff.left"
HUB = "hub"
"""The box by whose name the hub itself writes rows: it may speak of everybody."""


class From(NamedTuple):
    """Whose rows these are: the box that sends them, its venue, and the epoch."""

    box: str
    venue: str
    epoch: Epoch
    parent: bytes | None = None


class Taken(NamedTuple):
    """What became of a batch: the cursor, how many rows were new or known, which clocks are taken otherwise."""

    position: int
    hash: bytes
    stored: int
    known: int
    effective: list[tuple[int, int]]
    numbers: dict[str, int]
    destroyed: bool
    ahead_ms: int = 0
    """By how much the clock that is furthest ahead of ours is."""


@dataclass(slots=True)
class _Follows:
    """What follows from rows: who is looked at again, who is erased, what goes to others."""

    deciding: set[str] = field(default_factory=set)
    merging: set[str] = field(default_factory=set)
    erased: list[tuple[str, Row]] = field(default_factory=list)
    revived: dict[str, Row] = field(default_factory=dict)
    telling: list[tuple[str, Row]] = field(default_factory=list)
    homeward: list[tuple[str, Row]] = field(default_factory=list)
    leavers: list[Row] = field(default_factory=list)


class Taking:
    """Takes what one box sends, within one transaction."""

    def __init__(self, tx: Tx, keys: OwnKeys, sender: From, now_ms: int) -> None:
        self._tx = tx
        self._from = sender
        self._epoch = kept_epoch(sender.epoch)
        self._now = now_ms
        self._deciding = Deciding(tx, keys, now_ms)
        self._names: dict[str, str] = {}  # as the venue calls a customer -> as the house does

    # --- rows in their place ------------------------------------------------------------------------------------------

    async def take(self, after: int, before: bytes, batch: Sequence[Row]) -> Taken:
        """Stores the rows that are new; raises HubProblem: ``fork``, ``hole`` or ``chain``, and stores nothing then."""
        position, hash_, last = await self.cursor()
        await self._agrees(after, before, batch, position, hash_)
        known = max(0, min(position, after + len(batch)) - after)
        fresh = list(batch[known:])
        if not fresh:
            return Taken(position, hash_, 0, known, [], {}, destroyed=False)
        early = await self._early(fresh[0].position, fresh[-1].position)
        stamps, otherwise = self._stamps(fresh, last)
        follows, kept = await self._sorted(fresh, early)
        await self._tx.copy("events", EVENT_COLUMNS, [self._stored(*each) for each in zip(kept, stamps, strict=True)])
        newest = fresh[-1]
        sql = "UPDATE cursors SET position = ?, hash = ?, effective = ? WHERE origin = ? AND epoch = ?"
        await self._tx.run(sql, newest.position, newest.hash, stamps[-1], self._from.venue, self._epoch)
        numbers = await self._follow(follows)
        ahead = max((row.stamp or 0) for row in fresh) >> hlc.COUNTER_BITS
        return Taken(
            newest.position, newest.hash, len(fresh), known, otherwise, numbers, self._deciding.destroyed,
            max(0, ahead - self._now),
        )  # fmt: skip

    async def cursor(self) -> tuple[int, bytes, int]:
        """Where the hub is in this epoch, held until the commit."""
        venue, box, epoch, parent = self._from.venue, self._from.box, self._epoch, self._from.parent
        start = rows.beginning(venue, self._from.epoch, parent)
        sql = "INSERT INTO cursors VALUES (?, ?, 0, ?, 0, ?, ?, ?) ON CONFLICT (origin, epoch) DO NOTHING"
        await self._tx.run(sql, venue, epoch, start, start, self._now, box)
        sql = """
        UPDATE cursors SET heard_at = ?, box = ? WHERE origin = ? AND epoch = ?
        RETURNING position, hash, effective, parent
        """
        ((position, hash_, effective, kept),) = await self._tx.all(sql, self._now, box, venue, epoch)
        if position == 0 and kept != start and parent is not None:
            await self._tx.run(
                "UPDATE cursors SET hash = ?, parent = ? WHERE origin = ? AND epoch = ?", start, start, venue, epoch
            )
            hash_ = start
        return position, hash_, effective

    async def _agrees(self, after: int, before: bytes, batch: Sequence[Row], position: int, hash_: bytes) -> None:
        """Raises HubProblem where the batch does not go on from what the hub has."""
        have = {"epoch": self._from.epoch, "position": position, "hash": hash_.hex()}
        if after > position:
            raise HubProblem("hole", position=position, have=have)
        here = hash_ if after == position else await self._hash_at(after)
        if here is not None and here != before:
            if position == 0:
                raise HubProblem("chain", position=1, why="it does not begin as its epoch does")
            raise HubProblem("fork", position=after, have=have)
        overlap = min(position, after + len(batch))
        if overlap > after:
            theirs = batch[overlap - after - 1].hash
            ours = hash_ if overlap == position else await self._hash_at(overlap)
            if ours is not None and ours != theirs:
                raise HubProblem("fork", position=overlap, have=have)

    async def _hash_at(self, position: int) -> bytes | None:
        """The hash of a row that the hub has; None where it has let that go."""
        sql = "SELECT hash FROM events WHERE origin = ? AND epoch = ? AND position = ?"
        if position == 0:
            sql = "SELECT parent FROM cursors WHERE origin = ? AND epoch = ? AND position >= ?"
        row = await first(self._tx, sql, self._from.venue, self._epoch, position)
        return None if row is None else row[0]

    async def _early(self, begin: int, end: int) -> set[int]:
        """Which of these positions came out of turn before; they count once."""
        values = (self._from.venue, self._epoch, begin, end)
        where = "FROM ahead WHERE origin = ? AND epoch = ? AND position BETWEEN ? AND ?"
        found = await self._tx.all(f"SELECT position {where}", *values)
        if found:
            await self._tx.run(f"DELETE {where}", *values)
        return {position for (position,) in found}

    def _stamps(self, fresh: Sequence[Row], last: int) -> tuple[list[int], list[tuple[int, int]]]:
        """The clock by which each row is ordered, and those that differ from what the row itself says."""
        stamps, otherwise = [], []
        for row in fresh:
            stamp = row.stamp
            last = rows.effective(last, stamp, self._now)
            stamps.append(last)
            if stamp is not None and stamp != last:
                otherwise.append((row.position, last))
        return stamps, otherwise

    def _stored(self, row: Row, effective: int) -> tuple[Any, ...]:
        head = row.head
        subject = self._customer(row) or ""
        facts = ("", "", "") if head is None else (head.id, head.type, subject)
        return (
            self._from.venue, self._epoch, row.position, self._now, row.stamp, effective, *facts, row.text, row.sealed,
            row.dark, row.head_digest, row.body_digest, row.hash,
        )  # fmt: skip

    def _customer(self, row: Row) -> str | None:
        subject = row.subject
        return None if subject is None else self._names[subject]

    async def _name(self, fresh: Sequence[Row]) -> set[str]:
        """Learns whom the rows are about; raises HubProblem where somebody was never lent to this venue."""
        venue = self._from.venue
        sql = "SELECT 1 FROM lent WHERE venue = ? AND customer = ?"
        for row in fresh:
            subject = row.subject
            if subject is None or subject in self._names:
                continue
            customer = self._names[subject] = await named_by(self._tx, venue, subject)
            if self._from.box == HUB:
                continue
            if customer.rpartition("@")[2] != venue and await first(self._tx, sql, venue, customer) is None:
                why = f"the customer {customer!r} of position {row.position} was never lent to it"
                raise HubProblem("not-yours", why=why)
        return {self._names[subject] for row in fresh if (subject := row.subject) is not None}

    # --- what follows -------------------------------------------------------------------------------------------------

    async def _sorted(self, fresh: Sequence[Row], early: set[int]) -> tuple[_Follows, list[Row]]:
        """What follows from the rows, and each as it is kept: of somebody who was erased only its digests."""
        customers = await self._name(fresh)
        await self._deciding.hold((each, each.rpartition("@")[2]) for each in customers)
        erased = await self._erased(customers)
        follows, kept = _Follows(), []
        for row in fresh:
            customer = self._customer(row)
            if row.head is not None and row.head.type == LEFT and row.position not in early:
                follows.leavers.append(row)
            if customer is None or row.head is None or row.stamp is None:
                kept.append(row)
                continue
            if row.head.type == ERASED:
                follows.erased.append((customer, row))
                erased[customer] = row.stamp
            elif customer in erased:
                if not self._is_new(customer, row, erased[customer]):
                    kept.append(row.blank())
                    continue
                del erased[customer]
                follows.revived[customer] = row
            kept.append(row)
            self._sort(customer, row, follows)
        return follows, kept

    def _is_new(self, customer: str, row: Row, erased_at: int) -> bool:
        """Whether the same id is a new person: enrolled again at home after the erasure."""
        enrolled = row.head is not None and row.head.type == "customer.enrolled"
        return enrolled and customer.rpartition("@")[2] == self._from.venue and (row.stamp or 0) > erased_at

    def _sort(self, customer: str, row: Row, follows: _Follows) -> None:
        type_ = row.head.type if row.head is not None else ""
        if type_ in scopes.DECIDING:
            follows.deciding.add(customer)
        if type_ in scopes.MERGES:
            follows.merging.add(customer)
        if type_ != ERASED and scopes.tells(type_):
            follows.telling.append((customer, row))
        elif scopes.goes_home(type_, customer, self._from.venue):
            follows.homeward.append((customer, row))

    async def _erased(self, customers: set[str]) -> dict[str, int]:
        sql = "SELECT id, erased FROM customers WHERE erased IS NOT NULL AND id"
        return dict(await among(self._tx, sql, customers))

    async def _brands(self, customers: set[str]) -> dict[str, set[str]]:
        sql = "SELECT id, brands FROM customers WHERE scope = 'house' AND id"
        return {id_: set(json.loads(brands)) for id_, brands in await among(self._tx, sql, customers)}

    def _cause(self, row: Row) -> Cause:
        return (self._from.venue, self._epoch, row.position, row.stamp or 0, row.hash)

    async def _follow(self, follows: _Follows, anew: set[str] | None = None) -> dict[str, int]:
        """Does what follows from rows that are stored, and numbers what the feeds say of it."""
        deciding = self._deciding
        telling = {customer for customer, _ in (*follows.telling, *follows.homeward)}
        before = await self._brands(telling)
        for customer, row in follows.erased:
            new = follows.revived.get(customer)
            but = ("", "", 0) if new is None else (self._from.venue, self._epoch, new.position)
            await deciding.erase(customer, self._from.venue, row.head, self._cause(row), but)
        for customer, row in follows.revived.items():
            sql = "UPDATE customers SET erased = NULL, birth = ? WHERE id = ?"
            await self._tx.run(sql, row.head.id if row.head else "", customer)
        again = await deciding.merges(follows.merging) if follows.merging else set()
        if wanted := follows.deciding | again | (anew or set()):
            await deciding.decide(wanted, anew or ())
        after = await self._brands(telling) if wanted or follows.erased else before
        items = list(deciding.items)
        for customer, row in follows.telling:
            for brand in sorted(before.get(customer, set()) & after.get(customer, set())):
                items.append(Item(f"{BRAND}{brand}", "event", customer, *self._cause(row)))
        for customer, row in follows.homeward:
            for brand in sorted(after.get(customer, set())):
                home = customer.rpartition("@")[2]
                items.append(Item(f"{BRAND}{brand}", "event", customer, *self._cause(row), home))
        items += await self._to_expecting(follows, before)
        items += [Item(URGENT, "leaver", "", *self._cause(row)) for row in follows.leavers]
        numbers = await feeds.append(self._tx, items, self._now)
        for _, row in follows.erased:
            if row.head is not None:
                sql = "UPDATE receipts SET number = ? WHERE erasure = ? AND number = 0"
                await self._tx.run(sql, numbers.get(URGENT, 0), row.head.id)
        return numbers

    async def _to_expecting(self, follows: _Follows, told: dict[str, set[str]]) -> list[Item]:
        """What venues are told that expect a customer and are of no brand that is told anyway."""
        sql = """
        SELECT DISTINCT l.customer, l.venue, b.brand FROM lent l
        JOIN boxes b ON b.venue = l.venue AND b.revoked IS NULL
        WHERE l.until IS NULL AND l.why = 'expected' AND l.customer
        """
        expecting: dict[str, list[tuple[str, str]]] = {}
        for customer, venue, brand in sorted(await among(self._tx, sql, told)):
            if brand and brand not in told[customer]:
                expecting.setdefault(customer, []).append((venue, brand))
        return [
            Item(f"{BRAND}{brand}", "event", customer, *self._cause(row), venue)
            for customer, row in follows.telling
            for venue, brand in expecting.get(customer, ())
        ]

    # --- out of turn --------------------------------------------------------------------------------------------------

    async def ahead(self, wires: Sequence[object]) -> dict[str, int]:
        """Takes what ends at once before its turn; raises HubProblem for any other row."""
        position, _, _ = await self.cursor()
        fresh: list[Row] = []
        for wire in wires:
            row = rows.one(self._from.venue, self._from.epoch, None, wire)
            if row.head is None or row.head.type not in scopes.AT_ONCE:
                raise HubProblem("not-yours", why="only what ends at once goes ahead, and never dark")
            if row.position > position and row.position not in await self._early_ones(row.position):
                fresh.append(row)
        follows, _ = await self._sorted(fresh, set())
        follows.telling.clear()
        for row in fresh:
            subject = self._customer(row) or ""
            values = (self._from.venue, self._epoch, row.position, row.hash, subject, row.text, row.sealed)
            sql = "INSERT INTO ahead VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (origin, epoch, position) DO NOTHING"
            await self._tx.run(sql, *values)
        return await self._follow(follows)

    async def _early_ones(self, position: int) -> set[int]:
        sql = "SELECT position FROM ahead WHERE origin = ? AND epoch = ? AND position = ?"
        return {each for (each,) in await self._tx.all(sql, self._from.venue, self._epoch, position)}

    async def reveal(self, wires: Sequence[object]) -> dict[str, int]:
        """Opens rows that the hub holds dark; raises HubProblem where a digest is another, and opens none then."""
        opened: list[Row] = []
        gone: list[Row] = []  # let go of since, dark: the venue vouches for its own history
        select = (
            "SELECT head_digest, body_digest, hash, head FROM events WHERE origin = ? AND epoch = ? AND position = ?"
        )
        update = """
        UPDATE events SET id = ?, type = ?, subject = ?, head = ?, sealed = ?, hlc = ?, dark = ?
        WHERE origin = ? AND epoch = ? AND position = ?
        """
        for wire in wires:
            row = rows.one(self._from.venue, self._from.epoch, None, wire)
            held = await first(self._tx, select, self._from.venue, self._epoch, row.position)
            if row.head is not None and held is None and await self._is_let_go(row.position):
                gone.append(row)
                continue
            if row.head is None or held is None or held[:3] != (row.head_digest, row.body_digest, row.hash):
                raise HubProblem("chain", position=row.position, why="it is not the row that the hub holds dark")
            if not held[3]:
                opened.append(row)
        follows, kept = await self._sorted(sorted(opened + gone, key=lambda row: row.position), set())
        back = {row.position for row in gone}
        again = [self._stored(row, rows.effective(0, row.stamp, self._now)) for row in kept if row.position in back]
        for row in kept:
            if row.head is not None and row.position not in back:
                facts = (row.head.id, row.head.type, self._customer(row) or "", row.text, row.sealed, row.stamp)
                await self._tx.run(update, *facts, b"", self._from.venue, self._epoch, row.position)
        await self._tx.copy("events", EVENT_COLUMNS, again)
        anew = {customer for customer, _ in follows.telling}
        follows.telling.clear()
        return await self._follow(follows, anew)

    async def conceal(self, wires: Sequence[object]) -> None:
        """Keeps dark what was blanked, for its own venue alone; raises HubProblem where a digest is another."""
        select = "SELECT head_digest, body_digest, hash FROM events WHERE origin = ? AND epoch = ? AND position = ?"
        update = "UPDATE events SET dark = ? WHERE head = '' AND origin = ? AND epoch = ? AND position = ?"
        for wire in wires:
            row = rows.one(self._from.venue, self._from.epoch, None, wire)
            at = (self._from.venue, self._epoch, row.position)
            held = await first(self._tx, select, *at)
            if held is None and await self._is_let_go(row.position):
                continue
            if row.head is not None or held is None or held[:3] != (row.head_digest, row.body_digest, row.hash):
                raise HubProblem("chain", position=row.position, why="it is not the row that the hub has")
            await self._tx.run(update, row.dark, *at)

    async def _is_let_go(self, position: int) -> bool:
        begins = await letting_go.pruned(self._tx, self._from.venue, self._epoch)
        return begins is not None and position <= begins.position

    @property
    def destroyed(self) -> bool:
        """Whether keys were destroyed."""
        return self._deciding.destroyed

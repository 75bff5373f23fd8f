"""The venue's records as a talk with the hub needs them; it belongs to the link's thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar

from gateway.hub import bundles, scopes
from gateway.hub.rows import Row
from gateway.hub.wire import Message
from gateway.joined import coming_back, darkness
from gateway.joined.acts import Acts
from gateway.joined.asked import Heard
from gateway.joined.boxes import Box
from gateway.joined.intake import DataKeys, Effects, Intake, Item
from gateway.joined.outgoing import Batch, Marks, Outgoing
from gateway.joined.talk import URGENT
from gateway.records import chain, hub_cursors, journal_rows
from gateway.records.connection import SealedDatabase
from gateway.records.hub_cursors import Cursor, Life
from gateway.records.store import Store
from gateway.records.writer import Tx

T = TypeVar("T")

KEY_OF_HOUSE = "*house*"
"""Whose key seals what the hub says of staff."""
TOLD = hub_cursors.Shared(True, frozenset())
NOTE_EVERY = 10.0  # seconds until it is noted again how far the hub has our rows, where nothing else is noted


class VenueRecords:
    """Reads with a connection of its own, writes through the one writer, and acts on the gateway's loop."""

    def __init__(
        self, store: Store, reader: SealedDatabase, box: Box, brand: str, intake: Intake, acts: Acts,
        main: asyncio.AbstractEventLoop, now: Callable[[], float], steady: Callable[[], float],
    ) -> None:  # fmt: skip
        self._store = store
        self._reader = reader
        self._box = box
        self._brand = brand
        self._intake = intake
        self._acts = acts
        self._main = main
        self._now = now
        self._steady = steady
        self._outgoing = Outgoing(reader, box, brand, intake)
        self._noted_at = float("-inf")

    async def there(self, acting: Coroutine[Any, Any, T]) -> T:
        """Has something done on the gateway's loop, and waits for it."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(acting, self._main))

    async def lives(self) -> Sequence[Life]:
        """The epochs of this venue's id."""
        return [each for each in hub_cursors.lives(self._reader) if each.origin == self._box.venue]

    async def hash_at(self, life: Life, position: int) -> bytes | None:
        """The hash of a row, or of what stands before the first."""
        if position == 0:
            return chain.beginning(life.origin, life.epoch, life.parent)
        return hub_cursors.hash_at(self._reader, life.base + position)

    async def cursors(self) -> tuple[str, Mapping[str, Cursor]]:
        """Where the last conversation ended; another hub, or another box, begins anew."""
        state = hub_cursors.state(self._reader)
        self._outgoing.begin()
        if (state.get("hub"), state.get("box")) != (self._box.hub, self._box.id):
            return "", {}
        return state.get("life", ""), hub_cursors.feeds(self._reader)

    async def held(self, epoch: int) -> tuple[int, bool]:
        """How far the hub had an epoch."""
        sent = hub_cursors.epochs(self._reader).get(epoch)
        return (sent.position, sent.done) if sent is not None else (0, False)

    async def batch(self, life: Life, after: int, before: bytes) -> Batch | None:
        """The next that goes to the hub, of one state of the records.

        Of whom it tells openly is on the disk first: though the answer be lost, their stops go there openly too.
        """
        self._reader.conn.execute("BEGIN")
        try:
            batch = self._outgoing.batch(life, after, before, self._now())
        finally:
            self._reader.conn.execute("ROLLBACK")
        fresh = {} if batch is None else dict.fromkeys(batch.told_of, TOLD)
        if fresh:
            await self._store.write(lambda tx: hub_cursors.share(tx, fresh))
        return batch

    async def ahead(self, life: Life, after: int) -> list[Message]:
        """What goes out of turn."""
        return list(self._outgoing.ahead(life, after))

    async def acked(self, marks: Marks, *, done: bool) -> None:
        """Notes what the hub has, where it matters before long."""
        due = self._steady() - self._noted_at >= NOTE_EVERY
        if not (due or done or marks.shared or marks.facts):
            return
        self._noted_at = self._steady()

        def change(tx: Tx) -> None:
            hub_cursors.sent_to(tx, marks.epoch, marks.position, done=done)
            hub_cursors.share(tx, marks.shared)
            hub_cursors.note(tx, marks.facts)

        await self._store.write(change)

    async def take(self, heard: Heard) -> None:
        """Own customers and colleagues first, by acts of their own; then the rest, with the cursor."""
        others: list[Item] = []
        for item in heard.items:
            if heard.feed != URGENT or not await self._own(item, heard.keys):
                others.append(item)
        effects = await self._store.write(lambda tx: self._taken(tx, heard, others))
        if effects.changed or effects.gone or effects.settled:
            await self.there(self._acts.after(effects))

    def _taken(self, tx: Tx, heard: Heard, items: Sequence[Item]) -> Effects:
        if heard.keys:
            self._intake.keys(tx, heard.keys)
        if heard.part:
            effects = self._intake.snapshot(tx, heard.feed, items, heard.part, last=heard.last)
        else:
            effects = self._intake.news(tx, heard.feed, items)
        if heard.last:
            hub_cursors.read_to(tx, heard.feed, heard.number, heard.hash)
        return effects

    async def _own(self, item: Item, keys: Mapping[tuple[str, bytes], bytes]) -> bool:
        """Whether an urgent item was about this venue's own people, and is done."""
        customer, _, home = item.customer.rpartition("@")
        if item.kind == "leaver":
            for row in item.rows:
                if row.head is None or row.head.type != "staff.left":
                    continue
                if not hired_since(self._reader, row.head.subject, row.stamp or 0):
                    await self.there(self._acts.leave(row.head.subject, self._heir(row, keys)))
            return True
        if home != self._box.venue or not customer:
            return False
        if item.kind == "erase":
            await self.there(self._acts.erase(customer))
        return True

    def _heir(self, row: Row, keys: Mapping[tuple[str, bytes], bytes]) -> str | None:
        """Who takes over here what was a leaver's; None where head office named nobody, or it cannot be read."""
        key = keys.get((KEY_OF_HOUSE, bundles.key_id_of(row.sealed) or b""))
        raw = None if key is None else bundles.open_body(key, row.sealed, row.head_digest)
        said = {} if raw is None else scopes.data_of(raw)
        to = said.get("hand_to")
        by_venue = to.get("by_venue") if isinstance(to, dict) else None
        own = by_venue.get(self._box.venue) if isinstance(by_venue, dict) else None
        heir = own or (to.get("default") if isinstance(to, dict) else None)
        return heir if isinstance(heir, str) and heir else None

    async def begin_life(self, hub: str, life: str) -> None:
        """The hub lives anew, or is another."""
        facts = {"hub": hub, "box": self._box.id, "life": life}
        await self._store.write(lambda tx: hub_cursors.begin_life(tx, facts))
        self._outgoing.begin()

    async def begin_epoch(self, because: str) -> None:
        """What follows is another epoch."""
        await self.there(self._acts.begin_epoch(because))

    # --- what comes back ----------------------------------------------------------------------------------------------

    async def ask_back(self, life: Life) -> None:
        """Rows of this epoch are to come back."""
        await self._store.write(lambda tx: coming_back.ask(tx, life))

    async def lost(self) -> tuple[int, int] | None:
        """Of which epoch, and behind which position."""
        return coming_back.lost(self._reader)

    async def pass_back(self, epoch: int, position: int | None) -> None:
        """From behind here at the earliest; None: of this epoch none come back."""
        known = coming_back.lost(self._reader)
        onwards = position if position is not None and known is not None and position > known[1] else None
        await self._store.write(lambda tx: coming_back.go_on(tx, epoch, onwards))

    async def take_back(self, said: Message, keys: DataKeys, escrow: Mapping[bytes, bytes]) -> None:
        """Rows that came back: what they say counts, and who was erased is erased."""
        back = coming_back.read(said, self._box.venue, darkness.backup_keys(self._reader.keyring))

        def change(tx: Tx) -> Effects:
            changed = coming_back.keep(tx, self._box.venue, back.rows, keys, escrow) - set(back.erased)
            return coming_back.apply(tx, changed, self._now(), self._brand)

        effects = await self._store.write(change)
        if effects.changed or effects.gone:
            await self.there(self._acts.after(effects))
        for customer in back.erased:
            await self.there(self._acts.erase(customer))
        epoch = int(said["epoch"])
        await self._store.write(lambda tx: coming_back.go_on(tx, epoch, back.position if back.more else None))

    async def stopped(self, epoch: int, customers: Sequence[str]) -> None:
        """These stopped what the hub may know, and of the rows that said so digests alone are left."""
        life = next((each for each in hub_cursors.lives(self._reader) if each.epoch == epoch), None)
        before = coming_back.had_by(self._reader, life) if life is not None else 0.0
        for each in customers:
            called, _, home = each.rpartition("@")
            if home == self._box.venue and called:
                await self.there(self._acts.stop(called, before))

    async def pass_over(self, life: Life) -> None:
        """Nothing more of this epoch is sent."""
        position, _ = await self.held(life.epoch)
        await self._store.write(lambda tx: hub_cursors.sent_to(tx, life.epoch, position, done=True))


def hired_since(reader: SealedDatabase, member: str, stamp: int) -> bool:
    """Whether somebody who left was hired here anew since, by the clock of events."""
    found = journal_rows.select(
        reader, "WHERE subject = ? AND type = 'staff.changed' AND hlc > ? ORDER BY number", member, stamp
    )
    return any(event.data.get("hired") for event in found if event.data)

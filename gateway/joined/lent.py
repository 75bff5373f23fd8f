"""What the hub lends, taken in: rows into the tables, keys beside them, and memory behind the disk."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

from gateway.core import forgetting
from gateway.core.actions import merges as joined
from gateway.core.actions.customers import no_longer_here
from gateway.core.gateway import Gateway
from gateway.events import hlc
from gateway.events.event import News
from gateway.events.times import DAY
from gateway.hub import scopes
from gateway.hub.rows import Row
from gateway.joined import announced
from gateway.joined.intake import DataKeys, Effects, Item
from gateway.joined.lease import LEASE_DAYS, Lease
from gateway.records import erasure_receipts, fold, lent, lent_merges, lent_tables, numbers, promises
from gateway.records.connection import SealedDatabase
from gateway.records.lent import Came, Ended
from gateway.records.lent_merges import Settled
from gateway.records.writer import Tx
from gateway.service.owed import Owed

log = logging.getLogger(__name__)

HEARD, UNHEARD = "hub_heard", "hub_unheard"  # counters: milliseconds since 1970 UTC; seconds of running unheard
LEASE = "hub_lease"  # counter: seconds
KEEP_EVERY_S = 300.0  # how often it is written down when the hub was heard: as much of a lease may be lost by a kill


class LentCustomers:
    """The intake of one gateway; ``brand`` is this venue's, as the hub calls it."""

    def __init__(self, house: Gateway, brand: str = "") -> None:
        self._house = house
        self._venue = house.config.venue.id
        self._brand = brand
        reader, now = house.store.reader, house.memory.now()
        heard = numbers.get(reader, HEARD)
        lease = numbers.get(reader, LEASE)
        days = lease / DAY if lease else LEASE_DAYS
        self._lease = Lease(heard / 1000 if heard else now, float(numbers.get(reader, UNHEARD) or 0), days)
        self._kept = 0.0
        for ended in lent.to_tell(reader):
            self._tell(ended)
        for customer in lent.all_announced(reader):
            self._announced(customer)

    # --- in the writer's thread --------------------------------------------------------------------------------------

    def keys(self, tx: Tx, keys: DataKeys) -> None:
        """Data keys, wrapped by the master key of this house; one that an erasure has destroyed stays so."""
        for (customer, key_id), key in keys.items():
            gone = tx.db.conn.execute("SELECT 1 FROM erasures WHERE key_id = ?", (key_id,)).fetchone()
            if "@" in customer and gone is None and fold.at_home(customer) != self._venue:
                tx.keyring.bring(customer, key_id, key)

    def news(self, tx: Tx, feed: str, items: Sequence[Item]) -> Effects:
        """What a feed says, in order."""
        effects = Effects()
        for item in items:
            effects.add(self._take(tx, item))
        if effects.changed:
            effects.settled += lent_merges.settle(tx, self._venue)
        return effects

    def snapshot(self, tx: Tx, feed: str, items: Sequence[Item], part: int, *, last: bool) -> Effects:
        """The same as a whole in parts; whom that of a brand does not name is lent no more."""
        whole = feed.startswith("brand/")
        if whole and part == 1:
            lent.unname(tx)
        effects = self.news(tx, feed, items)
        for customer in lent.unnamed(tx.db) if whole and last else ():
            effects.add(self._end(tx, customer, "unnamed"))
        return effects

    def lent(self, reader: SealedDatabase, customers: Sequence[str]) -> set[str]:
        """Who of these is lent to this venue now."""
        return {each for each in customers if lent.get(reader, each) is not None}

    def _take(self, tx: Tx, item: Item) -> Effects:
        customer = item.customer
        if item.kind in ("recall", "erase"):
            return self._end(tx, customer, "recalled" if item.kind == "recall" else "erased")
        if item.kind not in ("event", "lend"):
            return Effects()
        lent.call(tx, item.names)
        home = fold.at_home(customer)
        own = home == self._venue
        called = customer.rpartition("@")[0] if own else customer
        if item.kind == "lend" and not own:
            lent.begin(tx, customer, home, self._house.memory.now())
            if item.part == 1:
                lent.drop_rows(tx, customer, self._venue)
        elif not own and lent.get(tx.db, customer) is None:
            return Effects()  # it was on its way when they were taken back
        fresh = lent.keep(tx, called, self._came(item.rows))
        if not item.last:
            return Effects()
        if own:
            learnt = any(row.head is not None and row.head.type not in scopes.LOOKS for row in item.rows)
            known = fresh and learnt and lent_tables.learn(tx, called)
            return Effects(changed={called} if known else set())
        shown = lent_tables.show(tx, called, self._house.memory.certain(), self._brand)
        return Effects(changed={called}) if shown else Effects(gone={called})

    def _came(self, rows: Iterable[Row]) -> Iterator[Came]:
        """The rows of others; by a clock that is far ahead nothing is newer than what is known next."""
        most = int(self._house.memory.now() * 1000) + hlc.AHEAD_MS << hlc.COUNTER_BITS
        for row in rows:
            if row.head is not None and row.head.origin != self._venue:
                stamp = min(row.stamp or 0, most)
                yield Came(row.head.origin, str(row.head.epoch), row.position, stamp, row.text, row.sealed)

    def _end(self, tx: Tx, customer: str, because: str) -> Effects:
        if not lent.end(tx, customer, because, self._house.memory.now()):
            return Effects()
        tx.after_commit.append(lambda: self._house.store.anchor.forget("customers", customer))
        return Effects(gone={customer})

    # --- on the gateway's loop ---------------------------------------------------------------------------------------

    def after(self, effects: Effects) -> None:
        """Memory follows what the disk has: who is gone is silent first of all."""
        waiting = {ended.customer: ended for ended in lent.to_tell(self._house.store.reader)} if effects.gone else {}
        for customer in sorted(effects.gone):
            self._silence(customer)
            ended = waiting.get(customer)
            if ended is not None:
                self._tell(ended)
        for customer in sorted(effects.changed):
            self._changed(customer)
        for each in effects.settled:
            self._settled(each)

    def heard(self, now: float, lease_days: float | None = None) -> None:
        """The hub was heard: the lease begins anew, and what was set aside is known again."""
        self._lease.heard(now)
        other = lease_days is not None and lease_days != self._lease.lease_days
        if lease_days is not None:
            self._lease.lease_days = lease_days
        if other or now - self._kept >= KEEP_EVERY_S:
            self._keep(now)
        self._set_aside(aside=False)

    def hold(self, *, held: bool) -> None:
        """While ``held`` nobody who is lent shows on any screen, nor is announced."""
        borrowed = self._house.memory.people.borrowed
        if borrowed.held != held:
            borrowed.held = held
            self._all_anew()

    def pulse(self, now: float) -> None:
        """What time brings; called every few seconds. Sets aside, and destroys what was set aside for long enough."""
        word = self._lease.look(now)
        if word != "fresh":
            self._set_aside(aside=True)
            if now - self._kept >= KEEP_EVERY_S:
                self._keep(now)
        self._look_at_clashes()
        if word == "over" and (everybody := self._house.memory.people.borrowed.all()):
            self.end_all("unheard", everybody)

    def end_all(self, because: str, customers: Sequence[str]) -> None:
        """Destroys what these were lent with: the lease is over, or this venue has left the house."""
        effects = Effects()

        def end(tx: Tx) -> None:
            for customer in customers:
                effects.add(self._end(tx, customer, because))

        self._house.store.call(end)
        log.warning("lent customers: the keys of %d were destroyed (%s)", len(effects.gone), because)
        self.after(effects)

    def _look_at_clashes(self) -> None:
        """What two customers carried is one's again: somebody has decided."""
        if not (settled := lent.settled(self._house.store.reader)):
            return
        now, effects = self._house.memory.certain(), Effects()

        def show(tx: Tx) -> None:
            for customer in settled:
                if lent_tables.show(tx, customer, now, self._brand):
                    effects.changed.add(customer)

        self._house.store.call(show)
        self.after(effects)

    def _keep(self, now: float) -> None:
        lease = self._lease
        self._kept = now
        counted = {
            HEARD: int(lease.heard_at * 1000), UNHEARD: int(lease.unheard_s), LEASE: round(lease.lease_days * DAY)
        }  # fmt: skip

        def keep(tx: Tx) -> None:
            for name, count in counted.items():
                numbers.put(tx.db, name, count)

        self._house.store.post(keep)

    def _set_aside(self, *, aside: bool) -> None:
        borrowed = self._house.memory.people.borrowed
        if borrowed.aside == aside:
            return
        if aside and borrowed.all():
            log.warning("lent customers are set aside: the hub was not heard of for %.0f days", self._lease.lease_days)
        if aside:
            for customer in self._here():
                self._depart(customer)
        borrowed.aside = aside
        self._all_anew()

    def _all_anew(self) -> None:
        memory = self._house.memory
        for customer in memory.people.borrowed.all():
            memory.people.admit(customer)
        for customer in self._here():
            self._say(customer)

    def _here(self) -> list[str]:
        borrowed, presence = self._house.memory.people.borrowed, self._house.memory.presence
        return [each.customer for each in presence.here() if borrowed.venue(each.customer) is not None]

    def _depart(self, customer: str) -> None:
        house = self._house
        house.note(no_longer_here(house, customer, house.memory.now(), "revoked"))

    def _settled(self, each: Settled) -> None:
        """Records are of one person, or of two again: who was here goes on as them, and nobody is greeted anew."""
        joined.settled(self._house, each)
        for customer in (each.kept, each.other):
            self._say(self._house.memory.family.root(customer))

    def _silence(self, customer: str) -> None:
        """Off the roster, the card away, the visit ended."""
        memory = self._house.memory
        self._depart(customer)
        others = memory.people.borrowed.changed(self._house.store.reader, customer)
        others |= {each for each in memory.family.all_of(customer) if each != customer}
        memory.people.forget(*others)
        memory.family.forget(customer)
        memory.people.forget(customer)
        memory.people.lost(customer)
        for each in others:
            memory.people.admit(each)

    def _tell(self, ended: Ended) -> None:
        house = self._house
        receipt = None
        if ended.because == "erased":
            receipt = {
                "id": erasure_receipts.new_id(), "by": "house", "because": "asked", "venue": self._venue,
                "places": forgetting.places(house, [ended.customer]),
            }  # fmt: skip
        data = {
            "customer": ended.customer, "venue": ended.venue, "because": ended.because, "keys": ended.keys,
            "erasure": receipt,
        }  # fmt: skip
        house.note([News("lent.ended", ended.customer, data)])

    def _changed(self, customer: str) -> None:
        """What is known of somebody is read anew: they are recognised from now on, their card goes on."""
        memory, reader = self._house.memory, self._house.store.reader
        others = memory.people.borrowed.changed(reader, customer)
        root = memory.family.root(customer)
        memory.people.forget(customer, root)
        memory.known.forget(customer)
        memory.meet(customer)
        for row in promises.of_customer(reader, customer):
            memory.dues.put(Owed.from_data(row))
        for each in (customer, *others):
            memory.people.admit(each)
        self._announced(customer)
        if memory.presence.where(root) is not None:
            self._say(customer)

    def _announced(self, customer: str) -> None:
        """Head office said that they come, or do not after all: the book has it once they are known."""
        house = self._house
        if house.memory.meet(customer) is None:
            return
        found = announced.news_of(house, house.store.reader, customer)
        if found.rows:
            house.note(found.news)
            house.store.post(lambda tx: announced.mark(tx, customer, found.rows))

    def _say(self, customer: str) -> None:
        venue = self._house.memory.people.borrowed.venue(customer)
        self._house.note([News("lent.changed", customer, {"customer": customer, "venue": venue})])

"""Any history of a house of three venues: cut, put back, stopped, erased; and one truth at its end."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from gateway.hub.database import Tx as HubTx
from gateway.hub.own_rows import Own, OwnRows
from gateway.joined import known as agreed
from gateway.joined.lent import LentCustomers
from gateway.records import consents, customers, preferences
from tests.joined.pair import NOW, Acted, Ended, House, Venue, house
from tests.records import happening as h

VENUES = ("flagship", "lounge", "terrace")
SHARE = "share_houses"


@dataclass
class Guest:
    """What the test knows of somebody: ``stopped`` since they last agreed, ``ever`` at any time."""

    id: str
    home: str
    stopped: bool = False
    ever: bool = False
    erased: bool = False
    likes: set[str] = field(default_factory=set)

    @property
    def called(self) -> str:
        return f"{self.id}@{self.home}"


class Intake(LentCustomers):
    """What a gateway writes down of whom others lend; no memory and no screen follow."""

    def __init__(self, venue: Venue) -> None:
        memory = SimpleNamespace(now=lambda: venue.now, certain=lambda: venue.now)
        store = SimpleNamespace(anchor=SimpleNamespace(forget=lambda *_: None))
        self._house: Any = SimpleNamespace(memory=memory, store=store)
        self._venue, self._brand = venue.name, "aurelia"


class Acts(Acted):
    """Does what the hub asks for, by events as a gateway would write."""

    async def erase(self, customer: str) -> bool:
        self.venue.record(h.erased(customer))
        return True

    async def stop(self, customer: str, before: float) -> bool:
        if agreed.may_be_known(self.venue.store.reader, [customer], "aurelia", self.venue.now):
            self.venue.record(h.revoked(customer, SHARE, at=self.venue.now))
        return True


class AnyHouse(RuleBasedStateMachine):
    """Rules are what people and machines do; what has to be so is looked at once everybody has talked."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="any-house-"))
        self.loop = asyncio.new_event_loop()
        self.made = house(self.folder)
        self.house: House = self.loop.run_until_complete(self.made.__aenter__())
        self.guests: list[Guest] = []
        self.copies: dict[str, Path] = {}
        self.count = 0

    @initialize()
    def join(self) -> None:
        for name in VENUES:
            self.ready(self.loop.run_until_complete(self.house.venue(name)))

    def ready(self, venue: Venue) -> None:
        venue.intake = Intake(venue)  # type: ignore[assignment]
        venue.acted = Acts(venue)

    def next(self) -> int:
        self.count += 1
        for venue in self.house.venues.values():
            venue.now = NOW + self.count
        return self.count

    def at(self, name: str) -> Venue:
        return self.house.venues[name]

    def of(self, index: int) -> Guest:
        return self.guests[index % len(self.guests)]

    def there(self, guest: Guest) -> bool:
        return customers.get_customer(self.at(guest.home).store.reader, guest.id) is not None

    def known(self, guest: Guest, name: str) -> bool:
        """Whether a venue knows whom another lends."""
        return customers.get_customer(self.at(name).store.reader, guest.called) is not None

    def talks(self, name: str, cut_after: int | None = None) -> None:
        with suppress(Ended):
            self.loop.run_until_complete(self.at(name).converse(cut_after=cut_after))

    # --- what people do -----------------------------------------------------------------------------------------------

    @rule(home=st.sampled_from(VENUES), shares=st.booleans())
    def enrol(self, home: str, *, shares: bool) -> None:
        number = self.next()
        guest = Guest(f"c-{number}", home)
        self.guests.append(guest)
        self.at(home).record(h.enrolled(guest.id, name=f"Guest {number}"), h.granted(guest.id, at=NOW))
        if shares:
            self.at(home).record(h.granted(guest.id, SHARE, at=NOW + number))

    @precondition(lambda self: self.guests)
    @rule(index=st.integers(0, 99))
    def likes(self, index: int) -> None:
        guest = self.of(index)
        if self.there(guest):
            fact = f"f-{self.next()}"
            guest.likes.add(fact)
            self.at(guest.home).record(h.preferred(guest.id, fact, value=fact))

    @precondition(lambda self: self.guests)
    @rule(index=st.integers(0, 99), name=st.sampled_from(VENUES))
    def likes_elsewhere(self, index: int, name: str) -> None:
        guest = self.of(index)
        if name != guest.home and self.known(guest, name):
            fact = f"f-{self.next()}"
            self.at(name).record(h.preferred(guest.called, fact, value=fact))

    @precondition(lambda self: self.guests)
    @rule(index=st.integers(0, 99), name=st.sampled_from(VENUES))
    def stops(self, index: int, name: str) -> None:
        guest = self.of(index)
        here = name == guest.home
        if here and self.there(guest):
            self.at(name).record(h.revoked(guest.id, SHARE, at=NOW + self.next()))
        elif not here and self.known(guest, name):
            self.at(name).record(h.revoked(guest.called, SHARE, at=NOW + self.next()))
        else:
            return
        guest.stopped = guest.ever = True

    @precondition(lambda self: self.guests)
    @rule(index=st.integers(0, 99))
    def agrees(self, index: int) -> None:
        """Knowing of every stop: the whole house has talked before they sign."""
        guest = self.of(index)
        self.everybody_talks()
        if not self.there(guest):
            return
        said = consents.ledger_of(self.at(guest.home).store.reader, guest.id)
        lifts = [each.id for each in said if each.purpose == SHARE and each.act == "withdrawn"]
        self.at(guest.home).record(h.granted(guest.id, SHARE, lifts=lifts, at=NOW + self.next()))
        guest.stopped = False

    @precondition(lambda self: self.guests)
    @rule(index=st.integers(0, 99), by_hub=st.booleans())
    def erase(self, index: int, *, by_hub: bool) -> None:
        guest = self.of(index)
        if not self.there(guest):
            return
        if by_hub:
            self.hub_writes(Own("customer.erased", guest.called, {"customer": guest.called}, "*house*"))
        else:
            self.at(guest.home).record(h.erased(guest.id))
        self.next()
        guest.erased = True

    def hub_writes(self, own: Own) -> None:
        async def does(_: HubTx, rows: OwnRows) -> None:
            await rows.write([own])

        self.loop.run_until_complete(self.house.hub.write(does, "office", int((NOW + self.count) * 1000)))

    # --- what machines do ---------------------------------------------------------------------------------------------

    @rule(name=st.sampled_from(VENUES), cut_after=st.integers(0, 12))
    def talks_until_the_cable_is_cut(self, name: str, cut_after: int) -> None:
        self.talks(name, cut_after)

    @rule(name=st.sampled_from(VENUES))
    def starts_anew(self, name: str) -> None:
        self.at(name).close()
        self.at(name).open()
        self.ready(self.at(name))

    @rule(name=st.sampled_from(VENUES))
    def is_copied(self, name: str) -> None:
        venue = self.at(name)
        self.settle()
        venue.close()
        copy = self.copies[name] = self.folder / f"copy-{name}-{self.next()}"
        shutil.copytree(venue.folder, copy)
        venue.open()
        self.ready(venue)

    @precondition(lambda self: self.copies)
    @rule(index=st.integers(0, 9))
    def is_put_back(self, index: int) -> None:
        """After the hub has every row: nobody could know the rest. It is heard before anybody writes."""
        name = sorted(self.copies)[index % len(self.copies)]
        venue = self.at(name)
        self.settle()
        venue.close()
        shutil.rmtree(venue.folder)
        shutil.move(self.copies.pop(name), venue.folder)
        venue.open()
        self.ready(venue)
        self.next()
        self.talks(name)

    def settle(self) -> None:
        for _ in range(4):
            for name in VENUES:
                self.talks(name)

    # --- what has to be so --------------------------------------------------------------------------------------------

    def shared(self, guest: Guest) -> bool:
        """Whether their own house says that others may know them."""
        reader = self.at(guest.home).store.reader
        return self.there(guest) and bool(agreed.may_be_known(reader, [guest.id], "aurelia", NOW + self.count))

    @rule()
    def everybody_talks(self) -> None:
        self.settle()
        for guest in self.guests:
            self.look(guest)

    def look(self, guest: Guest) -> None:
        home = self.at(guest.home).store.reader
        if guest.erased:
            assert not self.there(guest), f"{guest} is back at home"
        if not (guest.ever or guest.erased):
            assert self.there(guest), f"{guest} is lost"
            assert guest.likes <= {fact.id for fact in preferences.facts_of(home, guest.id)}, (
                f"of {guest} facts are lost"
            )
        wanted = self.shared(guest)
        assert not (guest.stopped and wanted), f"{guest} stopped, and their house does not know"
        for name in VENUES:
            if name != guest.home:
                self.look_at(guest, self.at(name), wanted=wanted)
        if not wanted:
            held = self.loop.run_until_complete(self.house.hub.wraps.keys_for([guest.called]))
            assert held == [], f"the hub may open {guest}"

    def look_at(self, guest: Guest, venue: Venue, *, wanted: bool) -> None:
        reader = venue.store.reader
        found = customers.get_customer(reader, guest.called)
        assert (found is not None) == wanted, f"{guest} at {venue.name}: {found}"
        if not wanted:
            assert venue.store.keyring.ids_of(guest.called) == [], f"{venue.name} may open {guest}"
            return
        there = {fact.id for fact in preferences.facts_of(reader, guest.called)}
        here = {fact.id for fact in preferences.facts_of(self.at(guest.home).store.reader, guest.id)}
        assert there <= here, f"{venue.name} knows of {guest} what their house does not"
        if not guest.ever:  # what a third venue wrote before a stop, the hub has as digests alone
            assert there == here, f"{guest} is another at {venue.name}"

    def teardown(self) -> None:
        try:
            if self.house.venues:
                self.everybody_talks()
        finally:
            self.loop.run_until_complete(self.made.__aexit__(None, None, None))
            self.loop.close()
            shutil.rmtree(self.folder, ignore_errors=True)


def test_any_history_ends_in_one_truth_everywhere() -> None:
    few = settings(
        max_examples=8, stateful_step_count=14, deadline=None, derandomize=True, database=None,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(AnyHouse, settings=few)

"""Laws over random days: memory made of the tables is memory, and tables made of the journal are tables."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from gateway.core import restoring
from gateway.core.action import Action, Actor
from gateway.core.actions import (
    alerts,
    asks,
    consents,
    customers,
    expected,
    menus,
    merges,
    mistakes,
    owed,
    preferences,
    rounds,
    seats,
    staff,
    visits,
)
from gateway.core.actions.orders import Said
from gateway.core.state import Memory, plan_of
from gateway.events.event import News
from gateway.records import rebuild
from gateway.records.errors import Conflict, Erased
from gateway.records.journal import Journal
from gateway.records.staff import Staff
from gateway.records.store import Store
from gateway.records.verify import verify
from gateway.service.desk import Refused
from tests.core.picture import picture
from tests.core.test_gateway import START, House, config
from tests.records import happening as h
from tests.records import next_release
from tests.records.happening import record

CUSTOMERS = ("chen", "hale", "okafor")
TAGS = {name: f"epc:3034F10A5C0E40000000000{n}" for n, name in enumerate(CUSTOMERS, 1)}
PEOPLE = ("anna", "ben", "mei")
customers_ = st.sampled_from(CUSTOMERS)
people = st.sampled_from(PEOPLE)
ids = st.sampled_from([f"0199ac51-5a10-7e44-8f31-2d6c0b7e11a{n}" for n in range(4)])
rounds_ = st.sampled_from([f"0199ac51-5a10-7e44-8f31-2d6c0b7e11b{n}" for n in range(2)])
numbers = st.integers(0, 99)
words = st.sampled_from(["tea", "no ice", "窗边", "nuts"])


class AnyDay(RuleBasedStateMachine):
    """Anything that guests, staff and programs may do, in any order, refused or not."""

    first_sight = False

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.rows: dict[str, list[tuple[int, str | None]]] = {}
        self.folder = tempfile.TemporaryDirectory()
        self.before(Path(self.folder.name) / "data")
        self.house = House(Path(self.folder.name) / "data", hire=False, first_sight=self.first_sight)
        for name in PEOPLE:
            member = Staff(name, name.title(), ["manager" if name == "mei" else "floor"])
            self.does(partial(staff.put, self.g, member), "mei")
            self.does(partial(staff.start_shift, self.g, name, [], None, self.now), name)
            self.house.memory.floor.connect(name)

    @property
    def g(self) -> Any:
        return self.house.gateway

    @property
    def now(self) -> float:
        return self.house.now

    def teardown(self) -> None:
        self.loop.run_until_complete(self.g.settle())
        self.house.store.call(lambda tx: None)
        self.check()
        self.house.store.close()
        self.loop.close()
        self.after(self.house.store.folder)
        self.folder.cleanup()

    def before(self, folder: Path) -> None:
        """What happened in the folder before this day."""

    def after(self, folder: Path) -> None:
        """What becomes of it after the day."""

    def check(self) -> None:
        """Both laws, and the chain."""
        self.house.store.call(lambda tx: None)
        again = Memory(config(), plan_of(config()), self.house.store)
        again.now = lambda: self.house.now  # type: ignore[method-assign]
        again.clock.behind = self.house.memory.clock.behind  # a start begins with what was in doubt
        restoring.restore(again, self.house.store.reader, self.now)
        assert picture(again) == picture(self.house.memory)
        with closing(self.house.store.open_reader()) as reader:
            assert verify(reader).ok
            assert rebuild.check(reader, self.house.store.folder).differences == []

    def does(self, make: Callable[[], Action], who: str) -> None:
        async def act() -> None:
            with suppress(Refused, Conflict, Erased):
                await self.g.act(make, who)

        self.loop.run_until_complete(act())

    async def _hear(self, reader: str, identifier: str) -> None:
        self.house.hears(reader, identifier)

    @rule(
        customer=customers_,
        wishes=st.lists(st.sampled_from(["no_name", "do_not_disturb", "do_not_recognise"]), max_size=2),
    )
    def is_known(self, customer: str, wishes: list[str]) -> None:
        facts: dict[str, Any] = {"name": customer.title(), "address_as": "", "language": "en", "tier": "gold"}
        facts |= {"associate": "anna", "deputy": "ben", "wishes": wishes}
        self.does(partial(customers.put, self.g, customer, facts, self.now), "mei")
        self.does(partial(customers.give, self.g, customer, TAGS[customer], "", None, self.now), "mei")

    @rule(customer=customers_, purpose=st.sampled_from(["recognise_tag", "keep_preferences"]), agrees=st.booleans())
    def agrees(self, customer: str, purpose: str, agrees: bool) -> None:
        told = {"purpose": purpose, "method": "paper"}
        grant = partial(consents.say, self.g, customer, told, Actor("mei"), self.now)
        self.does(grant if agrees else partial(consents.stop, self.g, customer, purpose, Actor("mei"), self.now), "mei")

    @rule(customer=customers_, reader=st.sampled_from(["counter", "counter", "out"]))
    def is_heard(self, customer: str, reader: str) -> None:
        async def hear() -> None:
            self.house.hears(reader, TAGS[customer])
            self.house.passes(1)

        self.loop.run_until_complete(hear())

    @rule(seconds=st.sampled_from([1.0, 9.0, 130.0, 700.0]))
    def time_passes(self, seconds: float) -> None:
        async def passing() -> None:
            self.house.passes(seconds, step=max(0.5, seconds / 100))
            await self.g.settle()

        self.loop.run_until_complete(passing())

    @rule(by=st.sampled_from([-120.0, 7.0, 54_000.0, -54_000.0, 410 * 86_400.0]))
    def the_clock_is_set(self, by: float) -> None:
        self.house.clock_set(by)

    @precondition(lambda self: self.house.memory.desk.alerts())
    @rule(
        who=people,
        what=st.sampled_from(["claim", "release", "close", "elsewhere", "seen", "rate", "over", "wrong"]),
        to=people,
        where=st.sampled_from(["bar", "lounge"]),
        which=st.integers(0, 3),
    )
    def acts_on_a_card(self, who: str, what: str, to: str, where: str, which: int) -> None:
        every = self.house.memory.desk.alerts()
        alert, actor = every[which % len(every)].id, Actor(who, lead=who == "mei")
        make: dict[str, Callable[[], Action]] = {
            "claim": partial(alerts.claim, self.g, alert, actor, self.now),
            "release": partial(alerts.release, self.g, alert, actor, self.now),
            "close": partial(alerts.close, self.g, alert, "greeted", None, None, actor, self.now),
            "elsewhere": partial(alerts.close, self.g, alert, "not_found", None, where, actor, self.now),
            "seen": partial(alerts.seen, self.g, alert, where, actor, self.now),
            "rate": partial(alerts.rate, self.g, alert, True, actor, self.now),
            "wrong": partial(mistakes.wrong_person, self.g, alert, "too young", actor, self.now),
            "over": partial(alerts.hand_over, self.g, alert, to, actor, self.now),
        }
        self.does(make[what], who)

    @rule(who=people, customer=customers_, id_=ids, value=words, polarity=st.sampled_from(["do", "avoid", "allergy"]),
          scope=st.sampled_from(["standing", "one_off"]))  # fmt: skip
    def learns(self, who: str, customer: str, id_: str, value: str, polarity: str, scope: str) -> None:
        said = {"id": id_, "category": "drink", "value": value, "polarity": polarity, "basis": "stated", "scope": scope}
        self.does(partial(preferences.record, self.g, customer, said, Actor(who), self.now), who)

    @rule(
        who=people,
        customer=customers_,
        id_=ids,
        text=words,
        kind=st.sampled_from(["promise", "complaint"]),
        close=st.booleans(),
    )
    def owes(self, who: str, customer: str, id_: str, text: str, kind: Any, close: bool) -> None:
        actor = Actor(who)
        if close:
            self.does(partial(owed.close, self.g, kind, customer, id_, None, actor, self.now), who)
        else:
            self.does(partial(owed.open_, self.g, kind, customer, text, None, None, id_, actor, self.now), who)

    @precondition(lambda self: self.house.memory.presence.here())
    @rule(who=people, which=st.integers(0, 2), id_=ids, question=words, count=st.integers(0, 3))
    def asks_something(self, who: str, which: int, id_: str, question: str, count: int) -> None:
        every = self.house.memory.presence.here()
        visit, actor = every[which % len(every)].visit, Actor(who)
        self.does(partial(asks.ask, self.g, visit, question, Said(), count == 1, id_, None, actor, self.now), who)
        self.does(partial(asks.answer, self.g, id_, Said(answer="yes"), None, actor, self.now), who)
        self.does(partial(visits.companions, self.g, visit, count, actor), who)

    # --- seats, menus and rounds ---------------------------------------------------------------------------------

    @precondition(lambda self: self.house.memory.presence.here())
    @rule(who=people, which=st.integers(0, 2), place=st.sampled_from(["1A", "1C", "2A", None]), swap=st.booleans())
    def sits(self, who: str, which: int, place: str | None, swap: bool) -> None:
        every = self.house.memory.presence.here()
        visit = every[which % len(every)].visit
        self.does(partial(seats.take, self.g, visit, place, None, swap, Actor(who), self.now), who)

    @rule(customer=customers_, place=st.sampled_from(["1A", "1C", None]), id_=st.none() | ids, gone=st.booleans())
    def is_expected(self, customer: str, place: str | None, id_: str | None, gone: bool) -> None:
        row = {"id": id_, "customer": customer, "begins": None, "ends": None, "place": place, "note": "by the door"}
        if gone:
            self.does(partial(expected.remove, self.g, id_ or ""), "mei")
        self.does(partial(expected.add, self.g, row, self.now), "mei")

    @rule(stock=st.none() | st.integers(0, 2), peanuts=st.booleans())
    def there_is(self, stock: int | None, peanuts: bool) -> None:
        dish: dict[str, Any] = {
            "id": "kungpao",
            "labels": {"zh-CN": "宫保鸡丁", "en": "Kung Pao"},
            "may_contain": [],
            "without": [],
        }
        rows = [
            {**dish, "allergens": ["peanuts"] if peanuts else None, "ingredients": [], "stock": stock},
            {**dish, "id": "rice", "allergens": [], "ingredients": [], "stock": None},
        ]
        self.does(partial(menus.put, self.g, "lunch", "lunch", rows), "mei")

    @rule(who=people, id_=rounds_, menu=st.sampled_from(["lunch", None]), ends=st.booleans())
    def goes_round(self, who: str, id_: str, menu: str | None, ends: bool) -> None:
        actor = Actor(who)
        self.does(partial(rounds.start, self.g, "lunch", ["bar"], menu, id_, None, actor, self.now), who)
        if ends:
            self.does(partial(rounds.end, self.g, id_, None, actor, self.now), who)

    @precondition(lambda self: self.house.memory.presence.here())
    @rule(who=people, which=st.integers(0, 2), id_=ids, item=st.sampled_from(["kungpao", "rice"]), again=st.booleans())
    def orders(self, who: str, which: int, id_: str, item: str, again: bool) -> None:
        every = self.house.memory.presence.here()
        here, actor = every[which % len(every)], Actor(who)
        known = tuple(each.id for each in self.g.views.dining.lines(here.customer))
        said = Said(item=item, menu="lunch", despite=known, reason="guest_confirmed")
        self.does(partial(asks.ask, self.g, here.visit, "lunch", said, again, id_, None, actor, self.now), who)
        self.does(partial(asks.serve, self.g, id_, again, None, actor, self.now), who)
        self.does(partial(asks.saw_flag, self.g, id_, None, actor, self.now), who)

    @rule(who=people, id_=rounds_, place=st.sampled_from(["1A", "2C"]), act=st.integers(0, 4), sequence=numbers)
    def is_ordered_for_a_seat(self, who: str, id_: str, place: str, act: int, sequence: int) -> None:
        actor = Actor(who)
        said = {"id": None, "item": "kungpao", "answer": None, "without": (), "note": None, "at": None}
        self.does(partial(rounds.order, self.g, id_, place, said, actor, self.now), who)
        if act < 3:
            self.does(partial(rounds.serve, self.g, id_, place, act == 0, act == 2, None, actor, self.now), who)
        self.does(partial(rounds.acknowledge, self.g, id_, sequence, actor, self.now), who)
        self.does(partial(rounds.saw_flag, self.g, id_, place, None, actor, self.now), who)

    @invariant()
    def a_place_has_one_guest_and_a_guest_one_place(self) -> None:
        sitting = self.house.memory.seating.all()
        assert len({seat.place for seat in sitting}) == len({seat.visit for seat in sitting}) == len(sitting)
        assert {seat.visit for seat in sitting} <= {here.visit for here in self.house.memory.presence.here()}

    @invariant()
    def rows_have_not_moved_and_counts_are_the_sum_of_orders(self) -> None:
        for each in self.house.memory.rounds.all():
            rows = [(row.row, row.place) for row in each.rows]
            before = self.rows.setdefault(each.id, rows)
            assert rows[: len(before)] == before
            self.rows[each.id] = rows
            assert [row for row, _ in rows] == list(range(len(rows)))
            shown = self.g.views.dining.round(each)
            assert sum(count["n"] for count in shown["counts"]) == len(each.plates)

    @precondition(lambda self: bool(mistakes.unsettled(self.g)))
    @rule(because=st.sampled_from(["it_was_them", "taken_back"]))
    def it_is_settled(self, because: Any) -> None:
        mistake = mistakes.unsettled(self.g)[0]["id"]
        self.does(partial(mistakes.settle, self.g, mistake, because, self.now), "mei")

    @rule(one=customers_, other=customers_)
    def turn_out_to_be_one(self, one: str, other: str) -> None:
        self.does(partial(merges.merge, self.g, one, other, self.now), "mei")

    @rule(customer=customers_, which=st.integers(0, 1))
    def are_two_after_all(self, customer: str, which: int) -> None:
        every = merges.parts(self.g, customer)
        if every:
            merge = every[which % len(every)]["merge"]
            self.does(partial(merges.unmerge, self.g, customer, merge, self.now), "mei")

    @rule(who=people, on=st.booleans())
    def works(self, who: str, on: bool) -> None:
        start = partial(staff.start_shift, self.g, who, [], self.now + 600, self.now)
        self.does(start if on else partial(staff.end_shift, self.g, who, self.now), who)

    @rule(customer=customers_)
    def is_forgotten(self, customer: str) -> None:
        self.does(partial(customers.erase, self.g, customer, self.now), "mei")

    @invariant()
    def nobody_is_recognised_who_did_not_agree(self) -> None:
        for here in self.house.memory.presence.here():
            assert self.house.memory.person(here.customer) is not None


class AnyDayOfMany(AnyDay):
    """The same in a house that asks who is recognised at first sight; after the restart it knows them by heart."""

    first_sight = True


class AnyDayOfAReleaseBefore(AnyDay):
    """The same in a folder that the next release has opened; it is at work again afterwards."""

    def before(self, folder: Path) -> None:
        with next_release.at_work():
            self._opened(folder, *(h.enrolled(name) for name in CUSTOMERS), next_release.cheered("chen"))

    def after(self, folder: Path) -> None:
        with next_release.at_work():
            known = self._opened(folder)
            assert known.get("chen", 1) == 1, "what only the next release knows is known to it again"

    def _opened(self, folder: Path, *news: News) -> dict[str, int]:
        """Opens the folder, records what happened, looks whether all of it holds, and answers whom it has cheered."""
        with closing(Store.open(folder, source="/venues/house")) as store:
            journal = Journal(store, origin="house")
            record(store, journal, *news, at=START - 100)
            with closing(store.open_reader()) as reader:
                assert verify(reader).ok
                assert rebuild.check(reader, folder).differences == []
                people = {row[0] for row in reader.conn.execute("SELECT id FROM customers")}
                known = next_release.welcomes(reader)
            assert set(known) == people
            return dict(known)


def test_any_day_is_the_same_day_after_a_restart_and_from_the_journal() -> None:
    run_state_machine_as_test(AnyDay, settings=settings(max_examples=40, stateful_step_count=30, deadline=None))


def test_any_day_of_a_house_that_asks_at_first_sight_is_the_same_day_to_one_that_knows_all_by_heart() -> None:
    run_state_machine_as_test(AnyDayOfMany, settings=settings(max_examples=25, stateful_step_count=30, deadline=None))


def test_any_day_beside_what_the_next_release_has_added_is_whole_for_both() -> None:
    few = settings(max_examples=12, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(AnyDayOfAReleaseBefore, settings=few)

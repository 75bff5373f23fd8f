"""Two records of one person: one visit, one card, one sheet; and two again as they were."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core import restoring
from gateway.core.action import Action, Actor
from gateway.core.actions import alerts, asks, consents, customers, menus, merges, owed, preferences, rounds, seats
from gateway.core.actions.orders import Said
from gateway.core.gateway import Gateway
from gateway.core.state import Memory, plan_of
from gateway.records import exchange, rebuild
from gateway.records.errors import Conflict, Erased
from gateway.records.verify import verify
from gateway.service.desk import Refused
from tests.core.picture import picture
from tests.core.test_gateway import ANNA, House, config

FOB, KEYS = "em:0700C4A901", "em:0700C4A902"
RICE: dict[str, Any] = {
    "id": "rice", "labels": {"zh-CN": "饭", "en": "Rice"}, "allergens": [], "may_contain": [], "ingredients": [],
    "without": [], "stock": 2,
}  # fmt: skip
Does = Callable[..., Any]


@pytest.fixture(params=[False, True], ids=["by heart", "at first sight"])
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    made = House(tmp_path / "data", first_sight=request.param)
    yield made
    holds(made)
    made.store.close()


def holds(house: House) -> None:
    """Both laws: memory is what a restart makes, and tables are what the journal says."""
    house.store.call(lambda tx: None)
    again = Memory(config(), plan_of(config()), house.store)
    again.now = lambda: house.now  # type: ignore[method-assign]
    restoring.restore(again, house.store.reader, house.now)
    hired_by_hand = dict.fromkeys(("staff", "shifts"))
    assert picture(again) | hired_by_hand == picture(house.memory) | hired_by_hand
    with closing(house.store.open_reader()) as reader:
        assert verify(reader).ok
        assert rebuild.check(reader, house.store.folder).differences == []


def agrees(gateway: Gateway, customer: str, purpose: str, now: float) -> Action:
    return consents.say(gateway, customer, {"purpose": purpose, "method": "paper"}, ANNA, now)


def stops(gateway: Gateway, customer: str, purpose: str, now: float) -> Action:
    return consents.stop(gateway, customer, purpose, ANNA, now)


async def does(house: House, act: Callable[..., Any], *args: Any, **more: Any) -> Any:
    return await house.does(partial(act, house.gateway, *args, now=house.now, **more))


def page(house: House, customer: str) -> dict[str, Any]:
    found = house.gateway.customer(customer)
    assert found is not None
    return house.gateway.views.customer(found, named=True)


async def test_two_who_are_here_become_one_visit_and_nobody_is_greeted_twice(house: House) -> None:
    house.enrol("a", FOB, tier="gold")
    house.enrol("b", KEYS, address_as="Frau Weiß", tier="black", wishes=["no_photographs"])
    house.hears("counter", FOB)
    house.hears("counter", KEYS)
    cards = {a.customer: a.id for a in house.memory.desk.alerts()}
    await does(house, alerts.claim, cards["b"], ANNA)
    await does(house, alerts.close, cards["b"], "greeted", None, None, ANNA)
    await does(house, merges.merge, "a", "b")
    assert [h.customer for h in house.memory.presence.here()] == ["a"]
    assert house.memory.desk.alerts() == []  # who greeted the one has greeted them
    assert house.memory.desk.get(cards["a"]).by == "anna"
    opened = len(house.seen("alert.opened"))
    for _ in range(20):
        house.now += 1
        house.hears("counter", KEYS)
        house.gateway.pulse(house.now)
    assert len(house.seen("visit.arrived")) == 2
    assert len(house.seen("alert.opened")) == opened
    shown = page(house, "b")
    assert (shown["id"], shown["tier"], shown["address_as"], shown["visits"]) == ("a", "gold", "Frau Weiß", 2)
    assert shown["wishes"] == ["no_photographs"]
    assert len(shown["credentials"]) == 2


async def test_who_alone_is_here_goes_on_as_the_one_who_is_kept(house: House) -> None:
    house.enrol("a")
    house.enrol("b", KEYS)
    house.hears("counter", KEYS)
    [card] = house.memory.desk.alerts()
    await does(house, alerts.claim, card.id, ANNA)
    await house.does(partial(menus.put, house.gateway, "lunch", "lunch", [RICE]))
    await house.does(partial(rounds.start, house.gateway, "lunch", ["bar"], "lunch", None, None, ANNA, house.now))
    order = Said(item="rice")
    await house.does(partial(asks.ask, house.gateway, card.visit, "lunch", order, False, None, None, ANNA, house.now))
    await does(house, seats.take, card.visit, "1C", None, False, ANNA)
    await does(house, merges.merge, "a", "b")
    [here] = house.memory.presence.here()
    assert house.memory.seating.place_of(here.visit) == "1C"
    [meal] = house.gateway.views.dining.rounds()
    assert [(count["n"], count["left"]) for count in meal["counts"]] == [(1, 1)]  # one dish, and not two
    assert [(row["place"], row["customer"]) for row in meal["rows"] if row["order"]] == [("1C", "a")]
    [now] = house.memory.desk.alerts()
    assert (here.customer, here.zone, now.state, now.by, now.visit) == ("a", "bar", "claimed", "anna", here.visit)
    assert [a.question for a in house.memory.asks.of_visit(here.visit)] == ["lunch"]
    house.now += 5
    house.hears("counter", KEYS)
    house.gateway.pulse(house.now)
    assert [h.visit for h in house.memory.presence.here()] == [here.visit]
    assert len(house.seen("alert.opened")) == 1


async def test_what_is_recorded_of_either_is_known_of_both_and_parts_as_it_was_recorded(house: House) -> None:
    house.enrol("a", FOB, address_as="Mr A", wishes=["introductions"])
    house.enrol("b", KEYS, birthday="04-30", wishes=["no_introductions"])
    house.hears("counter", FOB)
    tea = {"category": "drink", "value": "tea", "polarity": "do", "basis": "stated", "scope": "standing"}
    nuts = {**tea, "category": "food", "value": "walnuts", "polarity": "allergy"}
    await house.does(partial(preferences.record, house.gateway, "b", nuts, ANNA, house.now))
    await house.does(partial(owed.open_, house.gateway, "promise", "b", "a call", None, None, None, ANNA, house.now))
    before = [page(house, each) for each in ("a", "b")]
    made = await does(house, merges.merge, "a", "b")
    await house.does(partial(preferences.record, house.gateway, "b", tea, ANNA, house.now))
    one = page(house, "a")
    assert {p["value"] for p in one["preferences"]} == {"walnuts", "tea"}
    assert {p["customer"] for p in one["preferences"]} == {"a"}
    assert [p["text"] for p in one["promises"]] == ["a call"]
    assert (one["birthday"], one["wishes"]) == ("04-30", ["no_introductions"])  # the careful word holds
    parted = await does(house, merges.unmerge, "a", made["merge"])
    assert [each["type"] for each in parted["since"]] == ["preference.recorded"]
    after = [page(house, each) for each in ("a", "b")]
    assert [p["value"] for p in after[0]["preferences"]] == ["tea"]
    assert {**after[0], "preferences": []} == {**before[0], "preferences": []}
    assert after[1] == before[1]


async def test_what_was_said_of_the_one_person_stays_said(house: House) -> None:
    house.enrol("a", FOB, tier="gold")
    house.enrol("b", KEYS, tier="black", language="de", wishes=["no_name"])
    await does(house, merges.merge, "a", "b")
    facts = {"name": "A", "address_as": None, "language": None, "tier": None, "associate": None, "deputy": None}
    await does(house, customers.put, "b", {**facts, "wishes": []})
    shown = page(house, "a")
    assert (shown["name"], shown["tier"], shown["language"], shown["wishes"]) == ("A", "", "", [])


async def test_what_was_taken_back_of_one_is_taken_back_of_both(house: House) -> None:
    house.enrol("a", FOB)
    house.enrol("b", KEYS)
    await does(house, stops, "b", "recognise_tag")
    made = await does(house, merges.merge, "a", "b")
    assert house.memory.roster.who(FOB, house.now) is None
    assert house.memory.roster.who(KEYS, house.now) is None
    await house.does(partial(agrees, house.gateway, "a", "recognise_tag", house.now))
    assert house.memory.roster.who(KEYS, house.now) == house.memory.roster.who(FOB, house.now) == "a"
    await does(house, stops, "a", "recognise_tag")
    await does(house, merges.unmerge, "a", made["merge"])
    assert house.memory.roster.who(FOB, house.now) is None  # the stop outlives the merge
    assert house.memory.roster.who(KEYS, house.now) is None


async def test_the_consent_that_ends_first_holds_until_they_agree_anew(house: House) -> None:
    house.enrol("a", FOB, until=house.now + 1000)
    house.enrol("b", KEYS, until=house.now + 100)
    house.now += 1
    await does(house, merges.merge, "a", "b")
    assert house.memory.roster.who(FOB, house.now) == "a"
    assert house.memory.roster.who(FOB, house.now + 200) is None
    house.now += 1
    await house.does(partial(agrees, house.gateway, "b", "recognise_tag", house.now))
    assert house.memory.roster.who(KEYS, house.now + 2000) == "a"


async def test_who_is_not_to_be_recognised_is_not_by_either_also_when_they_are_two_again(house: House) -> None:
    house.enrol("a", FOB)
    house.enrol("b", KEYS)
    house.hears("counter", KEYS)
    made = await does(house, merges.merge, "a", "b")
    await does(house, customers.wish, "b", ["do_not_recognise"], keeper=False)
    assert house.memory.presence.here() == []
    await does(house, merges.unmerge, "a", made["merge"])
    assert house.memory.roster.who(KEYS, house.now) is None
    assert page(house, "b")["wishes"] == ["do_not_recognise"]


async def test_erasing_erases_every_record(house: House) -> None:
    house.enrol("a", FOB)
    house.enrol("b", KEYS)
    keys = [key for each in ("a", "b") for key in house.store.keyring.ids_of(each)]
    await does(house, merges.merge, "a", "b")
    await does(house, customers.erase, "b")
    assert house.gateway.customer("a") is None
    assert house.gateway.customer("b") is None
    assert not any(house.store.keyring.has(bytes.fromhex(key)) for key in keys)
    assert house.memory.roster.who(KEYS, house.now) is None
    assert house.memory.family.roots() == []


async def test_one_customer_is_not_merged_with_themselves_nor_into_their_own_part(house: House) -> None:
    for each in ("a", "b", "c"):
        house.enrol(each)
    first = await does(house, merges.merge, "b", "c")
    await does(house, merges.merge, "a", "b")
    for one, other in (("a", "a"), ("a", "c"), ("c", "a")):
        with pytest.raises(Refused) as refused:
            await does(house, merges.merge, one, other)
        assert refused.value.status == 409
    assert house.memory.family.all_of("c") == ("a", "b", "c")
    await does(house, merges.unmerge, "a", first["merge"])
    assert [house.memory.family.root(each) for each in "abc"] == ["a", "a", "c"]
    await does(house, merges.merge, "c", "a")
    assert house.memory.family.all_of("a") == ("c", "a", "b")


async def test_both_histories_stand_on_one_page(house: House) -> None:
    house.enrol("a", FOB)
    house.enrol("b", KEYS)
    house.hears("counter", KEYS)
    made = await does(house, merges.merge, "a", "b")
    history = merges.history(house.gateway, "a")
    assert {e.subject for e in history if e.type == "customer.enrolled"} == {"a", "b"}
    assert [e.sequence for e in history] == sorted((e.sequence for e in history), reverse=True)
    await does(house, merges.unmerge, "a", made["merge"])
    assert [e.type for e in merges.history(house.gateway, "b")][:2] == ["customer.unmerged", "customer.merged"]
    assert not any(e.subject == "b" for e in merges.history(house.gateway, "a"))


# --- random histories ------------------------------------------------------------------------------------------------

WHO = st.sampled_from(["a", "b"])
ACTS = st.one_of(
    st.tuples(st.just("put"), WHO, st.sampled_from(["gold", "black", ""]), st.sampled_from([[], ["no_name"]])),
    st.tuples(st.just("wish"), WHO, st.lists(st.sampled_from(["no_name", "do_not_disturb"]), max_size=2, unique=True)),
    st.tuples(st.just("agree"), WHO, st.sampled_from(["recognise_tag", "keep_preferences"]), st.booleans()),
    st.tuples(st.just("learn"), WHO, st.sampled_from(["tea", "walnuts"]), st.sampled_from(["do", "avoid", "allergy"])),
    st.tuples(st.just("owe"), WHO, st.sampled_from(["a call", "a table"])),
    st.tuples(st.just("hear"), st.sampled_from([FOB, KEYS])),
    st.tuples(st.just("wait"), st.sampled_from([1.0, 700.0])),
)


async def _happens(house: House, act: tuple[Any, ...]) -> None:
    g, now = house.gateway, house.now
    facts: dict[str, Any] = dict.fromkeys(("address_as", "language", "associate", "deputy"))
    match act:
        case ("put", who, tier, wishes):
            make: Any = partial(customers.put, g, who, {"name": who, **facts, "tier": tier, "wishes": wishes}, now)
        case ("wish", who, wishes):
            make = partial(customers.wish, g, who, wishes, now, keeper=True)
        case ("agree", who, purpose, True):
            make = partial(agrees, g, who, purpose, now)
        case ("agree", who, purpose, False):
            make = partial(stops, g, who, purpose, now)
        case ("learn", who, value, polarity):
            said = {"category": "food", "value": value, "polarity": polarity, "basis": "stated", "scope": "standing"}
            make = partial(preferences.record, g, who, said, Actor("ben"), now)
        case ("owe", who, text):
            make = partial(owed.open_, g, "promise", who, text, None, None, None, ANNA, now)
        case ("hear", identifier):
            house.hears("counter", identifier)
            return
        case (_, seconds):
            house.passes(seconds, step=max(0.5, seconds / 50))
            await g.settle()
            return
    with suppress(Refused, Conflict, Erased):
        await house.does(make)


def told(house: House, customer: str) -> dict[str, Any]:
    """All that is known of a customer, and what of theirs is recognised; not who is here just now."""
    shown = {**page(house, customer), "presence": None, "asks": []}
    heard = {each: house.memory.roster.who(each, house.now) for each in (FOB, KEYS)}
    record = [row for row in exchange._rows(house.store.reader) if row[0] == customer]
    return {**shown, "heard": heard, "record": record}


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(before=st.lists(ACTS, max_size=12), between=st.lists(st.tuples(st.just("wait"), st.just(1.0)), max_size=2))
def test_merged_and_parted_again_each_is_what_they_were(
    before: list[tuple[Any, ...]], between: list[tuple[Any, ...]]
) -> None:
    async def story(folder: Path) -> None:
        house = House(folder)
        try:
            house.enrol("a", FOB)
            house.enrol("b", KEYS, birthday="04-30")
            for act in before:
                await _happens(house, act)
            house.passes(60)
            for each in (FOB, KEYS):
                house.hears("out", each)
            house.passes(1500, step=10)  # everybody has gone: a merge ends and begins visits of those who are here
            await house.gateway.settle()
            house.store.call(lambda tx: None)
            assert house.memory.presence.here() == []
            was = {each: told(house, each) for each in ("a", "b")}
            made = await does(house, merges.merge, "a", "b")
            holds(house)
            for act in between:
                await _happens(house, act)
            await does(house, merges.unmerge, "a", made["merge"])
            for each, before_it in was.items():
                after_it = told(house, each)
                assert {key: value for key, value in after_it.items() if value != before_it[key]} == {}, before_it
            holds(house)
        finally:
            await house.gateway.settle()
            house.store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder) / "data"))


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(acts=st.lists(ACTS, max_size=14), at=st.integers(0, 14))
def test_whatever_happens_before_and_since_the_laws_hold_and_erasing_leaves_nothing(
    acts: list[tuple[Any, ...]], at: int
) -> None:
    async def story(folder: Path) -> None:
        house = House(folder)
        try:
            house.enrol("a", FOB)
            house.enrol("b", KEYS)
            for act in acts[:at]:
                await _happens(house, act)
            await does(house, merges.merge, "b", "a")
            for act in acts[at:]:
                await _happens(house, act)
            assert all(here.customer == "b" for here in house.memory.presence.here())
            holds(house)
            await does(house, customers.erase, "a")
            assert [house.gateway.customer(each) for each in ("a", "b")] == [None, None]
            assert house.store.reader.conn.execute("SELECT count(*) FROM merges").fetchone() == (0,)
            holds(house)
        finally:
            await house.gateway.settle()
            house.store.close()

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder) / "data"))

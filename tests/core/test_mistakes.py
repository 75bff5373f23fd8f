"""Wrong person! The visit ends, the same thing rings no more while it is there, and whoever comes back is doubted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.core.action import Actor
from gateway.core.actions import alerts, merges, mistakes
from gateway.service.desk import Refused
from tests.core.test_gateway import ANNA, House
from tests.core.test_merges import FOB, KEYS, does, holds


@pytest.fixture(params=[False, True], ids=["by heart", "at first sight"])
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    made = House(tmp_path / "data", first_sight=request.param)
    made.enrol("a", FOB, KEYS)
    yield made
    holds(made)
    made.store.close()


def learnt(house: House) -> Any:
    return house.memory.presence.learnt.document()


async def wrong(house: House, note: str | None = "a man of sixty; she is thirty") -> str:
    """The one card that rings is of somebody else."""
    [card] = house.memory.desk.alerts()
    await does(house, mistakes.wrong_person, card.id, note, ANNA)
    return str(card.id)


async def test_the_visit_ends_the_card_closes_and_it_is_known_who_said_so_where_and_why(house: House) -> None:
    house.hears("counter", FOB)
    card = await wrong(house)
    assert house.memory.presence.here() == []
    assert house.memory.desk.get(card).outcome == "wrong_person"
    assert house.seen("visit.departed")[-1]["customer"] == "a"
    [said] = mistakes.unsettled(house.gateway)
    assert (said["customer"], said["by"], said["zone"]) == ("a", "anna", "bar")
    assert said["note"] == "a man of sixty; she is thirty"
    assert [c["scheme"] for c in said["credentials"]] == ["em"]  # what was heard, and not what stayed at home
    assert len(said["credentials"]) == 1


async def test_what_is_still_there_rings_no_more_and_who_comes_back_with_it_is_verified_by_sight(house: House) -> None:
    house.hears("counter", FOB)
    await wrong(house)
    for _ in range(100):
        house.now += 3
        house.hears("counter", FOB)
        house.gateway.pulse(house.now)
    assert house.memory.presence.here() == []
    assert len(house.seen("visit.arrived")) == 1
    house.passes(180, step=5)
    house.hears("counter", FOB)
    assert [h.customer for h in house.memory.presence.here()] == ["a"]
    card = house.seen("alert.opened")[-1]["card"] or {}
    assert (card["verify"], card["verify_reason"], card["likes"]) == (True, "wrong_person", [])


async def test_another_of_their_things_is_as_good_as_ever(house: House) -> None:
    house.hears("counter", FOB)
    await wrong(house)
    house.now += 5
    house.hears("counter", KEYS)
    [card] = house.memory.desk.alerts()
    assert house.gateway.views.alert(card)["card"]["verify"] is False


async def test_the_doubt_outlives_a_restart_and_ends_when_it_is_settled(house: House) -> None:
    house.hears("counter", FOB)
    await wrong(house)
    house.passes(200, step=5)
    holds(house)  # a gateway that starts now doubts it too
    [said] = mistakes.unsettled(house.gateway)
    await does(house, mistakes.settle, said["id"], "it_was_them")
    house.hears("counter", FOB)
    [card] = house.memory.desk.alerts()
    assert house.gateway.views.alert(card)["card"]["verify"] is False
    assert mistakes.unsettled(house.gateway) == []
    with pytest.raises(Refused) as again:
        await does(house, mistakes.settle, said["id"], "taken_back")
    assert again.value.status == 409


async def test_a_card_that_is_open_shows_everything_again_once_it_was_them(house: House) -> None:
    house.hears("counter", FOB)
    await wrong(house)
    house.passes(200, step=5)
    house.hears("counter", FOB)
    [said] = mistakes.unsettled(house.gateway)
    assert said["here_since"] is not None
    await does(house, mistakes.settle, said["id"], "it_was_them")
    cards = [a["card"] for a in house.seen("customer.settled")[-1]["alerts"] if a["kind"] == "arrival"]
    assert [card["verify"] for card in cards] == [False]
    assert [a.kind for a in house.memory.desk.alerts()] == ["arrival"]  # nobody has to go and look any more


async def test_a_tag_that_is_taken_back_is_a_strangers(house: House) -> None:
    house.hears("counter", FOB)
    await wrong(house)
    house.passes(200, step=5)
    house.hears("counter", FOB)
    assert house.memory.presence.here() != []
    [said] = mistakes.unsettled(house.gateway)
    await does(house, mistakes.settle, said["id"], "taken_back")
    assert house.memory.roster.who(FOB, house.now) is None
    assert house.memory.roster.who(KEYS, house.now) == "a"


async def test_it_teaches_the_rooms_nothing_and_names_no_zone(house: House) -> None:
    house.hears("counter", FOB)
    before = learnt(house)
    await wrong(house)
    assert learnt(house)["said"] == before["said"]


async def test_said_twice_it_is_said_once_and_nobody_says_it_of_a_colleagues_card(house: House) -> None:
    house.hears("counter", FOB)
    [card] = house.memory.desk.alerts()
    await does(house, alerts.claim, card.id, Actor("ben"))
    with pytest.raises(Refused) as refused:
        await does(house, mistakes.wrong_person, card.id, None, ANNA)
    assert refused.value.status == 409
    await does(house, mistakes.wrong_person, card.id, None, Actor("ben"))
    await does(house, mistakes.wrong_person, card.id, None, Actor("ben"))
    assert len(mistakes.unsettled(house.gateway)) == 1


async def test_of_somebody_with_two_records_it_is_the_thing_that_was_heard(house: House) -> None:
    house.enrol("b", "em:0700C4A903")
    await does(house, merges.merge, "a", "b")
    house.hears("counter", "em:0700C4A903")
    await wrong(house, note=None)
    [said] = mistakes.unsettled(house.gateway)
    assert (said["customer"], len(said["credentials"])) == ("a", 1)
    await house.does(partial(mistakes.settle, house.gateway, said["id"], "taken_back", house.now))
    assert house.memory.roster.who("em:0700C4A903", house.now) is None

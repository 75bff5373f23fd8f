"""A tablet that was away is told first what customers have ended, and is shown none of them for a moment."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from websockets.exceptions import InvalidStatus

from gateway.events.times import iso
from tests.console.served import Served, config, served
from tests.story.tablet import Tablet
from tests.story.venue import answered

FOBS = {name: f"em:0700C4A9{n:02X}" for n, name in enumerate(("chen", "hale", "sato"), 16)}
TEA = {"category": "drink", "value": "tea", "basis": "stated", "scope": "standing"}


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, config()) as house:
        await house.hire("anna", "ben")
        await house.hire("mei", roles=("manager",))
        for customer, fob in FOBS.items():
            await house.enrol(customer, fob, name=f"Name of {customer}")
        yield house


async def tablet(house: Served, role: str, staff: str | None = None, **query: int) -> Tablet:
    headers = {"Authorization": f"Bearer {await house.token(role, staff)}"}
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return Tablet(f"{house.url}/live?{asked}", headers, name=staff or role)


async def last_of(house: Served, role: str, staff: str | None = None) -> int:
    """The number with which a tablet goes away."""
    async with await tablet(house, role, staff) as here:
        return here.sequence


async def much_happens(house: Served) -> None:
    """All three come and much is said; then Chen stops, Hale is erased, and Sato's preferences are kept no more."""
    boss = await house.client("manager")
    for customer, fob in FOBS.items():
        house.tap(fob)
        await answered(boss.post(f"/api/customers/{customer}/preferences", json=TEA))
    await answered(boss.delete("/api/customers/chen/consents/recognise_tag"))
    await answered(boss.delete("/api/customers/hale"))
    await answered(boss.delete("/api/customers/sato/consents/keep_preferences"))
    await house.gateway.settle()


def told(hello: dict[str, Any]) -> dict[str, list[str]]:
    return {each["customer"]: each["ended"] for each in hello["stopped"]}


async def test_two_tablets_of_which_one_was_away_hold_the_same_and_neither_was_shown_who_stopped(house: Served) -> None:
    away = await last_of(house, "floor", "ben")
    async with await tablet(house, "floor", "anna") as stayed:
        await much_happens(house)
        await stayed.expect("customer.erased")
        await stayed.expect("consent.revoked", customer="sato")
        async with await tablet(house, "floor", "ben", since=away) as back, await tablet(house, "floor", "anna") as new:
            assert told(back.hello) == {"chen": ["visits"], "hale": ["everything"], "sato": ["preferences"]}
            assert back.state["present"] == new.state["present"]
            assert [who["customer"] for who in back.state["present"]] == ["sato"]
            assert back.state["preferences"] == new.state["preferences"] == {"sato": []}
            await back.tick()
            frames = json.dumps([back.hello, back.events])
            assert "Name of chen" not in frames
            assert "Name of hale" not in frames
            assert {each["subject"] for each in back.events} <= {"sato"}  # whose card may go on to who has come
        assert new.hello["stopped"] == []


async def test_who_was_away_and_nobody_stopped_is_told_event_by_event(house: Served) -> None:
    away = await last_of(house, "floor", "ben")
    house.tap(FOBS["chen"])
    await house.gateway.settle()
    async with await tablet(house, "floor", "ben", since=away) as back:
        assert (back.hello["state"], back.hello["stopped"]) == (None, [])
        assert (await back.expect("visit.arrived"))["data"]["customer"] == "chen"


async def test_a_tablet_that_began_anew_hears_what_ended_since_it_holds_what_was_recorded(house: Served) -> None:
    await much_happens(house)
    house.ahead += 3_600
    now = round(house.now() * 1000)
    async with await tablet(house, "floor", "ben", held=now - 7_200_000) as back:
        assert set(told(back.hello)) == {"chen", "hale", "sato"}
    async with await tablet(house, "floor", "ben", held=now) as back:
        assert told(back.hello) == {}


async def test_who_agreed_again_has_ended_nothing(house: Served) -> None:
    away, boss = await last_of(house, "floor", "ben"), await house.client("manager")
    await much_happens(house)
    stops = {row["purpose"]: row["stops"] for row in await answered(boss.get("/api/customers/chen/purposes"))}
    shown = {"id": "recognise_tag", "version": 1, "language": "en", "shown_at": iso(house.now() - 20)}
    again = {"purpose": "recognise_tag", "act": "given", "method": "on_glass", "notice": shown}
    lifts = {"lifts": stops["recognise_tag"]}
    await answered(boss.post("/api/customers/chen/consents", json={**again, **lifts}))
    async with await tablet(house, "floor", "ben", since=away) as back:
        assert set(told(back.hello)) == {"hale", "sato"}


async def test_programs_take_it_first_too_and_then_what_they_missed_and_it_hears_of_nobody(house: Served) -> None:
    program, it = await last_of(house, "integration"), await last_of(house, "it")
    await much_happens(house)
    async with await tablet(house, "integration", since=program) as back:
        assert (back.hello["state"], set(told(back.hello))) == (None, {"chen", "hale", "sato"})
        await back.expect("customer.erased")
    async with await tablet(house, "it", since=it) as back:
        assert told(back.hello) == {}


async def test_of_guests_in_other_zones_it_says_nothing_but_that_somebody_was_erased(house: Served) -> None:
    boss = await house.client("manager")
    rows = {"name": "Ben", "roles": ["floor"], "zones": ["lounge"]}
    await answered(boss.put("/api/staff/ben", json=rows))
    await answered(boss.post("/api/staff/ben/shift", json={"zones": ["lounge"]}))
    away = await last_of(house, "floor", "ben")
    await much_happens(house)  # at the bar
    async with await tablet(house, "floor", "ben", since=away) as back:
        assert told(back.hello).get("hale") == ["everything"]
        assert "sato" not in told(back.hello), "who is here, in another zone"


@pytest.mark.parametrize("query", ["since=x", "held=-1", "held=1e3", "since=1&held=", "held=" + "9" * 30])
async def test_what_is_no_number_is_refused_in_words(house: Served, query: str) -> None:
    headers = {"Authorization": f"Bearer {await house.token('floor', 'ben')}"}
    with pytest.raises(InvalidStatus) as refused:
        async with Tablet(f"{house.url}/live?{query}", headers, name="ben"):
            pass
    assert refused.value.response.status_code == 422
    assert b"expected" in (refused.value.response.body or b"")

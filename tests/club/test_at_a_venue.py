"""Points at a venue: tablets and tills ask their gateway, which passes on to the hub, and says so where it is away."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.club.problems import Refused
from gateway.core.club_line import Answer, Away
from gateway.joined import boxes, signing
from gateway.joined.club import HubClub
from gateway.joined.club_erasures import ClubErasures
from gateway.service.rules import rules_of
from gateway.settings.joining import Joined
from tests.club.given import PROGRAMMES, TEXT
from tests.console.served import Served, config, served
from tests.hub.program import Program
from tests.story.venue import answered

T = "/api/club/transfers"
BURN = {"id": "b", "kind": "burn", "member": "m", "partner": "lakeside", "points": 5, "sale_cents": 9_000}


class Line:
    """A hub that answers what it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.answer: Answer | None = None

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """What it was told to answer; away otherwise."""
        self.asked.append((method, path, body))
        if self.answer is None:
            raise Away("cut")
        return self.answer


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path) as found:
        await found.hire("anna", roles=("crew",))
        yield found


async def test_what_a_till_asks_is_passed_on_with_where_and_by_whom(house: Served) -> None:
    anna, line = await house.client("crew", "anna"), Line()
    assert (await anna.post(T, json=BURN)).status_code == 404, "no hub, no club"
    house.gateway.club = line
    line.answer = Answer(201, {"id": "b", "position": 7, "kind": "burn", "value_cents": 5})
    answer = await anna.post(T, json=BURN)
    assert (answer.status_code, answer.json()["value_cents"]) == (201, 5)
    venue = house.gateway.config.venue.id
    assert line.asked == [("POST", "transfers", {**BURN, "venue": venue, "by": "anna"})]
    assert (await anna.post(T, json={**BURN, "venue": "elsewhere"})).status_code == 403
    both = {"linked": True, "transfers": [BURN, {**BURN, "id": "c", "by": "till-2"}]}
    booked = {"id": "b", "position": 8, "kind": "burn", "points": -5}
    line.answer = Answer(201, {"transfers": [booked, {"type": "urn:moments:problem:withdrawn", "status": 409}]})
    await anna.post(T, json=both)
    sent = line.asked[-1][2]["transfers"]
    assert [(each["venue"], each["by"]) for each in sent] == [(venue, "anna"), (venue, "till-2")]
    line.answer = Answer(409, Refused("insufficient-points", available=3).body())
    answer = await anna.post(T, json=BURN)
    assert (answer.status_code, answer.json()["available"]) == (409, 3)
    assert answer.headers["content-type"] == "application/problem+json"
    line.answer = Answer(200, {"member": "m", "points": 12, "reserved": 0, "owed": 0, "expiring": []})
    assert (await anna.get("/api/club/members/m")).json()["points"] == 12
    assert (await anna.get("/api/club/members/m%20x%3Fy")).status_code == 404
    assert line.asked[-1] == ("GET", "members/m", None)


async def test_where_nothing_is_sold_points_are_given_alone(tmp_path: Path) -> None:
    venue = {"id": "garden", "name": {"en": "Garden"}, "kind": "community"}
    async with served(tmp_path, config(venue=venue)) as house:
        await house.hire("anna", roles=("crew",))
        anna, line = await house.client("crew", "anna"), Line()
        house.gateway.club = line
        for kind in ("earn", "burn", "reserve", "post"):
            for body in ({**BURN, "kind": kind}, {"transfers": [{**BURN, "kind": kind}]}):
                answer = await anna.post(T, json=body)
                assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (403, "nothing-sold-here")
        assert line.asked == []
        line.answer = Answer(201, {"id": "b", "position": 7, "kind": "grant", "points": 5})
        assert (await anna.post(T, json={**BURN, "kind": "grant", "reason": "the fastest"})).status_code == 201
    assert not {"waiting", "leaving"} & {rule.kind for rule in rules_of("community", [])}
    assert {"met", "birthday", "promise_due"} <= {rule.kind for rule in rules_of("community", [])}


async def test_without_the_hub_nothing_is_spent_and_nothing_waits(house: Served) -> None:
    anna, line = await house.client("crew", "anna"), Line()
    house.gateway.club = line
    answer = await anna.post(T, json=BURN)
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:moments:problem:offline")
    assert "cannot be spent here today" in answer.json()["detail"]
    answer = await anna.post(T, json={**BURN, "kind": "earn", "amount_cents": 1_000})
    assert (answer.status_code, "the same id" in answer.json()["detail"]) == (503, True)
    assert len(line.asked) == 2


@pytest.mark.parametrize(
    ("status", "name", "done"),
    [(200, "", True), (404, "unknown", True), (403, "not-yours", True), (403, "box-revoked", False), (503, "", False)],
)
async def test_an_erasure_is_over_where_no_books_can_have_a_number(
    tmp_path: Path, status: int, name: str, *, done: bool
) -> None:
    async with served(tmp_path, config(club={"points": True})) as house:
        boss, line = await house.client("manager"), Line()
        house.gateway.club = line
        await house.enrol("chen")
        erasure = (await answered(boss.delete("/api/customers/chen")))["erasure"]
        telling = ClubErasures(house.gateway)
        with pytest.raises(Away):
            await telling.look()
        line.answer = Answer(status, {"type": f"urn:moments:problem:{name}"})
        await telling.look()
        places = (await answered(boss.get(f"/api/erasures/{erasure}")))["places"]
        assert [bool(each["done_at"]) for each in places if each["kind"] == "club"] == [done]
        asked = len(line.asked)
        await telling.look()
        assert len(line.asked) == asked + (not done)


async def test_a_venues_box_books_at_its_hub_and_comes_back_after_a_new_start_of_it(tmp_path: Path) -> None:
    program = Program(tmp_path / "hub", brands='[[brands]]\nid = "lakeside"\n')
    (tmp_path / "hub" / "club.toml").write_text(PROGRAMMES + TEXT)
    await asyncio.to_thread(program.start)
    folder = tmp_path / "venue"
    folder.mkdir()
    settings = Joined(url=program.url, brand="lakeside")
    line = HubClub(settings, folder, os.urandom(8).hex(), time.time)
    with pytest.raises(Away, match="joined no hub"):
        await line.ask("GET", "members/m")
    code = await asyncio.to_thread(program.invite, "lake-lobby", "--brand", "lakeside")
    box = await signing.join(program.url, code, "lake-lobby", "", boxes.new_keys(), context=None, now=time.time())
    boxes.keep(folder, box)

    earn = {"id": "e", "kind": "earn", "member": "m", "partner": "lakeside", "amount_cents": 100_000}
    first = await line.ask("POST", "transfers", earn)
    assert (first.status, first.body["points"]) == (201, 100)
    assert (await line.ask("POST", "transfers", earn)).status == 200
    refused = await line.ask("POST", "transfers", {**BURN, "points": 101})
    assert (refused.status, refused.body["available"]) == (409, 100)
    assert (await line.ask("GET", "members/m")).body["points"] == 100
    line._token = "no-token-of-the-hub"
    assert (await line.ask("GET", "members/m")).body["points"] == 100, "signed in anew"
    await asyncio.to_thread(program.stop)
    with pytest.raises(Away):
        await line.ask("POST", "transfers", BURN)
    await asyncio.to_thread(program.start)
    assert (await line.ask("POST", "transfers", BURN)).body["value_cents"] == 5
    await asyncio.to_thread(program.stop)

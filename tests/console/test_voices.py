"""What customers felt and said: the page of a run, one question after a visit, and ties by their own word."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.console.served import Served, config, served
from tests.console.test_insight import URN, brought, ran, worked
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")


def day(ahead: int) -> str:
    """So many days from today."""
    return (datetime.now(UTC).date() + timedelta(days=ahead)).isoformat()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("voices"), config()) as house:
        house.ahead = 0.0
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def boss(house: Served) -> httpx2.AsyncClient:
    boss = await worked(house)
    await house.hire("anna")
    return boss


async def test_one_question_a_visit_and_the_same_not_within_thirty_days(
    house: Served, boss: httpx2.AsyncClient
) -> None:
    anna = await house.client("floor", "anna")
    asked = {"layer": "social", "object": "person", "expected": 3, "perceived": 5, "visit": "v-1"}
    said = await answered(anna.post("/api/customers/k1/satisfaction", json=asked))
    assert (said["perceived"], said["by"], said["visit"]) == (5, "anna", "v-1")
    again = await anna.post("/api/customers/k1/satisfaction", json={**asked, "object": "system"})
    assert (again.status_code, again.json()["detail"]) == (409, "one question a visit: this guest was asked already")
    same = await anna.post("/api/customers/k1/satisfaction", json={**asked, "visit": "v-2"})
    assert (same.status_code, same.json()["detail"]) == (409, "the same question is asked again after 30 days")
    other = {**asked, "visit": "v-2", "object": "system", "perceived": 2}
    assert (await anna.post("/api/customers/k1/satisfaction", json=other)).status_code == 201
    assert (await anna.post("/api/customers/k1/satisfaction", json={**asked, "expected": 6})).status_code == 422


async def test_the_page_counts_and_says_no_percentage_below_thirty(house: Served, boss: httpx2.AsyncClient) -> None:
    complaint = await answered(boss.post("/api/customers/k4/complaints", json={"text": "cold soup"}))
    cost = {"amount": 80, "currency": "CNY"}
    await answered(boss.post(f"/api/customers/k4/complaints/{complaint['id']}/close", json={"recovery_cost": cost}))
    await answered(boss.post("/api/customers/k5/lost", json={"cause": "moved", "on": day(-9)}))
    rows = [["k1", day(-8), 4, 5, 3], ["k2", day(-7), 3, 2, 3]]
    await brought(boss, "survey", rows, "customer,on,overall,f1,f2")
    await brought(boss, "wallet", [["k1", day(-20), 20000, 40000]], "customer,on,low,high")
    await ran(boss, on=day(1))
    page = await answered(boss.get("/api/insight/voices"))
    assert page["lost"]["causes"] == [
        {"cause": "moved", "voluntary": False, "count": 1, "of": 1, "interval": None, "trade": 0.03}
    ]
    assert (page["lost"]["voluntary"], page["lost"]["involuntary"]) == (0, 1)
    recovery = page["recovery"]
    assert (recovery["opened"], recovery["closed"], recovery["open"]) == (1, 1, 0)
    assert page["survey"]["answers"] == 2
    assert page["survey"]["factors"] == [], "two answers carry no weights"
    assert page["wallet"]["customers"] == 1
    assert page["indifference"]["interval"] is None
    assert [each["gap"] for each in page["satisfaction"]] == [None] * 12
    assert page["completeness"]["customers"] == 5
    lines = (await boss.get("/api/insight/voices", params={"format": "csv"})).text.splitlines()
    assert lines[0].lstrip("\ufeff") == "figure,value"
    assert "recovery.opened,1" in lines


async def test_complaints_under_way_stand_beside_the_hands_there_are(house: Served, boss: httpx2.AsyncClient) -> None:
    async def gauge() -> dict[str, Any]:
        found: dict[str, Any] = (await answered(boss.get("/api/insight/voices")))["under_way"]
        return found

    before = await gauge()
    await house.hire("ben")
    cold, late = [
        await answered(boss.post("/api/customers/k2/complaints", json={"text": text, "owner": "ben", **due}))
        for text, due in (("cold soup", {}), ("no taxi", {"due": "2020-01-01T00:00:00Z"}))
    ]
    assert await gauge() == {
        "complaints": before["complaints"] + 2,
        "overdue": before["overdue"] + 1,
        "unattended": before["unattended"],
        "hands": before["hands"] + 1,
        "each": round((before["complaints"] + 2) / (before["hands"] + 1), 1),
    }
    await answered(boss.delete("/api/staff/ben/shift"))
    assert (await gauge())["unattended"] == before["unattended"] + 2
    for each in (cold, late):
        await answered(boss.post(f"/api/customers/k2/complaints/{each['id']}/close", json={}))
    assert (await gauge())["complaints"] == before["complaints"]
    lines = (await boss.get("/api/insight/voices", params={"format": "csv"})).text.splitlines()
    assert f"under_way.complaints,{before['complaints']}" in lines


async def test_whom_we_met_with_indifference_is_named_in_the_morning_and_not_in_the_figures(
    house: Served, boss: httpx2.AsyncClient
) -> None:
    await house.enrol("chen", name="Ms Chen")
    await answered(boss.post("/api/customers/chen/consents", json={"purpose": "insight"}))
    house.tap()
    (card,) = await answered(boss.get("/api/alerts"))
    house.ahead += 60  # and greeted late
    for step in ("claim", "close"):
        await answered(
            boss.post(f"/api/alerts/{card['id']}/{step}", json={"outcome": "greeted"} if step == "close" else {})
        )
    await ran(boss, on=day(1))
    assert "chen" not in (await boss.get("/api/insight/voices")).text
    (told,) = [
        one for one in (await answered(boss.get("/api/insight/morning")))["sentences"] if one["page"] == "voices"
    ]
    assert (told["count"], told["of"], told["share"], told["people"]) == (1, 1, None, ["chen"])
    await answered(boss.delete("/api/customers/chen/consents/insight"))
    (told,) = [
        one for one in (await answered(boss.get("/api/insight/morning")))["sentences"] if one["page"] == "voices"
    ]
    assert told["people"] == [], "who ended it is named nowhere"


async def test_a_tie_needs_both_and_ends_by_one_tap(house: Served, boss: httpx2.AsyncClient) -> None:
    refused = [
        await boss.post("/api/ties", json={"a": one, "b": other, "kind": "family"})
        for one, other in (("k1", "k4"), ("k4", "k1"), ("k4", "k5"))
    ]
    assert {(each.status_code, each.json()["type"], each.json()["detail"]) for each in refused} == {
        (409, f"{URN}tie-not-agreed", "a tie needs the agreement of both to introductions")
    }
    made = await answered(boss.post("/api/ties", json={"a": "k1", "b": "k3", "kind": "family", "on": "2026-06-01"}))
    assert await answered(boss.post("/api/ties", json={"a": "k3", "b": "k1", "kind": "family"})) == made
    await ran(boss, on="2026-12-01")
    ties = (await answered(boss.get("/api/insight/network")))["ties"]
    family = next(each for each in ties if (each["a"], each["b"]) == ("k1", "k3"))
    assert family["because"][0]["events"] == [made["id"]]
    ended = await answered(boss.post(f"/api/ties/{made['id']}/end"))
    assert ended["ended"] is not None
    assert await answered(boss.post(f"/api/ties/{made['id']}/end")) == ended
    assert (await boss.post("/api/ties/none/end")).status_code == 404
    await ran(boss, on="2026-12-01")
    ties = (await answered(boss.get("/api/insight/network")))["ties"]
    assert next(each["theta"] for each in ties if (each["a"], each["b"]) == ("k1", "k3")) == 0.05


async def test_answers_count_from_the_day_after_and_of_those_who_agree_alone(
    house: Served, boss: httpx2.AsyncClient
) -> None:
    async def count(on: str) -> int:
        await ran(boss, on=on)
        page = await answered(boss.get("/api/insight/voices"))
        return sum(each["answers"] for each in page["satisfaction"])

    assert (await count(day(0)), await count(day(1))) == (0, 2), "what is told today counts from tomorrow"
    await answered(boss.delete("/api/customers/k1/consents/insight"))
    assert await count(day(1)) == 0

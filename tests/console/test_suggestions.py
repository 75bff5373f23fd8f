"""Suggestions: drawn before anybody sees one, shown on a card where they help, done, dismissed, and explained."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gateway.insight.chance import draw
from gateway.records import statements
from tests.console.served import Served, config, served
from tests.console.test_insight import ran, worked
from tests.console.test_own_page import DIGITS, phone
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")
ON = "2026-12-01"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("suggested"), config()) as house:
        house.ahead = 0.0
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def boss(house: Served) -> httpx2.AsyncClient:
    boss = await worked(house)
    await house.hire("mei", "anna")
    await answered(boss.put("/api/customers/k3", json={"name": "K3", "associate": "mei"}))
    await answered(boss.post("/api/customers/k2/consents", json={"purpose": "keep_preferences"}))
    await answered(boss.post("/api/customers/k2/preferences", json={"category": "drink", "value": "jasmine tea"}))
    await ran(boss, on=ON)
    return boss


async def rows(boss: httpx2.AsyncClient, **asked: str) -> dict[str, Any]:
    page = await answered(boss.get("/api/insight/suggestions", params=asked))
    return {each["customer"]: each for each in page["rows"]}


def told(house: Served, type_: str) -> list[dict[str, Any]]:
    """What the journal has of this type, of all five."""
    every = [house.gateway.journal.of_customer(house.whose(f"k{n}"), type=type_) for n in range(1, 6)]
    return [dict(event.data) for some in every for event in some]


async def test_each_customer_has_the_first_act_that_holds_and_chance_decided_before(
    house: Served, boss: httpx2.AsyncClient
) -> None:
    drawn = {each["customer"]: each for each in told(house, "suggestion.drawn")}
    found = await rows(boss)
    assert "k5" not in found, "whoever is lost is asked for nothing"
    assert {each: drawn[house.whose(each)]["act"] for each in found} == {
        "k1": "tie_gone_quiet", "k2": "wake", "k3": "own_associate", "k4": "thin_file",
    }  # fmt: skip
    for each, row in found.items():
        act = drawn[house.whose(each)]["act"]
        held = draw(f"{act} 2026-Q4", each) < 0.10
        assert (row["held"], row["act"]) == (held, None if held else act)
        assert row["words"]["en"] == "held out: not suggested" or not held


async def test_the_silent_have_it_beside_them_and_the_person_says_why_in_the_customers_words(
    house: Served, boss: httpx2.AsyncClient
) -> None:
    risk = {each["customer"]: each for each in (await answered(boss.get("/api/insight/risk")))["rows"]}
    assert risk["k2"]["suggestion"]["words"]["en"] == "Write or call, and begin with what they like"
    assert risk["k2"]["lever"] is None, "one gathering says nothing yet"
    assert risk["k3"]["suggestion"]["to"] == "mei"
    person = await answered(boss.get("/api/insight/customers/k2"))
    assert len(person["suggestions"]) == 1
    assert person["suggestions"][0]["why"]["en"] == (
        "You usually come every 60 days and were last here on 3 July 2026. So one of us was asked to write to you, "
        "beginning with what you like. A person decides whether to do it; you can end this at any time, and nothing "
        "else changes."
    )
    shown = {each["customer"] for each in told(house, "suggestion.shown")}
    assert house.whose("k2") in shown, "that a list showed it is told"


async def test_on_their_own_page_it_stands_in_the_same_words(house: Served, boss: httpx2.AsyncClient) -> None:
    await rows(boss)  # a list shows it to a manager
    mine = await phone(house, "k2", digits=DIGITS)
    suggested = (await answered(mine.get("/api/me/record")))["suggested"]
    assert suggested[0]["why"]["en"].startswith("You usually come every 60 days and were last here on 3 July 2026.")
    assert (suggested[0]["state"], suggested[0]["shown_at"] is not None) == ("open", True)


async def test_the_same_run_again_draws_nothing_anew(house: Served, boss: httpx2.AsyncClient) -> None:
    before = len(told(house, "suggestion.drawn"))
    await ran(boss, on=ON)
    assert len(told(house, "suggestion.drawn")) == before


async def test_a_card_shows_one_line_that_helps_and_done_takes_it_off(house: Served, boss: httpx2.AsyncClient) -> None:
    await answered(boss.post("/api/customers/k4/consents", json={"purpose": "recognise_tag"}))
    await answered(boss.post("/api/customers/k4/credentials", json={"identifier": "em:0700C4B9EE"}))
    anna = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
    async with house.tablet(anna) as tablet:
        house.tap("em:0700C4B9EE")
        card = (await tablet.expect("alert.opened"))["data"]["card"]
        advice = card["insight"]
        assert advice["words"] == {
            "zh-CN": "我们对其喜好所知不多：可以问一句",
            "en": "We know little of what they like: ask one question",
        }
        assert advice["on"] == ON
        said = str(card).lower()
        assert not any(word in said for word in ("silent", "ratio", "net", "band", "stickiness", "seed", "late")), said
        floor = await house.client("floor", "anna")
        done = await answered(floor.post(f"/api/suggestions/{advice['suggestion']}/done", json={"why": "likes oolong"}))
        assert (done["state"], done["ended"]["by"]) == ("done", "anna")
        over = (await tablet.expect("suggestion.done"))["data"]
        assert over["alerts"][0]["card"]["insight"] is None
        again = await answered(floor.post(f"/api/suggestions/{advice['suggestion']}/done", json={"why": "again"}))
        assert again == done
        other = await floor.post(f"/api/suggestions/{advice['suggestion']}/dismiss", json={})
        assert other.status_code == 409
    await ran(boss, on=ON)
    assert "k4" not in await rows(boss), "what was answered this quarter is not asked again"


async def test_what_is_owed_comes_first_and_is_never_held_out(house: Served, boss: httpx2.AsyncClient) -> None:
    owed = await answered(boss.post("/api/customers/k4/complaints", json={"text": "cold soup"}))
    await ran(boss, on=ON)
    row = (await rows(boss))["k4"]
    assert (row["act"], row["duty"], row["held"]) == ("complaint", True, False)
    await answered(boss.post(f"/api/customers/k4/complaints/{owed['id']}/close", json={}))
    await ran(boss, on=ON)
    assert "k4" not in await rows(boss)
    closed = (await answered(boss.get("/api/insight/suggestions", params={"state": "dismissed"})))["rows"]
    assert [each["ended"]["why"] for each in closed if each["customer"] == "k4"] == ["overtaken"]


async def test_what_it_did_is_told_against_those_held_out_and_only_when_the_days_are_over(
    boss: httpx2.AsyncClient,
) -> None:
    page = await answered(boss.get("/api/insight/suggestions", params={"state": "all"}))
    assert page["effects"] == [], "ninety days are not over"


async def test_who_ends_it_has_no_suggestion_and_what_was_open_is_closed(
    house: Served, boss: httpx2.AsyncClient
) -> None:
    open_one = (await rows(boss))["k2"]["id"]
    await answered(boss.delete("/api/customers/k2/consents/insight"))
    assert "k2" not in await rows(boss)
    gone = await boss.post(f"/api/suggestions/{open_one}/done", json={})
    none = await boss.post("/api/suggestions/none/done", json={})
    assert (gone.status_code, gone.json()["detail"]) == (none.status_code, none.json()["detail"]) == (
        404, "there is no such suggestion",
    )  # fmt: skip
    for _ in range(40):
        ended = statements.select(house.gateway.store.reader, "kind = 'dismissed'")
        if any(each["suggestion"] == open_one for each in ended):
            break
        await asyncio.sleep(0.05)
    assert [each["why"] for each in ended if each["suggestion"] == open_one] == ["consent ended"]

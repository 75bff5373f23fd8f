"""Days in numbers through the API: who is behind every number, and the story behind every line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.service.today import FIGURES
from tests.console.monday import Shift, asked, at_place, every_number_is_its_list, on_a_monday
from tests.console.served import Served, config, same_from_its_records, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with on_a_monday(tmp_path_factory.mktemp("today")) as house:
        yield house


def day_of(house: Served, days: int = 0) -> str:
    """The house's own day, so many days on."""
    return f"{datetime.fromtimestamp(house.now(), UTC) + timedelta(hours=8, days=days):%Y-%m-%d}"


async def test_the_day_is_told_and_everybody_is_in_one_number(house: Served) -> None:
    told = await asked(house, "today")
    assert (told["date"], told["from"], told["until"]) == (day_of(house),) * 3
    guests = {each: told[each] for each in ("arrivals", "late", "missed", "waiting", "other", "claimed")}
    assert guests == {"arrivals": 5, "late": 1, "missed": 1, "waiting": 1, "other": 0, "claimed": 3}
    greeted = told["greeted"]
    assert (greeted["count"], greeted["met"], greeted["claimed"], greeted["in_time_s"]) == (3, 2, 1, 15)
    bars = [(b["over_s"], b["upto_s"], b["met"], b["claimed"]) for b in greeted["histogram"] if b["count"]]
    assert bars == [(8, 15, 1, 1), (30, 60, 1, 0)]
    assert told["promises"] == {"due": 2, "kept": 0, "late": 1, "open": 3}
    await every_number_is_its_list(house)
    assert [(r["hour"], r["arrivals"]) for r in told["by_hour"]] == [(11, 3), (12, 2)]
    assert [(r["day"], r["arrivals"], r["missed"]) for r in told["by_day"]] == [(day_of(house), 5, 1)]
    (anna,) = told["by_staff"]
    assert (anna["name"], anna["greeted"], anna["met"]) == ("Anna", 3, 2)


@pytest.mark.parametrize("figure", FIGURES)
async def test_every_number_opens_the_list_it_counts(house: Served, figure: str) -> None:
    for span in ("day", "week", "yesterday", "last_week"):
        number = at_place(await asked(house, "today", range=span), figure)
        listed = await asked(house, "today/list", figure=figure, range=span)
        assert number == listed["count"] == len(listed["lines"])
        if number > 1:
            part = await asked(house, "today/list", figure=figure, range=span, offset=1, limit=1)
            assert (part["count"], part["lines"]) == (number, listed["lines"][1:2])


async def test_a_line_says_who_when_where_how_long_and_how_that_is_known(house: Served) -> None:
    lines = (await asked(house, "today/list", figure="arrivals"))["lines"]
    found = {line["customer"]: line for line in lines}
    assert [line["customer"] for line in lines] == ["met", "late", "claimed", "missed", "waiting"]
    met, missed = found["met"], found["missed"]
    assert (met["name"], met["zone"], met["who_name"], met["measured"], met["ended"]) == (
        "Met", "bar", "Anna", "met", "greeted"
    )  # fmt: skip
    assert (round(met["took_s"]), round(found["late"]["took_s"]), missed["took_s"]) == (9, 34, None)
    assert (missed["ended"], found["waiting"]["ended"]) == ("missed", "waiting")
    assert found["claimed"]["measured"] == "claimed"
    assert (found["claimed"]["name"], found["claimed"]["address_as"]) == (None, None)  # as they wish
    due = (await asked(house, "today/list", figure="promises.due"))["lines"]
    assert [(line["name"], line["text"]) for line in due] == [("Late", "due -1"), ("Late", "due 2")]
    (again,) = (await asked(house, "today/list", figure="asked_again"))["lines"]
    assert (again["text"], again["alert"]) == ("lunch", met["alert"])  # the story of that visit
    (review,) = (await asked(house, "today/list", figure="satisfaction.about.place"))["lines"]
    assert (review["stars"], review["who_name"]) == (4, "Anna")


async def test_a_part_of_a_number_opens_that_part(house: Served) -> None:
    async def count(figure: str, **part: Any) -> int:
        return int((await asked(house, "today/list", figure=figure, **part))["count"])

    told = await asked(house, "today")
    for row in told["by_zone"]:
        assert await count("arrivals", zone=row["zone"]) == row["arrivals"]
    for row in told["by_hour"]:
        assert await count("late", hour=row["hour"]) == row["late"]
    for row in told["by_staff"]:
        assert await count("greeted.count", staff=row["staff"]) == row["greeted"]
        assert await count("claimed", staff=row["staff"]) == row["claimed"]
    for bar in told["greeted"]["histogram"]:
        upto = {} if bar["upto_s"] is None else {"upto_s": bar["upto_s"]}
        assert await count("greeted.count", over_s=bar["over_s"], **upto) == bar["count"]
    assert await count("arrivals", zone="lounge") == await count("arrivals", day=day_of(house, 1)) == 0


async def test_each_line_opens_the_story_of_its_card_and_that_is_a_look(house: Served) -> None:
    (line,) = [
        each for each in (await asked(house, "today/list", figure="greeted.met"))["lines"] if each["customer"] == "met"
    ]
    told = await asked(house, f"alerts/{line['alert']}/story")
    assert (told["name"], told["kind"], told["ended"], told["measured"]) == ("Met", "arrival", "greeted", "met")
    steps = [(step["type"], step["who_name"]) for step in told["steps"]]
    assert steps == [
        ("sighting", None), ("visit.arrived", None), ("alert.opened", None), ("card.shown", "Anna"),
        ("alert.claimed", "Anna"), ("alert.met", "Anna"), ("alert.closed", "Anna"), ("alert.rated", "Anna"),
    ]  # fmt: skip
    opened, shown, claimed, met = told["steps"][2:6]
    assert (opened["since"], opened["to_names"], shown["ms"]) == (0.0, ["Anna"], 84)
    assert (round(claimed["since"]), round(met["since"]), met["met"]) == (3, 9, True)
    assert told["took_s"] == met["since"]
    journal = await asked(house, "customers/met/journal")
    looks = [entry for entry in journal if entry["type"] == "customer.viewed" and entry["actor"] == "mei"]
    assert [look["data"]["why"] for look in looks] == ["list"]


async def test_who_may_not_and_what_is_not_there_is_refused(house: Served) -> None:
    boss, anna = await house.client("manager", "mei"), await house.client("floor", "anna")
    (first, *_) = (await asked(house, "today/list", figure="arrivals"))["lines"]
    for path in ("today", "today/list?figure=missed", f"alerts/{first['alert']}/story"):
        assert (await anna.get(f"/api/{path}")).status_code == 403
    assert (await boss.get("/api/alerts/none/story")).status_code == 404
    wrong = (
        "today/list", "today/list?figure=arrivals.count", "today/list?figure=missed&limit=0", "today?range=month",
        "today/list?figure=missed&offset=-1", "today?date=1969-12-31", "today?date=2200-01-01", "today?date=yesterday",
        "today/list?figure=missed&hour=noon",
    )  # fmt: skip
    for path in wrong:
        assert (await boss.get(f"/api/{path}")).status_code == 422, path


async def test_weeks_begin_on_monday_and_yesterday_is_before_the_day_one_asks_about(house: Served) -> None:
    week = await asked(house, "today", range="week")
    assert (week["from"], week["until"], week["arrivals"]) == (day_of(house), day_of(house, 6), 5)
    last = await asked(house, "today", range="last_week")
    assert (last["from"], last["until"], last["arrivals"], last["by_day"]) == (
        day_of(house, -7), day_of(house, -1), 0, []
    )  # fmt: skip
    assert (await asked(house, "today", range="yesterday", date=day_of(house, 1)))["arrivals"] == 5
    assert (await asked(house, "today", range="last_week", date=day_of(house, 9)))["arrivals"] == 5
    ends = await asked(house, "today", date="2199-12-20", range="week")
    assert (ends["arrivals"], ends["greeted"]["p50_s"]) == (0, None)


async def test_who_was_erased_counts_nothing_and_stands_in_no_list(tmp_path: Path) -> None:
    async with served(tmp_path, config()) as house:
        await house.hire("anna")
        await house.hire("mei", roles=("manager",))
        anna = await house.client("floor", "anna")
        header = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
        async with house.tablet(header) as tablet:
            day = Shift(house, anna, tablet)
            gone, stays = await day.comes("gone"), await day.comes("stays")
            for alert in (gone, stays):
                await day.does(alert, "claim", 2)
        boss = await house.client("manager")
        await answered(boss.delete("/api/customers/gone"))
        await house.gateway.store.write(lambda tx: None)
        for figure in ("arrivals", "greeted.count"):
            listed = await asked(house, "today/list", figure=figure)
            assert [line["customer"] for line in listed["lines"]] == ["stays"]
        assert (await boss.get(f"/api/alerts/{gone}/story")).status_code == 404
        await answered(boss.put("/api/customers/kept", json={"name": "Ms Kept", "wishes": ["no_name"]}))
        await answered(boss.post("/api/customers/kept/merge", json={"other": "stays"}))
        (line,) = (await asked(house, "today/list", figure="greeted.count"))["lines"]
        assert (line["customer"], line["name"], line["alert"]) == ("kept", None, stays)  # who they are by now
        await same_from_its_records(house)


async def test_a_tap_that_was_taken_back_asks_nobody_twice(tmp_path: Path) -> None:
    async with served(tmp_path) as alone:
        await alone.hire("lina")
        await alone.enrol("anna")
        lina = await alone.client("floor", "lina")
        alone.tap()
        visit = (await answered(lina.get("/api/present")))[0]["visit"]
        page = f"/api/visits/{visit}/asks"
        await answered(lina.post(page, json={"question": "lunch", "answer": "fish"}))
        await answered(lina.post(page, json={"question": "lunch", "again": True, "slip": True}))  # the wrong row
        await answered(lina.post(page, json={"question": "lunch", "again": True, "slip": True, "answer": "soup"}))
        boss = await alone.client("manager")
        assert (await answered(boss.get("/api/today")))["asked_again"] == 0
        await answered(lina.post(page, json={"question": "lunch", "again": True}))
        assert (await answered(boss.get("/api/today")))["asked_again"] == 1

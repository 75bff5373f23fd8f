"""A day in a house, played: guests who tap at the bar, and what becomes of each."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from gateway.events.times import iso
from gateway.service.today import FIGURES
from tests.console.served import Served, config, served
from tests.story.tablet import Tablet
from tests.story.venue import answered

NAME = {"zh-CN": "馆", "en": "House"}
TIMEZONE = "Asia/Shanghai"
MINUTE = 60.0


class Shift:
    """A day in a house: guests who tap at the bar, and what Anna and Ben do about it."""

    def __init__(self, house: Served, anna: httpx2.AsyncClient, tablet: Tablet) -> None:
        self.house = house
        self.anna = anna
        self.tablet = tablet
        self.fobs = 0

    async def comes(self, customer: str, **facts: Any) -> str:
        """A new guest taps; the card that is made of it."""
        fob = f"em:0700C4B1{self.fobs:02X}"
        self.fobs += 1
        await self.house.enrol(customer, fob, associate="anna", **facts)
        self.house.tap(fob)
        return str((await self.tablet.expect("alert.opened", customer=customer))["data"]["alert"])

    async def does(self, alert: str, act: str, after: float, **body: Any) -> None:
        """Anna acts on a card, so many seconds later."""
        self.house.ahead += after
        await answered(self.anna.post(f"/api/alerts/{alert}/{act}", json=body))


async def a_day(day: Shift) -> None:
    """What happens on it."""
    met = await day.comes("met")
    opened = day.tablet.seen("alert.opened", customer="met")[0]
    await day.tablet.send(json.dumps({"type": "painted", "sequence": opened["sequence"], "ms": 84}))
    await day.does(met, "claim", 3)
    await day.does(met, "met", 6)
    await day.does(met, "close", 100, outcome="greeted")
    day.house.ahead += 10 * MINUTE
    late = await day.comes("late")
    await day.does(late, "claim", 4)
    await day.does(late, "met", 30)
    day.house.ahead += 10 * MINUTE
    await day.does(await day.comes("claimed", wishes=["no_name"]), "claim", 12)
    day.house.ahead += 50 * MINUTE
    await day.does(await day.comes("missed"), "close", 40, outcome="not_found")
    visit = day.tablet.seen("visit.arrived", customer="met")[0]["data"]["visit"]
    for again in (False, True):
        await answered(day.anna.post(f"/api/visits/{visit}/asks", json={"question": "lunch", "again": again}))
    await answered(day.anna.post(f"/api/visits/{visit}/review", json={"satisfaction": 4, "about": "place"}))
    fact = await answered(day.anna.post("/api/customers/met/preferences", json={"category": "drink", "value": "tea"}))
    await answered(day.anna.post(f"/api/customers/met/preferences/{fact['id']}/served", json={}))
    await answered(day.anna.post(f"/api/alerts/{met}/rate", json={"useful": True}))
    for hours in (-1, 2, 48):
        due = {"text": f"due {hours}", "due": iso(day.house.now() + hours * 3600)}
        await answered(day.anna.post("/api/customers/late/promises", json=due))
    await answered(day.anna.post("/api/customers/late/complaints", json={"text": "cold"}))
    day.house.ahead += 10 * MINUTE
    await day.comes("waiting")


@asynccontextmanager
async def on_a_monday(folder: Path) -> AsyncIterator[Served]:
    """A Monday: one is met in time, one late, one only claimed, one missed, one waits, one wished for no name."""
    moments = [{"kind": "waiting", "off": True}]
    settings = config(venue={"id": "house", "name": NAME, "timezone": TIMEZONE}, moments=moments)
    async with served(folder, settings) as house:
        now = datetime.fromtimestamp(house.now(), UTC).replace(hour=3, minute=0, second=0, microsecond=0)
        monday = now + timedelta(days=7 - now.weekday())  # 11:00 in Shanghai
        house.ahead = monday.timestamp() - house.now()
        await house.hire("anna", "ben")
        await house.hire("mei", roles=("manager",))
        anna = await house.client("floor", "anna")
        header = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
        async with house.tablet(header) as tablet:
            await a_day(Shift(house, anna, tablet))
        yield house


async def asked(house: Served, path: str, **query: Any) -> Any:
    """What a manager is answered."""
    boss = await house.client("manager", "mei")
    return await answered(boss.get(f"/api/{path}", params=query))


def at_place(tree: dict[str, Any], path: str) -> Any:
    """The member at a place that is parted by dots."""
    for name in path.split("."):
        tree = tree[name]
    return tree


async def every_number_is_its_list(house: Served) -> dict[str, Any]:
    """The week in numbers, each of which opens a list as long as it says; everybody who came is in one of four."""
    week: dict[str, Any] = await asked(house, "today", range="week")
    for figure in FIGURES:
        listed = await asked(house, "today/list", figure=figure, range="week")
        assert at_place(week, figure) == listed["count"] == len(listed["lines"]), figure
    parts = ("greeted.count", "missed", "waiting", "other")
    assert week["arrivals"] == sum(at_place(week, part) for part in parts)
    return week

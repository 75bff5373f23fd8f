"""Retention through the public door: who vouches for the clock, what waits for a manager, and who is to be erased."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.console import hours
from gateway.core import clock as clocks
from gateway.events.times import iso
from gateway.operations import kernel_clock
from tests.console.served import FOB, Served, served
from tests.program import Ended, moments
from tests.records import happening as h
from tests.story.venue import answered

DAY = 86_400.0


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hours, "TIDY_EVERY", 0.05)
    monkeypatch.setattr(clocks, "STEADY_FOR", 0.0)
    monkeypatch.setattr(kernel_clock, "synchronised", lambda: False)


async def said(house: Served, *words: str | Path) -> Ended:
    return await moments(*words, "--data", house.gateway.store.folder)


async def once(house: Served, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """How retention stands, once it is so."""
    boss = await house.client("manager")
    async with asyncio.timeout(40):
        while not good(found := dict(await answered(boss.get("/api/retention")))):
            await asyncio.sleep(0.05)
    return found


def of(found: dict[str, Any], kind: str) -> dict[str, Any]:
    (row,) = [each for each in found["kinds"] if each["kind"] == kind]
    return dict(row)


async def test_nothing_goes_until_a_manager_vouches_and_no_more_than_a_day_may_take(tmp_path: Path) -> None:
    async with served(tmp_path / "data") as house:
        await house.enrol("anna", FOB)
        anna = house.whose("anna")
        for number in range(90):
            at = house.now() - 401 * DAY + number
            news = [h.arrived(anna, f"v-{number}", at=at), h.departed(anna, f"v-{number}", at=at)]
            await house.gateway.record(news, "tests")
        boss = await house.client("manager")
        standing = await once(house, lambda found: found["last_run"] is None)
        assert (standing["vouched_by"], of(standing, "visits")["candidates"]) == (None, 90)
        health = await answered(boss.get("/health"))
        assert "nobody vouches for the clock" in health["nothing_deleted"]
        assert health["status"] == "ok" or not any("vouches" in why for why in health["why"])

        wrong = await boss.post("/api/retention/clock", json={"time": iso(house.now() + 15 * 3600)})
        assert wrong.status_code == 409
        assert "set the clock first" in wrong.json()["detail"]
        assert (await said(house, "retention", "confirm-clock", "--yes")).code == 0
        standing = await once(house, lambda found: of(found, "visits")["waits"])
        assert of(standing, "visits")["rows"] == 40
        assert standing["vouched_by"]
        assert (await answered(boss.get("/health")))["nothing_deleted"] is None

        shown = await said(house, "retention", "show")
        assert "moments retention confirm visits" in shown.out
        assert (await said(house, "retention", "confirm", "visits")).code == 0
        await once(house, lambda found: of(found, "visits")["rows"] == 0)
        refused = await said(house, "retention", "confirm", "visits")
        assert refused.code != 0
        assert "nothing waits" in refused.err


async def test_only_who_leads_sees_and_says_it(tmp_path: Path) -> None:
    async with served(tmp_path / "data") as house:
        for role in ("floor", "it"):
            door = await house.client(role)
            assert (await door.get("/api/retention")).status_code == 403
            assert (await door.post("/api/retention/allowed", json={"kinds": ["visits"]})).status_code == 403
            assert (await door.post("/api/retention/clock", json={"time": iso(house.now())})).status_code == 403

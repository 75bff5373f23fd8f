"""A second box of a venue takes over, and goes on at the hub as the same box of the house."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.standby import papers
from gateway.standby.taking_over import take_over
from tests.hub.program import Program, hub
from tests.joined.houses import house_of, link_of, rows_at, rows_of, sent, settings, share, stop, until
from tests.standby.boxes import joined, standby
from tests.story.venue import answered


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    """A hub that serves."""
    with hub(tmp_path / "hub") as program:
        yield program


async def test_the_hub_goes_on_with_it_and_gives_back_what_only_it_had_heard(program: Program, tmp_path: Path) -> None:
    at_home = settings(program, "house")
    async with house_of(program, tmp_path / "a", "house") as first:
        await first.enrol("chen")
        await share(first, "chen")
        await joined(first, tmp_path / "b")
        async with standby(tmp_path / "b", at_home) as second:
            await second.caught_up(first)
        await first.enrol("wang", "em:0700C4A91F")
        await stop(first, "chen")
        await sent(first)
    paper = papers.read(tmp_path / "b")
    assert paper is not None
    take_over(at_home, tmp_path / "b", paper)
    async with house_of(program, tmp_path / "b", "house") as now_first:
        await sent(now_first)
        assert rows_of(now_first)[-1] in rows_at(program, "house")
        boss = await now_first.client("manager")

        async def is_back() -> bool:
            there = await boss.get("/api/customers/wang")
            return there.status_code == 200

        await until(is_back, "who was enrolled at the old box alone")

        async def stopped() -> bool:
            found = await answered(boss.get("/api/customers/chen"))
            return "share_houses" not in [each["purpose"] for each in found["consents"]]

        await until(stopped, "what was stopped at the old box alone")
        told = {each["code"] for each in (await link_of(now_first))["told"]}
        assert told <= {"fork"}

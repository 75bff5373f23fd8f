"""A second box follows and takes over: what was known is known, and nobody is greeted twice."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gateway.operations.control import GatewayRefused, ask
from gateway.records.store import RECORDS_FILE, reading
from gateway.records.verify import verify
from gateway.standby import papers
from gateway.standby.serving import PROMOTE
from gateway.standby.taking_over import run_program, take_over
from tests.console.served import Served, config, served
from tests.joined.houses import until
from tests.ports import free_port
from tests.records.test_following import everything
from tests.standby.boxes import joined, standby
from tests.story.venue import answered


async def greeted(house: Served) -> list[dict[str, Any]]:
    """The cards of this house."""
    boss = await house.client("manager")
    found: list[dict[str, Any]] = await answered(boss.get("/api/alerts"))
    return found


async def test_it_takes_over_with_all_that_was_known_and_greets_nobody_twice(tmp_path: Path) -> None:
    settings = config()
    async with served(tmp_path / "a", settings, lawful=False) as first:
        await first.hire("lina")
        await first.enrol("chen")
        await joined(first, tmp_path / "b")
        async with standby(tmp_path / "b", settings) as second:
            await second.caught_up(first)
            first.tap()
            await until(lambda: greeted(first), "the card at the first box")
            await first.enrol("wang", "em:0700C4A91F")  # known since the copy was made
            await second.caught_up(first)
            first.running.stop()
            await second.promote()
    assert (paper := papers.read(tmp_path / "b")) is not None
    assert (paper.role, paper.term) == ("first", 2)
    async with served(tmp_path / "b", settings) as now_first:
        before = await greeted(now_first)
        assert len(before) == 1
        now_first.tap()
        now_first.tap("em:0700C4A91F")
        cards = await until(lambda: _two(now_first), "the card of whom the second box learnt while it followed")
        assert len(cards) == 2
        assert {card["id"] for card in before} < {card["id"] for card in cards}
        await now_first.signs_in("lina")
    reader = reading(tmp_path / "b")
    assert verify(reader).ok
    reader.close()
    reader.keyring.close()


async def _two(house: Served) -> list[dict[str, Any]] | None:
    found = await greeted(house)
    return found if len(found) > 1 else None


async def test_the_old_box_comes_back_gives_what_it_wrote_alone_and_follows(tmp_path: Path) -> None:
    port = free_port()
    settings = config()
    at_a = config(console={"listen": f"127.0.0.1:{port}"})
    async with served(tmp_path / "a", at_a, lawful=False) as first:
        await first.hire("lina")
        await first.enrol("chen")
        await first.enrol("wang", "em:0700C4A91F")
        await joined(first, tmp_path / "b")
        async with standby(tmp_path / "b", settings) as second:
            await second.caught_up(first)
        boss = await first.client("manager")  # the line is cut: what is written here from now on is here alone
        await answered(boss.request("DELETE", "/api/customers/chen/consents/recognise_tag"))
        await answered(boss.delete("/api/customers/wang"))
    paper = papers.read(tmp_path / "b")
    assert paper is not None
    take_over(settings, tmp_path / "b", paper)
    async with served(tmp_path / "b", settings) as now_first:
        now_first.tap()
        await until(lambda: greeted(now_first), "the card: here nobody knows yet that they stopped")
        async with served(tmp_path / "a", at_a, lawful=False):
            await until(lambda: _role(tmp_path / "a") == "standby", "the old box knows that it is the first no more")
        async with standby(tmp_path / "a", at_a) as old:
            await old.caught_up(now_first)
            facts = (await old.health())["standby"]
            assert facts["of"].startswith("http://127.0.0.1:")
            here = await now_first.client("manager")

            async def stopped() -> bool:
                found = await answered(here.get("/api/customers/chen"))
                return [each["purpose"] for each in found["consents"]] == ["keep_preferences"]

            await until(stopped, "what was stopped at the old box alone")
            assert (await here.get("/api/customers/wang")).status_code == 404
            assert (await answered(here.get("/health")))["standby"]["followed"]
    there, here_ = (everything(tmp_path / name, RECORDS_FILE)["journal"] for name in "ba")
    assert {row[0] for row in here_} <= {row[0] for row in there}
    assert all(row in there for row in here_)


def _role(folder: Path) -> str | None:
    paper = papers.read(folder)
    return paper.role if paper is not None else None


async def test_it_takes_over_by_itself_where_the_settings_say_so(tmp_path: Path) -> None:
    settings = config(standby={"alone_after_s": 0.5})
    async with served(tmp_path / "a", settings, lawful=False) as first:
        await first.enrol("chen")
        await joined(first, tmp_path / "b")
        async with standby(tmp_path / "b", settings) as second:
            await second.caught_up(first)
            assert not second.life.done()
            first.running.stop()
            assert await second.life


async def test_without_a_whole_copy_it_takes_over_neither_by_itself_nor_when_asked(tmp_path: Path) -> None:
    settings = config(standby={"alone_after_s": 0.01})
    async with served(tmp_path / "a", settings) as first:
        await joined(first, tmp_path / "b")
    async with standby(tmp_path / "b", settings) as second:
        await until(lambda: second.health(), "it answers")
        with pytest.raises(GatewayRefused, match="no whole copy"):
            await asyncio.to_thread(ask, second.folder, "POST", PROMOTE)

        async def not_reached() -> bool:
            return "not reached" in str((await second.health())["standby"]["fault"])

        await until(not_reached, "it says why it has no copy")
        assert not (await second.health())["standby"]["ready"]
        assert not second.life.done()


async def test_a_program_that_moves_the_address_is_run_and_its_end_is_told(tmp_path: Path) -> None:
    program = tmp_path / "move"
    program.write_text("#!/bin/sh\necho moved > " + str(tmp_path / "moved") + "\nexit 3\n")
    program.chmod(0o700)
    async with served(tmp_path / "a") as first:
        await joined(first, tmp_path / "b")
        async with standby(tmp_path / "b", config()) as second:
            await second.caught_up(first)
            await second.promote()
    await run_program(str(program), tmp_path / "b")
    assert (tmp_path / "moved").read_text() == "moved\n"
    async with served(tmp_path / "b") as house:
        client = await house.client()
        report = await answered(client.get("/health"))
        assert report["standby"]["on_promote"] == f"{program} ended with 3"
        assert f"on_promote: {program} ended with 3" in report["why"]

"""The forty checks on a day that was played, and on folders in which something is not as it should be."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.privacy.checks import CHECKS
from tests.console.served import Served, config, served
from tests.program import Ended, moments
from tests.story.venue import answered

TOML = """
[venue]
id = "house"
name = { zh-CN = "馆", en = "House" }
[[zones]]
id = "bar"
name = { en = "Bar" }
[[zones]]
id = "lounge"
name = { en = "Lounge" }
[[readers]]
id = "counter"
driver = "em4100"
link = "/nowhere/counter"
role = "tap"
zone = "bar"
[privacy]
controller = { name = "House Ltd", address = "1 Bund", contact = "privacy@example.com" }
"""


pytestmark = pytest.mark.timeout(180)  # each report is a process of its own


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    """A house in which nothing has happened yet."""
    (tmp_path / "venue.toml").write_text(TOML, encoding="utf-8")
    async with served(tmp_path / "data", config()) as there:
        yield there


def where(house: Served) -> list[str | Path]:
    """The options that name this house."""
    folder = house.gateway.store.folder
    return ["--config", folder.parent / "venue.toml", "--data", folder]


async def checked(house: Served, *words: str) -> dict[int, dict[str, Any]]:
    """What the report of this house says, by number."""
    ended = await moments("privacy", "report", *where(house), "--format", "json", *words)
    assert ended.out, ended
    found = {row["number"]: row for row in json.loads(ended.out)["checks"]}
    assert ended.code == (1 if any(row["state"] == "fail" for row in found.values()) else 0), ended
    return found


def test_there_are_forty_and_each_says_how_it_is_proven() -> None:
    assert [check.number for check in CHECKS] == list(range(1, 41))
    for check in CHECKS:
        assert all((check.title.zh, check.title.en, check.how.zh, check.how.en)), check.number


async def play(house: Served) -> None:
    """A day: people agree, refuse, come, are looked at and looked for, stop, and one is erased."""
    await house.hire("lina")
    boss = await house.client("manager")
    await house.enrol("wangwei", name="王伟明先生")
    await house.enrol("annaberg", "em:0700C4A91F", name="Anna Berg")
    refused = {"purpose": "insight", "act": "refused", "method": "spoken"}
    await answered(boss.post("/api/customers/wangwei/consents", json=refused))
    house.tap()
    lina = await house.signs_in("lina")
    await answered(lina.get("/api/customers/wangwei"))
    await answered(boss.get("/api/customers?q=Anna"))
    await answered(boss.delete("/api/customers/wangwei/consents/recognise_tag"))
    await answered(boss.delete("/api/customers/annaberg"))
    for paper in ("sign", "dpia", "register"):
        ended = await moments("privacy", paper, *where(house), "--file")
        assert ended.code == 0, ended


async def test_a_played_day_passes(house: Served) -> None:
    await play(house)
    found = await checked(house)
    assert sorted(found) == list(range(1, 41))
    assert {number: row["words"]["en"] for number, row in found.items() if row["state"] == "fail"} == {}
    proven = {number for number, row in found.items() if row["state"] == "pass"}
    assert proven >= {2, 3, 4, 5, 6, 8, 9, 10, 11, 14, 15, 21, 22, 25, 26, 29, 30, 32, 38, 39, 40}, sorted(proven)
    assert found[27]["state"] == found[19]["state"] == "not here"
    assert found[9]["evidence"]


async def test_what_is_not_as_it_should_be_fails_by_number(house: Served) -> None:
    await play(house)
    folder = house.gateway.store.folder
    toml = folder.parent / "venue.toml"
    toml.write_text(TOML.replace('"counter"', '"till"'), encoding="utf-8")  # a reader by another name
    (folder / "note.txt").write_text("王伟明先生 had em:0700C4A91E", encoding="utf-8")
    found = await checked(house)
    wrong = {number for number, row in found.items() if row["state"] == "fail"}
    assert wrong == {5, 6, 21, 22}
    assert "note.txt" in found[21]["words"]["en"]
    assert "note.txt" in found[22]["words"]["zh-CN"]


async def test_one_check_alone_and_one_that_is_none(house: Served) -> None:
    found = await checked(house, "--only", "30")
    assert list(found) == [30]
    ended: Ended = await moments("privacy", "report", *where(house), "--only", "41")
    assert ended.code == 2
    ended = await moments("privacy", "report", *where(house), "--from", "2026-13-01")
    assert ended.code == 2
    assert "2026-11-28" in ended.err


async def test_the_page_to_file_is_for_its_owner_alone(house: Served) -> None:
    page = house.gateway.store.folder.parent / "report.html"
    ended = await moments("privacy", "report", *where(house), "--format", "html", "--out", page)
    assert ended.code == 0, ended
    assert page.stat().st_mode & 0o077 == 0
    text = await asyncio.to_thread(page.read_text, "utf-8")
    assert text.count("<tr>") == 40
    assert "SHA-256" in text


async def test_a_notice_counts_whom_it_concerns_and_names_nobody(house: Served) -> None:
    await play(house)
    folder = house.gateway.store.folder
    people = folder.parent / "people.txt"
    span = ("--from", "2020-01-01", "--until", "2099-01-01")
    ended = await moments("privacy", "breach", *where(house), *span, "--people", people, "--drill")
    assert ended.code == 0, ended
    erased, wang = sorted(people.read_text("utf-8").split(), key=house.whose("wangwei").__eq__)
    assert wang == house.whose("wangwei")
    assert erased.startswith("c-")  # of her there is no other name left
    assert "About 2 customers" in ended.out
    for name in ("王伟明", "Anna", "wangwei", "annaberg"):
        assert name not in ended.out
    assert (await checked(house, "--only", "34"))[34]["state"] == "pass"
    ended = await moments("privacy", "breach", *where(house), "--from", "2099-01-01", "--until", "2020-01-01")
    assert ended.code == 2

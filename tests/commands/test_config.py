"""``moments config``: the settings go out as they were written, and come back in through a gateway that runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.operations.live_settings import is_ours
from tests.commands.folder import of, told
from tests.console.served import Served, served
from tests.console.test_settings import VENUE

TEXT = VENUE.replace("PORT", "/nowhere/till")
DECK = TEXT + '\n# upstairs\n[[zones]]\nid = "deck"\nname = { en = "Deck" }\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Settings that somebody wrote."""
    file = tmp_path / "venue.toml"
    file.write_text(TEXT, "utf-8")
    return file


@pytest.fixture
async def house(file: Path, tmp_path: Path) -> AsyncIterator[Served]:
    """A gateway that goes by them."""
    async with served(tmp_path / "data", file=file) as running:
        yield running


async def config(word: str, *words: str | Path, at: Path) -> Result:
    """The command, for the house in this folder."""
    where = ["--config", at / "venue.toml", "--data", at / "data"]
    return await asyncio.to_thread(CliRunner().invoke, main, [str(each) for each in ("config", word, *words, *where)])


def written(folder: Path, text: str) -> Path:
    """Another file of settings."""
    file = folder / "other.toml"
    file.write_text(text, "utf-8")
    return file


async def test_it_goes_out_as_it_was_written(file: Path, tmp_path: Path) -> None:
    shown = await config("export", at=tmp_path)
    assert (shown.exit_code, shown.output) == (0, TEXT)
    assert (await config("export", tmp_path / "copy.toml", at=tmp_path)).exit_code == 0
    assert (tmp_path / "copy.toml").read_text("utf-8") == TEXT
    again = await config("export", tmp_path / "copy.toml", at=tmp_path)
    assert (again.exit_code, "file exists" in again.output) == (1, True)


async def test_the_difference_is_shown_and_what_waits_for_a_start(file: Path, tmp_path: Path) -> None:
    other = written(tmp_path, DECK.replace("paired_tablets = false", "paired_tablets = true"))
    shown = await config("diff", other, at=tmp_path)
    assert shown.exit_code == 0
    assert '+id = "deck"' in shown.output.split("\n")
    assert "started anew: console" in shown.output
    assert file.read_text("utf-8") == TEXT


async def test_a_bad_file_is_named_by_its_keys_and_changes_nothing(file: Path, tmp_path: Path) -> None:
    other = written(tmp_path, TEXT.replace('zone = "bar"', 'zone = "moon"'))
    for word in ("diff", "import"):
        shown = await config(word, other, at=tmp_path)
        assert (shown.exit_code, 'other.toml: readers[till].zone = "moon"' in shown.output) == (2, True)
    assert file.read_text("utf-8") == TEXT


async def test_a_gateway_that_runs_takes_it_up_and_takes_it_back(house: Served, file: Path, tmp_path: Path) -> None:
    other = written(tmp_path, DECK)
    refused = await config("import", other, at=tmp_path)
    assert (refused.exit_code, "by hand" in refused.output) == (1, True)
    assert (await config("import", other, "--yes", "--dry-run", at=tmp_path)).exit_code == 0
    assert [zone.id for zone in house.gateway.config.zones] == ["bar"]
    done = await config("import", other, "--yes", at=tmp_path)
    assert done.exit_code == 0, done.output
    assert [zone.id for zone in house.gateway.config.zones] == ["bar", "deck"]
    assert file.read_text("utf-8") == DECK
    it = await house.client("it")
    made = (await it.get("/api/settings")).json()["changes"][0]
    assert (made["because"], made["by"], made["may_undo"]) == ("command", "command-line", True)
    assert (await it.post(f"/api/settings/changes/{made['change']}/undo", json={})).status_code == 200
    assert file.read_text("utf-8") == TEXT


async def test_where_nobody_runs_it_is_written_and_recorded_all_the_same(file: Path, tmp_path: Path) -> None:
    async with served(tmp_path / "data", file=file):
        pass
    other = written(tmp_path, DECK)
    refused = await config("import", other, at=tmp_path)
    assert (refused.exit_code, "--yes" in refused.output) == (1, True)
    done = await config("import", other, "--yes", at=tmp_path)
    assert done.exit_code == 0, done.output
    assert is_ours(tmp_path / "data", file.read_text("utf-8"))
    (event,) = of(told(tmp_path / "data"), "settings.changed")
    assert (event.actor, event.data["because"], event.data["tables"]) == ("command-line", "command", ["zones"])

"""``moments readers find`` and ``add``: what is plugged in, and into a ``venue.toml`` that somebody wrote."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.operations import finding
from gateway.settings.venue import load
from reader_drivers.simulated_uhfreader18 import SimulatedUhfreader18
from tests.program import run

TWO = ["two", "--driver", "m100", "--link", "/dev/x", "--role", "inner", "--zone", "hall"]
VENUE = """# The house on the quay
[venue]
id = "quay"   # never again another
name = { en = "Quay" }

[[zones]]
id = "hall"
name = { en = "Hall" }

[[readers]]   # the front door
id = "door"
driver = "em4100"
link = "/dev/moments/door"
role = "inner"
zone = "hall"

[alerts]
hint = false  # they asked for it
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A file with comments."""
    file = tmp_path / "venue.toml"
    file.write_text(VENUE, "utf-8")
    return file


async def moments(*words: str | Path) -> Result:
    """The command in this process: a simulated port is held by it, and by no other program."""
    return await asyncio.to_thread(CliRunner().invoke, main, list(map(str, words)))


async def test_what_is_found_is_put_into_the_file_as_it_says(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "LISTENS", 0.4)
    async with SimulatedUhfreader18(tmp_path / "port", dialect="288"):
        found = await moments("readers", "find", "--port", tmp_path / "port", "--config", config)
    assert found.exit_code == 0, found.output
    assert f"new  {tmp_path / 'port'}: something speaks uhfreader18 (" in found.output
    (line,) = [each for each in found.output.splitlines() if each.startswith("moments readers add ")]
    words = line.removeprefix("moments ").replace("ROLE", "exit").replace("ZONE", "hall").split()
    assert config.read_text("utf-8") == VENUE, "finding changes nothing"
    done = await moments(*words, "--config", config)
    assert done.exit_code == 0, done.output
    assert '+driver = "uhfreader18"' in done.output
    after = config.read_text("utf-8")
    for kept in VENUE.splitlines():
        assert kept in after
    (_, added) = load(config).readers
    assert (added.driver, added.link, added.role, added.zone) == (
        "uhfreader18", str(tmp_path / "port"), "exit", "hall",
    )  # fmt: skip
    assert getattr(added.settings, "dialect", None) == "288"


def test_nothing_found_is_said(config: Path, tmp_path: Path) -> None:
    nothing = run("readers", "find", "--port", tmp_path / "nowhere", "--config", config)
    assert nothing.code == 1
    assert "there is no such port" in nothing.out
    assert "no reader was found" in nothing.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["two", "--driver", "m100", "--link", "/dev/x", "--role", "inner", "--zone", "hal"], "zone"),
        (["door", "--driver", "m100", "--link", "/dev/x", "--role", "inner", "--zone", "hall"], "door"),
        (["two", "--driver", "m1000", "--link", "/dev/x", "--role", "inner", "--zone", "hall"], "did you mean 'm100'"),
        (
            ["two", "--driver", "m100", "--link", "/dev/x", "--role", "inner", "--zone", "hall", "--set", "baud=3"],
            "baud",
        ),
        (
            ["two", "--driver", "m100", "--link", "/dev/x", "--role", "inner", "--zone", "hall", "--set", "baud"],
            "between",
        ),
    ],
)
def test_a_mistake_is_named_and_the_file_stays(config: Path, words: list[str], says: str) -> None:
    done = run("readers", "add", *words, "--config", config)
    assert done.code == 2
    assert says in done.err
    assert config.read_text("utf-8") == VENUE
    assert sorted(each.name for each in config.parent.iterdir()) == ["venue.toml"]


def test_a_dry_run_shows_and_changes_nothing(config: Path) -> None:
    words = ["two", "--driver", "m100", "--link", "/dev/x", "--role", "outer", "--zone", "hall", "--dry-run"]
    done = run("readers", "add", *words, "--config", config)
    assert done.code == 0
    assert '+id = "two"' in done.out
    assert config.read_text("utf-8") == VENUE
    config.write_text(VENUE.partition("[[readers]]")[0], "utf-8")
    first = run("readers", "add", *words[:-1], "--config", config)
    assert first.code == 0, first
    assert [each["id"] for each in tomllib.loads(config.read_text("utf-8"))["readers"]] == ["two"]

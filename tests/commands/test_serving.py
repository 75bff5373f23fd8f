"""``moments serve``, ``check`` and ``readers``: what an operator is told when something is wrong."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.records import belonging
from gateway.records.store import Store
from reader_drivers.simulated import SimulatedM100
from tests.program import REPOSITORY, command_line, moments, run
from tests.story.settings import DOOR, Place, venue_toml
from tests.story.venue import Venue


def settings(folder: Path, *places: Place, then: tuple[str, str] = ("", "")) -> Path:
    """A venue's file with one text replaced."""
    file = folder / "venue.toml"
    file.write_text(venue_toml(places).replace(*then), "utf-8")
    return file


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_misspelt_key_is_named_with_the_nearest_right_one(tmp_path: Path, command: str) -> None:
    config = settings(tmp_path, then=("escalate_after_s", "escalate_afer_s"))
    data: list[str | Path] = ["--data", tmp_path / "data"] if command == "serve" else []
    ended = run(command, "--config", config, *data)
    assert ended.code == 2
    assert "escalate_afer_s" in ended.err
    assert "escalate_after_s" in ended.err
    assert "Traceback" not in ended.err
    assert not (tmp_path / "data").exists()


def test_a_file_that_is_not_there_is_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    Store.open(tmp_path, source="/venues/test").close()  # of a folder that is nobody's yet a page is shown
    ended = run("serve", "--config", tmp_path / "none.toml", "--data", tmp_path)
    assert ended.code == 2
    assert "none.toml" in ended.err


@pytest.fixture
async def m100(tmp_path: Path) -> AsyncIterator[SimulatedM100]:
    async with SimulatedM100(tmp_path / "door") as device:
        yield device


def door_at(device: SimulatedM100) -> Place:
    """A door's reader on the line of this device."""
    return Place("door", "m100", "inner", link=str(device.link))


async def test_check_is_content_with_a_reader_that_answers(tmp_path: Path, m100: SimulatedM100) -> None:
    other = tmp_path / "other"
    other.mkdir()
    async with SimulatedM100(other / "door") as second:
        ended, alone = await asyncio.gather(
            moments("check", "--config", settings(tmp_path, door_at(m100)), "--seconds", "2"),
            moments("readers", "--config", settings(other, door_at(second)), "--data", tmp_path / "nothing"),
        )
    assert ended.code == 0, ended
    assert "ok   door" in ended.out
    assert "M100" in ended.out  # the firmware it told
    assert "[backup] names no folder of erasures" in ended.err  # advice: nothing has failed
    assert alone.code == 0, alone
    assert alone.out.split()[:3] == ["door", "m100", "up"]


async def test_check_asks_for_no_list_where_one_is_kept_or_people_are_invented(
    tmp_path: Path, m100: SimulatedM100
) -> None:
    asked = "[backup] names no folder of erasures"
    invented = tmp_path / "invented"
    Store.open(invented, source="/venues/v").close()
    belonging.mark_as_demo(invented)
    config = settings(tmp_path, door_at(m100))
    demo = await moments("check", "--config", config, "--data", invented, "--seconds", "2")
    assert (demo.code, asked in demo.err) == (0, False)
    config.write_text(f'{config.read_text("utf-8")}\n[backup]\nerasures = ["/mnt/nas/moments"]\n', "utf-8")
    kept = await moments("check", "--config", config, "--data", tmp_path / "data", "--seconds", "2")
    assert (kept.code, asked in kept.err) == (0, False)


async def test_check_says_what_is_wrong_with_each_reader(tmp_path: Path, m100: SimulatedM100) -> None:
    m100.stall()
    deaf = replace(door_at(m100), id="deaf")
    missing = Place("missing", "em4100", "tap", link=str(tmp_path / "no-such-device"))
    ended = await moments("check", "--config", settings(tmp_path, deaf, missing), "--seconds", "2")
    assert ended.code == 1
    lines = {line.split()[1]: line for line in ended.out.splitlines() if line.startswith("FAIL")}
    assert set(lines) == {"deaf", "missing"}
    assert "no such" in lines["missing"].lower()
    assert "no-such-device" in lines["missing"]


async def test_a_second_gateway_on_the_same_data_is_refused_in_words(tmp_path: Path) -> None:
    async with Venue(tmp_path, [DOOR]) as venue:
        second = await moments("serve", "--config", venue.config, "--data", venue.data)
        assert second.code == 1
        assert "Traceback" not in second.err
        assert str(venue.data) in second.err
        assert (await venue.health())["status"] in ("ok", "degraded")
        taken = venue.config.read_text().replace("127.0.0.1:0", venue.url.removeprefix("http://"))
        (tmp_path / "other.toml").write_text(taken)
        third = await moments("serve", "--config", tmp_path / "other.toml", "--data", tmp_path / "other")
        assert third.code == 1
        assert "[console] listen" in third.err


async def test_logs_are_json_for_machines(tmp_path: Path) -> None:
    config = settings(tmp_path, Place("door", "m100", "inner", link=str(tmp_path / "none")))
    words: list[str | Path] = ["--log-format", "json", "serve", "--config", config, "--data", tmp_path / "data"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(command_line(*words), cwd=REPOSITORY, stderr=log)
    try:
        while b"http://" not in (tmp_path / "log").read_bytes():
            assert process.poll() is None
            await asyncio.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(process.wait, 20) == 0
    finally:
        process.kill()
        process.wait()
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert {frozenset(line) for line in lines} == {frozenset({"time", "level", "logger", "message"})}
    assert [line["message"] for line in lines if "door: lost" in line["message"]]
    assert lines[-1]["message"] == "stopped"

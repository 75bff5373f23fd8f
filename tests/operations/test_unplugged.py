"""A reader that is unplugged a hundred times: told once each way each time, heard again, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from gateway.commands.demo_devices import SETTINGS
from gateway.operations import keeper as keepers
from gateway.operations.keeper import Keeper
from gateway.settings.venue import ReaderConfig
from reader_drivers import DRIVERS
from reader_drivers.rfid import thingmagic_conversation
from tests.reader_drivers.contract import CARRIED, READER, settle, stand
from tests.reader_drivers.readers import until

STREAMS = [name for name, driver in DRIVERS.items() if driver.over != "mqtt"]
TIMES = 100


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred waits take no minute: what is waited for is a person, or a stream of before to end."""
    monkeypatch.setattr(keepers, "FIRST_WAIT", 0.002)
    monkeypatch.setattr(keepers, "LONGEST_WAIT", 0.01)
    asked = thingmagic_conversation.ASK_VERSION._replace(after_silence=0.02)
    monkeypatch.setattr(thingmagic_conversation, "ASK_VERSION", asked)


def left_open() -> tuple[int, int, int]:
    """Descriptors, threads and tasks of this process."""
    return len(os.listdir("/proc/self/fd")), threading.active_count(), len(asyncio.all_tasks())  # noqa: PTH208


@pytest.mark.parametrize("name", STREAMS)
async def test_a_reader_that_is_unplugged_a_hundred_times_is_back_a_hundred_times(name: str, tmp_path: Path) -> None:
    told: list[str] = []
    heard: list[Any] = []
    about = {"id": READER, "driver": name, "link": "x", "role": "zone", "zone": "z", "settings": SETTINGS.get(name, {})}
    async with stand(name, tmp_path) as one:
        keeper = Keeper(
            ReaderConfig.model_validate(about), one.make, heard.append, lambda _, kind: told.append(kind), lambda: 0.0
        )
        one.present()
        keeping = asyncio.create_task(keeper.keep())
        try:
            await until(lambda: heard)
            for time in range(1, TIMES + 1):
                await settle(one.cut())
                await until(lambda: keeper.state == "lost")
                heard.clear()
                await settle(one.join())
                one.present()
                await until(lambda: heard, within=20)
                assert told == ["reader.lost", "reader.back"] * time
                assert {each.identifier for each in heard} <= CARRIED
                if time == 10:  # by then the pool that opens ports has its threads
                    before = left_open()
            after = left_open()
        finally:
            keeping.cancel()
            await asyncio.wait([keeping])
    assert after[0] <= before[0] + 2, "descriptors; the other end of a socket closes a moment later"
    assert after[1] <= before[1] + 8, "threads; the pool takes new ones up to its bound"
    assert after[2] <= before[2] + 2, "tasks"

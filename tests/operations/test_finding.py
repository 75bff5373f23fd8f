"""Readers that nobody has written down: found by what they say and answer, and nobody else's line is touched."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.operations import finding
from gateway.operations.finding import FoundReader, LeftAlone
from reader_drivers import DRIVERS
from reader_drivers.mqtt_link import Broker
from reader_drivers.simulated import SimulatedEm4100, SimulatedEspresense, SimulatedM100
from reader_drivers.simulated_pn532 import SimulatedPn532
from reader_drivers.simulated_thingmagic import SimulatedThingmagic
from reader_drivers.simulated_uhf_prime import SimulatedUhfPrime
from reader_drivers.simulated_uhfreader18 import SimulatedUhfreader18
from tests.mosquitto import mosquitto

TALKERS: dict[str, Callable[[Path], Any]] = {
    "m100": SimulatedM100,
    "thingmagic": SimulatedThingmagic,
    "pn532": SimulatedPn532,
    "uhf_prime": SimulatedUhfPrime,
    "uhfreader18": SimulatedUhfreader18,
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulated line is quicker than a hand with a fob."""
    monkeypatch.setattr(finding, "LISTENS", 0.4)


async def looked(*ports: Path, known: tuple[str, ...] = (), asks: bool = True) -> list[FoundReader | LeftAlone]:
    """What is found on these ports."""
    return [each async for each in finding.on_ports(map(str, ports), known, asks=asks)]


@pytest.mark.parametrize("driver", TALKERS)
async def test_a_reader_that_answers_is_known_by_its_protocol(driver: str, tmp_path: Path) -> None:
    async with TALKERS[driver](tmp_path / "port"):
        (found,) = await looked(tmp_path / "port")
    assert isinstance(found, FoundReader), found
    assert (found.driver, found.link) == (driver, str(tmp_path / "port"))
    assert found.words
    DRIVERS[driver].settings.model_validate(found.settings)  # they are all that it needs to be set up


async def test_a_fob_is_held_to_a_module_that_only_speaks(tmp_path: Path) -> None:
    async with SimulatedEm4100(tmp_path / "port") as module:
        (silent,) = await looked(tmp_path / "port", asks=False)
        assert isinstance(silent, LeftAlone)
        assert "hold a tag to it" in silent.reason
        looking = asyncio.create_task(looked(tmp_path / "port", asks=False))
        while not looking.done():
            module.hold("0700ABCDEF")
            await asyncio.sleep(0.05)
        assert [each.driver for each in looking.result() if isinstance(each, FoundReader)] == ["em4100"]


class Line:
    """Somebody else's device: what it is sent is kept, and it says what it is told to."""

    def __init__(self, port: Path, says: bytes = b"") -> None:
        self.device, self._slave = os.openpty()
        tty.setraw(self._slave)
        os.set_blocking(self.device, False)
        port.symlink_to(os.ttyname(self._slave))
        self._says = says
        self.came = b""

    async def live(self) -> None:
        """Says it ten times a second, and takes in what comes."""
        while True:
            if self._says:
                os.write(self.device, self._says)
            with suppress(BlockingIOError):
                self.came += os.read(self.device, 4096)
            await asyncio.sleep(0.1)


async def test_a_line_that_says_what_nobody_understands_is_not_written_to(tmp_path: Path) -> None:
    line = Line(tmp_path / "scale", b"ST,GS,+  1.234kg\r\n")
    living = asyncio.create_task(line.live())
    (left,) = await looked(tmp_path / "scale")
    living.cancel()
    assert isinstance(left, LeftAlone)
    assert "no driver understands" in left.reason
    assert line.came == b""


async def test_a_silent_line_is_asked_and_may_be_spared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "ASKED", (("m100", 115200),))
    line = Line(tmp_path / "port")
    living = asyncio.create_task(line.live())
    await looked(tmp_path / "port", asks=False)
    assert line.came == b""
    (left,) = await looked(tmp_path / "port")
    living.cancel()
    assert isinstance(left, LeftAlone)
    assert "nothing answers" in left.reason
    assert line.came != b""


async def test_what_another_program_or_the_settings_have_is_left_alone(tmp_path: Path) -> None:
    line = Line(tmp_path / "theirs")
    living = asyncio.create_task(line.live())
    code = "import sys,time; f=open(sys.argv[1],'rb'); print('open',flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "theirs")], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        await asyncio.to_thread(other.stdout.readline)
        (left,) = await looked(tmp_path / "theirs")
    finally:
        other.kill()
        other.communicate()
        living.cancel()
    assert isinstance(left, LeftAlone)
    assert f"in use by process {other.pid}" in left.reason
    assert line.came == b""
    async with SimulatedM100(tmp_path / "ours"):
        (ours,) = await looked(tmp_path / "ours", known=(str(tmp_path / "ours"),))
        assert isinstance(ours, LeftAlone)
        assert "a reader of venue.toml" in ours.reason
    (nowhere,) = await looked(tmp_path / "nowhere")
    assert isinstance(nowhere, LeftAlone)
    assert "no such port" in nowhere.reason


async def test_nodes_are_found_by_what_they_publish(tmp_path: Path) -> None:
    with mosquitto() as server:
        url = f"mqtt://127.0.0.1:{server.port}"
        async with Broker(url) as broker:
            assert await finding.on_broker(broker, [], 1.0) == []
            async with SimulatedEspresense(url, ["bar"]):
                (found,) = await finding.on_broker(broker, [], 5.0)
                assert (found.driver, found.link) == ("espresense", "espresense")
                assert await finding.on_broker(broker, [("espresense", "espresense")], 1.0) == []

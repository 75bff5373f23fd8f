"""The EM4100 driver against a reader on a real pseudo-terminal."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from reader_drivers.rfid.em4100 import Em4100, Framing
from reader_drivers.simulated import SimulatedEm4100
from tests.reader_drivers.readers import Heard, until


def driver(link: str, framing: Framing = "auto") -> Em4100:
    return Em4100("tap", link, Em4100.Settings(framing=framing))


@pytest.mark.parametrize("framing", ["stx14", "crlf16", "raw13", "bare12", "bin10"])
async def test_a_fob_held_to_the_reader_is_heard_again_and_again(tmp_path: Path, framing: Framing) -> None:
    async with SimulatedEm4100(tmp_path / "tap", framing=framing) as device:  # type: ignore[arg-type]
        tap = driver(device.link)
        async with Heard(tap) as heard:
            await until(lambda: heard.batches)
            assert heard.sightings == []
            device.hold("62E3086CED")
            await until(lambda: len(heard.sightings) >= 8)
            device.release()
    assert {each.identifier for each in heard.sightings} == {"em:62E3086CED"}
    assert heard.sightings[0].rssi is None
    times = [each.at for each in heard.sightings]
    assert min(b - a for a, b in pairwise(times)) < 0.3  # several times a second, as far as the machine lets it
    assert not tap.status.rejected


async def test_one_frame_that_only_silence_ends_is_heard_without_waiting_for_the_next(tmp_path: Path) -> None:
    async with SimulatedEm4100(tmp_path / "tap", framing="bare12") as device:
        async with Heard(driver(device.link)) as heard:
            await until(lambda: heard.batches)
            device.line.write(device.frame("62E3086CED"))
            await until(lambda: heard.sightings)
        assert [each.identifier for each in heard.sightings] == ["em:62E3086CED"]


async def test_noise_is_counted_and_the_fob_behind_it_is_heard(tmp_path: Path) -> None:
    async with SimulatedEm4100(tmp_path / "tap") as device:
        tap = driver(device.link)
        async with Heard(tap) as heard:
            await until(lambda: heard.batches)
            device.noise(300)
            await until(lambda: tap.status.rejected)
            device.hold("3C00CE754C")
            await until(lambda: heard.sightings)
    assert "em:3C00CE754C" in {each.identifier for each in heard.sightings}


async def test_unplugged_and_back(tmp_path: Path) -> None:
    async with SimulatedEm4100(tmp_path / "tap") as device:
        device.hold("3C00CE754C")
        tap = driver(device.link)
        async with Heard(tap) as heard:
            await until(lambda: heard.sightings)
            device.unplug()
            await until(lambda: heard.lost)
        assert heard.lost == f"{device.link} was unplugged"
        device.plug()
        async with Heard(tap) as heard:
            await until(lambda: heard.sightings)

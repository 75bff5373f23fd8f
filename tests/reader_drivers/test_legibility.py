"""A wrong baud rate is called so, whatever the reader."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from reader_drivers import ReaderLost
from reader_drivers.legibility import ENOUGH, GARBLED, MUCH, Legibility
from reader_drivers.rfid.em4100 import Em4100
from reader_drivers.rfid.m100 import M100
from reader_drivers.simulated import SimulatedEm4100, SimulatedM100
from tests.reader_drivers.readers import Heard, until


def test_bytes_without_a_frame_are_told_and_one_frame_ends_it() -> None:
    line = Legibility()
    line.heard(ENOUGH - 1, 0)
    assert line.complaint is None
    line.heard(1, 0)
    assert line.complaint == GARBLED
    line.heard(200, 1)
    assert line.complaint is None


def test_noise_between_good_frames_is_no_news_and_its_end_none_either() -> None:
    line = Legibility()
    for _ in range(100):
        line.heard(24, 1)
        line.heard(500, 0)
        assert line.complaint is None
    line.heard(MUCH, 0)
    assert line.complaint == GARBLED


@pytest.mark.parametrize(
    ("before", "unread", "garbled"), [(0, 0, False), (0, 3, False), (0, 4, True), (1, 20, False), (1, ENOUGH, True)]
)
def test_half_a_frame_of_a_reader_that_was_understood_is_no_wrong_baud_rate(
    before: int, unread: int, garbled: bool
) -> None:
    line = Legibility("Or is it something else?")
    line.heard(20, before) if before else None
    line.heard(unread, 0)
    reason = str(line.explain(ReaderLost("the reader stopped answering")))
    assert reason == (f"{GARBLED} Or is it something else?" if garbled else "the reader stopped answering")


async def test_an_m100_at_another_baud_rate_is_lost_for_that_reason(tmp_path: Path) -> None:
    async with SimulatedM100(tmp_path / "door") as device:
        device.stall()
        door = M100("door", device.link, M100.Settings())
        async with Heard(door) as heard:
            while heard.lost is None:
                device.line.write(b"\x80\x00\xf8")
                await asyncio.sleep(0.01)
        assert heard.lost == door.status.quiet == GARBLED


async def test_an_em4100_reader_at_another_baud_rate_is_quiet_until_a_fob_is_read(tmp_path: Path) -> None:
    async with SimulatedEm4100(tmp_path / "tap") as device:
        tap = Em4100("tap", device.link, Em4100.Settings())
        async with Heard(tap) as heard:
            await until(lambda: heard.batches)
            device.line.write(b"\x80\x00\xf8" * 40)
            await until(lambda: tap.status.quiet == GARBLED)
            device.hold("62E3086CED")
            await until(lambda: heard.sightings and tap.status.quiet is None)

"""The M100 driver against a module that speaks the protocol on a real pseudo-terminal."""

from __future__ import annotations

import asyncio
import os
import termios
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from reader_drivers import ReaderLost, Sighting
from reader_drivers.rfid.m100 import M100
from reader_drivers.simulated import SimulatedM100
from reader_drivers.simulated_line import SimulatedLine
from tests.reader_drivers.frames import M100_TAGS
from tests.reader_drivers.readers import Heard, until
from tests.reader_drivers.test_serial_link import terminal

TAG = "30751FEB705C5904E3D50D70"
OTHER = "E28068900000500E88C6A4A7"


@asynccontextmanager
async def module(tmp_path: Path, **how: object) -> AsyncIterator[SimulatedM100]:
    async with SimulatedM100(tmp_path / "door", round_s=0.01, **how) as device:  # type: ignore[arg-type]
        yield device


def driver(link: str, **settings: object) -> M100:
    return M100("door", link, M100.Settings.model_validate(settings))


@pytest.mark.parametrize("dialect", ["BB", "AA"])
async def test_tags_are_heard_in_either_dialect_with_their_strength(tmp_path: Path, dialect: str) -> None:
    async with module(tmp_path, dialect=dialect) as device, Heard(driver(device.link)) as heard:
        device.present(TAG, -48.0)
        await until(lambda: len(heard.sightings) >= 20)
    seen = heard.sightings
    assert {each.identifier for each in seen} == {f"epc:{TAG}"}
    assert {(each.reader, each.antenna, each.distance) for each in seen} == {("door", None, None)}
    assert -51 < sum(each.rssi or 0 for each in seen) / len(seen) < -45


async def test_the_reader_is_identified_set_up_and_started_and_stopped_at_the_end(tmp_path: Path) -> None:
    async with module(tmp_path) as device:
        door = driver(device.link, region="cn-920", power_dbm=18.5)
        async with Heard(door):
            await until(lambda: device.scanning)
            assert (device.region, device.power_dbm) == (1, 18.5)
            assert door.status.firmware == "M100 26dBm V1.0, V2.3.5, MagicRF"
        assert not device.scanning, "the field is not left on"


async def test_the_first_batch_says_that_the_reader_answered(tmp_path: Path) -> None:
    async with module(tmp_path) as device, aclosing(driver(device.link).listen()) as batches:
        assert await anext(batches) == []


async def test_an_empty_field_is_a_heartbeat_and_no_fault(tmp_path: Path) -> None:
    async with module(tmp_path) as device:
        door = driver(device.link)
        async with Heard(door) as heard:
            await until(lambda: door.status.frames > 20)
    assert heard.sightings == []
    assert not door.status.rejected
    assert door.status.quiet is None


async def test_a_lapsed_scan_is_started_again(tmp_path: Path) -> None:
    async with module(tmp_path) as device, Heard(driver(device.link)) as heard:
        device.present(TAG)
        await until(lambda: heard.sightings)
        device.lapse()
        heard.sightings.clear()
        await until(lambda: heard.sightings)
        assert device.starts == 2
        assert heard.lost is None


async def test_a_module_that_hangs_is_called_quiet_and_then_lost(tmp_path: Path) -> None:
    async with module(tmp_path) as device:
        door = driver(device.link)
        async with Heard(door) as heard:
            device.present(TAG)
            await until(lambda: heard.sightings)
            device.stall()
            await until(lambda: door.status.quiet, within=40)
            await until(lambda: heard.lost, within=40)
    assert heard.lost == "the reader stopped answering"


async def test_spoilt_frames_are_counted_and_the_good_ones_between_are_heard(tmp_path: Path) -> None:
    async with module(tmp_path) as device:
        door = driver(device.link)
        async with Heard(door) as heard:
            device.present(TAG)
            await until(lambda: heard.sightings)
            device.garble(5)
            await until(lambda: sum(door.status.rejected.values()) >= 5)
            heard.sightings.clear()
            device.noise(500)
            await until(lambda: len(heard.sightings) >= 3)
    assert {each.identifier for each in heard.sightings} == {f"epc:{TAG}"}
    assert all(":" not in kind for kind in door.status.rejected), "kinds, not every fault's own words"


async def test_unplugged_it_is_lost_in_words_and_plugged_in_again_it_is_set_up_anew(tmp_path: Path) -> None:
    async with module(tmp_path) as device:
        door = driver(device.link, region="eu", power_dbm=20)
        device.present(TAG)
        async with Heard(door) as heard:
            await until(lambda: heard.sightings)
            device.unplug()
            await until(lambda: heard.lost)
        assert heard.lost == f"{device.link} was unplugged"
        async with Heard(door) as heard:
            await until(lambda: heard.lost)
        assert heard.lost == f"no such device: {device.link}"
        device.plug()
        device.remove(TAG)
        device.present(OTHER)
        async with Heard(door) as heard:
            await until(lambda: heard.sightings)
            assert (device.region, device.power_dbm) == (3, 20.0)
        assert {each.identifier for each in heard.sightings} == {f"epc:{OTHER}"}


async def test_nothing_is_left_open_after_many_openings_however_they_end(tmp_path: Path) -> None:
    async with module(tmp_path) as device:
        device.present(TAG)
        await listen_once(device.link)
        before = open_files()
        for _ in range(20):
            await listen_once(device.link)
        listening = asyncio.create_task(listen_once(device.link, enough=10_000))
        await until(lambda: device.scanning)
        listening.cancel()
        await asyncio.wait([listening])
        assert open_files() <= before


async def listen_once(link: str, enough: int = 1) -> list[Sighting]:
    heard: list[Sighting] = []
    async with aclosing(driver(link).listen()) as batches:
        async for batch in batches:
            heard += batch
            if len(heard) >= enough:
                break
    return heard


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - what is counted is not paths


async def test_a_port_that_another_program_has_is_not_shared(tmp_path: Path) -> None:
    async with module(tmp_path) as device, Heard(driver(device.link)) as first:
        device.present(TAG)
        await until(lambda: first.sightings)
        with pytest.raises(ReaderLost, match="in use by another program"):
            await listen_once(device.link)
        first.sightings.clear()
        await until(lambda: first.sightings)


async def test_late_frames_of_a_scan_before_ours_are_heard_and_do_not_disturb(tmp_path: Path) -> None:
    async with module(tmp_path) as device:
        device.present(TAG)
        device.scanning = True  # whoever had the port before was killed
        async with Heard(driver(device.link)) as heard:
            await until(lambda: device.starts and len(heard.sightings) >= 5)
            assert heard.lost is None


async def test_a_module_that_does_not_answer_is_lost_with_advice(tmp_path: Path) -> None:
    async with module(tmp_path) as device:
        device.stall()
        with pytest.raises(ReaderLost, match="is it on, is it an M100, is its baud rate right"):
            await listen_once(device.link)


async def test_a_frame_in_two_writes_is_one_sighting(tmp_path: Path) -> None:
    async with module(tmp_path) as device, Heard(driver(device.link)) as heard:
        await until(lambda: device.scanning)
        whole = device.tag(TAG, -50)
        device.mute = True
        await settle(lambda: device.line.write(whole[:11]))
        device.line.write(whole[11:])
        await until(lambda: heard.sightings)
        assert [each.identifier for each in heard.sightings] == [f"epc:{TAG}"]


async def test_half_a_frame_is_kept_while_the_driver_has_something_to_say(tmp_path: Path) -> None:
    whole = SimulatedM100().tag(TAG, -50)
    asked: list[bytes] = []

    def heard_command(data: bytes) -> None:
        asked.append(data)
        if len(asked) == 1:  # the next is due after 0.5 s, while half a frame is held
            asyncio.get_running_loop().call_later(0.46, line.write, whole[:11])
        elif len(asked) == 2:
            line.write(whole[11:])

    line = SimulatedLine(tmp_path / "door", heard_command)
    line.plug()
    async with Heard(driver(line.link)) as heard:
        await until(lambda: heard.sightings)
    line.unplug()
    assert [each.identifier for each in heard.sightings] == [f"epc:{TAG}"]


async def settle(act: Callable[[], None]) -> None:
    await asyncio.sleep(0.03)  # what was under way has been read
    act()
    await asyncio.sleep(0.03)  # less than a stall


async def test_one_that_takes_no_commands_is_heard_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("reader_drivers.serial_link.WRITE_TIMEOUT", 0.1)
    with terminal() as (device, path):
        port = os.open(path, os.O_RDWR | os.O_NOCTTY)
        termios.tcflow(port, termios.TCOOFF)  # its end takes nothing from now on
        door = driver(path)
        notice = bytes.fromhex(M100_TAGS[0][0])
        async with Heard(door) as heard:
            for _ in range(200):
                os.write(device, notice)
                await asyncio.sleep(0.01)
        os.close(port)
    assert heard.lost is None
    assert len(heard.sightings) > 150
    assert caplog.text.count("takes no commands") == 1


async def test_one_that_takes_no_commands_and_says_nothing_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader_drivers.serial_link.WRITE_TIMEOUT", 0.1)
    with terminal() as (_, path):
        port = os.open(path, os.O_RDWR | os.O_NOCTTY)
        termios.tcflow(port, termios.TCOOFF)
        async with Heard(driver(path)) as heard:
            await until(lambda: heard.lost)
        os.close(port)
    assert heard.lost is not None
    assert "takes no data" in heard.lost

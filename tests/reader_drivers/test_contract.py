"""The contract that every driver keeps, on a real link with its simulated device."""

from __future__ import annotations

import asyncio
import os
import random
import re
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.commands import demo_devices
from reader_drivers import DRIVERS, Ignored, Rejected, Sighting
from tests.reader_drivers.contract import (
    CARRIED,
    READER,
    Session,
    decode,
    decoder,
    listening,
    settle,
    sightings,
    stand,
)
from tests.reader_drivers.readers import until

STREAMS = [name for name, driver in DRIVERS.items() if driver.over != "mqtt"]
MESSAGES = [name for name, driver in DRIVERS.items() if driver.over == "mqtt"]
VALUES = {each.partition(":")[2] for each in CARRIED if each}


def test_every_driver_has_a_device_that_speaks_its_wire() -> None:
    assert set(demo_devices.DRIVERS) == set(DRIVERS)


# --- on a real link ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRIVERS)
async def test_it_says_that_it_works_hears_and_stops(name: str, tmp_path: Path) -> None:
    async with stand(name, tmp_path) as one:
        started = time.time()
        driver = one.make()
        assert (driver.status.frames, driver.status.heard_at, driver.status.quiet) == (0, None, None)
        async with listening(driver) as session:
            if name != "owntracks":  # a phone that says nothing until it is carried in has a broker that does
                one.present()
            await until(lambda: session.batches, within=20)
            one.present()
            await until(lambda: session.sightings, within=20)
        ended = time.time()
        await until(lambda: not any(getattr(one.device, each, False) for each in ("scanning", "field", "active")))
        for each in session.sightings:
            assert each.reader == READER
            assert each.identifier in CARRIED
            assert each.rssi is None or -127 <= each.rssi < 0
            assert each.distance is None or 0 < each.distance <= 1000
            assert each.antenna is None or (isinstance(each.antenna, int | str) and not isinstance(each.antenna, bool))
            assert started - 2 <= each.at <= ended, "seconds since 1970 on our clock"
        status = driver.status
        assert status.sightings >= len(session.sightings) > 0
        assert status.frames >= status.sightings > 0
        assert status.bytes_in > 0
        assert status.heard_at is not None
        assert not status.rejected


@pytest.mark.parametrize("name", DRIVERS)
async def test_a_loss_is_told_in_words_and_it_comes_back(name: str, tmp_path: Path) -> None:
    async with stand(name, tmp_path) as one:
        for _ in range(2):
            async with listening(one.make()) as session:
                await until(lambda session=session: session.batches, within=20)  # type: ignore[misc]
                one.present()
                await until(lambda session=session: session.sightings, within=20)  # type: ignore[misc]
                await settle(one.cut())
                await until(lambda session=session: session.lost, within=20)  # type: ignore[misc]
            _words_for_a_person(session.lost or "")
            await settle(one.join())


def _words_for_a_person(reason: str) -> None:
    assert 10 <= len(reason) <= 200
    assert not re.search(r"Errno|Exception|Error\(|Traceback|0x[0-9a-f]{6}|None|<", reason), reason
    assert not any(value.lower() in reason.lower() for value in VALUES)


@pytest.mark.parametrize("name", DRIVERS)
async def test_closing_it_leaves_nothing_open(name: str, tmp_path: Path) -> None:
    async with stand(name, tmp_path) as one:
        counts = []
        for _ in range(4):
            async with listening(one.make()) as session:
                await until(lambda session=session: session.batches, within=20)  # type: ignore[misc]
            await asyncio.sleep(0.05)  # the other end of a socket closes a moment later
            counts.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208 - what is counted is not paths
        assert counts[-1] <= counts[1]


# --- what was on that link, through the pure part ---------------------------------------------------------------------


sessions: dict[str, Session] = {}


async def recorded(name: str, folder: Path) -> Session:
    """A short session with something in the field; of each driver one is enough."""
    if name in sessions:
        return sessions[name]
    async with stand(name, folder) as one, listening(one.make()) as session:
        await until(lambda: session.batches, within=20)
        one.present()
        await until(lambda: len(session.sightings) >= 3, within=20)
    sessions[name] = session
    return session


def told(found: list[Any]) -> list[tuple[Any, ...]]:
    return [(each.identifier, each.antenna, each.rssi) for each in sightings(found)]


@pytest.mark.parametrize("name", STREAMS)
async def test_a_stream_means_the_same_in_any_pieces_and_after_any_garbage(name: str, tmp_path: Path) -> None:
    session = await recorded(name, tmp_path)
    at = session.received()[0][2]
    stream = b"".join(data for _, data, _ in session.received())[:6000]
    whole = decode(decoder(name), "in", stream, at)
    assert told(whole)
    assert all(not isinstance(each, Rejected) for each in whole)
    chance = random.Random(11)
    bytewise, pieces = decoder(name), decoder(name)
    assert told([each for byte in stream for each in bytewise.feed(bytes((byte,)), at)]) == told(whole)
    cuts = sorted(chance.sample(range(1, len(stream)), 30))
    parts = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert told([each for part in parts for each in pieces.feed(part, at)]) == told(whole)
    for garbage in (b"\x13\x37\x42", bytes(16), b"\xff" * 9, chance.randbytes(40), stream[: len(stream) // 3]):
        dirty = decoder(name)
        found = [*dirty.feed(garbage + stream + garbage + stream, at), *dirty.idle(at)]
        assert len(told(found)) >= 2 * len(told(whole)) - 1, garbage[:8]


@pytest.mark.parametrize("name", STREAMS)
async def test_a_spoilt_stream_raises_nothing_repeats_nobody_and_is_not_kept(name: str, tmp_path: Path) -> None:
    session = await recorded(name, tmp_path)
    at = session.received()[0][2]
    stream = b"".join(data for _, data, _ in session.received())[:2000]
    chance, pure = random.Random(5), decoder(name)
    for step in range(200):
        piece = bytearray(chance.randbytes(200) if step % 3 == 0 else stream)
        for _ in range(chance.randrange(1, 9)):
            piece[chance.randrange(len(piece))] ^= chance.randrange(1, 256)
        if step % 5 == 0:
            del piece[chance.randrange(len(piece)) :]
        _sound(pure.feed(bytes(piece), at), at)
        assert getattr(pure, "holding", 0) <= 262_144
    for _ in range(3):
        _sound(pure.idle(at), at)
    assert told([*pure.feed(stream, at), *pure.feed(stream, at)])


@pytest.mark.parametrize("name", MESSAGES)
async def test_a_spoilt_message_raises_nothing_and_repeats_nobody(name: str, tmp_path: Path) -> None:
    session = await recorded(name, tmp_path)
    topic, payload, at = next(each for each in session.received() if sightings(decode(decoder(name), *each)))
    chance, pure = random.Random(5), decoder(name)
    for cut in range(len(payload)):
        _sound(pure.message(topic, payload[:cut], at), at)
        _sound(pure.message(topic[: cut % (len(topic) + 1)], payload, at), at)
    for _ in range(400):
        piece = bytearray(payload)
        for _ in range(chance.randrange(1, 6)):
            piece[chance.randrange(len(piece))] ^= chance.randrange(1, 256)
        _sound(pure.message(topic, bytes(piece), at), at)
    for hostile in (b"", b"{", b"[" * 50_000, b"NaN", b"\xff\xfe", b"x" * 1_000_000, b'{"id":' * 9_000, b"null"):
        _sound(pure.message(topic, hostile, at), at)
    assert sightings(decode(decoder(name), topic, payload, at)), "and the next one is heard"


@pytest.mark.parametrize("name", MESSAGES)
async def test_what_a_broker_kept_is_nobodys_arrival(name: str, tmp_path: Path) -> None:
    session = await recorded(name, tmp_path)
    for topic, payload, at in session.received():
        for each in decoder(name).message(topic, payload, at + 86_400, retained=True):
            assert not isinstance(each, Sighting) or each.at < at + 60, "history at most"


def _sound(found: Any, at: float) -> None:
    for each in found:
        if isinstance(each, Sighting):
            scheme, colon, value = each.identifier.partition(":")
            assert scheme
            assert colon
            assert value
            assert each.rssi is None or (-127 <= each.rssi <= 20 and each.rssi != 0)
            assert each.at <= at + 1
        else:
            assert isinstance(each, Rejected | Ignored)
            assert each.reason
            assert not any(value.lower() in each.reason.lower() for value in VALUES)

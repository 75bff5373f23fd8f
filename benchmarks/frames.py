"""What each driver makes of bytes, beside a bare read of the same bytes; and what a line that babbles costs.

Each driver hears its simulated device on a real link for a moment. What the link carried is then read again and again
from memory, once by ``os.read`` and slices, once by ``os.read`` and the driver's decoder, in turn.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.report import Table, median, spread
from benchmarks.scale import Scale
from benchmarks.served import folder
from reader_drivers import DRIVERS, Rejected, Sighting
from tests.reader_drivers.contract import decode, decoder, listening, stand
from tests.reader_drivers.readers import until

CHUNK = 4096  # bytes that one read gives: what a pty holds
HEARD = 20  # sightings of the device that are recorded
BAUD = {"em4100": 9600, "uhfreader18": 57600, "llrp": 10_000_000}  # where it is not 115200; llrp: what it may send
DEFAULT_BAUD = 115_200
BITS = 10  # on the line for each byte
MEMORY, NOISE = 1_000_000, 262_144  # bytes that are read again and again
AT = 1_790_000_000.0

Chunk = tuple[str, bytes]


@dataclass(slots=True)
class Recorded:
    """What a link carried: chunks with where they came from, how many frames or messages, how many sightings."""

    chunks: list[Chunk]
    frames: int
    sightings: int

    @property
    def size(self) -> int:
        """Bytes of one round."""
        return sum(len(data) for _, data in self.chunks)


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """A row for each driver."""
    frames = Table(
        "Frames: decoded, beside a bare read of the same bytes",
        ("driver", "bytes each", "sightings", "decoded/s", "bare/s", "ratio", "µs each"),
    )
    noise = Table(
        "Babble: random bytes without end, through the decoder",
        ("driver", "MB/s", "its line's MB/s", "of a core", "held"),
    )
    logging.getLogger("reader_drivers").setLevel(logging.ERROR)  # what a reader was left in is no news here
    with folder() as place:
        for name, driver in DRIVERS.items():
            recorded = asyncio.run(record(name, place))
            frames.rows.append(_row(name, recorded, scale))
            if driver.over != "mqtt":
                noise.rows.append(_babble(name, scale))
    frames.notes += [
        f"what its simulated device sent on a real link in {HEARD} sightings, again and again from memory",
        f"{scale.runs} pairs in turn, {scale.decode_s:g} s each side; median (least-greatest) of the pairs' ratios",
        f"serial and TCP: reads of {CHUNK} bytes; bare: os.read and slices; MQTT: a payload each, bare: os.read",
        "sightings: of a hundred frames or messages; the others are replies, empty rounds, acknowledgements",
    ]
    noise.notes += [
        "its line's MB/s: at its usual baud rate, and 10 Mbit/s for llrp; of a core: what a line that babbles costs",
        "held: the most bytes that waited in the decoder",
    ]
    return [frames, noise]


async def record(name: str, place: Path) -> Recorded:
    """What the link carries in a while with somebody in the field."""
    async with stand(name, place) as one, listening(one.make()) as session:
        await until(lambda: session.batches, within=20)
        one.present()
        await until(lambda: len(session.sightings) >= (HEARD if name != "owntracks" else 1), within=30)
    pure, chunks, frames, sightings = decoder(name), [], 0, 0
    for where, data, at in session.received():
        found = decode(pure, where, data, at)
        if any(isinstance(each, Sighting) for each in found) or (where == "in" and sightings):
            chunks.append((where, data))
            frames += 1 if where != "in" else sum(not isinstance(each, Rejected) for each in found)
            sightings += sum(isinstance(each, Sighting) for each in found)
    return Recorded(chunks, frames, sightings)


Round = Callable[[int], None]
"""Reads everything behind a descriptor once, and does with it what is timed."""


def _row(name: str, recorded: Recorded, scale: Scale) -> tuple[str, ...]:
    repeats = max(1, MEMORY // recorded.size)
    ours, bare = _rounds(name, recorded, repeats)
    with _memory(b"".join(data for _, data in recorded.chunks) * repeats) as descriptor:
        pairs = [[_rate(each, descriptor, scale.decode_s) for each in (bare, ours)] for _ in range(scale.runs)]
    count = recorded.frames * repeats
    decoded = median([after * count for _, after in pairs])
    return (
        name,
        f"{recorded.size / recorded.frames:.0f}",
        f"{100 * recorded.sightings / recorded.frames:.0f}",
        f"{decoded:,.0f}",
        f"{median([before * count for before, _ in pairs]):,.0f}",
        spread([after / before for before, after in pairs], "{:.3f}"),
        f"{1e6 / decoded:.2f}",
    )


def _rounds(name: str, recorded: Recorded, repeats: int) -> tuple[Round, Round]:
    """What the driver makes of it, and the barest that could be made of it."""
    pure: Any = decoder(name)
    size = max(1, recorded.size // recorded.frames)
    lengths = [(topic, len(data)) for topic, data in recorded.chunks] * repeats

    def stream(descriptor: int) -> None:
        while data := os.read(descriptor, CHUNK):
            pure.feed(data, AT)

    def slices(descriptor: int) -> None:
        rest = b""
        while data := os.read(descriptor, CHUNK):
            held = rest + data
            cut = [held[i : i + size] for i in range(0, len(held) - size + 1, size)]
            rest = held[len(cut) * size :]

    def messages(descriptor: int) -> None:
        for topic, length in lengths:
            list(pure.message(topic, os.read(descriptor, length), AT))

    def payloads(descriptor: int) -> None:
        for _, length in lengths:
            os.read(descriptor, length)

    return (messages, payloads) if DRIVERS[name].over == "mqtt" else (stream, slices)


def _rate(one: Round, descriptor: int, seconds: float) -> float:
    """Rounds a second of processor time: what else the machine does is not counted."""
    rounds, began = 0, time.process_time()
    while (took := time.process_time() - began) < seconds:
        os.lseek(descriptor, 0, os.SEEK_SET)
        one(descriptor)
        rounds += 1
    return rounds / took


@contextmanager
def _memory(data: bytes) -> Iterator[int]:
    """A descriptor to read this from, without a disk."""
    descriptor = os.memfd_create("frames")
    try:
        os.write(descriptor, data)
        yield descriptor
    finally:
        os.close(descriptor)


def _babble(name: str, scale: Scale) -> tuple[str, ...]:
    chance, pure = random.Random(8), decoder(name)
    noise = [chance.randbytes(CHUNK) for _ in range(NOISE // CHUNK)]
    read, held, began = 0, 0, time.process_time()
    while (took := time.process_time() - began) < scale.decode_s:
        for chunk in noise:
            pure.feed(chunk, AT)
            held = max(held, pure.holding)
        read += NOISE
    rate, line = read / took / 1e6, BAUD.get(name, DEFAULT_BAUD) / BITS / 1e6
    return name, f"{rate:.2f}", f"{line:.4f}", f"{line / rate:.2%}", f"{held:,}"

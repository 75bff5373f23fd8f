"""MQTT messages: what drivers make of them beside bare ``json.loads``, and what large and strange ones cost others.

The second table is a reader's process on a real mosquitto. One of its readers is spoken to 20 times a second, and how
long each message took is told; another one is sent batches, payloads too large for anybody, and beacons that nobody
knows, each once. No gateway is behind them: what is measured is the drivers' own.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from benchmarks import served
from benchmarks.frames import record
from benchmarks.radio import Pipe, Publisher, packet
from benchmarks.report import Table, median, quantile, spread
from benchmarks.scale import Scale
from benchmarks.served import BROKER, Failed, folder, spawned
from reader_drivers import DRIVERS
from reader_drivers.mqtt_link import Broker
from reader_drivers.phone.private_address import Resolver
from tests.mosquitto import mosquitto
from tests.reader_drivers.contract import decoder

AT = 1_790_000_000.0
BATCH, LARGE = 250_000, 1_000_000  # bytes
EVERY = 0.05  # seconds between two messages of the reader that is timed
LARGE_EVERY = 0.25
IN_ONE = 200  # beacons in one message of a gateway
UNDER_WAY = 20  # messages with strangers
ENROLLED = 1000  # phones with a private address
LOOKS = 25  # in a row without anything new, 20 ms apart: all that was sent has come
STILL = 5.0  # seconds without anything new

Decode = Callable[[], object]


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """A row for each MQTT driver and for a full batch; then what others feel."""
    logging.getLogger("reader_drivers").setLevel(logging.ERROR)
    with folder() as place:
        decoded = _decoded(scale, place)
    return [decoded, _others(scale)]


# --- beside json.loads ------------------------------------------------------------------------------------------------


def _decoded(scale: Scale, place: Path) -> Table:
    table = Table(
        "Messages: decoded, beside json.loads of the same bytes",
        ("driver", "bytes each", "decoded/s", "json.loads/s", "ratio", "µs each", "µs a read"),
    )
    for name, driver in DRIVERS.items():
        if driver.over == "mqtt":
            recorded = asyncio.run(record(name, place))
            table.rows.append(_row(name, recorded.chunks, recorded.sightings, scale))
    batch, reads = _batch(BATCH)
    table.rows.append(_row("zebra_iotc", [("zebra/door", batch)], reads, scale, ", a full batch"))
    table.notes += [
        "what its simulated device sent over a real broker, again and again from memory; one row in each message",
        f"a full batch: {BATCH:,} bytes with {reads:,} reads in one payload, as a Zebra's may be",
        f"{scale.runs} pairs in turn, {scale.decode_s:g} s of processor time each; median (least-greatest) of ratios",
    ]
    return table


def _row(name: str, chunks: list[tuple[str, bytes]], reads: int, scale: Scale, what: str = "") -> tuple[str, ...]:
    pure: Any = decoder(name)

    def ours() -> None:
        for topic, payload in chunks:
            pure.message(topic, payload, AT)

    def bare() -> None:
        for _, payload in chunks:
            json.loads(payload)

    pairs = [(_rate(bare, scale.decode_s), _rate(ours, scale.decode_s)) for _ in range(scale.runs)]
    rate = median([after * len(chunks) for _, after in pairs])
    return (
        name + what,
        f"{sum(len(payload) for _, payload in chunks) / len(chunks):.0f}",
        f"{rate:,.0f}",
        f"{median([before * len(chunks) for before, _ in pairs]):,.0f}",
        spread([after / before for before, after in pairs]),
        f"{1e6 / rate:,.1f}",
        f"{1e6 / rate * len(chunks) / reads:.1f}",
    )


def _rate(one: Decode, seconds: float) -> float:
    rounds, began = 0, time.process_time()
    while (took := time.process_time() - began) < seconds:
        one()
        rounds += 1
    return rounds / took


def _batch(length: int) -> tuple[bytes, int]:
    """A Zebra's batch of nearly so many bytes, and how many reads it holds."""
    rows: list[str] = []
    size = 1
    while size < length - 300:
        data = {"CRC": "518e", "PC": "3000", "antenna": 1, "channel": 927.25, "eventNum": len(rows), "format": "epc"}
        data |= {"idHex": f"ad99160040aac995{len(rows):08x}", "peakRssi": -54, "phase": 0.0, "reads": 9}
        event = {"data": data, "timestamp": "2023-02-24T10:14:42.851+0000", "type": "INVENTORY"}
        rows.append(json.dumps(event, separators=(",", ":")))
        size += len(rows[-1]) + 1
    return f"[{','.join(rows)}]".encode(), len(rows)


# --- what others feel -------------------------------------------------------------------------------------------------


def hear(pipe: Pipe, port: int) -> None:
    """The readers, in a process of their own; answers ``("report",)`` with what was heard since the last."""
    asyncio.run(_hear(pipe, port))


async def _hear(pipe: Pipe, port: int) -> None:
    took: list[float] = []
    counts = {"batches": 0, "gateway": 0}
    keys = [random.Random(number).randbytes(16) for number in range(ENROLLED)]

    async def listen(name: str, link: str, heard: Callable[[list[Any]], None]) -> None:
        made: Any = DRIVERS[name]
        reader = made(link, link, made.settings(), broker)
        if hasattr(reader, "resolver"):
            reader.resolver = Resolver(lambda: keys)
        async with aclosing(reader.listen()) as batches:
            async for batch in batches:
                heard(batch)

    def timed(batch: list[Any]) -> None:
        took.extend(time.monotonic() - float(each.antenna) for each in batch)

    def count(what: str) -> Callable[[list[Any]], None]:
        return lambda batch: counts.__setitem__(what, counts[what] + len(batch))

    async with Broker(f"mqtt://127.0.0.1:{port}", keepalive=60) as broker, asyncio.TaskGroup() as group:
        listening = [
            group.create_task(listen("espresense", "timed", timed)),
            group.create_task(listen("zebra_iotc", "batches", count("batches"))),
            group.create_task(listen("ble_gateway", "gateway", count("gateway"))),
        ]
        pipe.send("ready")
        while True:
            while not pipe.poll():  # noqa: ASYNC110 - a pipe wakes no loop
                await asyncio.sleep(0.01)
            if pipe.recv()[0] == "end":
                break
            pipe.send((list(took), dict(counts), sum(broker.rejected.values())))
            took.clear()
        for task in listening:
            task.cancel()


def _others(scale: Scale) -> Table:
    table = Table(
        "Large and strange messages: how long another reader's messages take meanwhile, ms, and memory afterwards",
        ("meanwhile", "messages", "p50", "p99", "max", "reads", "refused", "core", "RSS MiB"),
    )
    batch, _ = _batch(BATCH)
    seconds = max(0.5, scale.flood_s * 2)
    phases = [
        ("calm", _every(b"", seconds)),
        ("batches of 250 kB, 4 a second", _every(batch, seconds)),
        ("payloads of 1 MB, 4 a second", _every(bytes(LARGE), seconds)),
        ("calm again", _every(b"", seconds)),
        (f"{scale.strangers // 2:,} strangers", _strangers(scale.strangers // 2, 1)),
        (f"{scale.strangers // 2:,} strangers more", _strangers(scale.strangers // 2, 2)),
    ]
    with mosquitto(extra=BROKER) as broker:
        pipe, theirs = spawned.Pipe()
        process = spawned.Process(target=hear, args=(theirs, broker.port), daemon=True)
        process.start()
        try:
            if not pipe.poll(30):
                raise Failed("the readers do not start")
            pipe.recv()
            publisher = Publisher(broker.port)
            _settle(pipe, publisher)
            before = _ask(pipe)
            for what, phase in phases:
                before, row = _phase(pipe, process.pid or 0, publisher, phase, before)
                table.rows.append((what, *row))
            publisher.close()
        finally:
            pipe.send(("end",))
            process.join(5)
            process.kill()
    table.notes += [
        f"timed: a message each {EVERY * 1000:.0f} ms, from before it is written until its sighting is given out",
        f"strangers: private addresses, {IN_ONE} in a message of a Minew gateway, {UNDER_WAY} messages under way",
        f"each address is tried with the keys of {ENROLLED:,} enrolled phones as far as the budget goes",
        "refused: counted and thrown away before any driver; no limit of the broker's own",
    ]
    return table


Posts = Iterator[tuple[float, bytes]]
"""When to send what, in seconds from the beginning; 0: as soon as there is room."""


def _every(payload: bytes, seconds: float) -> Posts:
    """The same large payload again and again, or nothing but time."""
    for number in range(int(seconds / LARGE_EVERY)):
        yield number * LARGE_EVERY, packet("batches/door", payload.decode("latin-1")) if payload else b""


def _strangers(count: int, seed: int) -> Posts:
    chance = random.Random(seed)
    for _ in range(0, count, IN_ONE):
        rows: list[dict[str, Any]] = [{"type": "Gateway", "mac": "AC233FC001EA"}]
        for _ in range(IN_ONE):
            sender = f"{chance.getrandbits(46) | 1 << 46:012X}"  # resolvable: the top bits are 01
            rows.append({"type": "Unknown", "mac": sender, "rssi": -70, "rawData": "020106"})
        yield 0.0, packet("gateway/hall", json.dumps(rows))


def _phase(pipe: Pipe, pid: int, publisher: Publisher, posts: Posts, before: Any) -> tuple[Any, tuple[str, ...]]:
    began, cpu, beat, sent = time.monotonic(), served.cpu(pid), 0, 0
    heard_before = before[1]["gateway"]
    told: list[float] = []
    report = before
    for at, post in posts:
        while True:
            now = time.monotonic() - began
            if now >= beat * EVERY:
                beat += 1
                publisher.send([_beat()])
            under_way = sent * IN_ONE - (report[1]["gateway"] - heard_before)
            if (at and now >= at) or (not at and (not post or under_way < UNDER_WAY * IN_ONE)):
                break
            report = _ask(pipe, told)
            time.sleep(0.002)
        if post:
            publisher.send([post])
            sent += 1
        elif not at:
            time.sleep(EVERY / 5)
    still = 0
    while len(told) < beat or still < LOOKS:
        heard, report = report[1], _ask(pipe, told)
        still = still + 1 if report[1] == heard else 0
        if still > 50 * LOOKS:
            raise Failed("messages of the reader that is timed were lost")
        time.sleep(0.02)
    took = time.monotonic() - began
    row = (
        f"{len(told)}",
        f"{quantile(told, 0.5) * 1000:.1f}",
        f"{quantile(told, 0.99) * 1000:.1f}",
        f"{max(told) * 1000:.0f}",
        f"{sum(report[1].values()) - sum(before[1].values()):,}",
        f"{report[2] - before[2]}",
        f"{(served.cpu(pid) - cpu) / took:.0%}",
        f"{_resident(pid):.1f}",
    )
    return report, row


def _beat() -> bytes:
    """A message of the timed reader: its room is when it was sent."""
    return packet(f"timed/devices/aabbccddeeff/{time.monotonic():.6f}", '{"id":"aabbccddeeff","rssi":-60}')


def _ask(pipe: Pipe, told: list[float] | None = None) -> Any:
    pipe.send(("report",))
    if not pipe.poll(30):
        raise Failed("the readers do not answer")
    report = pipe.recv()
    if told is not None:
        told += report[0]
    return report


def _settle(pipe: Pipe, publisher: Publisher) -> None:
    """Returns when the timed reader hears."""
    give_up = time.monotonic() + STILL * 4
    while not _ask(pipe)[0]:
        publisher.send([_beat()])
        if time.monotonic() > give_up:
            raise Failed("nothing is heard over the broker")
        time.sleep(EVERY)


def _resident(pid: int) -> float:
    """MiB of a process that are in memory."""
    lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))

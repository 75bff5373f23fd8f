"""The most sightings a second, of the gateway and of the barest program that reads the same, in turn."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.sharedctypes import RawValue
from pathlib import Path
from typing import Any

from benchmarks import served
from benchmarks.customers import fill
from benchmarks.flood import flood, read_ptys, subscribe
from benchmarks.latency import readers
from benchmarks.radio import NODES
from benchmarks.report import Table, median, quantile, spread
from benchmarks.scale import Scale
from benchmarks.served import BROKER, Failed, Served, apart, folder, spawned, venue
from tests.mosquitto import mosquitto
from tests.ports import free_port

PRESENT = 200
BARE = "bare"  # the topic prefix that the bare subscriber has for itself
WINDOW = 4000  # messages under way: a fraction of what broker and gateway hold before they throw any away
LOOK_EVERY = 0.04  # seconds between two looks at /metrics, each of which costs the gateway some 1 ms
RAMP = 0.3  # share of a flood that is not counted
STILL = 125  # looks in a row without anything new, 5 s: what has not come by then is lost
FEWEST_MARKS = 3  # looks, also where one alone takes longer than the flood: two of them are compared
OVERLOAD = 2.0


@dataclass(slots=True)
class Side:
    """One flood of one reader."""

    rate: float
    micros: float
    """Processor time for each sighting."""
    lost: int
    sent: int
    queue: float = 0.0
    """The most changes that waited to be written."""
    answers: tuple[float, ...] = ()
    """Seconds that /metrics took, each time it was asked."""
    well: bool = True


class Load:
    """The load generator and those who count what comes."""

    def __init__(self, place: Path, lines: list[Path], broker: int) -> None:
        self.broker = broker
        self.bare_lines = [place / f"bare{n}" for n in range(len(lines))]
        self.seen: Any = RawValue("q", 0)
        self.ours, theirs = spawned.Pipe()
        groups, topics, present = [lines, self.bare_lines, [place / "desk"]], [NODES, BARE], list(range(PRESENT))
        arguments = (theirs, groups, broker, topics, present, self.seen)
        self.process = spawned.Process(target=flood, args=arguments, daemon=True)
        self.process.start()
        self.ours.recv()

    def close(self) -> None:
        """Ends the process."""
        self.ours.send(("end",))
        self.process.join(5)
        self.process.kill()

    def drive(
        self, what: tuple[Any, ...], counted: Callable[[], int], cpu: Callable[[], float], seconds: float
    ) -> Side:
        """Floods for so long, waits until everything has come, and compares."""
        start = counted()
        self.seen.value = 0
        self.ours.send(what)
        marks: list[tuple[float, int, float]] = []
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end or len(marks) < FEWEST_MARKS:
            self.seen.value = counted() - start
            marks.append((now, self.seen.value, cpu()))
            time.sleep(LOOK_EVERY)
        self.ours.send(("stop",))
        while not self.ours.poll(LOOK_EVERY):  # what is on its way must be read, or a line never empties
            counted()
        sent = self.ours.recv()
        came, still = counted() - start, 0
        while came < sent and still < STILL:
            time.sleep(LOOK_EVERY)
            before, came = came, counted() - start
            still = still + 1 if came == before else 0
        first, last = marks[min(int(len(marks) * RAMP), len(marks) - 2)], marks[-1]
        count = last[1] - first[1]
        return Side(count / (last[0] - first[0]), (last[2] - first[2]) / max(count, 1) * 1e6, sent - came, sent)


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """Floods gateway and bare reader in turn, over both links, then the gateway with more than it can take."""
    with folder() as place, mosquitto(extra=BROKER) as broker:
        lines, _, rows = readers(place)
        port = free_port()
        (place / "venue.toml").write_text(venue(port, rows, broker.port), "utf-8")
        apart(fill, place / "data", PRESENT, {})
        load = Load(place, lines, broker.port)
        try:
            with Served(place / "venue.toml", place / "data", port, profile) as gateway:
                gateway.wait_for(gateway.well, 20)
                table = _pairs(scale, load, gateway)
                return [table, _overload(scale, load, gateway, table)]
        finally:
            load.close()


def _pairs(scale: Scale, load: Load, gateway: Served) -> Table:
    table = Table(
        "Throughput: sightings/s that are sustained without loss, beside the barest reader in the same run",
        ("link", "gateway/s", "bare/s", "ratio", "us CPU each", "bare us", "lost", "queue", "/metrics p50", "max ms"),
    )
    for over in ("mqtt", "pty"):
        ours, bare = [], []
        for _ in range(scale.runs):
            ours.append(_gateway(load, gateway, over, scale.flood_s))
            bare.append(_bare(load, over, scale.flood_s))
        answers = [each for side in ours for each in side.answers]
        table.rows.append(
            (
                f"{over}, 8 {'rooms' if over == 'mqtt' else 'lines'}",
                spread([s.rate for s in ours], "{:,.0f}"),
                spread([s.rate for s in bare], "{:,.0f}"),
                spread([a.rate / b.rate for a, b in zip(ours, bare, strict=True)]),
                f"{median([s.micros for s in ours]):.1f}",
                f"{median([s.micros for s in bare]):.1f}",
                f"{sum(s.lost for s in ours)} / {sum(s.lost for s in bare)}",
                f"{max(s.queue for s in ours):.0f}",
                f"{quantile(answers, 0.5) * 1000:.0f}",
                f"{max(answers) * 1000:.0f}",
            )
        )
        if not all(s.well for s in ours):
            table.notes.append(f"{over}: /health was not ok all the time")
    table.notes += [
        f"{scale.runs} pairs in turn, {scale.flood_s:g} s each, less {RAMP:.0%} of warm-up; median (least-greatest)",
        f"mqtt: one message for each sighting, at most {WINDOW} under way; bare: paho with a callback that counts",
        "pty: 24-byte m100 frames, as fast as they are read; bare: os.read and slices of 24 bytes",
        "80 % strangers; counted by the gateway's /metrics; lost: sent less counted, gateway / bare reader",
    ]
    return table


def _gateway(load: Load, gateway: Served, over: str, seconds: float, rate: float = 0.0) -> Side:
    queue, answers, ill = 0.0, [], 0
    reader = "nodes" if over == "mqtt" else "line"

    def counted() -> int:
        nonlocal queue, ill
        began = time.perf_counter()
        metrics = gateway.metrics()
        answers.append(time.perf_counter() - began)
        queue = max(queue, metrics["moments_writer_queue"])
        ill += any(value == 0 for name, value in metrics.items() if name.startswith("moments_reader_up"))
        start = f'moments_sightings_total{{reader="{reader}'
        return int(sum(value for name, value in metrics.items() if name.startswith(start)))

    what = ("topic", NODES, WINDOW, rate) if over == "mqtt" else ("lines", 0)
    side = load.drive(what, counted, gateway.cpu, seconds)
    side.queue, side.answers, side.well = queue, tuple(answers), not ill and gateway.well()
    return side


def _bare(load: Load, over: str, seconds: float) -> Side:
    count: Any = RawValue("q", 0)
    ours, theirs = spawned.Pipe()
    target, what = (subscribe, ("topic", BARE, WINDOW, 0.0)) if over == "mqtt" else (read_ptys, ("lines", 1))
    arguments = (theirs, load.broker, BARE, count) if over == "mqtt" else (theirs, load.bare_lines, count)
    process = spawned.Process(target=target, args=arguments, daemon=True)
    process.start()
    try:
        if not ours.poll(20):
            raise Failed("the bare reader does not start")
        ours.recv()
        return load.drive(what, lambda: count.value, lambda: served.cpu(process.pid or 0), seconds)
    finally:
        ours.send("end")
        process.join(5)
        process.kill()


def _overload(scale: Scale, load: Load, gateway: Served, pairs: Table) -> Table:
    """What becomes of sightings that nobody holds back, and does anyone say so?"""
    sustained = float(pairs.rows[0][1].partition(" ")[0].replace(",", ""))
    rate = sustained * OVERLOAD
    before = gateway.metrics()
    seconds = 2 * scale.flood_s
    side = _gateway(load, gateway, "mqtt", seconds, rate)
    after = gateway.metrics()
    changed = sorted(
        name.removeprefix("moments_")
        for name in after
        if after[name] != before.get(name) and any(word in name for word in ("reject", "drop", "lost"))
    )
    table = Table(
        f"Overload: {OVERLOAD:g} times that rate asked of mosquitto for {seconds:g} s, nothing held back",
        ("offered/s", "counted/s", "lost", "slowest /metrics ms", "/health", "counters that tell"),
    )
    table.rows.append(
        (
            f"{side.sent / seconds:,.0f}",
            f"{side.rate:,.0f}",
            f"{side.lost / side.sent:.0%}",
            f"{max(side.answers) * 1000:.0f}",
            "ok" if side.well else "degraded",
            ", ".join(changed) or "none",
        )
    )
    return table

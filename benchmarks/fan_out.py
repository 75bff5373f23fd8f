"""One arrival told to a thousand tablets: when the last of them has it, beside a bare broadcast to as many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.broadcast import broadcaster
from benchmarks.customers import fill
from benchmarks.latency import readers
from benchmarks.radio import Air, Arrival, Pipe, play
from benchmarks.report import Table, median, quantile
from benchmarks.scale import Scale
from benchmarks.served import BROKER, Served, apart, folder, spawned, tokens, venue
from benchmarks.sockets import Tablets
from tests.mosquitto import mosquitto
from tests.ports import free_port

APART_S = 0.5  # between two arrivals: the last tablet has one before the next comes
SETTLE_S = 3.0
ARRIVALS = 20
KIND = "visit.arrived"


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """A gateway and a bare broadcast in turn, each with its own process and the same sockets."""
    ours, bare, coming, missing = [], [], [], 0
    for _ in range(scale.runs):
        run = _run(scale, profile)
        ours.append(run.gateway)
        bare.append(run.bare)
        coming.append(run.coming * 1000)
        missing += run.missing
    table = Table(
        f"Fan-out: read to the last of {scale.crowd:,} tablets, ms",
        ("", "arrivals", "p50", "p90", "max", "of bare, p50"),
    )
    ratio = [quantile(a, 0.5) / quantile(b, 0.5) for a, b in zip(ours, bare, strict=True)]
    for name, runs, times in (("gateway", ours, f"{median(ratio):.2f}"), ("bare broadcast", bare, "1")):
        waits = [each for run in runs for each in run]
        cells = (f"{quantile(waits, q) * 1000:.1f}" for q in (0.5, 0.9))
        table.rows.append((name, f"{len(waits)}", *cells, f"{max(waits, default=float('nan')) * 1000:.1f}", times))
    table.notes += [
        f"{scale.runs} runs, an arrival every {APART_S:g} s: from one read at a desk's pty to the last byte everywhere",
        "the bare one is websockets' own broadcast in a process that does nothing else, and no card, journal or alert",
        f"a tablet that comes while they all are there costs the gateway {median(coming):.1f} ms of processor time",
        *([f"{missing} receipts of all did not come"] if missing else []),
    ]
    return [table]


class Run(NamedTuple):
    """Seconds from each read to the last tablet, processor seconds for each that comes, receipts that did not."""

    gateway: list[float]
    bare: list[float]
    coming: float
    missing: int


def _run(scale: Scale, profile: Path | None) -> Run:
    arrivals = min(ARRIVALS, 4 * scale.arrivals)
    staff = tokens()
    with folder() as place, mosquitto(extra=BROKER) as broker:
        lines, desk, rows = readers(place)
        port = free_port()
        (place / "venue.toml").write_text(venue(port, rows, broker.port), "utf-8")
        apart(fill, place / "data", arrivals, staff)
        radio, theirs = spawned.Pipe()
        player = spawned.Process(target=play, args=(theirs, Air(lines, desk, broker.port, [])), daemon=True)
        player.start()
        try:
            radio.recv()
            with Served(place / "venue.toml", place / "data", port, profile) as gateway:
                gateway.wait_for(gateway.well, 20)
                tablets = Tablets(port, list(staff.values()), scale.crowd)
                ours, lost = _told(tablets, radio, arrivals, scale.crowd)
                used = gateway.cpu()
                Tablets(port, list(staff.values()), scale.crowd).close()
                coming = (gateway.cpu() - used) / scale.crowd
            bare, more = _beside(broadcaster, desk, radio, arrivals, scale.crowd)
            radio.send(("end",))
            player.join(5)
        finally:
            player.kill()
            player.join()
    return Run(ours, bare, coming, lost + more)


def _beside(
    target: Callable[[Pipe, Path, int], None], desk: Path, radio: Any, arrivals: int, sockets: int
) -> tuple[list[float], int]:
    ours, theirs = spawned.Pipe()
    process = spawned.Process(target=target, args=(theirs, desk, sockets), daemon=True)
    process.start()
    try:
        tablets = Tablets(ours.recv(), [""], sockets)
        ours.recv()
        return _told(tablets, radio, arrivals, sockets)
    finally:
        ours.send("end")
        process.join(5)
        process.kill()


def _told(tablets: Tablets, radio: Connection, arrivals: int, sockets: int) -> tuple[list[float], int]:
    """From each read to the last socket that was told of it, in seconds; and how many receipts did not come."""
    tablets.read(1.0)
    list(tablets.events())
    radio.send(("arrive", [(n, "pty") for n in range(arrivals)], APART_S))
    tablets.read(arrivals * APART_S + SETTLE_S, radio.poll)
    sent: Sequence[Arrival] = radio.recv()
    tablets.read(1.0)
    last, heard = {a.customer: 0.0 for a in sent}, 0
    for at, event in tablets.events():
        if event.get("type") == KIND and event["subject"] in last:
            last[event["subject"]] = max(last[event["subject"]], at)
            heard += 1
    tablets.close()
    return [last[a.customer] - a.wrote_at for a in sent if last[a.customer]], len(sent) * sockets - heard

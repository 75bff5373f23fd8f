"""Read to socket: from the bytes of the deciding read to the last byte of the news on fifty live sockets."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.customers import fill
from benchmarks.radio import DESK, NODES, Air, Arrival, play
from benchmarks.relay import relay
from benchmarks.report import Table, median, quantile
from benchmarks.scale import Scale
from benchmarks.served import BROKER, ZONES, Failed, Served, apart, folder, rows_of, spawned, tokens, venue
from benchmarks.sockets import Tablets, deaf
from tests.mosquitto import mosquitto
from tests.ports import free_port

PER_SECOND = 20.0  # arrivals, each of somebody new
PRESENT = {
    50: 10,
    5000: 200,
}  # customers who are here and heard all the time, so that each is heard 1 to 5 times a second
KINDS = ("visit.arrived", "alert.opened")
BARE = 3  # one of so many arrivals goes through the bare relay too
SETTLE_S = 3.0  # seconds for the last news to come


@dataclass(slots=True)
class Run:
    """What one run saw: seconds from read to socket by (link, kind of news), and what did not come."""

    waits: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    bare: list[float] = field(default_factory=list)
    """The same of a relay that does nothing else, seconds later."""
    missing: int = 0
    heard: float = 0.0
    """Sightings a second that the gateway counted meanwhile."""
    core: float = 0.0
    """Share of one core that the gateway used."""
    well: bool = True


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """Runs at each load in turn, again and again, each time with a gateway of its own."""
    runs: dict[int, list[Run]] = {load: [] for load in scale.loads}
    for _ in range(scale.runs):
        for load in scale.loads:
            runs[load].append(_run(scale, load, profile))
    return [_table(scale, runs)]


def readers(place: Path) -> tuple[list[Path], Path, str]:
    """Eight lines, a desk, and both over MQTT: the paths of the ptys, and the tables for venue.toml."""
    lines, desk = [place / f"line{n}" for n in range(ZONES)], place / "desk"
    rooms = ", ".join(f'r{n} = "z{n}"' for n in range(ZONES))
    tables: list[dict[str, str]] = [
        {"id": f'"line{n}"', "driver": '"m100"', "link": f'"{line}"', "role": '"zone"', "zone": f'"z{n}"'}
        for n, line in enumerate(lines)
    ]
    tables += [
        {"id": '"nodes"', "driver": '"espresense"', "link": f'"{NODES}"', "role": '"zone"', "rooms": f"{{ {rooms} }}"},
        {"id": '"desk"', "driver": '"m100"', "link": f'"{desk}"', "role": '"tap"', "zone": '"z0"'},
        {"id": '"phones"', "driver": '"espresense"', "link": f'"{DESK}"', "role": '"tap"', "zone": '"z0"'},
    ]
    return lines, desk, rows_of(tables)


def _run(scale: Scale, load: int, profile: Path | None) -> Run:
    present = list(range(PRESENT.get(load, load // 25)))
    newcomers = list(range(len(present), len(present) + scale.arrivals))
    staff = tokens()
    with folder() as place, mosquitto(extra=BROKER) as broker:
        lines, desk, rows = readers(place)
        port = free_port()
        (place / "venue.toml").write_text(venue(port, rows, broker.port), "utf-8")
        apart(fill, place / "data", len(present) + len(newcomers), staff)
        ours, theirs = spawned.Pipe()
        radio = spawned.Process(target=play, args=(theirs, Air(lines, desk, broker.port, present)), daemon=True)
        radio.start()
        try:
            ours.recv()
            with Served(place / "venue.toml", place / "data", port, profile) as gateway:
                gateway.wait_for(gateway.well, 20)
                run = _time(scale, load, gateway, ours, list(staff.values()), newcomers)
            run.bare = _relay(scale, desk, ours, newcomers[: max(2, scale.arrivals // BARE)])
            ours.send(("end",))
            radio.join(5)
        finally:
            radio.kill()
            radio.join()
    return run


def _time(scale: Scale, load: int, gateway: Served, radio: Any, staff: list[str], newcomers: list[int]) -> Run:
    tablets = Tablets(gateway.port, staff, scale.sockets)
    silent = [deaf(gateway.port, staff[0]) for _ in range(scale.deaf)]
    radio.send(("rate", load))
    tablets.read(scale.warm_s)
    list(tablets.events())
    before, used, began = gateway.sightings(), gateway.cpu(), time.monotonic()
    seconds = len(newcomers) / PER_SECOND
    radio.send(("arrive", [(n, ("pty", "mqtt")[i % 2]) for i, n in enumerate(newcomers)], 1 / PER_SECOND))
    tablets.read(seconds + SETTLE_S, radio.poll)
    took = time.monotonic() - began
    heard, core = (gateway.sightings() - before) / took, (gateway.cpu() - used) / took
    if not radio.poll(SETTLE_S):
        raise Failed("the load generator did not finish")
    arrivals: list[Arrival] = radio.recv()
    tablets.read(0.5)
    run = _compare(arrivals, tablets, scale.sockets)
    run.heard, run.core, run.well = heard, core, gateway.well()
    radio.send(("rate", 0))
    tablets.close()
    for each in silent:
        each.close()
    return run


def _relay(scale: Scale, desk: Path, radio: Any, numbers: list[int]) -> list[float]:
    """The same reads through the barest relay, while nothing else is to be heard."""
    ours, theirs = spawned.Pipe()
    process = spawned.Process(target=relay, args=(theirs, desk, scale.sockets), daemon=True)
    process.start()
    try:
        tablets = Tablets(ours.recv(), [""], scale.sockets)
        ours.recv()
        radio.send(("arrive", [(n, "pty") for n in numbers], 1 / PER_SECOND))
        tablets.read(len(numbers) / PER_SECOND + SETTLE_S, radio.poll)
        arrivals: list[Arrival] = radio.recv()
        tablets.read(0.3)
        waits = _compare(arrivals, tablets, scale.sockets).waits["pty", "visit.arrived"]
        tablets.close()
        return waits
    finally:
        ours.send("end")
        process.join(5)
        process.kill()


def _compare(arrivals: list[Arrival], tablets: Tablets, sockets: int) -> Run:
    told = {a.customer: a for a in arrivals}
    run = Run({(over, kind): [] for over in ("pty", "mqtt") for kind in KINDS})
    for at, event in tablets.events():
        arrival = told.get(event.get("subject", ""))
        if arrival is not None and event["type"] in KINDS:
            run.waits[arrival.over, event["type"]].append(at - arrival.wrote_at)
    run.missing = len(arrivals) * sockets * len(KINDS) - sum(map(len, run.waits.values()))
    return run


def _table(scale: Scale, runs: dict[int, list[Run]]) -> Table:
    table = Table(
        f"Latency: read to {scale.sockets} live sockets, ms",
        ("sightings/s, link, news", "heard/s", "receipts", "missing", "p50", "p99", "max", "bare p50", "p99", "core"),
    )
    for load, done in runs.items():
        bare = [median([quantile(run.bare, q) for run in done]) * 1000 for q in (0.5, 0.99)]
        for over, kind in done[0].waits:
            each = [run.waits[over, kind] for run in done]
            p50, p99 = (median([quantile(waits, q) for waits in each]) * 1000 for q in (0.5, 0.99))
            table.rows.append(
                (
                    f"{load:>5}  {over:<4}  {kind}",
                    f"{median([run.heard for run in done]):,.0f}",
                    f"{sum(map(len, each)):,}",
                    f"{sum(run.missing for run in done)}",
                    f"{p50:.1f}",
                    f"{p99:.1f}",
                    f"{max(max(waits, default=float('nan')) for waits in each) * 1000:.1f}",
                    *(f"{each:.1f}" for each in bare),
                    f"{median([run.core for run in done]) * 100:.0f} %",
                )
            )
        if not all(run.well for run in done):
            table.notes.append(f"at {load}/s /health was not ok at the end of a run")
    table.notes += [
        f"{scale.runs} runs each, loads in turn, {scale.arrivals} arrivals a run after {scale.warm_s:g} s of warm-up",
        "p50 and p99 are medians of the runs, max is of all",
        "half of the load over 8 ptys, half over mosquitto; 80 % strangers, the rest of customers who are present",
        "each arrival by one deciding read, a tap: from before its write to after the last byte, on every socket",
        "bare: a relay that reads the desk's pty and writes to as many sockets, seconds later, with no load at all",
        *(["beside them a tablet that reads nothing, which must cost the others nothing"] if scale.deaf else []),
    ]
    return table

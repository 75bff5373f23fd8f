"""A reader that babbles at full line rate, and a million tags that nobody knows: what the others feel, what is kept."""

from __future__ import annotations

import random
import selectors
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.customers import customer, fill, tag
from benchmarks.latency import KINDS, PER_SECOND
from benchmarks.radio import TICK, Arrival, Line, Pipe
from benchmarks.report import Table, quantile
from benchmarks.scale import Scale
from benchmarks.served import Failed, Served, apart, folder, rows_of, spawned, tokens, venue
from benchmarks.sockets import Tablets
from reader_drivers.simulated import SimulatedM100
from tests.ports import free_port

FULL_RATE = 11_520  # bytes a second: 115200 baud, 10 bits a byte
BATCH = 4000  # strangers in one piece
LINES = ("babbler", "crowd", "desk")
WITHIN = 300.0  # seconds for all strangers to go
STILL = 20  # looks in a row without anything new: what has not come by then is lost


class Radio:
    """Three modules on three lines, of which the first babbles, the second hears strangers, the third customers."""

    def __init__(self, pipe: Pipe, links: Sequence[Path]) -> None:
        self._pipe = pipe
        self._lines = [Line(link, []) for link in links]
        self._babbler, self._crowd, self._desk = self._lines
        self._chance = random.Random(9)
        self._rate, self._since, self._said = 0, 0.0, 0
        self._strangers = self._left = 0
        self._arrivals: Iterator[int] = iter(())
        self._told: list[Arrival] = []
        self._next_at = float("inf")

    def play(self) -> None:
        """Does what it is told until told to end: ``("babble", bytes a second)``, ``("strangers", count)``, which is
        answered when all have gone, ``("arrive", [customer, …])``, which is answered with the arrivals.
        """
        with selectors.DefaultSelector() as selector:
            for line in self._lines:
                selector.register(line.device, selectors.EVENT_READ, line.hear)
            selector.register(self._pipe.fileno(), selectors.EVENT_READ)
            self._pipe.send("ready")
            while True:
                for key, _ in selector.select(0 if self._strangers else TICK):
                    if key.data is not None:
                        key.data()
                if self._pipe.poll() and not self._obey(self._pipe.recv()):
                    break
                now = time.monotonic()
                self._babble(now)
                self._crowd_in()
                self._arrive(now)
                for line in self._lines:
                    line.live(now)
        for line in self._lines:
            line.close()

    def _obey(self, told: tuple[Any, ...]) -> bool:
        match told:
            case ("babble", rate):
                self._rate, self._since, self._said = rate, time.monotonic(), 0
            case ("strangers", count):
                self._strangers = self._left = count
            case ("arrive", who):
                self._arrivals, self._told, self._next_at = iter(who), [], time.monotonic()
            case _:
                return False
        return True

    def _babble(self, now: float) -> None:
        due = int((now - self._since) * self._rate) - self._said
        if self._rate and due > 0:
            self._said += due
            if self._babbler.flush():  # while its driver is away, nobody takes it
                self._babbler.write(self._chance.randbytes(due))

    def _crowd_in(self) -> None:
        if not self._crowd.flush() or not self._strangers:
            return
        if not self._left:
            self._pipe.send(self._strangers)
            self._strangers = 0
            return
        module, made = SimulatedM100("/nowhere/crowd"), min(BATCH, self._left)
        self._crowd.write(b"".join(module.tag(f"E280{self._chance.getrandbits(80):020X}", -60) for _ in range(made)))
        self._left -= made

    def _arrive(self, now: float) -> None:
        if now < self._next_at:
            return
        number = next(self._arrivals, None)
        if number is None:
            self._next_at = float("inf")
            self._pipe.send(self._told)
            return
        self._next_at += 1 / PER_SECOND
        frame = SimulatedM100("/nowhere/desk").tag(tag(number), -40)
        self._told.append(Arrival(customer(number), "pty", time.time()))
        self._desk.write(frame)


def play(pipe: Pipe, links: Sequence[Path]) -> None:
    """Those three, in a process of its own."""
    Radio(pipe, links).play()


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """Arrivals at the desk in a calm venue, beside a reader that babbles, and calm again; then the strangers."""
    table = Table(
        "Babble and strangers: arrivals at the desk meanwhile, ms, and memory afterwards",
        ("meanwhile", "receipts", "missing", "p50", "p99", "max", "core", "RSS MiB"),
    )
    staff = tokens()
    with folder() as place:
        links, port = [place / name for name in LINES], free_port()
        rows = rows_of([_reader(name, link) for name, link in zip(LINES, links, strict=True)])
        (place / "venue.toml").write_text(venue(port, rows), "utf-8")
        phases = ["calm", "one babbles", "calm again", "one babbles again"]
        apart(fill, place / "data", scale.arrivals * len(phases), staff)
        radio, theirs = spawned.Pipe()
        process = spawned.Process(target=play, args=(theirs, links), daemon=True)
        process.start()
        try:
            radio.recv()
            with Served(place / "venue.toml", place / "data", port, profile) as gateway:
                gateway.wait_for(gateway.well, 20)
                tablets = Tablets(port, list(staff.values()), scale.sockets)
                tablets.read(scale.warm_s)
                for n, phase in enumerate(phases):
                    radio.send(("babble", FULL_RATE if "babbles" in phase else 0))
                    tablets.read(1.0)
                    who = list(range(n * scale.arrivals, (n + 1) * scale.arrivals))
                    table.rows.append(_arrivals(phase, who, radio, tablets, gateway))
                radio.send(("babble", 0))
                table.rows += _crowd(scale, radio, tablets, gateway)
                tablets.close()
            radio.send(("end",))
            process.join(5)
        finally:
            process.kill()
            process.join()
    table.notes += [
        f"babbles: random bytes at {FULL_RATE:,} a second, as 115200 baud carry, among good frames now and then",
        f"strangers: {scale.strangers:,} tags, each another, in two halves, as fast as one line is read",
        f"{PER_SECOND:g} arrivals a second on another line, to {scale.sockets} live sockets",
    ]
    return [table]


def _reader(name: str, link: Path) -> dict[str, str]:
    role = '"tap"' if name == "desk" else '"zone"'
    return {"id": f'"{name}"', "driver": '"m100"', "link": f'"{link}"', "role": role, "zone": '"z0"'}


def _arrivals(phase: str, who: list[int], radio: Any, tablets: Tablets, gateway: Served) -> tuple[str, ...]:
    list(tablets.events())
    used, began = gateway.cpu(), time.monotonic()
    radio.send(("arrive", who))
    tablets.read(len(who) / PER_SECOND + 10.0, radio.poll)
    if not radio.poll(10):
        raise Failed("the load generator did not finish")
    wrote = {each.customer: each.wrote_at for each in radio.recv()}
    tablets.read(1.0)
    core = (gateway.cpu() - used) / (time.monotonic() - began)
    waits = [
        at - wrote[event["subject"]]
        for at, event in tablets.events()
        if event.get("subject") in wrote and event["type"] in KINDS
    ]
    missing = len(who) * len(tablets.all) * len(KINDS) - len(waits)
    times = [f"{1000 * each:.1f}" for each in (quantile(waits, 0.5), quantile(waits, 0.99), max(waits))]
    return (phase, f"{len(waits):,}", f"{missing}", *times, f"{core:.0%}", f"{gateway.memory():.1f}")


def _come(gateway: Served, before: int, sent: int) -> int:
    """How many were heard once nothing new comes."""
    heard, still = gateway.sightings("crowd") - before, 0
    while heard < sent and still < STILL:
        time.sleep(0.1)
        last, heard = heard, gateway.sightings("crowd") - before
        still = still + 1 if heard == last else 0
    return heard


def _crowd(scale: Scale, radio: Any, tablets: Tablets, gateway: Served) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    half = scale.strangers // 2
    for n in (1, 2):
        before, used, began = gateway.sightings("crowd"), gateway.cpu(), time.monotonic()
        radio.send(("strangers", half))
        tablets.read(WITHIN, radio.poll)
        if not radio.poll(1) or radio.recv() != half:
            raise Failed("the strangers did not all go")
        heard = _come(gateway, before, half)
        core = (gateway.cpu() - used) / (time.monotonic() - began)
        name = f"{n * half:,} strangers"
        rows.append((name, f"{heard:,}", f"{half - heard}", "", "", "", f"{core:.0%}", f"{gateway.memory():.1f}"))
    return rows

"""What one read costs in the gateway, beside a bare look-up in a dict of the same size."""

from __future__ import annotations

import gc
import logging
import os
import random
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.customers import SOURCE, customer, phone, tag
from benchmarks.latency import readers
from benchmarks.report import Table, median, spread
from benchmarks.served import ZONES, Failed, memory, venue
from gateway.core.gateway import Gateway
from gateway.core.state import plan_of
from gateway.events.event import GATEWAY, News
from gateway.records.journal import Journal
from gateway.records.store import Store
from gateway.settings.venue import parse
from reader_drivers import Sighting
from reader_drivers.phone.packed_keys import PackedKeys

PRESENT = 100
APART = 0.002  # seconds between two reads: each of the present customers is heard five times a second
SETTLE = 5_000  # reads before any is timed; by then everybody has arrived


@dataclass(slots=True)
class Looks:
    """Nanoseconds for each read, one number a run; ``re_enrol`` in milliseconds."""

    present: list[float] = field(default_factory=list)
    present_tags: list[float] = field(default_factory=list)
    stranger: list[float] = field(default_factory=list)
    bare_known: list[float] = field(default_factory=list)
    bare_stranger: list[float] = field(default_factory=list)
    re_enrol: list[float] = field(default_factory=list)
    news: int = 0


def measure(data: Path, count: int, looks: int, runs: int) -> Looks:
    """Times ``looks`` reads of each kind, in turn; meant for a process of its own."""
    _, _, rows = readers(data)
    config = parse(tomllib.loads(venue(0, rows, 1883)))
    store = Store.open(data, source=SOURCE)
    told = Looks()

    def publish(_: object) -> None:
        told.news += 1

    try:
        logging.getLogger("gateway").setLevel(logging.ERROR)  # nobody is on shift in a bench, and it says so
        gateway = Gateway(config, plan_of(config), store, Journal(store, origin=config.venue.id), publish)
        now = time.time()
        gateway.restore(now)
        bare = {i: customer(n) for n in range(count) for i in (f"epc:{tag(n)}", phone(n))}
        _each(_present(min(count, PRESENT), SETTLE, now), gateway.see)
        now += SETTLE * APART
        gc.collect()
        gc.freeze()  # as the gateway does once it serves
        told.news = 0
        for run in range(runs):
            known = _present(min(count, PRESENT), looks, now)
            strangers = _strangers(run, looks, now)
            now += looks * APART
            told.bare_known.append(_each(known, lambda s: bare.get(s.identifier)))
            told.present.append(_each(known, gateway.see))
            tags = _present(min(count, PRESENT), looks, now, by_tag=True)
            now += looks * APART
            told.present_tags.append(_each(tags, gateway.see))
            told.bare_stranger.append(_each(strangers, lambda s: bare.get(s.identifier)))
            told.stranger.append(_each(strangers, gateway.see))
            changed = gateway.journal.event(_wishing(customer(run)), GATEWAY, now)
            began = time.perf_counter()
            gateway.memory.apply(changed)
            told.re_enrol.append((time.perf_counter() - began) * 1000)
    finally:
        store.close()
    return told


@dataclass(slots=True)
class First:
    """What a start with these customers comes to; seconds, MiB, and microseconds of processor time for each look."""

    match: float
    memory: float
    sight: float
    again: float
    stranger: float
    phones: float
    with_phones: float


def first(data: Path, count: int, looks: int) -> First:
    """From an opened folder to the first customer who is recognised; meant for a process of its own."""
    _, _, rows = readers(data)
    config = parse(tomllib.loads(venue(0, rows, 1883)))
    logging.getLogger("gateway").setLevel(logging.ERROR)
    began = time.perf_counter()
    store = Store.open(data, source=SOURCE)
    try:
        gateway = Gateway(config, plan_of(config), store, Journal(store, origin=config.venue.id), lambda _: None)
        now = time.time()
        gateway.restore(now)
        people = gateway.memory.people
        if people.roster.who(f"epc:{tag(count // 2)}", now) != customer(count // 2):
            raise Failed("somebody who agreed was not recognised")
        match, rss = time.perf_counter() - began, memory(os.getpid())
        some = [f"epc:{tag(n)}" for n in random.Random(1).sample(range(count), min(looks, count // 2))]
        strangers = [f"epc:E280{n:020X}" for n in range(looks)]
        sight, again, stranger = (_looks(people.roster.who, each, now) for each in (some, some, strangers))
        began = time.perf_counter()
        if people.many is not None:
            people.many.phones.apart = lambda work: work()
            people.irks()
        keys = people.irks()
        found = len(keys) if isinstance(keys, PackedKeys) else len(people.roster.irks)
        if found != count:
            raise Failed(f"{found} phones of {count} would be known under their private addresses")
        return First(match, rss, sight, again, stranger, time.perf_counter() - began, memory(os.getpid()))
    finally:
        store.close()


def _looks(who: Callable[[str, float], object], identifiers: list[str], now: float) -> float:
    began = time.thread_time()
    for identifier in identifiers:
        who(identifier, now)
    return (time.thread_time() - began) / len(identifiers) * 1e6


def firsts() -> Table:
    """The table of the starts, without rows yet."""
    return Table(
        "Start to the first customer recognised, in one process without doors",
        (
            "customers", "first match s", "RSS MiB", "first sight us", "seen before us", "stranger us",
            "phones by key s", "then MiB",
        ),
        notes=[
            "first sight: whose tag it is, their record, consents and all they carry; processor time",
            "phones by key: until a private address can be anybody's; read in a thread beside what goes on",
        ],
    )  # fmt: skip


def first_row(count: int, found: First) -> tuple[str, ...]:
    """What one start gave."""
    return (
        f"{count:,}", f"{found.match:.2f}", f"{found.memory:.0f}", f"{found.sight:.0f}", f"{found.again:.2f}",
        f"{found.stranger:.1f}", f"{found.phones:.1f}", f"{found.with_phones:.0f}",
    )  # fmt: skip


def _present(count: int, looks: int, start: float, *, by_tag: bool = False) -> list[Sighting]:
    """Phones, or tags, of customers who stay where they are, one after the other."""
    chance = random.Random(1)
    carried = [f"epc:{tag(n)}" if by_tag else phone(n) for n in range(count)]
    return [
        Sighting("nodes", f"r{n % count % ZONES}", carried[n % count], chance.gauss(-55, 2), 2.0, start + n * APART)
        for n in range(looks)
    ]


def _strangers(seed: int, looks: int, start: float) -> list[Sighting]:
    chance = random.Random(seed)
    return [
        Sighting("nodes", "r0", f"ble:{chance.getrandbits(48):012x}", -60.0, 3.0, start + n * APART)
        for n in range(looks)
    ]


def _wishing(who: str) -> News:
    return News("wish.changed", who, {"customer": who, "wishes": [], "was": []})


def _each(sightings: list[Sighting], see: Callable[[Sighting], object]) -> float:
    began = time.thread_time()  # other programs do not count
    for sighting in sightings:
        see(sighting)
    return (time.thread_time() - began) / len(sightings) * 1e9


def table() -> Table:
    """The table, without rows yet."""
    return Table(
        "Look-up: Gateway.see beside a bare dict.get of the same identifiers in the same run, ns of CPU",
        ("customers, read of", "Gateway.see", "dict.get", "ratio", "re-enrol one ms"),
        notes=[
            f"{PRESENT} customers are present, each heard every {PRESENT * APART:g} s; decisions are included",
            "re-enrol: what every change of a customer does on the loop to bring the roster in line",
        ],
    )


def rows(count: int, looks: Looks) -> list[tuple[str, ...]]:
    """What one data folder gave."""
    return [
        (
            f"{count:>9,}  {kind}",
            spread(ours, "{:.0f}"),
            spread(bare, "{:.0f}"),
            spread([a / b for a, b in zip(ours, bare, strict=True)], "{:.1f}"),
            f"{median(looks.re_enrol):.2f}" if kind == "present" else "",
        )
        for kind, ours, bare in (
            ("present", looks.present, looks.bare_known),
            ("present, tags", looks.present_tags, looks.bare_known),
            ("stranger", looks.stranger, looks.bare_stranger),
        )
    ]

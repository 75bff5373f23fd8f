"""What time alone costs: ``Gateway.pulse`` and ``Presence.pulse`` with a full house that nobody has greeted."""

from __future__ import annotations

import logging
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.customers import SOURCE, fill, tag
from benchmarks.report import Table
from benchmarks.scale import Scale
from gateway.core.gateway import Gateway
from gateway.core.state import plan_of
from gateway.records.journal import Journal
from gateway.records.store import Store
from gateway.rhythm import PULSE_EVERY
from gateway.service.floor import Member, Shift
from gateway.settings.venue import parse
from reader_drivers import Sighting

ZONES = 8
HEARD_EVERY = 10.0  # seconds: each tag, so that nobody leaves
MINUTES = (0.5, 7.0)  # since they came: before and after they have waited for long enough to be told of

HEAD = """
[venue]
id = "bench"
name = { en = "Bench" }
timezone = "Asia/Shanghai"
kind = "store"
[console]
listen = "127.0.0.1:0"
"""
ZONE = """
[[zones]]
id = "z%(n)d"
name = { en = "Zone %(n)d" }
[[readers]]
id = "r%(n)d"
driver = "m100"
link = "/nowhere/%(n)d"
role = "zone"
zone = "z%(n)d"
"""


def bench(scale: Scale, _profile: Path | None) -> Iterator[Table]:
    """% of a core, thread CPU time."""
    table = Table(
        "Full house: % of a core that time alone takes, nobody greeted",
        ("present", "on shift", "minutes in", "Gateway.pulse", "Presence.pulse", "longest pulse, ms"),
        notes=[
            f"pulsed every {PULSE_EVERY:g} s as the gateway is; each tag is heard every {HEARD_EVERY:g} s beside it"
        ],
    )
    for present in scale.crowds:
        for hands in (0, 10):
            with TemporaryDirectory(prefix="moments-bench-") as folder:
                fill(Path(folder), present, {})
                table.rows += _rows(Path(folder), present, hands, scale.pulse_s)
    yield table


def _rows(folder: Path, present: int, hands: int, seconds: float) -> Iterator[tuple[str, ...]]:
    logging.getLogger("gateway").setLevel(logging.ERROR)  # nobody is on shift in a bench, and it says so
    config = parse(tomllib.loads(HEAD + "".join(ZONE % {"n": n} for n in range(ZONES))))
    store = Store.open(folder, source=SOURCE)
    try:
        gateway = Gateway(config, plan_of(config), store, Journal(store, origin=config.venue.id), lambda _: None)
        start = now = time.time()
        gateway.memory.now = lambda: now  # type: ignore[method-assign]
        gateway.restore(now)
        floor = gateway.memory.floor
        for n in range(hands):
            floor.put(Member(f"s{n}", f"Colleague {n}", frozenset({"floor"})))
            floor.start_shift(f"s{n}", Shift(frozenset(), None))
            floor.connect(f"s{n}")
        for minutes in MINUTES:
            while now < start + minutes * 60.0:
                now += HEARD_EVERY / 2
                _hear(gateway, present, now)
                gateway.pulse(now)
            whole, longest = 0.0, 0.0
            alone = 0.0
            until = now + seconds
            while now < until:
                now += PULSE_EVERY
                began = time.thread_time()
                gateway.memory.presence.pulse(now)
                between = time.thread_time()
                gateway.pulse(now)
                took = time.thread_time() - between
                alone += between - began
                whole, longest = whole + took, max(longest, took)
            yield (
                f"{len(gateway.memory.presence.here()):,}", str(hands), f"{minutes:g}", f"{whole / seconds:.1%}",
                f"{alone / seconds:.2%}", f"{longest * 1e3:.0f}",
            )  # fmt: skip
    finally:
        store.close()


def _hear(gateway: Gateway, present: int, now: float) -> None:
    for n in range(present):
        gateway.see(Sighting(f"r{n % ZONES}", None, f"epc:{tag(n)}", -50.0, None, now + n * 1e-4))

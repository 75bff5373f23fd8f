"""``python -m benchmarks.accuracy_cost``: what a sighting costs, beside a bare dict lookup in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random

from benchmarks.report import Table
from gateway.recognition.plan import Plan, ReaderPlace
from gateway.recognition.presence import Presence
from gateway.recognition.roster import Roster
from reader_drivers.sighting import Sighting

ZONES = ("a", "b", "c", "d")
PLAN = Plan(ZONES, {f"{zone}{n}": ReaderPlace("zone", zone) for zone in ZONES for n in range(3)})
CASES = (  # customers, transmissions a second, readers that hear each, seconds
    (1, 10.0, 1, 600),
    (1, 2.0, 12, 600),
    (100, 5.0, 3, 30),
    (1000, 1.0, 3, 60),
    (50_000, 0.2, 1, 30),
)
LOOKUPS = 300_000


def bench() -> list[Table]:
    """µs per sighting of customers and of strangers, and what the pulse takes of a core; thread CPU time."""
    known = Table(
        "Recognition: sightings of customers",
        ("customers", "a second", "readers", "roster + presence, µs a sighting", "pulse, % of a core"),
    )
    for customers, rate, readers, seconds in CASES:
        see, pulse = _play(customers, rate, readers, seconds)
        known.rows.append((str(customers), f"{rate:g}", str(readers), f"{see * 1e6:.2f}", f"{pulse * 100:.2f}"))
    return [known, _strangers()]


def _play(customers: int, rate: float, readers: int, seconds: int) -> tuple[float, float]:
    """Seconds of CPU per sighting, arrivals included, and per second of pulses."""
    presence, roster = Presence(PLAN, new_visit=lambda: "visit"), Roster()
    for n in range(customers):
        roster.admit(_identifier(n), f"c{n}")
    sightings = _sightings(customers, rate, readers, seconds)
    seeing = pulsing = 0.0
    now, next_one = 0.0, 0
    while next_one < len(sightings):
        now += 0.5
        began = time.thread_time()
        while next_one < len(sightings) and sightings[next_one].at < now:
            sighting = sightings[next_one]
            customer = roster.who(sighting.identifier, sighting.at)
            if customer is not None:
                presence.see(sighting, customer)
            next_one += 1
        seen = time.thread_time()
        presence.pulse(now)
        seeing, pulsing = seeing + seen - began, pulsing + time.thread_time() - seen
    return seeing / len(sightings), pulsing / now


def _sightings(customers: int, rate: float, readers: int, seconds: int) -> list[Sighting]:
    rng = Random(1)
    found = []
    for n in range(customers):
        mine = rng.sample(sorted(PLAN.readers), readers)
        at = rng.random()
        while at < seconds:
            for k, reader in enumerate(mine):
                found.append(
                    Sighting(reader, None, _identifier(n), -60.0 - 4.0 * k + rng.gauss(0, 3), None, at + k / 1000)
                )
            at += 1.0 / rate
    return sorted(found, key=lambda sighting: sighting.at)


def _identifier(n: int) -> str:
    return f"irk:{n:032x}"


def _strangers() -> Table:
    roster = Roster()
    plain: dict[str, str] = {}
    for n in range(50_000):
        roster.admit(_identifier(n), f"c{n}")
        plain[_identifier(n)] = f"c{n}"
    strangers = [_identifier(1_000_000 + n) for n in range(1000)]
    table = Table("Recognition: strangers, 50,000 enrolled", ("what", "ns"))
    table.rows.append(("roster.who", f"{_each(lambda i: roster.who(i, 0.0), strangers) * 1e9:.0f}"))
    table.rows.append(("bare dict lookup", f"{_each(plain.get, strangers) * 1e9:.0f}"))
    return table


def _each(call: Callable[[str], object], identifiers: list[str]) -> float:
    """Seconds a call, the fastest of five rounds, the loop itself included."""
    rounds = []
    for _ in range(5):
        began = time.thread_time()
        for _ in range(LOOKUPS // len(identifiers) // 5):
            for identifier in identifiers:
                call(identifier)
        rounds.append((time.thread_time() - began) / (LOOKUPS // 5))
    return min(rounds)


if __name__ == "__main__":
    for each in bench():
        print(each)

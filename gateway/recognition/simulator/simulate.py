"""A recording with truth, from a scenario and a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge
from random import Random
from typing import Any

from gateway.recognition.recording import Head, Read, Row, Truth, as_fields
from gateway.recognition.simulator.radio import Thing
from gateway.recognition.simulator.scenario import Group, Scenario, read_scenario
from gateway.recognition.simulator.walk import Walk

BORDER_M = 0.5  # nearer to a wall than this is not scored
TRUTH_EVERY_S = 1.0
SCHEMES = {"uhf": "epc:5349{:020X}", "beacon": "ibeacon:5349-{}-1", "phone": "irk:{:032x}"}


def simulate(scenario: Mapping[str, Any], seed: int) -> Iterator[dict[str, object]]:
    """The lines of a recording, head first; the same for the same seed. Raises BadScenario."""
    head, rows = record(read_scenario(scenario), seed)
    yield as_fields(head)
    for row in rows:
        yield as_fields(row)


def record(scenario: Scenario, seed: int) -> tuple[Head, Iterator[Row]]:
    """Head and rows of a simulated recording, in time order as the gateway would get them."""
    people = list(_people(scenario, seed))
    head = Head(
        recording=f"{scenario.name}-{seed}",
        kind=scenario.kind,
        zones=[room.id for room in scenario.rooms],
        readers={a.id: a.zone for a in scenario.antennas},
        roles={a.id: a.role for a in scenario.antennas},
        customers={customer: [thing.identifier for thing in things] for customer, things, _, _ in people},
        source=f"simulated, seed {seed}",
        positions_m={a.id: [a.x, a.y, a.z] for a in scenario.antennas},
    )
    streams: list[Iterator[Row]] = []
    for customer, things, walk, silent in people:
        streams.append(_truth(scenario, customer, walk, silent))
        streams += [_reads(scenario, thing, walk, Random(f"{seed}/{thing.identifier}/air")) for thing in things]
    return head, merge(*streams, key=lambda row: row.t)


def _people(scenario: Scenario, seed: int) -> Iterator[tuple[str, list[Thing], Walk, float]]:
    number = 0
    for group in scenario.groups:
        for n in range(group.count):
            rng = Random(f"{seed}/{scenario.name}/{number}")
            walk = Walk(group, n * group.every_s + rng.uniform(0.0, 1.0), rng)
            yield f"c{number}", _things(scenario, group, number, rng), walk, group.then_silent_s
            number += 1


def _things(scenario: Scenario, group: Group, number: int, rng: Random) -> list[Thing]:
    return [
        Thing(SCHEMES[kind].format(number), kind, rng.choice(group.where), scenario, Random(rng.random()))
        for kind in group.carries
    ]


def _reads(scenario: Scenario, thing: Thing, walk: Walk, rng: Random) -> Iterator[Row]:
    t = walk.start + rng.uniform(0.0, 1.0)
    while t < walk.end:
        pose = walk.at(t)
        heard: list[Row] = []
        for antenna in thing.listeners():
            level = thing.level(antenna, pose)
            if level is None or rng.random() < scenario.loss:
                continue
            at = round(t + antenna.clock_s + rng.uniform(0.0, 0.004), 3)
            heard.append(Read(at, antenna.id, thing.identifier, level))
            if rng.random() < scenario.duplicates:
                heard.append(Read(at, antenna.id, thing.identifier, level))
        heard.sort(key=lambda row: row.t)
        yield from heard
        t += thing.gap()


def _truth(scenario: Scenario, customer: str, walk: Walk, silent: float) -> Iterator[Row]:
    t = walk.start
    while t < walk.end:
        pose = walk.at(t)
        yield Truth(round(t, 3), _where(scenario, pose.x, pose.y), customer, round(pose.x, 2), round(pose.y, 2))
        t += TRUTH_EVERY_S
    yield Truth(round(walk.end, 3), "outside", customer)
    if silent > 0.0:
        yield Truth(round(walk.end + silent, 3), "outside", customer)


def _where(scenario: Scenario, x: float, y: float) -> str | None:
    if min(room.border(x, y) for room in scenario.rooms) < BORDER_M:
        return None
    return next((room.id for room in scenario.rooms if room.holds(x, y)), "outside")

"""A recording with truth, from a scenario and a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from heapq import merge
from random import Random
from typing import Any

from gateway.recognition.recording import STREET, Head, Read, Row, Truth, as_fields
from gateway.recognition.simulator.radio import Thing
from gateway.recognition.simulator.scenario import read_scenario
from gateway.recognition.simulator.silence import Speech
from gateway.recognition.simulator.venue import Group, Scenario
from gateway.recognition.simulator.walk import Pose, Walk

BORDER_M = 0.5  # nearer to a wall than this is not scored
TRUTH_EVERY_S = 1.0
OTHER_THINGS = 30_000
SCHEMES = {"uhf": "epc:5349{:020X}", "beacon": "ibeacon:5349-{}-1", "phone": "irk:{:032x}", "ble": "ble:{:012x}"}


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
        positions_m={a.id: [a.x, a.y, a.floor * scenario.storey_m + a.z] for a in scenario.antennas},
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
            walk = Walk(group, group.starts(n) + rng.uniform(0.0, 1.0), rng, scenario)
            yield f"c{number}", _things(scenario, group, number, rng), walk, group.then_silent_s
            number += 1


def _things(scenario: Scenario, group: Group, number: int, rng: Random) -> list[Thing]:
    things = []
    for place, kind in enumerate(group.carries):
        # A second thing of one scheme has a number of its own, far from those of other people's first ones.
        scheme = scenario.things[kind].scheme
        before = sum(scenario.things[k].scheme == scheme for k in group.carries[:place])
        identifier = SCHEMES[scheme].format(number + OTHER_THINGS * before)
        where = rng.choice(group.where)
        seeded = Random(rng.random())
        things.append(Thing(identifier, kind, where, scenario, seeded, limb_s=group.limb_s, bodies=group.bodies))
    return things


def _reads(scenario: Scenario, thing: Thing, walk: Walk, rng: Random) -> Iterator[Row]:
    t = walk.start + rng.uniform(0.0, 1.0)
    speech = Speech(thing.speaks.mute, t, rng)
    while t < walk.end:
        pose = walk.of(thing.kind, t)
        if not speech.speaks(t, scenario.room_at(pose.x, pose.y, pose.floor)):
            t += thing.gap()
            continue
        heard: list[Row] = []
        for antenna in thing.listeners():
            level = thing.level(antenna, pose, t)
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
        yield Truth(round(t, 3), _where(scenario, pose), customer, round(pose.x, 2), round(pose.y, 2))
        t += TRUTH_EVERY_S
    yield Truth(round(walk.end, 3), STREET, customer)
    if silent > 0.0:
        yield Truth(round(walk.end + silent, 3), STREET, customer)


def _where(scenario: Scenario, pose: Pose) -> str | None:
    """The room, or the street; None near a border and on the stairs."""
    if pose.floor != int(pose.floor) or scenario.border(pose.x, pose.y, pose.floor) < BORDER_M:
        return None
    return scenario.room_at(pose.x, pose.y, pose.floor) or STREET

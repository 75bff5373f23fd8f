"""Which zone? A small probability over the zones, moved by what their readers hear and by walking."""

from __future__ import annotations

from collections.abc import Container
from math import exp, log, log10

from gateway.recognition.evidence import NEW_APPROACH_S, OUTSIDE, Antennas, Credential, Signal, faded
from gateway.recognition.left_behind import Whereabouts
from gateway.recognition.plan import Plan

STILL_NATS = 0.7  # per dB that a zone hears better, of somebody who stays; 7 dB against a zone that is kept: 92 %
WALK_NATS = 0.45  # … of a walker, whose levels are those of the moment
STILL_S = 3.0  # a belief follows what the levels say in about this time while somebody stays, …
WALK_S = 0.5  # … and in this while they walk
KEPT_NATS = 1.2  # the zone on the tablets is kept against so much, which of a walker is 6 dB with one reader a zone
LEAST_NATS = -12.0  # the least that is said of a zone
AHEAD = 0.75  # times the way from the 15 s level to the 2 s level, once more, …
AHEAD_BREADTH = 0.15  # … and so much more for each antenna that hears a zone: of one alone it is mostly fading
FRESH = 0.5  # of the way from the 2 s level to the last transmission, which knows best and fades most
LOUDEST = 0.4  # of what a zone scores is its loudest antenna
LEAST = 1e-4


def unknown(zones: int) -> list[float]:
    """Nothing is known: each zone alike."""
    return [1.0 / zones] * zones


def surely(zones: int, zone: int) -> list[float]:
    """Known for certain to be in this zone (index into the plan's zones)."""
    rest = LEAST
    return [1.0 - rest * (zones - 1) if i == zone else rest for i in range(zones)]


def nats_per_db(walking: float) -> float:
    """What one dB between two zones says."""
    return STILL_NATS + walking * (WALK_NATS - STILL_NATS)


def settled(belief: list[float], nats: list[float], walking: float, seconds: float) -> list[float]:
    """The belief ``seconds`` later, drawn towards what is heard now (nats for each zone, up to a constant).

    It is not added up: what is heard of somebody at one spot is the same fading again and again, and proves no more
    after a minute than after some seconds.
    """
    top = max(nats)
    keep = exp(-seconds / (STILL_S + walking * (WALK_S - STILL_S)))
    mixed = [n + (log(p) - n) * keep for p, n in zip(belief, (max(LEAST_NATS, n - top) for n in nats), strict=True)]
    top = max(mixed)
    weighed = [exp(m - top) for m in mixed]
    total = sum(weighed)
    return [max(LEAST, p / total) for p in weighed]


def whereabouts(credential: Credential, plan: Plan, antennas: Antennas, lost: Container[str] = ()) -> Whereabouts:
    """Where one thing is by itself, and by how many dB its zone is louder than the next; readers ``lost`` are dead."""
    scores = zone_scores(credential, antennas, 0.0, credential.at)
    best = max(range(len(scores)), key=scores.__getitem__)
    rest = [score for zone, score in enumerate(scores) if zone != best]
    lead = scores[best] - max(rest, default=credential.unheard)
    heard = any(signal.state != OUTSIDE for signal in credential.signals.values())
    deaf = any(signal.reader in lost for signal in credential.heard_since(credential.at - NEW_APPROACH_S))
    return Whereabouts(credential.identifier, plan.zones[best] if heard else None, lead, credential.at, deaf)


def heading(signal: Signal, breadth: float) -> float:
    """Where a walker is going, as one antenna hears it: the level lately, and on in the direction it has taken.

    What an antenna hears of somebody compared with what it heard before does not depend on how good an antenna it is.
    """
    ahead = AHEAD + AHEAD_BREADTH * breadth
    return signal.stride + FRESH * (signal.now - signal.stride) + ahead * (signal.stride - signal.dwell)


def level_of(signal: Signal, walking: float, at: float, breadth: float) -> float:
    """How loud one antenna hears somebody, dBm: a walker now, who stays on the average of the last quarter minute."""
    return faded(signal, signal.dwell + walking * (heading(signal, breadth) - signal.dwell), at) + signal.lost_db


def zone_scores(credential: Credential, antennas: Antennas, walking: float, at: float) -> list[float]:
    """How loud each zone hears a credential, dBm: between its loudest antenna and the mean of those that could.

    The loudest alone is fooled by one lucky path, the mean alone by a zone whose other antennas are far away.
    """
    could = antennas.beacons if credential.beacon else antennas.tags
    unheard = credential.unheard
    breadth = antennas.breadth(credential.beacon)
    loudest = [unheard] * len(could)
    sums = [0.0] * len(could)
    heard = [0] * len(could)
    tag = not credential.beacon
    for signal in credential.signals.values():
        level = level_of(signal, walking, at, breadth)
        if tag:
            level += 10.0 * log10(max(0.1, min(10.0, signal.recent)))  # tags near an antenna are read more often
        if level < unheard:
            level = unheard
        state = signal.state
        sums[state] += level
        heard[state] += 1
        if level > loudest[state]:
            loudest[state] = level
    return [
        LOUDEST * loudest[s] + (1.0 - LOUDEST) * (sums[s] + (could[s] - heard[s]) * unheard) / could[s]
        if could[s]
        else unheard
        for s in range(OUTSIDE + 1, len(could))
    ]

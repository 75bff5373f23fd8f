"""Which zone? A small probability over the zones, moved by what their readers hear and by walking."""

from __future__ import annotations

from math import exp, log, log10

from gateway.recognition.evidence import OUTSIDE, Antennas, Credential, Signal, faded
from gateway.recognition.left_behind import Whereabouts
from gateway.recognition.plan import Plan

NATS_PER_DB = 0.5  # per second and dB while walking: a few reads of one walk across a border decide it
STILL_SHARE = 0.06  # of that while staying: the same fading is heard again and again and proves nothing new
FARTHEST_DB = 6.0  # beyond this, quieter is not farther: one freak read must not decide
RESTLESS_PER_S = 0.5  # a walker is in another zone after two seconds as likely as not
RESTING_PER_S = 0.0005  # somebody who stays is not
AHEAD = 1.2  # times the way from the 15 s level to the 2 s level, once more
FRESH = 0.3  # of the way from the 2 s level to the last transmission, which knows best and fades most
LOUDEST = 0.4  # of what a zone scores is its loudest antenna
LEAST = 1e-4
TAG_SHARE = 0.35  # tags are heard strongest by another zone's antenna every second or third second


def unknown(zones: int) -> list[float]:
    """Nothing is known: each zone alike."""
    return [1.0 / zones] * zones


def surely(zones: int, zone: int) -> list[float]:
    """Known for certain to be in this zone (index into the plan's zones)."""
    rest = LEAST
    return [1.0 - rest * (zones - 1) if i == zone else rest for i in range(zones)]


def drift(belief: list[float], walking: float, seconds: float) -> list[float]:
    """The belief after ``seconds``: people walk into other zones."""
    gone = min(0.9, (RESTLESS_PER_S * walking + RESTING_PER_S) * seconds)
    share = gone / len(belief)
    return [p * (1.0 - gone) + share for p in belief]


def weigh(belief: list[float], scores: list[float], walking: float, seconds: float, tag: bool, breadth: float = 1.0) -> list[float]:
    """The belief after ``seconds`` in which the zones scored so (dBm)."""
    gain = NATS_PER_DB * (walking + STILL_SHARE * (1.0 - walking)) * seconds * breadth
    farthest = FARTHEST_DB
    if tag:
        gain *= TAG_SHARE
        farthest /= TAG_SHARE
    top = max(scores)
    least = top - farthest
    weighed = [
        p * exp(gain * ((score if score > least else least) - top)) for p, score in zip(belief, scores, strict=True)
    ]
    total = sum(weighed)
    return [max(LEAST, p / total) for p in weighed]


SETTLE_NATS = 0.5
SETTLE_S = 4.0
KEEP_NATS = 1.5


def settled(zones: list[float], target: list[float], stillness: float, seconds: float, state: int) -> list[float]:
    """The belief drawn towards what the mean levels of somebody who stays say (nats)."""
    top = max(target)
    target = [max(-12.0, t - top) + (KEEP_NATS if i == state - 1 else 0.0) for i, t in enumerate(target)]
    keep = exp(-stillness * seconds / SETTLE_S)
    mixed = [t + (log(p) - t) * keep for p, t in zip(zones, target, strict=True)]
    top = max(mixed)
    weighed = [exp(m - top) for m in mixed]
    total = sum(weighed)
    return [max(LEAST, p / total) for p in weighed]


def whereabouts(credential: Credential, plan: Plan, antennas: Antennas) -> Whereabouts:
    """Where one thing is by itself, and by how many dB its zone is louder than the next."""
    scores = zone_scores(credential, antennas, 0.0, credential.at)
    best = max(range(len(scores)), key=scores.__getitem__)
    rest = [score for zone, score in enumerate(scores) if zone != best]
    lead = scores[best] - max(rest, default=credential.unheard)
    heard = any(signal.state != OUTSIDE for signal in credential.signals.values())
    return Whereabouts(credential.identifier, plan.zones[best] if heard else None, lead, credential.at)


def heading(signal: Signal) -> float:
    """Where a walker is going, as one antenna hears it: the level lately, and on in the direction it has taken.

    What an antenna hears of somebody compared with what it heard before does not depend on how good an antenna it is.
    """
    return signal.stride + FRESH * (signal.now - signal.stride) + AHEAD * (signal.stride - signal.dwell)


def zone_scores(credential: Credential, antennas: Antennas, walking: float, at: float) -> list[float]:
    """How loud each zone hears a credential, dBm: between its loudest antenna and the mean of those that could.

    The loudest alone is fooled by one lucky path, the mean alone by a zone whose other antennas are far away.
    A walker is where the levels are now, somebody who stays is where they were over the last quarter minute.
    """
    could = antennas.beacons if credential.beacon else antennas.tags
    unheard = credential.unheard
    loudest = [unheard] * len(could)
    sums = [0.0] * len(could)
    heard = [0] * len(could)
    for signal in credential.signals.values():
        level = faded(signal, signal.dwell + walking * (heading(signal) - signal.dwell), at) + signal.lost_db
        if not credential.beacon:
            level += 10.0 * log10(max(0.1, min(10.0, signal.recent)))  # tags near an antenna are read more often
        level = max(level, unheard)
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

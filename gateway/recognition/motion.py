"""Is this person walking or staying? Levels of somebody who stays hold still; a walker's do not."""

from __future__ import annotations

from math import exp, log

from gateway.recognition.evidence import STRIDE_S, Link

STILL_VARIANCE = 9.0  # dB², (3 dB)²: one transmission of somebody who stands still, median over links
WALK_VARIANCE = 8.0  # dB², (2.8 dB)²: how far a walker's 3 s level strays from the 15 s level
FLOOR_VARIANCE = 0.15  # dB², from whole-dB levels and slow drift
RIPE_S = 4.0  # before this the 15 s level is not yet one
STARTS_PER_S = 1 / 600  # seated people get up every ten minutes
STOPS_PER_S = 1 / 40  # walks within a venue last half a minute or so
NEWCOMER = 0.5  # who is heard anew may be coming in, or seated when the gateway starts


def moved(walking: float, fresh: list[Link], seconds: float) -> float:
    """Probability of walking after a step of ``seconds`` in which these links were heard."""
    nats = 0.0
    for link in fresh:
        if link.at - link.met_at < RIPE_S:
            continue
        # Walking against staying: two zero-mean normals for the difference of the 3 s and the 15 s level.
        difference = link.stride - link.dwell
        still = STILL_VARIANCE / (2.0 * STRIDE_S) * link.gap + FLOOR_VARIANCE
        both = still + WALK_VARIANCE
        nats += 0.5 * (log(still / both) + difference * difference * WALK_VARIANCE / (still * both))
    nats *= seconds / STRIDE_S  # the 3 s level brings one new fact every three seconds
    odds = walking / (1.0 - walking) * exp(max(-4.0, min(4.0, nats)))
    walking = odds / (1.0 + odds)
    walking += ((1.0 - walking) * STARTS_PER_S - walking * STOPS_PER_S) * seconds
    return min(0.999, max(0.001, walking))

"""Is this person walking or staying? Levels of somebody who stays hold still; a walker's do not."""

from __future__ import annotations

from math import exp, log

from gateway.recognition.evidence import FADE_DB_PER_S, RESTLESS, STRIDE_S, Credential, Signal

WALK_VARIANCE = 8.0  # dB², (2.8 dB)²: how far a walker's 2 s level strays from the 15 s level
MOST_RESTLESS = 10.0  # dB²
WALKING_SHARE = 0.25  # nobody walks more of their time than this: a thing that seems to is restless by itself, …
LEARNT_PER_S = 0.03  # dB², … and is learnt so fast to be
NEW_DB = 12.0  # a new antenna that hears this much above what it may hear from anywhere has come nearer
FADE_AFTER_S = 2.0  # an antenna that heard somebody and falls silent has been left, too …
FADE_AFTER_GAPS = 5.0  # … if not by lost packets
RIPE_S = 4.0  # before this the 15 s level is not yet one
STARTS_PER_S = 1 / 600  # seated people get up every ten minutes
STOPS_PER_S = 1 / 40  # walks within a venue last half a minute or so
NEWCOMER = 0.5  # who is heard anew may be coming in, or seated when the gateway starts


def moved(walking: float, speaking: list[Credential], at: float, seconds: float) -> float:
    """Probability of walking after a step of ``seconds`` until ``at`` in which these credentials were heard."""
    nats = 0.0
    learnt = LEARNT_PER_S * (walking - WALKING_SHARE) * seconds
    for credential in speaking:
        if credential.beacon:  # a tag's owner is told from its lying by its rate, not by its levels
            credential.restless = min(MOST_RESTLESS, max(RESTLESS, credential.restless + learnt))
        known = at - credential.met_at >= RIPE_S
        for signal in credential.signals.values():
            if signal.updated_at - signal.met_at >= RIPE_S:
                silence = at - signal.updated_at - FADE_AFTER_S - FADE_AFTER_GAPS * signal.gap
                fallen = FADE_DB_PER_S * silence if silence > 0.0 else 0.0
                nats += _nats(signal.stride - signal.dwell - fallen, signal, credential.restless)
            elif known and signal.updated_at >= at - RIPE_S:
                nats += _nats(max(0.0, signal.now - credential.unheard - NEW_DB), signal, credential.restless)
    nats *= seconds / STRIDE_S  # the 2 s level brings one new fact every two seconds
    odds = walking / (1.0 - walking) * exp(max(-4.0, min(4.0, nats)))
    walking = odds / (1.0 + odds)
    walking += ((1.0 - walking) * STARTS_PER_S - walking * STOPS_PER_S) * seconds
    return min(0.999, max(0.001, walking))


def _nats(difference: float, signal: Signal, restless: float) -> float:
    """For walking, against staying: two zero-mean normals for the difference of the 2 s and the 15 s level (dB)."""
    still = signal.white / (2.0 * STRIDE_S) * signal.gap + restless
    both = still + WALK_VARIANCE
    return 0.5 * (log(still / both) + difference * difference * WALK_VARIANCE / (still * both))

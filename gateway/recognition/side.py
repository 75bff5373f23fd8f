"""Inside or outside? Weight of evidence in nats, step by step, as a door needs it: slow to be sure, and sure then."""

from __future__ import annotations

from math import exp, log10

from gateway.recognition.evidence import OUTSIDE, Credential, Link, faded

STRANGE = -3.0  # nats: one in twenty of those heard at a door comes in
SUREST = 5.0  # nats; more would take too long to unlearn
LEAST = -3.5  # nats; of those surely in the street now, some come in the next second
NATS_PER_DB = 0.14  # per second, both sides heard: 10 dB louder inside convince in five seconds
FARTHEST_DB = 20.0
INSIDE_ONLY = 3.0  # nats per second, heard well inside and not at all outside
OUTSIDE_ONLY = -2.0  # nats per second
CLEAR_DB = 8.0  # above faint is plain
CLEAREST = 1.75  # 14 dB above faint
STREAK = 7  # reads inside without one outside are plain, however faint
STREAK_STEP_S = 0.25
CROSSING_S = 8.0  # a walk through a door from being heard outside to being heard inside
BEACON_APART_S = 2.5  # not heard for longer on one side than this is not heard there: three transmissions
TAG_APART_S = 0.6  # … six reads of a tag
LAST_WORD_S = 2.0  # silence after which the last reader to hear somebody has had the last word
LAST_WORD = 6.5  # nats, if that was inside and clear: who goes on in is heard there last
FORGOTTEN_S = 10.0
STILL_SHARE = 0.2  # of the evidence counts while somebody stays in one spot: it is the same fading again


def probability(nats: float) -> float:
    """Of being inside."""
    return 1.0 / (1.0 + exp(-nats))


def moved(nats: float, evidence: float) -> float:
    """The weight of evidence after some more of it."""
    return max(LEAST, min(SUREST, nats + evidence))


def weigh(credential: Credential, listens_outside: bool, walking: float, at: float, seconds: float) -> float:
    """Nats for "inside" from ``seconds`` of hearing this credential; ``at`` is the end of the step.

    ``listens_outside``: some outer reader can hear credentials of this kind, so that its silence says something.
    """
    inside: Link | None = None
    outside: Link | None = None
    for link in credential.links.values():
        if at - link.at > _memory(link, credential):
            continue
        if link.state != OUTSIDE:
            if inside is None or link.now > inside.now:
                inside = link
        elif link.role == "outer" and (outside is None or link.now > outside.now):
            outside = link
    _count_streak(credential, inside, outside)
    if inside is None:
        return OUTSIDE_ONLY * seconds if outside is not None else 0.0
    if outside is None:
        return INSIDE_ONLY * _clarity(inside.now, credential, listens_outside) * seconds
    difference = faded(inside, inside.now, at) - faded(outside, outside.now, at)
    if not credential.beacon:  # tags near an antenna are read more often: twice as often is 3 dB
        difference += 10.0 * log10((_lately(inside, at) + 0.3) / (_lately(outside, at) + 0.3))
    difference = max(-FARTHEST_DB, min(FARTHEST_DB, difference))
    return NATS_PER_DB * (walking + STILL_SHARE * (1.0 - walking)) * difference * seconds


def _memory(link: Link, credential: Credential) -> float:
    """Seconds of silence after which an antenna no longer hears a credential."""
    if credential.beacon:
        return max(BEACON_APART_S, 2.5 * credential.gap)
    return max(TAG_APART_S, 3.0 * link.gap)


def _lately(link: Link, at: float) -> float:
    """Reads of about the last second."""
    return link.recent * exp(min(0.0, link.updated_at - at))


def _count_streak(credential: Credential, inside: Link | None, outside: Link | None) -> None:
    """Counts the steps in which nobody outside hears a credential any more."""
    if outside is not None and (inside is None or outside.at >= inside.at):
        credential.streak = 0
        credential.streak_dbm = float("-inf")
    elif inside is not None:
        if outside is not None and outside.at >= inside.first_at and outside.at > inside.at - STREAK_STEP_S:
            credential.streak = 0
        credential.streak += inside.fresh
        credential.streak_dbm = max(credential.streak_dbm, inside.now)


def _clarity(level: float, credential: Credential, listens_outside: bool) -> float:
    """How well being heard inside alone speaks for being inside, 1 being plain.

    A faint level (dBm) may have come through a wall; many reads in a row without one outside have not.
    """
    clear = min(CLEAREST, (level - credential.faint) / CLEAR_DB)
    if not listens_outside:
        return max(-0.3, clear)
    return max(0.15, clear, min(1.0, credential.streak / STREAK))


def last_word(credential: Credential, listens_outside: bool, now: float) -> float:
    """Nats for "inside" once a credential has fallen silent: who heard it last, and how clearly?"""
    last = max(credential.links.values(), key=lambda link: link.at)
    if last.state == OUTSIDE or not LAST_WORD_S <= now - last.at < FORGOTTEN_S:
        return 0.0
    if credential.beacon and last.role != "inner":
        return 0.0  # a room hears beacons from afar, and of one that is in it more than one transmission
    outer_at = max((link.at for link in credential.links.values() if link.role == "outer"), default=float("-inf"))
    if credential.beacon and outer_at > last.at - 2.0 * BEACON_APART_S:
        return 0.0  # both sides hear each transmission of a beacon, and which is later by a millisecond is chance
    if outer_at > last.at - CROSSING_S:  # a few reads inside after many outside may be chance
        return LAST_WORD * min(1.0, credential.streak / STREAK)
    level = max(last.now, credential.streak_dbm)
    return LAST_WORD * min(1.0, max(0.0, _clarity(level, credential, listens_outside)))

"""Inside or outside? Weight of evidence in nats, step by step, as a door needs it: slow to be sure, and sure then."""

from __future__ import annotations

from math import exp, log10

from gateway.recognition.evidence import OUTSIDE, Credential, Link, faded

STRANGE = -3.0  # nats: one in twenty of those heard at a door comes in
SUREST = 5.0  # nats either way; more would take too long to unlearn
NATS_PER_DB = 0.1  # per second, both sides heard: 10 dB louder inside convince in six seconds
FARTHEST_DB = 15.0
INSIDE_ONLY = 3.0  # nats per second, heard well inside and not at all outside
OUTSIDE_ONLY = -2.0  # nats per second
CLEAREST = 1.75  # 14 dB above faint
APART_S = 2.5  # heard on the other side longer ago than this is not heard there
LAST_WORD_S = 2.0  # silence after which the last reader to hear somebody has had the last word
LAST_WORD = 5.0  # nats, if that was inside and clear: who goes on in is heard there last
FORGOTTEN_S = 10.0
STILL_SHARE = 0.3  # of the evidence counts while somebody stays in one spot: it is the same fading again


def probability(nats: float) -> float:
    """Of being inside."""
    return 1.0 / (1.0 + exp(-nats))


def moved(nats: float, evidence: float) -> float:
    """The weight of evidence after some more of it."""
    return max(-SUREST, min(SUREST, nats + evidence))


def weigh(credential: Credential, listens_outside: bool, walking: float, at: float, seconds: float) -> float:
    """Nats for "inside" from ``seconds`` of hearing this credential; ``at`` is the end of the step.

    ``listens_outside``: some outer reader can hear credentials of this kind, so that its silence says something.
    """
    inside: Link | None = None
    outside: Link | None = None
    apart = max(APART_S, 2.5 * credential.gap)
    for link in credential.links.values():
        if at - link.at > apart:
            continue
        if link.state != OUTSIDE:
            if inside is None or link.now > inside.now:
                inside = link
        elif link.role == "outer" and (outside is None or link.now > outside.now):
            outside = link
    if inside is None:
        return OUTSIDE_ONLY * seconds if outside is not None else 0.0
    if outside is None:
        return INSIDE_ONLY * clarity(inside.now, credential, listens_outside) * seconds
    difference = faded(inside, inside.now, at) - faded(outside, outside.now, at)
    if not credential.beacon:  # tags near an antenna are read more often: twice as often is 3 dB
        difference += 10.0 * log10((inside.recent + 0.3) / (outside.recent + 0.3))
    difference = max(-FARTHEST_DB, min(FARTHEST_DB, difference))
    return NATS_PER_DB * (walking + STILL_SHARE * (1.0 - walking)) * difference * seconds


def clarity(level: float, credential: Credential, listens_outside: bool) -> float:
    """How well a level (dBm) heard inside alone speaks for being inside, 1 being plain; walls pass faint ones."""
    least = 0.15 if listens_outside else -0.3
    return max(least, min(CLEAREST, (level - credential.faint) / 8.0))


def last_word(credential: Credential, listens_outside: bool, now: float) -> float:
    """Nats for "inside" once a credential has fallen silent: who heard it last, and how clearly?"""
    last = max(credential.links.values(), key=lambda link: link.at)
    if last.state == OUTSIDE or not LAST_WORD_S <= now - last.at < FORGOTTEN_S:
        return 0.0
    if credential.beacon and any(k.role == "outer" and k.at > last.at - 2 * APART_S for k in credential.links.values()):
        return 0.0  # both sides hear each transmission of a beacon, and which is later by a millisecond is chance
    return LAST_WORD * max(0.0, clarity(last.now, credential, listens_outside))

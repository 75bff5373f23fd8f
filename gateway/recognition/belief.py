"""A small probability over {outside, each zone}, moved by evidence and by time."""

from __future__ import annotations

from math import exp

NATS_PER_DB = 0.15  # per second of evidence: 20 dB heard in one zone alone are worth 3 nats a second
FARTHEST_DB = 20.0  # beyond this, louder is not surer
RESTLESS = 0.02  # share of people who change zone in any one second
PRIOR_OUTSIDE = 0.95


def prior(states: int) -> list[float]:
    """What we believe of somebody unheard of: most probably outside."""
    inside = (1.0 - PRIOR_OUTSIDE) / max(1, states - 1)
    return [PRIOR_OUTSIDE] + [inside] * (states - 1)


def drift(belief: list[float], seconds: float) -> list[float]:
    """The belief after a time without evidence: people change zones."""
    moved = min(0.5, RESTLESS * seconds)
    share = moved / len(belief)
    return [p * (1.0 - moved) + share for p in belief]


def weigh(belief: list[float], levels: list[float | None], faint: float, seconds: float) -> list[float]:
    """The belief after ``seconds`` of hearing these levels (dBm, None: unheard there).

    ``faint`` is the level at which being heard says nothing about being inside; outside never scores less.
    """
    heard = [level for level in levels if level is not None]
    if not heard:
        return belief
    quietest = max(heard) - FARTHEST_DB
    gain = NATS_PER_DB * seconds
    scores = [quietest if level is None or level < quietest else level for level in levels]
    scores[0] = max(scores[0], min(faint, max(heard)) if levels[0] is None else scores[0])
    top = max(scores)
    weighed = [p * exp(gain * (score - top)) for p, score in zip(belief, scores, strict=True)]
    total = sum(weighed)
    return [max(1e-9, p / total) for p in weighed]


def surely(states: int, state: int) -> list[float]:
    """The belief of somebody whose place is known for certain."""
    rest = 0.002 / max(1, states - 1)
    return [0.998 if i == state else rest for i in range(states)]

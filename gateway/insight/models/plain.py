"""The plain rules on arrays, for houses of hundreds of thousands: the same numbers, in seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gateway.insight.facts import BANDS
from gateway.insight.models.arrays import Floats, floats
from gateway.insight.models.history import History, Ints, Known, known
from gateway.insight.rhythm import BLOCK, BLOCKS


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the plain rules say of everybody who came before a day."""

    known: Known
    bands: Ints
    """Places in ``facts.BANDS``."""
    own: Floats
    """Own stickiness of every customer, also of those who never came."""


def ruled(of: History, on: int) -> Ruled:
    """Silence, ratio, band and own stickiness of everybody."""
    at = known(of, on)
    return Ruled(at, bands(at.silent, at.ratio), own_stickiness(of, on))


def bands(silent: Floats, ratio: Floats) -> Ints:
    """The band of each, as a place in ``facts.BANDS``."""
    found = np.full(len(silent), len(BANDS) - 1, np.int64)
    found[ratio < 6] = 2
    found[(ratio < 3) | (silent < 30)] = 1
    found[(ratio < 1.5) | (silent < 14)] = 0
    return found


def own_stickiness(of: History, on: int) -> Floats:
    """Of the twelve blocks of 30 days before ``on``, the share in which each came."""
    who = np.repeat(np.arange(of.customers, dtype=np.int32), np.diff(of.starts))
    late = (of.days < on) & (of.days >= on - BLOCK * BLOCKS)
    block = (on - 1 - of.days[late]) // BLOCK
    who = who[late]
    anew = np.ones(len(who), np.bool_)
    anew[1:] = (who[1:] != who[:-1]) | (block[1:] != block[:-1])
    return floats(np.bincount(who[anew], minlength=of.customers) / BLOCKS)


def stickiness(own: Floats, a: Ints, b: Ints, theta: Floats, net: Floats) -> tuple[Floats, Floats, Floats]:
    """With ties a–b, each once: how sticky everybody is, their influence, and that in money; one hop."""
    number = len(own)

    def summed(to: Ints, values: Floats) -> Floats:
        return floats(np.bincount(to, values, number))

    whole = own + summed(a, theta * own[b]) + summed(b, theta * own[a])
    lends = summed(a, theta) + summed(b, theta)
    gain = np.maximum(net, 0.0)
    money = summed(a, theta * gain[b]) + summed(b, theta * gain[a])
    return whole, lends * own, money

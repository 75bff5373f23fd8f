"""What makes levels go up and down: the way walked, bodies that pass, arms that move."""

from __future__ import annotations

from math import cos, exp, pi, sqrt
from random import Random

from gateway.recognition.simulator.venue import Radio

FAST_SPREAD = 0.3  # paths differ: some hardly fade, some fade deeply
NOISE_DB = 0.5
SCAN_SPREAD = 0.35
WAVES = 24  # a sum of so many is as good as a Gaussian field
LIMB_DB = (0.0, 14.0)  # what an arm and the body behind it take, by where the arm is
LIMB_M = (0.1, 0.6)  # how far a hand goes when an arm moves


class Path:
    """Fading between one thing and one antenna, correlated over the way walked."""

    __slots__ = ("_fast", "_fast_db", "_radio", "_rng", "_slow", "_walked", "channel")

    def __init__(self, rng: Random, fast_db: float, radio: Radio) -> None:
        self._rng = rng
        self._radio = radio
        self._fast_db = fast_db = fast_db * exp(rng.gauss(0.0, FAST_SPREAD))
        self._walked = 0.0
        self._slow = rng.gauss(0.0, radio.slow_db)
        self._fast = [rng.gauss(0.0, fast_db) for _ in range(3)]
        self.channel = 0
        """The one of three that was used last."""

    def fading(self, walked: float, channel: int | None) -> float:
        """dB at this point of the way, on this channel, or on any of the three."""
        moved = walked - self._walked
        if moved > 0.0:
            self._walked = walked
            self._slow = _step(self._rng, self._slow, self._radio.slow_db, exp(-moved / self._radio.slow_m))
            keep = exp(-moved / self._radio.fast_m)
            self._fast = [_step(self._rng, f, self._fast_db, keep) for f in self._fast]
        self.channel = self._rng.randrange(3) if channel is None else channel
        return self._slow + self._fast[self.channel] + self._rng.gauss(0.0, NOISE_DB)


class Place:
    """What a place does to a reader's level at each spot, for as long as the furniture stays: a smooth random field."""

    __slots__ = ("_scale", "_waves")

    def __init__(self, name: str, place_db: float, place_m: float) -> None:
        rng = Random(name)
        self._scale = place_db * sqrt(2.0 / WAVES)
        self._waves = [_wave(rng, place_m) for _ in range(WAVES)]

    def level(self, x: float, y: float, z: float) -> float:
        """dB at a point, in metres."""
        return self._scale * sum(cos(a * x + b * y + c * z + phase) for a, b, c, phase in self._waves)


class Passers:
    """Bodies of others that come and go, whoever stands still: fades that are correlated over time."""

    __slots__ = ("_at", "_now", "_rng", "_seconds", "_sigma")

    def __init__(self, rng: Random, sigma_db: float, seconds: float) -> None:
        self._rng = rng
        self._sigma = sigma_db
        self._seconds = seconds
        self._at = float("-inf")
        self._now = 0.0

    def level(self, t: float) -> float:
        """dB at this time (s); times must not go back."""
        if self._sigma and t > self._at:
            self._now = _step(self._rng, self._now, self._sigma, exp(-(t - self._at) / self._seconds))
            self._at = t
        return self._now


class Scan:
    """A receiver that listens on one of the three channels after another, never quite equally long."""

    __slots__ = ("_channel", "_rng", "_seconds", "_until")

    def __init__(self, rng: Random, seconds: float) -> None:
        self._rng = rng
        self._seconds = seconds
        self._channel = rng.randrange(3)
        self._until = float("-inf")

    def channel(self, t: float) -> int:
        """The one of three on which it listens at this time (s); times must not go back."""
        if self._until == float("-inf"):
            self._until = t + self._rng.uniform(0.0, self._seconds)
        while t >= self._until:
            self._channel = (self._channel + 1) % 3
            self._until += max(0.2 * self._seconds, self._rng.gauss(self._seconds, SCAN_SPREAD * self._seconds))
        return self._channel


class Limb:
    """An arm with something on its wrist: it moves now and then, whether its owner walks or sits."""

    __slots__ = ("_moved", "_next", "_rng", "_seconds", "shade_db")

    def __init__(self, rng: Random, seconds: float) -> None:
        self._rng = rng
        self._seconds = seconds
        self._next = float("-inf")
        self._moved = 0.0
        self.shade_db = 0.0
        """What arm and body take since it last moved."""

    def moved(self, t: float) -> float:
        """Metres that the hand has gone in all, until this time (s)."""
        if t >= self._next:
            self._next = t + self._rng.expovariate(1.0 / self._seconds)
            self._moved += self._rng.uniform(*LIMB_M)
            self.shade_db = self._rng.uniform(*LIMB_DB)
        return self._moved


def _wave(rng: Random, place_m: float) -> tuple[float, float, float, float]:
    """How fast a wave turns along each axis (rad/m), and where it begins (rad)."""
    turns = 1.0 / place_m
    return rng.gauss(0.0, turns), rng.gauss(0.0, turns), rng.gauss(0.0, turns), rng.uniform(0.0, 2.0 * pi)


def _step(rng: Random, value: float, sigma: float, keep: float) -> float:
    return value * keep + rng.gauss(0.0, sigma) * float((1.0 - keep * keep) ** 0.5)

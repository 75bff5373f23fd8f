"""How much of each bench is run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """One size of all benches; times in seconds."""

    name: str
    runs: int
    """Runs, or pairs of runs, of which the median is told."""
    sockets: int
    loads: tuple[int, ...]
    """Sightings a second behind which an arrival is timed."""
    arrivals: int
    """Arrivals in one run, half by pty and half by MQTT."""
    warm_s: float
    flood_s: float
    """How long each side of a pair is driven as fast as it goes."""
    customers: tuple[int, ...]
    looks: int
    """Look-ups timed in one run."""
    write_s: float
    decode_s: float
    """Processor time that each side of a pair of decoders gets."""
    strangers: int
    """Tags that nobody knows, each heard once."""
    crowds: tuple[int, ...]
    """Tracks who are present at once."""
    pulse_s: float
    deaf: int = 0
    """Tablets beside the others that read nothing."""
    imported: int = 100_000
    """Customers in one file."""
    crowd: int = 1_000
    """Tablets that are told of one arrival."""


FULL = Scale(
    "full",
    3,
    50,
    (50, 5000),
    120,
    4.0,
    2.5,
    (1_000, 50_000, 1_000_000),
    100_000,
    2.0,
    0.3,
    1_000_000,
    (1_000, 5_000),
    10.0,
)
QUICK = Scale(
    "quick", 1, 50, (50, 5000), 80, 3.0, 2.0, (1_000, 50_000), 50_000, 2.0, 0.2, 200_000, (1_000,), 5.0, imported=20_000
)
TINY = Scale("tiny", 1, 4, (50,), 6, 0.5, 0.4, (50,), 1_000, 0.3, 0.02, 2_000, (20,), 1.0, imported=50, crowd=12)
"""Proves that every bench still runs; its numbers mean nothing."""

SCALES = {each.name: each for each in (FULL, QUICK, TINY)}

"""A house full of tablets: latency with four times as many live sockets, and one more that reads nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmarks import latency
from benchmarks.report import Table
from benchmarks.scale import Scale

TIMES = 4


def bench(scale: Scale, profile: Path | None = None) -> list[Table]:
    """At the lowest load: what grows with tablets is the sending."""
    crowd = replace(scale, sockets=TIMES * scale.sockets, loads=scale.loads[:1], deaf=1)
    return latency.bench(crowd, profile)

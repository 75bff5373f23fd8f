"""CDNOW, a tenth of it: 18 months of purchases of 2,357 people, as the package ``lifetimes`` carries them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest

PACKAGE = "lifetimes==0.11.3"
MEMBER = "lifetimes/datasets/CDNOW_sample.txt"
KEPT = Path(tempfile.gettempdir()) / "moments-data-sets"
UNTIL = date(1997, 10, 1)
"""The first day after calibration."""
END = date(1998, 7, 1)


@dataclass(frozen=True)
class Buyer:
    """One person: the days on which they bought, in order, and what they paid in cents."""

    id: str
    days: tuple[int, ...]
    cents: tuple[int, ...]


@cache
def buyers() -> tuple[Buyer, ...]:
    """All of them; skips the test where the package cannot be had."""
    wheels = sorted(KEPT.glob("*ifetimes-0.11.3-*.whl"))
    if not wheels:
        KEPT.mkdir(exist_ok=True)
        asked = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
        asked += ["-d", str(KEPT), PACKAGE]
        done = subprocess.run(asked, capture_output=True, timeout=100, check=False)
        wheels = sorted(KEPT.glob("*ifetimes-0.11.3-*.whl"))
        if done.returncode or not wheels:
            pytest.skip(f"the CDNOW data set needs a package index that has {PACKAGE}")
    with zipfile.ZipFile(wheels[0]) as wheel:
        lines = [line.split() for line in wheel.read(MEMBER).decode().splitlines() if line.strip()]
    assert len(lines) == 6919
    found: dict[str, dict[int, int]] = {}
    for _, sample, day, _, paid in lines:
        when = date(int(day[:4]), int(day[4:6]), int(day[6:])).toordinal()
        days = found.setdefault(sample, {})
        days[when] = days.get(when, 0) + round(float(paid) * 100)
    assert len(found) == 2357
    return tuple(
        Buyer(each, tuple(sorted(days)), tuple(days[day] for day in sorted(days)))
        for each, days in sorted(found.items())
    )

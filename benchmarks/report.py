"""What a bench prints: the machine it ran on, and tables."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from gateway.records.sqlite_file import sqlite3

__all__ = ["Table", "machine", "median", "quantile", "spread"]


@dataclass(slots=True)
class Table:
    """One bench's result; ``notes`` say how it was measured and what is bad about it."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [self.columns, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.columns))]
        told = [_aligned(line, widths) for line in lines]
        told.insert(1, "-" * len(told[0]))
        return "\n".join([f"\n{self.title}", *told, *(f"# {note}" for note in self.notes)])


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = line
    return "  ".join([first.ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(rest, widths[1:], strict=True))])


def machine() -> str:
    """Cores, load, memory, Python and SQLite of this machine, and the time, on one line."""
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC: {os.cpu_count()} cores ({_processor()}), "
        f"{memory:.0f} GiB, load {load}, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def quantile(values: Iterable[float], q: float) -> float:
    """The smallest value that a share ``q`` (0 to 1) of all values does not exceed; NaN where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else float("nan")


def spread(values: Sequence[float], form: str = "{:.2f}") -> str:
    """The median with the least and the greatest: ``0.48 (0.45-0.50)``."""
    least, greatest = form.format(min(values)), form.format(max(values))
    middle = form.format(median(values))
    return middle if least == greatest else f"{middle} ({least}-{greatest})"

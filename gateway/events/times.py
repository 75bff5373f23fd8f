"""Seconds since 1970 UTC, and how they are written; ids that sort by time."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

DAY = 86_400.0
END_OF_TIME = 7_258_118_400.0  # 2200-01-01: what is said of any later day was meant otherwise
FAR_OFF = "too far off; expected a year from 1970 to 2199, or nothing where there is no end"
BEGINNING, END_OF_CALENDAR = -62_135_596_800, 253_402_300_799  # of what Python writes: 0001 to 9999
NOISE = 10  # bytes in one id

_noise: list[int] = []  # asked of the system for many ids at once; each is used once
os.register_at_fork(after_in_child=_noise.clear)


def now() -> float:
    """The wall clock, in seconds since 1970 UTC."""
    return time.time()


def iso(at: float) -> str:
    """``at`` as ISO 8601 in UTC with milliseconds and ``Z``."""
    second, thousandths = divmod(round(round(at, 3) * 1000), 1000)
    return f"{_to_the_second(second)}.{thousandths:03d}Z"


@lru_cache(256)
def _to_the_second(second: int) -> str:
    """What most times of one event share, and the next event's with them; of a time beyond the calendar its end."""
    second = min(max(second, BEGINNING), END_OF_CALENDAR)
    return datetime.fromtimestamp(second, UTC).isoformat(timespec="seconds")[:19]


def seconds(value: str | float | None) -> float | None:
    """Seconds since 1970 UTC of an ISO 8601 text (without a zone: UTC) or a number; None stays None.

    Raises ValueError for a text that is no time.
    """
    if value is None or isinstance(value, int | float):
        return value
    moment = datetime.fromisoformat(value)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def new_id(at: float | None = None) -> str:
    """A UUIDv7 (RFC 9562): unique, and sorted by its time of birth to the millisecond."""
    milliseconds = round((now() if at is None else at) * 1000) & (1 << 48) - 1
    try:
        noise = _noise.pop()
    except IndexError:
        fresh = os.urandom(NOISE * 100)
        _noise.extend(int.from_bytes(fresh[first : first + NOISE], "big") for first in range(0, len(fresh), NOISE))
        noise = _noise.pop()
    text = f"{milliseconds << 80 | 7 << 76 | (noise >> 68) << 64 | 2 << 62 | noise & (1 << 62) - 1:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def written(facts: Mapping[str, Any], times: Collection[str]) -> dict[str, Any]:
    """``facts`` as an event holds them: those named in ``times`` as text."""
    return {key: iso(value) if key in times and value is not None else value for key, value in facts.items()}


def read(data: Mapping[str, Any], times: Collection[str]) -> dict[str, Any]:
    """The same the other way round; a number stays one."""
    return {key: seconds(value) if key in times else value for key, value in data.items()}


def shifted(facts: Mapping[str, Any], times: Collection[str], by: float) -> dict[str, Any]:
    """Those of ``facts`` that are named in ``times``, written as text, by so many seconds later."""
    return {key: iso(at + by) for key in times if (at := seconds(facts.get(key))) is not None}


def born(id: str) -> float:  # noqa: A002
    """When a UUIDv7 was made, in seconds since 1970 UTC; raises ValueError for a text that is none."""
    made = uuid.UUID(id)
    if made.version != 7:
        raise ValueError(f"{id!r} is no UUIDv7")
    return (made.int >> 80) / 1000

"""Seconds since 1970 UTC, and how they are written; ids that sort by time."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

DAY = 86_400.0


def now() -> float:
    """The wall clock, in seconds since 1970 UTC."""
    return time.time()


def iso(at: float) -> str:
    """``at`` as ISO 8601 in UTC with milliseconds and ``Z``."""
    moment = datetime.fromtimestamp(round(at, 3), UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


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
    milliseconds = int((now() if at is None else at) * 1000) & (1 << 48) - 1
    noise = int.from_bytes(os.urandom(10), "big")
    return str(uuid.UUID(int=milliseconds << 80 | 7 << 76 | (noise >> 68) << 64 | 2 << 62 | noise & (1 << 62) - 1))


def written(facts: Mapping[str, Any], times: Collection[str]) -> dict[str, Any]:
    """``facts`` as an event holds them: those named in ``times`` as text."""
    return {key: iso(value) if key in times and value is not None else value for key, value in facts.items()}


def read(data: Mapping[str, Any], times: Collection[str]) -> dict[str, Any]:
    """The same the other way round; a number stays one."""
    return {key: seconds(value) if key in times else value for key, value in data.items()}


def born(id: str) -> float:  # noqa: A002
    """When a UUIDv7 was made, in seconds since 1970 UTC; raises ValueError for a text that is none."""
    made = uuid.UUID(id)
    if made.version != 7:
        raise ValueError(f"{id!r} is no UUIDv7")
    return (made.int >> 80) / 1000

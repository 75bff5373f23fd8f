"""Seconds since 1970 UTC, and how they are written; ids that sort by time."""

from __future__ import annotations

import os
import time
import uuid
from datetime import UTC, datetime

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

"""Days and weeks of a venue's own calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Named = Literal["day", "yesterday", "week", "last_week"]
EARLIEST, LATEST = date(1970, 1, 12), date(2199, 12, 20)  # days around which there is a week on either side


@dataclass(slots=True, frozen=True)
class Period:
    """Days from ``first`` to ``last``, both of them in it; ``start`` and ``end`` in seconds since 1970 UTC."""

    first: date
    last: date
    start: float
    end: float


def period(named: Named, on: date, timezone: ZoneInfo) -> Period:
    """The day ``on``, the one before, or the week from Monday to Sunday that holds it, or the one before."""
    first, days = on, 1
    if named == "yesterday":
        first -= timedelta(days=1)
    elif named != "day":
        first -= timedelta(days=on.weekday() + (7 if named == "last_week" else 0))
        days = 7
    last = first + timedelta(days=days - 1)
    return Period(first, last, _midnight(first, timezone), _midnight(last + timedelta(days=1), timezone))


def _midnight(on: date, timezone: ZoneInfo) -> float:
    return datetime.combine(on, time(), timezone).timestamp()

"""Days of consents: the last one ends at 24:00 of the venue's calendar, also where clocks change that night."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from math import inf

WITHOUT_NOTICE = 90
"""Days that a consent counts of which nobody knows which text was read."""


def end_of(day: date, zone: tzinfo) -> float:
    """When a day of this zone is over, in seconds since 1970 UTC; 23 or 25 hours after it began where clocks change."""
    return datetime.combine(day + timedelta(days=1), time(), zone).timestamp()


def day_of(at: float, zone: tzinfo) -> date:
    """The day of this zone at a time in seconds since 1970 UTC."""
    return datetime.fromtimestamp(at, zone).date()


def last_day(ends: float, zone: tzinfo) -> date | None:
    """The last day of what ends at a time: that on which it is over; None of what has no end."""
    if ends == inf:
        return None
    whole = int(ends)
    return datetime.fromtimestamp(whole if ends > whole else whole - 1, UTC).astimezone(zone).date()


def after_months(day: date, months: int) -> date:
    """The same day so many months later, or the last one of that month where it has no such day."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def before_month(month: str) -> date:
    """The last day before a month such as 2031-05; raises ValueError for a text that is none."""
    year, _, number = month.partition("-")
    if not (len(year) == 4 and len(number) == 2 and (year + number).isascii() and (year + number).isdigit()):
        raise ValueError("expected a month like 2031-05")
    return date(int(year), int(number), 1) - timedelta(days=1)

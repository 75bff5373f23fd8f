"""The venue's own calendar: where its days end, and what a time means that names no zone.

A gateway is of one venue, so its zone is kept once, as a process has one TZ; until it is known it is UTC.
"""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from gateway.events.times import DAY, END_OF_TIME, FAR_OFF, iso

YEARS = range(1970, 2200)
ZONE_FILE = "timezone"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

_zone: list[tzinfo] = [UTC]


def use(timezone: str, folder: Path | None = None) -> None:
    """From now on days are those of this zone; ``folder`` remembers it for commands that know no settings."""
    _zone[0] = ZoneInfo(timezone)
    if folder is not None:
        with suppress(OSError):  # a full disk: such a command takes UTC's days
            (folder / ZONE_FILE).write_text(timezone)


def use_that_of(folder: Path, config: Path | None = None) -> None:
    """The zone of the venue whose data folder this is, else as its settings say; UTC where neither is known."""
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        if config is not None:
            _zone[0] = ZoneInfo(tomllib.loads(config.read_text("utf-8"))["venue"]["timezone"])
    if (kept := kept_in(folder)) is not None:
        _zone[0] = ZoneInfo(kept)


def kept_in(folder: Path) -> str | None:
    """The name of the zone that a data folder remembers; None where it remembers none that there is."""
    with suppress(OSError, ValueError, KeyError):
        name = (folder / ZONE_FILE).read_text("utf-8").strip()
        ZoneInfo(name)
        return name
    return None


def zone() -> tzinfo:
    """The venue's time zone."""
    return _zone[0]


def end_of(day: date) -> float:
    """When a day of the venue is over, in seconds since 1970 UTC; 23 or 25 hours after it began where clocks change."""
    return datetime.combine(day + timedelta(days=1), time(), zone()).timestamp()


def ending(text: str) -> float:
    """The end of what lasts until ``text``: all of that day of the venue, or an ISO 8601 time.

    Raises ValueError, as ``moment`` does.
    """
    if not DATE.fullmatch(text):
        if "T" not in text:
            raise ValueError("expected a date like 2027-12-31, or an ISO 8601 time")
        return moment(text)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValueError("is no day of any calendar") from None
    if day.year not in YEARS:
        raise ValueError(FAR_OFF)
    return end_of(day)


def ending_text(end: float) -> str:
    """The same the other way round."""
    end = round(end, 3)
    if not 0 < end < END_OF_TIME + DAY:
        return iso(end)
    day = datetime.fromtimestamp(end - 1, zone()).date()
    return day.isoformat() if end_of(day) == end else iso(end)


def moment(text: str) -> float:
    """Seconds since 1970 UTC of an ISO 8601 text from outside; without a zone it is the venue's time.

    Raises ValueError for a text that is no time, or one that is absurd: before 1970 or after 2199.
    """
    try:
        said = datetime.fromisoformat(text)
        at = (said if said.tzinfo else said.replace(tzinfo=zone())).timestamp()
    except (ValueError, OverflowError):
        raise ValueError("expected a time like 2026-11-22T10:00:00Z") from None
    if not 0 <= at < END_OF_TIME:
        raise ValueError(FAR_OFF)
    return at

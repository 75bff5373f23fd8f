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

from gateway.events.times import iso

LATEST = 253_370_764_800.0  # the year 9999
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
    with suppress(OSError, ValueError, KeyError):
        _zone[0] = ZoneInfo((folder / ZONE_FILE).read_text().strip())


def zone() -> tzinfo:
    """The venue's time zone."""
    return _zone[0]


def end_of(day: date) -> float:
    """When a day of the venue is over, in seconds since 1970 UTC; 23 or 25 hours after it began where clocks change."""
    return datetime.combine(day + timedelta(days=1), time(), zone()).timestamp()


def ending(text: str) -> float:
    """The end of what lasts until ``text``: all of that day of the venue, or an ISO 8601 time. Raises ValueError."""
    if DATE.fullmatch(text):
        try:
            return end_of(date.fromisoformat(text))
        except OverflowError:
            raise ValueError(f"{text!r} is too far away") from None
    if "T" not in text:
        raise ValueError(f"{text!r} is neither a date nor an ISO 8601 time")
    return moment(text)


def ending_text(end: float) -> str:
    """The same the other way round."""
    last = datetime.fromtimestamp(end, zone()) - timedelta(seconds=1)
    day = datetime.fromtimestamp(last.timestamp(), zone()).date()
    return day.isoformat() if end_of(day) == end else iso(end)


def moment(text: str) -> float:
    """Seconds since 1970 UTC of an ISO 8601 text; without a zone it is the venue's time. Raises ValueError."""
    said = datetime.fromisoformat(text)
    try:
        at = (said if said.tzinfo else said.replace(tzinfo=zone())).timestamp()
    except OverflowError:
        at = LATEST
    if not 0 <= at < LATEST:
        raise ValueError(f"{text!r} is too far away")
    return at

"""What a time zone that does not exist is answered: people write offsets, letters and cities, and mean a place."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterable

from pydantic_core import PydanticCustomError

from gateway.settings.mistakes import not_one_of

EXPECTED = "a time zone like 'Asia/Shanghai'"
OFFSET = re.compile(r"(?:UTC|GMT|Z)?\s*([+-])\s*(\d{1,2})(?:[:.]?(\d\d))?", re.IGNORECASE)

# A place where many people are, for each offset in hours, and for what else is written where a place belongs.
PLACES: dict[float, tuple[str, ...]] = {
    0: ("UTC",), 1: ("Europe/Paris",), 2: ("Europe/Athens",), 3: ("Asia/Riyadh",), 3.5: ("Asia/Tehran",),
    4: ("Asia/Dubai",), 5: ("Asia/Karachi",), 5.5: ("Asia/Kolkata",), 5.75: ("Asia/Kathmandu",), 6: ("Asia/Dhaka",),
    6.5: ("Asia/Yangon",), 7: ("Asia/Bangkok",), 8: ("Asia/Shanghai", "Asia/Singapore"), 9: ("Asia/Tokyo",),
    9.5: ("Australia/Darwin",), 10: ("Australia/Sydney",), 12: ("Pacific/Auckland",), -3: ("America/Sao_Paulo",),
    -4: ("America/Halifax",), -5: ("America/New_York",), -6: ("America/Chicago",), -7: ("America/Denver",),
    -8: ("America/Los_Angeles",), -9: ("America/Anchorage",), -10: ("Pacific/Honolulu",),
}  # fmt: skip
MEANT = {
    "cst": ("Asia/Shanghai", "America/Chicago"), "hkt": ("Asia/Hong_Kong",), "sgt": ("Asia/Singapore",),
    "jst": ("Asia/Tokyo",), "ist": ("Asia/Kolkata",), "bst": ("Europe/London",), "cest": ("Europe/Paris",),
    "edt": ("America/New_York",), "cdt": ("America/Chicago",), "mdt": ("America/Denver",),
    "pst": ("America/Los_Angeles",), "pdt": ("America/Los_Angeles",), "aest": ("Australia/Sydney",),
    "beijing": ("Asia/Shanghai",), "peking": ("Asia/Shanghai",), "guangzhou": ("Asia/Shanghai",),
    "shenzhen": ("Asia/Shanghai",), "chengdu": ("Asia/Shanghai",), "china": ("Asia/Shanghai",),
    "hongkong": ("Asia/Hong_Kong",), "mumbai": ("Asia/Kolkata",), "delhi": ("Asia/Kolkata",), "osaka": ("Asia/Tokyo",),
}  # fmt: skip


def a_zone(name: str) -> str:
    """The name, where there is such a zone; a validator's error says what was meant where there is none."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise PydanticCustomError("unknown_name", "{words}", {"words": no_zone(name)}) from error
    return name


def no_zone(name: str) -> str:
    """What was expected where ``name`` is no time zone, with what is most likely meant by it."""
    meant = _meant(name.strip())
    if meant is None:
        return not_one_of(name, zoneinfo.available_timezones(), EXPECTED)
    known = [each for each in meant if each in zoneinfo.available_timezones()]
    return f"expected {EXPECTED}" + (f"; did you mean {' or '.join(map(repr, known))}?" if known else "")


def _meant(name: str) -> Iterable[str] | None:
    """The zones that an offset, a time's letters or a city stand for; None for anything else, a name misspelt."""
    found = OFFSET.fullmatch(name)
    if found is None:
        return MEANT.get(name.rpartition("/")[2].casefold().replace("_", "").replace(" ", ""))
    hours = (int(found[2]) + int(found[3] or 0) / 60) * (1 if found[1] == "+" else -1)
    etc = (
        f"Etc/GMT{-int(hours):+d}" if hours == int(hours) else ""
    )  # their sign says how far UTC is, the other way round
    return [*PLACES.get(hours, ()), etc]

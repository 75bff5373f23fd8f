"""What a reader's clock says, on ours: readers have no time server, lose power, and send after an outage what is old.

Nothing can come before it was sent, so the smallest gap between our clock and a reader's is how far they are apart,
and whatever comes with a larger gap is late. A reader whose clock was set back looks late too, but evenly: what is
sent again after an outage catches up.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

FRESH = 10.0  # seconds: a message later than that is history
NEVER_SET = 1_451_606_400.0  # 2016-01-01: a clock that says less was never set
STEADY_FOR, STEADY_COUNT, STEADY_WITHIN = 30.0, 5, 3.0  # seconds, messages, seconds: late evenly, so it was set back
DRIFT = 0.001  # seconds a second that a slow clock is followed; crystals do 0.0001
MOST_CLOCKS = 500

# Numbers are seconds, milli-, micro- or nanoseconds since 1970 by their size; each limit is past the year 5000.
UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
DIGITS = re.compile(r"\d{9,20}(?:\.\d{1,9})?", re.ASCII)
ISO = re.compile(
    r"\d{4}-\d\d-\d\d[T &]\d\d:\d\d(:\d\d([.,]\d{1,12})?)?\s?(Z|[+-]\d\d(:?\d\d)?)?", re.ASCII | re.IGNORECASE
)


def instant(told: object, zone: tzinfo = UTC, near: float | None = None) -> float | None:
    """Seconds since 1970 UTC of a time as devices write it, ISO 8601 or a number; else None.

    Without a zone it is in ``zone``; in the hour that comes twice it is the time that is closer to ``near``.
    """
    if isinstance(told, bool):
        return None
    if isinstance(told, str):
        if ISO.fullmatch(told.strip()):
            return _iso(told.strip(), zone, near)
        if not DIGITS.fullmatch(told.strip()):
            return None
        told = float(told)
    if not isinstance(told, int | float) or told < 0:
        return None
    return next((told / unit for limit, unit in UNITS if told < limit), None)


def _iso(text: str, zone: tzinfo, near: float | None) -> float | None:
    try:
        moment = datetime.fromisoformat(text.replace("&", "T").upper())  # MOKO writes & between date and time
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        first, second = moment.timestamp(), moment.replace(fold=1).timestamp()
    except (ValueError, OverflowError):
        return None
    seconds = first if near is None or abs(first - near) <= abs(second - near) else second
    return seconds if seconds >= 0 else None


class ReaderClock:
    """How far one reader's clock is from ours, learnt from its messages."""

    def __init__(self) -> None:
        self._apart: float | None = None  # seconds to add to the reader's time
        self._fresh_at = 0.0
        self._newest = float("-inf")  # time it told: what is not newer was sent again, and teaches nothing
        self._doubt: float | None = None  # another gap that messages agree on
        self._doubted_at = 0.0
        self._doubts = 0

    def set(self, theirs: float, received: float) -> None:
        """The device said that it is ``theirs`` now, in a message of that ``received`` time that cannot have waited."""
        self._settle(received - theirs, received, theirs)

    def ours(self, theirs: float, received: float) -> float:
        """When, on our clock, ``theirs`` was, in a message of that ``received`` time; never after it; seconds."""
        gap = received - theirs
        late = gap - (self._apart or 0.0)
        if 0 <= late <= FRESH and theirs <= self._newest:
            return min(received, theirs + (self._apart or 0.0))  # twice the same: what is heard again is the same read
        if abs(late) <= FRESH:
            followed = gap if self._apart is None else self._apart + DRIFT * (received - self._fresh_at)
            self._settle(min(gap, followed), received, theirs)
        elif late > FRESH:
            if theirs >= NEVER_SET and not self._agreed(gap, received, STEADY_FOR, STEADY_COUNT):
                return min(received, theirs + (self._apart or 0.0))
            self._settle(gap, received, theirs)
        elif self._agreed(gap, received, 0.0, 2):
            self._settle(gap, received, theirs)
        else:
            return received  # from the future: a clock that was set forward, or one wrong message
        return min(received, theirs + (self._apart or 0.0))

    def ahead(self, theirs: float, received: float) -> bool:
        """Whether ``theirs`` cannot have been yet when it was ``received``."""
        return received - theirs - (self._apart or 0.0) < -FRESH

    def past(self, theirs: float, received: float) -> float:
        """As ``ours``, and learns nothing: of a message that nobody knows how long it lay."""
        return min(received, theirs + (self._apart or 0.0))

    def _settle(self, apart: float, at: float, theirs: float) -> None:
        self._apart, self._fresh_at, self._newest, self._doubt = apart, at, theirs, None

    def _agreed(self, gap: float, at: float, seconds: float, count: int) -> bool:
        if self._doubt is None or abs(gap - self._doubt) > STEADY_WITHIN:
            self._doubt, self._doubted_at, self._doubts = gap, at, 1
            return False
        self._doubts += 1
        return self._doubts >= count and at - self._doubted_at >= seconds


class Clocks:
    """The clocks of all devices behind one reader's link, by name."""

    zone: tzinfo = UTC
    """The time zone of those that name none."""

    def __init__(self) -> None:
        self._clocks: dict[str, ReaderClock] = {}

    def at(self, device: str, told: object, received: float, *, retained: bool = False) -> float | None:
        """When a message's ``told`` time was on our clock, the time of receipt where it tells none we can read.

        None: it was ``retained`` by the broker and does not say, or not credibly, how old it is.
        """
        theirs = instant(told, self.zone, received)
        if theirs is None:
            return None if retained else received
        clock = self._clocks.get(device)
        if clock is None:
            if len(self._clocks) >= MOST_CLOCKS:
                del self._clocks[next(iter(self._clocks))]
            clock = self._clocks[device] = ReaderClock()
        if retained:
            return None if clock.ahead(theirs, received) else clock.past(theirs, received)
        return clock.ours(theirs, received)

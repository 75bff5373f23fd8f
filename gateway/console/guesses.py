"""Guesses at PINs and pairing codes: who makes them waits, and nobody else."""

from __future__ import annotations

import time
from collections.abc import Callable

from gateway.console.problems import Problem
from gateway.operations.overruns import Overruns
from gateway.tries import Few, TooSoon, Tries

WINDOW = 900.0  # seconds
OF_ONE_SOURCE = 30  # wrong PINs of one device in the window, whoever's; a team on one tablet mistypes less
OF_ONE_PERSON = 20  # wrong PINs for one person in the window, from wherever: the manager should know
OF_STRANGERS = 20  # wrong PINs for one person in the window, of all devices together that nobody knows
OF_ALL_STRANGERS = 200  # the same for everybody: a hundred thousand are not tried in a year
FIRST_OF_ONE = 3  # wrong PINs in a day of an address that is new here: as often a hand slips
FIRST_OF_ALL = 1_500  # the same of all new addresses together: a house's networks have fewer, and 10,000 PINs stand
DAY = 86_400.0
CODES = 5  # wrong pairing codes of one device in ten minutes: with 50 bits nobody guesses one
CODES_WITHIN = 600.0
TELL_FROM = 5  # wrong PINs in a row of one device for one person: a slip is nobody's business

STRANGERS = (
    "too many wrong PINs from devices that are not known here: sign in where you were signed in before, or on a paired "
    "tablet"
)


class Guesses:
    """``source`` is who tries: a paired tablet, a browser that knows somebody's session, or an address.

    A device is ``known`` to a person where it is paired, or where they were signed in on it: those wait for what they
    tried themselves and for nothing else. All others share what is left, however many addresses they have; where that
    is used up, an address from which little was tried in a day still has its own first tries, so that whoever guesses
    from elsewhere keeps no new device of the staff out.
    """

    def __init__(self, overruns: Overruns, now: Callable[[], float] = time.monotonic) -> None:
        self._overruns = overruns
        self._now = now
        self._pins = Tries()
        self._sources = Few(OF_ONE_SOURCE, WINDOW)
        self._persons = Few(OF_ONE_PERSON, WINDOW)
        self._strangers = Few(OF_STRANGERS, WINDOW)
        self._all_strangers = Few(OF_ALL_STRANGERS, WINDOW)
        self._first = Few(FIRST_OF_ONE, DAY)
        self._all_first = Few(FIRST_OF_ALL, DAY)
        self._spent: dict[tuple[str, str], tuple[tuple[Few, str], ...]] = {}  # of tries that are being looked at
        self._codes = Few(CODES, CODES_WITHIN)

    def begin(self, source: str, staff: str, *, known: bool = True) -> None:
        """A PIN is tried; it counts as wrong until it is right. Raises Problem(429) while the source must wait."""
        now = self._now()
        try:
            self._pins.may_try(f"{source} {staff}", now)
            self._sources.may_try(source, now)
        except TooSoon as soon:
            raise _wait(soon, "wrong PIN before") from None
        if not known:
            self._stranger(source, staff, now)
        self._pins.wrong(f"{source} {staff}", now)
        self._sources.wrong(source, now)

    def _stranger(self, source: str, staff: str, now: float) -> None:
        """Counts a try of a device that nobody knows; raises Problem(429) where strangers' tries are used up."""
        shared: tuple[tuple[Few, str], ...] = ((self._strangers, staff), (self._all_strangers, ""))
        try:
            for few, who in shared:
                few.may_try(who, now)
        except TooSoon as soon:
            try:
                self._first.may_try(source, now)
                self._all_first.may_try("", now)
            except TooSoon:
                raise _wait(soon, STRANGERS) from None
            shared = ((self._all_first, ""),)
        spent = (*shared, (self._first, source))
        for few, who in spent:
            few.wrong(who, now)
        self._spent[source, staff] = spent

    def wrong(self, source: str, staff: str) -> None:
        """It was wrong."""
        self._spent.pop((source, staff), None)
        if self._pins.count(f"{source} {staff}") >= TELL_FROM:
            self._overruns.note("pin", source)
        if self._persons.wrong(staff, self._now()):
            self._overruns.note("pin_guessed", staff or "an unknown name")

    def before(self, source: str, staff: str) -> int:
        """How many wrong PINs in a row came before the one that is tried just now."""
        return max(0, self._pins.count(f"{source} {staff}") - 1)

    def right(self, source: str, staff: str, *, known: bool = True) -> None:
        """It was right: all is forgiven."""
        if not known:
            for few, who in self._spent.pop((source, staff), ()):
                few.right(who)
        self._pins.right(f"{source} {staff}")
        self._sources.right(source)

    def may_pair(self, source: str) -> None:
        """Raises Problem(429) while the source must wait after wrong pairing codes."""
        try:
            self._codes.may_try(source, self._now())
        except TooSoon as soon:
            raise _wait(soon, "wrong pairing codes before") from None

    def wrong_code(self, source: str) -> None:
        """A pairing code was wrong."""
        if self._codes.wrong(source, self._now()):
            self._overruns.note("pairing", source)


def _wait(soon: TooSoon, why: str) -> Problem:
    wait = max(1, round(soon.wait + 0.5))
    return Problem(429, f"{why}; wait {wait} s", headers={"Retry-After": str(wait)}, retry_after_s=wait)

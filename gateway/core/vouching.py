"""Who vouches for the clock: only a time that somebody vouches for deletes anything.

A time server does that the kernel knows of, or a manager who looked at the time and said so, for this run of the
machine. A jump of more than five minutes ends it, and so does a newest event in the future.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.core.clock import AHEAD, Clock
from gateway.events.event import Event

TIME_SERVER = "time_server"


class Vouching:
    """Whether and by whom the ``clock`` is vouched for.

    ``synchronised`` says what the kernel knows (None: nothing), ``boot`` which run of the machine this is.
    """

    def __init__(self, clock: Clock, synchronised: Callable[[], bool | None], boot: str) -> None:
        self._clock = clock
        self._synchronised = synchronised
        self.boot = boot
        self._by: str | None = None
        self._jumps = 0

    def wake(self, confirmed: Event | None, moved: Event | None) -> None:
        """Goes on with what was ``confirmed`` last, unless the clock was ``moved`` by more than minutes since."""
        if confirmed is None or not self.boot or confirmed.data.get("boot") != self.boot:
            return
        if moved is None or moved.sequence < confirmed.sequence:
            self._by, self._jumps = confirmed.actor, self._clock.jumps

    def confirm(self, who: str) -> None:
        """Somebody said that the time is right: nothing of a jump is in doubt any more."""
        self._clock.confirmed()
        self._by, self._jumps = who, self._clock.jumps

    def who(self) -> str | None:
        """Who vouches for the clock, ``time_server`` or somebody on the staff; None: nothing may be deleted by it."""
        return self._asked() if self._clock.trusted and self._clock.behind >= -AHEAD else None

    def why(self) -> str | None:
        """Why nothing is deleted, in one sentence; None where the clock is vouched for."""
        if self.who() is not None:
            return None
        if (told := self._clock.why()) is not None:
            return told
        if self._clock.behind < -AHEAD:
            return (
                "the clock is before the newest events, so nothing is deleted until it has run on as long,"
                " or a manager confirms the time (moments retention confirm-clock)"
            )
        if self._asked() is not None:
            return "nothing is deleted until the clock has run steadily for ten minutes"
        return (
            "nobody vouches for the clock, so nothing is deleted: let a time server keep it,"
            " or have a manager confirm the time (moments retention confirm-clock)"
        )

    def _asked(self) -> str | None:
        if self._by is not None and self._jumps == self._clock.jumps:
            return self._by
        return TIME_SERVER if self._synchronised() else None

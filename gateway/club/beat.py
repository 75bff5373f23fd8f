"""What the books of a served club do by themselves: what is due every hour, and all of them once more every night."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from gateway.club.ledger import Ledger
from gateway.club.verify import verify
from gateway.events import times
from gateway.hub.database import StoreLost

log = logging.getLogger(__name__)

LOOK_EVERY = 60.0  # seconds
HOUR_MS = 3_600_000
NIGHT = 3
"""The hour, in the club's time, from which the books are verified."""


class Beat:
    """The hours and nights of one ledger; ``state`` is what a person is told of it."""

    def __init__(self, ledger: Ledger, now: Callable[[], int]) -> None:
        self._ledger = ledger
        self._now = now
        self._hour = -1
        self._day = ""
        self.state: dict[str, Any] = {"club": ledger.club, "verified_at": None, "position": None, "wrong": None}

    async def run(self) -> None:
        """Looks at the clock until it is ended."""
        while True:
            try:
                await self.look()
            except StoreLost as lost:
                log.info("club: what is due waits: %s", lost)
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Does what the hour and the night ask for."""
        now = self._now()
        if now // HOUR_MS != self._hour:
            if count := await self._ledger.tidy(now):
                log.info("club: what was due is booked, of %d members", count)
            self._hour = now // HOUR_MS
        there = datetime.fromtimestamp(now / 1000, UTC).astimezone(self._ledger.rules.zone)
        day = there.date().isoformat()
        if not self._day or (day != self._day and there.hour >= NIGHT):
            await self._verify(now)
            self._day = day

    async def _verify(self, now: int) -> None:
        found = await verify(self._ledger)
        missing = await self._ledger.database.unguarded()
        wrong = f"position {found.wrong}: {found.why}" if found.wrong is not None else None
        if wrong is None and missing:
            wrong = f"unguarded: {', '.join(missing)}"
        if wrong is not None:
            log.error("club: the books are wrong: %s", wrong)
        self.state |= {"verified_at": times.iso(now / 1000), "position": found.position, "wrong": wrong}

"""A gateway's link to its hub, put together: what the runtime starts, and asks how it does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from gateway.core.gateway import Gateway
from gateway.joined.club import HubClub
from gateway.joined.club_erasures import ClubErasures
from gateway.joined.health import LinkHealth
from gateway.joined.intake import Effects
from gateway.joined.lent import LentCustomers
from gateway.joined.venue import Joined, forget
from gateway.records import journal_rows
from gateway.settings.joining import Joined as Settings

PULSE_EVERY = 10.0  # seconds between two looks at what is lent: well within what counts of a lease at once


@dataclass(slots=True)
class Link:
    """The link of one house."""

    house: Gateway
    joined: Joined
    lent: LentCustomers
    health: LinkHealth

    @classmethod
    def of(cls, settings: Settings, folder: Path, house: Gateway) -> Self:
        """The link by these settings, not begun."""
        lent = LentCustomers(house, settings.brand)
        joined = Joined(settings, folder, house, lent)
        house.club = HubClub(settings, folder, joined.boot, house.memory.now)
        health = LinkHealth(joined.standing, house.memory.now(), lambda: journal_rows.last(house.store.reader).number)
        return cls(house, joined, lent, health)

    async def run(self) -> None:
        """Keeps it until cancelled."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self.joined.run())
            both.create_task(self._pulse())
            both.create_task(ClubErasures(self.house).run())

    async def _pulse(self) -> None:
        while True:
            await asyncio.sleep(PULSE_EVERY)
            self.lent.pulse(self.house.memory.now())

    @contextmanager
    def answering(self) -> Iterator[Self]:
        """Answers Prometheus meanwhile."""
        with self.health.answering():
            yield self

    def report(self) -> dict[str, Any]:
        """What ``/health`` says of it."""
        return self.health.report(self.house.memory.now())

    def why(self) -> list[str]:
        """What somebody has to see to, in sentences."""
        return self.health.why(self.house.memory.now())


async def left(house: Gateway) -> None:
    """Forgets a hub that the settings name no more, and whom it lent."""
    intake = LentCustomers(house)
    gone = await house.store.write(lambda tx: forget(tx, intake))
    intake.after(Effects(gone=gone))

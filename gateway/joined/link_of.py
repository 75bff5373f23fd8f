"""A gateway's link to its hub, put together: what the runtime starts, and asks how it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from gateway.core.gateway import Gateway
from gateway.joined.health import LinkHealth
from gateway.joined.intake import Effects, Intake, NoIntake
from gateway.joined.venue import Joined, forget
from gateway.settings.joining import Joined as Settings


@dataclass(slots=True)
class Link:
    """The link of one house."""

    house: Gateway
    joined: Joined
    health: LinkHealth

    @classmethod
    def of(cls, settings: Settings, folder: Path, house: Gateway) -> Self:
        """The link by these settings, not begun."""
        joined = Joined(settings, folder, house, intake_of(house))
        return cls(house, joined, LinkHealth(joined.standing, house.memory.now()))

    async def run(self) -> None:
        """Keeps it until cancelled."""
        await self.joined.run()

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


def intake_of(house: Gateway) -> Intake:
    """Who keeps what the hub lends to this house."""
    return NoIntake()


async def left(house: Gateway) -> None:
    """Forgets a hub that the settings name no more, and whom it lent."""
    intake = intake_of(house)
    gone = await house.store.write(lambda tx: forget(tx, intake))
    intake.after(Effects(gone=gone))

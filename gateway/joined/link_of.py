"""A gateway's link to its hub, put together: what the runtime starts, and asks how it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from gateway.core.gateway import Gateway
from gateway.joined.health import LinkHealth
from gateway.joined.intake import NoIntake
from gateway.joined.venue import Joined
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
        joined = Joined(settings, folder, house, NoIntake())
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

"""A gateway that runs, as who started it holds on to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.console.live import Live
from gateway.console.servers import Doors
from gateway.console.sessions import Sessions
from gateway.core.gateway import Gateway
from gateway.front import Opened
from gateway.operations.broker import EmbeddedBroker
from gateway.operations.copies import Copies
from gateway.operations.equipment import Equipment
from gateway.operations.gate import Gate
from gateway.operations.keeper import Keeper
from gateway.operations.looking_over import LookingOver
from gateway.operations.partners import PartnerHook
from gateway.operations.webhooks import Hook


@dataclass(slots=True)
class Running:
    """A gateway that runs: what the demo and the tests hold on to."""

    gateway: Gateway
    front: Opened
    equipment: Equipment
    keepers: Sequence[Keeper]
    embedded: EmbeddedBroker | None
    stop: Callable[[], None]
    looking: LookingOver
    copies: Copies
    hooks: list[Hook | PartnerHook]

    @property
    def live(self) -> Live:
        """Where events are told."""
        return self.front.live

    @property
    def url(self) -> str:
        """Where this machine reaches the console."""
        return self.front.url

    @property
    def sessions(self) -> Sessions:
        """Who is signed in."""
        return self.front.sessions

    @property
    def gate(self) -> Gate:
        """Who is connected."""
        return self.front.gate

    @property
    def doors(self) -> Doors:
        """Where each door listens."""
        return self.front.doors

"""The pulse of the house: what time brings, and that nothing hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from gateway.core.evenings import Evenings
from gateway.core.gateway import Gateway
from gateway.equipped import Equipped
from gateway.operations.keeper import Keeper
from gateway.operations.toolbox import Toolbox
from gateway.operations.vitals import Vitals

PULSE_EVERY = 0.25  # seconds; a departure or an escalation is told this much late at the most


@dataclass(slots=True)
class Rhythm:
    """What one house does again and again, from its first read on."""

    gateway: Gateway
    equipped: Equipped
    vitals: Vitals
    doors: Callable[[float, float], None] = lambda _now, _steady: None
    """What comes round at the doors, once they are open: called with the house's time and the loop's."""

    evenings: Evenings = field(init=False)

    def __post_init__(self) -> None:
        self.evenings = Evenings(self.gateway)

    @property
    def keepers(self) -> list[Keeper]:
        """Who keeps each reader; the list itself, which changes."""
        return self.equipped.keepers

    @property
    def tools(self) -> Toolbox:
        """What IT asks of the readers."""
        return self.equipped.tools

    async def pulse(self) -> None:
        """What time brings; goes on until it is cancelled."""
        loop, gateway = asyncio.get_running_loop(), self.gateway
        while True:
            gateway.look_at_clock()
            now, steady = gateway.memory.now(), gateway.memory.steady()
            gateway.pulse(now)
            for keeper in self.keepers:
                keeper.pulse(steady)
            self.tools.pulse(steady)
            self.evenings.pulse(steady)
            self.doors(now, loop.time())
            self.vitals.turn(PULSE_EVERY)
            await asyncio.sleep(PULSE_EVERY)


@contextmanager
def as_itself() -> Iterator[None]:
    """Where one thing went wrong it is raised as itself, and not as a group of one."""
    try:
        yield
    except BaseExceptionGroup as group:
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None
        raise

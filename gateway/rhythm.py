"""What comes round: the pulse of the house, sign-ins that run out, and what need not be kept any longer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.console import break_glass
from gateway.console.live import TICK_EVERY, Live
from gateway.console.sessions import Sessions
from gateway.core.gateway import Gateway
from gateway.core.letting_go import LettingGo
from gateway.core.tidying import Tidying
from gateway.operations.keeper import Keeper
from gateway.operations.toolbox import Toolbox
from gateway.operations.vitals import Vitals

PULSE_EVERY = 0.25  # seconds; a departure or an escalation is told this much late at the most
TIDY_EVERY = 600.0


@dataclass(slots=True)
class Rhythm:
    """What one house does again and again; each of these goes on until it is cancelled."""

    gateway: Gateway
    live: Live
    sessions: Sessions
    keepers: Sequence[Keeper]
    tools: Toolbox
    vitals: Vitals

    async def pulse(self) -> None:
        """What time brings."""
        loop, gateway, live = asyncio.get_running_loop(), self.gateway, self.live
        next_tick = 0.0
        while True:
            gateway.look_at_clock()
            now, steady = gateway.memory.now(), gateway.memory.steady()
            gateway.pulse(now)
            for keeper in self.keepers:
                keeper.pulse(steady)
            self.tools.pulse(steady)
            if loop.time() >= next_tick:
                live.tick(now)
                for staff in gateway.sight.over():
                    live.look_again(staff)
                gateway.note([break_glass.ended(each, "ran_out") for each in gateway.glass.over()])
                next_tick = loop.time() + TICK_EVERY
            self.vitals.turn(PULSE_EVERY)
            await asyncio.sleep(PULSE_EVERY)

    async def sign_out(self) -> None:
        """Ends the sessions that have run out; beside the pulse, which waits for no disk."""
        sessions, live = self.sessions, self.live
        while True:
            for door in await sessions.programs.end_expired():
                live.drop(door)
            for door, staff in await sessions.end_expired():
                live.drop(door)
                if not sessions.of_staff(staff) and not self.gateway.memory.floor.connected(staff):
                    self.gateway.tablet_lost(staff)
            locked = sessions.locking()
            self.gateway.note(locked)
            live.cover({news.data["session"] for news in locked})
            await asyncio.sleep(TICK_EVERY)

    async def tidy(self, letting_go: LettingGo) -> None:
        """Lets go of what need not be kept any longer."""
        tidying = Tidying(self.gateway, letting_go)
        while True:
            await tidying.once()
            self.gateway.note(self.sessions.programs.news())
            await asyncio.sleep(TIDY_EVERY)

"""What comes round at the doors: the tick of the live socket, sign-ins that run out, what need not be kept."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from gateway.console import break_glass
from gateway.console.live import TICK_EVERY, Live
from gateway.console.sessions import Sessions
from gateway.core.gateway import Gateway
from gateway.core.letting_go import LettingGo
from gateway.core.tidying import Tidying

TIDY_EVERY = 600.0  # seconds


@dataclass(slots=True)
class Hours:
    """The hours of one house; what is a coroutine goes on until it is cancelled."""

    gateway: Gateway
    live: Live
    sessions: Sessions
    _next_tick: float = field(default=0.0, init=False)

    def pulse(self, now: float, steady: float) -> None:
        """Called with every pulse of the house; tells tablets now and then that we are here."""
        if steady < self._next_tick:
            return
        self._next_tick = steady + TICK_EVERY
        self.live.tick(now)
        for staff in self.gateway.sight.over():
            self.live.look_again(staff)
        self.gateway.note([break_glass.ended(each, "ran_out") for each in self.gateway.glass.over()])

    async def sign_out(self) -> None:
        """Ends the sessions that have run out; beside the pulse, which waits for no disk."""
        sessions, live = self.sessions, self.live
        while True:
            await sessions.programs.give_ends()
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

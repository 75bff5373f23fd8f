"""The readers of a house while it runs: one more, one less, another in a place, and nobody else's link is touched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from gateway.operations.keeper import Keeper
from gateway.operations.listeners import Listeners
from gateway.settings.venue import ReaderConfig, VenueConfig


class Equipment:
    """``keepers`` is the list that everybody reads, and changes; ``make`` a keeper, ``keep`` its task.

    ``gone`` hears of readers that are there no more.
    """

    def __init__(
        self,
        keepers: list[Keeper],
        listeners: Listeners,
        make: Callable[[ReaderConfig], Keeper],
        keep: Callable[[Keeper], asyncio.Task[None]],
        gone: Callable[[str], None],
    ) -> None:
        self._keepers = keepers
        self._listeners = listeners
        self._make = make
        self._keep = keep
        self._gone = gone
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def keep(self, keepers: Sequence[Keeper]) -> list[asyncio.Task[None]]:
        """Keeps these readers from now on; their tasks."""
        made = {keeper.config.id: self._keep(keeper) for keeper in keepers}
        self._tasks |= made
        return list(made.values())

    def tasks(self) -> list[asyncio.Task[None]]:
        """Those that keep a reader now."""
        return list(self._tasks.values())

    def keeper(self, reader: str) -> Keeper | None:
        """Who keeps this reader."""
        return next((each for each in self._keepers if each.config.id == reader), None)

    async def part(self, config: VenueConfig) -> None:
        """Lets go of readers that are not to be there, or have another link; their ports are free when it returns."""
        wanted = {reader.id: reader for reader in config.readers}
        leaving = [k for k in self._keepers if not same_link(k.config, wanted.get(k.config.id))]
        tasks = [self._tasks.pop(k.config.id) for k in leaving if k.config.id in self._tasks]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for keeper in leaving:
            if keeper.config.id not in wanted:
                self._keepers.remove(keeper)
                self._gone(keeper.config.id)

    def take_up(self, config: VenueConfig) -> None:
        """The readers are these from now on: those that are new are opened, after ``part``."""
        there = {keeper.config.id: keeper for keeper in self._keepers}
        kept, new = [], []
        for reader in config.readers:
            keeper = there.get(reader.id)
            if keeper is not None and reader.id in self._tasks:
                keeper.take_up(reader, config.fixed_tags)
            else:
                made = self._make(reader)
                if keeper is not None:
                    made.follow(keeper)
                keeper = made
                new.append(made)
            kept.append(keeper)
        self._keepers[:] = kept
        self._listeners.again()
        self.keep(new)


def same_link(before: ReaderConfig, after: ReaderConfig | None) -> bool:
    """Whether a reader is reached as before: then its link stays open."""
    if after is None:
        return False
    rooms = (before.rooms is None, *sorted(before.rooms or ())), (after.rooms is None, *sorted(after.rooms or ()))
    return (before.driver, before.link, before.settings) == (after.driver, after.link, after.settings) and (
        rooms[0] == rooms[1]
    )

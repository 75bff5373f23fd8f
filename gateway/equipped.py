"""The readers of a house with all that hangs on them: who keeps each, what is told of it, what IT asks of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.operations.equipment import Equipment
from gateway.operations.keeper import Keeper
from gateway.operations.toolbox import Toolbox
from gateway.records.customers import owner_of
from gateway.settings.venue import ReaderConfig
from reader_drivers.driver import Driver


class Equipped:
    """``driver`` makes the driver of a reader, whenever it is opened."""

    def __init__(self, gateway: Gateway, driver: Callable[[ReaderConfig], Driver]) -> None:
        self._gateway = gateway
        self._driver = driver
        self._group: asyncio.TaskGroup | None = None
        self.keepers = [self._keeper(reader) for reader in gateway.config.readers]
        memory, store = gateway.memory, gateway.store
        self.tools = Toolbox(
            self.keepers,
            gateway.see,
            lambda identifier: owner_of(store.reader, identifier) is not None,
            memory.presence,
            memory.clock.shown,
        )
        self.equipment = Equipment(
            self.keepers, self.tools.listeners, self._keeper, self._kept,
            lambda reader: memory.presence.reader_back(reader, memory.now()),
        )  # fmt: skip
        gateway.views.readers = lambda: [keeper.shape() for keeper in self.keepers]

    def keep(self, group: asyncio.TaskGroup, *, over_mqtt: bool = False) -> list[asyncio.Task[None]]:
        """Keeps the readers of a broker, or all others, in this group; their tasks."""
        self._group = group
        return self.equipment.keep([k for k in self.keepers if (k.config.over == "mqtt") == over_mqtt])

    def _kept(self, keeper: Keeper) -> asyncio.Task[None]:
        if self._group is None:
            raise RuntimeError("nothing is kept before the house is up")
        return self._group.create_task(keeper.keep(), name=f"reader {keeper.config.id}")

    def _keeper(self, reader: ReaderConfig) -> Keeper:
        gateway = self._gateway

        def tell(keeper: Keeper, type_: str) -> None:
            now = gateway.memory.now()
            if type_ in ("reader.lost", "reader.quiet"):  # either way nobody left because it is silent
                gateway.memory.presence.reader_lost(reader.id, now)
            elif type_ == "reader.back":
                gateway.memory.presence.reader_back(reader.id, now)
            gateway.note([News(type_, reader.id, {"reader": reader.id, **keeper.shape()})])

        memory, fixed = gateway.memory, gateway.config.fixed_tags
        return Keeper(reader, lambda: self._driver(reader), gateway.see, tell, memory.steady, memory.clock.shown, fixed)

"""``moments serve``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.commands.ending import fail, settings
from gateway.records import belonging
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.new import is_new
from gateway.runtime import Runtime
from gateway.sockets import CannotListen
from gateway.standby.begin import moved, stand_by, stands_by

if TYPE_CHECKING:
    from gateway.running import Running
    from gateway.settings.venue import VenueConfig

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, CannotListen, PermissionError)


def _then(venue: VenueConfig, data: Path) -> Callable[[Running], Awaitable[None]]:
    return partial(moved, venue, data)


def run(config: Path, data: Path, listen: str | None = None) -> None:
    """Serves until a signal; a machine that is no house yet becomes one first, on a page."""
    begun = None
    if not config.exists() and is_new(data):
        from gateway.commands.setup import on_page

        begun = on_page(config, data, listen)
        if begun is None:
            return
        config = begun.config
    venue = settings(config)
    if belonging.is_demo(data):
        fail(f"{data} holds the demo's invented people: give a real house a folder of its own")

    async def serve() -> None:
        known, first = venue, True
        while True:
            took_over = stands_by(data)
            if took_over and not await stand_by(known, data):
                return
            runtime = Runtime(known, data, file=config)
            then = _then(known, data) if took_over else None
            if begun is not None and first:
                runtime.at, then = begun.at, begun.pair
            first = False
            if not await runtime.run(then):
                return
            known = settings(config)  # they may have been changed meanwhile

    try:
        asyncio.run(serve())
    except REFUSED as refused:
        fail(str(refused))

"""``moments serve``."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.commands.ending import fail, settings
from gateway.records import belonging
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.records.new import is_new
from gateway.runtime import Runtime
from gateway.sockets import CannotListen

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, CannotListen, PermissionError)


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
        runtime, then = Runtime(venue, data), None
        if begun is not None:
            runtime.at, then = begun.at, begun.pair
        while await runtime.run(then):
            runtime, then = Runtime(venue, data), None

    try:
        asyncio.run(serve())
    except REFUSED as refused:
        fail(str(refused))

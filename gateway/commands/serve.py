"""``moments serve``."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.commands.ending import fail, settings
from gateway.records import belonging
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.runtime import Runtime
from gateway.sockets import CannotListen

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, CannotListen, PermissionError)


def run(config: Path, data: Path) -> None:
    """Serves until a signal."""
    venue = settings(config)
    if belonging.is_demo(data):
        fail(f"{data} holds the demo's invented people: give a real house a folder of its own")

    async def serve() -> None:
        while await Runtime(venue, data).run():
            pass

    try:
        asyncio.run(serve())
    except REFUSED as refused:
        fail(str(refused))

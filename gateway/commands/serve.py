"""``moments serve``."""

from __future__ import annotations

import asyncio
from pathlib import Path

from gateway.commands.ending import fail, settings
from gateway.operations.web import CannotListen
from gateway.records.errors import Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey
from gateway.runtime import Runtime

REFUSED = (Damaged, DataFolderInUse, DiskFull, NewerSchema, WrongMasterKey, CannotListen, PermissionError)


def run(config: Path, data: Path) -> None:
    """Serves until a signal."""
    venue = settings(config)

    async def serve() -> None:
        await Runtime(venue, data).run()

    try:
        asyncio.run(serve())
    except REFUSED as refused:
        fail(str(refused))

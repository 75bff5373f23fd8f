"""A data folder whose disk takes nothing, copied into memory: the house goes on by the copy until there is room again.

What happens meanwhile is noted beside the copy (intents.py), where it outlives a kill. When the disk takes something
again, the notes are put into the folder itself, and whoever opens it next writes them down. How far each webhook is
goes back with them.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import shutil
from contextlib import suppress
from pathlib import Path

from gateway.events.times import now
from gateway.records import in_memory, numbers
from gateway.records.errors import FAILS, FULL, READ_ONLY, DiskFull
from gateway.records.intents import INTENTS_FILE
from gateway.records.sqlite_file import private_folder
from gateway.records.store import LOCK_FILE, Store, take_lock

log = logging.getLogger(__name__)

WHY = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), FULL),
    **dict.fromkeys((errno.EROFS, errno.EACCES, errno.EPERM), READ_ONLY),
    errno.EIO: FAILS,
}
ROOM = 256 * 1024  # bytes that a disk must take at a start
ROOM_EVERY = 2.0  # seconds between two looks whether a disk takes something again
ROOM_AGAIN = 4 * ROOM  # before a disk is trusted again
LEFT_OUT = (LOCK_FILE, "*.sock", "*-shm", "room", "restoring", "before-migration.db")
WEBHOOKS = "webhooks"
GO_BACK = (INTENTS_FILE, WEBHOOKS)
"""What a stand-in knows better than the folder: what it has told, and how far it is with telling it elsewhere."""


def fault(folder: Path, room: int = ROOM) -> str | None:
    """What the disk under a folder does that it takes nothing; None where it takes ``room`` bytes."""
    path = folder / "room"
    try:
        with path.open("wb") as file:
            file.write(bytes(room))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return WHY.get(error.errno or 0, FAILS)
    finally:
        with suppress(OSError):
            path.unlink()
    return None


def opened(folder: Path, source: str) -> tuple[Store, StandIn | None]:
    """The store of a folder, or of its stand-in where its disk takes nothing. Raises what ``Store.open`` raises."""
    if not folder.exists():
        return Store.open(folder, source=source), None  # there is nothing yet to go on by
    why = fault(folder)
    if why is None:
        try:
            give_back(folder)
            return Store.open(folder, source=source), None
        except DiskFull as full:
            why = fault(folder) or full.why
    there = StandIn(folder, why)
    log.error("the disk %s: the house goes on by a copy in memory, and nothing people do is recorded", why)
    try:
        store = Store.open(there.folder, source=source)
        store.refusing = why
        store.call(lambda tx: numbers.jump(tx, int(now() * 1000)))
    except BaseException:
        there.close()
        raise
    return store, there


class StandIn:
    """The copy of one data folder in memory, which is locked meanwhile; ``why`` is what its disk does."""

    def __init__(self, original: Path, why: str) -> None:
        """Raises DiskFull where memory has no room for it either, DataFolderInUse, or OSError."""
        self.original = original
        self.why = why
        self.folder = in_memory.of(original)
        self._lock = take_lock(original)
        try:
            self._copy()
        except BaseException:
            os.close(self._lock)
            raise

    def _copy(self) -> None:
        private_folder(self.folder)
        _ours(self.folder)
        if 2 * _size(self.original) > shutil.disk_usage(self.folder).free:
            raise DiskFull(f"the disk under {self.original} {self.why}, and memory has no room for a copy", self.why)
        for path in self.folder.iterdir():  # what goes back already holds what the folder knew of it
            if path.name not in GO_BACK:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        names = [*LEFT_OUT, *(name for name in GO_BACK if (self.folder / name).exists())]
        shutil.copytree(self.original, self.folder, ignore=shutil.ignore_patterns(*names), dirs_exist_ok=True)

    async def room(self) -> None:
        """Returns when the disk takes something again."""
        while (why := await asyncio.to_thread(fault, self.original, ROOM_AGAIN)) is not None:
            self.why = why
            await asyncio.sleep(ROOM_EVERY)
        log.warning("the disk takes records again: starting anew, and writing down what has happened")

    def close(self) -> None:
        """Lets go of the folder; what was noted goes back to it now, or else at the next start."""
        os.close(self._lock)
        with suppress(OSError):
            give_back(self.original)


def give_back(original: Path) -> None:
    """Puts into a folder what a stand-in has noted for it, and takes the stand-in away. Raises OSError."""
    there = in_memory.of(original)
    if not there.is_dir():
        return
    _ours(there)
    for name in GO_BACK:
        for path in sorted((there / name).rglob("*.json") if name == WEBHOOKS else there.glob(name)):
            _put(path, original / path.relative_to(there))
    shutil.rmtree(there)


def _put(path: Path, to: Path) -> None:
    """The whole file or the one of before."""
    to.parent.mkdir(mode=0o700, exist_ok=True)
    coming = to.with_name(f"{to.name}.part")
    shutil.copy(path, coming)
    coming.replace(to)


def _ours(folder: Path) -> None:
    if not in_memory.is_of(folder, os.getuid()):
        raise PermissionError(f"{folder} belongs to somebody else")


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())

"""Whole copies of databases and small files, each under its name only once it is on the disk."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from gateway.records import swap
from gateway.records.errors import Damaged, by_name
from gateway.records.outside import fresh_file, is_file
from gateway.records.sqlite_file import connect_to_read, connect_to_write, sqlite3

WITHIN = 20.0  # seconds
POLL = 0.05  # seconds
NO_LOCKS = (errno.EBADF, errno.ENOLCK, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS)
"""What file systems of other machines say that lock no folder: there nobody waits for anybody."""


@contextmanager
def alone_in(folder: Path, within: float = WITHIN) -> Iterator[None]:
    """The block is the only one of this machine that writes in a backup folder.

    A gateway tells of who was erased there while a backup is made, and a timer and a person may make one each. Raises
    OSError where somebody else is at it for longer than ``within`` seconds, or there is no such folder.
    """
    until = time.monotonic() + within
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        while not _locked(held):
            if time.monotonic() >= until:
                raise OSError(errno.EBUSY, "another backup is made there", str(folder))
            time.sleep(POLL)
        yield
    finally:
        os.close(held)


def _locked(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
    return True


def copied(source: Path, target: Path) -> None:
    """Makes a checked copy of a live database; raises Damaged or DiskFull."""
    with part_of(target) as part:
        try:
            with closing(connect_to_read(source)) as live, closing(connect_to_write(part)) as copy:
                live.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a WAL beside it
                found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        except sqlite3.DatabaseError as error:
            raise by_name(error) from error
        if found != "ok":
            raise Damaged(f"{source}: {found}")


@contextmanager
def part_of(target: Path) -> Iterator[Path]:
    """A file that gets the name ``target`` when it is whole and on the disk, and is gone otherwise."""
    part = target.with_suffix(".part")
    fresh_file(part)
    try:
        yield part
        if not is_file(part):
            raise Damaged(f"{part} is a link by now: somebody has laid it there")
        swap.sync(part)
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def wiped(path: Path) -> None:
    """Overwrites a secret and takes it away; returns when the disk knows. Follows no link."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC), "r+b") as file:
        file.write(bytes(os.fstat(file.fileno()).st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()

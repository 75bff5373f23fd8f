"""Files in folders that others may write to: a stick, a share of the network.

Whoever may write there lays what they like: a link to one of the house's own files, a pipe, a file without an end. A
link is never followed, and no more is read than there may be.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gateway.records.errors import Damaged
from gateway.records.sqlite_file import sync_folder

MOST = 64 * 1024 * 1024  # bytes of a list of erasures, a manifest, a sealed key: thousands of times what they have


def is_file(path: Path) -> bool:
    """Whether a file stands there by itself; False for a link to one, a pipe, a folder, and for nothing."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def text_in(path: Path, most: int = MOST) -> str:
    """The text of a file, what is no UTF-8 in it replaced.

    Raises FileNotFoundError, Damaged for a link, a pipe and for more than ``most`` bytes, OSError for what cannot be
    read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        if path.is_symlink():
            raise Damaged(f"{path} is a link, and none is followed here: somebody has laid it there") from error
        raise
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Damaged(f"{path} is no file: somebody has laid it there")
        raw = file.read(most + 1)
    if len(raw) > most:
        raise Damaged(f"{path} has more than {most} bytes")
    return raw.decode("utf-8", "replace")


def fresh_file(path: Path) -> None:
    """A new file of ours alone in the place of whatever has that name; raises FileExistsError where another comes."""
    os.close(_fresh(path))


def replace(path: Path, content: bytes) -> None:
    """Puts this in place of the file's content, whole or not at all; returns when the disk has it.

    What is written goes to the file that was made here, whatever somebody lays there under its name meanwhile.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(_fresh(part), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def _fresh(path: Path) -> int:
    path.unlink(missing_ok=True)
    made = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    os.fchmod(made, 0o600)
    return made

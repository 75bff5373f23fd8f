"""Where in memory a data folder has its stand-in while its disk takes nothing."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from tempfile import gettempdir


def place() -> Path | None:
    """The folder in memory that systemd has given us; None where it has given none."""
    given = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    return Path(given) if given else None


def of(original: Path) -> Path:
    """Where the stand-in of this folder is, if there is one."""
    memory = Path("/dev/shm")  # noqa: S108 - in a folder of our own, whose owner is looked at
    there = place() or (memory if memory.is_dir() else Path(gettempdir()))
    return there / f"moments-{sha256(str(original.resolve()).encode()).hexdigest()[:16]}"


def is_of(folder: Path, owner: int) -> bool:
    """Whether a folder is there, and this user's own: where everybody may write, another could have made it."""
    try:
        there = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and there.st_uid == owner

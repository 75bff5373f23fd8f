"""Files that hold a secret of this house: their owner's alone from their first byte, whole or not there."""

from __future__ import annotations

import os
from pathlib import Path


def private_file(file: Path, content: bytes) -> None:
    """Writes a file whole, for its owner alone, in a folder for its owner alone; on the disk when this returns."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)

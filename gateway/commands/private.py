"""A file with personal data: its owner's alone, whole or not there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkstemp
from typing import TextIO


@contextmanager
def private_copy(out: Path) -> Iterator[TextIO]:
    """A text file that takes the place of ``out`` when the block has ended well; mode 0600, whatever was there before.

    What is no ordinary file, such as a pipe, is written to as it is. Raises OSError.
    """
    if out.exists() and not out.is_file():
        with out.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    target = out.resolve()
    handle, name = mkstemp(prefix=f".{target.name[:100]}-", dir=target.parent)  # mkstemp makes it 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise


def private_bytes(out: Path, raw: bytes) -> None:
    """Puts these bytes in place of ``out``, whole or not at all; mode 0600. Raises OSError."""
    target = out.resolve()
    handle, name = mkstemp(prefix=f".{target.name[:100]}-", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise

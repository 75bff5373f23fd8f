"""``moments`` with a wall clock that is wrong by what a file says, and may be set while it runs: ``clocked FILE …``.

The steady clock is left alone, as a time server leaves it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

right, wrong_by = time.time, Path(sys.argv.pop(1))


def wall() -> float:
    """The wall clock as the file has it."""
    return right() + float(wrong_by.read_text())


time.time = wall

from gateway.cli import main  # noqa: E402 - after the clock is wrong

main()

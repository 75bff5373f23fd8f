"""What the kernel knows of the clock: whether a time server keeps it, and which run of the machine this is."""

from __future__ import annotations

import ctypes
from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
ERROR = 5  # TIME_ERROR: nobody keeps the clock
ROOM = 512  # bytes; struct timex is smaller on every machine, and all zero means: change nothing


def synchronised() -> bool | None:
    """Whether a time server keeps the clock of this machine; None where the kernel does not say, as in some containers.

    Source: adjtimex(2).
    """
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return None
    state = adjtimex(ctypes.create_string_buffer(ROOM))
    return None if state < 0 else bool(state != ERROR)


def boot() -> str:
    """The id of this run of the machine; empty where there is none to be had."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""

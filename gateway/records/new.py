"""Whether a data folder is nobody's yet."""

from __future__ import annotations

from pathlib import Path

from gateway.records.belonging import MARK, RECORDS_FILE
from gateway.records.seal import KEYS_FILE

BEGUN = "setup.begun"
"""A file that is there while a set-up is under way."""


def is_new(data: Path) -> bool:
    """Whether a data folder is no house yet: nothing was kept in it, or its set-up was interrupted."""
    if (data / BEGUN).exists():
        return True
    return not any((data / each).exists() for each in (RECORDS_FILE, KEYS_FILE, MARK))

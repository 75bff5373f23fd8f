"""Which records cannot be opened though nobody was erased: a disk has changed them, or a person. Each is set aside."""

from __future__ import annotations

import logging
import threading
from typing import NamedTuple

log = logging.getLogger(__name__)

MOST = 10_000  # noted at once: of a disk that is dying nobody needs more


class Found(NamedTuple):
    """Where a damaged value stands, and whose it is: ``place`` as it was sealed for, ``holder`` of the key."""

    place: str
    holder: str

    @property
    def table(self) -> str:
        """The table it stands in."""
        return self.place.partition("/")[0]


class Damage:
    """What was found damaged, each once; every thread may note."""

    def __init__(self) -> None:
        self._found: dict[Found, None] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._found)

    def note(self, place: str, holder: str) -> None:
        """One more value that cannot be opened; the first of a table is said in the log, without whose it is."""
        found = Found(place, holder)
        with self._lock:
            if found in self._found or len(self._found) >= MOST:
                return
            first = all(each.table != found.table for each in self._found)
            self._found[found] = None
        if first:
            log.error("a record in %s is damaged: it is set aside, and everything else goes on", found.table)

    def all(self) -> list[Found]:
        """Everything noted, in the order in which it was found."""
        with self._lock:
            return list(self._found)

    def forget(self, mended: list[Found]) -> None:
        """These can be opened again."""
        with self._lock:
            for one in mended:
                self._found.pop(one, None)

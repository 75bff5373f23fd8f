"""The helper that root may install beside us: it does one of a few fixed things when it is asked, and nothing else.

We may not write to ``/etc`` nor start a service. The helper is a unit of systemd that waits for a file in the
gateway's own folder below ``/run``; the file holds one word of those below. What came of it is written where only root
writes.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from gateway.operations.private_file import private_file
from gateway.records import in_memory

WHAT = ("ports", "clock")
"""The udev rules of readers' ports with their group and without ModemManager; a time server."""
UNIT = "etc/systemd/system/multi-user.target.wants/moments-repair.path"
DONE = "run/moments-repair/done"
WANTED = "repair"


class NoHelper(RuntimeError):
    """There is none; the text says how it comes to be there."""


MISSING = "the helper is not installed: systemd/README.md, step 4, says how"


class Helper:
    """Asks for what only root may do; other folders are for tests."""

    def __init__(self, root: Path = Path("/"), folder: Path | None = None) -> None:
        self._root = root
        self._folder = folder if folder is not None else in_memory.place()

    @property
    def installed(self) -> bool:
        """Whether somebody would hear us."""
        unit = self._root / UNIT
        return self._folder is not None and (unit.is_symlink() or unit.exists())

    def ask(self, what: str) -> None:
        """Asks for one of ``WHAT``; raises NoHelper, and OSError."""
        if self._folder is None or not self.installed:
            raise NoHelper(MISSING)
        private_file(self._folder / WANTED, what.encode())

    def look(self) -> dict[str, Any]:
        """Whether there is one, what it was asked for and has not begun, and how the last thing went."""
        asked = self._folder is not None and (self._folder / WANTED).exists()
        return {"installed": self.installed, "asked": asked, "last": self._last()}

    def _last(self) -> dict[str, Any] | None:
        try:
            said = json.loads((self._root / DONE).read_text("utf-8"))
            return {"what": str(said["what"]), "done": bool(said["done"]), "said": str(said["said"])}
        except (OSError, ValueError, KeyError, TypeError):
            return None

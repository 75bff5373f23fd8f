"""``moments`` that cannot load its console while a file is there: ``held_up FILE …``."""

from __future__ import annotations

import sys
import time
from importlib.abc import MetaPathFinder
from pathlib import Path

CONSOLE = ("fastapi", "starlette", "uvicorn", "gateway.console")
held = Path(sys.argv.pop(1))


class HeldUp(MetaPathFinder):
    """Finds nothing; whoever asks for a part of the console waits."""

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> None:
        """Returns once the file is gone."""
        while name in CONSOLE and held.exists():
            time.sleep(0.005)


sys.meta_path.insert(0, HeldUp())

from gateway.cli import main  # noqa: E402 - after it may be held up

main()

"""The staff console: a web application, built into ``dist`` and served by the gateway."""

from pathlib import Path

DIST = Path(__file__).parent / "dist"

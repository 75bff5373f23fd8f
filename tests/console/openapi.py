"""The document that the console's types are made from, as it lies in the repository: ``make types`` writes it anew."""

from __future__ import annotations

import json
from pathlib import Path

from gateway.console.app import doors

FILE = Path(__file__).parents[2] / "staff_console" / "openapi.json"


def text() -> str:
    """``/openapi.json`` in lines, so that a change of it can be read."""
    return json.dumps(doors().openapi(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")

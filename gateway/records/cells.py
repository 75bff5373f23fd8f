"""Cells of files for spreadsheets: none that we write is a formula, and one that we wrote so is read as it was."""

from __future__ import annotations

import re

# A cell that begins so is a formula to a spreadsheet; so is what follows a sign at which another one cuts a line.
# In front of it, export puts an apostrophe, and one more before what already looks so treated.
APOSTROPHE = "'"
_RUNS = r"(?=[\s\x00-\x1f\"']*[=+\-@＝＋－＠])"
BEGINS = re.compile(rf"(\A|[;；|\t\r\n]){_RUNS}")
TREATED = re.compile(rf"(\A|[;；|\t\r\n]){APOSTROPHE}{_RUNS}")


def as_cell(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return BEGINS.sub(rf"\1{APOSTROPHE}", text)


def from_cell(cell: str) -> str:
    """What ``as_cell`` was given."""
    return TREATED.sub(r"\1", cell.strip())

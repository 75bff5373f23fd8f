"""SECURITY.md says of each threat what stops it, what does not, and which test shows it; and the test is there."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| Threat |")
]
NAMED = re.compile(r"`(tests/[\w/.]+\.py)::(\w+)`")


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of the tests in a file, also of those in its classes; none where there is no such file."""
    path = ROOT / file
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    found = (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(name for name in found if name.startswith("test_"))


def test_the_threats_that_have_to_be_there_are() -> None:
    threats = "\n".join(row[0] for row in ROWS).lower()
    for word in (
        "wi-fi", "cookie", "tablet is stolen", "disk is stolen", "backup is stolen", "tampered", "erased", "floods",
        "insiders", "csv", "recording", "venue.toml", "guessed", "dependency", "one reader speaks for another",
    ):  # fmt: skip
        assert word in threats, word


@pytest.mark.parametrize("row", ROWS, ids=[row[0][:50] for row in ROWS])
def test_a_row_says_what_stops_it_what_does_not_and_names_tests_that_are_there(row: list[str]) -> None:
    assert len(row) == 4, row
    assert all(row), "– where there is nothing to say"
    named = NAMED.findall(row[2])
    assert named, "which test shows it?"
    assert NAMED.sub("", row[2]).strip(" ,") == "", "tests alone, as file::name"
    missing = [f"{file}::{name}" for file, name in named if name not in names_in(file)]
    assert missing == []

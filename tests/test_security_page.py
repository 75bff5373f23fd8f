"""SECURITY.md says of each threat what stops it, what does not, and which test shows it; and the test is there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and not line.startswith("| Threat |")
]
NAMED = re.compile(r"`(tests/[\w/.]+\.py)::((?:\w+::)?\w+)`")


def is_collected(file: str, name: str) -> bool:
    """Whether pytest finds this test by this name: a function of a test file, or of a class in one that has it."""
    path = ROOT / file
    if not (path.name.startswith("test_") and path.is_file()):
        return False
    found: object = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    *classes, test = name.split("::")
    for each in classes:
        found = getattr(found, each, None)
        if not (each.startswith("Test") and isinstance(found, type)):
            return False
    return test.startswith("test_") and callable(getattr(found, test, None))


def test_a_name_that_no_run_would_find_is_none() -> None:
    store = "tests/hub/test_store.py"
    erased = "test_what_was_erased_is_in_no_file_of_the_folder"
    assert is_collected(store, f"TestSQLite::{erased}")
    assert is_collected(store, "TestPostgres::test_another_brand_is_told_nothing"), "of the contract that it inherits"
    assert not is_collected(store, erased), "without its class"
    assert not is_collected("tests/hub/contract.py", "StoreContract::test_another_brand_is_told_nothing")


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
    missing = [f"{file}::{name}" for file, name in named if not is_collected(file, name)]
    assert missing == []

"""``moments journal``: whether anybody changed or cut what happened, and whether the tables say the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.records.journal import Journal
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import RECORDS_FILE, Store
from tests.program import moments
from tests.records import happening as h
from tests.records.happening import record


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder whose gateway has ended."""
    folder = tmp_path / "data"
    store = Store.open(folder, source="/venues/test")
    journal = Journal(store, origin="test")
    record(store, journal, *[h.enrolled(f"c-{number}") for number in range(5)])
    store.close()
    return folder


def tamper(data: Path, sql: str) -> None:
    with sqlite3.connect(data / RECORDS_FILE) as records:
        assert records.execute(sql).rowcount > 0
    records.close()


async def test_the_chain_holds_and_says_its_head(data: Path) -> None:
    whole = await moments("journal", "verify", "--data", data)
    said = re.fullmatch(
        r"(\d+) events hold, up to event (\d+), position 6 of epoch 1; head ([0-9a-f]{64})\n", whole.out
    )
    assert said, whole
    assert (said[1], said[2]) == ("6", "6")
    assert (await moments("journal", "verify", "--data", data, "--head", said[3])).code == 0
    wrong = await moments("journal", "verify", "--data", data, "--head", "abc")
    assert (wrong.code, "64 hex digits" in wrong.err) == (2, True)
    other = await moments("journal", "verify", "--data", data, "--head", "00" * 32)
    assert (other.code, "that head is not in the chain" in other.err) == (1, True)


@pytest.mark.parametrize(
    ("tampering", "words"),
    [
        ("DELETE FROM journal WHERE number = 6", "were cut off"),
        ("DELETE FROM journal", "emptied"),
        ("UPDATE journal SET actor = 'nobody' WHERE number = 2", "broken at event 2"),
    ],
)
async def test_what_was_cut_or_changed_shows_by_itself(data: Path, tampering: str, words: str) -> None:
    tamper(data, tampering)
    found = await moments("journal", "verify", "--data", data)
    assert (found.code, words in found.err) == (1, True), found


async def test_tables_that_are_not_what_the_journal_says_are_named_and_made_anew(data: Path) -> None:
    same = await moments("journal", "rebuild", "--check", "--data", data)
    assert (same.code, same.out) == (
        0,
        "the tables are what the journal says: 6 events over a snapshot of 0 rows\n",
    ), same
    tamper(data, "DELETE FROM customers WHERE id = 'c-1'")
    tamper(data, "UPDATE customers SET changed_at = 0 WHERE id = 'c-2'")
    tamper(data, "INSERT INTO tokens (hash, id, role, created_at) VALUES (x'00', 't-1', 'manager', 1.0)")
    other = await moments("journal", "rebuild", "--check", "--data", data)
    assert (other.code, other.out) == (1, "customers c-1: missing\ncustomers c-2: differs\ntokens t-1: extra\n")
    assert "3 rows are not what the journal says" in other.err
    made = await moments("journal", "rebuild", "--data", data)
    assert (made.code, "from 6 events" in made.out) == (0, True), made
    assert (await moments("journal", "rebuild", "--check", "--data", data)).code == 0


async def test_tables_are_compared_beside_a_running_gateway_and_not_made_anew(data: Path) -> None:
    store = Store.open(data, source="/venues/test")
    try:
        assert (await moments("journal", "rebuild", "--check", "--data", data)).code == 0
        refused = await moments("journal", "rebuild", "--data", data)
        assert (refused.code, "in use" in refused.err) == (1, True)
    finally:
        store.close()

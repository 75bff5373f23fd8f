"""A folder of the version before this one is opened without losing a line.

``data/folder-0004.tar.xz`` was written by the last version whose newest migration is 0004_journal, of which the
journal was the truth already: customers who agreed, stopped, agreed again, or were erased; an open visit with its
alert, question and promise, and one that is over; staff, a tablet, a token; a clock that was set.
``data/folder-0004.json`` is what that version read from it, at ``now``.
"""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.records import (
    alerts,
    customers,
    journal_rows,
    preferences,
    promises,
    rebuild,
    staff,
    visits,
)
from gateway.records.journal import Journal
from gateway.records.store import Store, reading
from gateway.records.verify import verify
from tests.records import happening as h
from tests.records.happening import record

DATA = Path(__file__).parent / "data"
WAS: dict[str, Any] = json.loads((DATA / "folder-0004.json").read_text("utf-8"))
NOW: float = WAS["now"]


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The folder as the version before left it."""
    folder = tmp_path / "data"
    with tarfile.open(DATA / "folder-0004.tar.xz") as tar:
        tar.extractall(folder, filter="data")
    folder.chmod(0o700)
    return folder


@pytest.fixture
def store(before: Path) -> Iterator[Store]:
    opened = Store.open(before, source="/venues/flagship")
    yield opened
    opened.close()


def plain(value: object) -> Any:
    return json.loads(json.dumps(value))


def test_the_tables_are_what_they_were(store: Store) -> None:
    r = store.reader
    for who, facts in WAS["customers"].items():
        found = customers.get_customer(r, who)
        assert (found is None) == (facts is None)
        assert {name: getattr(found, name) for name in facts or ()} == (facts or {})
        assert sorted([f.id, f.value] for f in preferences.facts_of(r, who)) == WAS["facts"][who]
    assert sorted(plain(list(customers.enrolled(store.open_reader(), NOW)))) == WAS["roster"]
    assert sorted([v.id, v.customer, v.zone] for v in visits.open_visits(r)) == WAS["open_visits"]
    assert sorted(row["alert"] for row in alerts.open_alerts(r)) == WAS["open_alerts"]
    owed = [*promises.open_promises(r), *promises.open_complaints(r)]
    assert sorted(row["id"] for row in owed) == WAS["owed"]
    assert [member.id for member in staff.list_staff(r)] == WAS["staff"]


def test_no_line_of_the_journal_is_lost_and_the_chain_goes_on(store: Store) -> None:
    journal = Journal(store, origin="flagship", at=NOW)
    record(store, journal, h.enrolled("new"), h.revoked("chen", at=NOW), h.erased("duval"), at=NOW)
    with closing(store.open_reader()) as reader:
        events = list(journal_rows.select(reader, "ORDER BY number"))
        for was, event in zip(WAS["events"], events, strict=False):
            erased = event.subject == "duval"
            assert [event.sequence, event.id, event.type, event.subject] == was[:4]
            assert plain(event.data) == ({} if erased else was[4])
        assert len(events) >= len(WAS["events"]) + 3
        verdict = verify(reader, WAS["head"])
        assert (verdict.ok, verdict.known_at is not None) == (True, True)
        assert rebuild.check(reader, store.folder).differences == []


def test_the_tables_can_be_made_anew_of_what_the_version_before_wrote(store: Store) -> None:
    rebuild.replace(store)
    test_the_tables_are_what_they_were(store)


def test_what_only_reads_brings_it_up_to_date_too(before: Path) -> None:
    with closing(reading(before)) as reader, closing(reader.keyring):
        assert customers.get_customer(reader, "gone") is None
        assert customers.get_customer(reader, "chen") is not None

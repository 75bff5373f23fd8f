"""A release is read by the one before: back after an upgrade, and forward again, without losing a record."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest

from gateway.core.telling import Telling
from gateway.records import customers, rebuild, schema, versions
from gateway.records.errors import NewerSchema
from gateway.records.journal import Journal
from gateway.records.migrations import Database, Migrations
from gateway.records.retention import Retention
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import Store, reading
from gateway.records.verify import verify
from tests.records import happening as h
from tests.records import next_release
from tests.records.conftest import ORIGIN, SOURCE
from tests.records.happening import record

LATER = 1_900_000_000.0
RECORDS = Path(rebuild.__file__).parent


def opened(folder: Path) -> tuple[Store, Journal]:
    store = Store.open(folder, source=SOURCE)
    return store, Journal(store, origin=ORIGIN, at=0.0)


def whole(store: Store) -> None:
    with closing(store.open_reader()) as reader:
        assert verify(reader).ok
        assert rebuild.check(reader, store.folder).differences == []


@pytest.fixture
def upgraded(folder: Path) -> Path:
    """A folder of this release that the next one has opened, and has written in."""
    store, journal = opened(folder)
    record(store, journal, h.enrolled("c-1", name="Anna"), h.given("c-1"), h.granted("c-1"))
    store.close()
    with next_release.at_work():
        store, journal = opened(folder)
        record(store, journal, h.enrolled("c-2", name="Ben"), next_release.cheered("c-2"), next_release.cheered("c-1"))
        assert next_release.welcomes(store.reader) == {"c-1": 1, "c-2": 1}
        whole(store)
        store.close()
    return folder


def test_this_release_goes_on_with_what_the_next_has_written(upgraded: Path, caplog: pytest.LogCaptureFixture) -> None:
    store, journal = opened(upgraded)
    assert next_release.ADDS in caplog.text
    assert [each.name for each in customers.customers(store.open_reader())] == ["Anna", "Ben"]
    record(store, journal, h.enrolled("c-3", name="Cai"), h.given("c-3", "em:0700ABCDEF", "k-3"), h.granted("c-3"))
    record(store, journal, h.erased("c-2"), h.merged("c-1", "c-3"), h.mistaken("c-1"))
    whole(store)
    store.close()
    caplog.clear()
    store, _ = opened(upgraded)
    assert next_release.ADDS not in caplog.text, "said once"
    whole(store)
    store.close()
    found = reading(upgraded)
    assert [each.name for each in customers.customers(found)] == ["Anna", "Cai"]
    found.close()
    found.keyring.close()


def test_the_next_release_has_lost_nothing_when_it_is_back(upgraded: Path) -> None:
    store, journal = opened(upgraded)
    record(store, journal, h.enrolled("c-3", name="Cai"), h.changed("c-1", name="Anne"))
    store.close()
    with next_release.at_work():
        for _ in range(2):
            store, journal = opened(upgraded)
            assert next_release.welcomes(store.reader) == {"c-1": 1, "c-2": 1, "c-3": 0}
            assert [each.name for each in customers.customers(store.open_reader())] == ["Anne", "Ben", "Cai"]
            whole(store)
            store.close()
        store, journal = opened(upgraded)
        record(store, journal, next_release.cheered("c-3"))
        whole(store)
        store.close()


def test_who_only_looked_in_costs_the_next_release_nothing(
    upgraded: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store.open(upgraded, source=SOURCE).close()
    monkeypatch.setattr(rebuild, "anew", lambda *_: pytest.fail("nothing was written meanwhile"))
    with next_release.at_work():
        Store.open(upgraded, source=SOURCE).close()


def test_nothing_is_let_go_of_the_journal_that_the_next_release_must_read(upgraded: Path) -> None:
    store, journal = opened(upgraded)
    count = "SELECT count(*) FROM journal"
    before = store.reader.conn.execute(count).fetchone()
    for _ in range(3):
        record(store, journal, h.retained(LATER, Retention()), at=LATER)
    assert store.reader.conn.execute(count).fetchone() >= before
    store.close()
    with next_release.at_work():
        store, _ = opened(upgraded)
        assert next_release.welcomes(store.reader)["c-2"] == 1
        whole(store)
        store.close()


def test_a_tablet_that_resumes_is_told_nothing_of_what_nobody_here_knows(upgraded: Path) -> None:
    store, journal = opened(upgraded)
    told = Telling(store, journal, lambda _: None).since(1, 100)
    assert told is not None
    assert {each.type for each in journal.since(1, 100) or ()} - {each.type for each in told} == {"guest.cheered"}
    store.close()


def test_a_release_that_changed_what_was_there_is_refused_in_words_and_untouched(folder: Path) -> None:
    Store.open(folder, source=SOURCE).close()
    with next_release.at_work(next_release.CHANGES):
        Store.open(folder, source=SOURCE).close()
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".db"}
    for look in (lambda: Store.open(folder, source=SOURCE), lambda: reading(folder)):
        with pytest.raises(NewerSchema, match=r"0998_welcomes.*start the newer one again.*moments restore"):
            look()
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".db"} == before


def test_of_several_migrations_one_that_changes_something_stands_in_the_way() -> None:
    assert versions.ahead(["1", "2+", "3+"], ["1"]) == ["2+", "3+"]
    assert versions.ahead(["1"], ["1", "2+"]) == []
    with pytest.raises(NewerSchema, match=r"it has 3\)"):
        versions.ahead(["1", "2+", "3"], ["1"])


def test_what_is_written_names_its_columns_so_that_a_table_may_have_more() -> None:
    found = {
        f"{file.name}: {match}"
        for file in sorted(RECORDS.rglob("*.py"))
        for match in re.findall(r"INTO (?:\w+|\{\w+\}) (?:VALUES|SELECT)\b", file.read_text("utf-8"))
    }
    assert found == set()


BEFORE_THE_FIRST_RELEASE = {
    "0001_records", "0002_service", "0003_tablets", "0004_journal", "0005_facts", "0006_rounds", "0007_merges",
    "0008_quarantine", "0009_ledger", "0010_receipts", "0011_page", "0012_scopes", "0013_device_keys",
    "0015_erasures", "0017_passkeys", "0019_aliases", "0020_let_go", "0022_told",
    "0001_keys", "0002_head", "0010_house_keys",
}  # fmt: skip


@pytest.mark.parametrize("migrations", [schema.RECORDS, schema.KEYS], ids=["records", "keys"])
def test_what_is_changed_from_now_on_only_adds(migrations: Migrations) -> None:
    db, there = Database(sqlite3.connect(":memory:")), dict[str, list[tuple[object, ...]]]()
    for each in migrations.pending(db):
        each.fn(db)
        now = {name: db.conn.execute(f"PRAGMA table_info({name})").fetchall() for name in db.table_names()}
        if each.name not in BEFORE_THE_FIRST_RELEASE:
            assert each.name.endswith(versions.ADDS), f"{each.name}: may it be left out? Then its name ends with +"
            for name, columns in there.items():
                assert now[name][: len(columns)] == columns, f"{each.name} changes {name}"
                for _, column, _, needed, default, _ in now[name][len(columns) :]:
                    assert not needed or default is not None, f"{each.name}: {name}.{column} may not be left out"
        there = now
    db.close()

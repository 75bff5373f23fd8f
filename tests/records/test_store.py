"""What is acknowledged is on the disk; what fails, fails alone; and a full disk is an answer, not an end."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from gateway.records import customers, schema, writer
from gateway.records.connection import SealedDatabase
from gateway.records.journal import Journal
from gateway.records.migrations import Database, Migrations
from gateway.records.sqlite_file import connect_to_write, sqlite3
from gateway.records.store import (
    Damaged,
    DataFolderInUse,
    DiskFull,
    NewerSchema,
    Store,
    StoreFull,
    Tx,
    reading,
)
from tests.records.conftest import SOURCE


def put(name: str) -> Callable[[Tx], customers.Customer]:
    return lambda tx: customers.put_customer(tx, name, {"name": name}, at=1.0)


def names(store: Store) -> set[str]:
    return {customer.id for customer in customers.customers(store.reader)}


def hold_writer(store: Store) -> threading.Event:
    """Keeps the writer busy with a change until the event is set, so that what is written meanwhile is one group."""
    go, started = threading.Event(), threading.Event()

    def change(tx: Tx) -> None:
        started.set()
        go.wait(20)

    store.post(change)
    assert started.wait(40)
    return go


def refuse(tx: Tx) -> None:
    put("half-done")(tx)
    raise ValueError("not this one")


async def test_a_write_is_answered_with_what_the_change_returned_and_can_be_read_at_once(store: Store) -> None:
    assert (await store.write(put("anna"))).name == "anna"
    assert names(store) == {"anna"}


async def test_a_change_that_fails_is_undone_alone(store: Store) -> None:
    hold = hold_writer(store)
    writes = [asyncio.create_task(store.write(change)) for change in (put("before"), refuse, put("after"))]
    await asyncio.sleep(0)
    commits = store.health["commits"]
    hold.set()
    results = await asyncio.gather(*writes, return_exceptions=True)
    assert isinstance(results[1], ValueError)
    assert names(store) == {"before", "after"}
    assert store.health["commits"] == int(str(commits)) + 2  # the one that held, and the three together
    assert store.keyring.has(store.keyring.seal("after", 1, place="x")[1:9])


async def test_a_change_that_ends_its_transaction_is_refused_and_the_others_are_written(store: Store) -> None:
    hold = hold_writer(store)
    rude = asyncio.create_task(store.write(lambda tx: tx.db.conn.execute("COMMIT")))
    fine = asyncio.create_task(store.write(put("anna")))
    await asyncio.sleep(0)
    hold.set()
    with pytest.raises(RuntimeError, match="ended the transaction"):
        await rude
    await fine
    assert names(store) == {"anna"}


async def test_a_post_that_fails_is_counted_and_its_words_stay_out_of_the_log(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(tx: Tx) -> None:
        raise ValueError("Madame Dupont is allergic to nuts")

    store.post(fail)
    await store.write(put("anna"))
    assert store.health["failures"] == 1
    assert "ValueError" in caplog.text
    assert "Dupont" not in caplog.text


async def test_too_many_waiting_changes_are_refused_and_those_accepted_are_written(
    store: Store,
) -> None:
    hold = hold_writer(store)
    for _ in range(writer.QUEUE - 1):
        store.post(lambda tx: None)
    last = asyncio.create_task(store.write(put("last-place")))
    await asyncio.sleep(0)
    with pytest.raises(StoreFull):
        await store.write(put("one-too-many"))
    store.post(put("dropped"))
    assert store.health["dropped"] == 1
    assert store.health["queue"] == writer.QUEUE
    hold.set()
    await last
    await store.write(put("later"))
    assert names(store) == {"last-place", "later"}
    assert store.health["changes"] == writer.QUEUE + 2


async def test_a_caller_who_goes_away_does_not_undo_the_write(store: Store) -> None:
    hold = hold_writer(store)
    gone = asyncio.create_task(store.write(put("anna")))
    await asyncio.sleep(0)
    gone.cancel()
    hold.set()
    await store.write(put("ben"))
    assert names(store) == {"anna", "ben"}


def test_closing_writes_what_waits(folder: Path) -> None:
    store = Store.open(folder, source=SOURCE)
    for number in range(300):
        store.post(put(f"c{number}"))
    store.close()
    store.close()
    with pytest.raises(RuntimeError, match="closed"):
        store.post(put("too-late"))
    again = Store.open(folder, source=SOURCE)
    assert len(names(again)) == 300
    again.close()


def test_the_folder_and_its_files_are_ours_alone(store: Store) -> None:
    store.call(put("anna"))
    assert stat.S_IMODE(store.folder.stat().st_mode) == 0o700
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in store.folder.iterdir()}
    assert {"moments.db", "moments.db-wal", "keys.db", "master.key", "lock"} <= set(files)
    assert set(files.values()) == {0o600}


def test_the_writer_syncs_and_readers_cannot_write(store: Store) -> None:
    assert store.call(lambda tx: tx.db.conn.execute("PRAGMA synchronous").fetchone()[0]) == 2
    assert store.call(lambda tx: tx.db.conn.execute("PRAGMA journal_mode").fetchone()[0]) == "wal"
    assert store.call(lambda tx: tx.db.conn.execute("PRAGMA foreign_keys").fetchone()[0]) == 1
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        store.open_reader().conn.execute("DELETE FROM customers")


# --- the folder ------------------------------------------------------------------------------------------------------


def test_a_second_gateway_is_refused_and_the_first_goes_on(store: Store) -> None:
    with pytest.raises(DataFolderInUse, match=str(os.getpid())):
        Store.open(store.folder, source=SOURCE)
    store.call(put("anna"))
    assert names(store) == {"anna"}


def test_the_records_can_be_read_beside_a_running_gateway(store: Store) -> None:
    store.call(put("anna"))
    beside = reading(store.folder)
    assert [customer.name for customer in customers.customers(beside)] == ["anna"]
    beside.close()
    beside.keyring.close()
    with pytest.raises(FileNotFoundError):
        reading(store.folder / "elsewhere")


@pytest.mark.parametrize(("name", "tables"), [("moments.db", "records"), ("keys.db", "keys")])
def test_a_newer_database_is_refused_and_left_as_it_is(folder: Path, name: str, tables: str) -> None:
    Store.open(folder, source=SOURCE).close()
    future = connect_to_write(folder / name)
    future.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES (?, '0099_future', '')", (tables,)
    )
    future.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    future.close()
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "lock"}
    with pytest.raises(NewerSchema, match="0099_future"):
        Store.open(folder, source=SOURCE)
    after = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "lock"}
    assert {name: after[name] for name in before} == before


@pytest.mark.parametrize("name", ["moments.db", "keys.db"])
def test_a_file_that_is_no_database_is_called_damaged(folder: Path, name: str) -> None:
    Store.open(folder, source=SOURCE).close()
    (folder / name).write_bytes(os.urandom(20_000))
    with pytest.raises(Damaged):
        Store.open(folder, source=SOURCE)


def test_overwritten_pages_are_called_damaged(folder: Path) -> None:
    store = Store.open(folder, source=SOURCE)
    for number in range(500):
        store.post(put(f"c{number}"))
    store.close()
    with (folder / "moments.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(os.urandom(4096 * 40))
    with pytest.raises(Damaged):
        Store.open(folder, source=SOURCE)


# --- migrations ------------------------------------------------------------------------------------------------------


class Killed(Exception):
    """Stands for the power going."""


@pytest.fixture
def next_release(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A release with one migration more, of two statements; what is in the list makes it fail between them."""
    failing: list[str] = []
    migrations = Migrations("records")
    migrations._migrations = list(schema.RECORDS._migrations)

    @migrations(name="0099_next")
    def _next(db: Database) -> None:
        db.conn.execute("CREATE TABLE next_one (id INTEGER PRIMARY KEY) STRICT")
        if failing:
            raise Killed
        db.conn.execute("ALTER TABLE customers ADD COLUMN next_column TEXT")

    monkeypatch.setattr(schema, "RECORDS", migrations)
    return failing


def test_a_migration_keeps_a_copy_of_what_was(folder: Path, request: pytest.FixtureRequest) -> None:
    old = Store.open(folder, source=SOURCE)
    old.call(put("anna"))
    old.close()
    assert not (folder / "before-migration.db").exists()
    request.getfixturevalue("next_release")
    new = Store.open(folder, source=SOURCE)
    assert names(new) == {"anna"}
    new.reader.conn.execute("SELECT next_column FROM customers")
    new.close()
    copy = sqlite3.connect(folder / "before-migration.db")
    assert copy.execute("SELECT id FROM customers").fetchall() == [("anna",)]
    with pytest.raises(sqlite3.OperationalError):
        copy.execute("SELECT next_column FROM customers")
    copy.close()


def test_a_migration_that_is_interrupted_leaves_the_old_and_is_done_next_time(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    old = Store.open(folder, source=SOURCE)
    old.call(put("anna"))
    old.close()
    failing = request.getfixturevalue("next_release")
    failing.append("now")
    with pytest.raises(Killed):
        Store.open(folder, source=SOURCE)
    between = sqlite3.connect(folder / "moments.db")
    assert between.execute("SELECT count(*) FROM sqlite_master WHERE name = 'next_one'").fetchone() == (0,)
    between.close()
    failing.clear()
    new = Store.open(folder, source=SOURCE)
    assert names(new) == {"anna"}
    new.reader.conn.execute("SELECT count(*) FROM next_one")
    new.close()


# --- the disk --------------------------------------------------------------------------------------------------------


def limit_pages(store: Store, pages: int) -> None:
    def limit(tx: Tx) -> None:
        tx.db.conn.execute(f"PRAGMA max_page_count = {pages}")

    store.call(lambda tx: tx.after_commit.append(partial(limit, tx)))


async def test_a_full_disk_is_an_answer_and_passes(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    await store.write(put("anna"))
    limit_pages(store, 1)  # the smallest SQLite takes: the pages there are
    big = {"name": "x" * 200_000}
    for _ in range(2):
        with pytest.raises(DiskFull):
            await store.write(lambda tx: customers.put_customer(tx, "big", big, at=1.0))
    assert store.health["disk_fault"] == "is full"
    assert caplog.text.count("the disk is full") == 1  # told once
    assert names(store) == {"anna"}
    limit_pages(store, 1_000_000)
    await store.write(lambda tx: customers.put_customer(tx, "big", big, at=1.0))
    assert store.health["disk_fault"] is None
    assert names(store) == {"anna", "big"}


async def test_on_a_full_disk_small_changes_still_go_through_beside_a_big_one(store: Store) -> None:
    await store.write(put("anna"))
    limit_pages(store, 1)
    hold = hold_writer(store)
    count = "INSERT INTO counters VALUES ('small', 1)"
    big = asyncio.create_task(
        store.write(lambda tx: customers.put_customer(tx, "big", {"name": "x" * 200_000}, at=1.0))
    )
    small = asyncio.create_task(store.write(lambda tx: tx.db.conn.execute(count).rowcount))
    await asyncio.sleep(0)
    hold.set()
    with pytest.raises(DiskFull):
        await big
    assert await small == 1


LIMITED = """
import resource, signal, sys
from pathlib import Path
from gateway.records import customers
from gateway.records.store import DiskFull, Store

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store.open(Path(sys.argv[1]), source="/venues/test")

def put(name):
    store.call(lambda tx: customers.put_customer(tx, name, {"name": name}, at=1.0))

put("before")
for limit in (1, 4_096, 60_000):  # bytes that a file may have: no key, no row, or only the half of it fits
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    for number in range(50):
        try:
            put(f"c-{limit}-{number}")
        except DiskFull:
            break
    else:
        sys.exit("the limit does not bite")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    put(f"after-{limit}")
print(sorted(customer.id for customer in customers.customers(store.reader) if customer.id.startswith("after")))
store.close()
"""


def test_files_that_can_no_longer_grow_are_a_full_disk_too_for_keys_as_for_rows(folder: Path) -> None:
    command = [sys.executable, "-c", LIMITED, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    assert done.stdout == "['after-1', 'after-4096', 'after-60000']\n"
    again = Store.open(folder, source=SOURCE)
    for customer in customers.customers(again.reader):
        assert customer.name == customer.id
    assert len(list(customers.customers(again.reader))) == len(names(again))
    again.close()


KILLED = """
import sys
from pathlib import Path
from gateway.events.event import News
from gateway.records.journal import Journal
from gateway.records.store import Store

store = Store.open(Path(sys.argv[1]), source="/venues/test")
journal = Journal(store, origin="test")
facts = dict.fromkeys(("address_as", "language", "tier"), "") | dict.fromkeys(("associate", "deputy", "birthday"))
facts |= {"wishes": [], "meets": [], "source": "staff"}
first = int(sys.argv[2])
for number in range(first, first + 100_000):
    data = {**facts, "customer": f"c{number}", "name": f"name {number}"}
    event = journal.event(News("customer.enrolled", f"c{number}", data), "lina", float(number))
    store.call(lambda tx: journal.record(tx, [event]))
    print(number, event.sequence, flush=True)
"""


def test_kill_9_while_writing_loses_nothing_acknowledged_and_uses_no_number_twice(folder: Path) -> None:
    acknowledged: dict[int, int] = {}
    for kill in range(4):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(folder), str(kill * 1_000_000)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert child.stdout is not None
        for _ in range(30 + 7 * kill):
            number, sequence = map(int, child.stdout.readline().split())
            assert sequence not in acknowledged.values()
            acknowledged[number] = sequence
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().splitlines()
        acknowledged |= {int(line.split()[0]): int(line.split()[1]) for line in rest if line.count(" ") == 1}
        child.wait()
        child.stdout.close()
    assert len(set(acknowledged.values())) == len(acknowledged)
    store = Store.open(folder, source=SOURCE)
    journal = Journal(store, origin="test")
    assert journal.verify().ok
    assert journal.sequence >= max(acknowledged.values())
    for number, sequence in acknowledged.items():
        customer = customers.get_customer(store.reader, f"c{number}")
        assert customer is not None
        assert customer.name == f"name {number}"
        events = journal.of_customer(f"c{number}")
        assert [(event.sequence, event.data["name"]) for event in events] == [(sequence, f"name {number}")]
    store.close()


def test_readers_that_were_closed_are_not_kept(store: Store) -> None:
    def alive() -> int:
        gc.collect()
        return sum(isinstance(each, SealedDatabase) for each in gc.get_objects())

    before = alive()
    for _ in range(20):
        store.open_reader().close()
    assert alive() == before

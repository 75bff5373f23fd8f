"""A backup is whole, comes back, and forgets whom the venue forgot."""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from gateway.records import backup as backups
from gateway.records import customers, journal_rows, rebuild, staff
from gateway.records.backup import NotEmpty, backup, restore
from gateway.records.errors import Damaged, DataFolderInUse, WrongMasterKey
from gateway.records.journal import Journal
from gateway.records.retention import Retention
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import Erased, Store, reading
from gateway.records.verify import verify
from tests.records import happening as h
from tests.records.conftest import ORIGIN, SOURCE
from tests.records.happening import record


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return tmp_path / "copies"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere"


def put(store: Store, *ids: str) -> None:
    for id_ in ids:
        store.call(partial(customers.put_customer, id=id_, facts={"name": f"name of {id_}"}, at=1.0))


def names(folder: Path) -> dict[str, str]:
    found = reading(folder)
    try:
        return {customer.id: customer.name for customer in customers.customers(found)}
    finally:
        found.close()
        found.keyring.close()


def test_a_copy_of_a_live_database_comes_back_in_an_empty_folder(
    store: Store, journal: Journal, copies: Path, elsewhere: Path
) -> None:
    events = record(store, journal, h.enrolled("anna", name="name of anna"), h.enrolled("ben", name="name of ben"))
    copy = backup(store.folder, copies)
    put(store, "too-late")
    assert restore(copies, elsewhere) == copy
    assert names(elsewhere) == {"anna": "name of anna", "ben": "name of ben"}
    again = Store.open(elsewhere, source=SOURCE)
    restored = Journal(again, origin=ORIGIN)
    assert restored.of_customer("anna") == events[:1]
    assert restored.verify().ok
    assert (restored.epoch, restored.origin) == (2, ORIGIN)
    [began] = journal_rows.select(again.reader, "WHERE epoch = 2")
    assert began.data == {"because": "restored", "parent_epoch": 1, "parent_position": 3, "carried": {}}
    assert restored.since(events[0].sequence) is None, "what a tablet saw before may never have been"
    assert restored.sequence > journal.sequence + 1_000_000  # numbers given since the copy are not given again
    again.close()
    assert {path.stat().st_mode & 0o777 for path in [*copies.iterdir(), *elsewhere.iterdir()]} == {0o600}


def test_a_copy_made_during_writes_is_consistent(store: Store, journal: Journal, copies: Path, elsewhere: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            record(store, journal, h.enrolled(f"c-{number}"))

    writing = threading.Thread(target=write)
    writing.start()
    try:
        for _ in range(5):
            backup(store.folder, copies)
    finally:
        stop.set()
        writing.join()
    for number, copy in enumerate(sorted(copies.glob("moments-*.db"))):
        target = elsewhere / str(number)
        restore(copy, target)
        found = reading(target)
        events = found.conn.execute("SELECT count(*) FROM journal WHERE type = 'customer.enrolled'").fetchone()[0]
        assert events == len(list(customers.customers(found)))
        found.close()
        found.keyring.close()


def test_only_the_newest_copies_are_kept(store: Store, copies: Path) -> None:
    made = [backup(store.folder, copies, keep=3) for _ in range(5)]
    assert sorted(copies.glob("*.db")) == [copies / "keys.db", *made[2:]]


def test_erasing_a_customer_darkens_the_older_copies_at_the_next_backup(
    store: Store, copies: Path, elsewhere: Path
) -> None:
    put(store, "anna", "ben")
    older = backup(store.folder, copies)
    old_keys = (copies / "keys.db").open("rb")
    store.call(lambda tx: customers.erase_customer(tx, "anna", at=5.0))
    backup(store.folder, copies)

    assert set(old_keys.read()) == {0}  # the keys that were there are overwritten, not only unlinked
    old_keys.close()
    dark = sqlite3.connect(older)
    sealed = dark.execute("SELECT sealed FROM customers WHERE id = 'anna'").fetchone()[0]
    dark.close()
    keyring = Keyring(copies, read_only=True)
    with pytest.raises(Erased):
        keyring.open("anna", sealed, place="customers")
    keyring.close()

    restore(older, elsewhere)
    assert names(elsewhere) == {"ben": "name of ben"}
    again = Store.open(elsewhere, source=SOURCE)
    assert again.reader.conn.execute("SELECT count(*) FROM customers").fetchone() == (1,)
    assert again.keyring.erased("anna")
    again.close()


def test_an_erasure_since_the_last_backup_is_made_again_when_that_is_restored(store: Store, copies: Path) -> None:
    put(store, "anna", "ben")
    store.call(lambda tx: staff.put_staff(tx, staff.Staff("lina", "Lina"), at=1.0))
    backup(store.folder, copies)
    store.call(lambda tx: customers.erase_customer(tx, "anna", at=5.0))
    store.call(lambda tx: staff.delete_staff(tx, "lina", at=5.0))
    put(store, "carl")
    store.close()
    restore(copies, store.folder, force=True)
    assert names(store.folder) == {"ben": "name of ben"}
    again = Store.open(store.folder, source=SOURCE)
    assert again.reader.conn.execute("SELECT count(*) FROM staff").fetchone() == (0,)
    erased = {row[0] for row in again.reader.conn.execute("SELECT customer FROM erasures")}
    assert erased == {"anna", "*staff*lina"}
    again.close()
    set_aside = store.folder / "moments.before-restore.db"
    assert set_aside.exists()
    (store.folder / "moments.db").unlink()
    set_aside.rename(store.folder / "moments.db")
    assert names(store.folder) == {"ben": "name of ben", "carl": "name of carl"}


def test_no_life_of_the_database_has_the_number_of_one_that_was_lost(
    store: Store, journal: Journal, copies: Path
) -> None:
    record(store, journal, h.enrolled("anna"))
    backup(store.folder, copies)
    store.close()
    epochs = []
    for _ in range(3):
        restore(copies, store.folder, force=True)
        again = Store.open(store.folder, source=SOURCE)
        epochs.append(Journal(again, origin=ORIGIN).epoch)
        again.close()
    assert epochs == [2, 3, 4]


@pytest.mark.parametrize("whole", [True, False])
def test_a_copy_of_a_journal_that_was_cut_comes_back_with_what_the_tables_still_need(
    store: Store, journal: Journal, copies: Path, elsewhere: Path, whole: bool
) -> None:
    record(store, journal, h.enrolled("anna"), at=1.0)
    record(store, journal, h.retained(1e9, Retention()), at=1e9)
    copy = backup(store.folder, copies)
    snapshot = copies / copy.name.replace("moments", "anchor")
    assert snapshot.exists()
    if not whole:
        snapshot.unlink()
    restore(copies, elsewhere)
    with closing(Store.open(elsewhere, source=SOURCE)) as again, closing(again.open_reader()) as reader:
        assert customers.get_customer(reader, "anna") is not None
        assert rebuild.check(reader, elsewhere).differences == []
        assert verify(reader).ok


def test_a_snapshot_goes_with_its_copy(store: Store, journal: Journal, copies: Path) -> None:
    record(store, journal, h.enrolled("anna"), at=1.0)
    record(store, journal, h.retained(1e9, Retention()), at=1e9)
    made = [backup(store.folder, copies, keep=2) for _ in range(3)]
    kept = {path.name.partition("-")[2] for path in copies.glob("anchor-*.db")}
    assert kept == {path.name.partition("-")[2] for path in made[1:]}


# --- what is refused -------------------------------------------------------------------------------------------------


def test_a_folder_in_use_or_with_records_is_not_overwritten(store: Store, copies: Path) -> None:
    put(store, "anna")
    backup(store.folder, copies)
    with pytest.raises(DataFolderInUse):
        restore(copies, store.folder, force=True)
    store.close()
    with pytest.raises(NotEmpty):
        restore(copies, store.folder)
    assert names(store.folder) == {"anna": "name of anna"}
    files = {path.name for path in store.folder.iterdir() if not path.name.endswith(("-wal", "-shm"))}
    assert files == {"keys.db", "lock", "master.key", "moments.db"}


def test_nothing_to_copy_or_to_bring_back_is_said(tmp_path: Path, copies: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no moments\.db"):
        backup(tmp_path, copies)
    with pytest.raises(FileNotFoundError, match="no copy"):
        restore(tmp_path, tmp_path / "elsewhere")


@pytest.fixture
def made(store: Store, journal: Journal, copies: Path) -> Path:
    for number in range(200):
        record(store, journal, h.enrolled(f"c-{number}", name=f"name of c-{number}"))
    return backup(store.folder, copies)


def test_a_damaged_copy_is_refused_and_the_folder_left_as_it_was(made: Path, elsewhere: Path) -> None:
    with made.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(os.urandom(20 * 4096))
    with pytest.raises(Damaged):
        restore(made, elsewhere)
    assert [path.name for path in elsewhere.iterdir()] == ["lock"]


def test_a_copy_that_somebody_edited_is_refused(made: Path, elsewhere: Path) -> None:
    edited = sqlite3.connect(made)
    edited.execute("DELETE FROM journal WHERE sequence = 7")
    edited.commit()
    edited.close()
    with pytest.raises(Damaged, match="broken at sequence 8"):
        restore(made, elsewhere)
    assert not (elsewhere / "moments.db").exists()


def test_a_copy_without_its_keys_is_refused(made: Path, elsewhere: Path) -> None:
    (made.parent / "keys.db").unlink()
    with pytest.raises(FileNotFoundError, match=r"keys\.db"):
        restore(made, elsewhere)


def test_a_copy_made_with_a_credential_needs_that_credential(
    tmp_path: Path, copies: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "master-key").write_text(os.urandom(32).hex())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    store = Store.open(tmp_path / "data", source=SOURCE)
    put(store, "anna")
    store.close()
    backup(tmp_path / "data", copies)
    assert not (copies / "master.key").exists()
    restore(copies, elsewhere)
    assert names(elsewhere) == {"anna": "name of anna"}
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(WrongMasterKey, match="no master key"):
        restore(copies, tmp_path / "third")
    (tmp_path / "third" / "master.key").write_text((credentials / "master-key").read_text())
    restore(copies, tmp_path / "third")
    assert names(tmp_path / "third") == {"anna": "name of anna"}


def test_a_backup_that_fails_leaves_the_older_ones_and_no_half_one(
    made: Path, store: Store, copies: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> None:
        raise OSError("no space left")

    before = {path.name: path.read_bytes() for path in copies.iterdir()}
    monkeypatch.setattr(backups, "_sync", fail)
    with pytest.raises(OSError, match="no space"):
        backup(store.folder, copies)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in copies.iterdir()} == before
    shutil.rmtree(elsewhere, ignore_errors=True)
    restore(copies, elsewhere)
    assert len(names(elsewhere)) == 200

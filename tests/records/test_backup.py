"""A backup is whole, comes back, and forgets whom the venue forgot."""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.events import times
from gateway.events.times import DAY
from gateway.operations import venue_ca
from gateway.operations.own_certificate import OwnCertificate
from gateway.records import (
    belonging,
    customers,
    journal_rows,
    manifest,
    quarantine,
    rebuild,
    restoration,
    signing,
    staff,
    swap,
)
from gateway.records.backup import Brought, NotEmpty, backup
from gateway.records.erasure_list import read
from gateway.records.errors import Damaged, DataFolderInUse, Erased, WrongMasterKey
from gateway.records.journal import Journal
from gateway.records.manifest import beside
from gateway.records.retention import Retention
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import Store, reading
from gateway.records.verify import verify
from tests.console.served import config
from tests.records import happening as h
from tests.records.conftest import ORIGIN, SOURCE
from tests.records.happening import record
from tests.records.recovering import on_the_sheet, with_recovery


@pytest.fixture
def store(store: Store) -> Store:
    with_recovery(store.folder)
    return store


def restore(source: Path, folder: Path, **options: Any) -> Brought:
    """Brings a copy back; whoever does it has the sheet at hand."""
    return restoration.restore(source, folder, ask=on_the_sheet, **options)


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return tmp_path / "copies"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    return tmp_path / "elsewhere"


ANNA = {"anna": "name of anna"}


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
    copy = backup(store.folder, copies).path
    put(store, "too-late")
    assert restore(copies, elsewhere).path == copy
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


def test_invented_people_stay_invented_wherever_their_copy_is_brought(
    store: Store, copies: Path, elsewhere: Path, tmp_path: Path
) -> None:
    backup(store.folder, copies / "real")
    belonging.mark_as_demo(store.folder)
    copy = backup(store.folder, copies / "demo").path
    restore(copies / "demo", elsewhere)
    assert belonging.is_demo(elsewhere)
    restore(copies / "real", elsewhere, force=True)
    assert belonging.is_demo(elsewhere) is False
    path = beside(copy, "manifest")
    path.write_text(path.read_text().replace('"demo": true', '"demo": false'))
    with pytest.raises(Damaged, match="was not made by this house, or somebody changed it"):
        restore(copies / "demo", tmp_path / "third")


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
    made = [backup(store.folder, copies, keep=3).path for _ in range(5)]
    assert sorted(copies.glob("moments-*.db")) == made[2:]
    assert len(list(copies.iterdir())) == 3 * len(("records", "keys", "manifest")) + len(("master.sealed", "erasures"))


def test_erasing_a_customer_darkens_the_older_copies_at_the_next_backup(
    store: Store, copies: Path, elsewhere: Path
) -> None:
    put(store, "anna", "ben")
    older = backup(store.folder, copies).path
    with closing(sqlite3.connect(beside(older, "keys"))) as keys:
        wrapped = keys.execute("SELECT wrapped FROM keys WHERE holder = 'anna'").fetchone()[0]
    store.call(lambda tx: customers.erase_customer(tx, "anna", at=5.0))
    backup(store.folder, copies)

    # overwritten where it stood, and not only in the newest copy
    assert not [path.name for path in copies.iterdir() if wrapped in path.read_bytes()]

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


def test_a_key_that_was_destroyed_since_then_and_is_on_no_list_stays_so(store: Store, copies: Path) -> None:
    put(store, "anna")
    sealed = store.call(lambda tx: tx.keyring.seal("chen@quay", "lent, and taken back", place="x"))
    backup(store.folder, copies)
    store.call(lambda tx: tx.keyring.retire(map(bytes.fromhex, tx.keyring.ids_of("chen@quay")), listed=False))
    store.close()
    restore(copies, store.folder, force=True)
    with closing(Store.open(store.folder, source=SOURCE)) as again, pytest.raises(Erased):
        again.keyring.open("chen@quay", sealed, place="x")


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
    copy = backup(store.folder, copies).path
    snapshot = copies / copy.name.replace("moments", "anchor")
    assert snapshot.exists()
    if not whole:
        snapshot.unlink()
        with pytest.raises(Damaged, match=f"{snapshot.name} was taken away after the copy was made"):
            restore(copies, elsewhere)
    restore(copies, elsewhere, broken=not whole)
    with closing(Store.open(elsewhere, source=SOURCE)) as again, closing(again.open_reader()) as reader:
        assert customers.get_customer(reader, "anna") is not None
        assert rebuild.check(reader, elsewhere).differences == []
        assert verify(reader).ok


def test_a_snapshot_goes_with_its_copy(store: Store, journal: Journal, copies: Path) -> None:
    record(store, journal, h.enrolled("anna"), at=1.0)
    record(store, journal, h.retained(1e9, Retention()), at=1e9)
    made = [backup(store.folder, copies, keep=2).path for _ in range(3)]
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
    assert files == {"folder.json", "keys.db", "lock", "master.key", "moments.db", "recovery.json"}


def test_nothing_to_copy_or_to_bring_back_is_said(tmp_path: Path, copies: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no moments\.db"):
        backup(tmp_path, copies)
    with pytest.raises(FileNotFoundError, match="no copy"):
        restore(tmp_path, tmp_path / "elsewhere")


@pytest.fixture
def made(store: Store, journal: Journal, copies: Path) -> Path:
    for number in range(200):
        record(store, journal, h.enrolled(f"c-{number}", name=f"name of c-{number}"))
    return backup(store.folder, copies).path


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
    with pytest.raises(Damaged, match="was changed after the copy was made"):
        restore(made, elsewhere)
    assert not (elsewhere / "moments.db").exists()


def test_a_copy_without_its_keys_is_refused(made: Path, elsewhere: Path) -> None:
    beside(made, "keys").unlink()
    with pytest.raises(FileNotFoundError, match=r"no keys-.*\.db"):
        restore(made, elsewhere)


def test_a_copy_made_with_a_credential_opens_with_it_or_with_the_recovery_key(
    tmp_path: Path, copies: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "master-key").write_text(os.urandom(32).hex())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    with closing(Store.open(tmp_path / "data", source=SOURCE)) as store:
        put(store, "anna")
        with_recovery(store.folder)
    backup(tmp_path / "data", copies)
    restoration.restore(copies, elsewhere)
    assert names(elsewhere) == ANNA
    assert not (elsewhere / "master.key").exists()
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(WrongMasterKey, match="give its recovery key"):
        restoration.restore(copies, tmp_path / "third")
    restore(copies, tmp_path / "third")
    assert names(tmp_path / "third") == ANNA
    assert (tmp_path / "third" / "master.key").read_text().strip() == (credentials / "master-key").read_text()


def with_authority(store: Store) -> str:
    """Gives a house a certificate authority of its own; what its tablets compare."""
    made = venue_ca.new_authority("house", ["moments.lan"], datetime.now(UTC))
    venue_ca.write_authority(store.folder, made)
    return made.fingerprint


def test_a_house_that_is_brought_back_elsewhere_is_the_one_that_its_tablets_trust(
    store: Store, copies: Path, elsewhere: Path
) -> None:
    fingerprint = with_authority(store)
    key = (store.folder / "tls" / venue_ca.AUTHORITY).read_bytes()
    put(store, "anna")
    backup(store.folder, copies)
    for path in copies.iterdir():
        assert b"PRIVATE KEY" not in path.read_bytes()
    restore(copies, elsewhere)
    own = OwnCertificate(elsewhere, config())
    own.renew(datetime.now(UTC))
    again = venue_ca.read_authority(elsewhere)
    assert again is not None
    assert again.fingerprint == fingerprint
    shown = venue_ca.read_certificate(own.file)
    assert shown is not None
    assert shown.issuer == again.certificate.subject
    there = elsewhere / "tls" / venue_ca.AUTHORITY
    assert there.read_bytes() == key
    assert [each.stat().st_mode & 0o777 for each in (there, there.parent)] == [0o600, 0o700]
    assert (elsewhere / "tls" / "authority.crt").read_bytes() == again.der


def test_a_house_that_has_an_authority_keeps_it_and_one_without_gets_none(
    store: Store, copies: Path, elsewhere: Path
) -> None:
    put(store, "anna")
    backup(store.folder, copies)
    restore(copies, elsewhere)
    assert not (elsewhere / "tls").exists()
    before = with_authority(store)
    backup(store.folder, copies)
    with_authority(store)
    store.close()
    restore(copies, store.folder, force=True)
    kept = venue_ca.read_authority(store.folder)
    assert kept is not None
    assert kept.fingerprint != before


def test_an_authority_that_somebody_laid_beside_a_copy_is_refused(store: Store, copies: Path, elsewhere: Path) -> None:
    with_authority(store)
    put(store, "anna")
    copy = backup(store.folder, copies).path
    sealed = beside(copy, "authority")
    whole = sealed.read_bytes()
    sealed.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(Damaged, match=sealed.name):
        restore(copies, elsewhere)
    with pytest.raises(Damaged, match=sealed.name):
        restore(copies, elsewhere, broken=True)
    assert not (elsewhere / "tls").exists()


def test_nor_does_one_that_the_house_gave_up_come_back_with_a_later_copy(
    store: Store, copies: Path, elsewhere: Path
) -> None:
    with_authority(store)
    put(store, "anna")
    given_up = beside(backup(store.folder, copies).path, "authority").read_bytes()
    with_authority(store)
    later = backup(store.folder, copies).path
    beside(later, "authority").write_bytes(given_up)
    with pytest.raises(Damaged, match="was changed after the copy was made"):
        restore(later, elsewhere)
    assert not (elsewhere / "tls").exists()


def test_a_copy_that_goes_takes_its_authority_along(store: Store, copies: Path) -> None:
    with_authority(store)
    for _ in range(3):
        backup(store.folder, copies, keep=1)
    assert len([*copies.glob("authority-*")]) == 1


def test_a_backup_that_fails_leaves_the_older_ones_and_no_half_one(
    made: Path, store: Store, copies: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> None:
        raise OSError("no space left")

    before = {path.name: path.read_bytes() for path in copies.iterdir()}
    monkeypatch.setattr(swap, "sync", fail)
    with pytest.raises(OSError, match="no space"):
        backup(store.folder, copies)
    monkeypatch.undo()
    assert {path.name: path.read_bytes() for path in copies.iterdir()} == before
    shutil.rmtree(elsewhere, ignore_errors=True)
    restore(copies, elsewhere)
    assert len(names(elsewhere)) == 200


# --- what is broken, and what is interrupted -------------------------------------------------------------------------


def break_event(path: Path, number: int = 2) -> None:
    with closing(sqlite3.connect(path)) as spoilt:
        spoilt.execute("UPDATE journal SET sealed = CAST(sealed || x'00' AS BLOB) WHERE number = ?", (number,))
        spoilt.commit()


def test_the_newest_copy_whose_journal_holds_is_brought_back_and_the_others_are_named(
    store: Store, journal: Journal, copies: Path, elsewhere: Path
) -> None:
    record(store, journal, h.enrolled("anna", name="name of anna"))
    good = backup(store.folder, copies).path
    record(store, journal, h.enrolled("ben", name="name of ben"))
    newer = backup(store.folder, copies).path
    break_event(newer)
    brought = restore(copies, elsewhere)
    assert (brought.path, brought.wrong) == (good, None)
    assert brought.passed == [(newer, f"{newer.name} was changed after the copy was made")]
    assert names(elsewhere) == {"anna": "name of anna"}

    taken = restore(copies, elsewhere, force=True, broken=True)
    assert (taken.path, taken.passed) == (newer, [])
    assert taken.wrong == "the journal of the copy is broken at sequence 2"
    assert names(elsewhere) == {"anna": "name of anna", "ben": "name of ben"}


def test_a_broken_journal_is_copied_said_and_pushes_no_good_copy_out(
    store: Store, journal: Journal, copies: Path, elsewhere: Path
) -> None:
    record(store, journal, h.enrolled("anna", name="name of anna"))
    good = backup(store.folder, copies, keep=2)
    assert good.wrong is None
    record(store, journal, h.enrolled("ben", name="name of ben"))
    store.close()
    break_event(store.folder / "moments.db")
    made = [backup(store.folder, copies, keep=2) for _ in range(4)]
    assert {one.wrong for one in made} == {"the journal of the copy is broken at sequence 2"}
    assert sorted(copies.glob("moments-*.db")) == [good.path, *(one.path for one in made[2:])]
    assert restore(copies, elsewhere).path == good.path


@pytest.mark.parametrize("name", ["keys.db", "moments.db"])
@pytest.mark.parametrize("emptied", [True, False])
def test_a_file_that_is_gone_is_never_taken_for_a_new_house(
    store: Store, journal: Journal, copies: Path, name: str, emptied: bool
) -> None:
    record(store, journal, h.enrolled("anna", name="name of anna"))
    backup(store.folder, copies)
    store.close()
    there = {path.name: path.read_bytes() for path in copies.iterdir()}
    (store.folder / name).unlink()
    if emptied:
        (store.folder / name).touch()
    with pytest.raises(Damaged, match=rf"{name} is gone or empty, though .*: bring a backup back"):
        Store.open(store.folder, source=SOURCE)
    with pytest.raises(Damaged, match=f"{name} is gone or empty"):
        backup(store.folder, copies)
    assert {path.name: path.read_bytes() for path in copies.iterdir()} == there
    restore(copies, store.folder, force=True)
    assert names(store.folder) == {"anna": "name of anna"}


def test_so_it_is_where_both_are_gone(store: Store, copies: Path) -> None:
    put(store, "anna")
    backup(store.folder, copies)
    store.close()
    for name in ("keys.db", "moments.db"):
        (store.folder / name).unlink()
    with pytest.raises(Damaged, match="is gone or empty"):
        Store.open(store.folder, source=SOURCE)
    restore(copies, store.folder)
    assert names(store.folder) == {"anna": "name of anna"}


class Cut(BaseException):
    """Somebody pulled the plug."""


def cut_at(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """The plug is pulled before that change of a name in a folder, and nothing is tidied up after it."""
    left = iter(range(step))

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            if next(left, None) is None:
                raise Cut
            return real(*arguments, **options)

        return call

    for name in ("rename", "unlink"):
        monkeypatch.setattr(Path, name, counted(getattr(Path, name)))
    monkeypatch.setattr(shutil, "rmtree", counted(shutil.rmtree))


STEPS = 60


def test_a_cut_inside_restore_leaves_the_old_or_the_new(tmp_path: Path, copies: Path) -> None:
    source = tmp_path / "source"
    with closing(Store.open(source, source=SOURCE)) as store:
        put(store, "anna")
        with_recovery(source)
        record(store, Journal(store, origin=ORIGIN), h.retained(1e9, Retention()), at=1e9)
    backup(source, copies)
    with closing(Store.open(source, source=SOURCE)) as store:
        put(store, "ben")
    old, new = {**ANNA, "ben": "name of ben"}, ANNA
    seen = []
    for step in range(STEPS):
        folder = tmp_path / f"data-{step}"
        shutil.copytree(source, folder)
        with pytest.MonkeyPatch.context() as monkeypatch:
            cut_at(monkeypatch, step)
            try:
                restore(copies, folder, force=True)
                break
            except Cut:
                pass
        found = names(folder)
        assert found in (old, new), step
        seen.append(found)
        with closing(Store.open(folder, source=SOURCE)) as again:
            put(again, "carl")
            assert verify(again.reader, kept=False).ok
        shutil.rmtree(folder)
    else:
        pytest.fail("the restore never came to its end")
    assert old in seen
    assert new in seen


def test_a_cut_inside_a_backup_leaves_the_copies_that_there_were(tmp_path: Path, copies: Path) -> None:
    source = tmp_path / "source"
    with closing(Store.open(source, source=SOURCE)) as store:
        put(store, "anna", "ben")
        with_recovery(source)
        first = backup(source, copies)
        store.call(lambda tx: customers.erase_customer(tx, "ben", at=5.0))
    assert first.wrong is None
    for step in range(STEPS):
        there = tmp_path / f"copies-{step}"
        shutil.copytree(copies, there)
        with pytest.MonkeyPatch.context() as monkeypatch:
            cut_at(monkeypatch, step)
            try:
                backup(source, there)
                break
            except Cut:
                pass
        restore(there, tmp_path / f"back-{step}")
        assert names(tmp_path / f"back-{step}") in ({"anna": "name of anna", "ben": "name of ben"}, ANNA), step
        if step % 4 == 1:  # the next one goes through, and nothing half stays
            backup(source, there)
            whole = {path.name.partition("-")[2].partition(".db")[0] for path in there.glob("moments-*.db")}
            assert len(list(there.iterdir())) == 3 * len(whole) + 2, "three files each, the sealed key, the list"
        shutil.rmtree(there)
    else:
        pytest.fail("the backup never came to its end")


# --- whom a copy gives a right ---------------------------------------------------------------------------------------

FORGED = [
    "INSERT INTO tokens (hash, id, role, created_at) VALUES (x'00', 't-9', 'manager', 1.0)",
    "INSERT INTO tablets VALUES ('d-9', x'01', 'mine', 1.0, 'eve', 1.0, NULL, x'04', 1.0, NULL)",
    "DELETE FROM consents WHERE act = 'withdrawn'",
    "UPDATE consents SET stopped_at = NULL WHERE act = 'given'",
    "UPDATE credentials SET customer = 'ben'",
]


def forge(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path)) as forged:
        assert forged.execute(sql).rowcount == 1
        forged.commit()


@pytest.mark.parametrize("sql", FORGED)
@pytest.mark.parametrize("older", [False, True], ids=["manifest", "from before"])
def test_who_may_write_to_a_backup_gets_no_right_by_it(
    store: Store, journal: Journal, copies: Path, elsewhere: Path, sql: str, older: bool
) -> None:
    record(store, journal, h.enrolled("anna"), h.enrolled("ben"), h.given("anna"))
    record(store, journal, h.granted("anna"), h.revoked("anna"))
    copy = backup(store.folder, copies).path
    if older:
        beside(copy, "manifest").unlink()
        beside(copy, "keys").rename(copies / "keys.db")
    forge(copy, sql)
    with pytest.raises(Damaged, match=r"was changed after|does not say so"):
        restore(copies, elsewhere)
    assert not (elsewhere / "moments.db").exists()


def test_nor_where_they_take_its_manifest_away(store: Store, journal: Journal, copies: Path, elsewhere: Path) -> None:
    record(store, journal, h.enrolled("anna"))
    copy = backup(store.folder, copies).path
    beside(copy, "manifest").unlink()
    with pytest.raises(Damaged, match="was never finished"):
        restore(copies, elsewhere)
    assert not (elsewhere / "moments.db").exists()


def another_house() -> signing.Hand:
    return signing.Hand(os.urandom(32), os.urandom(32))


def test_nor_by_a_manifest_of_their_own(store: Store, journal: Journal, copies: Path, elsewhere: Path) -> None:
    record(store, journal, h.enrolled("anna"))
    copy = backup(store.folder, copies).path
    forge(copy, FORGED[0])
    beside(copy, "manifest").write_text(manifest.text_of(copy, None, another_house()))
    with pytest.raises(Damaged, match="was not made by this house"):
        restore(copies, elsewhere)
    for rubbish in ("", "[]", "{}", '{"made": 1, "files": [], "wrong": null, "proof": ""}'):
        beside(copy, "manifest").write_text(rubbish)
        with pytest.raises(Damaged, match="is no manifest of a copy"):
            restore(copies, elsewhere)


def test_a_copy_from_before_manifests_comes_back(store: Store, journal: Journal, copies: Path, elsewhere: Path) -> None:
    record(store, journal, h.enrolled("anna", name="name of anna"), h.staff_changed("lina"))
    copy = backup(store.folder, copies).path
    beside(copy, "manifest").unlink()
    beside(copy, "keys").rename(copies / "keys.db")
    (copies / "erasures.jsonl").unlink()
    assert restore(copies, elsewhere).quarantined == "there is no list of erasures"
    assert names(elsewhere) == ANNA
    backup(store.folder, copies)
    assert copy.exists(), "it is kept beside newer ones"


# --- whom the house has forgotten ------------------------------------------------------------------------------------


@pytest.fixture
def carried_away(store: Store, copies: Path, tmp_path: Path) -> Path:
    """A copy that somebody took along before Anna was erased; nothing else is left of the box."""
    store.call(lambda tx: tx.keyring.erasures.renew())  # as a gateway does once a day
    put(store, "anna", "ben")
    backup(store.folder, copies)
    away = tmp_path / "away"
    shutil.copytree(copies, away)
    store.call(lambda tx: customers.erase_customer(tx, "anna", at=5.0))
    backup(store.folder, copies)
    return away


def years_later(monkeypatch: pytest.MonkeyPatch, years: float = 2.0) -> None:
    real = times.now
    monkeypatch.setattr(restoration, "now", lambda: real() + years * 365 * DAY)


BEN = {"ben": "name of ben"}
STALE = "the newest list of erasures is more than two days old"


def test_a_copy_that_was_carried_away_brings_nobody_back(
    carried_away: Path, copies: Path, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        years_later(then)
        assert restore(carried_away, elsewhere).quarantined == STALE
    assert quarantine.reason(elsewhere) is not None
    again = restore(carried_away, elsewhere, force=True, erasures=[copies / "erasures.jsonl"])
    assert (again.quarantined, quarantine.reason(elsewhere)) == (None, None)
    assert names(elsewhere) == BEN
    with closing(Store.open(elsewhere, source=SOURCE)) as store:
        assert store.keyring.erased("anna")
        assert list(store.reader.conn.execute("SELECT id FROM customers")) == [("ben",)]


def test_an_old_list_is_not_enough(
    carried_away: Path, copies: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    years_later(monkeypatch)
    assert restore(carried_away, elsewhere, erasures=[copies / "erasures.jsonl"]).quarantined == STALE
    assert names(elsewhere) == BEN, "what is on it is forgotten all the same"


def test_a_list_that_was_cut_off_is_noticed(carried_away: Path, elsewhere: Path) -> None:
    listed = carried_away / "erasures.jsonl"
    listed.write_text("".join(f"{line}\n" for line in listed.read_text().splitlines()[:-1]))
    assert restore(carried_away, elsewhere).quarantined in (
        "there is no list of erasures",
        "the list of erasures is shorter than it was when the copy was made",
    )


def test_a_list_is_never_replaced_by_one_that_knows_less(
    carried_away: Path, store: Store, copies: Path, tmp_path: Path
) -> None:
    known = (copies / "erasures.jsonl").read_text()
    restore(carried_away, tmp_path / "again")
    backup(tmp_path / "again", copies)
    assert (copies / "erasures.jsonl").read_text().startswith(known)
    restore(copies, tmp_path / "third")
    assert names(tmp_path / "third") == BEN


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"n":1', '"n":2', 1),
        lambda text: text[text.index("\n") + 1 :],
        lambda text: text.replace('"keys":["', '"keys":["00', 1),
        lambda text: "rubbish\n" + text,
        lambda text: re.sub(r'("keys":\["[0-9a-f]{14})..', r"\g<1>00", text, count=1),
        lambda text: re.sub(r'"at":"20\d\d', '"at":"2099', text),
        lambda text: '"proof":"'.join(text.rsplit('"sig":"', 1)),
    ],
)
def test_a_list_that_somebody_changed_is_refused(
    carried_away: Path, copies: Path, elsewhere: Path, spoil: Callable[[str], str]
) -> None:
    listed = copies / "erasures.jsonl"
    listed.write_text(spoil(listed.read_text()))
    with pytest.raises(Damaged, match=r"erasures\.jsonl: line \d is not what this house wrote"):
        restore(carried_away, elsewhere, erasures=[listed])


def test_a_torn_line_of_the_list_is_written_anew(store: Store) -> None:
    put(store, "anna", "ben")
    store.call(lambda tx: customers.erase_customer(tx, "anna", at=5.0))
    listed = store.folder / "erasures.jsonl"
    whole = listed.read_text()
    listed.write_text(whole + '{"n":2,"at')
    store.close()
    with closing(Store.open(store.folder, source=SOURCE)) as again:
        again.call(lambda tx: customers.erase_customer(tx, "ben", at=6.0))
        assert len(read(listed, again.keyring.hand).keys) == 2
        assert listed.read_text().startswith(whole)


def test_a_house_says_daily_that_it_has_forgotten_nobody_else(store: Store) -> None:
    for day in (0.0, 0.4, 1.0, 1.1, 5.0, 2.0):  # the last by a clock that was set back
        store.call(lambda tx, day=day: tx.keyring.erasures.renew(1e9 + day * DAY))  # type: ignore[misc]
    listed = read(store.folder / "erasures.jsonl", store.keyring.hand)
    assert (len(listed.lines), listed.newest, listed.keys) == (3, 1e9 + 5 * DAY, frozenset())

"""One at a time writes in a backup folder: a timer, a person, and a gateway that tells of who was erased."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.records import backup, erasure_list
from gateway.records.copying import alone_in
from gateway.records.journal import Journal
from gateway.records.store import Store
from tests.records import happening as h
from tests.records.happening import record
from tests.records.recovering import with_recovery


@pytest.fixture
def store(store: Store) -> Store:
    with_recovery(store.folder)
    return store


def test_backups_made_at_once_into_one_folder_are_all_good(store: Store, journal: Journal, tmp_path: Path) -> None:
    record(store, journal, h.enrolled("anna", name="Anna"))
    to = tmp_path / "copies"
    with ThreadPoolExecutor(3) as people:
        made = list(people.map(lambda _: backup.backup(store.folder, to), range(3)))
    assert [(each.wrong, backup.verify(each.path, store.folder)) for each in made] == [(None, None)] * 3
    assert backup.copies_in(to) == sorted(each.path for each in made)


def test_who_is_erased_while_a_backup_is_made_is_on_the_list_beside_it(
    store: Store, journal: Journal, tmp_path: Path
) -> None:
    to = tmp_path / "copies"
    record(store, journal, h.enrolled("anna", name="Anna"))
    backup.backup(store.folder, to)
    key = bytes.fromhex(store.keyring.ids_of("anna")[0])
    record(store, journal, h.erased("anna"))
    with ThreadPoolExecutor(2) as both:
        copy = both.submit(backup.backup, store.folder, to)
        told = both.submit(backup.reach, to, frozenset({key}))
    assert (copy.result().wrong, told.result()) == (None, True)
    assert key in erasure_list.read(to / erasure_list.ERASURES_FILE, store.keyring.hand).keys


def test_who_waits_too_long_for_another_is_told_where(tmp_path: Path) -> None:
    with (
        alone_in(tmp_path),
        pytest.raises(OSError, match="another backup is made there") as told,
        alone_in(tmp_path, 0.0),
    ):
        pass
    assert (told.value.errno, told.value.filename) == (errno.EBUSY, str(tmp_path))


@pytest.mark.parametrize("said", [errno.ENOLCK, errno.EBADF])
def test_a_share_that_locks_no_folder_is_written_all_the_same(
    said: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(said, "no locks here")

    monkeypatch.setattr("gateway.records.copying.fcntl.flock", refused)
    with alone_in(tmp_path), alone_in(tmp_path):
        (tmp_path / "copy").write_text("whole")
    assert (tmp_path / "copy").exists()

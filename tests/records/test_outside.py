"""A folder that others may write to, a stick or a share: whatever they lay there reaches nothing of the house."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.records import backup as backups
from gateway.records import erasure_list, manifest, outside, restoration
from gateway.records.backup import backup
from gateway.records.copying import part_of
from gateway.records.errors import Damaged
from gateway.records.journal import Journal
from gateway.records.master_key import MASTER_FILE, read_master
from gateway.records.seal import KEYS_FILE, Keyring
from gateway.records.store import RECORDS_FILE, Store
from tests.records import happening as h
from tests.records.happening import record
from tests.records.recovering import on_the_sheet, with_recovery

OURS = (MASTER_FILE, RECORDS_FILE, KEYS_FILE)


@pytest.fixture
def store(store: Store, journal: Journal) -> Store:
    with_recovery(store.folder)
    record(store, journal, h.enrolled("c-1"), h.enrolled("c-2"))
    return store


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def held(folder: Path) -> dict[str, bytes]:
    """What is in the house's own files."""
    return {name: (folder / name).read_bytes() for name in OURS}


def test_what_is_laid_there_in_the_middle_of_a_write_is_neither_written_nor_followed(
    store: Store, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who waits for the name of a new file, and is faster than whoever writes it."""
    before, chmod, unlink = held(store.folder), os.fchmod, Path.unlink

    def linked(made: int, mode: int) -> None:
        chmod(made, mode)
        for part in stick.glob("*.part"):
            unlink(part)
            part.symlink_to(store.folder / MASTER_FILE)

    with monkeypatch.context() as swapped:
        swapped.setattr(os, "fchmod", linked)
        outside.replace(stick / "erasures.jsonl", b"a line\n")
    assert held(store.folder) == before
    with pytest.raises(Damaged, match="is a link"):
        outside.text_in(stick / "erasures.jsonl")

    def theirs(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok=missing_ok)
        path.write_text("somebody else's")

    with monkeypatch.context() as faster:
        faster.setattr(Path, "unlink", theirs)
        with pytest.raises(FileExistsError):
            outside.fresh_file(stick / "keys.part")

    def laid(part: Path) -> None:
        unlink(part)
        part.symlink_to(store.folder / RECORDS_FILE)

    with pytest.raises(Damaged, match="is a link by now"), part_of(stick / "moments.db") as part:
        laid(part)
    assert not (stick / "moments.db").exists()
    assert held(store.folder) == before


@pytest.mark.parametrize("ours", OURS)
@pytest.mark.parametrize(
    "laid", ["master.key", "master.sealed.part", "erasures.jsonl.part", "keys.db", "keys-20200101T000000Z.db", "trial"]
)
def test_a_link_that_somebody_laid_there_is_not_followed(store: Store, stick: Path, laid: str, ours: str) -> None:
    before = held(store.folder)
    (stick / laid).symlink_to(store.folder if laid == "trial" else store.folder / ours)
    copied = backup(store.folder, stick)
    assert (copied.wrong, copied.was_open) == (None, False)
    backups.reach(stick, frozenset({os.urandom(8)}))
    after = held(store.folder)
    assert after[MASTER_FILE] == before[MASTER_FILE]
    assert after[KEYS_FILE] == before[KEYS_FILE]
    assert after[RECORDS_FILE] == before[RECORDS_FILE]
    with closing(Keyring(store.folder, read_only=True)):
        pass  # the keys still open


def test_nor_is_one_to_a_plain_file_that_reads_well(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a line of another file")
    (tmp_path / "laid").symlink_to(tmp_path / "secret")
    with pytest.raises(Damaged, match="is a link"):
        outside.text_in(tmp_path / "laid")
    assert outside.text_in(tmp_path / "secret") == "a line of another file"


def _deep(path: Path) -> None:
    path.write_text("[" * 100_000 + "\n")


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(outside.MOST + 1)


@pytest.mark.parametrize("lay", [_deep, _endless, _pipe, _large])
def test_what_is_no_list_of_erasures_is_said_and_holds_nobody_up(
    store: Store, stick: Path, lay: Callable[[Path], None]
) -> None:
    lay(stick / erasure_list.ERASURES_FILE)
    with pytest.raises(Damaged):
        erasure_list.read(stick / erasure_list.ERASURES_FILE, store.keyring.hand)
    with pytest.raises(Damaged):
        backup(store.folder, stick)


@pytest.mark.parametrize("lay", [_deep, _endless, _pipe, _large])
def test_nor_is_what_is_no_manifest(store: Store, stick: Path, lay: Callable[[Path], None]) -> None:
    copied = backup(store.folder, stick)
    said = manifest.beside(copied.path, "manifest")
    said.unlink()
    lay(said)
    with pytest.raises(Damaged):
        restoration.restore(stick, store.folder.parent / "elsewhere", ask=on_the_sheet)


def test_names_in_a_manifest_open_nothing(store: Store, stick: Path, tmp_path: Path) -> None:
    copied = backup(store.folder, stick)
    said = manifest.beside(copied.path, "manifest")
    facts = json.loads(said.read_text())
    facts["files"] = {"../data/master.key": "0" * 64, "/etc/passwd": "0" * 64, **facts["files"]}
    said.write_text(json.dumps(facts))
    with pytest.raises(Damaged, match="was not made by this house"):
        restoration.restore(stick, tmp_path / "elsewhere", ask=on_the_sheet)


def test_the_master_key_is_never_on_the_stick_not_even_while_the_copy_is_on_trial(
    store: Store, stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is deleted stays on a stick until something else is written there."""
    seen: list[bytes] = []
    proved = restoration.prove

    def look(*given: Any, **more: Any) -> Any:
        answer = proved(*given, **more)
        seen.extend(path.read_bytes() for path in stick.rglob("*") if path.is_file())
        return answer

    monkeypatch.setattr(restoration, "prove", look)
    master = read_master(store.folder)
    assert master is not None
    assert backup(store.folder, stick).wrong is None
    assert len(seen) > 3, "while it is on trial"
    assert not [raw for raw in seen if master in raw or master.hex().encode() in raw]
    shutil.rmtree(stick)

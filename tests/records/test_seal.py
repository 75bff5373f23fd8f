"""A sealed value opens for its customer, in its place, with its key, and in no other way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records.errors import Altered, Damaged, Erased, WrongMasterKey
from gateway.records.seal import CACHE, Keyring

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc"), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@pytest.fixture
def keyring(tmp_path: Path) -> Iterator[Keyring]:
    opened = Keyring(tmp_path)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keyring]:
    opened = Keyring(tmp_path_factory.mktemp("keys"))
    yield opened
    opened.close()


@given(value=JSON)
def test_what_is_sealed_opens_again(shared: Keyring, value: object) -> None:
    assert shared.open("c-1", shared.seal("c-1", value, place="x"), place="x") == value


@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed(shared: Keyring, at: int, flip: int) -> None:
    sealed = bytearray(shared.seal("c-1", "green tea", place="x"))
    sealed[at % len(sealed)] ^= flip
    if at % len(sealed) == 0:
        return  # the version byte is not yet read
    with pytest.raises((Damaged, Erased)):
        shared.open("c-1", bytes(sealed), place="x")


def test_a_value_moved_to_another_place_or_customer_does_not_open(keyring: Keyring) -> None:
    sealed = keyring.seal("c-1", "green tea", place="preferences/1")
    for customer, place in (("c-2", "preferences/1"), ("c-1", "preferences/2")):
        with pytest.raises(Damaged):
            keyring.open(customer, sealed, place=place)


def test_equal_values_do_not_look_equal(keyring: Keyring) -> None:
    assert keyring.seal("c-1", "tea", place="x") != keyring.seal("c-1", "tea", place="x")


def test_keys_survive_a_restart_and_forgotten_ones_do_not(tmp_path: Path) -> None:
    first = Keyring(tmp_path)
    kept, gone = first.seal("kept", 1, place="x"), first.seal("gone", 2, place="x")
    first.commit()
    first.forget("gone")
    prints = first.fingerprint("epc:3034")
    first.close()
    second = Keyring(tmp_path)
    assert second.open("kept", kept, place="x") == 1
    assert second.fingerprint("epc:3034") == prints
    with pytest.raises(Erased):
        second.open("gone", gone, place="x")
    with pytest.raises(Erased):
        second.seal("gone", 3, place="x")
    assert second.erased("gone")
    assert not second.erased("kept")
    assert not second.erased("never heard of")
    second.close()


def test_a_key_of_a_change_that_failed_is_not_kept(keyring: Keyring) -> None:
    mark = keyring.mark()
    sealed = keyring.seal("c-1", 1, place="x")
    keyring.undo(mark)
    with pytest.raises(Altered):  # nobody was erased: nobody ever had that key
        keyring.open("c-1", sealed, place="x")
    again = keyring.seal("c-1", 2, place="x")
    keyring.commit()
    assert keyring.open("c-1", again, place="x") == 2


def test_retiring_can_be_undone(keyring: Keyring) -> None:
    sealed = keyring.seal("c-1", 1, place="x")
    keyring.commit()
    mark = keyring.mark()
    keyring.retire([sealed[1:9]])
    with pytest.raises(Erased):
        keyring.seal("c-1", 2, place="x")
    keyring.undo(mark)
    keyring.settle()
    assert keyring.open("c-1", sealed, place="x") == 1
    assert keyring.seal("c-1", 2, place="x")


def test_more_customers_than_the_cache_holds_can_be_opened(keyring: Keyring) -> None:
    sealed = [keyring.seal(f"c-{n}", n, place="x") for n in range(CACHE + 1_000)]
    keyring.commit()
    for n in (0, 1, CACHE // 2, CACHE, CACHE + 999, 0):
        assert keyring.open(f"c-{n}", sealed[n], place="x") == n
        assert keyring.seal(f"c-{n}", n, place="x")[1:9] == sealed[n][1:9]


# --- the master key --------------------------------------------------------------------------------------------------


def test_a_new_folder_gets_a_master_key_of_its_own(tmp_path: Path) -> None:
    keyrings = [Keyring(_made(tmp_path / name)) for name in "ab"]
    assert keyrings[0].fingerprint("epc:3034") != keyrings[1].fingerprint("epc:3034")
    assert (tmp_path / "a" / "master.key").stat().st_mode & 0o777 == 0o600
    for keyring in keyrings:
        keyring.close()


@pytest.mark.parametrize("as_hex", [True, False])
def test_the_systems_credential_comes_before_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_hex: bool
) -> None:
    key = os.urandom(32)
    credentials = _made(tmp_path / "credentials")
    (credentials / "master-key").write_bytes(key.hex().encode() + b"\n" if as_hex else key)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    keyring = Keyring(_made(tmp_path / "data"))
    assert not (tmp_path / "data" / "master.key").exists()
    prints = keyring.fingerprint("epc:3034")
    keyring.close()
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    (tmp_path / "data" / "master.key").write_text(key.hex())
    keyring = Keyring(tmp_path / "data")
    assert keyring.fingerprint("epc:3034") == prints
    keyring.close()


def test_another_master_key_is_refused_before_anything_is_sealed_with_it(tmp_path: Path) -> None:
    Keyring(tmp_path).close()
    (tmp_path / "master.key").write_text(os.urandom(32).hex())
    with pytest.raises(WrongMasterKey, match="not the one"):
        Keyring(tmp_path)
    (tmp_path / "master.key").write_text("short")
    with pytest.raises(WrongMasterKey, match="32 bytes or 64 hex digits"):
        Keyring(tmp_path)
    (tmp_path / "master.key").unlink()
    with pytest.raises(WrongMasterKey, match="no master key"):
        Keyring(tmp_path)
    assert not (tmp_path / "master.key").exists()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder

"""Who works here, and what proves it."""

from __future__ import annotations

from functools import partial
from hashlib import sha256

import pytest

from gateway.records import staff
from gateway.records.sqlite_file import sqlite3
from gateway.records.staff import Session, Shift, Staff, Token
from gateway.records.store import Store

ANNA = Staff("anna", "李安娜", ["floor", "manager"], ["lounge"], ["zh-CN", "en"], "$argon2id$anna")


@pytest.fixture(autouse=True)
def _staff(store: Store) -> None:
    for member in (ANNA, Staff("ben", "Ben")):
        store.call(partial(staff.put_staff, member=member, at=1.0))


def sign_in(store: Store, secret: str) -> None:
    store.call(lambda tx: staff.put_session(tx, Session("anna", 1.0, 1.0), staff.hash_of(secret)))


def admit(store: Store, token: Token) -> None:
    store.call(lambda tx: staff.put_token(tx, token, staff.hash_of("token")))


def test_staff_come_back_as_recorded(store: Store) -> None:
    assert staff.get_staff(store.reader, "anna") == ANNA
    assert [member.id for member in staff.list_staff(store.reader)] == ["anna", "ben"]
    assert staff.get_staff(store.reader, "carl") is None
    assert "argon2" not in repr(ANNA)


def test_who_leaves_is_gone_with_shift_sessions_and_tokens(store: Store) -> None:
    store.call(lambda tx: staff.start_shift(tx, Shift("anna", ["lounge"], 1.0, None)))
    sign_in(store, "session")
    admit(store, Token("t-1", "floor", "anna", 1.0))
    assert store.call(lambda tx: staff.delete_staff(tx, "anna", 2.0))
    assert not store.call(lambda tx: staff.delete_staff(tx, "anna", 2.0))
    assert staff.get_staff(store.reader, "anna") is None
    assert staff.shifts(store.reader) == []
    assert staff.find_session(store.reader, "session") is None
    assert staff.find_token(store.reader, "token") is None
    store.call(lambda tx: staff.put_staff(tx, ANNA, at=3.0))
    assert staff.get_staff(store.reader, "anna") == ANNA


def test_a_shift_takes_the_place_of_the_one_before_and_ends(store: Store) -> None:
    store.call(lambda tx: staff.start_shift(tx, Shift("anna", ["入口", "bar"], 1.0, None)))
    store.call(lambda tx: staff.start_shift(tx, Shift("anna", ["bar"], 2.0, 10.0)))
    store.call(lambda tx: staff.start_shift(tx, Shift("ben", [], 2.0, None)))
    assert staff.shifts(store.reader) == [Shift("anna", ["bar"], 2.0, 10.0), Shift("ben", [], 2.0, None)]
    assert store.call(lambda tx: staff.end_shift(tx, "ben"))
    assert not store.call(lambda tx: staff.end_shift(tx, "ben"))
    with pytest.raises(sqlite3.IntegrityError):
        store.call(lambda tx: staff.start_shift(tx, Shift("nobody", [], 1.0, None)))


@pytest.mark.parametrize("wrong", ["", "tok", "token ", "Token", "x" * 10_000, "tökén", "\udcff"])
def test_only_the_whole_token_is_good_and_only_until_revoked(store: Store, wrong: str) -> None:
    token = Token("t-1", "integration", None, 1.0)
    admit(store, token)
    assert staff.find_token(store.reader, "token") == token
    assert staff.find_token(store.reader, wrong) is None
    assert staff.list_tokens(store.reader) == [token]
    assert store.call(lambda tx: staff.revoke_token(tx, token.id, 2.0)) == sha256(b"token").hexdigest()
    assert store.call(lambda tx: staff.revoke_token(tx, token.id, 2.0)) is None
    assert staff.list_tokens(store.reader) == []
    assert staff.find_token(store.reader, "token") is None


def test_a_session_is_good_until_it_is_ended(store: Store) -> None:
    for secret in ("one", "two", "three"):
        sign_in(store, secret)
    assert staff.find_session(store.reader, "one") == Session("anna", 1.0, 1.0)
    assert store.call(lambda tx: staff.end_session(tx, staff.hash_of("one"), 6.0))
    assert not store.call(lambda tx: staff.end_session(tx, staff.hash_of("one"), 6.0))
    assert staff.find_session(store.reader, "one") is None
    assert store.call(lambda tx: staff.end_sessions_of(tx, "anna", 7.0)) == 2
    assert staff.find_session(store.reader, "two") is None

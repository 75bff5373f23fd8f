"""Customers, what they carry and what they agreed to; nobody without consent is on the roster."""

from __future__ import annotations

import itertools
from functools import partial
from typing import Any

import pytest

from gateway.records import consents, customers
from gateway.records.customers import Taken
from gateway.records.seal import KEYS_FILE
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import Erased, Store, Tx

TAG, PHONE = "epc:3034257BF7194E4000001A85", "irk:e0e1e2e3e4e5e6e7e8e9eaebecedeeef"
WANG: dict[str, Any] = {
    "name": "王小明",
    "address_as": "Mr Wang",
    "language": "zh-CN",
    "tier": "gold",
    "associate": "anna",
    "deputy": "ben",
    "wishes": ["no_name"],
}


def put(store: Store, id_: str, **facts: object) -> None:
    store.call(lambda tx: customers.put_customer(tx, id_, {"name": id_, **facts}, at=1.0))


def roster(store: Store, now: float = 100.0) -> dict[str, tuple[str, float | None]]:
    found = list(customers.enrolled(store.reader, now))
    assert len({identifier for identifier, *_ in found}) == len(found)
    return {identifier: (customer, expires) for identifier, customer, expires, _ in found}


def test_a_customer_comes_back_as_recorded(store: Store) -> None:
    put(store, "c-1", **WANG)
    found = customers.get_customer(store.reader, "c-1")
    assert found == customers.Customer(id="c-1", changed_at=1.0, **WANG)
    assert customers.get_customer(store.reader, "c-2") is None
    put(store, "c-1", name="Wang")
    found = customers.get_customer(store.reader, "c-1")
    assert found == customers.Customer(id="c-1", name="Wang", changed_at=1.0)
    assert len(list(customers.customers(store.reader))) == 1


@pytest.mark.parametrize("id_", ["", "a b", "*house*", "a/b", "x" * 65, "-a", "a\n"])
def test_an_id_that_is_none_is_refused(store: Store, id_: str) -> None:
    with pytest.raises(ValueError, match="1 to 64"):
        put(store, id_)


@pytest.mark.parametrize("q", ["小明", "wang", "ＷＡＮＧ", "MR W", "c-1", "ｍｒ"])
def test_a_customer_is_found_by_a_part_of_name_address_or_id(store: Store, q: str) -> None:
    put(store, "c-1", **WANG)
    put(store, "other", name="Straße")
    assert [one.id for one in customers.search(store.reader, q)] == ["c-1"]


def test_a_search_ends_at_its_limit(store: Store) -> None:
    for number in range(600):
        put(store, f"c-{number:03}")
    assert [one.id for one in customers.search(store.open_reader(), "C-", limit=3)] == ["c-000", "c-001", "c-002"]
    assert len(customers.search(store.open_reader(), "", limit=1_000)) == 600


# --- credentials -----------------------------------------------------------------------------------------------------


def test_a_tag_belongs_to_one_customer_and_can_be_taken_back(store: Store) -> None:
    put(store, "c-1")
    put(store, "c-2")
    given = store.call(lambda tx: customers.add_credential(tx, "c-1", TAG, "key ring", "tid:E280"))
    assert (given.scheme, given.label, given.tid) == ("epc", "key ring", "tid:E280")
    with pytest.raises(Taken):
        store.call(lambda tx: customers.add_credential(tx, "c-2", TAG))
    assert customers.owner_of(store.reader, TAG) == "c-1"
    relabelled = store.call(lambda tx: customers.add_credential(tx, "c-1", TAG, "bag"))
    assert relabelled.id == given.id
    assert customers.credentials_of(store.reader, "c-1") == [relabelled]
    assert store.call(lambda tx: customers.remove_credential(tx, "c-2", given.id)) is None
    assert store.call(lambda tx: customers.remove_credential(tx, "c-1", given.id)) == relabelled
    assert customers.owner_of(store.reader, TAG) is None
    store.call(lambda tx: customers.add_credential(tx, "c-2", TAG))
    assert customers.owner_of(store.reader, TAG) == "c-2"


def test_a_tag_of_nobody_is_refused(store: Store) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        store.call(lambda tx: customers.add_credential(tx, "nobody", TAG))


def test_neither_a_log_nor_an_error_shows_an_identifier(store: Store) -> None:
    put(store, "c-1")
    put(store, "c-2")
    assert "1A85" not in repr(store.call(lambda tx: customers.add_credential(tx, "c-1", TAG, "", "tid:1A85")))
    with pytest.raises(Taken) as caught:
        store.call(lambda tx: customers.add_credential(tx, "c-2", TAG))
    assert "1A85" not in str(caught.value)


# --- consent and the roster ------------------------------------------------------------------------------------------


def enrol(store: Store, id_: str = "c-1", *identifiers: str) -> None:
    put(store, id_)
    for identifier in identifiers or (TAG, PHONE):
        store.call(partial(customers.add_credential, customer=id_, identifier=identifier))


def grant(
    store: Store, purpose: str, at: float = 1.0, expires: float | None = None, id_: str = "c-1"
) -> consents.Consent:
    return store.call(
        lambda tx: consents.grant_consent(tx, id_, purpose, method="paper", document="form 7", expires=expires, at=at)
    )


def test_only_a_consent_for_that_purpose_puts_an_identifier_on_the_roster(store: Store) -> None:
    enrol(store)
    assert roster(store) == {}
    grant(store, "keep_preferences")
    grant(store, "share_partners")
    assert roster(store) == {}
    grant(store, "recognise_tag")
    assert roster(store) == {TAG: ("c-1", None)}
    grant(store, "recognise_phone", expires=500.0)
    assert roster(store) == {TAG: ("c-1", None), PHONE: ("c-1", 500.0)}
    assert roster(store, now=500.0) == {TAG: ("c-1", None)}
    store.call(lambda tx: consents.revoke_consent(tx, "c-1", "recognise_tag", at=50.0))
    assert roster(store) == {PHONE: ("c-1", 500.0)}


@pytest.mark.parametrize("scheme", ["epc", "tid", "em", "nfc"])
def test_tags_are_recognised_as_tags(store: Store, scheme: str) -> None:
    enrol(store, "c-1", f"{scheme}:00")
    grant(store, "recognise_phone")
    assert roster(store) == {}
    grant(store, "recognise_tag")
    assert set(roster(store)) == {f"{scheme}:00"}


def test_a_consent_is_given_anew_and_the_old_one_stays_as_a_receipt(store: Store) -> None:
    enrol(store)
    grant(store, "recognise_tag", at=1.0, expires=10.0)
    grant(store, "recognise_tag", at=2.0, expires=20.0)
    [live] = consents.consents_of(store.reader, "c-1")
    assert (live.granted_at, live.expires, live.method, live.document) == (2.0, 20.0, "paper", "form 7")
    assert consents.consents_of(store.reader, "c-1", now=20.0) == []
    assert store.reader.conn.execute("SELECT count(*) FROM consents").fetchone() == (2,)


def test_an_unknown_purpose_is_refused(store: Store) -> None:
    enrol(store)
    with pytest.raises(ValueError, match="recognise_tag"):
        grant(store, "recognize_tag")


# --- erasure ---------------------------------------------------------------------------------------------------------


def test_an_erased_customer_is_gone_and_their_key_overwritten(store: Store) -> None:
    enrol(store)
    grant(store, "recognise_tag")
    kept = store.reader.conn.execute("SELECT sealed FROM customers").fetchone()[0]
    [wrapped] = store.reader.conn.execute("SELECT wrapped FROM sealing.keys WHERE holder = 'c-1'").fetchone()
    assert wrapped.hex() in _hex(store, KEYS_FILE) + _hex(store, KEYS_FILE + "-wal")
    assert store.call(lambda tx: customers.erase_customer(tx, "c-1", at=5.0))
    assert not store.call(lambda tx: customers.erase_customer(tx, "c-1", at=6.0))
    assert customers.get_customer(store.reader, "c-1") is None
    assert roster(store) == {}
    with pytest.raises(Erased):
        store.keyring.open("c-1", kept, place="customers")
    assert wrapped.hex() not in _hex(store, KEYS_FILE) + _hex(store, KEYS_FILE + "-wal")
    for table in ("customers", "credentials", "consents"):
        assert store.reader.conn.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_an_erasure_that_fails_erases_nothing(store: Store) -> None:
    enrol(store)

    def fail(tx: Tx) -> None:
        customers.erase_customer(tx, "c-1", at=5.0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.call(fail)
    assert customers.get_customer(store.reader, "c-1") is not None
    put(store, "c-1", name="still here")
    assert customers.credentials_of(store.reader, "c-1")


def test_who_was_erased_can_come_back_with_a_new_key(store: Store) -> None:
    enrol(store)
    old = store.reader.conn.execute("SELECT sealed FROM customers").fetchone()[0]

    def both(tx: Tx) -> None:
        customers.erase_customer(tx, "c-1", at=5.0)
        customers.put_customer(tx, "c-1", {"name": "again"}, at=6.0)

    store.call(both)
    found = customers.get_customer(store.reader, "c-1")
    assert found is not None
    assert found.name == "again"
    with pytest.raises(Erased):
        store.keyring.open("c-1", old, place="customers")
    assert customers.credentials_of(store.reader, "c-1") == []


def test_an_erasure_cut_short_by_a_crash_is_finished_at_the_next_start(store: Store) -> None:
    enrol(store)
    sealed = store.reader.conn.execute("SELECT sealed FROM customers").fetchone()[0]
    store.keyring.settle = lambda: None  # type: ignore[method-assign]  # the power went after the commit
    store.call(lambda tx: customers.erase_customer(tx, "c-1", at=5.0))
    store.close()
    again = Store.open(store.folder, source="/venues/test")
    with pytest.raises(Erased):
        again.keyring.open("c-1", sealed, place="customers")
    again.close()


def test_whatever_is_erased_between_others_stay_readable(store: Store) -> None:
    for first, second in itertools.pairwise(range(20)):
        enrol(store, f"c-{first}", f"em:{first:010X}")
        if first % 3 == 0 and first:
            store.call(partial(customers.erase_customer, id=f"c-{second - 2}", at=5.0))
    for customer in customers.customers(store.reader):
        assert [one.identifier for one in customers.credentials_of(store.reader, customer.id)]
    assert len(list(customers.customers(store.reader))) == 13


def _hex(store: Store, name: str) -> str:
    path = store.folder / name
    return path.read_bytes().hex() if path.exists() else ""

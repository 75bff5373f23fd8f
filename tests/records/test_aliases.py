"""What others call a customer: sealed, found by a keyed hash, kept by rebuilds and new keys, gone once erased."""

from __future__ import annotations

import pytest

from gateway.events.event import News
from gateway.records import aliases, customers, rebuild, rotation
from gateway.records.customers import get_customer
from gateway.records.errors import Conflict
from gateway.records.journal import Journal
from gateway.records.store import Store
from tests.records import happening as h
from tests.records.happening import record

OUTSIDE = "chen-wei-birthday-0412"


@pytest.fixture
def journal(store: Store) -> Journal:
    return Journal(store, origin="test", at=0.0)


def test_an_id_of_ours_is_drawn_and_looks_like_nothing_else() -> None:
    drawn = {aliases.new_id() for _ in range(1_000)}
    assert len(drawn) == 1_000
    assert all(aliases.OURS.fullmatch(each) and not set("01lo") & set(each[2:]) for each in drawn)
    assert (
        aliases.wrong_alias(drawn.pop()) == "looks like an id of ours, and nobody here has it; expected an id of yours"
    )
    assert aliases.wrong_alias("vip-1") is None


def test_who_is_called_so_is_found_by_it_and_by_the_id(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled("c-1", alias=OUTSIDE), h.enrolled("c-2"), at=1.0)
    assert [aliases.ours(store.reader, each) for each in (OUTSIDE, "c-1", "c-2", "nobody")] == [
        "c-1",
        "c-1",
        "c-2",
        "nobody",
    ]
    assert aliases.every(store.reader, [OUTSIDE, "c-2", "nobody"]) == {OUTSIDE: "c-1"}
    assert [aliases.of(store.reader, each) for each in ("c-1", "c-2", "nobody")] == [OUTSIDE, None, None]
    found = [get_customer(store.reader, each) for each in ("c-1", "c-2")]
    assert [each and each.outside for each in found] == [OUTSIDE, "c-2"]
    record(store, journal, h.changed(tier="gold"), at=2.0)
    assert aliases.of(store.reader, "c-1") == OUTSIDE, "it stays with whatever else changes"
    assert [each.id for each in customers.search(store.reader, "birthday")] == ["c-1"]


def test_nobody_else_can_be_called_so(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled("c-1", alias=OUTSIDE), at=1.0)
    with pytest.raises(Conflict):
        record(store, journal, h.enrolled("c-2", alias=OUTSIDE), at=2.0)
    assert get_customer(store.reader, "c-2") is None


def test_tables_that_are_made_anew_know_it_and_a_new_master_key_finds_it(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled("c-1", alias=OUTSIDE), at=1.0)
    assert not rebuild.check(store.reader, store.folder).differences
    before = store.reader.conn.execute("SELECT alias FROM customers").fetchone()
    rotation.rotate(store, "master", lambda news: record(store, journal, news, at=3.0), at=2.0)
    assert store.reader.conn.execute("SELECT alias FROM customers").fetchone() != before
    assert aliases.ours(store.reader, OUTSIDE) == "c-1"
    assert not rebuild.check(store.reader, store.folder).differences
    rebuild.replace(store)
    assert aliases.ours(store.reader, OUTSIDE) == "c-1"


def test_with_an_erasure_it_is_gone_and_a_hash_says_only_that_somebody_was_called_so(
    store: Store, journal: Journal
) -> None:
    record(store, journal, h.enrolled("c-1", alias=OUTSIDE), at=1.0)
    hashed = aliases.hash_of(store.reader, "c-1")
    assert hashed is not None
    told = {"customer": "c-1", "keys": store.keyring.ids_of("c-1"), "alias": hashed}
    record(store, journal, News("customer.erased", "c-1", told), at=2.0)
    assert (aliases.ours(store.reader, OUTSIDE), aliases.of(store.reader, "c-1")) == (OUTSIDE, None)
    assert aliases.erased(store.reader, OUTSIDE)
    assert not aliases.erased(store.reader, "somebody-else")
    rotation.rotate(store, "master", lambda news: record(store, journal, news, at=3.0), at=2.0)
    assert aliases.erased(store.reader, OUTSIDE), "also by a key from before"
    assert not rebuild.check(store.reader, store.folder).differences
    kept = b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())
    assert OUTSIDE.encode() not in kept


def test_ids_that_others_gave_are_listed(store: Store, journal: Journal) -> None:
    mine = aliases.new_id()
    record(store, journal, h.enrolled(mine, alias=OUTSIDE), h.enrolled("vip-1"), at=1.0)
    assert [*aliases.foreign(store.reader)] == ["vip-1"]

"""Who is on record, by keyed hashes alone: nobody is missed, whatever key they were hashed with."""

from __future__ import annotations

from gateway.records import customers, rotation
from gateway.records.journal import Journal
from gateway.records.keyed_hashes import KeyedHashes
from gateway.records.store import Store
from tests.records import happening as h
from tests.records.happening import record

TAGS = [f"epc:3034F10A5C0E4000{number:08X}" for number in range(40)]


def _enrol(store: Store, journal: Journal) -> None:
    record(store, journal, *(h.enrolled(f"c-{n}") for n in range(len(TAGS))))
    record(store, journal, *(h.given(f"c-{n}", tag, f"k-{n}") for n, tag in enumerate(TAGS[:30])))


def test_whatever_is_on_record_is_held_and_a_stranger_is_not(store: Store, journal: Journal) -> None:
    _enrol(store, journal)
    hashes = KeyedHashes(store.reader)
    assert [hashes.holds(tag) for tag in TAGS] == [True] * 30 + [False] * 10
    assert not hashes.holds("")
    for tag in TAGS[25:]:
        hashes.add(tag)
    assert all(map(hashes.holds, TAGS))
    assert len(hashes) == 40


def test_with_nobody_on_record_everybody_is_a_stranger(store: Store) -> None:
    assert not KeyedHashes(store.reader).holds(TAGS[0])


def test_a_new_key_for_hashes_makes_nobody_a_stranger(store: Store, journal: Journal) -> None:
    _enrol(store, journal)
    before = KeyedHashes(store.reader)
    rotation.rotate(store, "master", lambda news: record(store, journal, news), at=10.0)
    after = KeyedHashes(store.reader)
    for hashes in (before, after):
        assert [hashes.holds(tag) for tag in TAGS] == [True] * 30 + [False] * 10
        assert [customers.owner_of(store.reader, tag) for tag in TAGS[:30]] == [f"c-{n}" for n in range(30)]

"""The journal gives back what happened, in order and once; its tables say what it says."""

from __future__ import annotations

import re
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.events import hlc
from gateway.events.event import News
from gateway.events.times import born, new_id
from gateway.records import customers, numbers
from gateway.records import journal as journals
from gateway.records.errors import Erased
from gateway.records.journal import Journal
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import Store
from tests.records import happening as h
from tests.records.conftest import ORIGIN, SOURCE
from tests.records.happening import record

BEGAN = 1  # the first event says that the journal begins


def test_an_event_has_all_that_two_boxes_need(store: Store, journal: Journal) -> None:
    [event] = record(store, journal, h.viewed(), at=1_700_000_000.1234, actor="anna")
    assert (event.origin, event.epoch, event.position, event.sequence) == (ORIGIN, 1, 2, 2)
    assert (event.holder, event.actor, event.brand, event.recorded) == ("c-1", "anna", "", True)
    assert event.time == born(event.id) == 1_700_000_000.123
    assert event.hlc >> hlc.COUNTER_BITS >= 1_700_000_000_123
    assert event.id[14] == "7"


def test_an_id_that_was_made_where_the_finger_touched_stays_and_so_does_its_time(
    store: Store, journal: Journal
) -> None:
    touched = new_id(1_700_000_000.5)
    [event] = record(store, journal, News("customer.viewed", "c-1", h.viewed().data, id=touched), at=1_700_000_060.0)
    assert (event.id, event.time) == (touched, 1_700_000_000.5)
    [again] = journal.since(event.sequence - 1) or []
    assert again == event


def test_an_id_that_a_fast_clock_made_is_refused_in_words(store: Store, journal: Journal) -> None:
    ahead = new_id(1_700_000_301.0)
    with pytest.raises(hlc.ClockAhead, match="301 s ahead of ours"):
        journal.event(News("customer.viewed", "c-1", h.viewed().data, id=ahead), "lina", 1_700_000_000.0)
    assert journal.sequence == BEGAN, "no number is lost"
    near = new_id(1_700_000_299.0)
    [event] = record(store, journal, News("customer.viewed", "c-1", h.viewed().data, id=near), at=1_700_000_000.0)
    assert event.hlc > hlc.of(1_700_000_299.0)


def test_a_journal_begins_with_its_beginning(store: Store, journal: Journal) -> None:
    [began] = journal.since(0) or []
    assert (began.type, began.subject, began.position) == ("epoch.began", ORIGIN, 1)
    assert began.data == {"because": "new", "parent_epoch": None, "parent_position": None, "carried": {}}
    assert store.reader.conn.execute("SELECT epoch, origin FROM epochs").fetchall() == [(1, ORIGIN)]


def test_a_venue_that_gets_its_name_later_begins_anew(folder: Path) -> None:
    epochs = []
    for origin in ("", "", "flagship", "", "flagship"):
        store = Store.open(folder, source=SOURCE)
        journal = Journal(store, origin=origin)
        record(store, journal, h.viewed())
        epochs.append((journal.epoch, journal.origin))
        assert journal.verify().ok
        store.close()
    assert epochs == [(1, "venue"), (1, "venue"), (2, "flagship"), (2, "flagship"), (2, "flagship")]


def test_what_was_missed_comes_once_and_in_order(store: Store, journal: Journal) -> None:
    events = [journal.event(h.viewed(f"c-{n}"), "lina", float(n)) for n in range(20)]
    for event in reversed(events):  # commits may overtake each other
        store.call(partial(journal.record, events=[event]))
    assert journal.since(BEGAN) == events
    assert journal.since(BEGAN + 15) == events[15:]
    assert journal.since(BEGAN + 20) == []
    assert journal.verify().ok


def test_a_number_that_is_not_known_needs_a_snapshot(store: Store, journal: Journal) -> None:
    record(store, journal, *[h.viewed()] * 5)
    assert journal.since(BEGAN + 6) is None
    assert journal.since(BEGAN + 1, limit=3) is None
    assert len(journal.since(BEGAN + 2, limit=3) or []) == 3


def test_the_events_of_a_customer_come_newest_first(store: Store, journal: Journal) -> None:
    for number in range(3):
        record(store, journal, h.searched([str(number)]), h.viewed("c-1"), h.viewed("c-2"))
    sequences = [event.sequence for event in journal.of_customer("c-1", limit=2)]
    assert sequences == [BEGAN + 8, BEGAN + 5]


def test_after_a_clean_close_numbers_go_on_without_a_gap(folder: Path) -> None:
    for first in (BEGAN, BEGAN + 3):
        store = Store.open(folder, source=SOURCE)
        journal = Journal(store, origin=ORIGIN)
        assert journal.sequence == first
        assert journal.since(first) == []
        record(store, journal, *[h.viewed()] * 3)
        assert len(journal.since(BEGAN) or []) == first - BEGAN + 3
        store.close()


def test_the_clock_goes_on_where_it_stood(folder: Path) -> None:
    store = Store.open(folder, source=SOURCE)
    [before] = record(store, Journal(store, origin=ORIGIN), h.viewed(), at=2_000_000_000.0)
    store.close()
    store = Store.open(folder, source=SOURCE)
    [after] = record(store, Journal(store, origin=ORIGIN), h.viewed(), at=1_999_999_999.0)
    assert after.hlc > before.hlc
    store.close()


def test_after_a_crash_no_number_comes_again_and_those_in_doubt_need_a_snapshot(folder: Path) -> None:
    store = Store.open(folder, source=SOURCE)
    journal = Journal(store, origin=ORIGIN)
    record(store, journal, h.viewed())
    lost = journal.event(h.viewed(), "lina", 1.0)  # a tablet saw it, the disk never did
    store._closing.clear()
    store.close()

    store = Store.open(folder, source=SOURCE)
    journal = Journal(store, origin=ORIGIN)
    assert journal.sequence > lost.sequence
    assert journal.since(lost.sequence) is None
    assert journal.since(BEGAN + 1) == []
    [event] = record(store, journal, h.viewed())
    assert journal.since(BEGAN + 1) == [event]
    assert journal.since(event.sequence - 1) == [event]
    store.close()


def test_numbers_are_reserved_before_they_are_used(store: Store, journal: Journal) -> None:
    for _ in range(numbers.RESERVED * 2):
        journal.event(h.viewed(), "lina", 1.0)
        if journal.sequence % 10_000 == 0:
            store.call(lambda tx: None)
            reserved = store.reader.conn.execute("SELECT value FROM counters WHERE name = 'sequence_reserved'")
            assert reserved.fetchone()[0] > journal.sequence


def test_an_event_with_a_number_that_is_there_is_refused(store: Store, journal: Journal) -> None:
    [event] = record(store, journal, h.viewed())
    with pytest.raises(sqlite3.IntegrityError):
        store.call(lambda tx: journal.record(tx, [event]))
    assert journal.verify().events == BEGAN + 1


def test_data_that_is_not_what_the_catalogue_says_is_refused_in_tests(store: Store, journal: Journal) -> None:
    with pytest.raises(ValueError, match="Extra inputs"):
        record(store, journal, News("customer.viewed", "c-1", {**h.viewed().data, "card": {}}))
    assert journal.verify().events == BEGAN


# --- erasure ---------------------------------------------------------------------------------------------------------


def test_erasing_a_customer_darkens_their_events_and_the_chain_still_holds(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled("c-1"), h.enrolled("c-2", name="Ben"))
    [key] = store.keyring.ids_of("c-1")
    record(store, journal, h.erased("c-1"))
    with pytest.raises(Erased):
        record(store, journal, h.viewed("c-1"))
    [late] = [journal.event(h.departed("c-1"), "gateway", 9.0)]
    store.call(lambda tx: journal.record(tx, [late], unless_erased=True))
    dark, other, told, after = (journal.since(BEGAN) or [])[-4:]
    assert dark.data == {}
    assert other.data["name"] == "Ben"
    assert told.data == {"customer": "c-1", "keys": [key], "sold": {}}
    assert (after.type, after.data, after.holder) == ("visit.departed", {}, "*house*")
    assert customers.get_customer(store.reader, "c-1") is None
    assert journal.verify().ok


def test_who_comes_back_after_an_erasure_is_somebody_new(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(name="Anna"), h.erased(), h.enrolled(name="Anna again"))
    found = customers.get_customer(store.reader, "c-1")
    assert found is not None
    assert found.name == "Anna again"
    assert len(store.keyring.ids_of("c-1")) == 1
    assert [event.data.get("name") for event in journal.of_customer("c-1")] == ["Anna again", None, None]


# --- beside the chain ------------------------------------------------------------------------------------------------


def test_no_two_salts_are_alike(store: Store, journal: Journal) -> None:
    record(store, journal, *[h.viewed()] * 50)
    rows: list[Any] = store.reader.conn.execute("SELECT head FROM journal").fetchall()
    salts = {re.match(r'\["([0-9a-f]{32})"', head)[1] for (head,) in rows}  # type: ignore[index]
    assert len(salts) == BEGAN + 50
    assert len({sha256(head.encode()).digest() for (head,) in rows}) == BEGAN + 50


def test_the_head_says_where_the_journal_stands(store: Store, journal: Journal) -> None:
    record(store, journal, h.viewed())
    head = journals.head(store.reader)
    assert (head.sequence, head.epoch, head.position) == (BEGAN + 1, 1, BEGAN + 1)
    assert head.hash == journal.verify().head

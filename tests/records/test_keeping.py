"""First answers are given again; what is over is let go in time; times and ids are what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events import times
from gateway.events.times import DAY
from gateway.records import alerts, asks, customers, idempotency, preferences, promises, staff, visits
from gateway.records.journal import Journal
from gateway.records.preferences import Preference
from gateway.records.retention import Retention, prune
from gateway.records.store import Store, Tx
from gateway.records.visits import Visit

# --- idempotency -----------------------------------------------------------------------------------------------------


def test_the_first_answer_is_given_again_to_the_same_actor(store: Store) -> None:
    body = {"id": "p-1", "value": "绿茶"}
    store.call(lambda tx: idempotency.remember(tx, "key", "anna", "print", 201, body, at=1.0))
    store.call(lambda tx: idempotency.remember(tx, "key", "anna", "other", 500, None, at=2.0))
    assert idempotency.recall(store.reader, "key", "anna") == ("print", 201, body)
    assert idempotency.recall(store.reader, "key", "ben") is None
    assert idempotency.recall(store.reader, "yek", "anna") is None


def test_an_answer_that_tells_of_a_customer_goes_with_them(store: Store) -> None:
    store.call(lambda tx: customers.put_customer(tx, "c-1", {"name": "Anna"}, at=1.0))
    store.call(
        lambda tx: idempotency.remember(tx, "key", "ben", "print", 201, {"name": "Anna"}, customer="c-1", at=1.0)
    )
    store.call(lambda tx: customers.erase_customer(tx, "c-1", at=2.0))
    assert idempotency.recall(store.reader, "key", "ben") is None
    store.call(lambda tx: idempotency.remember(tx, "erase", "ben", "print", 204, None, customer="c-1", at=2.0))
    assert idempotency.recall(store.reader, "erase", "ben") == ("print", 204, None)


def test_an_answer_and_the_change_it_answers_stand_or_fall_together(store: Store) -> None:
    def fail(tx: Tx) -> None:
        idempotency.remember(tx, "key", "anna", "print", 201, None, at=1.0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        store.call(fail)
    assert idempotency.recall(store.reader, "key", "anna") is None


# --- retention -------------------------------------------------------------------------------------------------------

KEEP = Retention(visits=10, journal=20, receipts=30, sessions=5, answers=2)


def live(store: Store, journal: Journal, day: float, name: str) -> None:
    """A day on which everything happens once, and is over by the evening."""
    at = day * DAY

    def change(tx: Tx) -> None:
        customers.put_customer(tx, name, {"name": name}, at)
        customers.grant_consent(tx, name, "recognise_tag", at=at)
        customers.revoke_consent(tx, name, "recognise_tag", at + 1)
        customers.grant_consent(tx, name, "recognise_phone", expires=at + 1, at=at)
        visits.open(tx, Visit(name, name, "door", at, at))
        once = Preference(name, name, "drink", "tea", "do", "stated", at, scope="one_off", visit=name)
        preferences.add(tx, once)
        alerts.save(tx, {"alert": name, "customer": name, "visit": name, "state": "closed"}, at=at)
        asks.save(tx, {"id": name, "customer": name, "visit": name, "state": "open"}, at=at)
        promises.save(tx, {"id": name, "kind": "promise", "customer": name, "state": "closed"}, at=at)
        visits.close(tx, name, at + 1)
        staff.put_staff(tx, staff.Staff(name, name), at)
        staff.add_session(tx, name, name, at)
        staff.start_shift(tx, staff.Shift(name, [], at, at + 1))
        idempotency.remember(tx, name, name, "print", 200, None, at=at)
        journal.append(tx, journal.event("visit.arrived", name, {}, at=at))

    store.call(change)


def left(store: Store) -> dict[str, int]:
    tables = [
        "alerts",
        "asks",
        "promises",
        "preferences",
        "visits",
        "consents",
        "sessions",
        "shifts",
        "idempotency",
        "journal",
        "customers",
        "staff",
    ]
    return {table: store.reader.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def test_what_is_over_goes_when_its_time_has_come_and_not_before(store: Store, journal: Journal) -> None:
    live(store, journal, 0, "old")
    everything = left(store)
    assert set(everything.values()) == {1, 2}
    days: dict[str, float] = {}
    for day in range(1, 40):
        store.call(lambda tx, day=day: prune(tx, day * DAY + 60, KEEP))
        days |= {table: day for table, count in left(store).items() if not count and table not in days}
    assert days == {
        "idempotency": 2,
        "sessions": 5,
        "shifts": 5,
        "alerts": 10,
        "asks": 10,
        "promises": 10,
        "preferences": 10,
        "visits": 10,
        "journal": 20,
        "consents": 30,
    }
    assert left(store)["customers"] == left(store)["staff"] == 1
    assert journal.verify().ok


def test_what_goes_on_stays_however_old(store: Store, journal: Journal) -> None:
    def change(tx: Tx) -> None:
        customers.put_customer(tx, "c-1", {"name": "Anna"}, 1.0)
        customers.grant_consent(tx, "c-1", "recognise_tag", at=1.0)
        visits.open(tx, Visit("v-1", "c-1", "door", 1.0, 1.0))
        preferences.add(tx, Preference("f-1", "c-1", "drink", "tea", "do", "stated", 1.0))
        alerts.save(tx, {"alert": "a-1", "customer": "c-1", "visit": "v-1", "state": "open"}, at=1.0)
        asks.save(tx, {"id": "q-1", "customer": "c-1", "visit": "v-1", "state": "answered"}, at=1.0)
        promises.save(tx, {"id": "p-1", "kind": "complaint", "customer": "c-1", "state": "open"}, at=1.0)

    store.call(change)
    before = left(store)
    gone = store.call(lambda tx: prune(tx, 5_000 * DAY, KEEP))
    assert set(gone.values()) == {0}
    assert left(store) == before


# --- times and ids ---------------------------------------------------------------------------------------------------


@given(st.floats(0, 4e9))
def test_a_time_written_and_read_again_is_the_same_to_the_millisecond(at: float) -> None:
    text = times.iso(at)
    assert len(text) == len("2026-11-22T10:00:00.123Z")
    assert text.endswith("Z")
    read = times.seconds(text)
    assert read == pytest.approx(at, abs=0.000_6)
    assert read is not None
    assert times.iso(read) == text


@pytest.mark.parametrize(
    ("value", "at"),
    [(None, None), (7, 7.0), ("1970-01-01T00:01:00Z", 60.0), ("1970-01-01T01:00:00+01:00", 0.0), ("1970-01-02", DAY)],
)
def test_times_are_understood(value: str | float | None, at: float | None) -> None:
    assert times.seconds(value) == at


@given(st.lists(st.integers(0, 2**42), min_size=2, max_size=20, unique=True))
def test_ids_sort_by_their_time(milliseconds: list[int]) -> None:
    ids = [times.new_id(at / 1000 + 0.000_01) for at in sorted(milliseconds)]
    assert ids == sorted(ids)
    assert {(one[14], one[19] in "89ab") for one in ids} == {("7", True)}


def test_ids_of_the_same_moment_differ() -> None:
    assert len({times.new_id(5.0) for _ in range(1_000)}) == 1_000

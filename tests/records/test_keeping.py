"""First answers are given again; what is over is let go in time; times and ids are what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.events import times
from gateway.events.event import HOUSE, News
from gateway.events.times import DAY
from gateway.records import customers, idempotency, rotation
from gateway.records.journal import Journal
from gateway.records.retention import Measure, Retention, due
from gateway.records.store import Store, Tx
from tests.records import happening as h
from tests.records.happening import record
from tests.records.insight_news import said

# --- idempotency -----------------------------------------------------------------------------------------------------


def test_the_first_answer_is_given_again_to_the_same_actor(store: Store) -> None:
    body = {"id": "p-1", "value": "绿茶"}
    store.call(lambda tx: idempotency.remember(tx, "key", "anna", "print", 201, body, at=1.0))
    store.call(lambda tx: idempotency.remember(tx, "key", "anna", "other", 500, None, at=2.0))
    assert idempotency.recall(store.reader, "key", "anna") == ("print", 201, body)
    assert idempotency.recall(store.reader, "key", "ben") is None
    assert idempotency.recall(store.reader, "yek", "anna") is None


def test_what_a_client_calls_its_write_is_not_written_down_and_is_known_again_by_another_key_too(
    store: Store, journal: Journal
) -> None:
    name = "erase chen-wei-0412"
    store.call(lambda tx: idempotency.remember(tx, name, "anna", "print", 201, {"id": "p-1"}, at=1.0))
    rotation.rotate(store, "master", lambda news: record(store, journal, news, at=3.0), at=2.0)
    assert idempotency.recall(store.reader, name, "anna") == ("print", 201, {"id": "p-1"})
    assert b"chen-wei" not in b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())


def test_what_an_older_program_wrote_down_as_it_came_is_hashed_at_the_next_start(store: Store) -> None:
    name, place = "erase chen-wei-0412", "idempotency/anna/erase chen-wei-0412"
    sealed = store.call(lambda tx: tx.keyring.seal(HOUSE, ["print", 201, None], place=place))
    sql = "INSERT INTO idempotency (actor, key, at, holder, sealed) VALUES ('anna', ?, 1.0, ?, ?)"
    store.call(lambda tx: tx.db.conn.execute(sql, (name, HOUSE, sealed)))
    store.close()
    again = Store.open(store.folder, source="/venues/test")
    try:
        assert idempotency.recall(again.reader, name, "anna") == ("print", 201, None)
        (kept,) = again.reader.conn.execute("SELECT key FROM idempotency").fetchall()
        assert name not in kept[0]
    finally:
        again.close()


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

KEEP = Retention(presence=8, visits=10, journal=15, skeleton=20, receipts=30, sessions=5, answers=2)
TABLES = (
    "alerts", "asks", "promises", "preferences", "visits", "consents", "sessions", "shifts", "idempotency",
    "journal", "customers", "staff",
)  # fmt: skip


def live(store: Store, journal: Journal, day: float, name: str) -> None:
    """A day on which everything happens once, and is over by the evening."""
    at = day * DAY
    record(
        store,
        journal,
        h.enrolled(name),
        h.granted(name, at=at),
        h.granted(name, "recognise_phone", expires=at + 1, at=at),
        h.arrived(name, name, at=at),
        h.preferred(name, name, at=at, scope="one_off", visit=name),
        h.alert_news("alert.closed", name, alert=name, visit=name, state="closed"),
        h.ask_news("ask.opened", name, name, visit=name),
        h.owed_news("promise.made", name, name),
        h.owed_news("promise.kept", name, name, state="closed"),
        h.staff_changed(name),
        h.session_began("aa", name),
        h.shift_started(name, at, at + 1),
        at=at,
    )
    record(store, journal, h.revoked(name, at=at + 1), h.departed(name, name, at + 1), at=at + 1)
    store.call(lambda tx: idempotency.remember(tx, name, name, "print", 200, None, at=at))


def let_go(store: Store, journal: Journal, now: float) -> dict[str, int]:
    [event] = record(store, journal, h.retained(now, KEEP), at=now)
    gone: dict[str, int] = event.data["gone"]
    return gone


def left(store: Store) -> dict[str, int]:
    return {table: store.reader.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}


def test_what_is_over_goes_when_its_time_has_come_and_not_before(store: Store, journal: Journal) -> None:
    live(store, journal, 0, "old")
    assert set(left(store).values()) - {left(store)["journal"]} == {1, 3}
    days: dict[str, float] = {}
    for day in range(1, 40):
        now = day * DAY + 60
        found = due(store.reader, now, KEEP)
        gone = let_go(store, journal, now)
        assert (found is not None) == any(gone.values())
        days |= {table: day for table, count in gone.items() if count and table not in days}
    assert days == {
        "idempotency": 2,
        "sessions": 5,
        "shifts": 5,
        "alerts": 10,
        "asks": 10,
        "promises": 10,
        "preferences": 10,
        "visits": 10,
        "presence": 8,
        "zones": 8,
        "bodies": 15,
        "journal": 20,
        "consents": 30,
    }
    assert left(store)["customers"] == left(store)["staff"] == 1
    assert journal.verify().ok


def test_a_suggestion_goes_with_what_became_of_it_and_what_a_customer_told_stays(
    store: Store, journal: Journal
) -> None:
    told = ("suggestion.drawn", "suggestion.shown", "suggestion.done", "wallet.stated", "tier.decided")
    record(
        store, journal, h.enrolled("c-1"), *(said(each, each, "c-1", on="1970-01-03") for each in told), at=2.5 * DAY
    )

    def there() -> set[str]:
        return {row[0] for row in store.reader.conn.execute("SELECT id FROM statements")}

    let_go(store, journal, 12 * DAY - 60)
    assert there() == set(told)
    over = due(store.reader, 12 * DAY + 60, KEEP)
    assert over is not None
    assert {each["kind"]: (each["rows"], each["candidates"]) for each in over["kinds"]}["visits"] == (3, 3)
    assert let_go(store, journal, 12 * DAY + 60)["statements"] == 3
    assert there() == {"wallet.stated", "tier.decided"}


def test_what_goes_on_stays_however_old(store: Store, journal: Journal) -> None:
    record(
        store,
        journal,
        h.enrolled(),
        h.granted(),
        h.arrived(),
        h.preferred(),
        h.alert_news(),
        h.ask_news("ask.opened"),
        h.owed_news("complaint.opened"),
        at=1.0,
    )
    before = left(store)
    gone = let_go(store, journal, 5_000 * DAY)
    assert {table for table, count in gone.items() if count} == {"presence", "bodies", "journal"}
    assert {**left(store), "journal": 0} == {**before, "journal": 0}


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


def test_one_run_lets_go_of_no_more_than_it_should_and_some_runs_of_all(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), at=0.0)
    for number in range(70):
        at = 100.0 + number // 3  # three at a time
        record(store, journal, h.arrived("c-1", f"v-{number}", at=at), h.departed("c-1", f"v-{number}", at=at), at=at)
    now, gone = 60 * DAY, []
    while left(store)["visits"]:
        before, data = (
            left(store)["visits"],
            due(store.reader, now, KEEP, Measure(at_once=10, allowed=frozenset({"visits"}))),
        )
        assert data is not None
        record(store, journal, News("retention.applied", "test", data), at=now)
        gone.append(before - left(store)["visits"])
    assert sum(gone) == 70
    assert max(gone) <= 12
    assert min(gone) >= 1

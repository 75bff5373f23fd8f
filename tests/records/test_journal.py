"""The journal gives back what happened, in order and once, and shows who changed it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.records import customers
from gateway.records import journal as journals
from gateway.records.connection import sqlite3
from gateway.records.journal import Event, Journal, Verdict
from gateway.records.store import Store
from tests.records.conftest import SOURCE


def happen(store: Store, journal: Journal, type_: str = "visit.arrived", subject: str = "c-1", **data: Any) -> Event:
    event = journal.event(type_, subject, data, at=1_700_000_000.1234 + journal.sequence)
    store.call(lambda tx: journal.append(tx, event))
    return event


def walked(store: Store, known: str = "") -> Verdict:
    store.call(lambda tx: None)
    return journals.verify(store.reader, known)


def test_an_event_is_a_cloud_event(store: Store, journal: Journal) -> None:
    event = journal.event("visit.arrived", "c-1", {"zone": "door"}, actor="anna", at=1_700_000_000.1234)
    assert event.cloud_event(store.source) == {
        "specversion": "1.0",
        "id": event.id,
        "source": SOURCE,
        "type": "visit.arrived",
        "subject": "c-1",
        "time": "2023-11-14T22:13:20.123Z",
        "sequence": 1,
        "actor": "anna",
        "data": {"zone": "door"},
    }
    assert event.id[14] == "7"


def test_what_was_missed_comes_once_and_in_order(store: Store, journal: Journal) -> None:
    events = [journal.event("visit.moved", f"c-{n}", {"n": n}, at=float(n)) for n in range(20)]
    for event in reversed(events):  # commits may overtake each other
        store.call(lambda tx, event=event: journal.append(tx, event))
    assert journal.since(0) == events
    assert journal.since(15) == events[15:]
    assert journal.since(20) == []
    assert walked(store).ok


def test_a_number_that_is_not_known_needs_a_snapshot(store: Store, journal: Journal) -> None:
    for _ in range(5):
        happen(store, journal)
    assert journal.since(6) is None
    assert journal.since(1, limit=3) is None
    assert len(journal.since(2, limit=3) or []) == 3


def test_the_events_of_a_customer_come_newest_first(store: Store, journal: Journal) -> None:
    for number in range(3):
        happen(store, journal, subject="c-1", n=number)
        happen(store, journal, subject="c-2", n=-number)
    assert [event.data["n"] for event in journal.of_customer("c-1", limit=2)] == [2, 1]


def test_after_a_clean_close_numbers_go_on_without_a_gap(folder: Path) -> None:
    for first in (0, 3):
        store = Store.open(folder, source=SOURCE)
        journal = Journal(store)
        assert journal.sequence == first
        assert journal.since(first) == []
        for _ in range(3):
            happen(store, journal)
        assert len(journal.since(0) or []) == first + 3
        store.close()


def test_after_a_crash_no_number_comes_again_and_those_in_doubt_need_a_snapshot(folder: Path) -> None:
    store = Store.open(folder, source=SOURCE)
    journal = Journal(store)
    happen(store, journal)
    lost = journal.event("visit.moved", "c-1", {}, at=1.0)  # a tablet saw it, the disk never did
    store._closing.clear()
    store.close()

    store = Store.open(folder, source=SOURCE)
    journal = Journal(store)
    assert journal.sequence > lost.sequence
    assert journal.since(lost.sequence) is None
    assert journal.since(1) == []
    event = happen(store, journal)
    assert journal.since(1) == [event]
    assert journal.since(event.sequence - 1) == [event]
    store.close()


def test_numbers_are_reserved_before_they_are_used(
    store: Store, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(journals.RESERVED * 2):
        journal.event("reader.back", "door", {}, at=1.0)
        if journal.sequence % 10_000 == 0:
            store.call(lambda tx: None)
            reserved = store.reader.conn.execute("SELECT value FROM counters WHERE name = 'sequence_reserved'")
            assert reserved.fetchone()[0] > journal.sequence


# --- the chain -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("UPDATE journal SET type = 'visit.departed' WHERE sequence = 4", 4),
        ("UPDATE journal SET time = time + 1 WHERE sequence = 4", 4),
        ("UPDATE journal SET actor = 'ben' WHERE sequence = 4", 4),
        ("UPDATE journal SET sequence = 99 WHERE sequence = 4", 99),
        ("UPDATE journal SET sealed = CAST(sealed || x'00' AS BLOB) WHERE sequence = 4", 4),
        ("UPDATE journal SET hash = zeroblob(32) WHERE sequence = 4", 4),
        ("DELETE FROM journal WHERE sequence = 4", 5),
        ("DELETE FROM journal WHERE sequence = 1", 2),
        (
            """UPDATE journal SET (sealed, subject) = (SELECT o.sealed, o.subject FROM journal o
               WHERE o.sequence = 9 - journal.sequence) WHERE sequence IN (4, 5)""",
            4,
        ),
        ("UPDATE journal SET position = -position WHERE sequence IN (4, 5)", 5),
    ],
)
def test_tampering_is_found_where_it_happened(store: Store, journal: Journal, tampering: str, broken_at: int) -> None:
    for number in range(8):
        happen(store, journal, subject=f"c-{number}", n=number)
    assert walked(store).ok
    assert store.call(lambda tx: tx.db.conn.execute(tampering).rowcount) > 0
    verdict = walked(store)
    assert not verdict.ok
    assert verdict.broken_at == broken_at


def test_a_genuine_event_from_a_fork_of_the_chain_does_not_fit(store: Store, journal: Journal) -> None:
    for number in range(3):
        happen(store, journal, n=number)

    def fork(tx: Any) -> tuple[Any, ...]:
        journal.append(tx, journal.event("visit.arrived", "c-1", {"n": "fork"}, at=1.0))
        row: tuple[Any, ...] = tx.db.conn.execute("SELECT * FROM journal WHERE sequence = 4").fetchone()
        tx.db.conn.execute("DELETE FROM journal WHERE sequence = 4")
        return row

    forked = store.call(fork)
    for number in range(3):
        happen(store, journal, n=number)
    assert walked(store).ok
    store.call(lambda tx: tx.db.conn.execute("DELETE FROM journal WHERE position = 4"))
    store.call(lambda tx: tx.db.conn.execute("INSERT INTO journal VALUES (?,?,?,?,?,?,?,?,?,?)", forked))
    assert walked(store).broken_at == 6


def test_a_cut_tail_shows_in_the_head(store: Store, journal: Journal) -> None:
    heads = []
    for number in range(3):
        happen(store, journal, n=number)
        heads.append(walked(store).head)
    store.call(lambda tx: tx.db.conn.execute("DELETE FROM journal WHERE sequence = 3"))
    assert walked(store).head == heads[1]
    assert len(set(heads)) == 3
    assert journals.head(store.reader) == (2, heads[1])
    assert [walked(store, head).known_at for head in heads] == [1, 2, None], "who kept the last one sees the cut"


def test_the_chain_goes_on_after_pruning(store: Store, journal: Journal) -> None:
    for number in range(10):
        happen(store, journal, n=number)
    border = (journal.since(5) or [])[0].time
    before = journals.head(store.reader)
    assert store.call(lambda tx: journals.prune(tx, border)) == 5
    assert journals.head(store.reader) == before
    assert walked(store, before[1]).known_at == 10
    assert walked(store).ok
    assert walked(store).events == 5
    assert journal.since(4) is None
    assert len(journal.since(5) or []) == 5
    happen(store, journal)
    assert walked(store).events == 6
    store.call(lambda tx: tx.db.conn.execute("UPDATE journal_anchor SET sequence = 2"))
    assert not walked(store).ok


def test_pruning_everything_leaves_an_anchor(store: Store, journal: Journal) -> None:
    for _ in range(3):
        happen(store, journal)
    assert store.call(lambda tx: journals.prune(tx, 9e9)) == 3
    assert store.call(lambda tx: journals.prune(tx, 9e9)) == 0
    assert journal.since(3) == []
    happen(store, journal)
    assert walked(store) == journals.Verdict(True, 1, None, walked(store).head, 4)


def test_erasing_a_customer_darkens_their_events_and_the_chain_still_holds(store: Store, journal: Journal) -> None:
    store.call(lambda tx: customers.put_customer(tx, "c-1", {"name": "Anna"}, at=1.0))
    happen(store, journal, subject="c-1", name="Anna")
    happen(store, journal, subject="c-2", name="Ben")
    erased = journal.event("customer.erased", "c-1", {"by": "request"}, at=5.0)

    def erase(tx: Any) -> None:
        customers.erase_customer(tx, "c-1", at=5.0)
        journal.append(tx, erased)

    store.call(erase)
    late = happen(store, journal, "alert.closed", "c-1", card={"name": "Anna"})
    dark, other, told, after = journal.since(0) or []
    assert dark.data == {}
    assert other.data == {"name": "Ben"}
    assert told.data == {"by": "request"}
    assert (after.type, after.data) == (late.type, {})
    assert walked(store).ok


def test_an_event_with_a_number_that_is_there_is_refused(store: Store, journal: Journal) -> None:
    event = happen(store, journal)
    with pytest.raises(sqlite3.IntegrityError):
        store.call(lambda tx: journal.append(tx, event))
    assert walked(store).events == 1

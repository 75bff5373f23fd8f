"""Visits, alerts, asks, promises: what the service hands over comes back the same after a restart."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any

import pytest

from gateway.records import alerts, asks, customers, promises, visits
from gateway.records.store import Erased, Store
from gateway.records.visits import Visit

ALERT = {
    "alert": "a-1",
    "kind": "arrival",
    "state": "open",
    "visit": "v-1",
    "customer": "c-1",
    "to": ["anna"],
    "level": 0,
}
ASK = {"id": "q-1", "visit": "v-1", "customer": "c-1", "question": "lunch", "state": "open", "count": 1, "answer": None}
PROMISE = {"id": "p-1", "kind": "promise", "customer": "c-1", "visit": None, "text": "a call", "state": "open"}


@pytest.fixture(autouse=True)
def _people(store: Store) -> None:
    for id_ in ("c-1", "c-2"):
        store.call(partial(customers.put_customer, id=id_, facts={"name": id_}, at=1.0))


def save(store: Store, module: ModuleType, document: dict[str, Any], at: float = 1.0) -> None:
    store.call(lambda tx: module.save(tx, document, at=at))


# --- visits ----------------------------------------------------------------------------------------------------------


def arrive(store: Store, id_: str = "v-1", customer: str = "c-1", at: float = 10.0) -> Visit:
    visit = Visit(id_, customer, "door", at, at, 0.97, "3 reads", {"kind": "reads", "reads": 3})
    store.call(lambda tx: visits.open(tx, visit))
    return visit


def test_a_visit_opens_moves_and_ends(store: Store) -> None:
    visit = arrive(store)
    assert visits.open_visits(store.reader) == [visit]
    store.call(
        lambda tx: visits.move(tx, "v-1", "bar", 20.0, confidence=0.8, reason="louder", evidence={"kind": "moved"})
    )
    [moved] = visits.open_visits(store.reader)
    assert (moved.zone, moved.since, moved.opened_at, moved.confidence, moved.reason) == (
        "bar",
        20.0,
        10.0,
        0.8,
        "louder",
    )
    store.call(lambda tx: visits.close(tx, "v-1", 30.0, reason="silence"))
    assert visits.open_visits(store.reader) == []
    closed = visits.last_visit(store.reader, "c-1")
    assert closed is not None
    assert (closed.closed_at, closed.zone, closed.reason) == (30.0, "bar", "silence")
    assert visits.closed_since(store.reader, 30.0) == [closed]
    assert visits.closed_since(store.reader, 30.1) == []


def test_back_soon_is_the_same_visit(store: Store) -> None:
    arrive(store)
    store.call(lambda tx: visits.close(tx, "v-1", 30.0))
    arrive(store, at=40.0)
    [visit] = visits.open_visits(store.reader)
    assert (visit.id, visit.opened_at, visit.since) == ("v-1", 10.0, 40.0)
    assert visits.count(store.reader, "c-1") == 1


def test_visits_are_counted_and_the_last_one_that_ended_is_known(store: Store) -> None:
    for number in range(3):
        arrive(store, f"v-{number}", at=100.0 * number)
        store.call(partial(visits.close, visit=f"v-{number}", at=100.0 * number + 50))
    arrive(store, "now", at=1_000.0)
    arrive(store, "other", "c-2", at=1_001.0)
    last = visits.last_visit(store.reader, "c-1")
    assert last is not None
    assert last.id == "v-2"
    assert visits.count(store.reader, "c-1") == 4
    assert visits.last_visit(store.reader, "c-2") is None


def test_what_is_said_of_a_visit_nobody_knows_changes_nothing(store: Store) -> None:
    store.call(lambda tx: visits.move(tx, "v-9", "bar", 1.0))
    store.call(lambda tx: visits.close(tx, "v-9", 1.0))
    assert visits.open_visits(store.reader) == []


# --- documents -------------------------------------------------------------------------------------------------------


def test_an_alert_is_kept_as_it_is_and_found_by_its_state(store: Store) -> None:
    save(store, alerts, ALERT)
    save(store, alerts, {**ALERT, "alert": "a-2", "customer": "c-2"})
    claimed = {**ALERT, "state": "claimed", "by": "anna", "card": {"name": "王", "avoid": []}}
    save(store, alerts, claimed, at=2.0)
    assert alerts.get(store.reader, "a-1") == claimed
    assert [alert["alert"] for alert in alerts.open_alerts(store.reader)] == ["a-1", "a-2"]
    closed = {**claimed, "state": "closed", "outcome": "greeted"}
    save(store, alerts, closed, at=3.0)
    assert [alert["alert"] for alert in alerts.open_alerts(store.reader)] == ["a-2"]
    assert alerts.closed_since(store.reader, 3.0) == [closed]
    assert alerts.closed_since(store.reader, 3.1) == []
    assert alerts.get(store.reader, "a-9") is None


def test_the_newest_closed_alerts_are_given_when_there_are_many(store: Store) -> None:
    for number in range(5):
        save(store, alerts, {**ALERT, "alert": f"a-{number}", "state": "closed"}, at=float(number))
    assert [a["alert"] for a in alerts.closed_since(store.reader, 0.0, limit=2)] == ["a-3", "a-4"]


def test_asks_are_found_by_visit_answered_or_not(store: Store) -> None:
    arrive(store)
    save(store, asks, ASK)
    save(store, asks, {**ASK, "id": "q-2", "visit": "v-0"})
    answered = {**ASK, "state": "answered", "answer": "fish"}
    save(store, asks, answered, at=2.0)
    assert asks.of_visit(store.reader, "v-1") == [answered]
    assert [ask["id"] for ask in asks.of_visit(store.reader, "v-0")] == ["q-2"]
    assert asks.get(store.reader, "q-1") == answered


def test_promises_and_complaints_are_told_apart(store: Store) -> None:
    complaint = {**PROMISE, "id": "p-2", "kind": "complaint", "visit": "v-1"}
    save(store, promises, PROMISE)
    save(store, promises, complaint)
    assert promises.open_promises(store.reader) == [PROMISE]
    assert promises.open_complaints(store.reader) == [complaint]
    closed = {**PROMISE, "state": "closed"}
    save(store, promises, closed, at=2.0)
    assert promises.open_promises(store.reader) == []
    assert promises.open_complaints(store.reader) == [complaint]
    assert promises.get(store.reader, "p-1") == closed
    with pytest.raises(ValueError, match="promise or complaint"):
        save(store, promises, {**PROMISE, "kind": "wish"})


@pytest.mark.parametrize(
    ("module", "document"), [(alerts, ALERT), (asks, ASK), (promises, PROMISE)], ids=["alerts", "asks", "promises"]
)
def test_nothing_more_is_recorded_of_an_erased_customer(
    store: Store, module: ModuleType, document: dict[str, Any]
) -> None:
    arrive(store)
    save(store, module, document)
    id_ = document["alert" if module is alerts else "id"]
    store.call(lambda tx: customers.erase_customer(tx, "c-1", at=5.0))
    assert module.get(store.reader, id_) is None
    assert visits.open_visits(store.reader) == []
    with pytest.raises(Erased):
        save(store, module, document, at=6.0)
    with pytest.raises(Erased):
        arrive(store, "v-2")
    assert module.get(store.reader, id_) is None

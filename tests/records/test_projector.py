"""What is written on what is there: an id takes nothing from anybody, and nothing that is refused leaves a trace."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.events.catalogue import CATALOGUE
from gateway.events.event import News
from gateway.events.times import iso, new_id
from gateway.records import (
    alerts,
    asks,
    customers,
    expected,
    house_documents,
    promises,
    staff,
    tablets,
    visit_facts,
    visits,
)
from gateway.records.anchor import TABLES
from gateway.records.customers import Taken
from gateway.records.errors import Conflict, Erased
from gateway.records.journal import Journal
from gateway.records.projector import APPLIED
from gateway.records.store import Store
from tests.records import happening as h
from tests.records.happening import record


@pytest.fixture(autouse=True)
def _house(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled("c-1"), h.enrolled("c-2"), h.staff_changed("lina"))


def rows(store: Store) -> dict[str, Any]:
    return {table: store.reader.conn.execute(f"SELECT * FROM {table}").fetchall() for table in (*TABLES, "journal")}


FIRST_AND_OTHERS: dict[str, tuple[News, list[News]]] = {
    "preferences": (h.preferred(), [h.preferred("c-2"), h.preferred(value="wine"), h.preferred(by="ben")]),
    "asks": (
        h.ask_news(),
        [
            h.ask_news(customer="c-2"),
            h.ask_news(question="again?"),
            h.ask_news(by="ben"),
            h.ask_news("ask.answered", "c-2", state="answered"),
        ],
    ),
    "promises": (
        h.owed_news(),
        [
            h.owed_news(customer="c-2"),
            h.owed_news(text="nothing"),
            h.owed_news("complaint.opened"),
            h.owed_news("promise.kept", "c-2", state="closed"),
            h.owed_news("complaint.closed", state="closed"),
        ],
    ),
    "alerts": (h.alert_news(), [h.alert_news(customer="c-2")]),
    "visits": (h.arrived(), [h.arrived("c-2")]),
    "credentials": (h.given(), [h.given(identifier="em:01"), h.given("c-2", "em:01"), h.given(credential="k-2")]),
    "customers": (h.enrolled("c-3"), [h.enrolled("c-3", name="Ben")]),
    "tokens": (h.token_made(), [h.token_made(hash_="ee"), h.token_made(staff="lina")]),
    "tablets": (h.tablet_paired(), [h.tablet_paired(hash_="ee")]),
    "passkeys": (h.passkey_added(), [h.passkey_added(credential="0c"), h.passkey_added(staff="ben")]),
    "sessions": (h.session_began(), [h.session_began(tablet="d-9")]),
}


@pytest.mark.parametrize("what", FIRST_AND_OTHERS)
def test_an_id_that_is_taken_takes_nothing_from_anybody(store: Store, journal: Journal, what: str) -> None:
    first, others = FIRST_AND_OTHERS[what]
    record(store, journal, first)
    before = rows(store)
    for other in others:
        with pytest.raises(Conflict) as taken:
            record(store, journal, h.viewed(), other)
        assert taken.value.existing
        assert rows(store) == before, "what is refused leaves no trace, in the journal neither"


@pytest.mark.parametrize("what", FIRST_AND_OTHERS)
def test_the_same_again_changes_nothing(store: Store, journal: Journal, what: str) -> None:
    first, _ = FIRST_AND_OTHERS[what]
    record(store, journal, first, at=10.0)
    sealed = {"visits", "alerts", "credentials"}  # written anew, and the same
    before = rows(store)[what]
    record(store, journal, first, at=10.0)
    if what not in sealed:
        assert rows(store)[what] == before
    assert len(rows(store)[what]) == len(before)


def test_what_is_there_is_told_as_its_event_told_it(store: Store, journal: Journal) -> None:
    for first, other in (
        (h.preferred(), h.preferred("c-2")),
        (h.ask_news(), h.ask_news(customer="c-2")),
        (h.owed_news(), h.owed_news(customer="c-2")),
    ):
        record(store, journal, first)
        with pytest.raises(Conflict) as taken:
            record(store, journal, other)
        kept = {name: value for name, value in first.data.items() if name not in ("takes", "gives_back")}
        assert taken.value.existing == kept


def test_a_promise_that_was_kept_is_not_opened_again(store: Store, journal: Journal) -> None:
    record(store, journal, h.owed_news(), h.owed_news("promise.kept", state="closed"))
    record(store, journal, h.owed_news(at=iso(99.0)))
    assert promises.open_promises(store.reader) == []


def test_a_question_put_once_more_is_open_again(store: Store, journal: Journal) -> None:
    record(store, journal, h.ask_news(), h.ask_news("ask.answered", state="answered", answer="still"))
    record(store, journal, h.ask_news())  # the first, sent once more
    assert (asks.get(store.reader, "q-1") or {})["state"] == "answered"
    record(store, journal, h.ask_news(count=2, by="ben"))
    assert (asks.get(store.reader, "q-1") or {})["state"] == "open"


def test_an_answer_that_comes_before_its_question_was_written_down_is_kept(store: Store, journal: Journal) -> None:
    record(store, journal, h.ask_news("ask.answered", state="answered", answer="still"))
    assert (asks.get(store.reader, "q-1") or {})["answer"] == "still"


def test_an_identifier_of_somebody_else_stays_theirs(store: Store, journal: Journal) -> None:
    record(store, journal, h.given("c-1"))
    with pytest.raises(Taken):
        record(store, journal, h.given("c-2", credential="k-2"))
    record(store, journal, h.given("c-1", label="bag", tid="E280"))
    [credential] = customers.credentials_of(store.reader, "c-1")
    assert (credential.label, credential.tid) == ("bag", "E280")
    record(store, journal, h.taken("c-1"), h.given("c-2", credential="k-2"))
    assert customers.owner_of(store.reader, h.TAG) == "c-2"


def test_somebody_who_is_not_known_cannot_change(store: Store, journal: Journal) -> None:
    with pytest.raises(Erased):
        record(store, journal, h.changed("nobody", tier="gold"))
    assert store.keyring.ids_of("nobody") == []


# --- what follows ----------------------------------------------------------------------------------------------------


def test_only_what_changed_changes(store: Store, journal: Journal) -> None:
    record(store, journal, h.changed(tier="gold", meets=["c-2"]), h.wished("c-1", "no_name"), at=7.0)
    found = customers.get_customer(store.reader, "c-1")
    assert found is not None
    assert (found.name, found.tier, found.meets, found.wishes) == ("Anna", "gold", ["c-2"], ["no_name"])
    assert found.changed_at == 7.0


def _ended(store: Store) -> list[float | None]:
    return [row[0] for row in store.reader.conn.execute("SELECT ended_at FROM preferences WHERE one_off = 1")]


def test_a_visit_goes_its_way(store: Store, journal: Journal) -> None:
    record(store, journal, h.hinted(alert=h.alert_facts(stage="hint")), h.arrived(at=10.0, companions=1))
    record(store, journal, h.alert_news(), h.preferred(id_="f-2", scope="one_off", visit="v-1"))
    assert (alerts.get(store.reader, "a-1") or {})["stage"] == "card"
    record(store, journal, h.moved(zone="bar", at=20.0), h.companions(count=3))
    [visit] = visits.open_visits(store.reader)
    assert (visit.zone, visit.since, visit.opened_at) == ("bar", 20.0, 10.0)
    assert visit_facts.get(store.reader, "v-1") == visit_facts.VisitFacts("v-1", "p-v-1", 3)
    alert = alerts.get(store.reader, "a-1") or {}
    assert (alert["wanted"]["zone"], alert["state"]) == ("bar", "open")
    assert "routing" not in alert
    record(store, journal, h.departed(at=30.0))
    assert visits.open_visits(store.reader) == []
    assert _ended(store) == [30.0]
    record(store, journal, h.moved(zone="door", at=40.0, resumed=True))
    [visit] = visits.open_visits(store.reader)
    assert (visit.zone, visit.opened_at, visit.closed_at) == ("door", 10.0, None)
    assert _ended(store) == [None]


def test_a_closed_alert_stays_where_it_was(store: Store, journal: Journal) -> None:
    record(store, journal, h.arrived(), h.alert_news("alert.closed", state="closed"), h.moved(zone="bar"))
    assert (alerts.get(store.reader, "a-1") or {})["wanted"]["zone"] == "door"


def test_a_new_pin_ends_the_sessions_and_a_change_of_zones_does_not(store: Store, journal: Journal) -> None:
    record(store, journal, h.session_began())
    record(store, journal, h.staff_changed("lina", new_pin=False, zones=["door"]))
    assert rows(store)["sessions"][0][4] is None
    record(store, journal, h.staff_changed("lina", new_pin=True))
    assert rows(store)["sessions"][0][4] is not None


def test_who_leaves_is_named_with_what_ended(store: Store, journal: Journal) -> None:
    record(store, journal, h.token_made("t-1", "aa", "lina"), h.token_made("t-2", "bb"), h.shift_started("lina"))
    [key] = store.keyring.ids_of("*staff*lina")
    [gone] = record(store, journal, h.staff_removed("lina"))
    assert (gone.data["tokens"], gone.data["keys"]) == (["t-1"], [key])
    assert not staff.shifts(store.reader)
    assert not staff.list_staff(store.reader)
    assert [token.id for token in staff.list_tokens(store.reader)] == ["t-2"]


def test_a_tablet_was_seen_last_when_somebody_signed_in_and_its_sessions_end_with_it(
    store: Store, journal: Journal
) -> None:
    record(store, journal, h.tablet_paired(), at=5.0)
    record(store, journal, h.session_began(tablet="d-1"), at=9.0)
    assert [tablet.last_seen for tablet in tablets.every(store.reader)] == [9.0]
    record(store, journal, h.tablet_revoked(), at=11.0)
    assert tablets.every(store.reader) == []
    assert rows(store)["sessions"][0][4] == 11.0


def test_the_house_keeps_its_documents(store: Store, journal: Journal) -> None:
    record(store, journal, h.plan_changed(1.0), h.plan_changed(2.0), h.walk_ended(), h.areas_learnt([["door/1"]]))
    assert house_documents.get(store.reader, house_documents.PLAN)["width"] == 2.0
    assert house_documents.get(store.reader, house_documents.WALK_TEST)["passed"] is True
    assert house_documents.get(store.reader, house_documents.AREAS) == [["door/1"]]
    record(store, journal, h.rooms_learnt({"version": 1}), h.rooms_learnt({"version": 2}, "imported"))
    assert house_documents.get(store.reader, house_documents.ROOMS) == {"version": 2}


def test_who_is_expected_is_kept_for_a_day_after_and_not_when_erased(store: Store, journal: Journal) -> None:
    def there() -> dict[str, tuple[float, float, str | None]]:
        return {row[0]: (row[2], row[3], row[4]) for row in expected.all_of(store.reader)}

    record(store, journal, *(h.enrolled(f"c-{n}") for n in (1, 2, 3)), at=1.0)
    record(store, journal, h.expected_visit("c-1", "e-1", 5.0, 9.0), h.expected_visit("c-2", "e-2", 5.0, 9.0), at=1.0)
    record(store, journal, h.expected_visit("c-2", "e-3", 6.0, 9.0, place=None), at=1.5)  # twice a day
    assert there() == {"e-1": (5.0, 9.0, "12A"), "e-2": (5.0, 9.0, "12A"), "e-3": (6.0, 9.0, None)}
    record(store, journal, h.missed_visit("c-2", "e-2", 5.0, 9.0), at=1.8)
    assert {row[0] for row, missed in expected.with_missed(store.reader) if missed} == {"e-2"}
    record(store, journal, h.expected_visit("c-2", "e-3", 6.0, 9.0, removed=True), at=2.0)
    record(store, journal, h.erased(), at=3.0)
    assert there() == {"e-2": (5.0, 9.0, "12A")}
    with pytest.raises(Conflict):
        record(store, journal, h.expected_visit("c-3", "e-2", 5.0, 9.0), at=4.0)
    record(store, journal, h.expected_visit("c-3", "e-4", 9e5, 9e5), at=100_000.0)
    assert set(there()) == {"e-4"}


def test_what_was_expected_when_one_could_be_so_once_is_carried_over(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), h.expected("c-1", 5.0, 9.0), at=1.0)
    assert expected.all_of(store.reader) == [("c-1", "c-1", 5.0, 9.0, None, None)]
    record(store, journal, h.expected("c-1", None, None), at=2.0)
    assert expected.all_of(store.reader) == []
    document = ("expected", 3.0, json.dumps({"c-1": [5.0, 9.0], "gone": [5.0, 9.0]}))
    store.call(lambda tx: tx.db.conn.execute("INSERT INTO documents VALUES (?, ?, ?)", document))
    store.close()
    again = Store.open(store.folder, source="/venues/test")
    try:
        assert expected.all_of(again.reader) == [("c-1", "c-1", 5.0, 9.0, None, None)]
        assert house_documents.get(again.reader, "expected") is None
    finally:
        again.close()


# --- the catalogue ---------------------------------------------------------------------------------------------------

# They change no table: they tell who looked, what was heard, how it was, who reached a limit,
# what two people opened together, what was filed, handed out or passed on, and that the house is itself again.
TELLING = {
    *("card.shown", "visit.reviewed", "preference.served", "customer.viewed", "customer.doubted", "customers.searched"),
    *("customers.exported", "customers.imported", "staff.connected", "sign_in.refused", "records.backed_up"),
    *("reader.lost", "reader.quiet", "reader.back", "webhook.ended", "limit.reached", "records.damaged"),
    *("access.overridden", "glass.asked", "glass.opened", "glass.ended", "customers.listed", "sign_in.odd"),
    *("person.exported", "person.passed_on", "privacy.filed", "quarantine.ended", "staff.code_made"),
    "keys.rotated",
    *("clock.confirmed", "retention.allowed", "retention.listed"),
    "reader.password_made",
    "lent.changed",
    "insight.computed",
    "settings.changed",
}


def test_every_type_of_event_changes_tables_or_is_known_to_change_none() -> None:
    assert set(CATALOGUE) == set(APPLIED) | TELLING
    assert not set(APPLIED) & TELLING


def test_an_id_is_the_clients_to_choose_once(store: Store, journal: Journal) -> None:
    id_ = new_id(5.0)
    record(store, journal, h.granted(id=id_), h.revoked())
    with pytest.raises(Conflict):
        record(store, journal, h.granted(id=id_, expires=9e9))

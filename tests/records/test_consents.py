"""A consent is alive while it names every revocation: no clock and no order of arrival brings one back."""

from __future__ import annotations

import pytest

from gateway.records import consents, customers, unconsented
from gateway.records.consents import revocations_of
from gateway.records.errors import Conflict
from gateway.records.journal import Journal
from gateway.records.retention import Retention
from gateway.records.store import Store
from tests.records import happening as h
from tests.records.happening import TAG, record

PURPOSE = "recognise_tag"


@pytest.fixture(autouse=True)
def _customer(store: Store, journal: Journal) -> None:
    record(store, journal, h.enrolled(), h.given())


def alive(store: Store) -> bool:
    on_the_roster = [identifier for identifier, *_ in customers.enrolled(store.reader, 10.0)] == [TAG]
    assert on_the_roster == bool(consents.consents_of(store.reader, "c-1", 10.0))
    return on_the_roster


def test_a_consent_comes_back_as_it_was_signed(store: Store, journal: Journal) -> None:
    [event] = record(store, journal, h.granted(expires=2_000_000_000.5))
    [found] = consents.consents_of(store.reader, "c-1")
    assert (found.id, found.method, found.document) == (event.id, "paper", "form 7")
    assert (found.text_version, found.witness, found.expires) == ("3", "lina", 2_000_000_000.5)
    assert consents.consents_of(store.reader, "c-1", now=2_000_000_000.5) == []


def test_what_was_taken_back_is_given_again_by_who_saw_that_it_was(store: Store, journal: Journal) -> None:
    record(store, journal, h.granted())
    assert alive(store)
    [stop] = record(store, journal, h.revoked())
    assert not alive(store)
    record(store, journal, h.granted())  # of a tablet that did not know
    assert not alive(store)
    assert revocations_of(store.reader, "c-1", PURPOSE) == [stop.id]
    record(store, journal, h.granted(lifts=[stop.id]))
    assert alive(store)
    [second] = record(store, journal, h.revoked(at=2.0))
    record(store, journal, h.granted(lifts=[stop.id]))
    assert not alive(store)
    record(store, journal, h.granted(lifts=revocations_of(store.reader, "c-1", PURPOSE)))
    assert revocations_of(store.reader, "c-1", PURPOSE) == [stop.id, second.id]
    assert alive(store)


def test_a_revocation_stops_what_comes_later_by_a_fast_clock_too(store: Store, journal: Journal) -> None:
    record(store, journal, h.granted(at=2_000_000_000.0), at=2_000_000_000.0)
    record(store, journal, h.revoked(at=1_000_000_000.0), at=1_000_000_000.0)
    assert not alive(store)
    assert consents.last_revoked(store.reader, "c-1", PURPOSE) == 1_000_000_000.0


def test_a_purpose_that_was_taken_back_leaves_the_others(store: Store, journal: Journal) -> None:
    record(store, journal, h.granted(), h.granted(purpose="keep_preferences"), h.revoked(purpose="keep_preferences"))
    assert alive(store)
    assert consents.withdrew(store.reader, "c-1", "keep_preferences", 10.0)
    assert not consents.withdrew(store.reader, "c-1", PURPOSE, 10.0)
    assert not consents.withdrew(store.reader, "c-1", "share_partners", 10.0)


def test_the_same_consent_again_changes_nothing_and_another_with_its_id_is_refused(
    store: Store, journal: Journal
) -> None:
    [event] = record(store, journal, h.granted())
    before = store.reader.conn.execute("SELECT id, stopped_at FROM consents").fetchall()
    record(store, journal, h.granted(id=event.data["id"]))
    assert store.reader.conn.execute("SELECT id, stopped_at FROM consents").fetchall() == before
    record(store, journal, h.enrolled("c-2"))
    id_ = event.data["id"]
    for other in (h.granted(purpose="share_partners", id=id_), h.granted("c-2", id=id_)):
        with pytest.raises(Conflict) as taken:
            record(store, journal, other)
        assert taken.value.existing["customer"] == "c-1"
    assert store.reader.conn.execute("SELECT id, stopped_at FROM consents").fetchall() == before


def test_a_revocation_stays_as_long_as_there_is_something_that_it_stops(store: Store, journal: Journal) -> None:
    keep = Retention(receipts=1)
    at = 1_700_000_000.0
    record(store, journal, h.granted(at=at), at=at)
    [stop] = record(store, journal, h.revoked(at=at + 1), at=at + 1)
    record(store, journal, h.granted(at=at + 200_000), at=at + 200_000)
    record(store, journal, h.retained(at + 200_000, keep), at=at + 200_000)
    assert revocations_of(store.reader, "c-1", PURPOSE) == [stop.id]
    assert not alive(store)
    record(store, journal, h.retained(at + 400_000, keep), at=at + 400_000)
    assert revocations_of(store.reader, "c-1", PURPOSE) == []
    assert store.reader.conn.execute("SELECT count(*) FROM consents").fetchone() == (0,)


def test_what_was_recorded_before_acts_were_told_apart_counts_as_it_did(store: Store, journal: Journal) -> None:
    journal.checked = False
    at = 1_700_000_000.0
    record(store, journal, h.granted_before(expires=at + 900), at=at)
    record(store, journal, h.granted_before(expires=at + 100), at=at + 1)
    [counts] = consents.consents_of(store.reader, "c-1", at + 50)
    assert (counts.until, counts.method, counts.text_version) == (at + 100, "paper", "3")
    assert consents.consents_of(store.reader, "c-1", at + 500) == [], "what was signed last said until when"
    [stop] = record(store, journal, h.revoked_before(), at=at + 60)
    assert consents.consents_of(store.reader, "c-1", at + 61) == []
    record(store, journal, h.granted(lifts=[stop.id], at=at + 62), at=at + 62)
    [counts] = consents.consents_of(store.reader, "c-1", at + 9999)
    assert counts.lifts == (stop.id,)


def test_a_stop_without_partner_is_about_all_and_one_with_about_that_one(store: Store, journal: Journal) -> None:
    spa, tea = (h.granted(purpose="share_partners", partner=name) for name in ("spa", "tea"))
    record(store, journal, spa, tea)
    assert [one.partner for one in consents.consents_of(store.reader, "c-1")] == ["spa", "tea"]
    record(store, journal, h.revoked(purpose="share_partners", partner="spa"))
    assert [one.partner for one in consents.consents_of(store.reader, "c-1")] == ["tea"]
    record(store, journal, h.revoked(purpose="share_partners"))
    assert consents.consents_of(store.reader, "c-1") == []


def test_who_has_no_live_consent_is_listed_with_since_when(store: Store, journal: Journal) -> None:
    at = 1_700_000_000.0
    record(store, journal, h.enrolled("c-2"), h.enrolled("c-3"), at=at)
    record(store, journal, h.granted(at=at, expires=at + 50), h.granted("c-2", at=at), at=at)
    assert dict(unconsented.without(store.reader, at + 10)) == {"c-3": at}
    assert dict(unconsented.without(store.reader, at + 99)) == {"c-1": at + 50, "c-3": at}
    record(store, journal, h.revoked("c-2", at=at + 60), at=at + 60)
    assert dict(unconsented.without(store.reader, at + 99))["c-2"] == at + 60


def test_who_has_none_is_the_same_whether_all_are_looked_at_or_those_alone_who_may_have_none(
    store: Store, journal: Journal
) -> None:
    at = 1_700_000_000.0
    for number in range(8):
        name = f"n-{number}"
        record(store, journal, h.enrolled(name), at=at + number)
        for purpose in ("recognise_tag", "keep_preferences")[: number % 3]:
            expires = at + 100 * number if number % 2 else None
            record(store, journal, h.granted(name, purpose, at=at + number, expires=expires), at=at + number)
        if number > 4:
            record(store, journal, h.revoked(name, at=at + 200), at=at + 200)
    for now in (at + 9, at + 150, at + 250, at + 350, at + 900):
        found = list(unconsented.without(store.reader, now))
        assert found == list(unconsented.without(store.reader, now, lambda _: at + 1e6))  # far off, and so all are
        assert found == list(unconsented.without(store.reader, now, lambda _: float("inf")))
        assert len(found) >= 3
    cut_short = dict(unconsented.without(store.reader, at + 150, lambda _: at + 120))
    assert {cut_short["n-2"], cut_short["n-4"]} == {at + 120}

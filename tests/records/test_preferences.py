"""Facts about customers on the disk: as they were recorded, and those of an older program as they read today."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records import customers, older_facts, preferences, visits
from gateway.records.errors import Conflict
from gateway.records.facts import merge
from gateway.records.preferences import Preference
from gateway.records.store import Store
from gateway.records.values import starter
from gateway.records.visits import Visit
from tests.records import happening as h


def said(id_: str, value: str, at: float = 1.0, category: str = "drink", **more: Any) -> Preference:
    facts: dict[str, Any] = {"polarity": "do", "basis": "stated"} | more
    return Preference(id=id_, customer="c-1", category=category, value=value, at=at, **facts)


def holding(store: Store) -> list[str]:
    going_on = [visit.id for visit in visits.open_visits(store.reader)]
    return sorted(merge(preferences.facts_of(store.reader, "c-1"), going_on, starter()).holds)


@pytest.fixture
def customer(store: Store) -> str:
    store.call(lambda tx: customers.put_customer(tx, "c-1", {"name": "Anna"}, at=1.0))
    return "c-1"


def test_facts_come_back_as_recorded_and_none_is_overwritten(store: Store, customer: str) -> None:
    first = said("a", "拿铁", 1.0, by="anna", by_name="Anna", visit="v-1", code="drink.latte", lang="zh-CN")
    second = said("b", "", 2.0, retracts=("a", "z"), reason="mistaken")
    third = said("c", "Tonic", 3.0, corrects=("b",), replaces=("a",), lang="en")
    for fact in (first, second, third):
        store.call(partial(preferences.add, fact=fact))
    with pytest.raises(Conflict) as taken:
        store.call(lambda tx: preferences.add(tx, replace(first, value="changed")))
    assert taken.value.existing == first.data()
    assert preferences.facts_of(store.reader, customer) == [first, second, third]
    assert preferences.get(store.reader, "a") == first
    assert preferences.from_data(first.data()) == first
    assert preferences.codes(store.reader) == {"drink.latte"}


def test_the_same_id_sent_again_changes_nothing(store: Store, customer: str) -> None:
    for at in (1.0, 2.0):
        store.call(lambda tx, at=at: preferences.add(tx, said("a", "tea", at)))  # type: ignore[misc]
    assert preferences.facts_of(store.reader, customer) == [said("a", "tea", 1.0)]


def test_one_offs_hold_in_their_visit_even_if_they_arrive_after_it(store: Store, customer: str) -> None:
    store.call(lambda tx: visits.open(tx, Visit("v-1", customer, "door", 10.0, 10.0)))
    store.call(lambda tx: preferences.add(tx, said("a", "water", 11.0, scope="one_off", visit="v-1")))
    store.call(lambda tx: preferences.add(tx, said("b", "window", 11.0, "seat", visit="v-1")))
    assert holding(store) == ["a", "b"]
    store.call(lambda tx: visits.close(tx, "v-1", 20.0))
    store.call(lambda tx: preferences.add(tx, said("c", "juice", 12.0, scope="one_off", visit="v-1")))
    assert holding(store) == ["b"]
    store.call(lambda tx: visits.open(tx, Visit("v-1", customer, "door", 10.0, 25.0)))
    assert holding(store) == ["a", "b", "c"]


@pytest.mark.parametrize("wrong", [{"polarity": "hate"}, {"basis": "guessed"}, {"scope": "sometimes"}])
def test_a_fact_of_no_known_kind_is_refused(store: Store, customer: str, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="polarity is do"):
        store.call(lambda tx: preferences.add(tx, replace(said("a", "tea"), **wrong)))  # type: ignore[arg-type]


# --- what an older program recorded ----------------------------------------------------------------------------------


def older(value: str, polarity: str = "do", category: str = "drink", corrects: object = None) -> Preference:
    data = dict(h.preferred(value=value, category=category, polarity=polarity, corrects=corrects).data)
    for name in ("code", "lang", "retracts", "replaces", "reason"):
        del data[name]
    return preferences.from_data(data)


@pytest.mark.parametrize(
    ("category", "value", "polarity", "reads"),
    [
        ("drink", "绿茶", "do", ("drink", "drink.green_tea", "do", None)),
        ("Drink", "GREEN tea", "do", ("drink", "drink.green_tea", "do", None)),
        ("food", "不要香菜", "do", ("dislike", "dislike.coriander", "avoid", "polarity")),
        ("drink", "去冰", "do", ("drink", "drink.no_ice", "avoid", "polarity")),
        ("service", "不要打扰", "do", ("service", "service.disturbance", "avoid", "polarity")),
        ("drink", "拿铁", "avoid", ("drink", "drink.latte", "avoid", None)),
        ("food", "no onions", "do", ("food", None, "avoid", "polarity")),
        ("food", "no onions", "avoid", ("food", None, "avoid", None)),
        ("food", "花生", "allergy", ("allergy", "allergy.peanuts", "allergy", None)),
        ("allergy", "Peanut allergy", "allergy", ("allergy", "allergy.peanuts", "allergy", None)),
        ("food", "对花生过敏", "do", ("allergy", "allergy.peanuts", "allergy", "polarity")),
        ("food", "对花生过敏", "avoid", ("allergy", "allergy.peanuts", "allergy", "polarity")),
        ("name", "Madame", "do", ("address", None, "do", None)),
        ("name", "Mr", "do", ("address", "address.mr", "do", None)),
        ("music", "jazz", "do", ("music", None, "do", None)),
        ("other", "", "do", ("other", None, "do", None)),
    ],
)
def test_an_older_fact_reads_as_one_of_today(
    category: str, value: str, polarity: str, reads: tuple[str, str | None, str, str | None]
) -> None:
    fact = older(value, polarity, category)
    assert (fact.category, fact.code, fact.polarity, fact.doubt) == reads
    assert (fact.value, fact.retracts, fact.replaces, fact.reason) == (value, (), (), None)


@pytest.mark.parametrize(("corrects", "now"), [(None, ()), ("f-0", ("f-0",))])
def test_what_an_older_fact_corrects(corrects: str | None, now: tuple[str, ...]) -> None:
    assert older("tea", corrects=corrects).corrects == now


@given(st.text(max_size=12), st.sampled_from(preferences.POLARITIES), st.sampled_from(["drink", "food", "other", "x"]))
def test_no_older_fact_is_loosened_and_no_word_of_it_is_lost(value: str, polarity: str, category: str) -> None:
    facts = {"category": category, "value": value, "polarity": polarity, "corrects": None}
    now = older_facts.now(facts)
    rank = preferences.POLARITIES.index
    assert rank(now["polarity"]) >= rank(polarity)
    assert now["value"] == value
    assert (now["doubt"] is None) == (now["polarity"] == polarity)

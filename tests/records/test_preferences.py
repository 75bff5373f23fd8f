"""Of all that was ever said about a customer, what holds today."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.records import customers, preferences, visits
from gateway.records.errors import Conflict
from gateway.records.preferences import Preference, current
from gateway.records.store import Store
from gateway.records.visits import Visit

NOW = 1_000.0


def said(id_: str, value: str, at: float = 1.0, category: str = "drink", **more: object) -> Preference:
    facts: dict[str, object] = {"polarity": "do", "basis": "stated"} | more
    return Preference(id=id_, customer="c-1", category=category, value=value, at=at, **facts)  # type: ignore[arg-type]


def holding(store: Store, now: float) -> list[Preference]:
    return current(preferences.facts_of(store.reader, "c-1"), now)


def values(*facts: Preference, now: float = NOW) -> list[str]:
    return [fact.value for fact in current(facts, now)]


def test_newer_stated_beats_older() -> None:
    assert values(said("a", "tea", 1.0), said("b", "coffee", 2.0)) == ["coffee"]


def test_what_is_inferred_or_observed_never_beats_what_was_stated() -> None:
    stated = said("a", "tea", 1.0)
    assert values(stated, said("b", "coffee", 2.0, basis="inferred")) == ["tea"]
    assert values(stated, said("b", "coffee", 2.0, basis="observed")) == ["tea"]
    assert values(said("b", "coffee", 2.0, basis="inferred"), said("c", "water", 1.0, basis="observed")) == ["water"]


def test_other_categories_are_left_alone_and_lists_stay_lists() -> None:
    assert values(said("a", "tea"), said("b", "window", category="seat")) == ["tea", "window"]
    assert values(said("a", "golf", category="conversation"), said("b", "jazz", category="conversation")) == [
        "golf",
        "jazz",
    ]


def test_several_things_are_avoided_at_once() -> None:
    facts = said("a", "coriander", 1.0, "food", polarity="avoid"), said("b", "pork", 2.0, "food", polarity="avoid")
    assert values(*facts) == ["pork", "coriander"]


def test_of_one_thing_the_newest_word_holds() -> None:
    like, avoid = said("a", "Red wine", 1.0), said("b", "red  WINE", 2.0, polarity="avoid")
    assert [fact.polarity for fact in current([like, avoid], NOW)] == ["avoid"]
    later = replace(like, id="c", at=3.0)
    assert [fact.polarity for fact in current([like, avoid, later], NOW)] == ["do"]
    same_time = replace(like, id="z", at=2.0)
    assert [fact.polarity for fact in current([avoid, same_time], NOW)] == ["avoid"]


def test_a_one_off_holds_for_its_visit_and_then_the_standing_word_is_back() -> None:
    standing, today = said("a", "tea", 1.0), said("b", "water", 2.0, scope="one_off", ended_at=50.0)
    assert values(standing, today, now=49.0) == ["water"]
    assert values(standing, today, now=50.0) == ["tea"]


def test_a_correction_names_what_it_puts_right() -> None:
    wrong, right = said("a", "golf", 1.0, "conversation"), said("b", "polo", 2.0, "conversation", corrects="a")
    assert values(wrong, right) == ["polo"]
    assert values(wrong, said("b", "", 2.0, "conversation", corrects="a")) == []
    assert values(wrong, replace(right, basis="inferred")) == ["polo", "golf"]


def test_an_allergy_yields_only_to_a_fact_that_names_it() -> None:
    allergy = said("a", "Peanuts", 1.0, "allergy", polarity="allergy")
    assert values(allergy, said("b", "peanuts", 2.0, "allergy", polarity="do")) == ["Peanuts"]
    assert values(allergy, said("b", "peanuts", 2.0, "food", polarity="do")) == ["Peanuts"]
    assert values(allergy, said("b", "", 2.0, "allergy", polarity="allergy", corrects="a", basis="observed")) == [
        "Peanuts"
    ]
    assert values(allergy, said("b", "", 2.0, "allergy", polarity="allergy", corrects="a")) == []


FACT = st.builds(
    Preference,
    id=st.sampled_from([f"f{n}" for n in range(8)]),
    customer=st.just("c-1"),
    category=st.sampled_from(["drink", "food", "other", "Food"]),
    value=st.sampled_from(["", "tea", "TEA ", "nuts", "fish"]),
    polarity=st.sampled_from(["do", "avoid", "allergy"]),
    basis=st.sampled_from(["stated", "observed", "inferred"]),
    at=st.sampled_from([1.0, 2.0, 3.0, 9_000.0]),
    scope=st.just("standing"),
    corrects=st.none() | st.sampled_from([f"f{n}" for n in range(9)]),
    ended_at=st.none() | st.sampled_from([500.0, 2_000.0]),
)
FACTS = st.lists(FACT, max_size=8, unique_by=lambda fact: fact.id)


@given(FACTS, st.randoms())
def test_the_order_in_which_facts_arrive_does_not_matter(facts: list[Preference], random: Random) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)
    assert current(facts, NOW) == current(shuffled, NOW)


@given(FACTS)
def test_what_holds_goes_on_holding(facts: list[Preference]) -> None:
    once = current([replace(fact, corrects=None) for fact in facts], NOW)
    assert current(once, NOW) == once
    assert {fact.id for fact in once} <= {fact.id for fact in facts}


@given(FACTS)
@example([said("f0", "nuts", polarity="allergy", corrects="f1"), said("f1", "nuts", polarity="allergy", corrects="f0")])
def test_no_allergy_is_lost_unless_it_is_over_or_put_right(facts: list[Preference]) -> None:
    shown = {fact.value.strip().casefold() for fact in current(facts, NOW) if fact.polarity == "allergy"}
    named = {fact.corrects for fact in facts if fact.corrects != fact.id}
    for fact in facts:
        over = fact.ended_at is not None and fact.ended_at <= NOW
        if fact.polarity == "allergy" and fact.value and not over and fact.id not in named:
            assert fact.value.strip().casefold() in shown


@given(FACTS)
def test_nothing_harmful_is_recommended_and_nothing_twice(facts: list[Preference]) -> None:
    held = current(facts, NOW)
    harmful = {fact.value.strip().casefold() for fact in held if fact.polarity == "allergy"}
    liked = [fact for fact in held if fact.polarity == "do"]
    assert harmful.isdisjoint(fact.value.strip().casefold() for fact in liked)
    things = [(fact.category.casefold(), fact.value.strip().casefold()) for fact in held]
    assert len(things) == len(set(things))


@given(FACTS)
def test_facts_that_put_each_other_right_in_a_circle_all_stay(facts: list[Preference]) -> None:
    circle = [
        replace(fact, corrects=facts[(n + 1) % len(facts)].id, polarity="allergy", value=f"v{n}", ended_at=None)
        for n, fact in enumerate(facts)
    ]
    assert len(current(circle, NOW)) == len(circle)


# --- on the disk -----------------------------------------------------------------------------------------------------


@pytest.fixture
def customer(store: Store) -> str:
    store.call(lambda tx: customers.put_customer(tx, "c-1", {"name": "Anna"}, at=1.0))
    return "c-1"


def test_facts_come_back_as_recorded_and_none_is_overwritten(store: Store, customer: str) -> None:
    first = said("a", "tea", 1.0, by="anna", by_name="Anna", visit="v-1")
    second = said("b", "coffee", 2.0, corrects="a")
    for fact in (first, second):
        store.call(partial(preferences.add, fact=fact))
    with pytest.raises(Conflict) as taken:
        store.call(lambda tx: preferences.add(tx, replace(first, value="changed")))
    assert taken.value.existing == preferences.as_data(first)
    assert preferences.facts_of(store.reader, customer) == [first, second]
    assert holding(store, NOW) == [second]
    assert preferences.get(store.reader, "a") == first


def test_the_same_id_sent_again_is_answered_with_the_first(store: Store, customer: str) -> None:
    first = store.call(lambda tx: preferences.add(tx, said("a", "tea")))
    assert store.call(lambda tx: preferences.add(tx, said("a", "tea", 2.0))) == first


def test_one_offs_end_with_their_visit_even_if_they_arrive_after_it(store: Store, customer: str) -> None:
    store.call(lambda tx: visits.open(tx, Visit("v-1", customer, "door", 10.0, 10.0)))
    store.call(lambda tx: preferences.add(tx, said("a", "water", 11.0, scope="one_off", visit="v-1")))
    store.call(lambda tx: preferences.add(tx, said("b", "window", 11.0, "seat", visit="v-1")))
    assert len(holding(store, 30.0)) == 2
    store.call(lambda tx: visits.close(tx, "v-1", 20.0))
    assert [fact.id for fact in holding(store, 30.0)] == ["b"]
    store.call(lambda tx: preferences.add(tx, said("c", "juice", 12.0, scope="one_off", visit="v-1")))
    assert [fact.id for fact in holding(store, 30.0)] == ["b"]
    store.call(lambda tx: preferences.add(tx, said("d", "juice", 12.0, scope="one_off")))
    assert len(holding(store, 30.0)) == 2
    assert len(holding(store, 12.0 + 86_400)) == 1


def test_a_one_off_of_a_visit_that_goes_on_again_holds_again(store: Store, customer: str) -> None:
    store.call(lambda tx: visits.open(tx, Visit("v-1", customer, "door", 10.0, 10.0)))
    store.call(lambda tx: preferences.add(tx, said("a", "water", 11.0, scope="one_off", visit="v-1")))
    store.call(lambda tx: visits.close(tx, "v-1", 20.0))
    store.call(lambda tx: visits.open(tx, Visit("v-1", customer, "door", 10.0, 25.0)))
    assert [fact.id for fact in holding(store, 30.0)] == ["a"]


def test_a_clock_that_runs_ahead_does_not_win_for_ever(store: Store, customer: str) -> None:
    store.call(lambda tx: preferences.add(tx, said("a", "tea", at=9_000.0), received=100.0))
    store.call(lambda tx: preferences.add(tx, said("b", "coffee", at=110.0), received=111.0))
    assert [fact.value for fact in holding(store, NOW)] == ["coffee"]
    assert [fact.at for fact in preferences.facts_of(store.reader, customer)] == [100.0, 110.0]


@pytest.mark.parametrize("wrong", [{"polarity": "hate"}, {"basis": "guessed"}, {"scope": "sometimes"}])
def test_a_fact_of_no_known_kind_is_refused(store: Store, customer: str, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="polarity is do"):
        store.call(lambda tx: preferences.add(tx, replace(said("a", "tea"), **wrong)))  # type: ignore[arg-type]

"""The merge of what was recorded about a customer, held against cases and laws."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records import dishes, facts, said
from gateway.records.facts import RANK, Merged, merge
from gateway.records.values import starter
from tests.records.agreement import NOON, OWN, PEOPLE, VISITS, Recorded, answer

VECTORS = json.loads((Path(__file__).parents[1] / "data" / "facts-vectors.json").read_text("utf-8"))


def fact(row: dict[str, Any]) -> Recorded:
    names = {name: tuple(row.get(name, ())) for name in ("corrects", "retracts", "replaces")}
    return Recorded(**{**row, **names, "at": datetime.fromisoformat(row["at"]).timestamp()})


@pytest.mark.parametrize("case", VECTORS["vectors"], ids=lambda case: case["says"])
def test_merge(case: dict[str, Any]) -> None:
    merged = merge(map(fact, case["facts"]), case["open_visits"], starter())
    assert answer(merged) == {name: case[name] for name in ("holds", "aside", "doubted", "suggest")}


@pytest.mark.parametrize("case", VECTORS["dishes"], ids=lambda case: case["says"])
def test_dishes(case: dict[str, Any]) -> None:
    known = {one.id: one for one in map(fact, case["facts"])}
    lines = [known[id_] for id_ in merge(known.values(), case["open_visits"], starter()).holds]
    item = {name: value for name, value in case["item"].items() if name != "id"}
    warns = dishes.warnings(dishes.Declared(**item), lines, starter())
    assert [one._asdict() for one in warns] == case["warns"]


@pytest.mark.parametrize("case", VECTORS["words"], ids=lambda case: case["text"])
def test_words(case: dict[str, Any]) -> None:
    text, catalogue = case["text"], starter()
    assert said.code_of(catalogue, case["category"], text) == case["code"]
    assert said.reads(catalogue, case["category"], text) == case["reads"]
    assert list(said.mentions(catalogue, text)) == case["mentions"]


ALLERGENS = sorted({name for value in starter().of_category["allergy"] for name in value.words})


def _named(name: str, words: str) -> bool:
    """Whether a name is there: one in Han characters anywhere, another as a whole word, beside which Han may stand."""
    apart = [not (c.isalnum() and not said.language_of(c, None)) for c in f" {words} "]  # the n-th: before words[n]
    whole = not said.language_of(name, None)
    starts = [n for n in range(len(words)) if words.startswith(name, n)]
    return any(not whole or (apart[n] and apart[n + len(name) + 1]) for n in starts)


@given(
    st.lists(
        st.tuples(st.sampled_from(ALLERGENS), st.sampled_from(["", " ", ", ", "x", "s", "é", "7", "_", "对", "-"]))
    )
)
def test_an_allergen_is_named_by_a_whole_word_or_anywhere_in_han(parts: list[tuple[str, str]]) -> None:
    text = "".join(after + name for name, after in parts)
    values = starter().of_category["allergy"]
    named = {v.about for v in values if any(_named(said.plain(name), said.plain(text)) for name in v.words)}
    assert set(said.mentions(starter(), text)) == named


# --- laws ------------------------------------------------------------------------------------------------------------

CATALOGUE = starter()
FEW = [
    "drink.latte", "drink.oat_latte", "drink.no_ice", "drink.with_ice", "drink.iced_americano", "drink.coffee",
    "drink.no_sugar", "drink.less_sugar", "food.nuts_bowl", "food.seafood", "food.spicy", "dislike.chilli",
    "dislike.caffeine", "dislike.flesh", "seat.window", "seat.aisle", "seat.front", "temperature.warmer",
    "temperature.cooler", "allergy.milk", "allergy.walnuts", "allergy.shellfish", "allergy.shrimp", "allergy.gluten",
    "accessibility.wheelchair",
]  # fmt: skip
IDS = [f"f{number}" for number in range(12)]
NAMES = st.lists(st.sampled_from([*IDS, "elsewhere"]), max_size=2).map(tuple)
ONE_OFF = st.sampled_from([("standing", None), ("standing", None), *(("one_off", visit) for visit in VISITS)])


@st.composite
def coded(draw: st.DrawFn) -> tuple[str, str | None, str, str]:
    value = CATALOGUE.values[draw(st.sampled_from(FEW))]
    polarity = draw(st.sampled_from(["do", "avoid"])) if value.polarity == "do" else value.polarity
    return value.category, value.code, value.labels["en"], polarity


@st.composite
def own(draw: st.DrawFn) -> tuple[str, None, str, str]:
    category = draw(st.sampled_from(list(OWN)))
    return (
        category,
        None,
        draw(st.sampled_from(["", *OWN[category]])),
        draw(st.sampled_from(["do", "avoid", "allergy"])),
    )


@st.composite
def known(draw: st.DrawFn, *, names: bool = True) -> list[Recorded]:
    """Facts of one customer, each id once."""
    found = []
    for id_ in draw(st.lists(st.sampled_from(IDS), unique=True, max_size=len(IDS))):
        category, code, value, polarity = draw(coded() | own())
        scope, visit = draw(ONE_OFF)
        found.append(
            Recorded(
                id_, category, code, value, polarity, draw(st.sampled_from(list(RANK))), scope, visit,
                draw(st.sampled_from(PEOPLE)), NOON + draw(st.integers(0, 1_300)),
                corrects=draw(NAMES) if names else (), retracts=draw(NAMES) if names else (), replaces=draw(NAMES),
            )
        )  # fmt: skip
    return found


OPEN = st.sets(st.sampled_from(VISITS))


def touches(one: Recorded, harm: Recorded) -> bool:
    """Whether a like goes against an allergy or avoid: every pair looked at, without any index."""
    here = facts.contents_of(one, CATALOGUE) + facts.thing_of(one, CATALOGUE)[-1:]
    pairs = product(here, facts.reach_of(harm, CATALOGUE))
    same = facts.thing_of(one, CATALOGUE) == facts.thing_of(harm, CATALOGUE)
    return same or any(CATALOGUE.touch(a, b) for a, b in pairs)


def merged(found: Iterable[Recorded], open_visits: set[str]) -> Merged:
    return merge(found, open_visits, CATALOGUE)


@given(known(), OPEN)
def test_every_fact_holds_or_is_aside_and_says_by_what(found: list[Recorded], open_visits: set[str]) -> None:
    made = merged(found, open_visits)
    ids = {one.id for one in found}
    assert set(made.holds).isdisjoint(made.aside)
    assert set(made.holds) | set(made.aside) == ids
    assert len(made.holds) == len(set(made.holds))
    assert {why.by for why in made.aside.values()} <= ids | {None}
    assert {id_ for id_, why in made.aside.items() if why.by is None} == {
        id_ for id_, why in made.aside.items() if why.state in ("over", "note")
    }
    assert set(made.doubted) <= set(made.holds)


@given(known(), OPEN, st.randoms(use_true_random=False))
def test_order_and_repetition_change_nothing(found: list[Recorded], open_visits: set[str], random: Random) -> None:
    again = [replace(one) for one in found * 2]
    random.shuffle(again)
    assert answer(merged(again, open_visits)) == answer(merged(found, open_visits))


@given(known(names=False), OPEN)
def test_no_allergy_goes_that_nobody_takes_back(found: list[Recorded], open_visits: set[str]) -> None:
    made = merged(found, open_visits)
    by_id = {one.id: one for one in found}
    shown = {facts.thing_of(by_id[id_], CATALOGUE) for id_ in made.holds if by_id[id_].polarity == "allergy"}
    for one in found:
        if one.polarity == "allergy" and one.value and (one.scope == "standing" or one.visit in open_visits):
            assert facts.thing_of(one, CATALOGUE) in shown


@given(known(), OPEN)
def test_what_loosens_names_what_it_loosens_and_is_as_well_known(found: list[Recorded], open_visits: set[str]) -> None:
    made = merged(found, open_visits)
    by_id = {one.id: one for one in found}
    for id_, why in made.aside.items():
        avoid, by = by_id[id_], by_id.get(why.by or "")
        if avoid.polarity != "avoid" or by is None or by.polarity != "do":
            continue
        if why.state in ("replaced", "resting"):
            assert avoid.id in by.replaces
            assert RANK[avoid.basis] <= RANK[by.basis]
        elif why.state == "contested":
            assert RANK[avoid.basis] < RANK[by.basis]
            assert by.id in made.doubted or by.id in made.aside
        else:
            assert why.state in ("corrected", "retracted")


@given(known(), OPEN)
def test_nothing_is_liked_or_suggested_against_what_harms_or_what_they_avoid(
    found: list[Recorded], open_visits: set[str]
) -> None:
    made = merged(found, open_visits)
    by_id = {one.id: one for one in found}
    holding = [by_id[id_] for id_ in made.holds]
    for like in (one for one in holding if one.polarity == "do"):
        against = [one for one in holding if one.polarity != "do" and touches(like, one)]
        assert all(one.polarity == "avoid" for one in against)
        unnamed = [one for one in against if one.id not in like.replaces]
        assert not unnamed or like.id in made.doubted
        if like.id in made.offers:
            assert unnamed == []
            value = CATALOGUE.get(like.code)
            assert value is not None
            assert value.offer


@given(known(), OPEN)
def test_the_end_of_a_visit_restores_what_rested(found: list[Recorded], open_visits: set[str]) -> None:
    after = merged(found, set())
    standing = [one for one in found if one.scope == "standing"]
    alone = merged(standing, open_visits)
    assert after.holds == alone.holds
    assert {id_: after.aside[id_] for id_ in alone.aside} == alone.aside
    assert "resting" not in {why.state for why in after.aside.values()}


ICE = Recorded("f1", "drink", "drink.no_ice", "去冰", "avoid", "stated", "standing", None, "lina", NOON)


@pytest.mark.parametrize(("after", "holds"), [(-1.0, ["f1"]), (0.0, []), (600.0, []), (600.001, ["f1"])])
def test_a_slip_is_taken_back_after_it_and_within_ten_minutes(after: float, holds: list[str]) -> None:
    back = replace(ICE, id="f2", code=None, value="", basis="inferred", at=NOON + after, retracts=("f1",))
    assert merged([ICE, back], set()).holds == holds


def test_two_that_replace_each_other_end_neither_and_stand_beside_each_other() -> None:
    one = replace(ICE, replaces=("f2",))
    other = replace(ICE, id="f2", code="drink.with_ice", value="加冰", polarity="do", replaces=("f1",))
    assert merged([one, other], set()).holds == ["f1", "f2"]
    assert merged([ICE, other], set()).aside == {"f1": ("replaced", "f2")}


def test_a_long_row_of_corrections_and_of_retractions_is_followed_to_its_end() -> None:
    first = Recorded("f0000", "drink", "drink.latte", "拿铁", "do", "stated", "standing", None, "lina", NOON)
    names = {n: (f"f{n - 1:04}",) for n in range(1, 3_000)}
    rows = [replace(first, id=f"f{n:04}", at=NOON + n, corrects=name) for n, name in names.items()]
    assert merged([first, *rows], set()).holds == ["f2999"]
    back = [replace(first, id=f"f{n:04}", value="", code=None, at=NOON + n, retracts=name) for n, name in names.items()]
    odd = merged([first, *back], set())
    assert odd.holds == []
    assert odd.aside["f0000"] == ("retracted", "f0001")
    assert merged([first, *back[:-1]], set()).holds == ["f0000"]

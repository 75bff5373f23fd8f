"""One allergy is one allergy, in whatever language and words it was recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.records.allergens import ALLERGENS, code_of
from gateway.records.preferences import Preference, current

TEXTS = Path(__file__).parents[2] / "staff_console" / "src" / "lib" / "i18n"
EU_14 = [
    "gluten", "crustaceans", "eggs", "fish", "peanuts", "soy", "milk", "nuts", "celery", "mustard", "sesame",
    "sulphites", "lupin", "molluscs",
]  # fmt: skip


def fact(id_: str, value: str, polarity: str = "allergy", category: str = "allergy", at: float = 1.0) -> Preference:
    return Preference(id_, "chen", category, value, polarity, "stated", at)


@pytest.mark.parametrize(
    "text",
    [
        "花生",
        "Peanuts",
        "peanut ",
        "ＰＥＡＮＵＴＳ",
        "peanuts",
        "对花生过敏",
        "花生过敏",
        "Peanut allergy",
        "allergic to peanuts",
    ],
)
def test_what_people_type_is_the_same_allergen_in_both_languages(text: str) -> None:
    assert code_of(text) == "peanuts"


@pytest.mark.parametrize(
    "text", ["", "peanuts and soy", "no idea", "花生和大豆", "something in the sauce", "过敏", "peanut butter cup"]
)
def test_what_is_more_or_less_than_one_allergen_stays_as_it_was_typed(text: str) -> None:
    assert code_of(text) is None


def test_the_fourteen_of_the_law_come_first_and_no_word_means_two_things() -> None:
    assert list(ALLERGENS)[:14] == EU_14
    names = [name.casefold() for code, all_ in ALLERGENS.items() for name in {code, *map(str.casefold, all_)}]
    assert len(names) == len(set(names))
    assert {code_of(name) for all_ in ALLERGENS.values() for name in all_} == set(ALLERGENS)


@pytest.mark.parametrize(("place", "language"), [(0, "zh-CN"), (1, "en")])
def test_the_console_has_a_word_for_each_and_knows_no_other(place: int, language: str) -> None:
    said = json.loads((TEXTS / f"{language}.json").read_text("utf-8"))
    words = {key.removeprefix("allergen."): text for key, text in said.items() if key.startswith("allergen.")}
    assert words == {code: names[place] for code, names in ALLERGENS.items()}
    chips = said["values.allergy"].split("|")
    assert len(chips) == len({code_of(chip) for chip in chips} - {None})


def test_an_allergy_said_in_two_languages_is_one_and_nothing_that_harms_is_liked() -> None:
    said = [
        fact("a", "Peanuts", at=1.0),
        fact("b", "对花生过敏", category="food", at=2.0),
        fact("c", "核桃", at=3.0),
        fact("d", "walnut", "do", "food", at=4.0),
        fact("e", "花生", "avoid", "food", at=5.0),
        fact("f", "tea", "do", "drink", at=6.0),
    ]
    assert [(f.id, f.polarity) for f in current(said, 10.0)] == [("c", "allergy"), ("b", "allergy"), ("f", "do")]

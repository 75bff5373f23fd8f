"""The one rule for text from outside: what is kept stays as it is, and what nobody sees is gone."""

from __future__ import annotations

from unicodedata import category, is_normalized

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_drivers.texts import Unfit, folded, holds, lines, one_line, one_width, sought

MARKS = st.sampled_from(
    "\u0301\u0308\u200b\u200d\u2066\ufe0f\u3000\u00a0\u3164\u1160\u2800\u034f\n\r\t\x00\x85\u2028 '’-"
)
TEXT = st.text(st.characters() | MARKS)
VISIBLE_FORMAT = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")


@settings(max_examples=500)
@given(TEXT)
def test_what_is_kept_can_be_seen_and_stays_as_it_is(text: str) -> None:
    try:
        kept = one_line(text)
    except Unfit as unfit:
        assert str(unfit).startswith("holds U+")  # noqa: PT017 - both ways are good
        return
    assert one_line(kept) == kept
    assert is_normalized("NFC", kept)
    assert kept == " ".join(kept.split())
    assert not {each for each in kept if category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - VISIBLE_FORMAT
    assert not kept or any(category(each)[0] not in "MZ" for each in kept)


@settings(max_examples=300)
@given(TEXT)
def test_notes_and_identifiers_stay_as_they_are_kept(text: str) -> None:
    for rule in (lines, one_width):
        try:
            kept = rule(text)
        except Unfit:
            continue
        assert rule(kept) == kept


@given(TEXT, TEXT, TEXT)
def test_whatever_is_searched_is_found_in_what_holds_it(before: str, text: str, after: str) -> None:
    wanted = sought(text)
    assert holds(wanted, wanted)
    assert holds(f"{sought(before)} {wanted} {sought(after)}", wanted)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café", "CAFE\u0301"),
        ("Ｂａｒ", "bar"),
        ("a\u00a0b", "A  b"),
        ("O’Brien", "o'brien"),
        ("Straße", "STRASSE"),
        ("ﬁ", "FI"),
    ],
)
def test_two_spellings_of_one_thing_are_one(one: str, other: str) -> None:
    assert folded(one) == folded(other)


def test_an_accent_makes_another_thing_and_no_other_search() -> None:
    assert folded("Café") != folded("Cafe")
    assert sought("Café") == sought("Cafe")

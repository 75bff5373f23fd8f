"""One text for what is equal: RFC 8785, without fractions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.consent.canonical import LARGEST, NotCanonical, canonical, parse

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=20,
)


def test_strings_are_written_as_in_section_3_2_2_of_the_rfc() -> None:
    text = r"""{"string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"""
    written = '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    assert canonical(parse(text)) == written.encode()


def test_members_are_sorted_by_utf_16_as_in_section_3_2_3_of_the_rfc() -> None:
    text = r"""{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh",
     "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O"}"""
    order = ["Carriage Return", "One", "Control", "Latin Small Letter O", "Euro Sign", "Emoji: Grinning Face"]
    assert list(json.loads(canonical(parse(text))).values()) == [*order, "Hebrew Letter Dalet With Dagesh"]


@given(VALUES)
def test_what_is_written_is_read_again_the_same_and_written_the_same(value: Any) -> None:
    written = canonical(value)
    assert parse(written) == value
    assert canonical(json.loads(json.dumps(value, indent=2))) == written


@pytest.mark.parametrize(
    "text", ["1.5", "1e3", "NaN", '{"a":1,"a":1}', str(LARGEST + 1), '"\\ud800"', "[" * 100_000, "{", "9" * 5000]
)
def test_what_two_programs_might_read_differently_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        canonical(parse(text))

"""Places in venue.toml: what they give, and what is said to whoever mistyped them."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.settings.venue import BadConfig, parse

NAME = {"zh-CN": "客舱", "en": "Cabin"}


def venue(*places: dict[str, Any]) -> dict[str, Any]:
    return {"venue": {"id": "v", "name": NAME}, "zones": [{"id": "cabin", "name": NAME}], "places": list(places)}


def test_rows_with_letters_and_names_with_seats_are_places_in_their_order() -> None:
    rows = {"zone": "cabin", "rows": "1-2, 14", "letters": "ACDF"}
    tables = {"zone": "cabin", "kind": "table", "ids": ["T1", "贵宾"], "seats": 2}
    rooms = {"zone": "cabin", "kind": "room", "ids": ["Salon"]}
    found = parse(venue(rows, tables, rooms)).seats()
    assert [each.place for each in found] == [
        "1A", "1C", "1D", "1F", "2A", "2C", "2D", "2F", "14A", "14C", "14D", "14F",
        "T1/1", "T1/2", "贵宾/1", "贵宾/2", "Salon",
    ]  # fmt: skip
    assert {(each.place, each.kind, each.group) for each in found} >= {
        ("14F", "seat", "14"), ("T1/2", "table", "T1"), ("Salon", "room", None),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("places", "why"),
    [
        ([{"zone": "cabin", "rows": "1-2"}], "letters is missing"),
        ([{"zone": "cabin", "letters": "AC"}], "rows is missing"),
        ([{"zone": "cabin"}], "expected either rows and letters, or ids"),
        ([{"zone": "cabin", "rows": "1", "letters": "A", "ids": ["T1"]}], "expected either rows and letters, or ids"),
        ([{"zone": "cabin", "rows": "1", "letters": "A", "seats": 2}], "seats is for ids alone"),
        ([{"zone": "cabin", "rows": "1", "letters": "AA"}], "names one twice"),
        ([{"zone": "cabin", "rows": "3-1", "letters": "A"}], "rows like '1-8'"),
        ([{"zone": "cabin", "rows": "one", "letters": "A"}], "rows like '1-8'"),
        ([{"zone": "cabin", "rows": "1-3,2", "letters": "A"}], "rows like '1-8'"),
        ([{"zone": "cabin", "rows": "1", "letters": "a"}], "letters from A to Z"),
        ([{"zone": "cabn", "ids": ["T1"]}], "no such zone; expected the id of a zone: cabin; did you mean 'cabin'?"),
        ([{"zone": "cabin", "kind": "sofa", "ids": ["T1"]}], "expected one of seat, chair, table, room"),
        ([{"zone": "cabin", "ids": ["T1", "T1"]}], "T1 is a place of [[places]] 1 already"),
        (
            [{"zone": "cabin", "rows": "1", "letters": "A"}, {"zone": "cabin", "ids": ["1A"]}],
            "1A is a place of [[places]] 1 already",
        ),
        ([{"zone": "cabin", "ids": ["T1"], "sets": 2}], "did you mean 'seats'?"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_what_was_expected(places: list[dict[str, Any]], why: str) -> None:
    with pytest.raises(BadConfig) as refused:
        parse(venue(*places))
    assert why in str(refused.value)
    assert "places[" in str(refused.value)

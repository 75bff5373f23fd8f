"""The catalogue: what every type of event holds, and that nobody is sent what is not meant for them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.core.rendering import RENDERED
from gateway.events.catalogue import CATALOGUE, FOLLOWING, NAMING, check, example, holder_of, seen_by
from gateway.events.document import asyncapi, page
from gateway.events.event import HOUSE, Event
from gateway.events.sent_live import EVENTS

ROOT = Path(__file__).parents[2]
FREE_TEXT = {
    "text",
    "note",
    "value",
    "question",
    "answer",
    "name",
    "address_as",
    "card",
    "about",
    "by_name",
    "outcome_note",
}


def event(type_: str, subject: str = "c-1") -> Event:
    return Event("id", type_, subject, holder_of(type_, subject), 0.0, example(type_), "lina", 1)


@pytest.mark.parametrize("type_", CATALOGUE)
def test_the_example_is_what_the_row_says(type_: str) -> None:
    check(event(type_))
    json.dumps(example(type_))


@pytest.mark.parametrize("type_", CATALOGUE)
def test_a_member_too_many_or_too_few_is_a_mistake(type_: str) -> None:
    more, fewer = event(type_), event(type_)
    more.data["surplus"] = 1
    fewer.data.popitem()
    for wrong in (more, fewer):
        with pytest.raises(ValueError, match="validation error"):
            check(wrong)


def test_what_is_sent_has_a_shape_and_what_has_a_shape_is_sent() -> None:
    assert {type_ for type_, row in CATALOGUE.items() if row.to or row.lead} == set(EVENTS)
    assert set(RENDERED) <= set(CATALOGUE)


@pytest.mark.parametrize("type_", [type_ for type_, row in CATALOGUE.items() if "program" in row.to])
def test_a_program_is_sent_no_free_text_and_no_name(type_: str) -> None:
    row = CATALOGUE[type_]
    sent = {name for model in EVENTS[type_] for name in model.model_fields}
    said = {*row.data.model_fields, *sent, *NAMING, *FREE_TEXT}
    follows = {name: [dict.fromkeys(FREE_TEXT, "Chen")] for name in FOLLOWING}
    everything: dict[str, Any] = dict.fromkeys(said, "Chen") | follows
    seen = seen_by("program", event(type_), everything)
    assert seen is not None
    assert set(seen) <= row.program
    words = FREE_TEXT - {"about"} if type_ == "visit.reviewed" else FREE_TEXT  # there it is one of three words
    assert not words & set(seen)
    assert all(seen.get(name) in (None, [{}]) for name in FOLLOWING)


def test_what_is_for_nobody_is_sent_to_nobody() -> None:
    for type_ in ("customer.viewed", "customers.searched", "token.made", "session.began", "sign_in.refused"):
        assert [seen_by(audience, event(type_), {"a": 1}) for audience in ("service", "technical", "program")] == [
            None
        ] * 3
    assert seen_by("technical", event("alert.opened"), {"card": {}}) is None


def test_no_secret_is_in_anything_that_is_sent() -> None:
    secret = {"pin_hash", "hash", "identifier", "tid", "keys"}
    for type_ in EVENTS:
        assert not secret & set(CATALOGUE[type_].program)
        assert not secret & {name for model in EVENTS[type_] for name in model.model_fields}


def test_a_customer_s_events_are_sealed_with_their_key_and_go_dark_with_it() -> None:
    assert holder_of("preference.recorded", "c-1") == "c-1"
    assert holder_of("staff.changed", "lina") == "*staff*lina"
    assert holder_of("customer.erased", "c-1") == HOUSE  # it says who was erased, and outlives the key


def test_the_page_and_the_document_are_made_from_the_rows() -> None:
    assert (ROOT / "docs/events.md").read_text("utf-8") == page(), "python -m gateway.events.document > docs/events.md"
    told = asyncapi("1")
    names = {message["name"] for message in told["components"]["messages"].values()}
    assert names == {*EVENTS, "hello", "view", "tick", "covered", "painted", "touched"}
    references = set(re.findall(r'"\$ref": "(#/[^"]+)"', json.dumps(told)))
    assert references
    for reference in references:
        found = told
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]

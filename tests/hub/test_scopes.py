"""Who may know: a stop holds until a grant names it, in whatever order acts are heard."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.hub import scopes
from gateway.hub.scopes import NOBODY, Standing

NOW = 1_800_000_000.0


Act = tuple[str, str, dict[str, Any]]


def acts(*said: Act) -> list[tuple[str, Any]]:
    found = []
    for id_, type_, data in said:
        entry = scopes.entry_of(id_, type_, {"purpose": "share_houses", **data}, NOW - 10)
        assert entry is not None
        found.append((id_, entry))
    return found


def scope(entries: list[tuple[str, Any]], brands: tuple[str, ...] = ("aurelia",)) -> Standing:
    return scopes.standing(scopes.known_as(entries), brands, NOW)


GRANT, STOP = "consent.granted", "consent.revoked"


def test_without_consent_nobody_knows() -> None:
    assert scope([]) == NOBODY
    assert scope(acts(("1", GRANT, {"purpose": "recognise_tag"}))) == NOBODY


def test_a_consent_lends_to_the_brands_of_the_customer() -> None:
    found = scope(acts(("1", GRANT, {})))
    assert (found.scope, found.brands, found.until) == ("house", frozenset({"aurelia"}), None)
    assert scope(acts(("1", GRANT, {"brand": "borealis"}))) == NOBODY


def test_a_stop_holds_until_a_grant_names_it() -> None:
    story: list[Act] = [("1", GRANT, {}), ("2", STOP, {}), ("3", GRANT, {})]
    assert scope(acts(*story)) == NOBODY
    assert scope(acts(*story, ("4", GRANT, {"lifts": ["2"]}))).scope == "house"


def test_a_grant_may_name_the_event_or_the_act() -> None:
    stop = ("event-2", STOP, {"id": "act-2"})
    for name in ("event-2", "act-2"):
        assert scope(acts(stop, ("3", GRANT, {"lifts": [name]}))).scope == "house"


def test_a_consent_ends_by_its_date_and_one_whose_date_cannot_be_read_is_over() -> None:
    assert scope(acts(("1", GRANT, {"expires": "2028-01-01T00:00:00Z"}))).until == 1_830_297_600_000
    assert scope(acts(("1", GRANT, {"expires": "2020-01-01T00:00:00Z"}))) == NOBODY
    assert scope(acts(("1", GRANT, {"expires": "soon"}))) == NOBODY
    assert scope(acts(("1", GRANT, {"expires": True}))) == NOBODY


@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=6))
def test_the_order_and_repeats_of_acts_change_nothing(order: list[int], again: list[int]) -> None:
    story = acts(
        ("0", GRANT, {}), ("1", STOP, {}), ("2", GRANT, {"lifts": ["1"]}), ("3", STOP, {}),
        ("4", GRANT, {"lifts": ["1", "3"]}), ("5", GRANT, {}),
    )  # fmt: skip
    assert scope([story[each] for each in (*order, *again)]) == scope(story)


def test_of_ten_thousand_histories_none_brings_a_stopped_consent_back() -> None:
    chance = random.Random(15)
    for _ in range(10_000):
        stops = [str(number) for number in range(chance.randint(1, 4))]
        story: list[Act] = [(stop, STOP, {}) for stop in stops]
        story += [
            (f"g{number}", GRANT, {"lifts": chance.sample(stops, chance.randint(0, len(stops) - 1))})
            for number in range(chance.randint(0, 4))
        ]
        chance.shuffle(story)
        assert scope(acts(*story)) == NOBODY


def test_two_records_of_one_person_may_be_known_where_both_may() -> None:
    wide = Standing("house", frozenset({"aurelia", "borealis"}), 5)
    narrow = Standing("house", frozenset({"aurelia"}), 3)
    assert scopes.narrower(wide, narrow) == Standing("house", frozenset({"aurelia"}), 3)
    assert scopes.narrower(wide, NOBODY) == NOBODY
    assert scopes.narrower(wide, Standing("house", frozenset({"caelum"}))) == NOBODY


def test_a_type_that_nobody_knows_travels_and_the_day_of_one_house_does_not() -> None:
    assert scopes.tells("preference.recorded")
    assert scopes.tells("hat.lost")
    assert not scopes.tells("visit.arrived")
    assert not scopes.tells("customer.viewed")

"""What rows of several venues say of one customer: one fold, in whatever order they come and however often."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.events.times import iso
from gateway.records import fold
from gateway.records.fold import Told
from gateway.records.values import starter

CHEN = "c-1@flagship"
DAY = 86_400.0
NOW = 1_800_000_000.0
WISHES = ["do_not_disturb", "no_name", "do_not_recognise"]


def row(
    type_: str, data: dict[str, Any], at: float, origin: str = "flagship", *, id_: str = "", subject: str = CHEN,
    position: int = 0, key: bytes = b"k",
) -> Told:  # fmt: skip
    place = position or int(at * 10)
    return Told(
        id_ or f"{origin}-{place}", type_, subject, origin, "1", place, int((NOW + at) * 1000) << 16, NOW + at, "lina",
        data, key,
    )  # fmt: skip


def fact(id_: str, value: str, at: float, polarity: str = "do", **more: Any) -> dict[str, Any]:
    return {
        "id": id_, "customer": "c-1", "category": "drink", "value": value, "polarity": polarity, "basis": "stated",
        "at": NOW + at, "scope": "standing", "visit": None, "by": "lina", "by_name": "Lina", "code": None,
        "lang": "en", "corrects": [], "retracts": [], "replaces": [], "reason": None, **more,
    }  # fmt: skip


def enrolled(at: float = 0, origin: str = "flagship", **facts: Any) -> Told:
    return row("customer.enrolled", {"name": "Chen", "wishes": [], **facts}, at, origin)


# --- the laws --------------------------------------------------------------------------------------------------------

VENUES = ["flagship", "pudong", "hotel"]
texts = st.sampled_from(["", "Chen", "Ms Chen", "陈女士"])
wishes = st.lists(st.sampled_from(WISHES), max_size=2, unique=True)
ids = st.sampled_from(["a", "b", "c"])


JUNK = st.dictionaries(
    st.sampled_from(["name", "wishes", "changed", "purpose", "id"]), st.none() | st.integers() | st.just([1])
)


ROWS = st.one_of(
    st.tuples(st.just("customer.enrolled"), st.fixed_dictionaries({"name": texts, "wishes": wishes})),
    st.tuples(
        st.just("customer.changed"),
        st.fixed_dictionaries(
            {
                "changed": st.fixed_dictionaries({"name": texts, "tier": texts}),
                "was": st.fixed_dictionaries({"name": texts, "tier": texts}),
            }
        ),
    ),
    st.tuples(st.just("wish.changed"), st.fixed_dictionaries({"wishes": wishes, "was": wishes})),
    st.tuples(
        st.just("consent.granted"),
        st.fixed_dictionaries({"purpose": st.just("share_houses"), "lifts": st.lists(ids), "id": ids}),
    ),
    st.tuples(st.just("consent.revoked"), st.fixed_dictionaries({"purpose": st.just("share_houses")})),
    st.tuples(
        st.sampled_from(["credential.given", "credential.taken"]),
        st.fixed_dictionaries({"credential": ids, "identifier": st.sampled_from(["epc:AA", "epc:BB"])}),
    ),
    st.tuples(
        st.sampled_from(["promise.made", "promise.kept", "promise.handed_over"]),
        st.fixed_dictionaries({"id": ids, "kind": st.just("promise"), "owner": texts}),
    ),
    st.tuples(
        st.just("preference.recorded"),
        st.builds(fact, ids, texts, st.floats(0, 9), st.sampled_from(["do", "avoid", "allergy"])),
    ),
    st.tuples(st.just("customer.erased"), st.just({})),
    st.tuples(
        st.sampled_from(["customer.merged", "customer.unmerged"]),
        st.fixed_dictionaries({"merge": ids, "other": ids}),
    ),
    st.tuples(st.sampled_from(["customer.enrolled", "wish.changed", "tea.drunk"]), JUNK),
)


@st.composite
def histories(draw: st.DrawFn) -> list[Told]:
    found = []
    for number in range(draw(st.integers(1, 14))):
        type_, data = draw(ROWS)
        at, origin = draw(st.integers(0, 5)), draw(st.sampled_from(VENUES))
        found.append(row(type_, data, at, origin, position=number + 1, key=draw(st.sampled_from([b"1", b"2"]))))
    return found


@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_in_every_order_and_with_repeats_the_fold_is_the_same(history: list[Told], chance: random.Random) -> None:
    other = history + chance.choices(history, k=3)
    chance.shuffle(other)
    assert fold.fold(CHEN, other) == fold.fold(CHEN, history)


@settings(max_examples=40, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_one_row_with_two_clocks_counts_once(history: list[Told], chance: random.Random) -> None:
    """A row comes with the hub's clock in a tail, and with its own in what is lent."""
    other = [replace(each, hlc=each.hlc + (1 << 16)) for each in history] + history
    shuffled = list(other)
    chance.shuffle(shuffled)
    assert fold.fold(CHEN, shuffled) == fold.fold(CHEN, history)


# --- each rule -------------------------------------------------------------------------------------------------------


def test_an_erasure_wins_whatever_comes_later_and_the_same_id_again_is_somebody_new() -> None:
    old = [enrolled(0), row("preference.recorded", fact("f", "latte", 1), 1), row("customer.erased", {}, 2)]
    late = row("preference.recorded", fact("g", "mocha", 9), 9, "pudong")
    assert fold.fold(CHEN, [*old, late]).erased
    assert fold.fold(CHEN, [*old, late]).preferences == {}

    anew = [replace(enrolled(3, name="Li"), key=b"new")]
    late_of_old = row("preference.recorded", fact("h", "tea", 8), 8, "pudong")
    found = fold.fold(CHEN, [*old, late_of_old, *anew])
    assert (found.erased, found.value("name"), found.preferences) == (False, "Li", {})
    elsewhere = [replace(enrolled(3, "pudong", name="Li"), key=b"new")]
    assert fold.fold(CHEN, [*old, *elsewhere]).erased, "only their own venue enrols them anew"


def test_of_each_field_the_latest_is_told_and_the_others_stay_as_history() -> None:
    rows = [
        enrolled(0, name="Chen", tier="gold"),
        row("customer.changed", {"changed": {"name": "Chen Jing"}, "was": {"name": "Chen"}}, 5, "pudong"),
        row("customer.changed", {"changed": {"tier": "black"}, "was": {"tier": "gold"}}, 3, "hotel"),
    ]
    found = fold.fold(CHEN, rows)
    assert (found.value("name"), found.value("tier")) == ("Chen Jing", "black")
    assert [(said.value, said.row.origin) for said in found.lost["name"]] == [("Chen", "flagship")]


def test_that_two_venues_changed_one_thing_shows_for_thirty_days() -> None:
    rows = [
        enrolled(0),
        row("customer.changed", {"changed": {"tier": "gold"}, "was": {"tier": ""}}, 1, "pudong"),
        row("customer.changed", {"changed": {"tier": "black"}, "was": {"tier": ""}}, 2, "hotel"),
    ]
    found = fold.fold(CHEN, rows)
    contended = found.contended("tier", NOW + DAY)
    assert contended is not None
    assert (contended.value, contended.row.origin) == ("gold", "pudong")
    assert found.contended("tier", NOW + 31 * DAY) is None
    assert found.contended("name", NOW + DAY) is None


def test_an_empty_value_replaces_a_filled_one_only_where_it_names_it() -> None:
    careless = row("customer.changed", {"changed": {"tier": ""}, "was": {"tier": ""}}, 4, "pudong")
    knowing = row("customer.changed", {"changed": {"tier": ""}, "was": {"tier": "gold"}}, 4, "pudong")
    assert fold.fold(CHEN, [enrolled(0, tier="gold"), careless]).value("tier") == "gold"
    assert fold.fold(CHEN, [enrolled(0, tier="gold"), enrolled(4, "pudong", tier="")]).value("tier") == "gold"
    assert fold.fold(CHEN, [enrolled(0, tier="gold"), knowing]).value("tier") == ""


def test_a_wish_stays_until_somebody_names_it_who_saw_it() -> None:
    sets = row("wish.changed", {"wishes": ["do_not_disturb"], "was": []}, 1, "pudong")
    blind = row("wish.changed", {"wishes": ["no_name"], "was": []}, 2, "hotel")
    seeing = row("wish.changed", {"wishes": [], "was": ["do_not_disturb"]}, 3, "hotel")
    assert set(fold.fold(CHEN, [sets, blind]).wishes) == {"do_not_disturb", "no_name"}
    assert set(fold.fold(CHEN, [seeing, blind, sets]).wishes) == {"no_name"}


def test_preferences_hold_as_facts_say_over_the_facts_of_all_venues() -> None:
    rows = [
        row("preference.recorded", fact("f", "latte", 1, code="drink.latte"), 1),
        row(
            "preference.recorded",
            fact("g", "Milk", 2, "allergy", category="allergy", code="allergy.milk"),
            2,
            "pudong",
        ),
        row("preference.recorded", {"value": "no fact at all"}, 3, "hotel"),
    ]
    merged = fold.fold(CHEN, rows).holds((), starter())
    assert merged.holds == ["g"]
    assert merged.aside["f"].state == "contested"


def test_a_credential_is_given_and_taken_by_its_id() -> None:
    given_ = row("credential.given", {"credential": "t", "identifier": "epc:AA"}, 5)
    other = row("credential.given", {"credential": "u", "identifier": "epc:BB"}, 6)
    taken = row("credential.taken", {"credential": "t"}, 4, "pudong")
    assert {id_: said.value for id_, said in fold.fold(CHEN, [given_, other, taken]).credentials.items()} == {
        "u": "epc:BB"
    }


def test_a_promise_is_open_until_it_is_closed_by_its_id_and_closing_twice_is_once() -> None:
    made = row("promise.made", {"id": "p", "kind": "promise", "text": "a cake", "owner": "lina", "state": "open"}, 1)
    moved = row("promise.handed_over", {"id": "p", "kind": "promise", "owner": "wei", "state": "open"}, 2)
    kept = {"id": "p", "kind": "promise", "state": "closed", "closed_by": "wei"}
    assert fold.fold(CHEN, [made, moved]).owed["p"].is_open
    assert fold.fold(CHEN, [made, moved]).owed["p"].facts["owner"] == "wei"
    closed = [row("promise.kept", kept, 3, "pudong"), row("promise.kept", {**kept, "closed_by": "an"}, 4, "hotel")]
    late = row("promise.handed_over", {"id": "p", "kind": "promise", "owner": "mei", "state": "open"}, 9)
    found = fold.fold(CHEN, [*closed, late, made, moved]).owed["p"]
    assert (found.is_open, found.facts["closed_by"], found.facts["owner"]) == (False, "wei", "mei")
    assert found.facts["text"] == "a cake"


def test_a_merge_holds_until_it_is_undone_and_of_two_records_the_narrower_consent_counts() -> None:
    other = "c-2@flagship"
    grant = {"purpose": "share_houses", "lifts": []}
    until = {**grant, "expires": iso(NOW + DAY)}
    rows = [
        enrolled(0, name="Chen"),
        row("wish.changed", {"wishes": ["no_name"], "was": []}, 1),
        row("consent.granted", grant, 1, position=11),
        row("customer.merged", {"merge": "m", "other": "c-2"}, 2),
        replace(enrolled(0, name="Ms Chen", tier="gold"), subject=other, id="o", position=900),
        row("wish.changed", {"wishes": ["do_not_disturb"], "was": []}, 1, subject=other, position=901),
        row("consent.granted", until, 1, subject=other, position=902),
    ]
    kept, second = fold.fold(CHEN, rows), fold.fold(other, rows)
    assert fold.merges([kept, second]) == {"m": (CHEN, other)}
    one = fold.together(kept, second)
    assert (one.value("name"), one.value("tier"), set(one.wishes)) == ("Chen", "gold", {"no_name", "do_not_disturb"})
    assert fold.agrees_until([kept, second], "share_houses", NOW) == NOW + DAY
    stop = row("consent.revoked", {"purpose": "share_houses"}, 3, subject=other, position=903)
    assert fold.agrees_until([kept, fold.fold(other, [*rows, stop])], "share_houses", NOW) == -inf
    undone = row("customer.unmerged", {"merge": "m", "other": "c-2"}, 1, "pudong")
    assert fold.fold(CHEN, [*rows, undone]).merges == {}


# --- consent: what was taken back never comes back -------------------------------------------------------------------


@dataclass
class Venue:
    """A venue of the model: it knows some of the rows, and says grants that name the stops that it knows."""

    name: str
    knows: list[Told]
    counter: int = 0


def _story(chance: random.Random, steps: int) -> list[Told]:
    """What some venues wrote, with wrong clocks, each knowing of the others what it had heard."""
    venues = [Venue(name, []) for name in VENUES]
    rows: list[Told] = []
    for _ in range(steps):
        venue = chance.choice(venues)
        if chance.random() < 0.3:
            venue.knows = list(rows)
            continue
        venue.counter += 1
        at = chance.choice([0.0, 1.0, -365 * DAY, 365 * DAY])
        if chance.random() < 0.5:
            said = row("consent.revoked", {"purpose": "share_houses"}, at, venue.name, position=venue.counter)
        else:
            lifts = [each.id for each in venue.knows if each.type == "consent.revoked"]
            data = {"purpose": "share_houses", "lifts": lifts}
            said = row("consent.granted", data, at, venue.name, position=venue.counter)
        rows.append(said)
        venue.knows = [*venue.knows, said]
    return rows


def _resurrections(seed: int, stories: int, steps: int) -> tuple[int, int]:
    """Of so many stories, in how many a stop that no grant names was overcome; and how many were alive at all."""
    chance, wrong, living = random.Random(seed), 0, 0
    for _ in range(stories):
        rows = _story(chance, steps)
        stops = {each.id for each in rows if each.type == "consent.revoked"}
        may = any(each.type == "consent.granted" and stops <= set(each.data["lifts"]) for each in rows)
        heard = rows + chance.choices(rows, k=2) if rows else rows
        chance.shuffle(heard)
        is_alive = fold.fold(CHEN, heard).until("share_houses", NOW) == inf
        living += is_alive
        wrong += is_alive != may
    return wrong, living


def test_no_revocation_is_ever_overcome_by_a_grant_that_did_not_know_of_it() -> None:
    """10,000 interleaved acts; with wrong clocks, in every order."""
    wrong, living = _resurrections(seed=15, stories=1_000, steps=14)
    assert wrong == 0
    assert living > 50, "nothing was alive in any story: this proves nothing"


@pytest.mark.parametrize("data", [{}, {"purpose": 7}, {"purpose": None, "lifts": "x"}])
def test_a_stop_that_cannot_be_read_is_one_and_a_grant_is_none(data: dict[str, Any]) -> None:
    good = row("consent.granted", {"purpose": "share_houses", "lifts": []}, 1)
    assert fold.fold(CHEN, [good]).until("share_houses", NOW) == inf
    assert fold.fold(CHEN, [good, row("consent.revoked", data, 0, "pudong")]).until("share_houses", NOW) == -inf
    assert fold.fold(CHEN, [row("consent.granted", data, 1)]).until("share_houses", NOW) == -inf

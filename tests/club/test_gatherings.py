"""Who is invited and why, who has a seat and who waits, and who was there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.club import gatherings
from gateway.club.gatherings import (
    DAY_MS,
    HOUR_MS,
    Gathering,
    Guest,
    Invitation,
    Refused,
    Row,
    Stay,
    accepted,
    attendance,
    costs,
    declined,
    invite,
    marked,
    moved,
    passed,
    settled,
)  # fmt: skip
from gateway.club.membership import seen

NOW = 100 * DAY_MS
MINUTE = 60_000


def guests(count: int, **facts: Any) -> list[Guest]:
    return [Guest(f"c-{n:03d}", agreed=True, **facts) for n in range(count)]


def opened(seats: int, *customers: str, offer_hours: int = 24) -> Gathering:
    invitations = {each: Invitation(each) for each in customers}
    return moved(Gathering("g", "tasting", NOW, NOW + 3 * HOUR_MS, seats, offer_hours, invitations=invitations), "open")


def standing(found: Gathering) -> dict[str, str]:
    return {id_: each.standing for id_, each in found.invitations.items()}


# --- lists ------------------------------------------------------------------------------------------------------------


def test_a_club_of_the_richest_is_no_club() -> None:
    rich, sailing = guests(30, value=True), guests(60, interests=frozenset({"sailing"}))[30:]
    drawn = invite("g", 20, [Row("value", "tier"), Row("interest", "sails", category="sailing")], rich + sailing, NOW)
    reasons = [each.reasons for each in drawn.chosen]
    assert (reasons.count(("tier",)), reasons.count(("sails",))) == (10, 10)
    assert len(drawn.others) == 40, "who was not drawn is what it is compared with"
    assert not {each.customer for each in drawn.chosen} & {each.customer for each in drawn.others}


@pytest.mark.parametrize(
    "out",
    [
        {"agreed": False}, {"undisturbed": True}, {"unanswered": 2}, {"last_invited": NOW - 29 * DAY_MS},
        {"complaint": True},
    ],
)  # fmt: skip
def test_who_is_always_out(out: dict[str, Any]) -> None:
    one = Guest("c", **{"agreed": True, "value": True, "member": True, **out})
    rows = [Row("value", "tier"), Row("membership", "owner"), Row("named", "asked for", named=frozenset({"c"}))]
    drawn = invite("g", 20, rows, [one], NOW)
    assert drawn.chosen == drawn.others == ()
    assert drawn.for_owners == (("c",) if out.get("complaint") else ())
    fine = Guest("c", True, unanswered=1, last_invited=NOW - 30 * DAY_MS, value=True, member=True)
    assert invite("g", 20, rows, [fine], NOW).chosen[0].reasons == ("tier", "owner", "asked for")


def test_a_reason_for_each_rule_that_fits_and_relations_of_whom_was_chosen() -> None:
    people = [
        Guest("a", True, value=True, member=True),
        Guest("b", True, meets=frozenset({"a"})),
        Guest("c", True, meets=frozenset({"z"})),
        Guest("d", True, silent_days=120),
        Guest("e", True, silent_days=60),
    ]
    rows = [Row("relation", "meets a guest"), Row("value", "tier"), Row("membership", "owner"), Row("woken", "missed")]
    drawn = invite("g", 20, rows, people, NOW)
    assert {each.customer: each.reasons for each in drawn.chosen} == {
        "a": ("tier", "owner"), "b": ("meets a guest",), "d": ("missed",),
    }  # fmt: skip


def test_the_draw_is_written_down_and_goes_by_chance_alone() -> None:
    people = guests(400, member=True)
    one, again = (invite(id_, 40, [Row("membership", "owner")], people, NOW) for id_ in ("g-1", "g-1"))
    other = invite("g-2", 40, [Row("membership", "owner")], list(reversed(people)), NOW)
    assert one == again
    assert all(each.drawn == gatherings.draw("g-1", each.customer) for each in one.chosen)
    assert max(each.drawn for each in one.chosen) < min(each.drawn for each in one.others)
    both = {each.customer for each in one.chosen} & {each.customer for each in other.chosen}
    assert len(both) < 20, "another evening, another draw"


# --- seats ------------------------------------------------------------------------------------------------------------


def test_a_freed_seat_goes_to_the_first_in_line_and_to_the_next_after_a_day() -> None:
    found = opened(3, "a", "b", "c", "d")
    found = accepted(found, "a", 1, NOW - 9 * DAY_MS)
    found = accepted(found, "b", 0, NOW - 8 * DAY_MS)
    found = accepted(accepted(found, "d", 0, NOW - 7 * DAY_MS), "c", 0, NOW - 6 * DAY_MS)
    assert (found.line(), found.free) == (["d", "c"], 0)
    found = declined(found, "b", NOW - 5 * DAY_MS)
    assert found.invitations["d"].offered_until == NOW - 4 * DAY_MS
    assert (found.free, found.invitations["c"].offered_until) == (0, None)
    found = passed(found, NOW - 4 * DAY_MS)
    assert standing(found) == {"a": "accepted", "b": "withdrawn", "c": "waiting", "d": "lapsed"}
    found = accepted(found, "c", 0, NOW - 4 * DAY_MS + 1)
    assert (standing(found)["c"], found.free) == ("accepted", 0)


def test_who_comes_late_waits_behind_who_waits() -> None:
    found = accepted(accepted(opened(3, "a", "b", "c"), "a", 1, 1), "b", 1, 2)
    assert accepted(found, "c", 0, 3).line() == ["b", "c"], "there is a seat, and it is not theirs"


def test_answers_end_with_closing_and_nobody_is_moved_backwards() -> None:
    found = accepted(opened(1, "a", "b", "c"), "a", 0, 1)
    found = moved(accepted(found, "b", 0, 2), "closed")
    assert standing(found) == {"a": "accepted", "b": "lapsed", "c": "lapsed"}
    with pytest.raises(Refused, match="state"):
        accepted(found, "c", 0, 3)
    found = passed(found, NOW)
    assert found.state == "under_way"
    assert passed(found, NOW + 3 * HOUR_MS).state == "over"
    for state, to in (("over", "cancelled"), ("reckoned", "open"), ("draft", "closed"), ("cancelled", "open")):
        with pytest.raises(Refused, match="state"):
            moved(replace(found, state=state), to)  # type: ignore[arg-type]
    assert moved(found, "cancelled").state == "cancelled"


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from(["yes", "no", "day"]), st.integers(0, 3)), max_size=40
    )
)
def test_there_are_never_more_guests_than_seats(acts: list[tuple[str, str, int]]) -> None:
    found, now = opened(5, *"abcdef"), 0
    for customer, act, companions in acts:
        now += HOUR_MS
        try:
            if act == "day":
                now += DAY_MS
                found = passed(found, now)
            else:
                found = accepted(found, customer, companions, now) if act == "yes" else declined(found, customer, now)
        except Refused:
            continue
        assert found.free >= 0
        line = found.line()
        answered = [found.invitations[each].answered_at or 0 for each in line]
        assert answered == sorted(answered)
        first = next((each for each in line if found.invitations[each].offered_until is None), None)
        if first is not None:
            assert found.free < 1 + found.invitations[first].companions, "a seat that nobody is offered"


# --- who was there ----------------------------------------------------------------------------------------------------


def test_ten_minutes_in_the_zones_are_there_and_others_are_not_seen() -> None:
    found = opened(9, "a", "b", "c", "d", "e")
    for each in "abde":
        found = accepted(found, each, 0, 1)
    found = passed(moved(found, "closed"), NOW)
    stays = [
        Stay("a", NOW - 40 * MINUTE, NOW - 25 * MINUTE), Stay("a", NOW, NOW + 5 * MINUTE),
        Stay("b", NOW, NOW + 9 * MINUTE), Stay("b", NOW + 2 * MINUTE, NOW + 9 * MINUTE),
        Stay("c", NOW, NOW + HOUR_MS), Stay("d", NOW, NOW + HOUR_MS), Stay("z", NOW, NOW + HOUR_MS),
    ]  # fmt: skip
    there = attendance(found, stays, {"a", "b", "c", "e", "z"})
    assert there == {"a": ("a", NOW - 30 * MINUTE, NOW + 5 * MINUTE), "c": ("c", NOW, NOW + HOUR_MS)}
    found = settled(passed(found, NOW + 3 * HOUR_MS), there)
    assert standing(found) == {"a": "attended", "b": "not_seen", "c": "attended", "d": "not_seen", "e": "not_seen"}
    assert standing(marked(found, "d"))["d"] == "attended", "who is not recognised is marked by a host"


def test_a_cost_is_divided_to_the_cent() -> None:
    assert costs(1_000, {"b", "a", "c"}) == {"a": 334, "b": 333, "c": 333}
    assert costs(1_000, set()) == {}


def test_a_proof_says_that_it_was_seen_and_nothing_of_what_stands_in_it() -> None:
    found = seen("c", "norden", "invoice", "mei", "2026-03-01T10:00:00Z", "2027-03-01")
    assert [found.is_live(day) for day in ("2026-02-28", "2026-03-01", "2027-03-01", "2027-03-02")] == [
        False, True, True, False,
    ]  # fmt: skip
    with pytest.raises(ValueError, match="expected one of invoice"):
        seen("c", "norden", "VIN LSV123", "mei", "2026-03-01T10:00:00Z")
    with pytest.raises(ValueError, match="before it was seen"):
        seen("c", "norden", "card", "mei", "2026-03-01T10:00:00Z", "2026-02-01")

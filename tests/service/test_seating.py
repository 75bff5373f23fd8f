"""Who sits where: one guest a place, one place a guest, whatever is said in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.service.desk import Refused
from gateway.service.rounds import Row, rows_after, rows_at_first
from gateway.service.seating import Place, Seat, Seating

PLACES = ("1A", "1C", "2A", "2C")
GUESTS = ("v1", "v2", "v3", "v4", "v5")


def seating() -> Seating:
    return Seating(Place(name, "cabin", "seat", name[0]) for name in PLACES)


def says(there: Seating, visit: str, place: str | None, at: float, *, swap: bool = False) -> None:
    for seat in there.moves(Seat(visit, f"c-{visit}", place, at, "staff"), swap=swap):
        there.put(seat)


def test_two_change_places_in_one_act_and_somebody_without_one_takes_it() -> None:
    there = seating()
    says(there, "v1", "1A", 1.0)
    says(there, "v2", "2C", 2.0)
    with pytest.raises(Refused) as refused:
        says(there, "v2", "1A", 3.0)
    assert refused.value.extra["sitting"].visit == "v1"
    says(there, "v2", "1A", 3.0, swap=True)
    assert (there.place_of("v1"), there.place_of("v2")) == ("2C", "1A")
    says(there, "v3", "1A", 4.0, swap=True)
    assert (there.place_of("v2"), there.place_of("v3")) == (None, "1A")


def test_what_a_tablet_said_earlier_does_not_undo_what_is_known_since() -> None:
    there = seating()
    says(there, "v1", "1A", 10.0)
    says(there, "v1", "2C", 5.0)  # said while it was out of reach
    assert there.place_of("v1") == "1A"
    says(there, "v1", None, 11.0)
    assert there.at("1A") is None
    with pytest.raises(Refused, match="no place '9Z'"):
        says(there, "v1", "9Z", 12.0)


acts = st.lists(
    st.tuples(st.sampled_from(GUESTS), st.sampled_from((*PLACES, None, "leaves")), st.booleans()), max_size=40
)


@given(acts)
def test_a_place_has_one_guest_and_a_guest_one_place(said: list[tuple[str, str | None, bool]]) -> None:
    there, now = seating(), 0.0
    for visit, place, swap in said:
        now += 1.0
        if place == "leaves":
            there.left(visit)
            assert there.of(visit) is None
            continue
        before = {seat.visit: seat.place for seat in there.all()}
        try:
            says(there, visit, place, now, swap=swap)
        except Refused:
            assert not swap
            assert {seat.visit: seat.place for seat in there.all()} == before
            continue
        assert there.place_of(visit) == place
        sitting = there.all()
        assert len({seat.place for seat in sitting}) == len({seat.visit for seat in sitting}) == len(sitting)
        assert all(there.at(seat.place or "") is seat for seat in sitting)


# --- rows ------------------------------------------------------------------------------------------------------------

positions = st.dictionaries(st.sampled_from(GUESTS), st.none() | st.sampled_from(PLACES), max_size=5).map(
    lambda each: {v: p for n, (v, p) in enumerate(each.items()) if p is None or p not in list(each.values())[:n]}
)


@given(st.lists(positions, max_size=12))
def test_rows_never_move_and_never_vanish_and_everybody_here_has_one(story: list[dict[str, str | None]]) -> None:
    rows = rows_at_first(PLACES, ())
    for here in story:
        after = rows_after(rows, here.items())
        assert [(row.row, row.place) for row in after[: len(rows)]] == [(row.row, row.place) for row in rows]
        assert [row.row for row in after] == list(range(len(after)))
        assert rows_after(after, here.items()) == after
        mine = {row.visit: row for row in after if row.state == "here"}
        assert {visit: row.place for visit, row in mine.items()} == here
        gone = {row.visit for row in rows if row.visit is not None} - set(here)
        taken = {row.place for row in after if row.state == "here" and row.place}
        kept = {row.visit for row in rows if row.visit in gone and row.place not in taken}
        assert kept <= {row.visit for row in after if row.state == "left"}
        rows = after


def test_who_comes_gets_the_row_of_the_place_or_the_last_and_who_leaves_stays_greyed() -> None:
    rows = rows_at_first(("1A", "1C"), [("v1", "1A")])
    assert rows == (Row(0, "1A", "v1", "here"), Row(1, "1C"))
    rows = rows_after(rows, [("v1", "1A"), ("v2", None)])
    assert rows[2] == Row(2, None, "v2", "here")
    rows = rows_after(rows, [("v2", "1C")])
    assert rows == (Row(0, "1A", "v1", "left"), Row(1, "1C", "v2", "here"), Row(2, None, "v2", "moved"))
    rows = rows_after(rows, [("v2", "1C"), ("v3", "1A")])
    assert rows[0] == Row(0, "1A", "v3", "here")

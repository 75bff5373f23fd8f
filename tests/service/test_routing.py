"""Whose tablet rings: a table that a manager could read."""

from __future__ import annotations

import pytest

from gateway.service import routing
from gateway.service.floor import Floor, Member, Shift
from gateway.service.routing import Wanted

# who        roles       zones     languages  on shift  tablet
PEOPLE = """
anna         floor       -         en         yes       yes
ben          floor       lounge    en,zh-CN   yes       yes
cora         floor       bar       en         yes       yes
dev          floor       bar       en         yes       no
eva          floor       bar       zh-CN      no        yes
ian          it          -         en         yes       yes
mei          manager     -         zh-CN      yes       yes
"""

# associate  deputy  zone    language  asked already      busy    rings
TABLE = """
anna         ben     lounge  en        -                  -       anna
anna         ben     lounge  en        anna               -       ben
dev          ben     bar     en        -                  -       ben
dev          eva     bar     en        -                  -       anna
ian          -       bar     en        -                  -       anna
-            -       bar     en        -                  anna    cora
-            -       lounge  zh-CN     -                  -       ben
-            -       lounge  zh-CN     -                  ben     anna
-            -       bar     en        anna,cora          -       ben
-            -       bar     en        anna,ben,cora      -       mei
mei          -       bar     en        -                  -       mei
-            -       bar     en        anna,ben,cora,mei  -       -
"""


def words(cell: str) -> list[str]:
    """The words of a cell; a dash is none."""
    return [] if cell == "-" else cell.split(",")


@pytest.fixture
def floor() -> Floor:
    made = Floor()
    for line in PEOPLE.strip().splitlines():
        who, roles, zones, languages, on_shift, tablet = line.split()
        made.put(
            Member(who, who.capitalize(), frozenset(words(roles)), frozenset(words(zones)), tuple(words(languages)))
        )
        if on_shift == "yes":
            made.start_shift(who, Shift(until=2000.0))
        if tablet == "yes":
            made.connect(who)
    return made


@pytest.mark.parametrize("row", TABLE.strip().splitlines(), ids=lambda row: " ".join(row.split()))
def test_the_table(floor: Floor, row: str) -> None:
    associate, deputy, zone, language, asked, busy, rings = row.split()
    own = [None if name == "-" else name for name in (associate, deputy)]
    wanted = Wanted(zone, own[0], own[1], language)
    assert routing.next_after(floor, wanted, dict.fromkeys(words(busy), 1), words(asked), 1000.0) == words(rings)


def test_who_owns_the_complaint_is_told_and_where_they_are_away_who_may_mend_it(floor: Floor) -> None:
    complaint = Wanted("bar", "anna", "ben", "en", owner="cora", complaint=True)
    assert routing.first(floor, complaint, {}, 1000.0) == ["cora"]
    floor.disconnect("cora")
    assert routing.first(floor, complaint, {}, 1000.0) == ["mei"]
    floor.disconnect("mei")
    assert routing.first(floor, complaint, {}, 1000.0) == ["anna"]


def test_while_all_have_their_hands_full_nobody_is_rung_and_what_is_for_the_managers_goes_there(floor: Floor) -> None:
    busy = dict.fromkeys(("anna", "ben", "cora", "mei"), 1)
    assert routing.first(floor, Wanted("bar", "anna"), busy, 1000.0) == []
    assert routing.first(floor, Wanted("bar", "anna", manager=True), busy, 1000.0) == ["mei"]


def test_a_shift_that_is_over_rings_nobody_and_a_manager_s_tablet_is_the_last_resort(floor: Floor) -> None:
    assert routing.first(floor, Wanted("bar", "anna"), {}, 1999.0) == ["anna"]
    assert routing.first(floor, Wanted("bar", "anna"), {}, 2000.0) == ["mei"]
    floor.disconnect("mei")
    assert routing.first(floor, Wanted("bar", "anna"), {}, 2000.0) == []


def test_two_tablets_of_one_person_are_one_person_until_both_are_gone(floor: Floor) -> None:
    floor.connect("anna")
    floor.disconnect("anna")
    assert floor.connected("anna")
    floor.disconnect("anna")
    assert not floor.connected("anna")


def test_a_shift_elsewhere_outranks_the_usual_zones(floor: Floor) -> None:
    floor.start_shift("cora", Shift(frozenset({"lounge"})))
    assert not floor.covers("cora", "bar")
    assert floor.covers("cora", "lounge")

"""Why a card went to whom: the rule, and everybody who comes before them and what kept each."""

from __future__ import annotations

from gateway.service.alert import AlertNews
from gateway.service.caps import Caps
from gateway.service.floor import Floor, Member, Shift
from gateway.service.routing import Routing, Wanted
from tests.service.played import PlayedDesk

STEPS = (8.0, 15.0)


def floor(*connected: str, off: tuple[str, ...] = ()) -> Floor:
    """Anna, Ben and Cora of the floor, Mei who manages, Tom of IT; all on shift but those who are off."""
    made = Floor()
    roles = {"anna": "floor", "ben": "floor", "cora": "floor", "mei": "manager", "tom": "it"}
    for name, role in roles.items():
        made.put(Member(name, name.capitalize(), frozenset({role})))
        if name not in off:
            made.start_shift(name, Shift())
    for name in connected:
        made.connect(name)
    return made


def desk(on: Floor, caps: Caps | None = None) -> PlayedDesk:
    numbers = iter(range(1000))
    return PlayedDesk(on, STEPS, new_id=lambda: f"a{next(numbers)}", caps=caps)


def why(news: list[AlertNews], at: int = 0) -> Routing:
    routing = news[at].routing
    assert routing is not None
    return routing


OWN = Wanted("bar", associate="anna", deputy="ben")


def test_the_customer_s_own_person_is_first_and_nobody_was_passed_over() -> None:
    d = desk(floor("anna", "ben", "cora", "mei"))
    opened = d.arrived("v", "chen", OWN, 100.0)
    assert why(opened) == Routing("first", ["anna"], [])


def test_who_could_not_have_it_is_named_with_what_kept_them() -> None:
    for kept, on in (
        ("off_shift", floor("anna", "ben", "cora", off=("anna",))),
        ("no_tablet", floor("ben", "cora")),
    ):
        assert why(desk(on).arrived("v", "chen", OWN, 100.0)) == Routing("first", ["ben"], [("anna", kept)])


def test_who_has_a_card_of_somebody_else_before_them_is_passed_over_for_that() -> None:
    d = desk(floor("anna", "ben", "cora", "mei"))
    d.arrived("v1", "hale", OWN, 100.0, "one")
    assert why(d.arrived("v2", "chen", OWN, 101.0, "two")) == Routing("first", ["ben"], [("anna", "has_a_card")])


def test_who_has_had_enough_in_this_hour_is_passed_over_for_that() -> None:
    d = desk(floor("anna", "ben", "cora"), Caps(per_person_per_hour=1))
    (moved,) = d.occurred("moved", "v1", "hale", OWN, 100.0)
    d.close(moved.alert.id, "anna", "greeted", None, 101.0)
    assert why(d.occurred("moved", "v2", "chen", OWN, 102.0)) == Routing("first", ["ben"], [("anna", "had_enough")])


def test_who_did_not_answer_is_passed_over_for_that_then_the_managers_have_it() -> None:
    d = desk(floor("anna", "ben", "cora", "mei"))
    d.arrived("v", "chen", OWN, 100.0)
    assert why(d.pulse(108.0)) == Routing("next", ["ben"], [("anna", "asked_already")])
    late = why(d.pulse(115.0))
    assert (late.rule, late.candidates) == ("managers", ["mei"])
    assert dict(late.passed_over) == {"anna": "asked_already", "ben": "asked_already", "cora": "ranked_below"}


def test_a_party_goes_to_who_has_the_first_of_it() -> None:
    d = desk(floor("anna", "ben", "cora", "mei"))
    d.arrived("v1", "li", Wanted("bar", associate="cora"), 100.0, "party")
    assert why(d.arrived("v2", "na", Wanted("bar"), 101.0, "party")).rule == "party"
    claimed = d.claim("a0", "ben", 102.0)
    assert [(n.type, n.routing.rule if n.routing else None, n.alert.to) for n in claimed] == [
        ("alert.claimed", None, ["cora"]),
        ("alert.escalated", "party", ["ben"]),
    ]


def test_a_release_goes_to_the_next_and_a_hand_over_to_whom_was_named() -> None:
    d = desk(floor("anna", "ben", "cora", "mei"))
    (opened,) = d.arrived("v", "chen", OWN, 100.0)
    d.claim(opened.alert.id, "anna", 101.0)
    assert why(d.release(opened.alert.id, "anna", 102.0)) == Routing("next", ["ben"], [("anna", "asked_already")])
    d.claim(opened.alert.id, "ben", 103.0)
    assert (named := why(d.hand_over(opened.alert.id, "ben", "cora", 104.0))).rule == "named"
    assert named.candidates == ["cora"]


def test_where_nobody_can_be_told_that_stands_there_and_who_was_looked_at() -> None:
    nobody = floor()
    d = desk(nobody)
    opened = why(d.arrived("v", "chen", OWN, 100.0))
    assert (opened.rule, opened.candidates) == ("nobody", [])
    assert dict(opened.passed_over) == dict.fromkeys(("anna", "ben", "cora", "mei"), "no_tablet")
    (waited,) = d.pulse(108.0)
    assert (waited.type, why([waited]).rule, d.get("a0").level) == ("alert.waited", "nobody", 1)
    nobody.connect("cora")
    (again,) = d.pulse(108.25)
    assert (again.type, why([again]).rule, again.alert.to) == ("alert.escalated", "again", ["cora"])


def test_what_is_told_of_somebody_changes_whom_their_card_asks_for_and_nothing_rings() -> None:
    d = desk(floor("anna", "ben", "cora", "mei"))
    (opened,) = d.arrived("v", "chen", OWN, 100.0)
    assert d.reconsidered("chen", lambda zone: Wanted(zone, associate="anna", deputy="ben"), 101.0) == []
    (changed,) = d.reconsidered("chen", lambda zone: Wanted(zone, owner="mei", complaint=True), 101.0)
    assert (changed.type, changed.alert.wanted.owner, changed.alert.to) == ("alert.reconsidered", "mei", ["anna"])
    ended = d.reconsidered("chen", lambda zone: Wanted(zone, owner="mei"), 102.0, ended="v")
    assert [(n.type, n.alert.outcome) for n in ended] == [("alert.closed", "revoked")]
    assert d.get(opened.alert.id).state == "open"  # decided, and not yet recorded


def test_a_customer_about_whom_somebody_acts_just_now_has_their_turn_at_the_next_pulse() -> None:
    d = desk(floor("anna", "ben", "cora", "mei"))
    d.arrived("v", "chen", OWN, 100.0)
    assert d.pulse(108.0, lambda customer: customer == "chen") == []
    assert [n.alert.to for n in d.pulse(108.25, lambda customer: customer == "hale")] == [["ben"]]

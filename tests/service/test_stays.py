"""Who came with whom."""

from __future__ import annotations

from itertools import count

from gateway.service.stays import Stay
from tests.service.played import PlayedStays


def stays() -> PlayedStays:
    """Groups are g1, g2 …"""
    ids = count(1)
    return PlayedStays(lambda: f"g{next(ids)}")


def test_who_comes_within_seconds_is_one_group_and_who_comes_later_is_another() -> None:
    here = stays()
    groups = [
        here.arrived(visit, visit, zone, at).party
        for visit, zone, at in (("a", "door", 100.0), ("b", "door", 102.0), ("c", "bar", 103.0), ("d", "door", 130.0))
    ]
    assert groups == ["g1", "g1", "g2", "g3"]


def test_a_visit_that_goes_on_keeps_its_group_and_its_companions() -> None:
    here = stays()
    here.restore(Stay("v1", "chen", 50.0, "from before", companions=3))
    again = here.arrived("v1", "chen", "bar", 500.0)
    assert (again.party, again.companions, again.arrived_at) == ("from before", 3, 50.0)
    assert again.zone == "bar"
    here.moved("v1", "lounge")
    here.moved("none", "lounge")
    assert [stay.zone for stay in (here.of("v1"), here.of("none")) if stay] == ["lounge"]
    here.left("v1")
    here.left("v1")
    assert here.of("v1") is None
    assert here.of_customer("chen") is None


def test_the_group_of_somebody_who_has_left_is_not_handed_to_the_next() -> None:
    here = stays()
    first = here.arrived("v1", "chen", "door", 100.0)
    here.left("v1")
    assert here.arrived("v2", "hale", "door", 103.0).party != first.party


def test_a_stranger_who_comes_with_a_couple_is_not_of_their_party() -> None:
    known = {("li", "na"): True, ("li", "wu"): False, ("na", "wu"): False}

    def tie(one: str, other: str) -> bool | None:
        return known.get((one, other), known.get((other, one)))

    def groups(*order: str) -> dict[str, str]:
        here = stays()
        return {who: here.arrived(who, who, "door", 100.0 + n, tie).party for n, who in enumerate(order)}

    for order in (("li", "na", "wu"), ("li", "wu", "na"), ("wu", "li", "na")):
        came = groups(*order)
        assert came["li"] == came["na"] != came["wu"], order
    came = groups("li", "na", "xu")  # of whom nobody knows anything: not of a couple that is known as one
    assert came["li"] == came["na"] != came["xu"]
    assert len(set(groups("li", "xu").values())) == 1  # where nobody knows, who comes together is together

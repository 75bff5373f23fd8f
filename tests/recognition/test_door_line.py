"""The line of a door: drawn from the usual one by those who were greeted and those who never came in."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.recognition.door_line import DoorLine
from gateway.recognition.labels import Label
from gateway.recognition.learnt import Learnt
from gateway.recognition.plan import Plan, ReaderPlace
from gateway.recognition.presence import Presence
from gateway.recognition.walker import Walker
from reader_drivers.sighting import Sighting

PLAN = Plan(zones=("entrance",), readers={"street": ReaderPlace("outer"), "door": ReaderPlace("inner", "entrance")})
leads = st.floats(-40.0, 40.0)


class Door:
    """People with keychains at a door that hears its inside better than most, and what was said of them."""

    def __init__(self) -> None:
        ids = count(1)
        self.learnt = Learnt(PLAN)
        self.presence = Presence(PLAN, new_visit=lambda: f"v{next(ids)}", learnt=self.learnt)
        self.people = count(1)
        self.now = 1_000.0

    def stands(
        self, lead: float, seconds: float = 60.0, *, greeted: bool = False, street: float = -84.0, one_in: int = 1
    ) -> float | None:
        """Somebody stands for a while where the inside hears them ``lead`` dB better; seconds until they were told.

        ``street`` is how loud (dBm) the street hears them; the inside hears ``one_in`` so many of their words.
        """
        person, start, told = f"c{next(self.people)}", self.now, None
        while self.now < start + seconds:
            self.now += 1.0
            wave = (-1.0 if int(self.now) % 2 else 1.0) * 2.0
            for reader, level in (("street", street - wave), ("door", street + lead + wave)):
                if reader == "door" and int(self.now) % one_in:
                    continue
                moment = self.presence.see(Sighting(reader, None, f"ble:{person}", level, None, self.now), person)
                if moment is not None and moment.kind == "arrived":
                    told = told or self.now - start
            for moment in self.presence.pulse(self.now + 0.4):
                if moment.kind == "arrived" and moment.customer == person:
                    told = told or self.now - start
        if greeted:
            self.presence.taught(Label(person, "entrance", self.now, "greeted"))
        for _ in range(300):
            self.now += 1.0
            self.presence.pulse(self.now)
        return told


def test_equal_loudness_is_the_line_until_somebody_has_taught() -> None:
    door = Door()
    assert door.stands(6.0) is not None
    assert door.stands(-6.0) is None


def test_who_is_heard_inside_now_and_then_at_the_edge_of_hearing_is_down_the_street() -> None:
    door = Door()
    assert door.stands(3.0, street=-93.0) is not None
    assert door.stands(3.0, street=-93.0, one_in=3) is None


def test_who_is_plainly_inside_may_be_missed_by_a_reader_that_hears_less_often() -> None:
    assert Door().stands(6.0, street=-80.0, one_in=3) is not None


def test_a_door_whose_street_is_heard_as_loud_as_its_inside_is_learnt_from_guests_and_passers() -> None:
    door = Door()
    assert door.stands(4.0) is not None  # nobody knows yet: the street of this door is heard 4 dB louder inside
    for _ in range(20):
        door.stands(12.0, greeted=True)
    for _ in range(60):
        door.learnt.door.learn(3.0, inside=False)
    assert door.learnt.door.inside.count == 20.0
    assert door.stands(4.0) is None
    assert door.stands(12.0) is not None


def test_who_passes_teaches_the_street_once_and_who_came_in_does_not() -> None:
    door = Door()
    door.stands(-8.0)
    assert (door.learnt.door.outside.count, door.learnt.door.inside.count) == (1.0, 0.0)
    assert door.learnt.door.outside.mean == pytest.approx(-8.0, abs=3.0)
    door.stands(10.0)
    assert (door.learnt.door.outside.count, door.learnt.door.inside.count) == (1.0, 0.0)


def test_who_was_in_and_leaves_teaches_the_street_nothing() -> None:
    door = Door()
    for _ in range(5):
        assert door.stands(12.0) is not None
    assert door.learnt.door.outside.count == 0.0
    assert door.learnt.come_in() > 0.5


def test_where_nearly_everybody_passes_by_nobody_gets_a_hint_of_them() -> None:
    door = Door()
    hinted: list[bool] = []
    for _ in range(60):
        person = f"c{next(door.people)}"
        moments = []
        for _ in range(20):
            door.now += 1.0
            for reader, level in (("street", -70.0), ("door", -86.0)):
                moments.append(
                    door.presence.see(Sighting(reader, None, f"ble:{person}", level, None, door.now), person)
                )
            moments += door.presence.pulse(door.now + 0.4)
        hinted.append(any(m is not None and m.kind == "hinted" for m in moments))
        for _ in range(150):
            door.now += 1.0
            door.presence.pulse(door.now)
    assert hinted[0]  # nobody knows yet
    assert not any(hinted[20:])
    again = Learnt(PLAN)
    again.take_back(door.learnt.document())
    assert again.come_in() < 0.2


@given(st.lists(st.tuples(leads, st.booleans()), max_size=60), leads, leads)
def test_louder_inside_never_speaks_more_for_the_street(
    taught: list[tuple[float, bool]], one: float, other: float
) -> None:
    line = DoorLine()
    for lead, inside in taught:
        line.learn(lead, inside=inside)
    low, high = sorted((one, other))
    assert line.nats(low) <= line.nats(high)
    again = DoorLine.of(line.document())
    assert again.nats(one) == pytest.approx(line.nats(one), abs=0.5)


def test_who_walks_through_with_a_test_tag_is_no_guest_who_came_in() -> None:
    door = Door()
    walker = Walker(door.presence)
    for n in range(60):
        for reader, level in (("street", -90.0), ("door", -70.0)):
            walker.hear(Sighting(reader, None, "ble:test", level, None, door.now + n))
    assert walker.stands_in("entrance", door.now + 60.0)
    assert door.learnt.approaches == [0.0, 0.0]
    assert door.learnt.door.inside.count == 1.0, "where the inside begins it teaches all the same"

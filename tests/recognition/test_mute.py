"""A phone that sleeps whenever it is locked is told once a visit; a lost reader or a keychain beside it is no news."""

from __future__ import annotations

from gateway.recognition.mute import MutePhone, MuteWatch
from tests.recognition.test_silence import come_in
from tests.recognition.venue import PHONE, TAG, Venue, every


class House(Venue):
    """A venue whose things are looked for every five seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.watch = MuteWatch()
        self.advice: list[MutePhone] = []

    def until(self, at: float) -> None:
        while self.now + 0.5 <= at:
            super().until(self.now + 0.5)
            if self.now % 5.0 == 0.0 and self.presence.where("c1") is not None:
                mute = self.watch.consider("c1", self.presence.whereabouts("c1"), self.now)
                self.advice += [mute] if mute else []


def wakes(house: House, start: float, silences: list[float], awake: float = 60.0) -> float:
    for silence in silences:
        house.reads("lounge", every(0.5, start + silence, start + silence + awake), -60.0, PHONE)
        start += silence + awake
    house.until(start + 5.0)
    return start


def test_several_long_silences_are_told_once_a_visit() -> None:
    house = House()
    come_in(house)
    at = wakes(house, 160.0, [200.0, 200.0], awake=240.0)
    assert house.advice == []
    wakes(house, at, [200.0, 200.0, 200.0], awake=240.0)
    assert [(m.customer, m.identifier, m.silences) for m in house.advice] == [("c1", PHONE, 3)]
    assert 570.0 < house.advice[0].silent_s < 630.0


def test_a_phone_that_is_silent_most_of_the_time_is_told_sooner() -> None:
    house = House()
    come_in(house)
    wakes(house, 160.0, [420.0, 420.0], awake=10.0)
    assert [m.silences for m in house.advice] == [2]


def test_the_usual_pauses_of_a_phone_are_none() -> None:
    house = House()
    come_in(house)
    wakes(house, 160.0, [60.0] * 20, awake=30.0)
    assert house.advice == []


def test_while_a_reader_was_lost_its_silence_is_not_the_phone_s() -> None:
    house = House()
    come_in(house)
    at = 160.0
    for _ in range(4):
        house.until(at + 20.0)
        house.presence.reader_lost("lounge", at + 20.0)
        house.until(at + 180.0)
        house.presence.reader_back("lounge", at + 180.0)
        at = wakes(house, at, [200.0])
    assert house.advice == []


def test_who_carries_a_keychain_that_is_heard_needs_none() -> None:
    house = House()
    come_in(house)
    house.reads("lounge", every(2.0, 161.0, 200.0), -50.0, TAG)
    wakes(house, 200.0, [200.0] * 5)
    assert house.advice == []


def test_the_next_visit_is_told_again() -> None:
    house = House()
    come_in(house)
    at = wakes(house, 160.0, [200.0, 200.0, 200.0, 200.0])
    house.watch.forget("c1")
    wakes(house, at, [200.0, 200.0, 200.0])
    assert len(house.advice) == 2

"""Guesses, with time as an argument: who makes them waits, and who is guessed at does not."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import pins
from gateway.console.guesses import FIRST_OF_ALL, FIRST_OF_ONE, OF_ALL_STRANGERS, OF_STRANGERS, WINDOW, Guesses
from gateway.console.problems import Problem
from gateway.operations.overruns import Overruns


def test_one_device_has_few_tries_whoever_it_guesses_at() -> None:
    clock = [0.0]
    overruns = Overruns(lambda: clock[0])
    guesses, tried = Guesses(overruns, lambda: clock[0]), 0
    for number in range(500):
        clock[0] += 1
        with suppress(Problem):
            guesses.begin("10.0.0.9", f"person {number}")
            guesses.wrong("10.0.0.9", f"person {number}")
            tried += 1
    assert tried <= 30
    guesses.begin("10.0.0.8", "person 1")


def test_a_hundred_devices_that_guess_at_one_person_are_told_of_and_the_person_signs_in() -> None:
    told: list[tuple[str, str]] = []
    overruns = Overruns(lambda: 0.0)
    overruns.tell = lambda kind, who, _: told.append((kind, who))
    guesses = Guesses(overruns, lambda: 0.0)
    for number in range(100):
        guesses.begin(f"10.0.1.{number}", "anna")
        guesses.wrong(f"10.0.1.{number}", "anna")
    assert told == [("pin_guessed", "anna")]
    guesses.begin("10.0.0.1", "anna")
    guesses.right("10.0.0.1", "anna")


def test_whoever_guesses_from_many_addresses_keeps_no_new_device_of_the_staff_out_and_wins_little_by_it() -> None:
    clock = [0.0]
    guesses = Guesses(Overruns(lambda: clock[0]), lambda: clock[0])
    tried = 0
    for second in range(0, 86_400, 4):  # a day, from every address of a network but those that others have
        clock[0] = float(second)
        thief = f"10.0.1.{second // 4 % 200}"
        with suppress(Problem):
            guesses.begin(thief, "anna", known=False)
            guesses.wrong(thief, "anna")
            tried += 1
        if second % 3_600 == 0:
            new = f"10.0.2.{second // 3_600}"
            guesses.begin(new, "anna", known=False)
            if second % 7_200:  # a hand that slips
                guesses.wrong(new, "anna")
                clock[0] += 2
                guesses.begin(new, "anna", known=False)
            guesses.right(new, "anna", known=False)
    windows = 86_400 / WINDOW
    assert tried <= OF_STRANGERS * windows + FIRST_OF_ONE * 200


def test_of_all_the_staff_together_strangers_guess_no_more_than_so_often() -> None:
    guesses, tried = Guesses(Overruns(lambda: 0.0), lambda: 0.0), 0
    for number in range(9_000):
        thief, whom = f"10.{number // 250}.{number % 250}.1", f"person {number % 400}"
        with suppress(Problem):
            guesses.begin(thief, whom, known=False)
            guesses.wrong(thief, whom)
            tried += 1
    assert tried == OF_ALL_STRANGERS + FIRST_OF_ALL


def test_a_network_of_thousands_of_addresses_has_so_many_first_tries_in_a_day_and_no_more() -> None:
    clock = [0.0]
    guesses, tried = Guesses(Overruns(lambda: clock[0]), lambda: clock[0]), 0
    for number in range(9_000):
        thief = f"10.{number // 250}.{number % 250}.1"
        with suppress(Problem):
            guesses.begin(thief, "anna", known=False)
            guesses.wrong(thief, "anna")
            tried += 1
    assert tried == OF_STRANGERS + FIRST_OF_ALL
    with pytest.raises(Problem, match="devices that are not known here"):
        guesses.begin("192.168.0.7", "anna", known=False)
    guesses.begin("tablet 7", "anna", known=True)
    guesses.may_pair("192.168.0.7")


def test_who_signs_in_rightly_from_new_addresses_wins_no_guesses_for_others() -> None:
    guesses, tried = Guesses(Overruns(lambda: 0.0), lambda: 0.0), 0
    for number in range(100):
        guesses.begin(f"10.0.3.{number}", "ben", known=False)
        guesses.right(f"10.0.3.{number}", "ben", known=False)
    for number in range(OF_STRANGERS + 5):
        with suppress(Problem):
            guesses.begin("10.0.4.1" if number > OF_STRANGERS else f"10.0.4.{number}", "anna", known=False)
            tried += 1
    assert tried <= OF_STRANGERS + FIRST_OF_ONE


@given(st.integers(4, 12))
def test_a_pin_made_at_random_is_a_good_one(digits: int) -> None:
    made = pins.random_pin(digits)
    assert len(made) == digits
    assert pins.weak(made) is None

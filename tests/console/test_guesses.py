"""Guesses, with time as an argument: who makes them waits, and who is guessed at does not."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from gateway import pins
from gateway.console.guesses import Guesses
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


@given(st.integers(4, 12))
def test_a_pin_made_at_random_is_a_good_one(digits: int) -> None:
    made = pins.random_pin(digits)
    assert len(made) == digits
    assert pins.weak(made) is None

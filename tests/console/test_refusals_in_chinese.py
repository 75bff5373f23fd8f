"""What limits, PINs and ids are refused for, the console says in Chinese too: its table has every refusal."""

from __future__ import annotations

import json
import re

import pytest

from gateway import pins
from gateway.console import guesses
from gateway.console.limits import BODY_WITHIN
from gateway.console.problems import Problem
from gateway.operations.overruns import Overruns
from gateway.records.ids import damaged
from tests.program import REPOSITORY

TABLE: dict[str, str] = json.loads((REPOSITORY / "staff_console/src/lib/details.json").read_text("utf-8"))
EASY = ["0000", "1212", "1234", "9876", "7890", "2580", "123123", "147258369"]


def known(sentence: str) -> bool:
    patterns = (re.escape(english).replace(r"\{", "{").replace(r"\}", "}") for english in TABLE)
    return any(re.fullmatch(re.sub(r"\{\w+\}", ".+?", pattern), sentence) for pattern in patterns)


@pytest.mark.parametrize("pin", EASY)
def test_a_pin_that_is_guessed_at_once(pin: str) -> None:
    why = pins.weak(pin)
    assert why
    assert known(f"pin: {why}"), why


@pytest.mark.parametrize("customer", ["8.61379E+17", "2-Jan", "#REF!"])
def test_an_id_that_a_spreadsheet_made(customer: str) -> None:
    assert known(f"customer: {customer!r} {damaged(customer)}")


def test_who_must_wait_after_wrong_guesses() -> None:
    ours = guesses.Guesses(Overruns(lambda: 0.0), lambda: 0.0)
    said = []
    for attempt in range(guesses.FIRST_OF_ALL + 100):
        try:
            ours.begin("10.0.0.9", "anna")
        except Problem as problem:
            said.append(problem.detail)
        try:
            ours.begin(f"10.1.{attempt}", "ben", known=False)
        except Problem as problem:
            said.append(problem.detail)
        try:
            ours.may_pair("10.0.0.9")
        except Problem as problem:
            said.append(problem.detail)
        ours.wrong_code("10.0.0.9")
    words = {"wrong PIN before", "wrong pairing codes before", guesses.STRANGERS}
    assert {detail.partition(";")[0] for detail in said} == words
    assert all(map(known, said))


@pytest.mark.parametrize(
    "file", ["gateway/console/limits.py", "gateway/console/socket.py", "gateway/operations/entrance.py"]
)
def test_who_finds_no_place_or_is_too_slow(file: str) -> None:
    source = (REPOSITORY / file).read_text("utf-8")
    said = re.findall(r'(?:words = f?|_refuse\(\w+\.REQUEST_TIMEOUT, f)"([^"]+)"', source)
    said = [re.sub(r"\{[^}]+\}", f"{BODY_WITHIN:g}", each) for each in said if "head of a request may" not in each]
    assert said
    assert [each for each in said if not known(each)] == []


@pytest.mark.parametrize(
    "file",
    [
        *(f"gateway/core/actions/{name}.py" for name in ("orders", "rounds", "seats", "expected", "menus")),
        *(f"gateway/service/{name}.py" for name in ("seating", "menus", "rounds")),
    ],
)
def test_what_is_refused_of_seats_menus_and_rounds(file: str) -> None:
    source = (REPOSITORY / file).read_text("utf-8")
    said = re.findall(r'Refused\(\d+, f?"([^"]+)"', source)
    assert said
    said = [re.sub(r"\{[^}]+\}", "x", each) for each in said if "{reason}" not in each]
    assert [each for each in said if not known(each)] == []

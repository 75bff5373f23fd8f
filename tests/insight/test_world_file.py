"""What is wrong with a world: where, what was given, what was expected."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.insight.reading import BadWorld
from gateway.insight.world_file import parse
from tests.insight.worlds import worked
from tests.program import run

World = dict[str, Any]


def of_first_entry(**members: object) -> Callable[[World], None]:
    def change(world: World) -> None:
        world["entries"][0] |= members

    return change


def member(name: str, value: object) -> Callable[[World], None]:
    def change(world: World) -> None:
        world[name] = value

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (of_first_entry(amount=0), "entries[0].amount: 0; expected above 0 and at most 1000000000"),
        (
            of_first_entry(amount=1.005),
            "entries[0].amount: 1.005; expected at most 2 digits after the point, as CNY has",
        ),
        (of_first_entry(amount=10**9 + 1), "entries[0].amount: 1000000001; expected above 0"),
        (of_first_entry(amount="6000"), 'entries[0].amount: "6000"; expected a number'),
        (of_first_entry(amount=10**30), "; expected a number below a billion"),
        (of_first_entry(amount=True), "entries[0].amount: true; expected a number"),
        (of_first_entry(amount=None), "entries[0].amount: nothing; expected an amount"),
        (of_first_entry(margin=6000.01), "entries[0].margin: 6000.01; expected at most the amount, 6000.0"),
        (of_first_entry(currency="EUR"), 'entries[0].currency: "EUR"; expected CNY: it is not converted'),
        (of_first_entry(customer="k9"), 'entries[0].customer: "k9"; expected the id of one of customers'),
        (of_first_entry(customer=None), "entries[0].customer: nothing; expected a customer"),
        (of_first_entry(customer=None, gathering="g1"), 'entries[0].gathering: "g1"; expected a customer'),
        (of_first_entry(on="2026-02-30"), 'entries[0].on: "2026-02-30"; expected a day such as 2026-11-28'),
        (of_first_entry(id=7), "entries[0].id: 7; expected a text"),
        (of_first_entry(side="gift"), 'entries[0].side: "gift"; expected value or cost'),
        (
            of_first_entry(side="cost", amount=None, minutes=5),
            "entries[0].role: nothing; expected one of floor, crew, manager",
        ),
        (of_first_entry(side="cost", amount=None, minutes=0, role="crew"), "entries[0].minutes: 0; expected above 0"),
        (
            of_first_entry(side="cost", amount=None),
            "entries[0].amount: nothing; expected an amount, or minutes and a role",
        ),
        (of_first_entry(side="cost", amount=-5), "entries[0].amount: -5; expected above 0"),
        (of_first_entry(side="cost", way="bribe"), 'entries[0].way: "bribe"; expected one of gift, '),
        (of_first_entry(side="cost", lever="fear"), 'entries[0].lever: "fear"; expected one of relational, '),
        (of_first_entry(side="cost", gathering="g1"), "expected a customer or a gathering, one of them"),
        (of_first_entry(id="e2"), 'entries: "e2"; expected an id once, or the same entry again under it'),
        (member("as_of", None), "as_of: nothing; expected a day"),
        (member("visits", {}), "visits: {}; expected an array"),
        (member("visits", [7]), "visits[0]: 7; expected an object"),
        (member("visits", [{"customer": "k9", "on": "2026-01-01"}]), 'visits[0].customer: "k9"; expected the id'),
        (member("customers", []), "customers: []; expected an object"),
        (member("introductions", [["k1", "k1"]]), 'introductions[0]: ["k1", "k1"]; expected two different customers'),
        (member("families", [["k1", "k9"]]), 'families[0][1]: "k9"; expected the id of one of customers'),
        (member("lost", [{"customer": "k1", "on": "2026-01-01"}]), "lost[0].cause: nothing; expected a text"),
        (member("settings", {"margin": {"low": 0.9}}), "expected 0 ≤ low ≤ mid ≤ high ≤ 1"),
        (
            member("settings", {"hour": {"floor": -1}}),
            "settings.hour.floor: -1; expected what an hour costs, 0 or more",
        ),
        (member("settings", {"currency": "yuan"}), 'settings.currency: "yuan"; expected three capital letters'),
        (member("what_if", {"x": {"skip": ["g9"]}}), 'what_if.x.skip: "g9"; expected the ids of gatherings'),
        (
            member("what_if", {"x": {"gone": "k1"}}),
            'what_if.x: {"gone": "k1"}; expected one of skip, gathering, without',
        ),
        (
            member("gatherings", {"g1": {"on": "2026-07-03", "attended": ["k9"]}}),
            'gatherings.g1.attended[0]: "k9"; expected',
        ),
    ],
)
def test_a_mistake_is_told_by_its_place(change: Callable[[World], None], words: str) -> None:
    world = worked()
    change(world)
    with pytest.raises(BadWorld) as bad:
        parse(json.dumps(world))
    assert words in str(bad.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("[1]", "expected an object with as_of and customers"),
        ('{"as_of": NaN}', "NaN is no number"),
        ('{"as_of": "2026-12-01", "as_of": "2026-12-02"}', "'as_of' stands twice"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_world_at_all(text: str, words: str) -> None:
    with pytest.raises(BadWorld, match=words):
        parse(text)


def test_all_mistakes_are_told_at_once_and_the_command_ends_with_2(tmp_path: Path) -> None:
    world = worked()
    world["entries"][0]["amount"] = -1.234
    world["visits"][0]["on"] = "yesterday"
    file = tmp_path / "world.json"
    file.write_text(json.dumps(world))
    ended = run("insight", "fold", file)
    assert ended.code == 2, ended
    assert ended.out == ""
    assert f"{file}: entries[0].amount:" in ended.err
    assert f'{file}: visits[0].on: "yesterday"; expected a day' in ended.err
    assert "Traceback" not in ended.err


def test_at_most_twenty_mistakes_are_told() -> None:
    world = worked()
    world["visits"] = [7] * 50
    with pytest.raises(BadWorld) as bad:
        parse(json.dumps(world))
    assert str(bad.value).splitlines()[-1] == "and 130 more", "of each the object, whose it is and the day"


def test_what_is_odd_is_said_and_is_no_mistake() -> None:
    world = worked() | {"visist": []}
    world["entries"].append({"id": "r", "reverses": "e99"})
    odd = parse(json.dumps(world)).odd
    assert odd == (
        "visist: no member of a world, not looked at; visits is one",
        "entry r: reverses 'e99', which is not here",
    )


def test_the_smallest_world() -> None:
    assert parse('{"as_of": "2026-12-01", "customers": {}}').world.customers == {}

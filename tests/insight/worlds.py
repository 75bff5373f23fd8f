"""Worlds for tests: the known one, and any."""

from __future__ import annotations

import copy
import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from gateway.commands.insight_fold import answered
from gateway.insight.folding import Fold
from gateway.insight.rendered import rendered
from gateway.insight.together import Arrival
from gateway.insight.world_file import parse

WORKED = Path(__file__).parent / "worked.json"
AS_OF = date(2026, 12, 1)


def worked() -> dict[str, Any]:
    """The known world, to be changed at will."""
    found: dict[str, Any] = json.loads(WORKED.read_text("utf-8"))
    return found


def folded(world: dict[str, Any]) -> dict[str, Any]:
    """What ``moments insight fold`` prints of it."""
    asked = parse(json.dumps(world))
    house = Fold(asked.world, asked.begins)
    found = rendered(house.folded())
    return found | {"what_if": {name: answered(house, each) for name, each in asked.what_if.items()}}


def row(found: dict[str, Any], part: str, customer: str) -> dict[str, Any]:
    """One customer's row of a part."""
    rows: list[dict[str, Any]] = found[part]["rows"]
    return next(each for each in rows if each["customer"] == customer)


IDS = [f"c{number}" for number in range(7)]
DAYS = st.integers(-30, 800).map(lambda back: (AS_OF - timedelta(back)).isoformat())
WHO = st.sampled_from(IDS)
CENTS = st.integers(1, 5_000_000)


@st.composite
def entries(draw: st.DrawFn, most: int = 14) -> list[dict[str, Any]]:
    """Values and costs, some of them of a gathering, some of minutes; ids are their places."""
    found: list[dict[str, Any]] = []
    for place in range(draw(st.integers(0, most))):
        each: dict[str, Any] = {"id": f"e{place:02}", "on": draw(DAYS), "amount": draw(CENTS) / 100}
        if draw(st.booleans()):
            each |= {"side": "value", "customer": draw(WHO)}
            if draw(st.booleans()):
                each["margin"] = round(each["amount"] * draw(st.sampled_from([-1, 0, 0.25, 1])), 2)
        else:
            each |= {"side": "cost", "way": draw(st.sampled_from(["gift", "discount", "event", "recovery", "other"]))}
            each |= draw(
                st.one_of(
                    WHO.map(lambda who: {"customer": who}), st.just({"gathering": "g0"}), st.just({"gathering": "g1"})
                )
            )
            if draw(st.booleans()):
                del each["amount"]
                each |= {"minutes": draw(st.integers(1, 600)), "role": "floor"}
            each["reason"] = draw(st.sampled_from(["", "birthday"]))
        found.append(each)
    return found


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Houses of seven people, of whom some agree to insight and some to introductions."""
    purposes = st.lists(st.sampled_from(["insight", "insight", "introductions"]), max_size=3, unique=False)
    lines = draw(entries())
    reversed_ = draw(st.lists(st.sampled_from([each["id"] for each in lines]), max_size=3)) if lines else []
    return {
        "as_of": AS_OF.isoformat(),
        "customers": {each: {"consents": draw(purposes)} for each in IDS},
        "visits": [{"customer": draw(WHO), "on": draw(DAYS)} for _ in range(draw(st.integers(0, 25)))],
        "gatherings": {
            each: {"on": draw(DAYS), "attended": draw(st.lists(WHO, max_size=5, unique=True))} for each in ("g0", "g1")
        },
        "introductions": [["c0", "c1"], ["c2", "c1"]],
        "families": [["c3", "c2"]],
        "entries": lines + [{"id": f"r{at}", "reverses": each} for at, each in enumerate(reversed_)],
        "lost": [{"customer": draw(WHO), "on": draw(DAYS), "cause": "moved"} for _ in range(draw(st.integers(0, 2)))],
    }


@st.composite
def shuffled(draw: st.DrawFn, world: dict[str, Any]) -> dict[str, Any]:
    """The same facts in another order, some of them twice."""
    changed = copy.deepcopy(world)
    for name in ("visits", "entries", "introductions", "families", "lost"):
        rows = changed[name]
        twice = draw(st.lists(st.sampled_from(rows), max_size=4)) if rows else []
        changed[name] = draw(st.permutations([*rows, *twice]))
    for name in ("customers", "gatherings"):
        changed[name] = dict(draw(st.permutations(list(changed[name].items()))))
    return changed


def planted(seed: int, people: int = 300, pairs: int = 15) -> tuple[list[Arrival], set[tuple[str, str]]]:
    """A year of visits, where some pairs share 40 % of theirs; their habits are alike with everybody's."""
    chance = random.Random(seed)
    arrivals = []
    names = [f"p{number:04}" for number in range(people)]
    friends = {(names[2 * each], names[2 * each + 1]) for each in range(pairs)}
    habits = {name: (chance.randrange(7), 540 + 30 * chance.randrange(20)) for name in names}
    for name in names:
        for _ in range(chance.randrange(8, 30)):
            weekday, minute = habits[name]
            day = date(2026, 1, 5) + timedelta(
                7 * chance.randrange(51) + (weekday if chance.random() < 0.6 else chance.randrange(7))
            )
            arrivals.append(Arrival(name, "door", day, max(0, min(1439, minute + round(chance.gauss(0, 60))))))
    for a, b in friends:
        own = [each for each in arrivals if each.customer == a]
        for each in chance.sample(own, max(4, round(0.4 * len(own)))):
            arrivals.append(Arrival(b, "door", each.on, min(1439, each.minute + chance.randrange(3))))
    return arrivals, friends

"""From a house's facts to what a page shows: so many of ten, why, what they will bring; of nobody who did not agree."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from gateway.insight.facts import INSIGHT, Entry, World
from gateway.insight.folding import fold
from gateway.insight.models.foretelling import _WORDS, Foretold, foretold
from gateway.insight.models.returning import NAMES

ON = date(2026, 12, 1)


def world(people: int = 700, agreed: int | None = None, years: int = 3) -> World:
    """Regulars of whom some left; of the last ones nobody agreed where ``agreed`` is fewer than all."""
    chance = np.random.default_rng(3)
    came: dict[str, list[int]] = {}
    entries: list[Entry] = []
    for who in range(people):
        name = f"k{who:04}"
        gap, at = chance.choice([12, 30, 60]), float(ON.toordinal() - chance.integers(200, 365 * years))
        leaves = ON.toordinal() - chance.integers(0, 500) if chance.random() < 0.5 else ON.toordinal()
        days = []
        while at < leaves:
            days.append(int(at))
            at += max(1.0, chance.gamma(4, gap / 4))
        came[name] = sorted(set(days))
        for day in came[name][:: int(chance.integers(1, 3))]:
            entries.append(
                Entry(f"e{len(entries)}", "value", date.fromordinal(day), name, amount=int(chance.gamma(3, 3000)) + 1)
            )
    consents = {f"k{who:04}": frozenset({INSIGHT} if agreed is None or who < agreed else ()) for who in range(people)}
    return World(ON, consents, came=came, entries=tuple(entries))


@pytest.fixture(scope="module")
def house() -> Foretold:
    of = world()
    return foretold(of, fold(of))


def test_so_many_of_ten_like_this_one(house: Foretold) -> None:
    silent = dict(zip(house._places, house.returning.known.silent, strict=True))
    least, most = (pick(silent, key=lambda name: float(silent[name])) for pick in (min, max))
    likely, gone = house.model(least), house.model(most)
    assert likely is not None
    assert gone is not None
    assert likely["low"] <= likely["of_ten"] <= likely["high"] <= 10
    assert likely["of_ten"] > gone["of_ten"]
    assert likely["cases"] >= 30
    assert house.model("nobody") is None


def test_reasons_are_words_in_both_languages(house: Foretold) -> None:
    assert set(_WORDS) == set(NAMES)
    for name in list(house._places)[:50]:
        reasons = house.reasons(name)
        assert 1 <= len(reasons) <= 3
        for each in reasons:
            assert each.en.endswith((", which speaks for coming again", ", which speaks against it"))
            assert each.zh_cn
            assert "{" not in each.en + each.zh_cn


def test_a_year_has_bounds_where_the_house_is_old_enough(house: Foretold) -> None:
    told = house.house()
    assert told["future"]["ratio"] > 0
    assert told["future"]["corrected"] == pytest.approx(told["future"]["total"] * told["future"]["ratio"], rel=1e-3)
    value = house.value(next(iter(house._places)))
    assert value is not None
    assert value["low"] <= value["high"]
    young = world(400, years=1)
    found = foretold(young, fold(young))
    bare = found.value(next(iter(found._places)))
    assert bare is not None
    assert (bare["low"], bare["high"]) == (None, None)


def test_the_plain_orders_stand_beside_the_model(house: Foretold) -> None:
    told = house.house()
    assert list(told["returning"]["orders"]) == ["silent", "silent_by_contacts", "ratio", "model"]
    assert told["ordered_by"] == told["returning"]["best"]
    assert len(told["returning"]["tenths"]) == 10
    best = max(each["auc"] for each in told["returning"]["orders"].values())
    assert told["returning"]["orders"][told["ordered_by"]]["auc"] >= best - 0.01 - 1e-4


def test_who_did_not_agree_is_in_no_model_and_changes_nothing() -> None:
    of = world(agreed=500)
    found = foretold(of, fold(of), {"asked_twice": [("k0600", ON.toordinal() - 9, None)]})
    assert set(found._places) <= {f"k{who:04}" for who in range(500)}
    assert found.value("k0600") is None
    assert found.model("k0600") is None
    alone = World(
        ON,
        {name: each for name, each in of.customers.items() if each},
        came={name: days for name, days in of.came.items() if of.customers[name]},
        entries=tuple(each for each in of.entries if of.customers[each.customer or ""]),
    )
    assert foretold(alone, fold(alone)).house() == found.house()


def test_what_happened_to_somebody_moves_their_chance() -> None:
    of = world()
    folded = fold(of)
    places = [name for name, days in folded.contact_days.items() if days and days[-1] < ON.toordinal() - 150]
    left = [(name, folded.contact_days[name][-1], None) for name in places[:120]]
    found = foretold(of, folded, {"asked_twice": left})
    fresh = [name for name, days in folded.contact_days.items() if days and days[-1] >= (ON - timedelta(9)).toordinal()]
    told = foretold(of, folded, {"asked_twice": [*left, (fresh[0], ON.toordinal() - 5, None)]})
    at, then = found._places[fresh[0]], told._places[fresh[0]]
    assert found.returning.chance is not None
    assert told.returning.chance is not None
    assert told.returning.chance[then] < found.returning.chance[at]
    assert "asked_twice" in [each.code for each in told.reasons(fresh[0])]

"""One house of five customers, to the last digit."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.insight.worlds import WORKED, folded, row, worked
from tests.program import run

Found = dict[str, Any]


@pytest.fixture(scope="module")
def found() -> Found:
    """The house as it is."""
    return folded(worked())


def amounts(of: Found) -> tuple[float, float, float]:
    return of["amount"], of["low"], of["high"]


def test_the_command_prints_what_the_fold_says(found: Found) -> None:
    ended = run("insight", "fold", WORKED)
    assert ended.code == 0, ended
    assert json.loads(ended.out) == found
    assert ended.err == ""


@pytest.mark.parametrize(
    ("who", "value", "cost", "net", "revenue"),
    [
        ("k1", (5400, 5000, 5800), 423.34, (4976.66, 4576.66, 5376.66), 10_000),
        ("k2", (1500, 1500, 1500), 333.33, (1166.67, 1166.67, 1166.67), 3000),
        ("k3", (400, 400, 400), 333.33, (66.67, 66.67, 66.67), 800),
        ("k4", (0, 0, 0), 200, (-200, -200, -200), 0),
        ("k5", (200, 200, 200), 600, (-400, -400, -400), 500),
    ],
)
def test_what_each_brought_and_cost(
    found: Found, who: str, value: tuple[float, ...], cost: float, net: tuple[float, ...], revenue: float
) -> None:
    worth = row(found, "worth", who)
    assert (amounts(worth["value"]), worth["cost"], amounts(worth["net"])) == (value, cost, net)
    assert worth["revenue"] == revenue
    assert worth["value"]["assumed"] == worth["net"]["assumed"] == (["e2"] if who == "k1" else [])


def test_the_whole_and_how_it_is_spread(found: Found) -> None:
    worth = found["worth"]
    assert [each["customer"] for each in worth["rows"]] == ["k1", "k2", "k3", "k4", "k5"]
    assert (worth["total"]["value"]["amount"], worth["total"]["cost"], worth["total"]["net"]["amount"]) == (
        7500,
        1890,
        5610,
    )
    assert worth["net"] == {"top20": 0.8871, "bottom30": -0.0891, "eats": 0.0818, "peak": 1.107, "peak_customers": 3}
    assert worth["revenue"] == {"top20": 0.6993, "bottom30": 0.0175}
    assert worth["loss_makers"] == {"count": 2, "net": -600}
    assert worth["others"] is None


@pytest.mark.parametrize(
    ("who", "silent", "rhythm", "ratio", "band"),
    [
        ("k5", 295, 18.0, 16.39, "gone quiet"),
        ("k2", 151, 45.0, 3.36, "long silent"),
        ("k3", 101, 36.7, 2.75, "late"),
        ("k4", 10, 30.0, 0.33, "in time"),
        ("k1", 3, 30.0, 0.1, "in time"),
    ],
)
def test_how_silent_each_is(found: Found, who: str, silent: int, rhythm: float, ratio: float, band: str) -> None:
    risk = row(found, "risk", who)
    assert (risk["silent_days"], risk["rhythm_days"], risk["ratio"], risk["band"]) == (silent, rhythm, ratio, band)
    assert [each["customer"] for each in found["risk"]["rows"]] == ["k5", "k2", "k3", "k4", "k1"]
    assert found["house_gap_days"] == 30


def test_a_silence_is_told_in_both_languages(found: Found) -> None:
    (reason,) = row(found, "risk", "k2")["reasons"]
    assert reason["words"] == {
        "en": "silent 151 days, usually every 60 (2 gaps)",
        "zh-CN": "未到访 151 天，平时约 60 天一次",
    }
    assert reason["at"] == "2026-07-03"


@pytest.mark.parametrize(
    ("who", "way"),
    [
        ("k1", ["potential 2026-06-01 first_contact", "user 2026-07-31 value", "repeat 2026-11-28 value"]),
        (
            "k2",
            [
                "potential 2026-03-05 first_contact",
                "user 2026-05-04 value",
                "repeat 2026-07-03 value",
                "dormant 2026-11-15 silence",
            ],
        ),
        ("k3", ["potential 2026-07-03 first_contact", "user 2026-08-22 value"]),
        (
            "k4",
            [
                "potential 2025-06-04 first_contact",
                "user 2025-07-04 value",
                "dormant 2025-10-02 silence",
                "lost 2025-12-31 silence",
                "woken 2026-11-21 contact",
            ],
        ),
        (
            "k5",
            [
                "potential 2026-01-10 first_contact",
                "user 2026-01-20 value",
                "dormant 2026-04-10 silence",
                "lost 2026-08-08 silence",
            ],
        ),
    ],
)
def test_where_each_stands_and_since_when(found: Found, who: str, way: list[str]) -> None:
    stage = row(found, "stages", who)
    assert [f"{each['stage']} {each['at']} {each['because']}" for each in stage["transitions"]] == way
    assert f"{stage['stage']} {stage['since']}" == way[-1].rpartition(" ")[0]


@pytest.mark.parametrize(
    ("who", "own", "before", "now", "influence", "money"),
    [
        ("k1", 0.5833, 0.6083, 0.6292, 0.1167, 178.33),
        ("k2", 0.25, 0.3083, 0.3458, 0.05, 749.83),
        ("k3", 0.1667, 0.1667, 0.2083, 0.0167, 307.17),
        ("k4", 0.0833, 0.0833, 0.0833, 0, 0),
        ("k5", 0.1667, 0.1667, 0.1667, 0, 0),
    ],
)
def test_who_holds_whom(
    found: Found, who: str, own: float, before: float, now: float, influence: float, money: float
) -> None:
    standing = row(found, "network", who)
    assert (standing["own"], standing["stickiness"]) == (own, now)
    assert (standing["influence"], standing["influence_money"]) == (influence, money)
    assert found["what_if"]["before"][who] == before


def test_ties_and_what_they_rest_on(found: Found) -> None:
    ties = found["network"]["ties"]
    assert [(each["a"], each["b"], each["theta"]) for each in ties] == [
        ("k1", "k2", 0.15), ("k1", "k3", 0.05), ("k2", "k3", 0.05),
    ]  # fmt: skip
    assert [each["code"] for each in ties[0]["because"]] == ["introduced", "gathering"]
    assert ties[1]["because"][0]["events"] == ["g1"]


def test_what_would_be(found: Found) -> None:
    gone, met = found["what_if"]["gone"], found["what_if"]["next"]
    assert {each: rows["after"] for each, rows in gone.items()} == {
        "k2": 0.2583,
        "k3": 0.1792,
        "k4": 0.0833,
        "k5": 0.1667,
    }
    assert met["k2"] == {"before": 0.3458, "after": 0.3542}
    assert met["k3"] == {"before": 0.2083, "after": 0.2208}
    assert met["k5"]["before"] == met["k5"]["after"]


def test_where_the_money_went(found: Found) -> None:
    spend = found["spend"]
    assert spend["total"] == 1890
    assert spend["by_lever"] == {
        "relational": {"amount": 1090, "share": 0.5767},
        "financial": {"amount": 600, "share": 0.3175},
        "procedural": {"amount": 200, "share": 0.1058},
    }
    assert spend["no_reason"] == {"entries": 1, "amount": 450, "share": 0.2381}
    assert spend["only_money"] == ["k5"]
    shares = next(each["parts"] for each in spend["rows"] if each["id"] == "e9")
    assert shares == {"k1": 333.34, "k2": 333.33, "k3": 333.33}


def test_a_reversed_entry_was_never_entered(found: Found) -> None:
    world = worked()
    world["entries"].append({"id": "r1", "reverses": "e4", "side": "cost", "amount": -7, "on": "never"})
    after = folded(world)
    worth, stage = row(after, "worth", "k2"), row(after, "stages", "k2")
    assert (worth["value"]["amount"], worth["net"]["amount"]) == (1000, 666.67)
    assert [(each["stage"], each["at"]) for each in stage["transitions"][1:]] == [
        ("user", "2026-05-04"), ("dormant", "2026-11-15"),
    ]  # fmt: skip
    world["entries"].append({"id": "r2", "reverses": "r1"})
    assert folded(world) == after, "a reversal is not reversible"
    world["entries"] = [each for each in world["entries"] if each["id"] not in {"e4", "r1", "r2"}]
    assert folded(world) == after


def test_who_ends_insight_is_in_no_row_and_in_the_books(found: Found) -> None:
    world = worked()
    world["customers"]["k5"]["consents"] = []
    after = folded(world)
    assert after["worth"]["total"]["net"]["amount"] == 6010
    assert after["spend"]["total"] == 1890
    assert '"k5"' not in json.dumps({**after, "what_if": None})
    assert after["worth"]["others"] is None, "one alone would be laid bare"
    assert after["spend"]["only_money"] == []
    gift = next(each for each in after["spend"]["rows"] if each["id"] == "e11")
    assert (gift["customer"], gift["reason"], gift["has_reason"]) == (None, None, True)


def test_five_who_agreed_to_nothing_are_one_line() -> None:
    world = worked()
    world["customers"] |= {f"o{number}": {} for number in range(5)}
    world["entries"] += [
        {"id": f"x{number}", "side": "value", "customer": f"o{number}", "on": "2026-05-05", "amount": 100, "margin": 40}
        for number in range(4)
    ]
    assert folded(world)["worth"]["others"] is None
    world["entries"].append(
        {"id": "x4", "side": "cost", "customer": "o4", "on": "2026-05-05", "amount": 30, "way": "gift"}
    )
    worth = folded(world)["worth"]
    assert (worth["others"]["customers"], worth["others"]["net"]["amount"]) == (5, 130)
    assert worth["total"]["net"]["amount"] == 5740
    assert [each["customer"] for each in worth["rows"]] == ["k1", "k2", "k3", "k4", "k5"]


def test_nobody_is_tied_who_did_not_agree() -> None:
    world = worked()
    world["customers"]["k1"]["consents"] = ["insight"]
    after = folded(world)
    assert [(each["a"], each["b"]) for each in after["network"]["ties"]] == [("k2", "k3")]
    assert row(after, "network", "k1")["stickiness"] == 0.5833
    world["customers"]["k1"]["consents"] = ["introductions"]
    assert [(each["a"], each["b"]) for each in folded(world)["network"]["ties"]] == [("k2", "k3")]

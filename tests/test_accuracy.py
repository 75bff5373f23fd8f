"""Recognition is as good as the last full run said: a few simulated visits a case, against its intervals."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from math import inf
from pathlib import Path
from random import Random

import pytest

from benchmarks.accuracy_beside import Standing, panels, section, standings
from benchmarks.accuracy_plot import draw
from benchmarks.accuracy_rules import Rule, play_rule, rules
from gateway.recognition.recording import Head, Read, Row, Truth

ROOT = Path(__file__).parents[1]


@pytest.mark.timeout(300)
def test_no_number_has_left_its_interval() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.accuracy", "--short"],
        cwd=ROOT, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "entry to arrival" in done.stdout


HALL = Head("x", ["hall", "bar"], {"h1": "hall", "h2": "hall", "b1": "bar"})


def walk(kind: str) -> tuple[Head, Sequence[Row]]:
    """Two minutes in the hall, and for a walker two more in the bar; levels scatter by 2 dB."""
    chance = Random(1)
    rows: list[Row] = [Truth(0.0, "hall")]
    for n in range(480 if kind == "still" else 960):
        t, levels = n / 4, (-60.0, -70.0, -75.0) if n < 480 else (-75.0, -80.0, -60.0)
        if n == 480:
            rows.append(Truth(t, "bar"))
        for reader, level in zip(HALL.readers, levels, strict=True):
            rows.append(Read(t + chance.uniform(0.0, 0.004), reader, "ble:01", level + chance.gauss(0.0, 2.0)))
    return Head("x", HALL.zones, HALL.readers, kind), sorted(rows, key=lambda row: row.t)


SETTINGS_TRIED = [r for r in rules() if r.family != "last reader to hear"]


@pytest.mark.parametrize("rule", SETTINGS_TRIED, ids=lambda r: f"{r.family}, {r.setting}")
def test_a_common_rule_at_any_setting_follows_somebody_clear_from_room_to_room(rule: Rule) -> None:
    told = [(e.t, e.moment.kind, e.moment.zone) for e in play_rule(rule, *walk("walking"))]
    assert told[0][1:] == ("arrived", "hall")
    assert told[-1][1:] == ("moved", "bar")
    assert 120.0 <= told[-1][0] <= 155.0


def test_the_commonest_rule_of_all_jumps_about() -> None:
    assert len(list(play_rule(rules()[0], *walk("still")))) > 100


def test_ours_stands_in_the_table_beside_every_rule_with_what_each_does_better(tmp_path: Path) -> None:
    recorded = [walk("still"), walk("walking")]
    found = standings(recorded, recorded[:1])
    text = section(found)
    assert {s.family for s in found} == {"ours", *(rule.family for rule in rules())}
    assert all(f"| {rule.family} |" in text for rule in rules())
    assert text.count("**ours**") == 1
    draw(tmp_path / "x.svg", panels(found))
    assert (tmp_path / "x.svg").read_text().count("<polyline") == 2 * len({s.family for s in found})


def test_better_is_higher_in_the_right_room_and_lower_in_lag_and_false_changes() -> None:
    one = Standing("a", "", 90.0, 1.0, 99.0, 0.0, 1.0)
    other = Standing("b", "", 80.0, inf, 99.0, 0.5, 0.5)
    assert one.beats(other) == ["walking", "lag", "false changes"]
    assert other.beats(one) == ["false changes, reads lost"]

"""``moments simulate``: a recording, and whether it sounds like real radio; ``record``: one of a real day."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.program import moments, run
from tests.story.settings import COUNTER
from tests.story.venue import Venue

SCENARIOS = Path(__file__).parents[2] / "benchmarks" / "accuracy_scenarios"


def scenario(tmp_path: Path, name: str, **changes: tuple[str, str]) -> Path:
    """A scenario of the benches with some words replaced."""
    text = (SCENARIOS / f"{name}.toml").read_text(encoding="utf-8")
    for before, after in changes.values():
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_simulation_tells_its_check_values_beside_those_wanted(tmp_path: Path) -> None:
    few = scenario(tmp_path, "door-beacon-enter", fewer=("count = 200", "count = 40"))
    ended = run("simulate", str(few), "--seed", "1", "--out", str(tmp_path / "x.jsonl.gz"))
    assert ended.code == 0, ended
    assert "ok  keychain beacon: gap p50, s: 0.8" in ended.err
    assert "wanted 0.75 to 1, within 15 %" in ended.err


def test_a_simulation_that_does_not_sound_like_real_radio_fails(tmp_path: Path) -> None:
    lossy = scenario(tmp_path, "door-beacon-enter", lossy=("wall_db = 6.0", "wall_db = 6.0\nloss = 0.8"))
    ended = run("simulate", str(lossy), "--seed", "1", "--out", str(tmp_path / "x.jsonl.gz"))
    assert ended.code == 1, ended
    assert "OUT keychain beacon: gap" in ended.err
    assert "does not sound like real radio" in ended.err


def test_a_simulation_of_a_few_seconds_claims_nothing(tmp_path: Path) -> None:
    one = scenario(tmp_path, "door-uhf-enter", fewer=("count = 200", "count = 1"))
    ended = run("simulate", str(one), "--seed", "1", "--out", str(tmp_path / "x.jsonl.gz"))
    assert ended.code == 0, ended
    assert "no check values" in ended.err


async def test_a_real_day_is_recorded_hashed_replayed_and_told_not_to_hold_the_truth(tmp_path: Path) -> None:
    out = tmp_path / "day.jsonl.gz"
    async with Venue(tmp_path / "venue", [COUNTER]) as venue:
        words: list[str | Path] = ["record", "--config", venue.config, "--data", venue.data, "--out"]
        wrong = await moments(*words, tmp_path / "nowhere" / "x.jsonl")
        assert (wrong.code, "--out: there is no folder" in wrong.err) == (2, True)
        venue.em4100["counter"].hold("0700ABCDEF")
        ended = await moments(*words, out, "--seconds", "1.5")
        assert ended.code == 0, ended
        assert int(ended.out.split()[-2]) > 3
    assert "0700ABCDEF" not in gzip.decompress(out.read_bytes()).decode()
    played = run("replay", out)
    assert '"type": "visit.arrived"' in played.out, played
    assert '"zone": "bar"' in played.out
    scored = run("score", out)
    assert (scored.code, "no truth" in scored.err) == (1, True)

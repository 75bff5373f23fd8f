"""``python -m benchmarks.accuracy_support --recordings DIR``: which numbers of recognition do the recordings support?

Each number is tried at half to twice its value on the same draws of changed recordings, and told with what it would be
worth chosen by all recordings but one for the one left out: where that is nothing, choosing has only fitted the noise.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import mean
from types import ModuleType

from benchmarks.accuracy import SEED, Recorded, scenarios, simulated
from benchmarks.accuracy_variants import variants
from gateway.recognition import belief, door_side, drift, evidence, motion
from gateway.recognition.recording import load
from gateway.recognition.score import Report, score
from gateway.recognition.settings import PresenceSettings

PAGE = Path(__file__).parent / "accuracy_support.md"
PROBES = {  # changes to the recordings, and draws: what another venue may have instead
    "as recorded": 1, "the way back": 1, "50 % of reads lost": 2, "70 % of reads lost": 2, "one reader gone": 3,
    "two readers a zone": 2, "one to three readers a zone": 3, "three zones": 2, "readers off by up to 6 dB": 3,
    "clocks off by 1 s": 1, "sent every 1 s": 1,
}  # fmt: skip
STILL_S = 100.0  # of ten minutes: where somebody is said to be is decided in the first
FACTORS = (0.5, 0.7, 1.4, 2.0)
RESAMPLES = 1000
FALSE_COST = 0.05  # points of right zone that a false change an hour is held to be worth, while staying

NUMBERS: tuple[tuple[str, tuple[ModuleType, ...], str, tuple[float, ...]], ...] = (
    ("nats per dB, walking", (belief,), "WALK_NATS", FACTORS),
    ("… while staying", (belief,), "STILL_NATS", FACTORS),
    ("follows in, walking, s", (belief,), "WALK_S", FACTORS),
    ("… while staying, s", (belief,), "STILL_S", FACTORS),
    ("kept against, nats", (belief,), "KEPT_NATS", (0.0, *FACTORS)),
    ("ahead", (belief,), "AHEAD", (0.0, *FACTORS)),
    ("fresh", (belief,), "FRESH", (0.0, *FACTORS)),
    ("loudest", (belief,), "LOUDEST", (0.0, 0.5, 0.7, 1.4, 2.0)),
    ("fall", (evidence,), "FALL", (0.5, 0.7, 1.4, 2.0)),
    ("stride, s", (evidence, motion), "STRIDE_S", FACTORS),
    ("dwell, s", (evidence, drift), "DWELL_S", FACTORS),
    ("variance of a walker, dB²", (motion,), "WALK_VARIANCE", FACTORS),
    ("variance of a link until it is known, dB²", (evidence,), "WHITE", FACTORS),
)
SETTINGS: tuple[tuple[str, str, tuple[float, ...]], ...] = (
    ("sure of a zone", "move_at", (0.7, 0.8, 0.95)),
    ("wait for a zone, s", "zone_wait_s", (1.0, 3.0, 4.0)),
)
DOOR = (0.10, 0.11, 0.12, 0.13, 0.14, 0.16, 0.18)  # nats per dB of a beacon at a pair


@dataclass(slots=True)
class Trial:
    """One number at one value: points for each recording, by its name."""

    name: str
    value: float
    points: Mapping[str, float]
    default: bool = False


def main() -> int:
    """Tries every number and writes the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy_support")
    parser.add_argument("--recordings", type=Path, required=True, help="a folder of recordings with truth")
    parser.add_argument("--visits", type=int, default=1000, help="simulated visits per case at the door")
    asked = parser.parse_args()
    recorded = [load(path) for path in sorted(asked.recordings.glob("*.jsonl*"))]
    probes = list(_probes(recorded))
    usual = _points(probes, PresenceSettings())
    lines = [_HEAD]
    for trials in _all_trials(probes, usual):
        print(f"# {trials[0].name}", file=sys.stderr, flush=True)
        lines += [_row(kind, [_of(kind, trial) for trial in trials]) for kind in ("walking", "still")]
    lines += ["", _DOOR_HEAD, *_door_rows(asked.visits)]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    return 0


@contextmanager
def changed(modules: Sequence[ModuleType], name: str, value: float) -> Iterator[None]:
    """A number of recognition at another value for a while, wherever it is known by this name."""
    before = [getattr(module, name) for module in modules]
    try:
        for module in modules:
            setattr(module, name, value)
        yield
    finally:
        for module, old in zip(modules, before, strict=True):
            setattr(module, name, old)


def left_out(trials: Sequence[Trial]) -> float:
    """Points won over the default when each recording is played at the value that suits all the others best."""
    usual = next(t for t in trials if t.default)
    won = []
    for name in usual.points:
        best = max(trials, key=lambda t: mean(p for other, p in t.points.items() if other != name))
        won.append(best.points[name] - usual.points[name])
    return mean(won)


def difference(trial: Trial, usual: Trial) -> tuple[float, float, float]:
    """Points against the default on the same draws, with a 95 % interval by resampling recordings."""
    each = [points - usual.points[name] for name, points in trial.points.items()]
    rng = Random(len(each))
    means = sorted(mean(rng.choices(each, k=len(each))) for _ in range(RESAMPLES))
    return mean(each), means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES)]


def _probes(recorded: Sequence[Recorded]) -> Iterator[tuple[str, Recorded]]:
    for name, draws in PROBES.items():
        for head, rows in variants(recorded, name, draws):
            until = rows[0].t + (STILL_S if head.kind == "still" else float("inf"))
            yield f"{head.kind}/{head.recording}", (head, [row for row in rows if row.t < until])


def _points(probes: Sequence[tuple[str, Recorded]], settings: PresenceSettings) -> dict[str, float]:
    """Of each recording: % of the time in the right zone over all its changes, less what false changes cost."""
    tallied: dict[str, list[float]] = {}
    for name, (head, rows) in probes:
        right, whole, cost = tallied.setdefault(name, [0.0, 0.0, 0.0])
        for tally in score(head, rows, settings):
            right, whole = right + tally.right_s, whole + tally.zone_s
            cost += FALSE_COST * 3600.0 * tally.false_moves if head.kind == "still" else 0.0
        tallied[name] = [right, whole, cost]
    return {name: (100.0 * right - cost) / whole for name, (right, whole, cost) in tallied.items() if whole}


def _all_trials(probes: Sequence[tuple[str, Recorded]], usual: Mapping[str, float]) -> Iterator[list[Trial]]:
    default = PresenceSettings()
    for name, modules, constant, factors in NUMBERS:
        now = getattr(modules[0], constant)
        trials = [Trial(name, now, usual, True)]
        for factor in factors:
            with changed(modules, constant, now * factor):
                trials.append(Trial(name, now * factor, _points(probes, default)))
        yield sorted(trials, key=lambda t: t.value)
    for name, setting, values in SETTINGS:
        trials = [Trial(name, getattr(default, setting), usual, True)]
        trials += [Trial(name, v, _points(probes, replace(default, **{setting: v}))) for v in values]
        yield sorted(trials, key=lambda t: t.value)


def _of(kind: str, trial: Trial) -> Trial:
    return replace(trial, points={name: p for name, p in trial.points.items() if name.startswith(f"{kind}/")})


def _row(kind: str, trials: Sequence[Trial]) -> str:
    usual = next(t for t in trials if t.default)
    cells = []
    for trial in trials:
        if trial is usual:
            cells.append(f"**{trial.value:.3g}**")
            continue
        middle, low, high = difference(trial, usual)
        sure = " worse" if high < 0.0 else " better" if low > 0.0 else ""
        cells.append(f"{trial.value:.3g}: {middle:+.1f} ({low:+.1f} to {high:+.1f}){sure}")
    second = set(sorted(usual.points)[1::2])
    best = max(trials, key=lambda t: mean(p for name, p in t.points.items() if name not in second))
    half = mean(best.points[name] - usual.points[name] for name in second)
    return f"| {usual.name} | {kind} | {'; '.join(cells)} | {left_out(trials):+.1f} | {half:+.1f} |"


def _door_rows(visits: int) -> list[str]:
    """The same simulated visits at each value."""
    cases = [(s.name, *simulated(s, SEED)) for s in scenarios(visits) if s.name.startswith("door-beacon")]
    lines = []
    for value in DOOR:
        with changed([door_side], "NATS_PER_DB", value):
            report = Report([replace(t, kind=name) for name, head, rows in cases for t in score(head, rows)])
        of = {(kind, m.name): str(m) for kind in report.kinds() for m in report.measure(kind)}
        cells = [
            of["door-beacon-outside", "false arrivals of who stays outside"],
            *(of["door-beacon-enter", f"entry to arrival, {p}"] for p in ("p50", "p95")),
            of["door-beacon-enter", "missed arrivals"],
        ]
        now = f"**{value:g}**" if value == door_side.NATS_PER_DB else f"{value:g}"
        lines.append(f"| {now} | " + " | ".join(cells) + " |")
    return lines


_HEAD = """# Which numbers do the recordings support?

Made by `python -m benchmarks.accuracy_support --recordings DIR`. Points are % of the time in the right zone over eleven
kinds of change to each recording (`accuracy_variants.py`), less a twentieth of a point for each false change an hour of
those who stay. Bold is what is delivered; beside the others stands what they win or lose on the same draws, with a 95 %
interval by resampling recordings. *One left out*: what is won when each recording is played at the value that suits the
others best; *half left out*: when one half chooses for the other. Where neither is above nought, choosing fits noise.

| number | recordings | value: points against the default | one left out | half left out |
|---|---|---|---|---|"""

_DOOR_HEAD = """## Nats per dB of a beacon at a door, the same visits for each

| value | false arrivals | entry to arrival p50 | p95 | missed |
|---|---|---|---|---|"""

if __name__ == "__main__":
    sys.exit(main())

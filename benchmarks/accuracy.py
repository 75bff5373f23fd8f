"""``python -m benchmarks.accuracy``: recognition on recordings and on simulated venues, with intervals.

Writes a table and curves, and ends with 1 where a simple rule beats ours. ``--contest`` does nothing but compare with
the rules. ``--short`` compares a few simulated visits with the intervals of the last full run instead and ends with 1
when a number has left its interval.
"""

from __future__ import annotations

import argparse
import json
import sys
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from math import nan
from pathlib import Path
from random import Random

from benchmarks import accuracy_beside, accuracy_contest
from benchmarks.accuracy_learning import named
from benchmarks.accuracy_plot import Panel, Series, draw
from benchmarks.accuracy_sets import recorded_sets, simulated_sets
from benchmarks.accuracy_variants import CHANGES, variants
from gateway.recognition.recording import Head, Read, Row, load
from gateway.recognition.score import Measured, Report, score
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.simulator import checks
from gateway.recognition.simulator.measures import Check
from gateway.recognition.simulator.scenario import read_scenario
from gateway.recognition.simulator.simulate import record
from gateway.recognition.simulator.venue import Scenario
from gateway.recognition.tally import Tally

HERE = Path(__file__).parent
SCENARIOS = HERE / "accuracy_scenarios"
BASELINE = HERE / "accuracy.json"
PAGE = HERE / "accuracy.md"
SEED = 20_261_122
VISITS_AT_A_TIME = 125
SHORT_VISITS = 40
USUAL_VISITS = 200
LEAST_VISITS = 10
CONTEST_VISITS = 60
CONTEST_READS = 100_000
PROBED_VISITS = 8
LOSSES = (0.0, 0.7)
DRAWS = 3  # of the reads that are lost

Recorded = tuple[Head, Sequence[Row]]


def main() -> int:
    """Runs what was asked for; 1 when a check value or a number is out of its interval."""
    asked = _arguments()
    if asked.short:
        return _short()
    if asked.contest:
        played = _contest(asked)
        print(accuracy_contest.section(played))
        return _told(played)
    sections, plots, bad = [], [], False
    recorded = [load(path) for path in sorted(asked.recordings.glob("*.jsonl*"))] if asked.recordings else []
    if recorded:
        sections.append(_recorded_section(recorded) + _places_section(asked.recordings))
        found = accuracy_beside.standings(recorded, list(_thinned(recorded, LOSSES[-1])))
        sections.append(accuracy_beside.section(found))
        plots += accuracy_beside.panels(found)
        sections.append(_elsewhere_section(recorded))
    baseline = {scenario.name: _short_interval(scenario) for scenario in scenarios(SHORT_VISITS)}
    for scenario in scenarios(asked.visits):
        print(f"# {scenario.name}", file=sys.stderr, flush=True)
        report, values = _case(scenario)
        bad |= not all(check.good for check in values)
        sections.append(
            _section(scenario.name, f"{len(report.tallies)} simulated visits", report.measure()) + _checks(values)
        )
    played = _contest(asked)
    sections.append(accuracy_contest.section(played))
    plots.append(_door_curve(asked.visits))
    draw(HERE / "accuracy.svg", plots)
    PAGE.write_text(_PREFACE + "\n".join(sections), encoding="utf-8")
    BASELINE.write_text(json.dumps(baseline, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    return int(bad) | _told(played)


def _contest(asked: argparse.Namespace) -> list[accuracy_contest.Played]:
    """Ours and every rule on every set of the recordings and of the simulated cases."""
    cases = {s.name: s for s in scenarios(min(asked.visits, CONTEST_VISITS))}
    recorded = recorded_sets(asked.recordings) if asked.recordings else []
    made = simulated_sets(list(cases), lambda name: _affordable(cases[name]), asked.sets)
    wanted = asked.sets or [""]
    sets = (each for each in chain(recorded, made) if any(name in each.name for name in wanted))
    taught = named(asked.taught) if asked.taught else None
    found = []
    for played in accuracy_contest.contest(sets, taught, tune=not asked.contest):
        print(f"# {played.of.name}: {len(played.entries)} trials", file=sys.stderr, flush=True)
        found.append(played)
    return found


def _affordable(scenario: Scenario) -> Recorded:
    """As many visits of a case as the rules, which are many, can be played on in a minute or two."""
    visits = sum(group.count for group in scenario.groups)
    head, rows = simulated(scaled(scenario, PROBED_VISITS), SEED)
    each = max(1.0, sum(isinstance(row, Read) for row in rows) / len(head.customers))
    return simulated(scaled(scenario, max(PROBED_VISITS, min(visits, CONTEST_READS / each))), SEED)


def _told(played: Sequence[accuracy_contest.Played]) -> int:
    """1 where a rule beats ours; says which, where and by how much."""
    worse = accuracy_contest.complaints(played)
    for line in worse:
        print(line, file=sys.stderr)
    return int(bool(worse))


def scenarios(visits: int) -> Iterator[Scenario]:
    """Every case, its groups scaled so that they make about ``visits`` visits in all."""
    for path in sorted(SCENARIOS.glob("*.toml")):
        scenario = read_scenario(tomllib.loads(path.read_text(encoding="utf-8")))
        most = scenario.enough * (1 if visits > SHORT_VISITS else SHORT_VISITS / USUAL_VISITS)
        yield scaled(scenario, min(visits, max(most, LEAST_VISITS)) if scenario.enough else visits)


def scaled(scenario: Scenario, visits: float) -> Scenario:
    """The same case with about so many people; parties stay whole."""
    share = visits / sum(group.count for group in scenario.groups)
    groups = (replace(g, count=max(1, round(g.count * share / g.party)) * g.party) for g in scenario.groups)
    return replace(scenario, groups=tuple(groups))


def simulated(scenario: Scenario, seed: int) -> Recorded:
    """A whole recording of a case."""
    head, rows = record(scenario, seed)
    return head, list(rows)


def _recorded_section(recorded: Sequence[Recorded]) -> str:
    """Real radio, whole and with seven of ten packets lost."""
    parts = []
    for loss in LOSSES:
        report = Report([t for head, rows in _thinned(recorded, loss) for t in score(head, rows)])
        lost = f", {loss:.0%} of the reads lost, {DRAWS} draws" if loss else ""
        for kind in report.kinds():
            several = f"{sum(head.kind == kind for head, _ in recorded)} recordings{lost}"
            parts.append(_section(f"recordings: {kind}", several, report.measure(kind)))
    values = checks.walking_checks([(head, rows) for head, rows in recorded if head.kind == "walking"])
    still = [row for n, (head, rows) in enumerate(recorded) if head.kind == "still" for row in _named(rows, n)]
    return "\n".join(parts) + _checks(values + checks.still_checks(still))


def _places_section(folder: Path) -> str:
    """The check values of the real places themselves, in whichever folder each of them is."""
    places: dict[str, list[Recorded]] = {}
    for path in sorted(folder.rglob("*.jsonl*")):
        head, rows = load(path)
        for kind in checks.PLACES:
            if head.kind.startswith(kind):
                places.setdefault(kind, []).append((head, rows))
    return "".join(_checks(checks.PLACES[kind](recorded)) for kind, recorded in places.items())


def _named(rows: Sequence[Row], n: int) -> Iterator[Row]:
    """Reads of one recording under names of their own, so that links of different recordings are different links."""
    for row in rows:
        if isinstance(row, Read):
            yield replace(row, id=f"{row.id}/{n}")


def _elsewhere_section(recorded: Sequence[Recorded]) -> str:
    """The recordings as they might have been elsewhere: what the numbers above are worth in another venue."""
    columns = [
        ("walking", "right zone"),
        ("walking", "lag of a zone change, p50"),
        ("walking", "false changes per hour"),
    ]
    columns += [("still", "right zone"), ("still", "false changes per hour")]
    lines = [
        "\n## recordings: as they might have been elsewhere",
        "",
        "Right zone in %, lag of a zone change (p50) in s, false changes an hour; walking, then standing still.",
        "",
        "| changed how | walking, right | lag | false | still, right | false |",
        "|---|---|---|---|---|---|",
    ]
    for name in CHANGES:
        report = Report([t for head, rows in variants(recorded, name) for t in score(head, rows)])
        kinds = {kind: {m.name: m.value for m in report.measure(kind, intervals=False)} for kind in report.kinds()}
        cells = (f"{kinds.get(kind, {}).get(metric, nan):.1f}" for kind, metric in columns)
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _thinned(recorded: Sequence[Recorded], loss: float) -> Iterator[Recorded]:
    """The recordings without some of their reads, a few times over; as they are without a loss."""
    rng = Random(SEED)
    for _ in range(DRAWS if loss else 1):
        for head, rows in recorded:
            yield head, [row for row in rows if not isinstance(row, Read) or rng.random() >= loss]


def _case(scenario: Scenario) -> tuple[Report, list[Check]]:
    """All visits of a case, some at a time so that they fit into memory, and the check values of the first of them."""
    report, values = Report(), []
    parts = max(1, round(sum(group.count for group in scenario.groups) / VISITS_AT_A_TIME))
    each = scaled(scenario, sum(group.count for group in scenario.groups) / parts)
    for part in range(parts):
        head, rows = simulated(each, SEED + part)
        report.tallies += score(head, rows)
        if part == 0:
            values = checks.check_values(head, rows)
    return report, values


def _checks(values: Sequence[Check]) -> str:
    if not values:
        return ""
    lines = ["", "| check value | here | wanted | within 15 % |", "|---|---|---|---|"]
    for c in values:
        lines.append(f"| {c.name} | {c.measured:.2f} | {c.wanted} | {'yes' if c.good else '**no**'} |")
    return "\n".join(lines) + "\n"


def _section(title: str, what: str, measured: Sequence[Measured]) -> str:
    lines = [f"\n## {title}", "", f"{what}.", "", "| metric | value (95 % interval) |", "|---|---|"]
    return "\n".join(lines + [f"| {m.name} | {m} |" for m in measured]) + "\n"


def _short_interval(scenario: Scenario) -> dict[str, list[float]]:
    """What a short run of this case may measure: the same few visits again, give or take their own interval."""
    head, rows = simulated(scenario, SEED)
    return {m.name: [m.low, m.value, m.high] for m in Report(score(head, rows)).measure()}


def _short() -> int:
    """Simulates a few visits of every case and compares; prints what left its interval."""
    baseline = json.loads(BASELINE.read_text(encoding="utf-8"))
    bad = 0
    for scenario in scenarios(SHORT_VISITS):
        head, rows = simulated(scenario, SEED)
        for m in Report(score(head, rows)).measure():
            was = baseline.get(scenario.name, {}).get(m.name)
            if was is None:
                print(f"new {scenario.name}: {m.name} {m} (not in the last full run)")
                continue
            good = was[0] <= m.value <= was[2]
            bad += not good
            print(f"{'ok ' if good else 'OUT'} {scenario.name}: {m.name} {m} (was {was[0]:.2f} to {was[2]:.2f})")
    return int(bad > 0)


def _door_curve(visits: int) -> Panel:
    """Lag of an arrival against false arrivals at a pair of beacon readers."""
    wanted = {s.name: simulated(s, SEED) for s in scenarios(min(visits, 400)) if s.name.startswith("door-beacon")}
    ours = Series("ours, by how sure of an arrival")
    for sure in (0.6, 0.75, 0.9, 0.95, 0.98, 0.99):
        report = Report(_scored(list(wanted.values()), PresenceSettings(arrive_at=sure)))
        false = _value(report.measure(), "false arrivals of who stays outside")
        ours.points.append((false, _value(report.measure(), "entry to arrival, p50"), f"{sure:g}"))
    return Panel("Beacon pair at a door", "false arrivals, %", "entry to arrival p50, s", [ours], goal=(0.5, 5.0))


def _scored(recorded: Sequence[Recorded], settings: PresenceSettings) -> list[Tally]:
    return [tally for head, rows in recorded for tally in score(head, rows, settings)]


def _value(measured: Sequence[Measured], name: str) -> float:
    return next((m.value for m in measured if m.name == name), 0.0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--recordings", type=Path, help="a folder of recordings with truth, to be scored too")
    parser.add_argument("--visits", type=int, default=1000, help="simulated visits per case")
    parser.add_argument(
        "--short", action="store_true", help="a few visits of each case, compared with the last full run"
    )
    parser.add_argument("--contest", action="store_true", help="only ours beside the rules, told and not written")
    parser.add_argument(
        "--sets", nargs="+", default=[], metavar="NAME", help="of the contest, only sets with this in their names"
    )
    parser.add_argument(
        "--taught",
        metavar="MODULE:FUNCTION",
        default="benchmarks.accuracy_learning:ours",
        help="how ours learns, to be played after learning too; empty: not at all",
    )
    return parser.parse_args()


_PREFACE = """# Accuracy

Made by `python -m benchmarks.accuracy`; seeded, so that the same code makes the same page. Intervals are 95 %, by
resampling customers. The simulator's check values stand beside what was measured on real radio.

![lag against false news](accuracy.svg)
"""

if __name__ == "__main__":
    sys.exit(main())

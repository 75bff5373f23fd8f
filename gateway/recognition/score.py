"""How good is recognition on these recordings? Accuracy, lags and false news, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import isinf, nan
from pathlib import Path
from random import Random

from gateway.recognition.recording import Head, Row, load
from gateway.recognition.replay import play
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.tally import Tally, tallies

RESAMPLES = 300
INTERVAL = (0.025, 0.975)
RULE_OF_THREE = 3.0  # none in n trials: at most 3/n, 95 times in a hundred


@dataclass(frozen=True, slots=True)
class Metric:
    """One number: its name, its value over some tallies (nan: nothing to measure), and how it is written."""

    name: str
    value: Callable[[Sequence[Tally]], float]
    unit: str = ""
    of: Callable[[Sequence[Tally]], float] | None = None
    """Of rare things: of how much (hours, visits) they are counted, as ``each`` (1, or 100 for %)."""
    each: float = 1.0


@dataclass(frozen=True, slots=True)
class Measured:
    """A metric's value and its 95 % interval: by resampling customers, or what may be where nothing was counted."""

    name: str
    value: float
    low: float
    high: float
    unit: str
    of: int

    def __str__(self) -> str:
        """The value and its interval for a table."""
        return f"{_number(self.value)}{self.unit} ({_number(self.low)} to {_number(self.high)})"


@dataclass(slots=True)
class Report:
    """The scores of some recordings: all tallies, one customer each."""

    tallies: list[Tally] = field(default_factory=list)

    def measure(self, kind: str | None = None, *, intervals: bool = True) -> list[Measured]:
        """Every metric that has something to measure, over one kind or all; without intervals much sooner."""
        chosen = [t for t in self.tallies if kind in (None, t.kind)]
        resamples = RESAMPLES if intervals else 0
        return [m for metric in METRICS if (m := _measure(metric, chosen, resamples)) is not None]

    def kinds(self) -> list[str]:
        """The kinds of recordings, in the order they came."""
        return list(dict.fromkeys(t.kind for t in self.tallies))

    def recordings(self) -> list[str]:
        """The names of the recordings, in the order they came."""
        return list(dict.fromkeys(t.recording for t in self.tallies))

    def text(self) -> str:
        """Tables for a terminal: each recording on a line, then each kind with intervals."""
        lines = [_header("recording")]
        for name in self.recordings():
            tallied = [t for t in self.tallies if t.recording == name]
            lines.append(_line(name, tallied))
        for kind in self.kinds():
            lines += ["", f"{kind or 'all'}: value (95 % interval), over {len(self._of(kind))} customers"]
            lines += [f"  {m.name:<42} {m}" for m in self.measure(kind)]
        return "\n".join(lines)

    def _of(self, kind: str) -> list[Tally]:
        return [t for t in self.tallies if t.kind == kind]


def score_files(paths: Iterable[Path], settings: PresenceSettings | None = None) -> Report:
    """Replays these recordings and scores them; raises BadRecording, OSError."""
    report = Report()
    for path in paths:
        head, rows = load(path)
        report.tallies += score(head, rows, settings)
    return report


def score(head: Head, rows: Sequence[Row], settings: PresenceSettings | None = None) -> list[Tally]:
    """The tallies of one recording."""
    return tallies(head, rows, play(head, rows, settings))


def _share(top: Callable[[Tally], float], bottom: Callable[[Tally], float]) -> Callable[[Sequence[Tally]], float]:
    def value(some: Sequence[Tally]) -> float:
        below = sum(bottom(t) for t in some)
        return 100.0 * sum(top(t) for t in some) / below if below else nan

    return value


def _per_hour(top: Callable[[Tally], float]) -> Callable[[Sequence[Tally]], float]:
    def value(some: Sequence[Tally]) -> float:
        hours = _hours(some)
        return sum(top(t) for t in some) / hours if hours else nan

    return value


def _lag(of: Callable[[Tally], list[float]], p: float) -> Callable[[Sequence[Tally]], float]:
    def value(some: Sequence[Tally]) -> float:
        lags = sorted(lag for t in some for lag in of(t))
        return lags[min(len(lags) - 1, int(p * len(lags)))] if lags else nan

    return value


def _hours(some: Sequence[Tally]) -> float:
    return sum(t.zone_s for t in some) / 3600.0


def _visits(some: Sequence[Tally]) -> float:
    return sum(t.visits for t in some)


def _outside(some: Sequence[Tally]) -> float:
    return sum(t.outside for t in some)


METRICS: tuple[Metric, ...] = (
    Metric("right zone", _share(lambda t: t.right_s, lambda t: t.zone_s), " %"),
    Metric("lag of a zone change, p50", _lag(lambda t: t.move_lags, 0.5), " s"),
    Metric("lag of a zone change, p95", _lag(lambda t: t.move_lags, 0.95), " s"),
    Metric("false changes per hour", _per_hour(lambda t: t.false_moves), of=_hours),
    Metric(
        "false arrivals of who stays outside",
        _share(lambda t: min(1, t.false_arrivals * t.outside), lambda t: t.outside),
        " %",
        _outside,
        100.0,
    ),
    Metric("entry to arrival, p50", _lag(lambda t: t.arrival_lags, 0.5), " s"),
    Metric("entry to arrival, p95", _lag(lambda t: t.arrival_lags, 0.95), " s"),
    Metric("missed arrivals", _share(lambda t: t.missed, lambda t: t.visits), " %", _visits, 100.0),
    Metric("arrivals told twice", _share(lambda t: t.duplicates, lambda t: t.visits), " %", _visits, 100.0),
    Metric("false departures per hour", _per_hour(lambda t: t.false_departures), of=_hours),
    Metric("departure noticed, p50", _lag(lambda t: t.departure_lags + t.exit_lags, 0.5), " s"),
    Metric("departure noticed by silence, p50", _lag(lambda t: t.departure_lags, 0.5), " s"),
    Metric("departure noticed by silence, p95", _lag(lambda t: t.departure_lags, 0.95), " s"),
    Metric("departure noticed by an exit, p95", _lag(lambda t: t.exit_lags, 0.95), " s"),
)


def _measure(metric: Metric, some: Sequence[Tally], resamples: int) -> Measured | None:
    value = metric.value(some)
    if value != value:
        return None
    rng = Random(len(some))
    draws = (metric.value(rng.choices(some, k=len(some))) for _ in range(resamples))
    values = sorted(v for v in draws if v == v) or [value]
    low, high = (values[int(p * (len(values) - 1))] for p in INTERVAL)
    if value == 0.0 and metric.of is not None:
        most = RULE_OF_THREE * metric.each / metric.of(some)
        high = max(high, min(most, 100.0) if metric.each > 1.0 else most)
    return Measured(metric.name, value, low, high, metric.unit, len(some))


_COLUMNS = ("right zone", "lag of a zone change, p50", "false changes per hour", "entry to arrival, p50")


def _header(first: str) -> str:
    return f"{first:<32}" + "".join(f"{name:>27}" for name in _COLUMNS)


def _line(name: str, some: Sequence[Tally]) -> str:
    values = {m.name: (m.value(some), m.unit) for m in METRICS}
    cells = ("-" if values[c][0] != values[c][0] else _number(values[c][0]) + values[c][1] for c in _COLUMNS)
    return f"{name:<32}" + "".join(f"{cell:>27}" for cell in cells)


def _number(value: float) -> str:
    if isinf(value):
        return "never"
    return f"{value:.2f}" if abs(value) < 10.0 else f"{value:.1f}"

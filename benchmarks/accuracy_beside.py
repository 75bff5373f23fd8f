"""Ours beside the rules in common use: the same recordings, the same scorer, every setting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf

from benchmarks.accuracy_plot import Panel, Series
from benchmarks.accuracy_rules import Rule, play_rule, rules
from gateway.recognition.recording import Head, Row
from gateway.recognition.replay import Event, play
from gateway.recognition.score import Report
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.tally import tallies

SURE = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98)
LABELLED = ("0.5", "0.98")
DEFAULT = PresenceSettings().move_at

Recorded = tuple[Head, Sequence[Row]]
Player = Callable[[Head, Sequence[Row]], Iterable[Event]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one rule at one setting does: the five goals of a room, walking and standing still."""

    family: str
    setting: str
    walking: float  # % of the time in the right zone
    lag: float  # s, median, of a zone change
    still: float
    false: float  # changes an hour, standing still
    false_thin: float  # the same with most of the reads lost

    def beats(self, other: Standing) -> list[str]:
        """The names of what this one does better."""
        better = {
            "walking": self.walking > other.walking,
            "lag": self.lag < other.lag,
            "still": self.still > other.still,
            "false changes": self.false < other.false,
            "false changes, reads lost": self.false_thin < other.false_thin,
        }
        return [name for name, is_better in better.items() if is_better]


def standings(recorded: Sequence[Recorded], thin: Sequence[Recorded]) -> list[Standing]:
    """Ours at every degree of certainty, then every rule at every setting; ``thin`` has lost most of its reads."""
    players: list[tuple[str, str, Player]] = [("ours", f"{sure:g}", _ours(sure)) for sure in SURE]
    players += [(rule.family, rule.setting, _theirs(rule)) for rule in rules()]
    return [_standing(family, setting, player, recorded, thin) for family, setting, player in players]


def section(found: Sequence[Standing]) -> str:
    """A table of all of them, and what any rule does better than ours."""
    ours = next(s for s in found if s.family == "ours" and s.setting == f"{DEFAULT:g}")
    lines = [
        "\n## Beside the rules in common use",
        "",
        "On the recordings, by the same scorer. The rules have the advantage that nobody they follow is ever lost.",
        "The last column says what a rule at this setting does better than ours as delivered (bold).",
        "",
        "| rule | setting | walking, right | lag p50 | still, right | false changes/h | 70 % lost | better than ours |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for s in found:
        cells = [
            s.family, s.setting, f"{s.walking:.1f} %", f"{s.lag:.1f} s" if s.lag < inf else "never", f"{s.still:.1f} %",
            f"{s.false:.1f}", f"{s.false_thin:.1f}", "" if s.family == "ours" else ", ".join(s.beats(ours)),
        ]  # fmt: skip
        lines.append("| " + " | ".join(f"**{cell}**" if s is ours and cell else cell for cell in cells) + " |")
    others = [s for s in found if s.family != "ours"]
    most = max((len(s.beats(ours)) for s in others), default=0)
    lines += ["", f"Of the five, no rule at any setting does more than {most} better than ours."]
    return "\n".join(lines) + "\n"


def panels(found: Sequence[Standing]) -> list[Panel]:
    """Lag against false changes, and right while walking against false changes: each rule a curve over its settings."""
    false = "false changes per hour standing still (logarithmic)"
    lag = Panel("Lag against false changes", false, "lag of a zone change p50, s", goal=(0.5, 3.0), log=True)
    right = Panel("Walking against standing still", false, "right zone while walking, %", [], (0.5, 88.0), True, True)
    values: list[tuple[Panel, Callable[[Standing], float]]] = [(lag, lambda s: s.lag), (right, lambda s: s.walking)]
    for panel, value in values:
        panel.series = []
        for family in dict.fromkeys(s.family for s in found):
            points = [
                (s.false, value(s), s.setting if s.setting in LABELLED and s.family == "ours" else "")
                for s in found
                if s.family == family
            ]
            panel.series.append(Series(family, points))
    return [lag, right]


def _ours(sure: float) -> Player:
    return lambda head, rows: play(head, rows, PresenceSettings(move_at=sure))


def _theirs(rule: Rule) -> Player:
    return lambda head, rows: play_rule(rule, head, rows)


def _standing(
    family: str, setting: str, player: Player, recorded: Sequence[Recorded], thin: Sequence[Recorded]
) -> Standing:
    whole = _values(player, recorded)
    lost = _values(player, [(head, rows) for head, rows in thin if head.kind == "still"])
    return Standing(
        family,
        setting,
        whole["walking", "right zone"],
        whole["walking", "lag of a zone change, p50"],
        whole["still", "right zone"],
        whole["still", "false changes per hour"],
        lost["still", "false changes per hour"],
    )


def _values(player: Player, recorded: Iterable[Recorded]) -> dict[tuple[str, str], float]:
    report = Report([tally for head, rows in recorded for tally in tallies(head, rows, player(head, rows))])
    return {(kind, m.name): m.value for kind in report.kinds() for m in report.measure(kind, intervals=False)}

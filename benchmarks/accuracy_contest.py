"""Is ours never worse than a simple rule? Every rule at every setting beside ours, on every set, by the same scorer.

A rule beats ours where it is better in both coordinates of the question by more than the interval, or the very same in
one and better in the other by more than the interval. What is tuned is also told as it does at a place that had no say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isinf, isnan, nan
from random import Random
from statistics import mean

from benchmarks.accuracy_doors import arrival_rules, departure_rules
from benchmarks.accuracy_learning import Taught, after_learning
from benchmarks.accuracy_rules import Rule, play_rule, rules
from benchmarks.accuracy_sets import Question, Set, Unit, minutes
from gateway.recognition.recording import Head, Row
from gateway.recognition.replay import Event, play
from gateway.recognition.settings import PresenceSettings
from gateway.recognition.tally import Tally, tallies

RESAMPLES = 200
FEWEST = 5  # customers, or minutes in rooms: fewer have no interval
TOLD_WITHIN_S = 60.0
OURS = "ours"
LEARNED = "ours, after learning"

Value = Callable[[Sequence[Tally]], float]
Player = Callable[[Head, Sequence[Row]], Iterable[Event]]
Plays = tuple[Head, Sequence[Row], Sequence[Event]]


@dataclass(frozen=True, slots=True)
class Coordinate:
    """One thing to be good at: its name and unit, its value over some customers, and whether more is better."""

    name: str
    unit: str
    value: Value
    more_is_better: bool = False
    same_counts: bool = True
    """Does it tell something to be the same here? The shortest silence tells no false departure in a few hours in which
    nobody paused; that it is noticed sooner is no merit yet."""

    def better_by(self, one: float, other: float) -> float:
        """How much better ``one`` is than ``other``; negative where it is worse."""
        if one == other or isnan(one) or isnan(other):
            return 0.0
        return one - other if self.more_is_better else other - one

    def text(self, value: float) -> str:
        """The value for a table."""
        return "never" if isinf(value) else "-" if isnan(value) else f"{value:.1f}{self.unit}"


def _share(top: Value, bottom: Value) -> Value:
    return lambda some: 100.0 * top(some) / below if (below := bottom(some)) else nan


def _hourly(top: Value) -> Value:
    return lambda some: 3600.0 * top(some) / below if (below := sum(t.zone_s for t in some)) else nan


def _noticed(some: Sequence[Tally]) -> float:
    lags = sorted(lag for t in some for lag in t.departure_lags + t.exit_lags)
    return lags[len(lags) // 2] if lags else nan


COORDINATES: Mapping[Question, tuple[Coordinate, Coordinate]] = {
    "rooms": (
        Coordinate(
            "right", " %", _share(lambda s: sum(t.right_s for t in s), lambda s: sum(t.zone_s for t in s)), True,
        ),
        Coordinate("false changes", "/h", _hourly(lambda s: sum(t.false_moves for t in s))),
    ),
    "door": (
        Coordinate(
            "told within 60 s", " %",
            _share(
                lambda s: sum(lag <= TOLD_WITHIN_S for t in s for lag in t.arrival_lags),
                lambda s: sum(t.visits for t in s),
            ),
            True,
        ),
        Coordinate(
            "outsiders told inside", " %",
            _share(lambda s: sum(t.outside and t.false_arrivals > 0 for t in s), lambda s: sum(t.outside for t in s)),
        ),
    ),
    "departures": (
        Coordinate(
            "false departures", "/h", _hourly(lambda s: sum(t.false_departures for t in s)), same_counts=False,
        ),
        Coordinate("noticed after, p50", " s", _noticed),
    ),
}  # fmt: skip


@dataclass(slots=True)
class Entry:
    """One rule at one setting on one set: its two coordinates, and how it played."""

    family: str
    setting: str
    at: tuple[float, float]
    customers: int
    play: Callable[[], Iterable[Plays]]
    _units: dict[Unit, Tally] = field(default_factory=dict)

    def units(self, question: Question) -> dict[Unit, Tally]:
        """What an interval resamples: everybody's minutes in rooms, and elsewhere everybody."""
        if not self._units:
            for head, rows, said in self.play():
                if question == "rooms":
                    self._units |= minutes(head, rows, said)
                else:
                    self._units |= {(t.recording, t.customer, 0): t for t in tallies(head, rows, said)}
        return self._units


@dataclass(slots=True)
class Played:
    """A set with everybody who played it, ours first."""

    of: Set
    entries: list[Entry]
    beaten_by: list[Entry] = field(default_factory=list)
    """Those that beat ours as delivered."""
    beaten_after: list[Entry] = field(default_factory=list)
    """Those that beat ours after learning."""

    @property
    def coordinates(self) -> tuple[Coordinate, Coordinate]:
        """What counts here."""
        return COORDINATES[self.of.question]


def contest(sets: Iterable[Set], taught: Taught | None = None, *, tune: bool = False) -> Iterator[Played]:
    """Every set, played by ours (as delivered, and after learning if it can learn) and by every rule.

    ``tune``: ours at other settings too, which compete with nobody: what would choosing one of them be worth?
    """
    for each in sets:
        played = Played(each, [entry(OURS, "as delivered", each, play)])
        if taught is not None and each.question != "departures":
            played.entries.append(_entry(LEARNED, "", each.question, _after(each, taught)))
        ours = list(played.entries)
        played.entries += [entry(family, setting, each, player) for family, setting, player in players(each.question)]
        theirs = played.entries[len(ours) :]
        played.beaten_by = [rule for rule in theirs if beats(each.question, rule, ours[0])]
        played.beaten_after = [rule for rule in theirs for our in ours[1:] if beats(each.question, rule, our)]
        played.entries += tuned(each) if tune else []
        yield played


def players(question: Question) -> Iterator[tuple[str, str, Player]]:
    """Every rule that answers a question, at every setting."""
    if question == "rooms":
        yield from ((rule.family, rule.setting, _room_player(rule)) for rule in rules())
    else:
        found = arrival_rules() if question == "door" else departure_rules()
        yield from ((rule.family, rule.setting, rule.play) for rule in found)


def _room_player(rule: Rule) -> Player:
    return lambda head, rows: play_rule(rule, head, rows)


def entry(family: str, setting: str, of: Set, player: Player) -> Entry:
    """One player on one set."""
    return _entry(family, setting, of.question, lambda: _plays((head, rows, player) for head, rows in of.recorded))


def _entry(family: str, setting: str, question: Question, play: Callable[[], Iterable[Plays]]) -> Entry:
    found = [t for plays in play() for t in tallies(*plays)]
    first, second = COORDINATES[question]
    return Entry(family, setting, (first.value(found), second.value(found)), len(found), play)


def _after(of: Set, taught: Taught) -> Callable[[], Iterable[Plays]]:
    lessons = list(after_learning(of, taught))
    return lambda: _plays(lessons)


def _plays(those: Iterable[tuple[Head, Sequence[Row], Player]]) -> Iterator[Plays]:
    """What a player says of each recording, in the order of time: rules tell of one customer after another."""
    for head, rows, player in those:
        yield head, rows, sorted(player(head, rows), key=lambda event: event.t)


def beats(question: Question, rule: Entry, ours: Entry) -> bool:
    """Better in both by more than the interval, or the very same in one and better so in the other."""
    coordinates = COORDINATES[question]
    leads = [c.better_by(theirs, our) for c, theirs, our in zip(coordinates, rule.at, ours.at, strict=True)]
    if min(leads) < 0.0 or max(leads) == 0.0:
        return False
    if any(lead == 0.0 and not c.same_counts for c, lead in zip(coordinates, leads, strict=True)):
        return False
    theirs, mine = rule.units(question), ours.units(question)
    pairs = [(tally, mine[unit]) for unit, tally in theirs.items() if unit in mine]
    return len(pairs) >= FEWEST and all(
        lead == 0.0 or _surely(coordinate, pairs) for coordinate, lead in zip(coordinates, leads, strict=True)
    )


def _surely(coordinate: Coordinate, pairs: Sequence[tuple[Tally, Tally]]) -> bool:
    """Is the first better in all but a fortieth of the draws of the same units for both?"""
    rng = Random(len(pairs))
    draws = (rng.choices(pairs, k=len(pairs)) for _ in range(RESAMPLES))
    leads = [
        coordinate.better_by(coordinate.value([a for a, _ in d]), coordinate.value([b for _, b in d])) for d in draws
    ]
    return sum(lead <= 0.0 for lead in leads) <= 0.025 * RESAMPLES


def complaints(played: Iterable[Played]) -> list[str]:
    """One line for each way in which a rule beats ours on a set: the rule, the set and the numbers.

    Of many such rules on one set the ones that no other rule is better than.
    """
    lines = []
    for each in played:
        best = {id(one) for one in front(each)}
        for family, beaten in ((OURS, each.beaten_by), (LEARNED, each.beaten_after)):
            ours = next((e for e in each.entries if e.family == family), None)
            named = [rule for rule in beaten if id(rule) in best] or beaten[:1]
            if ours is None:
                continue
            for rule in named:
                numbers = "; ".join(
                    f"{c.name} {c.text(theirs)}, {family} {c.text(our)}"
                    for c, theirs, our in zip(each.coordinates, rule.at, ours.at, strict=True)
                )
                lines.append(f"{each.of.name}: {rule.family} ({rule.setting or 'as it is'}) is better: {numbers}")
    return lines


def section(found: Sequence[Played]) -> str:
    """A table of each set: ours, and of the rules those that no other rule is better than."""
    parts = [
        "\n## Never worse than a simple rule",
        "",
        f"{len(found)} sets, each played by every rule at every setting. Shown are ours and the rules that no other",
        "rule is better than there. **Bold** beats ours by more than the interval.",
    ]
    for each in found:
        first, second = each.coordinates
        parts += [
            "", f"### {each.of.name}", "",
            f"{each.entries[0].customers} customers.", "",
            f"| rule | setting | {first.name} | {second.name} |", "|---|---|---|---|",
        ]  # fmt: skip
        beaten = [id(rule) for rule in each.beaten_by + each.beaten_after]
        for one in [e for e in each.entries if e.family in (OURS, LEARNED)] + front(each):
            cells = [one.family, one.setting, first.text(one.at[0]), second.text(one.at[1])]
            parts.append("| " + " | ".join(f"**{c}**" if id(one) in beaten and c else c for c in cells) + " |")
    worse = complaints(found)
    parts += ["", *(f"- {line}" for line in worse)] if worse else ["", "No rule beats ours on any set."]
    return "\n".join([*parts, "", *_left_out_section(found)]) + "\n"


def front(each: Played) -> list[Entry]:
    """The rules that no other rule is better than in one coordinate and as good in the other; each point once."""
    theirs = {e.at: e for e in reversed(each.entries) if not e.family.startswith(OURS)}
    first, second = each.coordinates
    return [
        one
        for at, one in sorted(theirs.items(), key=lambda item: item[0])
        if not any(min(first.better_by(o[0], at[0]), second.better_by(o[1], at[1])) >= 0.0 and o != at for o in theirs)
    ]


# --- what is tuned, at a place that had no say ------------------------------------------------------------------

TUNED: Mapping[Question, tuple[tuple[str, tuple[float, ...]], ...]] = {
    "rooms": (("move_at", (0.6, 0.8, 0.9, 0.95, 0.98)),),
    "door": (("arrive_at", (0.8, 0.9, 0.95, 0.98, 0.99)),),
    "departures": (("cap_s", (60.0, 120.0, 240.0, 600.0)),),
}
COSTS: Mapping[Question, tuple[float, float]] = {"rooms": (1.0, 0.05), "door": (1.0, 5.0), "departures": (10.0, 0.1)}
"""What one of each coordinate is held to be worth, to choose a setting by."""


def tuned(of: Set) -> list[Entry]:
    """Ours at other settings than the delivered one."""
    return [
        entry(f"{OURS}, {name}", f"{value:g}", of, _settled(replace(PresenceSettings(), **{name: value})))
        for name, values in TUNED[of.question]
        for value in values
    ]


def _settled(settings: PresenceSettings) -> Player:
    return lambda head, rows: play(head, rows, settings)


def worth(question: Question, at: tuple[float, float]) -> float:
    """One number for both coordinates; what is never noticed is as bad as an hour."""
    return sum(
        cost * c.better_by(min(value, 3600.0), 0.0)
        for c, value, cost in zip(COORDINATES[question], at, COSTS[question], strict=True)
        if not isnan(value)
    )


def left_out(found: Sequence[Played], question: Question, family: str) -> Iterator[tuple[Played, Entry]]:
    """Of each set, the setting of a family that suits the sets of all other places best, and how it does here."""
    asked = [p for p in found if p.of.question == question]
    for here in asked:
        elsewhere = [p for p in asked if p.of.place != here.of.place]
        mine = [e for e in here.entries if e.family == family]
        if not elsewhere or not mine:
            continue

        def gained(setting: str, elsewhere: Sequence[Played] = tuple(elsewhere)) -> float:
            return mean(
                worth(question, e.at)
                for p in elsewhere
                for e in p.entries
                if (e.family, e.setting) == (family, setting)
            )

        yield here, max(mine, key=lambda e: gained(e.setting))


def _left_out_section(found: Sequence[Played]) -> list[str]:
    lines = [
        "## Chosen on other places than it is scored on",
        "",
        "Each family at the setting that suits the sets of all other places best; ours as delivered for comparison.",
    ]
    for question in COORDINATES:
        families = dict.fromkeys(
            e.family for p in found if p.of.question == question for e in p.entries if e.family != LEARNED
        )
        rows = [(family, here, chosen) for family in families for here, chosen in left_out(found, question, family)]
        if not rows:
            continue
        first, second = COORDINATES[question]
        head = f"| {first.name} | {second.name} |"
        lines += ["", f"### {question}", "", f"| set | family | chosen elsewhere {head}", "|---|---|---|---|---|"]
        for family, here, chosen in sorted(rows, key=lambda row: (row[1].of.name, row[0] != OURS)):
            at = f"{first.text(chosen.at[0])} | {second.text(chosen.at[1])}"
            lines.append(f"| {here.of.name} | {family} | {chosen.setting} | {at} |")
    return lines

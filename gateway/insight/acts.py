"""The one thing to do for somebody now: the first row that holds, what is owed before everything else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date

from gateway.insight.chance import held_out
from gateway.insight.facts import Band, Stage
from gateway.insight.shares import Interval, could_be_seen, newcombe

DUTIES = frozenset({"complaint", "promise", "allergy", "wish"})
"""What we owe: never held out."""
WITHIN = 90
"""Days within which a return counts."""
FEWEST_HELD = 20


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of somebody when an act is looked for; ids of what it rests on, empty where there is none."""

    customer: str
    stage: Stage
    band: Band | None = None
    complaint: str = ""
    promise_due: str = ""
    fact: str = ""
    """A preference or occasion on file that an invitation can begin with."""
    associate_in: bool = False
    """Whether their own associate is on shift."""
    seed_untouched_days: int | None = None
    """Of a seed: days since anybody did anything for them."""
    tie_gone_quiet: str = ""
    facts_on_file: int = 0
    knowledge: str = ""
    """An invitation to learn something that suits what they asked about."""
    asked_to_be_offered: bool = False
    """Whether they asked for, or agreed to, words of sale."""


@dataclass(frozen=True, slots=True)
class Act:
    """One suggestion with its ground."""

    code: str
    ground: str
    duty: bool
    held: bool
    """Chance decided that it is not shown."""
    may_sell: bool
    """Whether words of sale may stand beside it: only where the customer asked, and nothing is owed."""


UNTOUCHED = 90  # days after which a seed has waited too long
THIN = 3  # facts below which a file is thin

_ROWS: tuple[tuple[str, Callable[[Situation], str | bool]], ...] = (
    ("complaint", lambda of: of.complaint),
    ("promise", lambda of: of.promise_due),
    ("wake", lambda of: of.stage == "dormant" and of.fact),
    ("own_associate", lambda of: of.band == "late" and of.associate_in),
    ("seed", lambda of: of.seed_untouched_days is not None and of.seed_untouched_days >= UNTOUCHED),
    ("tie_gone_quiet", lambda of: of.tie_gone_quiet),
    ("thin_file", lambda of: of.facts_on_file < THIN),
    ("knowledge", lambda of: of.knowledge),
)
ACTS = tuple(code for code, _ in _ROWS)


def next_best(of: Situation, on: date, share: float, answered: Collection[str] = ()) -> Act | None:
    """The first row that holds; ``share`` of those who are no duty is held out by chance, the same for a quarter.

    ``answered`` has the acts of this quarter to which somebody said yes or no: they are not asked again.
    """
    for code, holds in _ROWS:
        ground = holds(of)
        if ground and code not in answered:
            duty = code in DUTIES
            held = not duty and held_out(code, on, of.customer, share)
            may_sell = of.asked_to_be_offered and not duty
            return Act(code, ground if isinstance(ground, str) else "", duty, held, may_sell)
    return None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A suggestion as chance drew it, and whether they came again within 90 days, which are over."""

    act: str
    held: bool
    returned: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What an act did: returns of those shown less those held out; None where too few were held."""

    act: str
    shown: int
    shown_returned: int
    held: int
    held_returned: int
    difference: Interval | None
    could_be_seen: float | None
    """The smallest rise that so many would show four times of five."""


def effects(drawn: Iterable[Drawn]) -> list[Effect]:
    """By act, as drawn: also who was to be shown and was not counts among the shown."""
    groups: dict[str, list[Drawn]] = {}
    for each in drawn:
        groups.setdefault(each.act, []).append(each)
    return [_effect(act, of) for act, of in sorted(groups.items())]


def _effect(act: str, of: list[Drawn]) -> Effect:
    held = [each.returned for each in of if each.held]
    shown = [each.returned for each in of if not each.held]
    difference = None
    if len(held) >= FEWEST_HELD and shown:
        difference = newcombe(sum(shown), len(shown), sum(held), len(held))
    seen = could_be_seen(sum(held) / len(held), len(shown), len(held)) if held else None
    return Effect(act, len(shown), sum(shown), len(held), sum(held), difference, seen)

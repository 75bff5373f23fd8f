"""What insight is folded from: entries, visits, gatherings, ties, causes, and the rules of the house.

Money is an integer of minor units (1234 is CNY 12.34), a day a ``date`` of the venue's calendar,
a share a ``Fraction``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

Side = Literal["value", "cost"]
Lever = Literal["relational", "financial", "procedural", "none"]
Stage = Literal["target", "potential", "opportunity", "user", "repeat", "dormant", "lost", "woken"]
Band = Literal["in time", "late", "long silent", "gone quiet"]

LEVERS: tuple[Lever, ...] = ("relational", "financial", "procedural", "none")
STAGES: tuple[Stage, ...] = ("target", "potential", "opportunity", "user", "repeat", "dormant", "lost", "woken")
BANDS: tuple[Band, ...] = ("in time", "late", "long silent", "gone quiet")

WAYS: Mapping[str, Lever] = {
    "gift": "relational",
    "service_time": "relational",
    "event": "relational",
    "travel": "relational",
    "perk": "financial",
    "discount": "financial",
    "points": "financial",
    "recovery": "procedural",
    "set_up": "procedural",
    "other": "none",
}
"""How something is spent, and the switching cost that it usually raises."""

INSIGHT = "insight"
INTRODUCTIONS = "introductions"


@dataclass(frozen=True, slots=True)
class Margins:
    """What is taken for the margin of a value entry that names none, as a share of its amount."""

    low: Fraction = Fraction(1, 2)
    mid: Fraction = Fraction(3, 5)
    high: Fraction = Fraction(7, 10)


@dataclass(frozen=True, slots=True)
class Strengths:
    """How strong a tie is by its evidence, and for how many months evidence counts."""

    introduced: Fraction = Fraction(10, 100)
    gathering: Fraction = Fraction(5, 100)
    gatherings: int = 3
    """How many shared gatherings count at most."""
    family: Fraction = Fraction(20, 100)
    together: Fraction = Fraction(5, 100)
    most: Fraction = Fraction(30, 100)
    months: int = 24


@dataclass(frozen=True, slots=True)
class Silences:
    """After how many days, or times the usual gap, somebody is dormant or lost; the longer of the two counts."""

    dormant_days: int = 60
    dormant_times: int = 3
    lost_days: int = 180
    lost_times: int = 6


@dataclass(frozen=True, slots=True)
class Rules:
    """What the house has set for insight."""

    currency: str = "CNY"
    margin: Margins = Margins()
    hour: Mapping[str, Fraction] = field(
        default_factory=lambda: {"floor": Fraction(60), "crew": Fraction(60), "manager": Fraction(120)}
    )
    """What an hour of a role costs, in major units."""
    strengths: Strengths = Strengths()
    silences: Silences = Silences()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of money; a cost names a customer or a gathering, and has an amount, or minutes of a role."""

    id: str
    side: Side
    on: date
    customer: str | None = None
    gathering: str | None = None
    amount: int | None = None
    margin: int | None = None
    minutes: Fraction | None = None
    role: str | None = None
    way: str = "other"
    lever: Lever | None = None
    """Where it is not the usual one of the way."""
    budget: str = ""
    line: str = ""
    reason: str = ""
    expects: str = ""
    approver: str = ""
    result: str = ""
    reverses: str | None = None
    """The entry that it takes back; whatever else such an entry carries counts nowhere."""

    @property
    def raises(self) -> Lever:
        """Which switching cost it raises."""
        return self.lever or WAYS[self.way]


@dataclass(frozen=True, slots=True)
class Visit:
    """A day on which somebody came."""

    customer: str
    on: date
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Gathering:
    """Who attended what, on which day."""

    id: str
    on: date
    attended: frozenset[str]


@dataclass(frozen=True, slots=True)
class Bond:
    """A pair who agreed to be introduced, or who take a family package; from the beginning where ``on`` is None."""

    a: str
    b: str
    kind: Literal["introduced", "family", "together"]
    on: date | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """Somebody left, and why, as they or a person of ours told."""

    customer: str
    on: date
    cause: str
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer or an appointment, open from one day until another."""

    customer: str
    on: date
    until: date | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Seed:
    """A person's note that somebody may be worth much tomorrow, until a day."""

    customer: str
    on: date
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent under a name between two days; the last one counts no more."""

    name: str
    amount: int
    begins: date
    ends: date


@dataclass(frozen=True, slots=True)
class World:
    """All facts of a house, as known on a day: what happened on that day or later is not looked at."""

    as_of: date
    customers: Mapping[str, frozenset[str]]
    """Everybody, and the purposes that they agree to today."""
    rules: Rules = Rules()
    visits: tuple[Visit, ...] = ()
    came: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """Further days on which somebody came, as ordinals: ten million of them take less room so than as ``visits``."""
    gatherings: Mapping[str, Gathering] = field(default_factory=dict)
    bonds: tuple[Bond, ...] = ()
    entries: tuple[Entry, ...] = ()
    lost: tuple[Lost, ...] = ()
    offers: tuple[Offer, ...] = ()
    seeds: tuple[Seed, ...] = ()
    budgets: tuple[Budget, ...] = ()
    stays_by: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Of each customer how often something happened that says by what they stay (``levers.FACTS``)."""

    def agreed(self, purpose: str) -> list[str]:
        """Who agrees to this purpose, by id; nobody agrees to ``introductions`` who does not to ``insight``."""
        asked = {INSIGHT, purpose}
        return sorted(each for each, purposes in self.customers.items() if asked <= purposes)

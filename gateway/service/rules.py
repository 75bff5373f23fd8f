"""Kinds of moment beside arrival: which a venue tells, where, after how long, and to whom."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Kind = Literal[
    "moved",
    "waiting",
    "promise_due",
    "met",
    "back_after",
    "birthday",
    "leaving",
    "keys_left",
    "mute_phone",
    "verify",
    "order_flagged",
]
Addressee = Literal["holder", "owner", "zone", "manager"]

# Told even of who does not want to be disturbed: staff keep a promise or keys without going up to anybody.
WITHOUT_DISTURBING = frozenset({"promise_due", "keys_left", "mute_phone", "verify", "order_flagged"})
# Advice for when there is time: it rings nowhere, goes on to nobody else, and keeps nobody from the next customer.
ADVICE = frozenset({"mute_phone"})


@dataclass(slots=True, frozen=True)
class Rule:
    """One row: ``zones`` empty means everywhere; ``after_minutes`` of promise_due counts from when it is due."""

    kind: Kind
    to: Addressee
    after_minutes: float = 0.0
    days: int = 0
    zones: frozenset[str] = frozenset()

    def holds_in(self, zone: str) -> bool:
        """Whether it counts in this zone."""
        return not self.zones or zone in self.zones


# What holds without a row for any kind that has its own below.
_EVERYWHERE = (
    Rule("promise_due", "owner", after_minutes=-10),
    Rule("met", "holder"),
    Rule("back_after", "holder", days=90),
    Rule("birthday", "holder"),
    Rule("keys_left", "holder"),
    Rule("mute_phone", "owner"),
    Rule("verify", "manager"),
    Rule("order_flagged", "holder"),
)
USUAL: dict[str, tuple[Rule, ...]] = {
    # Shoppers look round by themselves for a while; a farewell at the door is part of the service.
    "store": (Rule("waiting", "zone", after_minutes=5), Rule("leaving", "holder", after_minutes=5)),
    # Passengers sit; the crew comes by with the round, and the farewell is at the door for everybody.
    "cabin": (Rule("back_after", "holder", days=180),),
    # A guest who nobody came to in ten minutes was overlooked.
    "lounge": (Rule("waiting", "zone", after_minutes=10), Rule("leaving", "holder", after_minutes=15)),
    # Who looks at a car for three minutes alone goes; a year between two visits is usual.
    "showroom": (
        Rule("waiting", "zone", after_minutes=3),
        Rule("back_after", "holder", days=365),
        Rule("leaving", "holder", after_minutes=5),
    ),
    # Who comes with something broken waits badly.
    "centre": (Rule("waiting", "zone", after_minutes=4),),
    # Members come every week: after a month something was the matter.
    "club": (
        Rule("waiting", "zone", after_minutes=10),
        Rule("back_after", "holder", days=30),
        Rule("leaving", "holder", after_minutes=15),
    ),
    # Nothing is sold: who sits is no failure, and nobody is accompanied to a door.
    "community": (),
}


def rules_of(venue_kind: str, rows: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules that hold: the venue's own rows, and what is usual for every kind of moment that has no row.

    ``rows`` are the tables ``[[moments]]`` with ``kind``, ``zones``, ``after_minutes``, ``days``, ``to`` and ``off``.
    """
    own = USUAL[venue_kind]
    usual = [*own, *(r for r in _EVERYWHERE if r.kind not in {o.kind for o in own})]
    rows = list(rows)
    said = {row["kind"] for row in rows}
    return (
        *(_filled(row, usual) for row in rows if not row.get("off")),
        *(rule for rule in usual if rule.kind not in said),
    )


def _filled(row: Mapping[str, Any], usual: Iterable[Rule]) -> Rule:
    """A row; what it leaves open is as usual."""
    base = next((r for r in usual if r.kind == row["kind"]), Rule(row["kind"], "holder"))
    given = {key: row[key] for key in ("after_minutes", "days", "to") if row.get(key) is not None}
    return replace(base, zones=frozenset(row.get("zones") or ()), **given)


def in_words(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """The rows as a screen shows them."""
    return [
        {"kind": r.kind, "zones": sorted(r.zones), "after_minutes": r.after_minutes, "days": r.days, "to": r.to}
        for r in rules
    ]

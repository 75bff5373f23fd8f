"""A day in numbers, folded from what happened: nothing here is counted twice or kept beside the journal."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

UP_TO_S = (5, 8, 15, 30, 60, 120, 300)  # seconds; 8 and 15 are when a card goes on to the next and to the manager
# What of the journal a day is folded from.
TYPES = (
    "alert.opened", "alert.claimed", "alert.closed", "alert.rated", "preference.recorded", "preference.served",
    "ask.opened", "visit.reviewed",
)  # fmt: skip
Numbers = dict[str, Any]


class Event(Protocol):
    """What is needed of an event of the journal; ``time`` in seconds since 1970 UTC."""

    @property
    def type(self) -> str: ...
    @property
    def time(self) -> float: ...
    @property
    def actor(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


@dataclass(slots=True)
class _Card:
    """An arrival's card from opening to end."""

    zone: str | None
    opened_at: float
    claimed_at: float | None = None
    by: str | None = None
    missed: bool = False

    @property
    def took(self) -> float | None:
        """Seconds from the card to the claim."""
        return None if self.claimed_at is None else max(0.0, self.claimed_at - self.opened_at)


@dataclass(slots=True)
class Day:
    """Takes a day's events in order, and says what they came to."""

    hour_of: Callable[[float], int]
    _cards: dict[str, _Card] = field(default_factory=dict)
    _rated: dict[str, bool] = field(default_factory=dict)
    _reviews: dict[str, tuple[int, str | None]] = field(default_factory=dict)
    _counts: Counter[str] = field(default_factory=Counter)

    def take(self, event: Event) -> None:
        """One event; of an erased customer nothing is left but that it happened, which counts nothing."""
        data = event.data
        match event.type:
            case "alert.opened" if data.get("kind") == "arrival":
                self._cards.setdefault(str(data["alert"]), _Card(_zone(data), event.time))
            case "alert.claimed":
                self._claimed(data, event)
            case "alert.closed":
                self._closed(data, event)
            case "alert.rated" if data.get("rated") is not None:
                self._rated[str(data["alert"])] = bool(data["rated"])
            case "visit.reviewed" if data:
                self._reviews[str(data["visit"])] = (int(data["satisfaction"]), data.get("about"))
            case "ask.opened" if data.get("count", 1) > 1:
                self._counts["asked_again"] += 1
            case "preference.recorded" | "preference.served":
                self._counts[event.type] += 1

    def _claimed(self, data: Mapping[str, Any], event: Event) -> None:
        card = self._cards.get(str(data.get("alert")))
        if card is not None and card.claimed_at is None:  # a hand-over later is another person's, not a later greeting
            card.claimed_at, card.by = event.time, event.actor

    def _closed(self, data: Mapping[str, Any], event: Event) -> None:
        card = self._cards.get(str(data.get("alert")))
        if card is None or card.claimed_at is not None:
            return
        if data.get("outcome") == "greeted" and data.get("by"):
            card.claimed_at, card.by = event.time, str(data["by"])
        card.missed = data.get("outcome") in ("left", "not_found")

    def numbers(self) -> Numbers:
        """The day; durations in seconds, medians None where there is nothing to take one of."""
        cards = list(self._cards.values())
        times = [c.took for c in cards if c.took is not None]
        return {
            "greeted": {
                "count": len(times), "p50_s": percentile(times, 50), "p90_s": percentile(times, 90),
                "histogram": histogram(times),
            },
            "claimed": len(times),
            "missed": sum(c.missed for c in cards),
            "by_zone": self._by("zone", cards, lambda c: c.zone),
            "by_hour": [
                {k: v for k, v in row.items() if k != "p50_s"}
                for row in self._by("hour", cards, lambda c: self.hour_of(c.opened_at))
            ],
            "by_staff": [
                {"staff": row["staff"], "claimed": row["claimed"], "p50_s": row["p50_s"]}
                for row in self._by("staff", [c for c in cards if c.by], lambda c: c.by)
            ],
            "rated": {
                "useful": sum(self._rated.values()), "not_useful": len(self._rated) - sum(self._rated.values())
            },
            "preferences": {
                "recorded": self._counts["preference.recorded"], "acted_on": self._counts["preference.served"]
            },
            "asked_again": self._counts["asked_again"],
            "satisfaction": self._satisfaction(),
        }  # fmt: skip

    @staticmethod
    def _by(name: str, cards: Iterable[_Card], of: Callable[[_Card], Any]) -> list[Numbers]:
        groups: dict[Any, list[_Card]] = defaultdict(list)
        for card in cards:
            groups[of(card)].append(card)
        return [
            {
                name: key,
                "arrivals": len(group),
                "claimed": sum(c.took is not None for c in group),
                "missed": sum(c.missed for c in group),
                "p50_s": percentile([c.took for c in group if c.took is not None], 50),
            }
            for key, group in sorted(groups.items(), key=lambda item: (item[0] is None, item[0]))
        ]

    def _satisfaction(self) -> Numbers:
        given = [stars for stars, _ in self._reviews.values()]
        about = Counter(what for _, what in self._reviews.values() if what)
        return {
            "count": len(given),
            "mean": round(sum(given) / len(given), 2) if given else None,
            "about": {what: about[what] for what in ("product", "person", "place")},
        }


def _zone(data: Mapping[str, Any]) -> str | None:
    """Where a card was opened; a card from before events were whole says it itself."""
    wanted = data.get("wanted") or data
    return wanted.get("zone") or None


def percentile(values: Collection[float], percent: float) -> float | None:
    """The nearest-rank percentile, to a tenth; None of nothing."""
    if not values:
        return None
    rank = max(1, math.ceil(len(values) * percent / 100))
    return round(sorted(values)[rank - 1], 1)


def histogram(times: Iterable[float]) -> list[Numbers]:
    """How many took up to so many seconds, each counted once; ``upto_s`` None holds the rest."""
    bounds: list[int | None] = [*UP_TO_S, None]
    counts = Counter(next((b for b in UP_TO_S if t <= b), None) for t in times)
    return [{"upto_s": bound, "count": counts[bound]} for bound in bounds]


def owed(rows: Iterable[Mapping[str, Any]], start: float, end: float, now: float) -> Numbers:
    """What was promised and complained of, as it stood at the end of the day (or now, if that is earlier)."""
    rows, until = [row for row in rows if row["at"] < end], min(end, now)
    promises = [row for row in rows if row["kind"] == "promise"]
    complaints = [row for row in rows if row["kind"] == "complaint"]
    settled = [row for row in complaints if _within(row["closed_at"], start, end)]
    costs: Counter[str] = Counter()
    for row in settled:
        cost = row.get("recovery_cost")
        if cost:
            costs[cost["currency"]] += cost["amount"]
    kept = [row for row in promises if _within(row["closed_at"], start, end)]
    still = [row for row in promises if row["closed_at"] is None or row["closed_at"] >= end]
    in_time = [row for row in kept if row["due"] is None or row["closed_at"] <= row["due"]]
    overdue = [row for row in still if row["due"] is not None and start <= row["due"] < until]
    return {
        "promises": {"kept": len(in_time), "late": len(kept) - len(in_time) + len(overdue), "open": len(still)},
        "complaints": {
            "opened": sum(_within(row["at"], start, end) for row in complaints),
            "closed": len(settled),
            "open": sum(row["closed_at"] is None or row["closed_at"] >= end for row in complaints),
            "recovery_cost": [{"currency": c, "amount": round(amount, 2)} for c, amount in sorted(costs.items())],
        },
    }


def _within(at: float | None, start: float, end: float) -> bool:
    return at is not None and start <= at < end

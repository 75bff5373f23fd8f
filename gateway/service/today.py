"""Days in numbers, folded from what happened: every number is the length of a list, and the list can be asked for."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.service import greetings
from gateway.service.greetings import Event, Greetings, Guest

UP_TO_S = (5, 8, 15, 30, 60, 120, 300)  # seconds; 8 and 15 are when a card goes on to the next and to the manager
# What of the journal days are folded from.
TYPES = (
    *greetings.TYPES, "alert.rated", "preference.recorded", "preference.served", "ask.opened", "ask.answered",
    "order.flagged", "visit.reviewed",
)  # fmt: skip
Numbers = dict[str, Any]


@dataclass(slots=True, frozen=True)
class Line:
    """One of what a number counts; ``at`` in seconds since 1970 UTC, ``took_s`` in seconds.

    ``ended`` and ``measured`` are a guest's (see ``greetings``); ``text`` is what was promised, asked or recorded, and
    ``stars`` how a visit was, from 1 to 5; ``reason`` is why something was ordered that the guest is to avoid.
    """

    at: float
    customer: str
    visit: str | None = None
    alert: str | None = None
    zone: str | None = None
    who: str | None = None
    ended: greetings.Ended | None = None
    measured: greetings.Measured | None = None
    took_s: float | None = None
    text: str | None = None
    due: float | None = None
    stars: int | None = None
    reason: str | None = None


Lists = dict[str, list[Line]]
"""What each number counts; its key is the number's place in the report, parted by dots."""
GUESTS = (
    "arrivals",
    "greeted.count",
    "greeted.met",
    "greeted.claimed",
    "claimed",
    "late",
    "missed",
    "waiting",
    "other",
)
OTHERS = (
    "rated.useful", "rated.not_useful", "preferences.recorded", "preferences.acted_on", "asked_again",
    "orders.despite", "orders.flagged",
    "satisfaction.count", "satisfaction.about.product", "satisfaction.about.person", "satisfaction.about.place",
)  # fmt: skip
OWED = (
    "promises.due", "promises.kept", "promises.late", "promises.open",
    "complaints.opened", "complaints.closed", "complaints.open",
)  # fmt: skip
FIGURES = (*GUESTS, *OTHERS, *OWED)


@dataclass(slots=True)
class Days:
    """Takes the events of some days in order, and says what they came to.

    ``hour_of`` and ``day_of`` say the hour and the day of a time on the venue's own calendar. What happens from
    ``until`` on (seconds since 1970 UTC) tells only how those went on who came before it.
    """

    hour_of: Callable[[float], int]
    day_of: Callable[[float], str]
    until: float = float("inf")
    _greetings: Greetings = field(init=False)
    _rated: dict[str, tuple[bool, Line]] = field(default_factory=dict)
    _reviews: dict[str, tuple[int, str | None, Line]] = field(default_factory=dict)
    _despite: dict[tuple[str, int], Line] = field(default_factory=dict)
    _lists: defaultdict[str, list[Line]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self._greetings = Greetings(self.until)

    def take(self, event: Event) -> None:
        """One event; of an erased customer nothing is left but that it happened, which counts nothing."""
        self._greetings.take(event)
        data = event.data
        if not data or event.time >= self.until:
            return
        match event.type:
            case "alert.rated" if data.get("rated") is not None:
                line = _line(event, alert=str(data["alert"]), zone=greetings.zone_of(data))
                self._rated[str(data["alert"])] = (bool(data["rated"]), line)
            case "visit.reviewed":
                stars = int(data["satisfaction"])
                line = _line(event, text=data.get("note"), stars=stars)
                self._reviews[str(data["visit"])] = (stars, data.get("about"), line)
            case "ask.opened" if data.get("count", 1) > 1 and not data.get("slip"):
                self._lists["asked_again"].append(_line(event, text=data.get("question")))
            case "ask.answered" if data.get("despite"):
                # What is taken back from a tray is answered once more, and was ordered once.
                line = _line(event, text=data.get("answer"), reason=data.get("reason"))
                self._despite.setdefault((str(data["id"]), int(data["count"])), line)
            case "order.flagged" if data["because"] == "recorded":
                self._lists["orders.flagged"].append(_line(event, who=None, text=data.get("answer")))
            case "preference.recorded" if data.get("value"):  # a fact without one only takes another back
                self._lists["preferences.recorded"].append(_line(event, text=data.get("value")))
            case "preference.served":
                line = _line(event, who=data.get("served_by"), text=data.get("value"))
                self._lists["preferences.acted_on"].append(line)

    def guests(self) -> list[Guest]:
        """Everybody who came, whoever came first in front."""
        return self._greetings.guests()

    def lists(self) -> Lists:
        """What each number counts, what is owed left out; the oldest first."""
        return self._lists_of(self.guests())

    def _lists_of(self, guests: list[Guest]) -> Lists:
        late = {g.visit for g in greetings.late(guests)}
        of: dict[str, Callable[[Guest], bool]] = {
            "arrivals": lambda g: True,
            "greeted.count": lambda g: g.ended == "greeted",
            "greeted.met": lambda g: g.measured == "met",
            "greeted.claimed": lambda g: g.measured == "claimed",
            "claimed": lambda g: g.claimed,
            "late": lambda g: g.visit in late,
            "missed": lambda g: g.ended == "missed",
            "waiting": lambda g: g.ended == "waiting",
            "other": lambda g: g.ended not in ("greeted", "missed", "waiting"),
        }
        lines = {g.visit: _of_guest(g) for g in guests}
        counted = {name: [lines[g.visit] for g in guests if holds(g)] for name, holds in of.items()}
        rated = self._rated.values()
        reviews = self._reviews.values()
        return {
            **counted,
            "rated.useful": [line for useful, line in rated if useful],
            "rated.not_useful": [line for useful, line in rated if not useful],
            **{name: list(self._lists[name]) for name in OTHERS if name.startswith("preferences.")},
            "asked_again": list(self._lists["asked_again"]),
            "orders.despite": list(self._despite.values()),
            "orders.flagged": list(self._lists["orders.flagged"]),
            "satisfaction.count": [line for _, _, line in reviews],
            **{
                f"satisfaction.about.{what}": [line for _, about, line in reviews if about == what]
                for what in ("product", "person", "place")
            },
        }

    def numbers(self) -> Numbers:
        """What the days came to; durations in seconds, medians None where there is nothing to take one of."""
        guests = self.guests()
        lists = self._lists_of(guests)
        times = [g.took for g in guests if g.took is not None]
        given = [stars for stars, _, _ in self._reviews.values()]
        tree = as_tree({name: len(lines) for name, lines in lists.items()})
        tree["greeted"] |= {
            "in_time_s": int(greetings.IN_TIME_S),
            "p50_s": percentile(times, 50), "p90_s": percentile(times, 90), "histogram": histogram(guests),
        }  # fmt: skip
        tree["satisfaction"]["mean"] = round(sum(given) / len(given), 2) if given else None
        return {
            **tree,
            "by_zone": _by("zone", guests, lambda g: g.zone),
            "by_hour": _by("hour", guests, lambda g: self.hour_of(g.at)),
            "by_day": _by("day", guests, lambda g: self.day_of(g.at)),
            "by_staff": _by_staff(guests),
        }


def _by(name: str, guests: Iterable[Guest], of: Callable[[Guest], Any]) -> list[Numbers]:
    return [
        {
            name: key,
            "arrivals": len(group),
            "greeted": sum(g.ended == "greeted" for g in group),
            "claimed": sum(g.claimed for g in group),
            "late": len(greetings.late(group)),
            "missed": sum(g.ended == "missed" for g in group),
            "p50_s": percentile([g.took for g in group if g.took is not None], 50),
        }
        for key, group in _grouped(guests, of)
    ]


def _by_staff(guests: Iterable[Guest]) -> list[Numbers]:
    """Whom each greeted: the customers' waiting, and beside it the part of it that was this person's."""
    return [
        {
            "staff": staff,
            "claimed": sum(g.claimed for g in group),
            "greeted": sum(g.ended == "greeted" for g in group),
            "met": sum(g.measured == "met" for g in group),
            "p50_s": percentile([g.took for g in group if g.took is not None], 50),
            "own_p50_s": percentile([g.own for g in group if g.own is not None], 50),
        }
        for staff, group in _grouped((g for g in guests if g.who), lambda g: g.who)
    ]


def _grouped(guests: Iterable[Guest], of: Callable[[Guest], Any]) -> list[tuple[Any, list[Guest]]]:
    groups: dict[Any, list[Guest]] = defaultdict(list)
    for guest in guests:
        groups[of(guest)].append(guest)
    return sorted(groups.items(), key=lambda item: (item[0] is None, item[0]))


def _of_guest(guest: Guest) -> Line:
    return Line(
        guest.at,
        guest.customer,
        guest.visit,
        guest.alert,
        guest.zone,
        guest.who,
        guest.ended,
        guest.measured,
        guest.took,
    )


def _line(event: Event, **more: Any) -> Line:
    """What an event says, as a line; who did it where nothing else is said."""
    customer, visit = str(event.data.get("customer") or ""), event.data.get("visit")
    return Line(event.time, customer, visit, **{"who": event.actor, **more})


def as_tree(counts: Mapping[str, Any]) -> Numbers:
    """The same with each key that is parted by dots as members within members."""
    tree: Numbers = {}
    for path, value in counts.items():
        *places, last = path.split(".")
        at = tree
        for place in places:
            at = at.setdefault(place, {})
        at[last] = value
    return tree


def percentile(values: Collection[float], percent: float) -> float | None:
    """The nearest-rank percentile, to a tenth; None of nothing."""
    if not values:
        return None
    rank = max(1, math.ceil(len(values) * percent / 100))
    return round(sorted(values)[rank - 1], 1)


def histogram(guests: Iterable[Guest]) -> list[Numbers]:
    """How many took more than ``over_s`` and up to ``upto_s`` seconds, each counted once; None holds the rest."""
    found = Counter((next((b for b in UP_TO_S if g.took <= b), None), g.measured) for g in guests if g.took is not None)
    return [
        {
            "over_s": over, "upto_s": upto, "count": found[upto, "met"] + found[upto, "claimed"],
            "met": found[upto, "met"], "claimed": found[upto, "claimed"],
        }
        for over, upto in zip([0, *UP_TO_S], [*UP_TO_S, None], strict=True)
    ]  # fmt: skip


def owed(rows: Iterable[Mapping[str, Any]], start: float, end: float, now: float) -> Lists:
    """What was promised and complained of, as it stood at the end of the days (or now, if that is earlier)."""
    rows, until = [row for row in rows if row["at"] < end], min(end, now)
    promises = [row for row in rows if row["kind"] == "promise"]
    complaints = [row for row in rows if row["kind"] == "complaint"]
    kept = [row for row in promises if _within(row["closed_at"], start, end)]
    early = [row for row in promises if row["closed_at"] is not None and row["closed_at"] < start]
    still = [row for row in promises if row["closed_at"] is None or row["closed_at"] >= end]
    in_time = [row for row in kept if row["due"] is None or row["closed_at"] <= row["due"]]
    overdue = [row for row in still if row["due"] is not None and start <= row["due"] < until]
    found = {
        "promises.due": [row for row in promises if _within(row["due"], start, end) and row not in early],
        "promises.kept": in_time,
        "promises.late": [row for row in kept if row not in in_time] + overdue,
        "promises.open": still,
        "complaints.opened": [row for row in complaints if _within(row["at"], start, end)],
        "complaints.closed": [row for row in complaints if _within(row["closed_at"], start, end)],
        "complaints.open": [row for row in complaints if row["closed_at"] is None or row["closed_at"] >= end],
    }
    return {name: [_of_debt(row) for row in rows] for name, rows in found.items()}


def costs(rows: Iterable[Mapping[str, Any]], start: float, end: float) -> list[Numbers]:
    """What making good the complaints that were settled in these days came to, by currency."""
    sums: Counter[str] = Counter()
    for row in rows:
        cost = row.get("recovery_cost")
        if cost and row["kind"] == "complaint" and _within(row["closed_at"], start, end):
            sums[cost["currency"]] += cost["amount"]
    return [{"currency": currency, "amount": round(amount, 2)} for currency, amount in sorted(sums.items())]


def _of_debt(row: Mapping[str, Any]) -> Line:
    return Line(
        row["at"], row.get("customer", ""), row.get("visit"), who=row.get("owner"), text=row.get("text"),
        due=row.get("due"),
    )  # fmt: skip


def _within(at: float | None, start: float, end: float) -> bool:
    return at is not None and start <= at < end

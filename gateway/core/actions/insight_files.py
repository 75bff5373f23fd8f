"""Files about value, cost and days from elsewhere: each row is what one act would say, and comes once however often."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, get_args

from gateway.core.action import Actor
from gateway.core.actions import entries as acts
from gateway.core.actions.entries import minor, today, wrong
from gateway.core.actions.statements import INTRODUCTIONS, agrees, told
from gateway.core.gateway import Gateway
from gateway.events.event import Data, News
from gateway.events.insight import Cause, Lever, Way
from gateway.records import entries, statements
from gateway.records.entries import Entry
from gateway.records.exchange import Problem
from gateway.records.insight_sheets import Cells, Sheet
from gateway.service.alert import Refused

Row = tuple[int, Cells]
AT_ONCE = 200  # rows in one transaction: between two, doors and tablets have their turn
NOT_AGREED = "tie-not-agreed"
_LATER = frozenset({"id", "by", "at"})
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "side": ("value", "cost"), "way": get_args(Way), "lever": get_args(Lever), "role": ("floor", "crew", "manager"),
}  # fmt: skip


@dataclass(slots=True)
class Planned:
    """The events of some rows, how many rows bring something, and what is wrong with the others."""

    news: list[News] = field(default_factory=list)
    changed: int = 0
    problems: list[Problem] = field(default_factory=list)


def in_turn(rows: Sequence[Row]) -> list[Sequence[Row]]:
    """A file in parts, reversals after what they reverse."""
    sorted_ = sorted(rows, key=lambda row: bool(row[1].get("reverses")))
    return [sorted_[start : start + AT_ONCE] for start in range(0, len(sorted_), AT_ONCE)]


def plan(planning: Planning, kind: str, rows: Sequence[Row], now: float) -> Planned:
    """The events of these rows at ``now``; changes nothing."""
    done = Planned()
    planning.now = now
    read: Callable[[Cells], News | None] = getattr(planning, kind)
    for line, cells in rows:
        try:
            news = read(cells)
        except Refused as refused:
            done.problems.append(Problem(line, refused.reason))
            continue
        if news is not None:
            done.news.append(news)
            done.changed += 1
    return done


class Planning:
    """What some rows of one file come to, beside what is there and what rows before them said."""

    def __init__(self, house: Gateway, source: str, actor: Actor) -> None:
        self._house = house
        self._source = source
        self._actor = actor
        self.now = 0.0
        self._made: dict[bytes, Any] = {}
        """What rows before said, by the mark of their line."""
        self._reversed: set[str] = set()

    # --- one method for each kind of file

    def entries(self, cells: Cells) -> News | None:
        if cells["reverses"]:
            return self._reversal(cells)
        for name, choices in _CHOICES.items():
            if cells[name] and cells[name] not in choices:
                raise Refused(422, f"{name}: {cells[name]!r} is none of {', '.join(choices)}")
        row: dict[str, Any] = {name: cells.get(name) or None for name in acts.SAID}
        row |= {name: Decimal(cells[name]) if cells[name] else None for name in ("amount", "margin")}
        row["minutes"] = float(cells["minutes"]) if cells["minutes"] else None
        row |= {"id": None, "source": self._source, "touch": cells["touch"] or None}
        row["customer"] = self._known(cells["customer"]) if cells["customer"] else None
        action = acts.record(self._house, row, self._actor, self.now, told=True)
        mark = entries.mark_of(self._source, cells["reference"]) or b""
        if not action.news:
            return None
        made: Entry = dict(action.news[0].data["entry"])
        if (first := self._made.setdefault(mark, made)) is not made:
            if any(first[name] != made[name] for name in acts.SAID):
                raise Refused(422, f"reference: {cells['reference']!r} stands here twice and says two things")
            return None
        return action.news[0]

    def _reversal(self, cells: Cells) -> News | None:
        reader = self._house.store.reader
        mark = entries.mark_of(self._source, cells["reverses"]) or b""
        there = self._made.get(mark) or entries.marked(reader, mark) or entries.get(reader, cells["reverses"])
        if there is None:
            raise Refused(422, f"reverses: there is no entry {cells['reverses']!r}")
        if there["id"] in self._reversed or there["reversed"] is not None:
            return None
        self._reversed.add(there["id"])
        why = cells["reason"] or f"reversed by {self._source} {cells['reference']}"
        return acts.reversal(there, why, self._actor, self.now)

    def visits(self, cells: Cells) -> News | None:
        more = {"venue": cells["venue"] or None, "until": cells["until"] or None}
        return self._say("visit.imported", cells, cells["reference"], more)

    def gatherings(self, cells: Cells) -> News | None:
        reference = f"{cells['gathering']}/{self._known(cells['customer'])}"
        return self._say("gathering.attended", cells, reference, {"gathering": cells["gathering"]})

    def lost(self, cells: Cells) -> News | None:
        if cells["cause"] not in get_args(Cause):
            raise Refused(422, f"cause: {cells['cause']!r} is none of {', '.join(get_args(Cause))}")
        reference = f"{self._known(cells['customer'])}/{cells['on']}/{cells['cause']}"
        return self._say("customer.lost", cells, reference, {"cause": cells["cause"], "words": cells["words"]})

    def wallet(self, cells: Cells) -> News | None:
        digits = self._house.config.insight.digits
        low, high = (minor(name, cells[name], digits) for name in ("low", "high"))
        if not 0 <= low <= high:
            raise Refused(422, "low: expected 0 ≤ low ≤ high")
        reference = f"{self._known(cells['customer'])}/{cells['on']}"
        return self._say("wallet.stated", cells, reference, {"low": low, "high": high})

    def survey(self, cells: Cells) -> News | None:
        factors = {name: float(cells[name]) for name in cells if name[:1] == "f" and cells[name]}
        overall = float(cells["overall"]) if cells["overall"] else None
        reference = f"{self._known(cells['customer'])}/{cells['on']}"
        return self._say("survey.answered", cells, reference, {"overall": overall, "factors": factors})

    def ties(self, cells: Cells) -> News | None:
        if cells["kind"] not in ("introduced", "family"):
            raise Refused(422, f"kind: {cells['kind']!r} is none of introduced, family")
        one, other = sorted(self._known(cells[name]) for name in ("a", "b"))
        if one == other:
            raise Refused(422, "b: expected somebody else")
        if not all(agrees(self._house, each, INTRODUCTIONS, self.now) for each in (one, other)):
            raise Refused(409, "a tie needs the agreement of both to introductions", type=acts.URN + NOT_AGREED)
        self._past(cells["on"])
        mark = entries.mark_of(f"tie/{self._source}", cells["reference"]) or b""
        there = statements.ties(self._house.store.reader, "mark = ?", mark)
        said = (one, other, cells["kind"], cells["on"])
        if there or mark in self._made:
            if (there[0][1:] if there else self._made[mark]) != said:
                raise Refused(422, f"reference: {cells['reference']!r} said something else before")
            return None
        self._made[mark] = said
        data = told(
            one, cells["on"], self._actor, self.now, source=self._source, reference=cells["reference"], other=other,
            kind=cells["kind"],
        )  # fmt: skip
        return News("tie.recorded", one, data)

    # --- what they have in common

    def _say(self, type_: str, cells: Cells, reference: str, more: Data) -> News | None:
        customer = self._known(cells["customer"])
        self._past(cells["on"])
        data = told(customer, cells["on"], self._actor, self.now, source=self._source, reference=reference, **more)
        kind = statements.KINDS[type_]
        mark = entries.mark_of(f"{kind}/{self._source}", reference) or b""
        there = statements.marked(self._house.store.reader, kind, self._source, reference) or self._made.get(mark)
        if there is None:
            self._made[mark] = data
            return News(type_, customer, data)
        if any(there[name] != value for name, value in data.items() if name not in _LATER):
            raise Refused(422, f"this line said something else before ({', '.join(_differs(there, data))})")
        return None

    def _known(self, named: str) -> str:
        found = self._house.customer(self._house.names.ours(named))
        if found is None:
            raise Refused(422, f"customer: there is no customer {named!r}")
        return found.id

    def _past(self, on: str) -> None:
        if on > today(self.now):
            wrong("future-date", "on", on, f"a day until {today(self.now)}")


def _differs(there: Data, now: Data) -> list[str]:
    return [name for name, value in now.items() if name not in _LATER and there[name] != value]


def tried(house: Gateway, kind: str, sheet: Sheet, source: str, actor: Actor, now: float) -> Planned:
    """What a whole file would bring, and everything that is wrong with it, by line."""
    planning, done = Planning(house, source, actor), Planned(problems=list(sheet.problems))
    for part in in_turn(sheet.rows):
        some = plan(planning, kind, part, now)
        done.changed += some.changed
        done.problems += some.problems
        done.news += some.news
    done.problems.sort(key=lambda each: each.line)
    return done

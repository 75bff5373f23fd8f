"""What is over goes, in runs by a day's measure, by a clock that somebody vouches for, and each leaves a report.

Customers without any live consent are a class as well: they are listed for managers, and a week later erased.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from gateway.core.action import Action
from gateway.core.actions import customers, notices
from gateway.core.clock import AHEAD
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.core.vouching import Vouching
from gateway.events.event import GATEWAY, Event, News
from gateway.events.times import DAY, iso, seconds
from gateway.records import journal_rows, numbers, retention
from gateway.records.connection import SealedDatabase
from gateway.records.retention import Measure, Over, Retention
from gateway.records.sqlite_file import sqlite3
from gateway.service.alert import Refused

log = logging.getLogger(__name__)

CUSTOMERS = "customers"
WEEK = 7 * DAY  # that managers see who is to be erased
AT_ONCE = 20  # erasures in one run: each is an act of its own, and others wait for the writer
SHOWN = 14  # runs that managers see: a fortnight, where one a day has something to do
RUNS = "WHERE type = 'retention.applied' ORDER BY number DESC LIMIT ?"
MOVES = 50  # the newest moves of the clock, among which a great one is looked for


class Leaving(NamedTuple):
    """A customer without any live consent: since when, listed when (None: not yet), erased not before ``until``."""

    customer: str
    since: float
    listed: float | None
    until: float


@dataclass(frozen=True, slots=True)
class _Run:
    """What one run has found."""

    measure: Measure
    due: dict[str, Any] | None
    last: float
    leaving: list[Leaving]
    over: Over


class LettingGo:
    """One house's retention; ``synchronised`` and ``boot`` see ``Vouching``."""

    def __init__(self, house: Gateway, synchronised: Callable[[], bool | None], boot: str) -> None:
        self._house = house
        self._synchronised = synchronised
        self._boot = boot

    @cached_property
    def vouching(self) -> Vouching:
        """Who vouches for the clock, as the journal left it."""
        vouching = Vouching(self._house.memory.clock, self._synchronised, self._boot)
        moves = self._newest("clock.moved", MOVES)
        far = next((each for each in moves if abs(each.data.get("by_s", 0.0)) > AHEAD), None)
        vouching.wake(next(iter(self._newest("clock.confirmed", 1)), None), far)
        return vouching

    @property
    def _days(self) -> int:
        return self._house.config.retention.without_consent_days

    @property
    def _keep(self) -> Retention:
        rules = self._house.config.retention
        return Retention(
            presence=rules.presence_days,
            visits=rules.visits_days,
            journal=rules.journal_days,
            skeleton=rules.skeleton_days,
            receipts=rules.proof_days,
            sessions=rules.sessions_days,
            answers=rules.answers_days,
        )

    def why(self) -> str | None:
        """Why nothing is deleted now, in one sentence; None where nothing is in the way."""
        if self._house.memory.quarantined is not None:
            return "nothing is deleted while the house is in quarantine"
        return self.vouching.why()

    # --- a run ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Lets go of what may go now, lists who is to be erased, and leaves a report; nothing without a sure clock."""
        who = self.vouching.who()
        if who is None or self.why() is not None:
            return
        house, now = self._house, self._house.memory.now()
        found = await asyncio.to_thread(self._look, now)
        if found is None or self.vouching.who() is None:
            return
        if new := [each.customer for each in found.leaving if each.listed is None]:
            await house.record([News("retention.listed", house.config.venue.id, {"customers": new})], GATEWAY)
        report = {**found.over.as_data(found.measure), "deleted": await self._erase(found, now)}
        asks = report["asks"] and CUSTOMERS not in found.measure.held
        if found.due is None and not report["deleted"] and not asks and now - found.last < DAY:
            return
        data = found.due or {**self._nothing(), "kinds": self._quiet(now, found)}
        data = {**data, "kinds": [*data["kinds"], report], "clock": iso(now), "vouched_by": who}
        await house.record([News("retention.applied", house.config.venue.id, data)], GATEWAY)

    def _nothing(self) -> dict[str, Any]:
        return retention.applied(0.0, self._keep)

    def _quiet(self, now: float, found: _Run) -> list[dict[str, Any]]:
        with closing(self._house.store.open_reader()) as reader:
            return [each.as_data(found.measure) for each in retention.looked(reader, now, self._keep)]

    def _look(self, now: float) -> _Run | None:
        """What one run may take; None where it cannot be read. For a thread."""
        try:
            with closing(self._house.store.open_reader()) as reader:
                measure = _measure(reader, now)
                last = reader.conn.execute("SELECT max(time) FROM journal WHERE type = 'retention.applied'").fetchone()
                leaving = self._leaving(reader, now)
                due = retention.due(reader, now, self._keep, measure)
                return _Run(measure, due, last[0] or 0.0, leaving, self._over(reader, leaving, now))
        except sqlite3.Error as error:
            log.error("nothing is let go, since what is over cannot be read: %s", error)
            return None

    def _over(self, reader: SealedDatabase, leaving: Iterable[Leaving], now: float) -> Over:
        rows = reader.conn.execute("SELECT count(*) FROM customers").fetchone()[0]
        return Over(CUSTOMERS, f"{self._days:g} d", rows, sum(each.until <= now for each in leaving))

    def _leaving(self, reader: SealedDatabase, now: float) -> list[Leaving]:
        """Who is to be erased within a week, the first on top; who is listed now goes in a week at the earliest."""
        listed: dict[str, list[float]] = {}
        for event in journal_rows.select(reader, "WHERE type = 'retention.listed' ORDER BY number"):
            for customer in event.data.get("customers", ()):
                listed.setdefault(customer, []).append(event.time)
        found = []
        for customer, since in notices.without_consent(self._house, reader, now):
            end = since + self._days * DAY
            if end - WEEK <= now and self._house.memory.people.borrowed.venue(customer) is None:
                at = next((each for each in listed.get(customer, ()) if each >= since), None)
                found.append(Leaving(customer, since, at, max(end, (now if at is None else at) + WEEK)))
        return sorted(found, key=lambda each: (each.until, each.customer))

    async def _erase(self, found: _Run, now: float) -> int:
        """Erases whose time has come, as many as a day may take without a person; answers how many."""
        if CUSTOMERS in found.measure.held:
            return 0
        most = AT_ONCE if not found.over.as_data(found.measure)["asks"] else min(AT_ONCE, found.over.most)
        gone = 0
        for each in [one for one in found.leaving if one.until <= now][:most]:
            try:
                action = await self._house.act(lambda each=each: self._erasing(each.customer), GATEWAY)  # type: ignore[misc]
            except Refused:
                continue  # somebody was quicker
            gone += bool(action.news)
        return gone

    def _erasing(self, customer: str) -> Action:
        """Their erasure, unless they have agreed to something meanwhile or are here."""
        memory, now = self._house.memory, self._house.memory.now()
        every = memory.family.all_of(customer)
        if any(memory.people.agreed(each, memory.certain()) for each in every) or memory.presence.where(customer):
            return Action(None)
        return customers.erase(self._house, customer, now, by="house", because="no_consent")

    # --- what people see and say ---------------------------------------------------------------------------------

    def standing(self) -> Shape:
        """How retention stands: the clock, each class, and who is to be erased within a week; for a thread."""
        now = self._house.memory.certain()
        with closing(self._house.store.open_reader()) as reader:
            measure, leaving = _measure(reader, now), self._leaving(reader, now)
            kinds = [*retention.looked(reader, now, self._keep), self._over(reader, leaving, now)]
            runs = [*journal_rows.select(reader, RUNS, SHOWN)]
            return {
                "now": iso(self._house.memory.now()),
                "vouched_by": self.vouching.who(),
                "why": self.why(),
                "last_run": iso(runs[0].time) if runs else None,
                "runs": [_run(each) for each in runs],
                "kinds": [_shape(each, measure) for each in kinds],
                "leaving": [
                    {**notices.named(reader, each.customer), "since": iso(each.since), "erased_after": iso(each.until)}
                    for each in leaving
                ],
            }

    def allow(self, kinds: Collection[str], now: float) -> Action:
        """Lets all go for a day that is over, of these classes; raises Refused(409) for one that does not wait."""
        held = _measure(self._house.store.reader, now).held
        if idle := [each for each in kinds if each not in held]:
            raise Refused(409, f"nothing waits to be let go of {', '.join(idle)}")
        facts = {"kinds": sorted(set(kinds))}
        return Action(None, 204, news=[News("retention.allowed", self._house.config.venue.id, facts)])

    def confirm(self, time: str, now: float) -> Action:
        """The clock is right: it is ``time`` (ISO 8601) where they look; raises Refused(409) where it is not here."""
        said = seconds(time) or 0.0
        if abs(said - now) > AHEAD:
            raise Refused(409, f"the house's clock says {iso(now)}, and you say {iso(said)}: set the clock first")
        return Action(
            None, 204, news=[News("clock.confirmed", self._house.config.venue.id, {"boot": self.vouching.boot})]
        )

    def confirmed(self, who: str) -> None:
        """It was written down that ``who`` confirmed the time: the clock is believed once it ran ten minutes."""
        self.vouching.confirm(who)
        self._house.store.post(numbers.doubt(self._house.memory.clock.behind))

    def _newest(self, type_: str, limit: int) -> list[Event]:
        where = "WHERE type = ? ORDER BY number DESC LIMIT ?"
        return list(journal_rows.select(self._house.store.reader, where, type_, limit))


def _run(event: Event) -> Shape:
    """A report as managers read it."""
    names = ("kind", "rule", "candidates", "deleted", "asks")
    kinds = [{name: each[name] for name in names} for each in event.data.get("kinds", ())]
    return {"time": iso(event.time), "vouched_by": event.data.get("vouched_by"), "kinds": kinds}


def _shape(over: Over, measure: Measure) -> Shape:
    return {
        "kind": over.kind, "rule": over.rule, "rows": over.rows, "candidates": over.candidates, "most": over.most,
        "waits": over.kind in measure.held,
    }  # fmt: skip


def _measure(reader: SealedDatabase, now: float) -> Measure:
    """What the day has left: a class that has asked waits for a day or for somebody who allows the rest for one."""
    held: set[str] = set()
    allowed: set[str] = set()
    for event in _lately(reader, now):
        kinds = event.data.get("kinds", ())
        if event.type == "retention.allowed":
            allowed |= set(kinds)
            held -= set(kinds)
        else:
            held |= {each["kind"] for each in kinds if each["asks"]}
    return Measure(allowed=frozenset(allowed), held=frozenset(held - allowed))


def _lately(reader: SealedDatabase, now: float) -> Iterator[Event]:
    where = "WHERE type IN ('retention.applied', 'retention.allowed') AND time > ? ORDER BY number"
    return journal_rows.select(reader, where, now - DAY)

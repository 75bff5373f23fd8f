"""The gateway: a sighting becomes a moment, a moment becomes an alert, and what people do becomes known to all.

The way of one read is ``see``; the way back, of what a person does, is ``act``; ``pulse`` is what time brings.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from gateway.core import handing_on, shapes
from gateway.core.action import Action, News
from gateway.core.moment_rules import MomentRules
from gateway.core.reports import Reports
from gateway.core.state import Memory
from gateway.core.views import Views
from gateway.events.sequencer import Line
from gateway.recognition import identifiers
from gateway.recognition.clones import Doubt
from gateway.recognition.moments import Moment
from gateway.recognition.plan import Plan
from gateway.records import alerts, visit_facts, visits
from gateway.records.customers import Customer
from gateway.records.errors import Erased
from gateway.records.journal import Event, Journal
from gateway.records.store import Change, Store, Tx
from gateway.records.visits import Visit
from gateway.service.desk import AlertNews
from gateway.service.stays import Stay
from gateway.settings.venue import VenueConfig
from reader_drivers.sighting import Left, Sighting

log = logging.getLogger(__name__)

TAGS = tuple(f"{scheme}:" for scheme in identifiers.TAGS)

Publish = Callable[[Event], None]


class Gateway:
    """The one place where the parts meet: recognition, service, records and the live socket."""

    def __init__(self, config: VenueConfig, plan: Plan, store: Store, journal: Journal, publish: Publish) -> None:
        self.config = config
        self.store = store
        self.journal = journal
        self.memory = Memory(config, plan, store)
        self.moment_rules = MomentRules(config, self.memory, store)
        self.views = Views(config, self.memory, store, self.moment_rules)
        self.reports = Reports(config, self.memory, store)
        self._line = Line(publish)
        self._unheard = False
        self._writing: set[asyncio.Task[None]] = set()

    # --- in ----------------------------------------------------------------------------------------------------

    def see(self, sighting: Sighting) -> None:
        """One read: a stranger's ends here, kept nowhere; a customer's moves the evidence, and rarely makes news."""
        customer = self.memory.roster.who(sighting.identifier, sighting.at)
        if customer is None:
            return
        if sighting.tid is not None:
            self._watch_chip(sighting, sighting.tid, customer)
        presence = self.memory.presence
        moment = presence.left(sighting, customer) if type(sighting) is Left else presence.see(sighting, customer)
        if moment is not None:
            self.moment(moment, sighting.at)
        if sighting.identifier.startswith(TAGS):  # phones are heard across rooms, and theirs change
            shifts, now = presence.clock_shifts(), self.memory.now()
            doubt = self.memory.clones.see(sighting, shifts.get(sighting.reader, 0.0) if shifts else 0.0, now)
            if doubt is not None:
                self._doubted(doubt, customer, now)

    def pulse(self, now: float) -> None:
        """What time brings: departures, and alerts that nobody took; called twice a second."""
        for moment in self.memory.presence.pulse(now):
            self.moment(moment, now)
        for staff in self.memory.floor.over(now):
            self._end_shift(staff, now)
        self.tell_alerts(self.moment_rules.pulse(now))
        self.tell_alerts(self.memory.desk.pulse(now))

    def moment(self, moment: Moment, now: float) -> None:
        """A change of presence: into the journal, out to the tablets, and on to the desk."""
        customer = self.memory.person(moment.customer)
        if customer is None or ("do_not_recognise" in customer.wishes and moment.kind != "departed"):
            self.memory.roster.withdraw_customer(moment.customer)
            return
        if moment.kind == "hinted":
            self._hint(moment, customer, now)
            return
        begins = moment.kind == "arrived" or moment.resumed
        stay = self._stay(moment) if begins else self.memory.stays.of(moment.visit)
        data = {
            **shapes.person(customer),
            **shapes.moment(moment),
            **self.views.stays(moment.visit),
            "state": "departed" if moment.kind == "departed" else "present",
            **({"late": True} if moment.late else {}),
        }
        changes = [_visit_row(moment), *([_facts_row(stay)] if stay and begins else [])]
        self.note([News(f"visit.{moment.kind}", moment.customer, data)], changes, moment.at)
        if moment.kind == "departed":
            self.tell_alerts(self.moment_rules.left(moment.visit, moment.customer, now))
        elif not moment.late and moment.zone is not None:
            consider = self.moment_rules.arrived if begins else self.moment_rules.moved
            self.tell_alerts(consider(moment, customer, now))

    def _stay(self, moment: Moment) -> Stay:
        """The stay that begins with an arrival, or goes on where the visit does."""
        self.memory.resume(moment.visit, moment.customer, moment.at)
        return self.memory.stays.arrived(moment.visit, moment.customer, moment.zone or "", moment.at, self.memory.tie)

    def _hint(self, moment: Moment, customer: Customer, now: float) -> None:
        """Somebody may be at the door: one person is told, and nobody who it is."""
        told = self.moment_rules.hinted(moment, customer, now)
        unseen: shapes.Shape = {
            "visit": moment.visit,
            "customer": None,
            "zone": moment.zone,
            "stage": "hint",
            "card": None,
            "to": [],
        }
        data = {**(self.views.alert(told[0].alert) if told else unseen), **shapes.moment(moment)}
        self.note([News("visit.hinted", customer.id, data)], [alert_row(n) for n in told], moment.at)

    def _watch_chip(self, sighting: Sighting, tid: str, customer: str) -> None:
        """A tag whose chip is another than the one that was handed out is a copy."""
        enrolled, now = self.memory.roster.tid_of(sighting.identifier), self.memory.now()
        self._doubted(self.memory.chips.see(sighting.identifier, enrolled, tid, now), customer, now)

    def _doubted(self, doubt: Doubt | None, customer: str, now: float) -> None:
        person = self.memory.person(customer) if doubt is not None else None
        if doubt is not None and person is not None:
            self.tell_alerts(self.moment_rules.doubted(doubt, person, now))

    def ending(self, staff: str, hand_to: str | None, now: float) -> Action:
        """The action by which a shift ends: what this person owed and whom they had go on to others."""
        ended = handing_on.ending(self.memory, staff, hand_to, now)
        ended.after.append(lambda: self.left_to_others(staff, hand_to, now))
        return ended

    def left_to_others(self, staff: str, hand_to: str | None, now: float) -> None:
        """This person has gone: whom they had is somebody else's."""
        for alert in self.memory.desk.alerts("claimed"):
            if alert.by == staff:
                self.moment_rules.reconsider(alert.customer, now)
        here = [each.visit for each in self.memory.presence.here()]
        self.tell_alerts(self.memory.desk.gone(staff, "shift_ended", now, hand_to, here=here))

    def tablet_lost(self, staff: str, now: float) -> None:
        """Nobody holds this person's tablet any more: whom they had is somebody else's, what they owe stays theirs."""
        self.tell_alerts(self.memory.desk.gone(staff, "tablet_lost", now))

    def _end_shift(self, staff: str, now: float) -> None:
        """A shift ran out."""
        ended = self.ending(staff, None, now)
        for after in ended.after:
            after()
        self.note(ended.news, ended.changes)

    def tell_alerts(self, news: Sequence[AlertNews]) -> None:
        """Alerts that changed by themselves: told at once, written down behind."""
        for n in news:
            if n.type == "alert.opened":
                self._miss(nobody=not n.alert.to)
            self.note([self.alert_news(n)], [alert_row(n)])

    def _miss(self, *, nobody: bool) -> None:
        """Says once that alerts reach nobody, until one reaches somebody again."""
        if nobody and not self._unheard:
            log.warning("alerts reach nobody: nobody who is on shift holds a live tablet")
        self._unheard = nobody

    def alert_news(self, news: AlertNews) -> News:
        """An alert's change with the card to show."""
        return News(news.type, news.alert.customer, self.views.alert(news.alert), news.actor)

    def note(self, news: Sequence[News], changes: Sequence[Change[object]] = (), at: float | None = None) -> None:
        """What happened by itself: out at once, to the writer behind."""
        events = [self._event(n, n.actor or "gateway", at) for n in news]
        self.store.post(_in_one([_unless_erased(each) for each in changes], events, self.journal))
        for event in events:
            self._line.release(event)

    # --- back --------------------------------------------------------------------------------------------------

    async def act(self, action: Action, actor: str, remember: Change[object] | None = None) -> None:
        """Writes down what a person did and, once that is committed, lets everyone know.

        Raises what the store raises (StoreFull, DiskFull, Erased); then nothing was recorded and nobody was told.
        """
        if not action.news and not action.changes and remember is None:
            return
        events = [self._event(n, n.actor or actor, None) for n in action.news]
        changes = [*action.changes, remember] if remember else action.changes
        # A tablet that goes away while we write must not leave a hole in the line.
        writing = asyncio.create_task(self._commit(action, events, changes))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        await asyncio.shield(writing)

    async def settle(self) -> None:
        """Waits until every act that has begun is written down."""
        while self._writing:
            await asyncio.wait(self._writing)

    async def _commit(self, action: Action, events: list[Event], changes: Sequence[Change[object]]) -> None:
        try:
            await self.store.write(_in_one(changes, events, self.journal))
        except BaseException as error:
            told = action.stands and not isinstance(error, Erased)  # of who was erased meanwhile nothing is told
            for event in events:
                (self._line.release if told else self._line.drop)(event)
            raise
        for after in action.after:
            after()
        for event in events:
            self._line.release(event)

    def _event(self, news: News, actor: str, at: float | None) -> Event:
        event = self.journal.event(news.type, news.subject, news.data, actor=actor, at=at or self.memory.now())
        self._line.hold(event)
        return event


def _in_one(changes: Sequence[Change[object]], events: Sequence[Event], journal: Journal) -> Change[object]:
    """The changes to the tables and the events that tell of them, in one transaction."""

    def change(tx: Tx) -> None:
        for each in changes:
            each(tx)
        for event in events:
            journal.append(tx, event)

    return change


def _unless_erased(change: Change[object]) -> Change[object]:
    """The change; nothing where its customer was erased meanwhile, of whom the journal keeps that it happened."""

    def careful(tx: Tx) -> None:
        with suppress(Erased):
            change(tx)

    return careful


def _visit_row(moment: Moment) -> Change[object]:
    """The change to the table of visits that a moment brings."""
    m = moment

    def change(tx: Tx) -> None:
        if m.kind == "arrived" or m.resumed:
            visits.open(
                tx, Visit(m.visit, m.customer, m.zone or "", m.since, m.since, m.confidence, m.reason, m.evidence)
            )
        elif m.kind == "moved":
            visits.move(tx, m.visit, m.zone or "", m.at, confidence=m.confidence, reason=m.reason, evidence=m.evidence)
        elif m.kind == "departed":
            visits.close(tx, m.visit, m.at, reason=m.reason, evidence=m.evidence)

    return change


def _facts_row(stay: Stay) -> Change[object]:
    """The change to the table of visits' facts; a stay may change before the writer comes to it."""
    facts = visit_facts.VisitFacts(stay.visit, stay.group, stay.companions)
    return lambda tx: visit_facts.save(tx, facts)


def alert_row(news: AlertNews) -> Change[object]:
    """The change to the table of alerts; taken now, since the alert may change before the writer comes to it."""
    row: dict[str, Any] = news.alert.row()
    return lambda tx: alerts.save(tx, row)

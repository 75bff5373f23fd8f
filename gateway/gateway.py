"""The gateway: a sighting becomes a moment, a moment becomes an alert, and what people do becomes known to all.

The way of one read is ``see``; the way back, of what a person does, is ``act``; ``pulse`` is what time brings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from gateway import shapes
from gateway.config import VenueConfig
from gateway.deed import Deed, News
from gateway.line import Line
from gateway.memory import Memory
from gateway.recognition.moments import Moment
from gateway.recognition.plan import Plan
from gateway.records import alerts, visits
from gateway.records.journal import Event, Journal
from gateway.records.store import Change, Store, Tx
from gateway.records.times import iso
from gateway.records.visits import Visit
from gateway.service.desk import AlertNews
from gateway.service.routing import Wanted
from gateway.views import Views
from reader_drivers import Sighting

Publish = Callable[[Event], None]

NO_ALERT = frozenset({"do_not_disturb"})  # wishes that keep a visit from ringing anywhere


class Gateway:
    """The one place where the parts meet: recognition, service, records and the live socket."""

    def __init__(self, config: VenueConfig, plan: Plan, store: Store, journal: Journal, publish: Publish) -> None:
        self.config = config
        self.store = store
        self.journal = journal
        self.memory = Memory(config, plan, store)
        self.views = Views(config, self.memory, store)
        self._line = Line(publish)
        self._writing: set[asyncio.Task[None]] = set()

    # --- in ----------------------------------------------------------------------------------------------------

    def see(self, sighting: Sighting) -> None:
        """One read: a stranger's ends here, kept nowhere; a customer's moves the evidence, and rarely makes news."""
        customer = self.memory.roster.who(sighting.identifier, sighting.at)
        if customer is None:
            return
        moment = self.memory.presence.see(sighting, customer)
        if moment is not None:
            self.moment(moment, sighting.at)

    def pulse(self, now: float) -> None:
        """What time brings: departures, and alerts that nobody took; called twice a second."""
        for moment in self.memory.presence.pulse(now):
            self.moment(moment, now)
        self.tell_alerts(self.memory.desk.pulse(now))

    def moment(self, moment: Moment, now: float) -> None:
        """A change of presence: into the journal, out to the tablets, and on to the desk."""
        customer = self.memory.person(moment.customer)
        if customer is None or ("do_not_recognise" in customer.wishes and moment.kind != "departed"):
            self.memory.roster.withdraw_customer(moment.customer)
            return
        data = {
            **(shapes.person(customer) if moment.kind != "hinted" else {"customer": customer.id}),  # a hint has no name
            "visit": moment.visit,
            "zone": moment.zone,
            "since": iso(moment.since),
            "confidence": round(moment.confidence, 3),
            "reason": moment.reason,
            "evidence": moment.evidence,
            "state": "departed" if moment.kind == "departed" else "present",
            "sightings_at": iso(moment.at),
            **({"late": True} if moment.late else {}),
        }
        self.note([News(f"visit.{moment.kind}", moment.customer, data)], [_visit_row(moment)], moment.at)
        if moment.kind == "arrived":
            self.memory.resume(moment.visit)
        if moment.late or moment.kind == "hinted" or moment.zone is None:
            return
        if moment.kind == "departed":
            self.tell_alerts(self.memory.desk.left(moment.visit, now))
            self.memory.asks.close_visit(moment.visit)
        elif moment.kind == "moved":
            self.tell_alerts(self.memory.desk.moved(moment.visit, moment.zone))
        elif NO_ALERT.isdisjoint(customer.wishes):
            wanted = Wanted(moment.zone, customer.associate, customer.deputy, customer.language)
            self.tell_alerts(self.memory.desk.arrived(moment.visit, moment.customer, wanted, now))

    def tell_alerts(self, news: Sequence[AlertNews]) -> None:
        """Alerts that changed by themselves: told at once, written down behind."""
        for n in news:
            self.note([self.alert_news(n)], [alert_row(n)])

    def alert_news(self, news: AlertNews) -> News:
        """An alert's change with the card to show."""
        return News(news.type, news.alert.customer, self.views.alert(news.alert), news.actor)

    def note(self, news: Sequence[News], changes: Sequence[Change[object]] = (), at: float | None = None) -> None:
        """What happened by itself: out at once, to the writer behind."""
        events = [self._event(n, n.actor or "gateway", at) for n in news]
        self.store.post(_in_one(changes, events, self.journal))
        for event in events:
            self._line.release(event)

    # --- back --------------------------------------------------------------------------------------------------

    async def act(self, deed: Deed, actor: str, remember: Change[object] | None = None) -> None:
        """Writes down what a person did and, once that is committed, lets everyone know.

        Raises what the store raises (StoreFull, DiskFull); then nothing was recorded and nobody was told.
        """
        if not deed.news and not deed.changes and remember is None:
            return
        events = [self._event(n, n.actor or actor, None) for n in deed.news]
        changes = [*deed.changes, remember] if remember else deed.changes
        # A tablet that goes away while we write must not leave a hole in the line.
        writing = asyncio.create_task(self._commit(deed, events, changes))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        await asyncio.shield(writing)

    async def settle(self) -> None:
        """Waits until every act that has begun is written down."""
        while self._writing:
            await asyncio.wait(self._writing)

    async def _commit(self, deed: Deed, events: list[Event], changes: Sequence[Change[object]]) -> None:
        try:
            await self.store.write(_in_one(changes, events, self.journal))
        except BaseException:
            for event in events:
                (self._line.release if deed.stands else self._line.drop)(event)
            raise
        for after in deed.after:
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


def _visit_row(moment: Moment) -> Change[object]:
    """The change to the table of visits that a moment brings."""
    m = moment

    def change(tx: Tx) -> None:
        if m.kind == "arrived":
            visits.open(
                tx, Visit(m.visit, m.customer, m.zone or "", m.since, m.since, m.confidence, m.reason, m.evidence)
            )
        elif m.kind == "moved":
            visits.move(tx, m.visit, m.zone or "", m.at, confidence=m.confidence, reason=m.reason, evidence=m.evidence)
        elif m.kind == "departed":
            visits.close(tx, m.visit, m.at, reason=m.reason, evidence=m.evidence)

    return change


def alert_row(news: AlertNews) -> Change[object]:
    """The change to the table of alerts; taken now, since the alert may change before the writer comes to it."""
    row: dict[str, Any] = news.alert.row()
    return lambda tx: alerts.save(tx, row)

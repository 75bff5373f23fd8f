"""The gateway: a sighting becomes a moment, a moment becomes an alert, and what people do becomes known to all.

``see`` takes a read, ``act`` what a person does, ``pulse`` what time brings. Each ends in events: decided on memory,
appended and applied to the tables in one transaction, applied to memory, then told. What ``note`` takes is told before
the disk has it, and ``Event.recorded`` says so; all else is told after.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from gateway.core import facts, handing_on, restoring
from gateway.core.action import Action
from gateway.core.brands import Brands
from gateway.core.club_line import ClubLine
from gateway.core.glass import Glass
from gateway.core.looks import Looks
from gateway.core.moment_rules import MomentRules
from gateway.core.names import Names
from gateway.core.persons import take_in
from gateway.core.receipt_frame import frame_of
from gateway.core.received import Received
from gateway.core.rendering import Renderer
from gateway.core.reports import Reports
from gateway.core.shown import Shown
from gateway.core.sight import Sight
from gateway.core.state import Memory
from gateway.core.suggested import seen
from gateway.core.table import Table, freed
from gateway.core.telling import Telling
from gateway.core.turns import Turns
from gateway.core.views import Views
from gateway.events.event import GATEWAY, Event, News
from gateway.recognition import identifiers
from gateway.recognition.clones import Doubt
from gateway.recognition.labels import Label
from gateway.recognition.moments import Moment
from gateway.recognition.plan import Plan
from gateway.records import numbers, quarantine
from gateway.records.customers import FOR_GOOD, Customer
from gateway.records.journal import Journal
from gateway.records.store import Change, Store, Tx
from gateway.service.asks import Ask
from gateway.service.desk import AlertNews
from gateway.service.stays import Stay
from gateway.settings.venue import VenueConfig
from reader_drivers.sighting import Left, Sensed, Sighting

log = logging.getLogger(__name__)

TAGS = tuple(f"{scheme}:" for scheme in identifiers.TAGS)
Publish = Callable[[Event], None]
Remember = Callable[[Action], Change[object]]


class Gateway:
    """The one place where the parts meet: recognition, service, records and the live socket."""

    def __init__(self, config: VenueConfig, plan: Plan, store: Store, journal: Journal, publish: Publish) -> None:
        self.config = config
        self.store = store
        self.club: ClubLine | None = None
        """The way to the club's books, where this venue has a hub."""
        self.journal = journal
        journal.frame = frame_of(config)
        self.memory = Memory(config, plan, store)
        journal.cut = self.memory.consenting.cut
        self.brands = Brands(config, plan, self.memory)
        self.names = Names(store, self.memory.steady)
        self.moment_rules = MomentRules(config, self.memory, store)
        self.views = Views(config, self.memory, store, self.moment_rules)
        self.reports = Reports(config, self.memory, store)
        self.renderer = Renderer(self.memory, self.views)
        self.sight = Sight(config.access, self.memory)
        self.glass = Glass(self.memory.steady)
        self.sight.opened = lambda staff, customer: self.glass.opens(staff, "customer", customer) is not None
        self.memory.take_in = partial(take_in, self.memory, store.reader)
        self.looks = Looks(self.memory, config.venue.id, self.note)
        self.shown = Shown(self.note, partial(seen, self.memory, store.reader))
        self.received = Received(self.memory, self.note, lambda write: asyncio.get_running_loop().call_soon(write))
        self.telling = Telling(store, journal, publish)
        self._turns = Turns()
        self._table = Table(self.memory, self.views, self._turns, self.note, store.reader)
        self._unheard = False
        self._writing: set[asyncio.Task[Any]] = set()

    # --- in ----------------------------------------------------------------------------------------------------

    def see(self, sighting: Sighting) -> None:
        """One read: a stranger's ends here, kept nowhere; a customer's moves the evidence, and rarely makes news."""
        clock = self.memory.clock
        customer = self.memory.roster.who(sighting.identifier, sighting.at + clock.to_certain)
        if customer is None:
            if type(sighting) is Sensed:
                self.memory.presence.beside.sensors.sense(sighting)
            return
        if self.brands.several and not self.brands.admits(customer, sighting, sighting.at + clock.to_certain):
            return
        if self.memory.suspects and self._passed_over(sighting, customer):
            return
        if sighting.tid is not None:
            self._watch_chip(sighting, sighting.tid, customer)
        presence = self.memory.presence
        moment = presence.left(sighting, customer) if type(sighting) is Left else presence.see(sighting, customer)
        if moment is not None:
            self.moment(moment, sighting.at + clock.moved)
        if sighting.identifier.startswith(TAGS):  # phones are heard across rooms, and theirs change
            shifts, now = presence.clock_shifts(), self.memory.steady()
            doubt = self.memory.clones.see(sighting, shifts.get(sighting.reader, 0.0) if shifts else 0.0, now)
            if doubt is not None:
                self._doubt(doubt, customer)

    def pulse(self, now: float) -> None:
        """What time brings: departures, and alerts that nobody took; called four times a second."""
        for moment in self.memory.presence.pulse(now):
            self.moment(moment, now)
        for staff in self.memory.floor.over(now):
            if not self._turns.taken(staff):
                self.by_itself(partial(self._ran_out, staff))
        self.note([*self.memory.for_a_visit.due(self.memory.steady())])
        self.tell_alerts(self.moment_rules.pulse(now, self._turns.taken))
        self.tell_alerts(self.memory.desk.pulse(now, self._turns.taken))
        self._table.pulse(now)

    def wake(self, newest: float | None, in_doubt: float) -> None:
        """Begins where the records end: at ``newest``, when the clock was ``in_doubt`` by so many seconds.

        What lasts goes on where the clock cannot be right about how long that was; then memory is made of the tables.
        """
        self.memory.quarantined = quarantine.reason(self.store.folder)
        by = self.memory.clock.wake(newest, in_doubt)
        if by:
            self._record_now(self._moved_clock(by, woke=True))
        self.restore(self.memory.now())

    def record_now(self, news: News) -> None:
        """Records what happened before any door was open, and returns when the disk has it."""
        self._record_now(self._event(news, GATEWAY))

    def _record_now(self, event: Event) -> None:
        self.store.call(lambda tx: self.journal.record(tx, [event]))
        self.telling.release(event)

    def restore(self, now: float) -> None:
        """Makes memory of the tables: those who were here are here again, and nobody is greeted twice."""
        restoring.restore(self.memory, self.store.reader, now)

    def look_at_clock(self) -> None:
        """Follows a wall clock that was set: between two acts, since each is decided at one time."""
        by = self.memory.clock.jump()
        if by and not self._writing:
            self.clock_set(by)

    def clock_set(self, by: float) -> None:
        """The wall clock was set by so many seconds: it is followed, and what lasts goes on as before."""
        event = self._moved_clock(by, woke=False)
        self.memory.apply(event)
        self.telling.at_once([event])
        self.store.post(numbers.doubt(self.memory.clock.behind))

    def _moved_clock(self, by: float, *, woke: bool) -> Event:
        by = round(by, 3)
        log.warning(
            "%s: who is here, shifts, sign-ins and cards go on as before; nothing is deleted or runs out by it for now",
            self.memory.clock.follow(by, woke=woke),
        )
        return self._event(News("clock.moved", self.config.venue.id, {"by_s": by, "woke": woke}), GATEWAY)

    def _ran_out(self, staff: str) -> Action:
        """The end of a shift that ran out, unless it has ended meanwhile."""
        if self.memory.floor.shift(staff) is None:
            return Action(None)
        return handing_on.ending(self.memory, self.moment_rules, staff, None, self.memory.now(), "ran_out")

    def moment(self, moment: Moment, now: float) -> None:
        """A change of presence: into the journal, out to the tablets, and on to the desk.

        Of somebody about whom an act is being written just now it waits the milliseconds until that is done.
        """
        if self._turns.taken(moment.customer):
            self._turns.after(moment.customer, lambda: self._moment_after(moment, now))
            return
        customer = self.memory.meet(moment.customer)
        if customer is None or (FOR_GOOD in customer.wishes and moment.kind != "departed"):
            self.memory.roster.withdraw_customer(moment.customer)
            return
        if self.brands.several and not self.brands.may_tell(moment):
            if (left := self.brands.leaves(moment, now)) is not None:
                self.moment(left, now)
            return
        if moment.kind == "hinted":
            given = self.moment_rules.hinted(moment, customer, now)
            hint = given[0].alert.data() if given else None
            self.note([News("visit.hinted", customer.id, {**facts.presence(moment), "alert": hint}, at=moment.at)])
            return
        begins = moment.kind == "arrived" or moment.resumed
        before = stay.zone if (stay := self.memory.stays.of(moment.visit)) else None
        joined = self._joining(moment) if begins else None
        goes = freed(self.memory, moment.visit, now) if moment.kind == "departed" else []
        self.note([*goes, News(f"visit.{moment.kind}", customer.id, facts.visit(moment, joined), at=moment.at)])
        if moment.zone is not None and moment.evidence["kind"] == "tap":
            self.memory.presence.taught(Label(customer.id, moment.zone, moment.at, "tap"))
        if moment.kind == "departed":
            self.tell_alerts(self.memory.desk.left(moment.visit, now))
        elif not moment.late and moment.zone is not None and begins:
            self.tell_alerts(self.moment_rules.arrived(moment, customer, now))
        elif not moment.late and moment.zone is not None:
            self.tell_alerts(self.moment_rules.moved(moment, customer, before, now))

    def _moment_after(self, moment: Moment, now: float) -> None:
        """A moment that has waited for an act: nobody arrives by it who may not be recognised any more."""
        memory, customer = self.memory, moment.customer
        if moment.kind == "departed":
            if memory.stays.of(moment.visit) is not None:  # else the act has ended the visit, or it never began
                self.moment(moment, now)
        elif memory.roster.admits(customer):
            self.moment(moment, now)
        else:
            memory.presence.end(customer, now, "no longer to be recognised")

    def _joining(self, moment: Moment) -> Stay:
        """The stay that begins with an arrival, or goes on where the visit does."""
        zone, tie = moment.zone or "", self.memory.people.tie
        if moment.evidence["kind"] == "tap":
            tie = self._known_tie
        found = self.memory.stays.of(moment.visit) or self.memory.stay_before(moment)
        return found or self.memory.stays.joining(moment.visit, moment.customer, zone, moment.at, tie)

    def _known_tie(self, one: str, other: str) -> bool:
        """Who tap one after another stand in a queue: only who is known to belong together is a party."""
        return bool(self.memory.people.tie(one, other))

    def _passed_over(self, sighting: Sighting, customer: str) -> bool:
        """Whether this is what somebody else was seen to carry, and still does; who comes back with it is doubted."""
        now = self.memory.steady()
        word = self.memory.suspects.see(sighting.identifier, now)
        if word == "doubted" and customer not in self.memory.doubts:
            self._doubt(Doubt(sighting.identifier, "wrong_person", now, "somebody else was seen to carry it"), customer)
        return word == "passed_over"

    def _watch_chip(self, sighting: Sighting, tid: str, customer: str) -> None:
        """A tag whose chip is another than the one that was handed out is a copy."""
        enrolled, now = self.memory.roster.tid_of(sighting.identifier), self.memory.steady()
        doubt = self.memory.chips.see(sighting.identifier, enrolled, tid, now)
        if doubt is not None:
            self._doubt(doubt, customer)

    def _doubt(self, doubt: Doubt, customer: str) -> None:
        self._doubted(replace(doubt, at=doubt.at + self.memory.clock.moved), customer, self.memory.now())

    def _doubted(self, doubt: Doubt, customer: str, now: float) -> None:
        if self._turns.taken(customer):
            self._turns.after(customer, lambda: self._doubted(doubt, customer, now))
            return
        person, before = self.memory.meet(customer), customer in self.memory.doubts
        if person is not None:
            said = {"customer": customer, "kind": doubt.kind, "reason": doubt.reason}
            self.note([News("customer.doubted", customer, said, at=doubt.at)])
            self.tell_alerts(self.moment_rules.doubted(person, now, before=before))

    def tablet_lost(self, staff: str) -> None:
        """Nobody holds this person's tablet any more: whom they had is somebody else's, what they owe stays theirs."""
        self.by_itself(lambda: handing_on.tablet_lost(self.memory, staff, self.memory.now()))

    def tell_alerts(self, news: Iterable[AlertNews]) -> None:
        """Alerts that changed by themselves; each is applied and told before the next is asked for."""
        for n in news:
            if n.type == "alert.opened":
                self._miss(nobody=not n.alert.to)
            self.note([facts.alert(n)])

    def _miss(self, *, nobody: bool) -> None:
        """Says once that alerts reach nobody, until one reaches somebody again."""
        if nobody and not self._unheard:
            log.warning("alerts reach nobody: nobody who is on shift holds a live tablet")
        self._unheard = nobody

    def note(self, news: Sequence[News]) -> None:
        """What happened by itself: applied to memory and told at once, then written, which would slow the telling."""
        events = [self._event(n, GATEWAY) for n in news]
        for event in events:
            self.memory.apply(event)
        self.telling.at_once(events)
        self._follow(events)

    def _follow(self, events: Sequence[Event]) -> None:
        """What follows by itself from what was applied and told."""
        self._table.follow(events)
        for event in events:
            if event.type == "order.flagged" and event.data["because"] == "recorded":
                self.tell_alerts(self.moment_rules.flagged(Ask.from_data(event.data), self.memory.now()))

    def keep_learnt(self) -> None:
        """Writes down what must not be learnt again after every start, where there is more of it than before."""
        learnt = self.memory.clones.learnt()
        if learnt != self.memory.learnt_before:
            self.memory.learnt_before = learnt
            self.note([News("areas.learnt", self.config.venue.id, {"areas": learnt})])
        rooms = self.memory.presence.learnt
        if rooms.version != self.memory.rooms_before:
            self.memory.rooms_before = rooms.version
            self.note([News("rooms.learnt", self.config.venue.id, {"rooms": rooms.document(), "because": "kept"})])

    # --- back --------------------------------------------------------------------------------------------------

    async def act(self, make: Callable[[], Action], actor: str, remember: Remember | None = None) -> Action:
        """Has ``make`` decide what a person does, records it, applies it to memory and tells everyone.

        ``make`` changes nothing and may be asked again: while another act about the same customer or colleague is
        being written, this one waits and is decided anew. Raises what ``make`` and the store raise (Refused, Conflict,
        StoreFull, DiskFull, Erased); then nothing was recorded, nothing has changed and nobody was told.
        """
        action = make()
        while taken := self._turns.holding(subjects := {n.subject for n in action.news} | action.rests_on):
            await taken
            action = make()
        if not action.news and remember is None:
            return action
        change = remember(action) if remember is not None else None
        # A tablet that goes away while we write must not stop the write.
        writing = asyncio.create_task(self._commit(action, actor, self._turns.take(subjects), change))
        self._writing.add(writing)
        writing.add_done_callback(self._writing.discard)
        await asyncio.shield(writing)
        return action

    async def record(self, news: Sequence[News], actor: str) -> None:
        """Writes down what was decided elsewhere, such as a part of a file; raises what ``act`` raises."""
        await self.act(lambda: Action(None, news=list(news)), actor)

    async def finish(self) -> None:
        """Waits until every act that has begun is written down."""
        while self._writing:
            await asyncio.wait(self._writing)

    async def settle(self) -> None:
        """The same, and until all that was told at once is written, too; raises what the store raises."""
        await self.finish()
        await self.store.write(lambda tx: None)  # the writer takes one after the other

    def by_itself(self, make: Callable[[], Action]) -> None:
        """An act of time: nobody waits for it, and what goes wrong is told in the log."""
        acting = asyncio.ensure_future(_logged(self.act(make, GATEWAY)))
        self._writing.add(acting)
        acting.add_done_callback(self._writing.discard)

    async def _commit(
        self, action: Action, actor: str, done: Callable[[], None], remember: Change[object] | None
    ) -> None:
        events = self.telling.begin(action.news, actor, self.memory.now())

        def change(tx: Tx) -> None:
            self.journal.record(tx, events)
            if remember is not None:
                remember(tx)

        try:
            await self.store.write(change)
        except BaseException:
            self.telling.drop(events)
            done()
            raise
        self.telling.written(events)
        for label in action.labels:  # before it is applied: what was on the tablets is compared with what is so
            self.memory.presence.taught(label)
        before = stay.zone if action.moved and (stay := self.memory.stays.of(action.moved.visit)) else None
        for event in events:
            self.memory.apply(event)
        done()
        for event in events:
            self.telling.release(event)
        if action.moved is not None and (customer := self.memory.person(action.moved.customer)) is not None:
            self.tell_alerts(self.moment_rules.moved(action.moved, customer, before, self.memory.now()))
        self._follow(events)

    def came_back(self, ask: Ask, warnings: Sequence[dict[str, Any]]) -> None:
        """An order that came late was refused for what is known of the guest: a card says so."""
        asked = replace(ask, flagged=list(warnings))
        self.tell_alerts(self.moment_rules.flagged(asked, self.memory.now(), refused=True))

    def _event(self, news: News, actor: str) -> Event:
        if news.type == "customer.erased":
            self.names.leaves(news.subject)
        return self.telling.take(news, actor, self.memory.now())

    def customer(self, id: str) -> Customer | None:  # noqa: A002
        """The customer's facts, here or not; None for one who is not there or was erased."""
        return self.memory.meet(id)


async def _logged(acting: Awaitable[Action]) -> None:
    try:
        await acting
    except Exception as error:
        log.error("what time brought was not recorded: %s", type(error).__name__)  # its text may hold personal data

"""The live socket: every event, once, in order, to every tablet that may see it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from itertools import islice, takewhile
from typing import Any

from prometheus_client import Histogram
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.console import scopes
from gateway.console.frames import Encoded
from gateway.console.from_tablets import Pace, painted_in, touched_in
from gateway.console.in_view import InView
from gateway.console.roles import Principal
from gateway.console.seen import Scopes, Told, is_hint, seen_as
from gateway.console.tablet import GOING_AWAY, SIGNED_OUT, TOO_SLOW, Shape, Tablet
from gateway.core.outlet import KEPT
from gateway.events.catalogue import CATALOGUE, Audience, seen_by
from gateway.events.event import FORGOTTEN, VISIT, Event
from gateway.events.times import iso
from gateway.operations.straight import straight_of
from gateway.records.compact import compact

SCREENS_EACH = 128  # live sockets of one person: a token may be on every tablet of a small house
RING = KEPT  # events kept in memory for tablets that come back
SEND_TIMEOUT = 5.0  # a tablet that reads nothing for this long is gone
TICK_EVERY = 2.0  # two may be lost before a tablet calls itself blind at 5 s
CARDS = frozenset({"alert.opened", "alert.escalated", "alert.released", "alert.handed_over"})  # that ring with somebody

ANEW = frozenset({"clock.moved", "customer.merged", "customer.unmerged", "quarantine.ended"})
"""What changes so much of what tablets hold that each is told the whole state again."""

ZONES_CHANGE = frozenset({"shift.started", "shift.ended", "staff.changed"})
"""After these somebody may see other zones than before."""

Snapshot = Callable[[], str]

PAINTED = Histogram(
    "moments_painted_seconds",
    "From an event's arrival on a tablet to its paint",
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)


class Live:
    """All live sockets, and the last events for those who were away."""

    def __init__(self, source: str, *, build: str) -> None:
        self._source = source
        self._build = build
        self._tablets: set[Tablet] = set()
        self._anew = 0  # whoever has less than this is told the whole state
        self._screens: Counter[str] = Counter()
        self._ring: deque[Event] = deque(maxlen=RING)
        self.sequence = 0
        self.older: Callable[[int, int], list[Event] | None] = lambda _since, _limit: None
        """Where events from before this start are: (since, limit) -> events in order, None when too old."""
        self.now: Callable[[], float] = time.time
        """Seconds since 1970 UTC."""
        self.sent: Callable[[Event], Shape] = lambda event: event.data
        """What an event says as it leaves."""
        self.quiet: Callable[[], dict[str, str]] = dict
        """By visit, who is here and has not been heard since when."""
        self.shown: Callable[[Event, str, float], None] = lambda _event, _staff, _ms: None
        """What follows when somebody's tablet shows a card of theirs: the event, who, in how many milliseconds."""
        self.waiting: Callable[[str], list[str]] = lambda _staff: []
        """The zones in which somebody waits for this person."""
        self.touched: Callable[[str, float], None] = lambda _door, _ago: None
        """What follows when a person touched a screen: the door of their session, how many seconds ago."""
        self.tablet_of: Callable[[str], str | None] = lambda _door: None
        """The paired tablet behind a door; None where it is not on one."""
        self.passed_on: Callable[[str, Shape], None] = lambda _who, _sent: None
        """What follows when a program is sent an event: who, and the event as it is sent."""
        self.outward: Callable[[str], str] = str
        """JSON with customers named as they are called outside."""
        self.resumed: Callable[[Event], Shape] = lambda event: event.data
        """The same for a tablet that was away: nothing rings for who has gone."""
        self.changed: Callable[[Event], None] = lambda _event: None
        """What follows from every event before any tablet is told of it."""

    # --- out ---------------------------------------------------------------------------------------------------

    def text(self, body: Shape) -> Encoded:
        """A frame as it is sent: compact JSON that names customers as they are called outside."""
        return Encoded(self.outward(compact(body)))

    def publish(self, event: Event) -> None:
        """Offers an event to every tablet that may see it; renders and encodes it once for all who see the same."""
        self.sequence = event.number
        if event.type in FORGOTTEN:
            self.forget(event.subject)
        elif event.type == "visit.forgotten":
            self.forget_visit(event.subject)
        self._ring.append(event)
        self.changed(event)
        if event.type in ANEW:
            self.begin_anew()
        if self._tablets and CATALOGUE[event.type].lead:
            self._tell_leads(event)
        if not self._tablets or not CATALOGUE[event.type].to:
            return
        sent = self.sent(event)
        hint = is_hint(sent)
        encoded: dict[tuple[Audience, str | None, Scopes], Told | None] = {}
        for tablet in tuple(self._tablets):
            if tablet.covered:
                if event.type in CARDS and tablet.principal.staff in sent["to"]:
                    tablet.tell(self._covered(tablet, rings=not hint))
                continue
            if tablet.limited:
                self._offer_in_view(tablet, event, sent)
                continue
            audience, staff, given = tablet.audience, tablet.principal.staff if hint else None, tablet.principal.scopes
            eyes = (audience, staff, given)
            if eyes not in encoded:
                encoded[eyes] = self._told(audience, staff, event, sent, given)
            told = encoded[eyes]
            if told is not None:
                tablet.offer(told.text)
                self._pass_on(tablet, event, told.body)
        if event.type in ZONES_CHANGE:
            self.look_again(event.subject)

    def _tell_leads(self, event: Event) -> None:
        """What is for managers alone."""
        leads = [tablet for tablet in self._tablets if tablet.principal.lead]
        if not leads:
            return
        text = self.text(event.envelope(self._source, self.sent(event)))
        for tablet in leads:
            tablet.offer(text)

    def _told(
        self, audience: Audience, staff: str | None, event: Event, sent: Shape, given: Scopes
    ) -> Told | None:  # fmt: skip
        body = seen_as(audience, staff, event, sent, self._source, given)
        return Told(body, self.text(body)) if body is not None else None

    def _offer_in_view(self, tablet: Tablet, event: Event, sent: Shape) -> None:
        """The same to a tablet that may not show everybody."""
        if tablet.view is None:
            return
        before, of_it = tablet.view.event(event, sent)
        if before is not None:
            tablet.offer(self.text({"type": "view", "sequence": self.sequence, **before}))
        who = tablet.principal
        if of_it is not None:
            told = self._told(tablet.audience, who.staff, event, of_it, who.scopes)
            if told is not None:
                tablet.offer(told.text)

    def look_again(self, staff: str) -> None:
        """Tells the tablets of this person the whole state again: they may see somebody else from now on."""
        for tablet in tuple(self._tablets):
            if tablet.principal.staff == staff and tablet.view is not None and tablet.view.otherwise:
                tablet.offer(self._hello(tablet.snapshot()))

    def _pass_on(self, tablet: Tablet, event: Event, body: Shape) -> None:
        """That a program was sent something of a customer is written down."""
        if tablet.audience == "program" and CATALOGUE[event.type].holder == "customer":
            self.passed_on(tablet.principal.id, body)

    def begin_anew(self) -> None:
        """So much of what tablets hold is otherwise now that each is told the whole state again."""
        self._anew = self.sequence
        for tablet in tuple(self._tablets):
            tablet.offer(self._hello(tablet.snapshot()))

    def _hello(self, state: str | None, stopped: Sequence[Shape] = ()) -> Encoded:
        hello = {"type": "hello", "sequence": self.sequence, "build": self._build, "stopped": list(stopped)}
        return Encoded(f'{self.outward(compact(hello))[:-1]},"state":{state or "null"}}}')

    def _covered(self, tablet: Tablet, *, rings: bool = False) -> Encoded:
        waiting = self.waiting(tablet.principal.staff) if tablet.principal.staff else []
        return self.text({"type": "covered", "time": iso(self.now()), "waiting": waiting, "rings": rings})

    def cover(self, doors: Collection[str]) -> None:
        """These sessions are locked: their screens are told so, and nothing of anybody from now on."""
        for tablet in tuple(self._tablets):
            if tablet.principal.door in doors and not tablet.covered:
                tablet.cover()
                tablet.tell(self._covered(tablet))

    def tick(self, now: float) -> None:
        """Tells every tablet that we are here, and who has gone quiet."""
        if not self._tablets:
            return
        here, quiet = {"type": "tick", "sequence": self.sequence, "time": iso(now)}, self.quiet()
        equipment, served = self.text({**here, "quiet": None}), self.text({**here, "quiet": quiet})
        for tablet in tuple(self._tablets):
            silent = tablet.audience == "technical" or not scopes.hears(tablet.principal.scopes, "visit.moved")
            if tablet.covered:
                tablet.tell(self._covered(tablet))
            elif tablet.limited and tablet.view is not None and not silent:
                tablet.offer(self.text({**here, "quiet": tablet.view.quiet(quiet)}))
            else:
                tablet.offer(equipment if silent else served)

    def drop(self, door: str, code: int = SIGNED_OUT) -> None:
        """Closes the sockets of a session or token that has ended."""
        for tablet in tuple(self._tablets):
            if tablet.principal.door == door:
                tablet.close(code)

    def drop_staff(self, staff: str, code: int = SIGNED_OUT) -> None:
        """Closes every socket of a member of staff who has gone, or may see something else from now on."""
        for tablet in tuple(self._tablets):
            if tablet.principal.staff == staff:
                tablet.close(code)

    def forget(self, customer: str) -> None:
        """Takes what names an erased customer out of the events kept for tablets that come back."""
        for i, event in enumerate(self._ring):
            if event.subject == customer and event.type not in FORGOTTEN:
                self._ring[i] = replace(event, data={})

    def forget_visit(self, visit: str) -> None:
        """Takes what was said for a visit alone out of the events kept for tablets that come back."""
        for i, event in enumerate(self._ring):
            if event.holder == VISIT + visit:
                self._ring[i] = replace(event, data={})

    def close(self) -> None:
        """The gateway stops."""
        for tablet in tuple(self._tablets):
            tablet.close(GOING_AWAY)

    def painted_by(self) -> dict[str, int]:
        """By paired tablet, up to which event it has shown everything, as far as it is here."""
        shown: dict[str, int] = {}
        for each in tuple(self._tablets):
            tablet = self.tablet_of(each.principal.door)
            if tablet is not None and each.last_painted is not None:
                shown[tablet] = max(each.last_painted, shown.get(tablet, -1))
        return shown

    def receipts(self) -> list[dict[str, Any]]:
        """One row for every live tablet, whoever came first in front."""
        tablets = sorted(self._tablets, key=lambda t: t.since)
        return [t.receipt() for t in tablets if t.principal.staff is not None]

    def __len__(self) -> int:
        return len(self._tablets)

    @property
    def unsent_s(self) -> float:
        """For how many seconds the slowest tablet has been owed what is being sent to it."""
        return max((tablet.unsent_s for tablet in self._tablets), default=0.0)

    def enter(self, principal: Principal) -> bool:
        """Whether this person, or program, may have one more live screen; who may must ``leave`` again."""
        whose = principal.staff or principal.door
        if self._screens[whose] >= SCREENS_EACH:
            return False
        self._screens[whose] += 1
        return True

    def leave(self, principal: Principal) -> None:
        """One live screen fewer."""
        self._screens[whose := principal.staff or principal.door] -= 1
        if self._screens[whose] <= 0:
            del self._screens[whose]

    # --- in ----------------------------------------------------------------------------------------------------

    async def serve(
        self, socket: WebSocket, principal: Principal, since: int | None, snapshot: Snapshot,
        view: InView | None = None, *, covered: bool = False, stopped: Sequence[Shape] = (),
    ) -> None:  # fmt: skip
        """Talks to one accepted socket until it ends: hello, what it missed, then events as they happen.

        Who may not see everybody is told the whole state instead of what was missed: by now others are in view. So is a
        person's tablet where somebody has ``stopped``: what it missed may name them.
        """
        tablet = Tablet(principal, self.now(), covered=covered)
        tablet.snapshot, tablet.began, tablet.view, tablet.stopped = snapshot, self.sequence, view, stopped
        tablet.straight = straight_of(socket.scope)
        backlog = [self._covered(tablet)] if covered else self._backlog(tablet, since)
        self._tablets.add(tablet)  # from here on nothing is missed: no other task has run since `missed` was read
        try:
            await self._talk(socket, tablet, backlog)
        finally:
            self._tablets.discard(tablet)

    def _backlog(self, tablet: Tablet, since: int | None) -> list[Encoded]:
        who = tablet.principal
        whole = tablet.limited or (tablet.stopped and not who.program) or (since is not None and since < self._anew)
        missed = None if whole else self.missed(since)
        if missed is not None and self._erased_before(missed):
            missed = None
        backlog = [self._hello(tablet.snapshot() if missed is None else None, tablet.stopped)]
        for event in missed or ():
            if event.data and CATALOGUE[event.type].lead and who.lead:
                backlog.append(self.text(event.envelope(self._source, self.sent(event))))
            elif event.data and CATALOGUE[event.type].to:  # of who was erased there is nothing left to tell
                seen = self.resumed(event)
                told = self._told(tablet.audience, who.staff, event, seen, who.scopes)
                if told is not None:
                    backlog.append(told.text)
                    self._pass_on(tablet, event, told.body)
        return backlog

    def _erased_before(self, missed: Collection[Event]) -> bool:
        """Whether somebody was erased of whom nobody may know any more what tablets call them."""
        return any(event.type in FORGOTTEN and event.number < self._first for event in missed)

    @property
    def _first(self) -> int:
        """The number of the oldest event kept in memory; of the next one where there is none."""
        return self._ring[0].number if self._ring else self.sequence + 1

    def missed(self, since: int | None) -> list[Event] | None:
        """Every event after ``since``, in order; None where a whole snapshot is needed."""
        if since is None or since > self.sequence:
            return None
        first = self._first
        if since >= first - 1:
            skip = next((i for i, e in enumerate(self._ring) if e.number > since), len(self._ring))
            return list(islice(self._ring, skip, None))
        before = self.older(since, RING)
        if before is None:
            return None
        return [e for e in before if e.number < first] + list(self._ring)

    def envelope(self, event: Event, audience: Audience) -> Shape:
        """An event of a while ago as this audience may see it by now; without data where it may not."""
        sent = self.sent(event) if event.data and CATALOGUE[event.type].to else None
        seen = seen_by(audience, event, sent) if sent is not None else None
        if seen is None:
            return {"type": event.type, "sequence": event.number}
        if audience == "program" and is_hint(seen):
            seen["customer"] = event.subject
        return event.envelope(self._source, seen)

    async def _talk(self, socket: WebSocket, tablet: Tablet, backlog: list[Encoded]) -> None:
        talking = [
            asyncio.create_task(self._send(socket, tablet, backlog)),
            asyncio.create_task(self._receive(socket, tablet)),
        ]
        waiting: list[asyncio.Future[Any]] = [*talking, tablet.closed]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
        if tablet.closed.done():
            with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                await _in_time(socket.close(tablet.closed.result()))

    @staticmethod
    async def _send(socket: WebSocket, tablet: Tablet, backlog: list[Encoded]) -> None:
        try:
            for text in backlog:
                if tablet.covered and len(backlog) > 1:
                    break  # it was covered meanwhile
                await _in_time(socket.send_text(text.text))
            while True:
                await _in_time(socket.send_text((await tablet.next()).text))
        except TimeoutError:
            tablet.close(TOO_SLOW)
        except (WebSocketDisconnect, RuntimeError):
            return

    def _paints(self, tablet: Tablet, sequence: int, ms: float) -> None:
        """A receipt: it stands for every event up to this one that the tablet had not shown yet."""
        sequence = min(sequence, self.sequence)  # nobody has shown what has not happened
        before, staff = tablet.last_painted or tablet.began, tablet.principal.staff
        tablet.painted(sequence, ms)
        PAINTED.observe(ms / 1000)
        new = takewhile(lambda event: event.number > before, reversed(self._ring))
        shown = [e for e in new if e.type in CARDS and e.number <= sequence and e.data and staff in e.data["to"]]
        for event in reversed(shown):
            self.shown(event, staff or "", ms)

    async def _receive(self, socket: WebSocket, tablet: Tablet) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, KeyError):
            pace = Pace()
            while True:
                heard = await socket.receive_text()
                await pace.turn()
                painted = painted_in(heard)
                if painted is not None:
                    self._paints(tablet, *painted)
                    continue
                ago = touched_in(heard)
                if ago is not None:
                    self.touched(tablet.principal.door, ago)


async def _in_time(sending: Awaitable[None]) -> None:
    """Waits for one send; raises TimeoutError. Not wait_for: on Python 3.11 it may swallow a cancellation."""
    async with asyncio.timeout(SEND_TIMEOUT):
        await sending

"""The live socket: every event, once, in order, to every tablet that may see it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import islice
from typing import Any

from prometheus_client import Histogram
from starlette.websockets import WebSocket, WebSocketDisconnect

from gateway.console.security import Principal
from gateway.events.catalogue import CATALOGUE, Audience, seen_by
from gateway.events.event import Event
from gateway.events.times import iso
from gateway.records.compact import compact
from gateway.service.today import percentile

# Events a tablet may lag behind before it is closed and comes back with `since`: a full cabin of 300 that is heard in
# one burst is three each, and no tablet's fault. They are shared between tablets; who does not read is closed by time.
OUTBOX = 2_048
SCREENS_EACH = 128  # live sockets of one person: a token may be on every tablet of a small house
PAINTS = 500  # of a tablet's last receipts its speed is told
RING = 10_000  # events kept in memory for tablets that come back
SEND_TIMEOUT = 5.0  # a tablet that reads nothing for this long is gone
TICK_EVERY = 2.0  # two may be lost before a tablet calls itself blind at 5 s
FARTHEST = 10**17  # no journal has so many events
BIGGEST_MESSAGE = 4096  # what a tablet sends us is an acknowledgement

SIGNED_OUT, TOO_SLOW, GOING_AWAY = 4401, 4408, 1012

Encoded = str
Shape = dict[str, Any]

PAINTED = Histogram(
    "moments_painted_seconds",
    "From an event's arrival on a tablet to its paint",
    buckets=(0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)


def audience_of(principal: Principal) -> Audience:
    """What a principal's role lets through: all, all but who it is, or the readers only."""
    if principal.roles and set(principal.roles) & {"floor", "crew", "manager", "local"}:
        return "service"
    return "program" if "integration" in principal.roles else "technical"


def is_hint(sent: Shape) -> bool:
    """Whether this tells of somebody who may be at the door, or was and did not come in."""
    return bool(sent.get("stage") == "hint")


def encoded_for(audience: Audience, staff: str | None, event: Event, sent: Shape, source: str) -> Encoded | None:
    """The event as this audience, and this person, may see it; None where they may not.

    Of a hint one person is told that somebody may be at the door, and not who: its subject is the visit.
    """
    seen = seen_by(audience, event, sent)
    if seen is None:
        return None
    body = event.envelope(source, seen)
    if is_hint(sent):
        if audience == "program":
            body["data"] = {**seen, "customer": event.subject}
        elif staff is not None and staff in sent["to"]:
            body["subject"] = sent["visit"]
        elif staff is not None:
            return None
    return encode(body)


class Tablet:
    """One live socket and its bounded outbox."""

    def __init__(self, principal: Principal, since: float = 0.0) -> None:
        self.principal = principal
        self.audience = audience_of(principal)
        self._outbox: asyncio.Queue[Encoded] = asyncio.Queue(OUTBOX)
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.since = since
        self.last_painted: int | None = None
        self.snapshot: Callable[[], Shape] = dict
        """The whole state as this tablet may see it."""
        self._paints: deque[float] = deque(maxlen=PAINTS)
        self._painted = 0

    def offer(self, text: Encoded) -> None:
        """Puts a frame in the outbox without ever waiting; a full outbox closes this tablet."""
        try:
            self._outbox.put_nowait(text)
        except asyncio.QueueFull:
            self.close(TOO_SLOW)

    def painted(self, sequence: int, ms: float) -> None:
        """A receipt: this tablet shows the event with this number, ``ms`` milliseconds after it came."""
        self.last_painted = max(sequence, self.last_painted or 0)
        self._painted += 1
        self._paints.append(ms)

    def receipt(self) -> dict[str, Any]:
        """Whose tablet this is, since when it is here, and how fast it paints."""
        return {
            "staff": self.principal.staff or self.principal.id,
            "door": self.principal.door,
            "since": iso(self.since),
            "painted": {
                "count": self._painted,
                "p50_ms": percentile(self._paints, 50),
                "p95_ms": percentile(self._paints, 95),
            },
            "last_painted": self.last_painted,
        }

    def close(self, code: int) -> None:
        """Ends this socket with a WebSocket close code."""
        if not self.closed.done():
            self.closed.set_result(code)

    async def next(self) -> Encoded:
        """The next frame to send."""
        return await self._outbox.get()


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
        self.resumed: Callable[[Event], Shape] = lambda event: event.data
        """The same for a tablet that was away: nothing rings for who has gone."""

    # --- out ---------------------------------------------------------------------------------------------------

    def publish(self, event: Event) -> None:
        """Offers an event to every tablet that may see it; renders and encodes it once for all who see the same."""
        self.sequence = event.sequence
        if event.type == "customer.erased":
            self.forget(event.subject)
        self._ring.append(event)
        if event.type == "clock.moved":
            self._begin_anew()
        if not self._tablets or not CATALOGUE[event.type].to:
            return
        sent = self.sent(event)
        hint = is_hint(sent)
        encoded: dict[tuple[Audience, str | None], Encoded | None] = {}
        for tablet in tuple(self._tablets):
            eyes = (tablet.audience, tablet.principal.staff if hint else None)
            if eyes not in encoded:
                encoded[eyes] = encoded_for(*eyes, event, sent, self._source)
            text = encoded[eyes]
            if text is not None:
                tablet.offer(text)

    def _begin_anew(self) -> None:
        """Every time that tablets hold has moved with the clock: each is told the whole state again."""
        self._anew = self.sequence
        for tablet in tuple(self._tablets):
            tablet.offer(encode(self._hello(tablet.snapshot())))

    def _hello(self, state: Shape | None) -> Shape:
        return {"type": "hello", "sequence": self.sequence, "build": self._build, "state": state}

    def tick(self, now: float) -> None:
        """Tells every tablet that we are here, and who has gone quiet."""
        if not self._tablets:
            return
        here = {"type": "tick", "sequence": self.sequence, "time": iso(now)}
        equipment, served = encode({**here, "quiet": None}), encode({**here, "quiet": self.quiet()})
        for tablet in tuple(self._tablets):
            tablet.offer(equipment if tablet.audience == "technical" else served)

    def drop(self, door: str) -> None:
        """Closes the sockets of a session or token that has ended."""
        for tablet in tuple(self._tablets):
            if tablet.principal.door == door:
                tablet.close(SIGNED_OUT)

    def drop_staff(self, staff: str, code: int = SIGNED_OUT) -> None:
        """Closes every socket of a member of staff who has gone, or may see something else from now on."""
        for tablet in tuple(self._tablets):
            if tablet.principal.staff == staff:
                tablet.close(code)

    def forget(self, customer: str) -> None:
        """Takes what names an erased customer out of the events kept for tablets that come back."""
        for i, event in enumerate(self._ring):
            if event.subject == customer and event.type != "customer.erased":
                self._ring[i] = replace(event, data={})

    def close(self) -> None:
        """The gateway stops."""
        for tablet in tuple(self._tablets):
            tablet.close(GOING_AWAY)

    def receipts(self) -> list[dict[str, Any]]:
        """One row for every live tablet, whoever came first in front."""
        tablets = sorted(self._tablets, key=lambda t: t.since)
        return [t.receipt() for t in tablets if t.principal.staff is not None]

    def __len__(self) -> int:
        return len(self._tablets)

    def enter(self, principal: Principal) -> bool:
        """Whether this person, or program, may have one more live screen; who may must ``leave`` again."""
        whose = principal.staff or principal.door
        if self._screens[whose] >= SCREENS_EACH:
            return False
        self._screens[whose] += 1
        return True

    def leave(self, principal: Principal) -> None:
        """One live screen fewer."""
        whose = principal.staff or principal.door
        self._screens[whose] -= 1
        if self._screens[whose] <= 0:
            del self._screens[whose]

    # --- in ----------------------------------------------------------------------------------------------------

    async def serve(
        self, socket: WebSocket, principal: Principal, since: int | None, snapshot: Callable[[], dict[str, Any]]
    ) -> None:
        """Talks to one accepted socket until it ends: hello, what it missed, then events as they happen."""
        tablet = Tablet(principal, self.now())
        tablet.snapshot = snapshot
        missed = None if since is not None and since < self._anew else self.missed(since)
        backlog = [encode(self._hello(snapshot() if missed is None else None))]
        for event in missed or ():
            if event.data and CATALOGUE[event.type].to:  # of who was erased there is nothing left to tell
                text = encoded_for(tablet.audience, principal.staff, event, self.resumed(event), self._source)
                backlog += [text] if text is not None else []
        self._tablets.add(tablet)  # from here on nothing is missed: no other task has run since `missed` was read
        try:
            await self._talk(socket, tablet, backlog)
        finally:
            self._tablets.discard(tablet)

    def missed(self, since: int | None) -> list[Event] | None:
        """Every event after ``since``, in order; None where a whole snapshot is needed."""
        if since is None or since > self.sequence:
            return None
        first = self._ring[0].sequence if self._ring else self.sequence + 1
        if since >= first - 1:
            skip = next((i for i, e in enumerate(self._ring) if e.sequence > since), len(self._ring))
            return list(islice(self._ring, skip, None))
        before = self.older(since, RING)
        if before is None:
            return None
        return [e for e in before if e.sequence < first] + list(self._ring)

    def envelope(self, event: Event, audience: Audience) -> Shape:
        """An event of a while ago as this audience may see it by now; without data where it may not."""
        sent = self.sent(event) if event.data and CATALOGUE[event.type].to else None
        seen = seen_by(audience, event, sent) if sent is not None else None
        if seen is None:
            return {"type": event.type, "sequence": event.sequence}
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
                await _in_time(socket.send_text(text))
            while True:
                await _in_time(socket.send_text(await tablet.next()))
        except TimeoutError:
            tablet.close(TOO_SLOW)
        except (WebSocketDisconnect, RuntimeError):
            return

    @staticmethod
    async def _receive(socket: WebSocket, tablet: Tablet) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, KeyError):
            while True:
                heard = await socket.receive_text()
                painted = _painted(heard)
                if painted is not None:
                    tablet.painted(*painted)
                    PAINTED.observe(painted[1] / 1000)


async def _in_time(sending: Awaitable[None]) -> None:
    """Waits for one send; raises TimeoutError. Not wait_for: on Python 3.11 it may swallow a cancellation."""
    async with asyncio.timeout(SEND_TIMEOUT):
        await sending


def _painted(text: str) -> tuple[int, float] | None:
    """The number of the event and the milliseconds to paint, of a tablet's receipt; None for anything else."""
    if len(text) > BIGGEST_MESSAGE:
        return None
    with contextlib.suppress(ValueError, RecursionError, OverflowError):
        said = json.loads(text)
        if isinstance(said, dict) and said.get("type") == "painted":
            sequence, ms = _number(said.get("sequence")), _number(said.get("ms"))
            if 0 <= ms < 60_000 and 0 <= sequence < FARTHEST:
                return int(sequence), ms
    return None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else math.nan


def encode(body: dict[str, Any]) -> Encoded:
    """Compact JSON text."""
    return compact(body)

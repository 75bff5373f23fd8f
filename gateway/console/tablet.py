"""One tablet that is connected: whose it is, what waits to be sent to it, and how fast it paints."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from gateway.console.frames import Encoded
from gateway.console.in_view import InView
from gateway.console.roles import Principal
from gateway.events.catalogue import Audience
from gateway.events.times import iso
from gateway.operations.straight import Straight
from gateway.service.today import percentile

# Events a tablet may lag behind before it is closed and comes back with `since`: a full cabin of 300 that is heard in
# one burst is three each, and no tablet's fault. They are shared between tablets; who does not read is closed by time.
OUTBOX = 2_048
PAINTS = 500  # of a tablet's last receipts its speed is told
SIGNED_OUT, TOO_SLOW, LET_GO, GOING_AWAY = 4401, 4408, 4410, 1012

Shape = dict[str, Any]


def audience_of(principal: Principal) -> Audience:
    """What a principal's role lets through: all, all but who it is, or the readers only."""
    if principal.roles and set(principal.roles) & {"floor", "crew", "manager", "local"}:
        return "service"
    return "program" if "integration" in principal.roles else "technical"


class Tablet:
    """One live socket and its bounded outbox."""

    def __init__(self, principal: Principal, since: float = 0.0, *, covered: bool = False) -> None:
        self.principal = principal
        self.covered = covered
        """Whether its person has to give the PIN again: until then it is told that somebody waits, and not who."""
        self.audience = audience_of(principal)
        self._outbox: asyncio.Queue[Encoded] = asyncio.Queue(OUTBOX)
        self.straight: Straight | None = None
        """How to write to it without its task; None where there is no such way."""
        self._waits = False  # its task has sent all there was
        self._took_at: float | None = None  # when its task took what it is sending
        self.closed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.since = since
        self.last_painted: int | None = None
        self.began = 0
        """The number of the newest event when it came: what is older it was not sent as it happened."""
        self.snapshot: Callable[[], str] = lambda: "{}"
        """The whole state as this tablet may see it, as JSON."""
        self.stopped: Sequence[Shape] = ()
        """Who ended what while it was away."""
        self.view: InView | None = None
        """Whom it may show; None where nobody has said: everybody."""
        self._paints: deque[float] = deque(maxlen=PAINTS)
        self._painted = 0

    def offer(self, text: Encoded) -> None:
        """Puts a frame in the outbox without ever waiting; a full outbox closes this tablet. Behind a cover: none."""
        if not self.covered:
            self.tell(text)

    def cover(self) -> None:
        """From now on nothing personal leaves for it, also nothing that waits in its outbox."""
        self.covered = True
        while not self._outbox.empty():
            self._outbox.get_nowait()

    def tell(self, text: Encoded) -> None:
        """The same of what names nobody, behind a cover too.

        Where nothing waits before it, it is written at once: to wake a task for each tablet is most of what telling
        a thousand costs. Who reads slowly has something waiting, and is sent the rest one after the other.
        """
        nothing_before = self._waits and self._outbox.empty() and not self.closed.done()
        if nothing_before and self.straight is not None and self.straight(text.frame):
            return
        try:
            self._outbox.put_nowait(text)
        except asyncio.QueueFull:
            self.close(TOO_SLOW)

    @property
    def unsent_s(self) -> float:
        """For how many seconds what is being sent to it has been under way; 0 while nothing is."""
        took_at = self._took_at
        return time.monotonic() - took_at if took_at is not None else 0.0

    @property
    def limited(self) -> bool:
        """Whether there is anybody whom it may not show."""
        return self.view is not None and self.view.limited

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
        """The next message to send; until there is one, messages are written without it."""
        self._waits = True
        self._took_at = None
        try:
            return await self._outbox.get()
        finally:
            self._waits = False
            self._took_at = time.monotonic()

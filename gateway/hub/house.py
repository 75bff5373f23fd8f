"""One process of the hub: what its doors share, what it looks at by itself, and whom it lets in how fast."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Collection
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from gateway.club.beat import Beat
from gateway.club.ledger import Ledger
from gateway.club.roll import Roll
from gateway.events import times
from gateway.hub.club_roll import RollKeeper
from gateway.hub.database import StoreLost
from gateway.hub.members import Box, Signed
from gateway.hub.own_keys import OwnKeys
from gateway.hub.problems import HubProblem
from gateway.hub.store import HubStore
from gateway.hub.talk import HubTalk, Terms
from gateway.settings.hub import HubConfig
from gateway.tries import Few

log = logging.getLogger(__name__)

LOOK_EVERY = 0.2  # seconds: so long after a commit another process may take to tell its venues
HEARD_EVERY = 3.0  # seconds: well within the ten after which another start of a box is let in
PULSE_EVERY = 5.0  # seconds until a consent that ended by its date is recalled
PRUNE_EVERY = 3600.0
DAY_MS = 86_400_000
WRONG_MOST, WRONG_WITHIN = 5, 60.0  # invitations of one address
SLOWEST = 300  # seconds over which venues that come back are spread, at the most


def now_ms() -> int:
    """The hub's time."""
    return int(times.now() * 1000)


class Links:
    """The links that are open in this process; of one box the newest alone."""

    def __init__(self) -> None:
        self._open: dict[str, tuple[Signed, Callable[[HubProblem], None]]] = {}

    def open(self, signed: Signed, end: Callable[[HubProblem], None]) -> None:
        """A link is open; one of the same start of the box that is still there is ended."""
        before = self._open.get(signed.box.id)
        self._open[signed.box.id] = (signed, end)
        if before is not None:
            before[1](HubProblem("session"))

    def close(self, signed: Signed) -> None:
        """A link is closed."""
        if self._open.get(signed.box.id, (None,))[0] is signed:
            del self._open[signed.box.id]

    def end(self, boxes: Collection[str]) -> None:
        """Ends the links of boxes that are no longer of this house."""
        for box in list(self._open):
            if box in boxes:
                self._open[box][1](HubProblem("box-revoked"))

    @property
    def sessions(self) -> list[tuple[bytes, str]]:
        """Session and box of each."""
        return [(signed.hash, box) for box, (signed, _) in self._open.items()]

    def __len__(self) -> int:
        return len(self._open)


@dataclass(slots=True)
class Measures:
    """What ``/metrics`` says."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    events: Counter = field(init=False)
    refused: Counter = field(init=False)
    forks: Counter = field(init=False)
    batch: Histogram = field(init=False)
    links: Gauge = field(init=False)
    feeds: Gauge = field(init=False)

    def __post_init__(self) -> None:
        taken = self.registry
        self.events = Counter("moments_hub_events", "Rows taken", ["kind"], registry=taken)
        self.refused = Counter("moments_hub_refused", "What was refused", ["problem"], registry=taken)
        self.forks = Counter("moments_hub_forks", "Boxes that were restored or copied", registry=taken)
        self.batch = Histogram("moments_hub_batch_seconds", "From a batch to its ack", registry=taken)
        self.links = Gauge("moments_hub_venues", "Venues, by state", ["state"], registry=taken)
        self.feeds = Gauge("moments_hub_feed_number", "The newest number of a feed", ["feed"], registry=taken)


class House:
    """What the doors of one process share."""

    def __init__(
        self, config: HubConfig, store: HubStore, keys: OwnKeys, version: str, club: Ledger | None = None,
        roll: Roll | None = None,
    ) -> None:  # fmt: skip
        self.config = config
        self.store = store
        self.keys = keys
        self.club = club
        self.members = None if roll is None else RollKeeper(store, roll)
        self._beat = None if club is None else Beat(club, now_ms)
        self.links = Links()
        self.measures = Measures()
        self.backlogs = asyncio.Semaphore(config.hub.backlog_writers)
        """Who may store a backlog now; what is live never waits for it."""
        self.heads: dict[str, int] = {}
        self.known = 0
        self.lost: str | None = None
        """Why the store does not answer; None where it does."""
        self._due = dict.fromkeys(("heard", "pulse", "rewrap"), 0.0)
        self._moved = asyncio.Event()
        self._signing_in: deque[float] = deque()
        self.invited = Few(WRONG_MOST, WRONG_WITHIN)
        hub = config.hub
        self._terms = Terms(hub.id, version, hub.lease_days, hub.clock_ahead_s, lambda: self.spread_s)

    @property
    def spread_s(self) -> int:
        """Over how many seconds venues come back when all were cut off."""
        return max(1, min(SLOWEST, round(2 * self.known / self.config.hub.handshakes_per_s)))

    def talk(self, box: Box) -> HubTalk:
        """A new conversation with a box."""
        return HubTalk(self.store, self.keys, self._terms, box)

    # --- who comes in -------------------------------------------------------------------------------------------------

    def let_in(self) -> None:
        """Counts one that signs in; raises HubProblem ``busy`` where more come in a second than there are places."""
        now = time.monotonic()
        while self._signing_in and self._signing_in[0] <= now - 1:
            self._signing_in.popleft()
        if len(self._signing_in) >= self.config.hub.handshakes_per_s:
            raise HubProblem("busy", retry_after_s=1, spread_s=self.spread_s)
        self._signing_in.append(now)

    # --- what is looked at by itself ----------------------------------------------------------------------------------

    async def moved(self, within_s: float) -> None:
        """Returns when a feed has more to say, or after so many seconds."""
        event = self._moved
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await event.wait()

    async def run(self) -> None:
        """Looks at the heads of the feeds, at boxes that were revoked, and at what time brings, until it is ended."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._look_again_and_again())
            both.create_task(self._let_go_by_and_by())
            if self._beat is not None:
                both.create_task(self._beat.run())

    async def _let_go_by_and_by(self) -> None:
        """Lets go of what is old, beside everything else: nobody waits for it."""
        config = self.config
        while True:
            try:
                await self.store.prune(now_ms() - config.hub.tail_days * DAY_MS)
                if gone := await self.store.let_go(now_ms() - config.retention.journal_days * DAY_MS):
                    log.info("hub: %d rows let go of, older than %d days", gone, config.retention.journal_days)
            except StoreLost as lost:
                log.info("hub: letting go waits: %s", lost)
            await asyncio.sleep(PRUNE_EVERY)

    async def _look_again_and_again(self) -> None:
        self._due["rewrap"] = time.monotonic() + self._rewrap_s
        while True:
            started = time.monotonic()
            try:
                await self._look(started, self._due)
                if self.lost is not None:
                    log.info("hub: the store is back")
                self.lost = None
            except StoreLost as lost:
                self._is_lost(lost)
            await asyncio.sleep(max(0.01, LOOK_EVERY - (time.monotonic() - started)))

    def _is_lost(self, lost: StoreLost) -> None:
        """The store took something not: it counts as lost until it has taken something again."""
        if self.lost is None:
            log.warning("hub: %s", lost)
        self.lost = str(lost)
        self._due["heard"] = 0.0

    @property
    def _rewrap_s(self) -> float:
        return self.config.keys.rewrap_hours * 3600

    async def _look(self, now: float, due: dict[str, float]) -> None:
        heads = {feed: head.number for feed, head in (await self.store.heads()).items()}
        if heads != self.heads:
            self.tell(heads)
        self.links.end(await self.store.members.revoked())
        if now >= due["heard"]:
            await self.store.beat(now_ms())
            due["heard"] = now + HEARD_EVERY
            if sessions := self.links.sessions:
                await self.store.members.all_heard(sessions, now_ms())
            self.known = len({box.venue for box in await self.store.members.boxes() if box.revoked is None})
        if now >= due["pulse"]:
            due["pulse"] = now + PULSE_EVERY
            while await self.store.pulse(now_ms()):
                pass
            if self.members is not None:
                await self.members.look(now_ms())
        if now >= due["rewrap"]:
            due["rewrap"] = now + self._rewrap_s
            await self._rewrap()

    async def _rewrap(self) -> None:
        if await self.store.is_rewrap_due():
            try:
                log.info("hub: %d keys sealed anew", await self.store.wraps.rewrap(now_ms()))
            except PermissionError as refused:
                log.warning("hub: %s", refused)

    def tell(self, heads: dict[str, int]) -> None:
        """The feeds stand here now: whoever waits for them goes on."""
        self.heads = heads
        for feed, number in heads.items():
            self.measures.feeds.labels(feed).set(number)
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()

    # --- one message --------------------------------------------------------------------------------------------------

    async def hear(self, talk: HubTalk, message: object) -> list[dict[str, Any]]:
        """What a talk answers to a message; a backlog waits for its turn. Raises HubProblem, ``store`` too."""
        kind = message.get("type") if isinstance(message, dict) else None
        backlog = message.get("backlog") if isinstance(message, dict) and kind == "events" else None
        behind = isinstance(backlog, int) and backlog > 1_000
        try:
            with self.measures.batch.time() if kind == "events" else nullcontext():
                if behind:
                    async with self.backlogs:
                        answers = await talk.hear(message, now_ms())
                else:
                    answers = await talk.hear(message, now_ms())
        except StoreLost as lost:
            self._is_lost(lost)
            raise HubProblem("store", retry_after_s=5, spread_s=self.spread_s) from lost
        except HubProblem as problem:
            self.refused(problem, talk.box)
            raise
        for answer in answers:
            if answer["type"] == "ack":
                self.measures.events.labels("backlog" if behind else "live").inc(answer["stored"])
        return answers

    def refused(self, problem: HubProblem, box: Box | None = None) -> None:
        """Counts what was refused, and says it in the log once."""
        self.measures.refused.labels(problem.code).inc()
        if problem.code == "fork":
            self.measures.forks.inc()
        log.info("hub: %s%s", f"{box.venue}: " if box is not None else "", problem)

    @property
    def club_state(self) -> dict[str, Any]:
        """How the club's books stand; empty where there is no club."""
        return {} if self._beat is None else self._beat.state

    @property
    def health(self) -> dict[str, Any]:
        """What ``/hub/v1/health`` says."""
        club = {"club": self.club_state} if self.club_state else {}
        return {
            **club,
            "status": "ok" if self.lost is None and not self.club_state.get("wrong") else "degraded",
            "store": self.lost or "ok",
            "venues": {"connected": len(self.links), "known": self.known},
            "feeds": self.heads,
        }

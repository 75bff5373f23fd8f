"""Keeps a reader: opens it, opens it again when it is lost, and tells once each way."""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Callable, Collection, Coroutine
from contextlib import aclosing
from typing import Any, Literal

from gateway.events.times import iso
from gateway.operations.canary import Canary
from gateway.operations.raw_frames import RawFrames
from gateway.operations.walk_test import mask
from gateway.settings.venue import ReaderConfig
from reader_drivers import ReaderLost, Sighting
from reader_drivers.driver import Driver, Status
from reader_drivers.raw import TAP

log = logging.getLogger(__name__)

FIRST_WAIT = 0.5  # seconds; doubles with every try that fails
LONGEST_WAIT = 5.0  # a try costs a few milliseconds; who plugs a reader in again looks at the screen
STEADY_AFTER = 60.0  # a reader that was up for so long starts again with the first wait
RATE_OVER = 5.0  # seconds over which reads are counted
TAG_SHOWN = 60.0  # seconds for which IT sees which tag was read, in part

State = Literal["up", "quiet", "lost"]
Shape = dict[str, Any]
Tell = Callable[["Keeper", str], None]


class Keeper:
    """One reader of the venue and what became of it; ``tell`` hears ``lost``, ``back`` and ``quiet``, each once.

    ``now`` is the steady time, ``shown`` makes of one what the house's clock says; ``fixed`` are the tags that stand at
    doors of the house and are nobody's.
    """

    def __init__(
        self,
        config: ReaderConfig,
        make: Callable[[], Driver],
        see: Callable[[Sighting], None],
        tell: Tell,
        now: Callable[[], float],
        shown: Callable[[float], float] = float,
        fixed: Collection[str] = (),
    ) -> None:
        self.config = config
        self.canary = Canary(config.canary, fixed, now())
        self._fixed = frozenset(fixed)
        self.state: State = "lost"
        self.reason: str | None = "starting"
        self._told: str | None = self.reason
        self.since = now()
        self.status = Status()
        self._before = Status()  # of the links before this one, summed up
        self.last_sighting: float | None = None
        self.last_rssi: float | None = None
        self.last_tag: str | None = None
        self.raw = RawFrames(config, now, shown)
        """What it sends, for who asks."""
        self._make = make
        self.see = see
        """Who hears what this reader hears."""
        self._tell = tell
        self._now = now
        self._shown = shown
        self._reported_lost = False
        self._firmware: str | None = None
        self._anew = asyncio.Event()
        self._counted: list[tuple[float, int]] = []
        self._reads = 0

    def take_up(self, config: ReaderConfig, fixed: Collection[str]) -> None:
        """What it hears means this from now on; its link is the same, and stays open."""
        if (config.canary, frozenset(fixed)) != (self.config.canary, self._fixed):
            self._fixed, self.canary = frozenset(fixed), Canary(config.canary, fixed, self._now())
        self.config = config

    def follow(self, before: Keeper) -> None:
        """It stands in the place of another: that one's loss is this one's to end."""
        self._reported_lost = before._reported_lost or before.state == "quiet"

    async def keep(self) -> None:
        """Runs until cancelled; whatever is not ReaderLost is a fault of ours and ends the process."""
        TAP.set(self.raw)  # in this task, which is this reader's own
        wait = FIRST_WAIT
        while True:
            opened = self._now()
            self._anew.clear()
            try:
                await self._unless_anew(self._listen())
            except ReaderLost as lost:
                self._lost(str(lost))
            if self._now() - opened > STEADY_AFTER:
                wait = FIRST_WAIT
            await self._unless_anew(asyncio.sleep(random.uniform(wait / 2, wait)))
            wait = FIRST_WAIT if self._anew.is_set() else min(wait * 2, LONGEST_WAIT)

    def connect(self) -> None:
        """Lets go of the link, and opens it anew at once: somebody has plugged it in, or thinks that it hangs."""
        self._anew.set()

    async def _unless_anew(self, what: Coroutine[Any, Any, None]) -> None:
        """Waits for this to end, at most until the link is to be opened anew; raises what it raises."""
        doing, anew = asyncio.ensure_future(what), asyncio.ensure_future(self._anew.wait())
        try:
            await asyncio.wait([doing, anew], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in (doing, anew):
                each.cancel()
            await asyncio.wait([doing, anew])
        if not doing.cancelled():
            doing.result()

    def pulse(self, now: float) -> None:
        """Counts reads, and notices that a connected reader has gone deaf or hears again."""
        self._counted.append((now, self._reads))
        while self._counted and now - self._counted[0][0] > RATE_OVER:
            del self._counted[0]
        self._firmware = self.status.firmware or self._firmware
        if self.state == "lost":
            return
        quiet = self.status.quiet or self.canary.quiet(now)
        if quiet is not None and self.state == "up":
            self._become("quiet", quiet)
            log.warning("%s: quiet (%s)", self.config.id, quiet)
            self._tell(self, "reader.quiet")
        elif quiet is None and self.state == "quiet":
            self._back()

    def shape(self) -> Shape:
        """This reader as the console shows it."""
        c = self.config
        return {
            "id": c.id,
            "driver": c.driver,
            "role": c.role,
            "zone": c.zone,
            "zones": list(c.zones),
            "state": self.state,
            "reason": self._told,
            "firmware": self._firmware,
            "reads_per_s": round(self.reads_per_s, 1),
            "last_sighting": iso(self._shown(self.last_sighting)) if self.last_sighting else None,
            "since": iso(self._shown(self.since)),
            "rejected": sum(self.status.rejected.values()),
        }

    def details(self) -> Shape:
        """This reader as IT sees it: its shape, its link, the last read, and what was rejected and why."""
        fresh = self.last_sighting is not None and self._now() - self.last_sighting < TAG_SHOWN
        return {
            **self.shape(),
            "reason": self.reason,
            "over": self.config.over,
            "link": self.config.link,
            "rssi": self.last_rssi,
            "last_tag": mask(self.last_tag) if fresh and self.last_tag else None,
            "canary_reads_per_h": self.canary.reads_per_h,
            "frames": self.status.frames,
            "bytes": self.status.bytes_in,
            "faults": dict(self.status.rejected.most_common(5)),
        }

    @property
    def sightings(self) -> int:
        """Reads since the start, over every link."""
        return self._before.sightings + self.status.sightings

    @property
    def rejected(self) -> Counter[str]:
        """Frames with a bad check since the start, over every link, by reason."""
        return self._before.rejected + self.status.rejected

    @property
    def reads_per_s(self) -> float:
        """Reads a second over the last seconds."""
        if len(self._counted) < 2:
            return 0.0
        (first, before), (last, after) = self._counted[0], self._counted[-1]
        return (after - before) / (last - first) if last > first else 0.0

    async def _listen(self) -> None:
        driver = self._make()
        self._before.sightings, self._before.rejected = self.sightings, self.rejected
        self.status = driver.status
        async with aclosing(driver.listen()) as batches:  # type: ignore[type-var]  # drivers are generators
            async for batch in batches:
                if self.state == "lost":
                    self._back()
                for sighting in self.canary.apart(batch):
                    self.see(sighting)
                if batch:
                    self._reads += len(batch)
                    last = batch[-1]
                    self.last_sighting, self.last_rssi, self.last_tag = last.at, last.rssi, last.identifier
        raise ReaderLost("the reader ended its stream")

    def _lost(self, reason: str) -> None:
        if self.state == "lost" and self._reported_lost:
            self.reason = reason  # a later reason is for who looks at this reader; it is no news, so no tablet has it
            return
        self._become("lost", reason)
        self._reported_lost = True
        log.warning("%s: lost (%s)", self.config.id, reason)
        self._tell(self, "reader.lost")

    def _back(self) -> None:
        if self.state == "lost":
            self.canary.began(self._now())
        away = self._now() - self.since
        was_reported, self._reported_lost = self._reported_lost or self.state == "quiet", False
        self._become("up", None)
        if was_reported:
            log.info("%s: back after %.0f s", self.config.id, away)
            self._tell(self, "reader.back")
        else:
            log.info("%s: up", self.config.id)

    def _become(self, state: State, reason: str | None) -> None:
        self.state, self.reason, self.since = state, reason, self._now()
        self._told = reason

"""A venue of a house: keeps the link to the hub beside the gateway, and says how it does."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from gateway import __version__
from gateway.core.gateway import Gateway
from gateway.joined import boxes
from gateway.joined.acts import Acts
from gateway.joined.asked import Ended
from gateway.joined.boxes import Box
from gateway.joined.calling import Answered, Unreached, trust
from gateway.joined.intake import Effects, Intake
from gateway.joined.link import Line, Pause, Way
from gateway.joined.standing import Standing
from gateway.joined.talk import HELD_S, SILENCE_S, VenueTalk
from gateway.joined.venue_records import VenueRecords
from gateway.records import hub_cursors
from gateway.records.connection import SealedDatabase
from gateway.records.errors import Damaged, DiskFull, StoreFull
from gateway.records.writer import Tx
from gateway.settings.joining import Joined as Settings

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds until it is seen that this box has joined, or left
HEARD_EVERY = 5.0
SWITCH_S = 0.0005
"""After so many seconds Python lets the gateway's loop go on while the link's thread works: it waits at each reading
of a socket or the disk otherwise for ten times as long."""
AGAIN_S = 5.0
UNKNOWN_S = 60.0
"""Until another try, where the hub does not know this box."""
UNKNOWN = "The hub does not know this box, or its keys are others: join it anew (moments join)."


class Joined:
    """Keeps the link in a thread of its own, from ``run`` to its cancellation."""

    def __init__(self, settings: Settings, folder: Path, house: Gateway, intake: Intake) -> None:
        self._settings = settings
        self._folder = folder
        self._house = house
        self._intake = intake
        self._acts = Acts(house, intake)
        self.boot = self._boot = os.urandom(8).hex()
        self._box_id = ""
        self._pause, self._way = Pause(), Way()
        self._line: Line | None = None
        self._held = False
        self._held_at = 0.0
        self._heard = float("-inf")
        self._heard_told = float("-inf")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._main: asyncio.AbstractEventLoop | None = None
        self.standing = Standing()

    async def run(self) -> None:
        """Until cancelled; whatever goes wrong with the hub, this goes on."""
        self._main = asyncio.get_running_loop()
        sys.setswitchinterval(min(sys.getswitchinterval(), SWITCH_S))
        thread = threading.Thread(target=self._in_thread, name="hub", daemon=True)
        self._house.store.moved.append(self._moved)
        self._hold(held=True)
        thread.start()
        try:
            await asyncio.Event().wait()
        finally:
            self._house.store.moved.remove(self._moved)
            if self._loop is not None:
                with suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._end)
            await asyncio.shield(asyncio.to_thread(thread.join, 10.0))

    def _in_thread(self) -> None:
        asyncio.run(self._serve())

    def _end(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def _moved(self) -> None:
        if self._line is not None and self._loop is not None:
            self._line.moved(self._loop)

    # --- in the thread ------------------------------------------------------------------------------------------------

    async def _serve(self) -> None:
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        reader = self._house.store.open_reader()
        releasing = asyncio.create_task(self._release())
        try:
            while True:
                seconds = await self._try(reader)
                await self._changed(self._box(), seconds)
        except asyncio.CancelledError:
            pass
        finally:
            releasing.cancel()
            reader.close()

    async def _try(self, reader: SealedDatabase) -> float | None:
        """One conversation, from signing in to its end; after how many seconds another, None: not by itself."""
        try:
            box = self._box()
            self.standing.joined = box is not None
            if box is None:
                await self._left(reader)
                return LOOK_EVERY
            return await self._conversed(box, reader)
        except (Damaged, OSError) as error:
            self.standing.fault = str(error)
        except (DiskFull, StoreFull) as error:
            self.standing.fault = f"nothing can be written down: {error}"
        except Exception:
            log.exception("the link to the hub")
            self.standing.fault = "a fault of ours, which the log has"
        return AGAIN_S

    def _box(self) -> Box | None:
        found = boxes.read(self._folder)
        return found if found is not None and found.venue == self._house.config.venue.id else None

    async def _conversed(self, box: Box, reader: SealedDatabase) -> float | None:
        standing, memory, url = self.standing, self._house.memory, self._settings.url
        if box.id != self._box_id:
            self._box_id = box.id
            standing.told.clear()
        records = VenueRecords(
            self._house.store, reader, box, self._settings.brand, self._intake, self._acts, self._main_loop(),
            memory.now, time.monotonic,
        )  # fmt: skip
        talk = VenueTalk(
            box, records, standing, boot=self._boot, build=f"moments {__version__}",
            of_venue={
                "name": self._house.config.venue.name.by_language(),
                **self._settings.model_dump(include={"scope", "lend_before_hours", "lend_after_hours"}),
            },
        )  # fmt: skip
        context = await asyncio.to_thread(trust, url, self._settings.ca)
        self._line = Line(url, box, self._boot, f"moments {__version__}", context, memory.now, self._way)
        standing.tries += 1
        talking = asyncio.create_task(self._line.converse(talk, self._heard_by))
        watching = asyncio.create_task(self._changed(box, None))
        try:
            await asyncio.wait((talking, watching), return_when=asyncio.FIRST_COMPLETED)
            if not talking.done():
                return 0.0
            await talking
            return 0.0
        except Unreached as error:
            return self._cut(talk, str(error))
        except Answered as answered:
            if answered.code == "session":
                return self._cut(talk, UNKNOWN, UNKNOWN_S)
            if not answered.code:
                return self._cut(talk, str(answered), AGAIN_S)
            return await self._ended(talk, await talk.refused(answered.body, memory.now()))
        except Ended as ended:
            return await self._ended(talk, ended)
        finally:
            standing.connected, standing.by = False, "none"
            for task in (talking, watching):
                task.cancel()
            await asyncio.gather(talking, watching, return_exceptions=True)

    def _main_loop(self) -> asyncio.AbstractEventLoop:
        if self._main is None:
            raise RuntimeError("the gateway's loop is not known yet")
        return self._main

    def _cut(self, talk: VenueTalk, why: str, at_least: float = 0.0) -> float:
        if self.standing.fault != why:
            log.info("the link to the hub: %s", why)
        self.standing.fault = why
        return self._pause.after(talk.spread_s, at_least)

    async def _ended(self, talk: VenueTalk, ended: Ended) -> float | None:
        if ended.retry_s is None:
            log.warning("the link to the hub ends: %s", ended)
            self.standing.fault = str(ended)
            self._hold(held=True)
            return None
        if ended.code in ("session", "fork", "hole"):
            return min(1.0, self._pause.after(1.0)) if self._pause.tries < 3 else self._cut(talk, str(ended))
        return self._cut(talk, str(ended), ended.retry_s)

    async def _changed(self, box: Box | None, within_s: float | None) -> None:
        """Returns after so many seconds, or when this box has joined, left, or joined anew."""
        give_up = None if within_s is None else time.monotonic() + within_s
        while give_up is None or (left := give_up - time.monotonic()) > 0:
            await asyncio.sleep(LOOK_EVERY if give_up is None else min(LOOK_EVERY, left))
            with suppress(Damaged):
                found = self._box()
                if (found.id if found else None) != (box.id if box else None):
                    self._pause.begin()
                    return

    async def _left(self, reader: SealedDatabase) -> None:
        """Forgets what was so with the hub that this venue has left, and whom it lent."""
        if not hub_cursors.state(reader):
            return
        gone = await self._house.store.write(lambda tx: forget(tx, self._intake))
        fresh = Standing()
        for name in Standing.__slots__:
            setattr(self.standing, name, getattr(fresh, name))
        if gone:
            acting = self._acts.after(Effects(gone=gone))
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(acting, self._main_loop()))

    # --- who is lent shows or not -------------------------------------------------------------------------------------

    def _heard_by(self, talk: VenueTalk) -> None:
        """After each message: leases count from here, and who is lent shows once all that is urgent was read."""
        steady, wall = time.monotonic(), self._house.memory.now()
        if steady - self._heard > SILENCE_S and not talk.urgent_read:
            self._hold(held=True)
        self._heard = steady
        if talk.standing.connected:
            self._pause.begin()
        if steady - self._heard_told >= HEARD_EVERY:
            self._heard_told = steady
            self._main_loop().call_soon_threadsafe(self._intake.heard, wall, talk.lease_days)
        if talk.urgent_read:
            self._hold(held=False)

    def _hold(self, *, held: bool) -> None:
        if held != self._held:
            self._held, self._held_at = held, time.monotonic()
            self._main_loop().call_soon_threadsafe(lambda: self._intake.hold(held=held))

    async def _release(self) -> None:
        """Ends the wait for an answer after ten seconds without one; not where this box is of the house no more."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            silent = time.monotonic() - max(self._held_at, self._heard)
            if self._held and silent >= HELD_S and not ({"box-revoked", "superseded"} & self.standing.told.keys()):
                self._hold(held=False)


def forget(tx: Tx, intake: Intake) -> set[str]:
    """Forgets what is noted of a hub, and whom it lent; who that was."""
    gone: set[str] = set()
    for feed in sorted(hub_cursors.feeds(tx.db)):
        gone |= intake.snapshot(tx, feed, [], 1, last=True).gone
    hub_cursors.forget(tx)
    return gone

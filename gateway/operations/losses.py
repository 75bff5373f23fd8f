"""MQTT messages that were lost before any reader could hear them: counted, and warned of while it goes on."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing, suppress

from gateway.operations.broker_settings import COUNTED
from reader_drivers import ReaderLost
from reader_drivers.mqtt_link import OVERFLOW, Broker

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds
BEHIND = 65_536  # bytes unread, look after look: a batch of 256 kB is read within milliseconds
BEHIND_FOR = 3  # looks in a row
WARNED_FOR = 60.0  # seconds after the last loss; a burst is over by then
AGAIN_AFTER = 1.0  # seconds until a broker that was lost is listened to again


class Losses:
    """What was lost, by reason, since the start; with ``ask`` the broker's own count too.

    Of a broker that cannot be asked only this much is seen: it has more for us than we can read.
    """

    def __init__(self, broker: Broker, now: Callable[[], float], *, ask: bool) -> None:
        self.by_broker = 0
        self._broker = broker
        self._now = now
        self._ask = ask
        self._counted: int | None = None
        self._overflowed = 0
        self._lately = 0
        self._behind = 0
        self._warned = False
        self._last = float("-inf")

    @property
    def counts(self) -> Counter[str]:
        """How many messages were lost, by reason."""
        lost = Counter(self._broker.rejected)
        if self.by_broker:
            lost["broker: thrown away by mosquitto"] = self.by_broker
        return lost

    @property
    def unread(self) -> int:
        """Bytes from the broker that wait to be read."""
        return self._broker.unread

    def why(self) -> str | None:
        """What a person must know of it: nothing while all that comes is heard."""
        if self._now() - self._last > WARNED_FOR:
            return None
        lost = f"{self._lately} were lost lately" if self._lately else "the broker may be losing some"
        return f"more MQTT messages come than can be read: {lost}"

    async def follow(self) -> None:
        """Counts until cancelled."""
        while True:
            self._look()
            with suppress(ReaderLost):
                if not self._ask:
                    await asyncio.sleep(LOOK_EVERY)
                    continue
                async with aclosing(self._broker.listen(COUNTED, who="losses", every=LOOK_EVERY)) as batches:
                    async for messages in batches:
                        for message in messages:
                            self._hear(message.payload)
                        self._look()
            await asyncio.sleep(AGAIN_AFTER)

    def _hear(self, payload: bytes) -> None:
        if not payload.isdigit():
            return
        count, before = int(payload), self._counted
        self._counted = count
        if before is None or count == before:
            return
        lost = count - before if count > before else count  # a broker that has begun anew counts from nothing
        if lost:
            self.by_broker += lost
            self._note(lost)

    def _look(self) -> None:
        overflowed, before = self._broker.rejected[OVERFLOW], self._overflowed
        self._overflowed = overflowed
        self._behind = self._behind + 1 if self._broker.unread > BEHIND else 0
        if overflowed > before:
            self._note(overflowed - before)
        elif self._behind >= BEHIND_FOR:
            self._note(0)
        elif self._warned and self._now() - self._last > WARNED_FOR:
            log.info("all MQTT messages are read again")
            self._lately, self._warned = 0, False

    def _note(self, lost: int) -> None:
        if not self._warned:
            log.warning("more MQTT messages come than can be read: some are lost")
        self._warned = True
        self._lately += lost
        self._last = self._now()

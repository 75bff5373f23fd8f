"""Whether the embedded broker's messages move: it says every five seconds how long it has been up."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing, suppress

from gateway.operations.broker_settings import UPTIME
from reader_drivers import ReaderLost
from reader_drivers.mqtt_link import Broker

AGAIN_AFTER = 1.0  # seconds until a broker that was lost is listened to again


class BrokerBeat:
    """Listens to one broker through the gateway's own link, the way sightings come."""

    def __init__(self, broker: Broker, now: Callable[[], float] = time.monotonic) -> None:
        self._broker = broker
        self._now = now
        self._heard_at = now()

    def silent(self) -> float | None:
        """For how many seconds it has said nothing while it is connected; None while it is not."""
        return self._now() - self._heard_at if self._broker.state == "up" else None

    async def follow(self) -> None:
        """Listens until cancelled."""
        while True:
            self._heard_at = self._now()  # from here on it owes us a word
            with suppress(ReaderLost):
                async with aclosing(self._broker.listen(UPTIME, who="beat")) as batches:
                    async for messages in batches:
                        if messages:
                            self._heard_at = self._now()
            await asyncio.sleep(AGAIN_AFTER)

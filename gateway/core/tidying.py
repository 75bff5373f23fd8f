"""What a house does now and then, so that nothing is kept longer than it may be."""

from __future__ import annotations

import logging
from contextlib import suppress

from gateway.core.gateway import Gateway
from gateway.core.letting_go import LettingGo
from gateway.records import numbers
from gateway.records.errors import DiskFull, StoreFull
from gateway.records.journal import head

log = logging.getLogger("moments")

HEAD_EVERY = 86400.0  # seconds; the log, kept elsewhere, then knows of every tail that is cut off


class Tidying:
    """One house, tidied whenever it is asked."""

    def __init__(self, house: Gateway, letting_go: LettingGo) -> None:
        self._house = house
        self._letting_go = letting_go
        self._logged_at = float("-inf")

    async def once(self) -> None:
        """Lets go of what may go, by a clock that can be trusted alone, and writes down what was learnt."""
        house, steady = self._house, self._house.memory.steady()
        with suppress(DiskFull, StoreFull):  # next time; health says what the disk does
            await self._letting_go.run()
        house.store.post(numbers.doubt(house.memory.clock.behind))
        house.store.post(lambda tx: tx.keyring.erasures.renew())
        house.keep_learnt()
        if steady - self._logged_at >= HEAD_EVERY:
            self._logged_at = steady
            at = head(house.store.reader)
            log.info("journal: event %d, head %s", at.sequence, at.hash)

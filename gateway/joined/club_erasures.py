"""Tells the club's books of whom this house has erased, until they have heard: nothing else may tell the hub of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from gateway.core.club_line import Away
from gateway.core.gateway import Gateway
from gateway.events.event import GATEWAY, News
from gateway.records.erasure_receipts import CLUB, waiting_for_club
from gateway.records.errors import DiskFull, StoreFull

LOOK_EVERY = 2.0  # seconds
NOT_YOURS = "urn:moments:problem:not-yours"


class ClubErasures:
    """What the books have yet to hear of one house."""

    def __init__(self, house: Gateway) -> None:
        self._house = house

    async def run(self) -> None:
        """Tells them until cancelled."""
        while True:
            with suppress(Away, DiskFull, StoreFull):  # they are told at another look
                await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Tells of each once, the oldest first; raises Away."""
        house = self._house
        if house.club is None:
            return
        for erasure, customer in waiting_for_club(house.store.reader):
            told = await house.club.ask("POST", "members/forgotten", {"customer": customer})
            # A hub that keeps no club, or none of this brand, has nobody's number.
            if told.status < 400 or told.status == 404 or told.body.get("type") == NOT_YOURS:
                said = {"erasure": erasure, "kind": CLUB, "place": customer, "done": True, "by": None}
                await house.record([News("erasure.answered", erasure, said)], GATEWAY)

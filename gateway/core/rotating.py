"""The house's keys are made anew while it goes on: one kind at a time, and each is told of by an event."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Protocol

from gateway.core.gateway import Gateway
from gateway.events.event import GATEWAY, News
from gateway.records import receipt_keys, rotation
from gateway.records.errors import DiskFull, StoreFull
from gateway.records.rotation import CannotRotate, Steps
from gateway.service.alert import Refused

EVERY = 3600.0  # seconds between two looks at whether a key ends soon


class Elsewhere(Protocol):
    """What stands outside the records: its steps, why it cannot be made anew, and what whoever asked is told once."""

    told: dict[str, str]

    @property
    def steps(self) -> Steps:
        """By what is made anew."""

    def refusal(self, what: str, folder: Path) -> str | None:
        """Why not, in words; None where it can be."""


class Rotating:
    """Makes keys anew for one house."""

    def __init__(self, house: Gateway, elsewhere: Elsewhere) -> None:
        self._house = house
        self._elsewhere = elsewhere
        self._one_at_a_time = asyncio.Lock()

    async def rotate(
        self, what: str, customer: str | None = None, *, stolen: float | None = None, actor: str, because: str = "asked"
    ) -> dict[str, str]:
        """Returns when the new keys are in use and the event is on the disk; answers what is to be told once.

        ``stolen`` is since when the old ones are in other hands, in seconds since 1970 UTC. Raises Refused.
        """
        async with self._one_at_a_time:
            try:
                if what == "customer":
                    await self._customer(customer or "", actor)
                elif why := self._elsewhere.refusal(what, self._house.store.folder):
                    raise CannotRotate(why)
                else:
                    await self._house_keys(what, stolen, actor, because)
            except CannotRotate as cannot:
                raise Refused(409, str(cannot)) from None
            told, self._elsewhere.told = self._elsewhere.told, {}
            return told

    async def _house_keys(self, what: str, stolen: float | None, actor: str, because: str) -> None:
        loop, house = asyncio.get_running_loop(), self._house

        def record(news: News) -> None:
            asyncio.run_coroutine_threadsafe(house.record([news], actor), loop).result()

        steps = self._elsewhere.steps
        rotate = partial(rotation.rotate, house.store, what, record, at=house.memory.now())
        await asyncio.to_thread(rotate, stolen=stolen, also=steps, because=because)

    async def _customer(self, customer: str, actor: str) -> None:
        found = self._house.customer(customer)
        if found is None:
            raise Refused(404, "there is no such customer")
        if (venue := self._house.memory.people.borrowed.venue(found.id)) is not None:
            raise Refused(403, f"this customer is lent by {venue}: that is done there")
        every = self._house.memory.family.all_of(found.id)
        await self._house.record([rotation.of_customer(each) for each in every], actor)

    async def run(self) -> None:
        """Replaces the key that signs receipts a while before its last day; goes on until it is cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            if self._house.memory.clock.trusted:
                with suppress(DiskFull, StoreFull):  # an hour later, then: it is due weeks before its last day
                    await self.keep_signing()

    async def keep_signing(self) -> None:
        """The same at once, where it is due."""
        now = self._house.memory.now()
        if receipt_keys.due(self._house.store.keyring, rotation.day_of(now)):
            await self.rotate("receipts", actor=GATEWAY, because="due")


def begin(house: Gateway) -> None:
    """At the start: finishes what a kill left half done, and makes the keys that sign receipts where there are none."""
    rotation.finish(house.store, house.record_now)
    rotation.make_signing_keys(house.store, house.config.venue.id, house.memory.now())

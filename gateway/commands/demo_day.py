"""A day in the demo's venue: people who come, sit, tap at the bar and go, told to simulated readers."""

from __future__ import annotations

import asyncio
import csv
import random
from collections.abc import Callable, Mapping
from pathlib import Path

from gateway.commands.demo_devices import Guest, Spot

FIRST_AFTER = 4.0  # seconds until the first customer comes
APART = (18.0, 30.0)  # seconds between two arrivals
STAY = (100.0, 170.0)  # seconds a customer stays
AT_ONCE = 4  # so that the screen stays readable

KINDS = {"epc": "tag", "em": "fob", "nfc": "card", "irk": "phone", "ibeacon": "phone", "owntracks": "app"}


def guests(file: Path) -> list[Guest]:
    """The customers of the demo with what they carry, from the file they are imported from."""
    found = []
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            guest = Guest(row["customer"])
            for identifier in row["identifiers"].split(";"):
                setattr(guest, KINDS[identifier.partition(":")[0]], identifier)
            found.append(guest)
    return found


class Day:
    """Lets the customers come and go until it is cancelled; ``spots`` are the venue's readers by id.

    The first to be ``watched`` by anybody who has signed in comes seconds after that. In another ``turn`` others come
    first, so that in the houses of one owner nobody is everywhere at once.
    """

    def __init__(
        self,
        spots: Mapping[str, Spot],
        customers: Path,
        watched: Callable[[], bool] = lambda: True,
        seed: int = 15,
        turn: int = 0,
    ) -> None:
        self._watched = watched
        self._spots = spots
        everybody = guests(customers)
        first = turn * len(everybody) // 3
        self._guests = [*everybody[first:], *everybody[:first]]
        self._random = random.Random(seed)

    async def live(self) -> None:
        """One arrival after the other, for ever."""
        await asyncio.sleep(FIRST_AFTER)
        room = asyncio.Semaphore(AT_ONCE - 1)  # one is kept for whoever comes once somebody looks
        heard = [g for g in self._guests if any(spot.hears(g) for spot in self._spots.values())]
        async with asyncio.TaskGroup() as group:
            looks = group.create_task(self._until_watched(room))
            while heard:
                for guest in heard:
                    await room.acquire()
                    group.create_task(self._visit(guest, room))
                    apart = asyncio.create_task(asyncio.sleep(self._random.uniform(*APART)))
                    await asyncio.wait({apart} if looks.done() else {apart, looks}, return_when=asyncio.FIRST_COMPLETED)
                    apart.cancel()

    async def _until_watched(self, room: asyncio.Semaphore) -> None:
        """Ends seconds after somebody first looked."""
        looked = self._watched()
        while not looked:
            await asyncio.sleep(0.5)
            looked = self._watched()
        await asyncio.sleep(FIRST_AFTER)
        room.release()

    async def _visit(self, guest: Guest, room: asyncio.Semaphore) -> None:
        try:
            await self._enter(guest)
            await self._stay(guest, self._random.uniform(*STAY))
            await self._leave(guest)
        finally:
            room.release()

    async def _enter(self, guest: Guest) -> None:
        await self._through_door(guest, "door-outer", "door")
        self._sit(guest, "lounge")
        if not self._hears("door", guest):
            await self._tap(guest)

    async def _stay(self, guest: Guest, seconds: float) -> None:
        await asyncio.sleep(seconds / 2)
        self._sit(guest, "terrace")
        await self._tap(guest)
        await asyncio.sleep(seconds / 2)

    async def _leave(self, guest: Guest) -> None:
        if "lounge" in self._spots:
            self._spots["lounge"].go(guest)
        await self._through_door(guest, "door", "door-outer")

    async def _through_door(self, guest: Guest, first: str, second: str) -> None:
        """A door passed: heard on one side, then on both, then on the other."""
        before, behind = self._spots.get(first), self._spots.get(second)
        if before is None or behind is None or not (before.hears(guest) or behind.hears(guest)):
            return
        before.come(guest, "entrance", -60)
        await asyncio.sleep(1.2)
        before.come(guest, "entrance", -68)
        behind.come(guest, "entrance", -58)
        await asyncio.sleep(1.0)
        before.go(guest)
        behind.come(guest, "entrance", -55)
        await asyncio.sleep(2.0)
        behind.go(guest)

    def _sit(self, guest: Guest, room: str) -> None:
        if "lounge" in self._spots:
            self._spots["lounge"].come(guest, room, self._random.uniform(-72, -60))

    async def _tap(self, guest: Guest) -> None:
        if self._hears("counter", guest):
            self._spots["counter"].come(guest, "bar", -40)
            await asyncio.sleep(0.8)
            self._spots["counter"].go(guest)

    def _hears(self, reader: str, guest: Guest) -> bool:
        spot = self._spots.get(reader)
        return spot is not None and spot.hears(guest)

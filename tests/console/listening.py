"""A house whose loudest reader lies: three rooms, heard as walls and mirrors have it, and guests who stay in them."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx2

from gateway.settings.venue import VenueConfig
from reader_drivers import Sighting
from tests.console.served import Served, config, served
from tests.reader_drivers.readers import until
from tests.story.venue import answered

ROOMS = ("bar", "lounge", "terrace")
# What the reader of each room hears of somebody in a room, dBm: whoever is in the bar is loudest in the lounge.
SOUNDS: Mapping[str, Mapping[str, float]] = {
    "bar": {"bar": -62.0, "lounge": -57.0, "terrace": -79.0},
    "lounge": {"bar": -76.0, "lounge": -56.0, "terrace": -62.0},
    "terrace": {"bar": -79.0, "lounge": -60.0, "terrace": -56.0},
}
EVERY = 0.25  # s between the reads of one tag
_numbers = count(1)


def rooms() -> VenueConfig:
    """The settings of the house."""
    name = {"zh-CN": "馆", "en": "House"}
    readers = [{"id": r, "driver": "m100", "link": f"/nowhere/{r}", "role": "zone", "zone": r} for r in ROOMS]
    return config(zones=[{"id": room, "name": name} for room in ROOMS], readers=readers)


class Listening:
    """The house, its staff and the guests who come, one after the other."""

    def __init__(self, house: Served, seed: int) -> None:
        self.house = house
        self.random = random.Random(seed)

    @property
    def presence(self) -> Any:
        return self.house.gateway.memory.presence

    async def staff(self) -> httpx2.AsyncClient:
        """Anna's tablet."""
        return await self.house.client("floor", "anna")

    async def comes(self) -> tuple[str, str]:
        """A guest nobody has seen before, and the tag they carry."""
        number = next(_numbers)
        customer, tag = f"guest-{number}", f"epc:3034F10A5C0E4000{number:08X}"
        await self.house.enrol(customer, tag)
        return customer, tag

    def stays(self, tag: str, room: str, seconds: float = 15.0, louder: Mapping[str, float] = {}) -> None:
        """The readers hear this tag in a room for a while; ``louder`` (dB) is what a reader hears otherwise by now."""
        loud, keepers = self.random.gauss(0.0, 2.0), {keeper.config.id: keeper for keeper in self.house.running.keepers}
        for _ in range(int(seconds / EVERY)):
            self.house.ahead += EVERY
            for reader, level in SOUNDS[room].items():
                heard = level + loud + louder.get(reader, 0.0) + self.random.gauss(0.0, 2.5)
                if heard > -80.0:
                    keepers[reader].see(Sighting(reader, None, tag, round(heard), None, self.house.now()))
            self.house.gateway.pulse(self.house.now())

    def taps(self, reader: str, fob: str) -> None:
        """This fob is held to a reader that hears it at a touch."""
        self.house.ahead += EVERY
        self.house.gateway.see(Sighting(reader, None, fob, None, None, self.house.now()))
        self.house.gateway.pulse(self.house.now())

    async def goes(self) -> None:
        """Whoever was here leaves, and is not heard for long enough to be gone."""
        for _ in range(12):
            self.house.ahead += 30.0
            self.house.gateway.pulse(self.house.now())
        await self.house.gateway.settle()
        assert self.presence.here() == []

    async def card(self, customer: str) -> dict[str, Any]:
        """The open card of a guest."""
        cards = await answered((await self.staff()).get("/api/alerts"))
        return next(dict(card) for card in cards if card["customer"] == customer)

    async def greets(self, room: str, *, says: str | None = None, louder: Mapping[str, float] = {}) -> None:
        """A guest comes and stays in ``room``; Anna goes there, and says where they are if the card was wrong."""
        customer, tag = await self.comes()
        self.stays(tag, room, louder=louder)
        card, anna, where = await self.card(customer), await self.staff(), says or room
        page = f"/api/alerts/{card['alert']}"
        if card["zone"] != where:
            await answered(anna.post(f"{page}/seen", json={"zone": where}))
        await answered(anna.post(f"{page}/close", json={"outcome": "greeted"}))
        await self.goes()

    async def teaches(self, greetings: int = 20, *, wrong: float = 0.0, louder: Mapping[str, float] = {}) -> None:
        """Anna greets so many guests in each room; of some she says the wrong one."""
        for _ in range(greetings):
            for room in ROOMS:
                astray = self.random.random() < wrong
                others = [other for other in ROOMS if other != room]
                await self.greets(room, says=self.random.choice(others) if astray else None, louder=louder)

    async def right(self, guests: int = 6) -> float:
        """The share of newcomers, as many in each room, whose card says where they are."""
        hits = 0
        for room in ROOMS * guests:
            customer, tag = await self.comes()
            self.stays(tag, room)
            hits += (await self.card(customer))["zone"] == room
            await self.goes()
        return hits / (guests * len(ROOMS))


@asynccontextmanager
async def listening(
    folder: Path, seed: int = 1, *, ahead: float = 0.0, settings: VenueConfig | None = None
) -> AsyncIterator[Listening]:
    """A house that serves, whose readers hear what the test says and nothing else."""
    async with served(folder, settings or rooms(), ahead=ahead) as house:
        keepers = house.running.keepers
        await until(lambda: all(keeper.state == "lost" and keeper.reason != "starting" for keeper in keepers))
        for keeper in keepers:
            house.gateway.memory.presence.reader_back(keeper.config.id, house.now())
        await house.hire("anna")
        yield Listening(house, seed)

"""A whole day of a busy venue in minutes: everything is real but the clock, and memory is flat."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest
from websockets.asyncio.client import ClientConnection, connect

from benchmarks.customers import fill, tag
from gateway.settings.venue import VenueConfig
from reader_drivers import Sighting
from tests.console.served import Served, config, served
from tests.story.venue import answered

CUSTOMERS = 3_000
HOURS = int(os.environ.get("MOMENTS_HOURS", "24"))
EVERY_S = 20.0  # somebody comes
STAYS_S = (600.0, 5_400.0)
HEARD_EVERY = 5  # seconds
STRANGERS = 20  # a second
TABLETS = 20
GROWS = 1.05  # from the middle of the day to its end
PAGE = os.sysconf("SC_PAGE_SIZE")


def resident() -> float:
    """MiB of this process."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 2**20


def venue() -> VenueConfig:
    """A bar and a lounge, each with a reader, whose staff take cards."""
    name = {"zh-CN": "馆", "en": "House"}
    zones = [{"id": zone, "name": name} for zone in ("bar", "lounge")]
    readers = [
        {"id": zone, "driver": "m100", "link": f"/nowhere/{zone}", "role": "zone", "zone": zone}
        for zone in ("bar", "lounge")
    ]
    return config(venue={"id": "bench", "name": name}, zones=zones, readers=readers, places=[])


@asynccontextmanager
async def listening(house: Served, count: int) -> AsyncIterator[list[int]]:
    """So many tablets that hear everything; how many messages each has had."""
    heard = [0] * count

    async def hear(number: int, tablet: ClientConnection) -> None:
        async for _ in tablet:
            heard[number] += 1

    async with AsyncExitStack() as stack:
        hearing = []
        for number in range(count):
            headers = {"Authorization": f"Bearer {await house.token('floor', f's-{number % 2}')}"}
            url = house.url.replace("http", "ws", 1) + "/live"
            tablet = await stack.enter_async_context(
                connect(url, additional_headers=headers, proxy=None, compression=None, max_size=None)
            )
            hearing.append(asyncio.create_task(hear(number, tablet)))
        yield heard
        for each in hearing:
            each.cancel()


class Day:
    """Who comes, stays and goes, second by second."""

    def __init__(self, house: Served, seed: int) -> None:
        self.house = house
        self.luck = random.Random(seed)
        self.here: dict[int, float] = {}  # until when
        self.cards: list[str] = []
        self.came = 0

    def second(self, now: float) -> None:
        """One second passes."""
        house, luck = self.house, self.luck
        house.ahead += 1.0
        if luck.random() < 1 / EVERY_S:
            self.here.setdefault(luck.randrange(CUSTOMERS), now + luck.uniform(*STAYS_S))
            self.came += 1
        for who in [who for who, until in self.here.items() if until < now]:
            del self.here[who]
        at = house.now()
        for who in self.here:
            if who % HEARD_EVERY == int(now) % HEARD_EVERY:
                zone = "lounge" if (who + int(now) // 900) % 2 else "bar"
                self._read(zone, tag(who), at)
        for _ in range(STRANGERS):
            self._read("bar", f"{luck.getrandbits(96):024X}", at)
        house.gateway.pulse(at)

    def _read(self, zone: str, epc: str, at: float) -> None:
        self.house.gateway.see(Sighting(zone, None, f"epc:{epc}", self.luck.randrange(-62, -50), None, at))


async def greets(staff: httpx2.AsyncClient) -> int:
    """Whoever works takes each card that is open, and closes it."""
    cards = await answered(staff.get("/api/alerts"))
    for card in cards:
        if card["state"] == "open":
            await staff.post(f"/api/alerts/{card['alert']}/claim")
        await staff.post(f"/api/alerts/{card['alert']}/close", json={"outcome": "greeted"})
    return len(cards)


@pytest.mark.timeout(7_200)
async def test_memory_is_flat_over_a_busy_day(tmp_path: Path) -> None:
    fill(tmp_path / "data", CUSTOMERS, {"s-0": "x" * 43, "s-1": "y" * 43})
    seen: list[float] = []
    began, greeted = time.monotonic(), 0
    async with served(tmp_path / "data", venue(), lawful=False) as house, listening(house, TABLETS) as heard:
        for zone in ("bar", "lounge"):
            house.gateway.memory.presence.reader_back(zone, house.now())
        day, staff = Day(house, seed=1), await house.client("floor", "s-0")
        for second in range(HOURS * 3_600):
            day.second(float(second))
            if second % 30 == 0:
                await asyncio.sleep(0)
                greeted += await greets(staff)
            if second % 3_600 == 3_599:
                await house.gateway.settle()
                with suppress(asyncio.TimeoutError):
                    await asyncio.sleep(0.5)  # what the tablets were sent, they read
                seen.append(resident())
                print(f"hour {len(seen)}: {seen[-1]:.1f} MiB, {day.came} came, {greeted} greeted, {min(heard)} told")
        assert greeted > HOURS * 60, "hardly anybody was greeted: the day did not happen"
        assert min(heard) > greeted
    print(f"{HOURS} hours in {time.monotonic() - began:.0f} s")
    middle = seen[len(seen) // 2]
    assert seen[-1] <= middle * GROWS, seen

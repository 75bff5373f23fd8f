"""A day in the demo's venue: people who come, sit, tap at the bar and go, told to simulated readers."""

from __future__ import annotations

import asyncio
import csv
import random
from dataclasses import dataclass
from pathlib import Path

from reader_drivers.simulated import SimulatedEm4100, SimulatedEspresense, SimulatedM100

FIRST_AFTER = 4.0  # seconds until the first customer comes
APART = (18.0, 30.0)  # seconds between two arrivals
STAY = (100.0, 170.0)  # seconds a customer stays
AT_ONCE = 4  # so that the screen stays readable


@dataclass(slots=True)
class Devices:
    """The venue's simulated hardware."""

    serial: dict[str, SimulatedM100 | SimulatedEm4100]
    phones: SimulatedEspresense | None

    def uhf(self, reader: str) -> SimulatedM100:
        """The UHF module with this reader's id."""
        device = self.serial[reader]
        if not isinstance(device, SimulatedM100):
            raise TypeError(reader)
        return device

    def pad(self, reader: str) -> SimulatedEm4100:
        """The 125 kHz reader with this reader's id."""
        device = self.serial[reader]
        if not isinstance(device, SimulatedEm4100):
            raise TypeError(reader)
        return device


@dataclass(slots=True)
class Guest:
    """What one customer carries."""

    customer: str
    tag: str | None = None
    fob: str | None = None
    phone: str | None = None


def guests(file: Path) -> list[Guest]:
    """The customers of the demo with what they carry, from the file they are imported from."""
    found = []
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            guest = Guest(row["customer"])
            for identifier in row["identifiers"].split(";"):
                scheme, _, value = identifier.partition(":")
                match scheme:
                    case "epc":
                        guest.tag = value
                    case "em":
                        guest.fob = value
                    case "irk":
                        guest.phone = identifier
                    case "ibeacon":
                        guest.phone = f"iBeacon:{value}"
            found.append(guest)
    return found


class Day:
    """Lets the customers come and go until it is cancelled."""

    def __init__(self, devices: Devices, customers: Path, seed: int = 15) -> None:
        self._devices = devices
        self._guests = guests(customers)
        self._random = random.Random(seed)

    async def live(self) -> None:
        """One arrival after the other, for ever."""
        await asyncio.sleep(FIRST_AFTER)
        room = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while True:
                for guest in self._guests:
                    if guest.tag is None and guest.fob is None and self._devices.phones is None:
                        continue  # only a phone, and nobody hears phones
                    await room.acquire()
                    group.create_task(self._visit(guest, room))
                    await asyncio.sleep(self._random.uniform(*APART))

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
        if guest.fob and not guest.tag:
            await self._tap(guest)

    async def _stay(self, guest: Guest, seconds: float) -> None:
        await asyncio.sleep(seconds / 2)
        self._sit(guest, "terrace")
        if guest.fob:
            await self._tap(guest)
        await asyncio.sleep(seconds / 2)

    async def _leave(self, guest: Guest) -> None:
        if guest.phone and self._devices.phones is not None:
            self._devices.phones.remove(guest.phone)
        await self._through_door(guest, "door", "door-outer")

    async def _through_door(self, guest: Guest, first: str, second: str) -> None:
        """A door passed: heard on one side, then on both, then on the other."""
        if guest.tag is None:
            return
        before, behind = self._devices.uhf(first), self._devices.uhf(second)
        before.present(guest.tag, -60)
        await asyncio.sleep(1.2)
        before.present(guest.tag, -68)
        behind.present(guest.tag, -58)
        await asyncio.sleep(1.0)
        before.remove(guest.tag)
        behind.present(guest.tag, -55)
        await asyncio.sleep(2.0)
        behind.remove(guest.tag)

    def _sit(self, guest: Guest, room: str) -> None:
        if guest.phone and self._devices.phones is not None:
            self._devices.phones.place(guest.phone, room, self._random.uniform(1.0, 3.0))

    async def _tap(self, guest: Guest) -> None:
        if guest.fob is None:
            return
        pad = self._devices.pad("counter")
        pad.hold(guest.fob)
        await asyncio.sleep(0.8)
        pad.release()

"""Copies of the records, made by the gateway itself: in each folder in its turn, tried before they count, told of."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

from gateway.core import forgetting
from gateway.core.gateway import Gateway
from gateway.core.spans import span
from gateway.events.event import GATEWAY, News
from gateway.events.times import iso
from gateway.records import backup
from gateway.records.errors import Damaged, DiskFull, NewerSchema, StoreFull, WrongMasterKey
from gateway.records.recovery import NoRecovery

log = logging.getLogger(__name__)

LOOK_EVERY = 60.0  # seconds between looks whether one is due
AGAIN_AFTER = 600.0  # seconds until a folder that took none is tried again: a stick may be put in at any time
HOUR = 3600.0
CANNOT = (Damaged, DiskFull, NewerSchema, NoRecovery, WrongMasterKey, OSError, RuntimeError)


class Copies:
    """The copies of one house, in the folders that its settings name."""

    def __init__(self, house: Gateway) -> None:
        self._house = house
        self._folders = house.config.backup.to
        self._every = house.config.backup.every_hours * HOUR
        self._good: dict[str, float | None] = {}
        self._tried: dict[str, float] = {}
        self._faults: dict[str, str] = {}

    async def run(self) -> None:
        """Until cancelled; nothing is made where the settings do not say how often."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Makes what is due, one folder after the other."""
        for folder in self._folders:
            self._good[folder] = good = await asyncio.to_thread(backup.newest_good, Path(folder))
            due = self._every and (good is None or not 0 <= self._house.memory.now() - good < self._every)
            if due and self._house.memory.steady() - self._tried.get(folder, float("-inf")) >= AGAIN_AFTER:
                self._tried[folder] = self._house.memory.steady()
                await self._make(folder)

    def newest(self) -> dict[str, str | None]:
        """By folder, when the newest good copy there was made; None where there is none."""
        return {folder: iso(at) if (at := self._good.get(folder)) else None for folder in self._folders}

    def age_s(self) -> float | None:
        """How many seconds old the newest good copy is in the folder that has been without one for longest."""
        ages = [self._house.memory.now() - at for at in self._good.values() if at is not None]
        return max(0.0, *ages) if ages else None

    def why(self) -> list[str]:
        """What a person must know: where there is no copy that is younger than twice the time between two."""
        said = []
        for folder in self._folders if self._every else ():
            good, fault = self._good.get(folder), self._faults.get(folder)
            age = None if good is None else self._house.memory.now() - good
            if fault is not None or (age is not None and age > 2 * self._every):
                since = "no good copy" if age is None else f"no good copy for {span(max(0.0, age))}"
                said.append(f"{folder}: {since}" + (f" ({fault})" if fault else ""))
        return said

    async def _make(self, folder: str) -> None:
        house, data = self._house, self._house.store.folder
        try:
            made = await asyncio.to_thread(backup.backup, data, Path(folder), house.config.backup.keep)
            if made.wrong is not None:
                raise Damaged(made.wrong)
            facts = await asyncio.to_thread(backup.facts_of, made.path, data)
        except CANNOT as error:
            if self._faults.get(folder) != str(error):
                log.error("no copy was made in %s: %s", folder, error)
            self._faults[folder] = str(error)
            return
        self._faults.pop(folder, None)
        self._good[folder] = await asyncio.to_thread(backup.newest_good, Path(folder))
        answered = forgetting.copied(house, facts["to"], facts["erasures"])
        with suppress(DiskFull, StoreFull):  # the copy is there, and health says what the disk does
            await house.record([News("records.backed_up", facts["name"], facts), *answered], GATEWAY)

"""Copies of the records, made by the gateway itself: in each folder in its turn, tried before they count, told of."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

from gateway import __version__
from gateway.core import forgetting
from gateway.core.gateway import Gateway
from gateway.core.spans import span
from gateway.events.event import GATEWAY, News
from gateway.events.times import iso
from gateway.operations.findings import Busy
from gateway.records import backup, manifest
from gateway.records.errors import Damaged, DiskFull, NewerSchema, StoreFull, WrongMasterKey
from gateway.records.recovery import RECOVERY_FILE, NoRecovery

log = logging.getLogger(__name__)

LOOK_EVERY = 60.0  # seconds between looks whether one is due
AGAIN_AFTER = 600.0  # seconds until a folder that took none is tried again: a stick may be put in at any time
HOUR = 3600.0
SHOWN = 20  # copies of a folder
UNTRIED = "it was never brought back on trial"
CANNOT = (Damaged, DiskFull, NewerSchema, NoRecovery, WrongMasterKey, OSError, RuntimeError)


class NoSuchFolder(LookupError):
    """No copies go there."""


def _one(copy: Path) -> dict[str, Any]:
    """One copy: when it was made and tried, how large it is, and what is wrong with it."""
    made = manifest.made_at(copy)
    wrong: str | None = UNTRIED
    try:
        if manifest.beside(copy, "manifest").exists():
            wrong = manifest.wrong_with(copy)
    except (Damaged, OSError, ValueError, KeyError) as error:
        wrong = str(error)
    size = sum(each.stat().st_size for each in (copy, manifest.beside(copy, "keys")) if each.exists())
    return {"name": copy.name, "at": iso(made) if made else None, "wrong": wrong, "bytes": size}


class Copies:
    """The copies of one house, in the folders that its settings name."""

    def __init__(self, house: Gateway) -> None:
        self._house = house
        self._good: dict[str, float | None] = {}
        self._tried: dict[str, float] = {}
        self._faults: dict[str, str] = {}
        self._making: tuple[str, asyncio.Task[None]] | None = None

    @property
    def _folders(self) -> tuple[str, ...]:
        return self._house.config.backup.to

    @property
    def _every(self) -> float:
        return self._house.config.backup.every_hours * HOUR

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
            rested = self._house.memory.steady() - self._tried.get(folder, float("-inf")) >= AGAIN_AFTER
            if due and rested and self.making is None:
                self._tried[folder] = self._house.memory.steady()
                await self._make(folder)

    @property
    def making(self) -> str | None:
        """The folder in which somebody has a copy made now."""
        return self._making[0] if self._making is not None and not self._making[1].done() else None

    def begin(self, folder: str) -> None:
        """Makes a copy in one of the folders, now; raises NoSuchFolder, and Busy while one is made."""
        if folder not in self._folders:
            raise NoSuchFolder(f"copies do not go to {folder}: [backup] to names the folders")
        if self.making is not None:
            raise Busy("a copy is being made")
        self._making = folder, asyncio.create_task(self._make(folder), name="copy")

    async def look_into(self) -> dict[str, Any]:
        """The folders with their copies, the newest first, as JSON; ``key``: whether a recovery key was made."""
        folders = await asyncio.to_thread(lambda: [self._shape(folder) for folder in self._folders])
        backup_ = self._house.config.backup
        return {
            "every_hours": backup_.every_hours, "keep": backup_.keep, "making": self.making, "folders": folders,
            "version": __version__, "key": (self._house.store.folder / RECOVERY_FILE).exists(),
        }  # fmt: skip

    def _shape(self, folder: str) -> dict[str, Any]:
        rows = [_one(copy) for copy in reversed(backup.copies_in(Path(folder))[-SHOWN:])]
        return {"to": folder, "there": Path(folder).is_dir(), "fault": self._faults.get(folder), "copies": rows}

    def newest(self) -> dict[str, str | None]:
        """By folder, when the newest good copy there was made; None where there is none."""
        return {folder: iso(at) if (at := self._good.get(folder)) else None for folder in self._folders}

    def age_s(self) -> float | None:
        """How many seconds old the newest good copy is in the folder that has been without one for longest."""
        good = [self._good.get(folder) for folder in self._folders]
        ages = [self._house.memory.now() - at for at in good if at is not None]
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

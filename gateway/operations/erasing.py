"""Brings every erasure to every place that may hold something of the erased, until each has answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from gateway.core import forgetting
from gateway.core.gateway import Gateway
from gateway.events.event import GATEWAY, News
from gateway.operations.webhooks import Hook
from gateway.records import backup, erasure_list, erasure_receipts, left_names, told
from gateway.records.copying import alone_in
from gateway.records.erasure_receipts import BACKUP, LIST, TABLET, WEBHOOK, Erasure, Place
from gateway.records.errors import Damaged, DiskFull, StoreFull

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0  # seconds between looks at what tablets and webhooks have answered
REACH_EVERY = 600.0  # seconds between tries at folders: a stick may be put in at any time
LIST_EVERY = 21_600.0  # seconds between lines that go to other folders: one a day at the least
KNOWN_AGAIN_EVERY = 1.0


async def once_known(quarantined: Callable[[], bool], start: Callable[[], Awaitable[None]]) -> None:
    """Starts what tells others once the house is out of quarantine."""
    while quarantined():  # noqa: ASYNC110 - it ends once in years, and nobody waits for it
        await asyncio.sleep(KNOWN_AGAIN_EVERY)
    await start()


class Erasing:
    """Asks places; ``painted`` says by tablet up to which event it has shown everything."""

    def __init__(self, house: Gateway, hooks: Sequence[Hook], painted: Callable[[], Mapping[str, int]]) -> None:
        self._house = house
        self._hooks = {hook.config.name: hook for hook in hooks}
        self._painted = painted
        self._reached_at = float("-inf")
        self._listed_at = float("-inf")
        self._told: set[str] = set()
        self._said: set[tuple[str, str, str]] = set()  # answers that are on their way to the disk
        self.faults: dict[str, str] = {}
        """By folder, why the list of erasures is not there, for a person."""

    def why(self) -> list[str]:
        """The same in sentences, as ``/health`` says them: until it is there, a copy of that folder is not safe."""
        return [f"the list of erasures is not kept in {at}: {fault}" for at, fault in sorted(self.faults.items())]

    async def run(self) -> None:
        """Until cancelled."""
        begun = True  # something, perhaps, before the last stop
        while True:
            with suppress(DiskFull, StoreFull):  # next time; health says what the disk does
                if begun:
                    await forgetting.take(self._house, [], GATEWAY)
                    await self._house.store.write(left_names.finish)
                    begun = False
                await self.look()
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Asks each place once that has not answered; folders now and then, and at once after a new erasure."""
        steady = self._house.memory.steady()
        waiting = erasure_receipts.waiting(self._house.store.reader)
        new = {each.id for each in waiting} - self._told
        if new or steady - self._reached_at >= REACH_EVERY:
            self._reached_at = steady
            self._told |= new
            await self._reach_folders(waiting, lists=bool(new) or steady - self._listed_at >= LIST_EVERY)
        for each in waiting:
            self._note(each, [place for place in each.places if place.done_at is None and self._has_shown(each, place)])
        await self._forget_names(waiting)

    async def _forget_names(self, waiting: Sequence[Erasure]) -> None:
        """What the erased were called is kept while a webhook is to be told, which knows them by that name alone."""
        store, now = self._house.store, self._house.memory.certain()
        heard = {name for name, hook in self._hooks.items() if not hook.ended}
        due = {
            each.id
            for each in waiting
            if any(one.kind == WEBHOOK and one.done_at is None and one.place in heard for one in each.places)
        }
        if over := left_names.over(store.reader, due, now):
            await store.write(lambda tx: left_names.drop(tx, over))
            for each in over:
                self._house.names.forget(each)

    def _has_shown(self, erasure: Erasure, place: Place) -> bool:
        number = told.number_of(self._house.store.reader, erasure.sequence)
        if place.kind == TABLET:
            return self._painted().get(place.place, -1) >= number
        hook = self._hooks.get(place.place) if place.kind == WEBHOOK else None
        return hook is not None and not hook.ended and hook.done >= number

    async def _reach_folders(self, waiting: Sequence[Erasure], *, lists: bool) -> None:
        folders = {place.place for each in waiting for place in each.places if place.kind in (BACKUP, LIST)}
        if lists:
            self._listed_at = self._house.memory.steady()
            folders |= {*self._house.config.backup.erasures, *self._house.config.backup.to}
        kept = {folder for folder in sorted(folders) if await self._keep(folder)}
        for each in waiting:
            keys = frozenset(map(bytes.fromhex, each.keys))
            done = []
            for place in (one for one in each.places if one.done_at is None and one.place in kept):
                if place.kind == LIST or (place.kind == BACKUP and await self._overwrite(place.place, keys)):
                    done.append(place)
            self._note(each, done)

    async def _overwrite(self, folder: str, keys: frozenset[bytes]) -> bool:
        try:
            return await asyncio.to_thread(backup.reach, Path(folder), keys)
        except OSError as error:
            log.warning("copies in %s cannot be reached: %s", folder, error)
            return False

    async def _keep(self, folder: str) -> bool:
        """Whether the list of erasures is in this folder now; what only that one there knows is erased here too."""
        house, path = self._house, Path(folder) / erasure_list.ERASURES_FILE
        try:
            if not await asyncio.to_thread(Path(folder).is_dir):
                raise FileNotFoundError("there is no such folder")
            there = await asyncio.to_thread(erasure_list.read, path, house.store.keyring.hand)
            ours = house.store.keyring.erasures.lines()
            if there.lines != ours[: len(there.lines)]:
                await forgetting.take(house, [there.lines], GATEWAY)
                ours = house.store.keyring.erasures.lines()
            if there.lines != ours:
                await asyncio.to_thread(_put, path, ours)
        except (OSError, Damaged) as error:
            if self.faults.get(folder) != str(error):
                log.warning("the list of erasures is not kept in %s: %s", folder, error)
            self.faults[folder] = str(error)
            return False
        self.faults.pop(folder, None)
        return True

    def _note(self, erasure: Erasure, done: Sequence[Place]) -> None:
        done = [place for place in done if (erasure.id, place.kind, place.place) not in self._said]
        self._said |= {(erasure.id, place.kind, place.place) for place in done}
        if done:
            self._house.note(
                [
                    News(
                        "erasure.answered",
                        erasure.id,
                        {"erasure": erasure.id, "kind": place.kind, "place": place.place, "done": True},
                    )
                    for place in done
                ]
            )


def _put(path: Path, lines: Sequence[str]) -> None:
    with alone_in(path.parent):
        erasure_list.write(path, lines)

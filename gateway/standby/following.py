"""A standby: it keeps the records of the first box as they are there, reads no reader, and serves no tablet."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from pathlib import Path
from typing import Any

from gateway import __version__
from gateway.events.times import iso, now
from gateway.hub.wire import Message, Unfit, number, octets, table
from gateway.joined.calling import Answered, Unreached
from gateway.records import swap
from gateway.records.errors import Damaged, WrongMasterKey
from gateway.records.followed import Copied
from gateway.records.following import Batch
from gateway.records.seal import KEYS_FILE, Keyring
from gateway.records.store import RECORDS_FILE
from gateway.standby import files, left, letters, papers
from gateway.standby.asking import ask
from gateway.standby.names import FILE
from gateway.standby.papers import Other, Paper

log = logging.getLogger(__name__)

WAIT = 2.0  # seconds that the first box may wait for news
WITHIN = 30.0  # seconds for one answer while a copy is taken
SILENT = 4.0  # seconds for one answer otherwise
AGAIN = 0.5  # seconds until the first box is tried again
FILES_EVERY = 2.0  # seconds between two looks at the other files
UNHEARD_S = 10.0  # IT is told then


class Standby:
    """Follows until it is told to take over; its folder's lock is held by the caller."""

    def __init__(self, folder: Path, paper: Paper, alone_after_s: float) -> None:
        if paper.other is None:
            raise Damaged(f"{folder / FILE} names no other box: follow anew (moments follow)")
        self._folder = folder
        self._paper = paper
        self._other: Other = paper.other
        self._alone_after_s = alone_after_s
        self._copied: Copied | None = None
        self._writing = threading.Lock()
        self._known: files.Listed = {}
        self._looked = 0.0
        self._last = 0
        self._fault: str | None = "the first box was not asked yet"
        self._begun = time.monotonic()
        self._heard: float | None = None
        self._heard_at = 0.0

    # --- how it stands -----------------------------------------------------------------------------------------------

    @property
    def ready(self) -> bool:
        """Whether there is something whole to take over with."""
        return self._copied is not None and self._copied.standing()[2]

    def silent_s(self) -> float:
        """For how many seconds the first box has not been heard."""
        return time.monotonic() - (self._heard or self._begun)

    def report(self) -> dict[str, Any]:
        """What ``/health`` answers at a standby."""
        behind = None
        if self._copied is not None and self._last:
            behind = max(0, self._last - self._copied.last().number)
        why = [self._fault] if self._fault and self.silent_s() > UNHEARD_S else []
        heard = None if self._heard is None else iso(self._heard_at)
        facts = {"of": self._other.url, "behind": behind, "heard_at": heard, "ready": self.ready, "fault": self._fault}
        return {"status": "degraded" if why else "ok", "why": why, "standby": facts}

    # --- following ---------------------------------------------------------------------------------------------------

    async def follow(self) -> None:
        """Returns when the first box has been silent for as long as the settings say; otherwise never."""
        while True:
            try:
                await self._step()
                self._fault = None
            except (Unreached, Answered) as silent:
                self._say(str(silent))
            except (Damaged, Unfit, WrongMasterKey, OSError) as wrong:
                self._say(str(wrong))
                if not isinstance(wrong, OSError):
                    await self._anew()
            if self._fault is not None:
                if self._alone and self.ready:
                    log.warning("the first box has not been heard for %d s", self.silent_s())
                    return
                await asyncio.sleep(AGAIN)

    @property
    def _alone(self) -> bool:
        return bool(self._alone_after_s) and self.silent_s() >= self._alone_after_s

    def _say(self, words: str) -> None:
        if self._fault != words:
            log.warning("following: %s", words)
        self._fault = words

    async def _step(self) -> None:
        """One question to the first box, and what follows of the answer."""
        if self._paper.beyond is not None:
            await left.bring(self._folder, self._paper, self._ask)
            self._paper = papers.keep(self._folder, self._paper.but(beyond=None))
        if self._copied is None:
            await asyncio.to_thread(self._open)
        if self._copied is None:
            await self._copy()
        copied = self._copied
        if copied is None:
            return
        life, done, _ = copied.standing()
        look = time.monotonic() - self._looked > FILES_EVERY
        asked = {"type": "changes", "life": life, "number": done, "wait": WAIT, "files": look, "build": __version__}
        said = await self._ask(asked, SILENT)
        if said.get("anew"):
            await self._anew()
            return
        more = bool(said.get("more"))
        if "batch" in said:
            batch, to = letters.batch_of(said["batch"]), number(said.get("number"), "number")
            await asyncio.to_thread(self._put, copied, batch, life, to, whole=not more)
        elif not copied.standing()[2]:
            await asyncio.to_thread(self._put, copied, letters.NOTHING, life, done, whole=not more)
        self._last = number(said.get("last"), "last")
        if "files" in said:
            self._looked = time.monotonic()
            await self._others(dict(table(said["files"], "files")))

    def _put(self, copied: Copied, batch: Batch, life: int, number: int, *, whole: bool) -> None:
        with self._writing:
            if copied is self._copied:  # and not closed meanwhile
                copied.put(batch, life, number, whole=whole)

    def _open(self) -> None:
        there = all((self._folder / name).exists() for name in (RECORDS_FILE, KEYS_FILE))
        if there and not swap.is_due(self._folder):
            copied = Copied(self._folder)
            if copied.standing()[0]:
                self._copied = copied
            else:
                copied.close()

    async def _anew(self) -> None:
        """What is here is of another life of the first box: it stays until a new copy is whole."""
        if self._copied is not None:
            self._copied.close()
            self._copied = None
        await self._copy()

    async def _copy(self) -> None:
        """Takes a copy of all that there is, and puts it in the place of what was here."""
        said = await self._ask({"type": "copy"}, WITHIN)
        with swap.stage(self._folder) as stage:
            for name in (RECORDS_FILE, KEYS_FILE):
                await self._fetch(name, stage / name)
            swap.ready(stage)
            swap.finish(self._folder)
        for aside in self._folder.glob("*.before-restore.db"):
            aside.unlink()  # a second box keeps nothing that the first does not
        self._known = {}
        await self._others(dict(table(said.get("files"), "files")))
        Keyring(self._folder, read_only=True).close()  # the master key is there, and is theirs
        copied = Copied(self._folder)
        copied.begin(number(said.get("life"), "life"))
        self._copied = copied
        log.info("a copy of the first box is here")

    async def _others(self, there: files.Listed) -> None:
        """Brings the other files to where they are at the first box."""
        here = await asyncio.to_thread(files.listed, self._folder)
        for name in sorted(here.keys() - there.keys()):
            (self._folder / name).unlink(missing_ok=True)
        for name, stamp in sorted(there.items()):
            if files.is_ours(name) and (self._known.get(name) != stamp or name not in here):
                content = bytearray()
                while part := await self._part(name, len(content)):
                    content += part
                    if len(content) > files.LARGEST:
                        raise Unfit(f"{name} is larger than it may be")
                await asyncio.to_thread(files.put, self._folder, name, bytes(content))
                self._known[name] = stamp

    async def _fetch(self, name: str, target: Path) -> None:
        with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            while part := await self._part(name, file.tell()):
                await asyncio.to_thread(file.write, part)

    async def _part(self, name: str, offset: int) -> bytes:
        said = await self._ask({"type": "part", "name": name, "offset": offset}, WITHIN)
        return octets(table(said.get("content"), "content").get("b"), "content")

    async def _ask(self, message: Message, within: float = WITHIN) -> Message:
        """What the first box answers; raises Answered, Unreached or Unfit."""
        said = await ask(self._paper, self._other, message, within)
        self._heard, self._heard_at = time.monotonic(), now()
        return said

    def close(self) -> None:
        """Lets go of the records, once what is being written is."""
        with self._writing:
            copied, self._copied = self._copied, None
        if copied is not None:
            copied.close()

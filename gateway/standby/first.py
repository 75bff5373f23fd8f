"""The first box of a venue, as its standby sees it: it lets one in, hands over a copy, and tells what changes."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from gateway.events.times import iso, now
from gateway.hub import invitations
from gateway.hub.problems import HubProblem
from gateway.hub.wire import Message, Unfit, b64, number, octets, table, text
from gateway.records import journal_rows
from gateway.records.connection import SealedDatabase
from gateway.records.following import Following, Written
from gateway.records.seal import KEYS_FILE
from gateway.records.store import RECORDS_FILE
from gateway.standby import files, letters, papers
from gateway.standby.papers import Other, Paper

WAITS = 2.0  # seconds that an answer waits for news at most: so soon a second box knows that we are silent
UNHEARD_S = 60.0  # a second box that is silent for less is nobody's business
GIVEN_UP_S = 600.0  # what changed is not noted for longer than that: the second box takes a new copy
PROOF = 32  # bytes


class House(Written, Protocol):
    """The store of this house, as far as it is needed here."""

    @property
    def folder(self) -> Path:
        """Where it lies."""
        ...

    @property
    def reader(self) -> SealedDatabase:
        """A connection that cannot write."""
        ...


Left = Callable[[Message], Awaitable[None]]


class First:
    """Belongs to the gateway's loop. ``stop`` is called where the other box took over; ``left`` is given its rows."""

    def __init__(self, folder: Path, venue: str, store: House, stop: Callable[[], None], left: Left) -> None:
        self._folder = folder
        self._venue = venue
        self._store = store
        self._stop = stop
        self._left = left
        self._news = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._following = Following(store, self._noted)
        self._turn = asyncio.Lock()
        self._life = 0
        self._number = 0
        self._pending: Message | None = None
        self._parts: dict[int, str] = {}
        self._begun = time.monotonic()
        self._heard: float | None = None
        self._heard_at = 0.0

    def paper(self) -> Paper | None:
        """Who this box is, as the disk has it: an invitation may have been made meanwhile."""
        return papers.read(self._folder)

    # --- joining -----------------------------------------------------------------------------------------------------

    def join(self, body: Mapping[str, Any]) -> Message:
        """Lets a second box in by an invitation, in the place of one that was there; raises HubProblem or Unfit."""
        paper = self.paper()
        keys = table(body.get("keys"), "keys")
        sign, open_ = octets(keys.get("sign"), "sign", 32), octets(keys.get("open"), "open", 32)
        found = self._invitation(paper, text(body.get("invitation"), "invitation"))
        state: str = invitations.state(found, int(now() * 1000))
        if state == "good" and found is not None:
            given = octets(body.get("proof"), "proof", PROOF)
            venue, role = text(body.get("venue"), "venue"), text(body.get("role"), "role")
            state = "good" if invitations.proves(found, given, venue, role, sign, open_) else "forged"
        if paper is None or paper.invitation is None or state != "good":
            why, why_zh = invitations.WHY[state if state != "good" else "none"]
            raise HubProblem("invitation", why=why, why_zh=why_zh)
        other = Other(f"{self._venue}-{os.urandom(4).hex()}", "", sign, open_)
        used = papers.Invitation(paper.invitation.secret, paper.invitation.until, used=True)
        paper = papers.keep(self._folder, paper.but(other=other, invitation=used))
        ours, to_us = paper.keys.public
        return {"box": other.id, "hub": self._venue, "life": paper.id, "keys": {"sign": b64(ours), "open": b64(to_us)}}

    def _invitation(self, paper: Paper | None, id_: str) -> invitations.Invitation | None:
        made = paper.invitation if paper is not None else None
        if made is None or invitations.id_of(made.secret) != id_:
            return None
        return invitations.Invitation(
            id_, made.secret, self._venue, "standby", "", made.until, made.until if made.used else None
        )

    # --- being followed ----------------------------------------------------------------------------------------------

    async def exchange(self, body: Mapping[str, Any], from_: str) -> Message:
        """The answer to the other box, which comes from this address, sealed for it; raises HubProblem or Unfit."""
        paper = self.paper()
        if paper is None or paper.other is None or body.get("box") != paper.other.id:
            raise HubProblem("box-revoked")
        try:
            asked = letters.question(body, paper.other.sign)
        except Unfit:
            raise HubProblem("session") from None
        self._loop = asyncio.get_running_loop()
        said = await self._answer(asked, paper, from_)
        self._heard, self._heard_at = time.monotonic(), now()
        return letters.answered({**said, "term": paper.term}, body, paper.keys, paper.other.open)

    async def _answer(self, asked: Message, paper: Paper, from_: str) -> Message:
        kind = asked.get("type")
        if kind == "changes":
            return await self._changes(asked)
        async with self._turn:
            if kind == "copy":
                return await self._copy()
            if kind == "part":
                name, offset = text(asked.get("name"), "name", 1000), number(asked.get("offset"), "offset")
                return await asyncio.to_thread(self._part, name, offset)
            if kind == "left":
                return await self._rows_left(asked)
        if kind == "superseded":
            return self._superseded(asked, paper, from_)
        raise Unfit("type: expected changes, copy, part, left or superseded")

    async def _copy(self) -> Message:
        """Begins to note what changes, and makes a copy of what there is; what changes meanwhile is told besides."""
        await self._following.begin()
        self._life, self._number, self._pending = int.from_bytes(os.urandom(7), "big") + 1, 0, None
        folder = self._folder / files.FOLLOWING
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        self._news.set()
        for name in (RECORDS_FILE, KEYS_FILE):  # keys last: with more keys than rows everything can be read
            await asyncio.to_thread(files.copy_of, self._folder, name)
        return {"life": self._life, "files": await asyncio.to_thread(files.listed, self._folder)}

    def _part(self, name: str, offset: int) -> Message:
        if name in (RECORDS_FILE, KEYS_FILE):
            path = self._folder / files.FOLLOWING / name
        elif not files.is_ours(name) or not (self._folder / name).is_file():
            raise Unfit("name: expected one of the files that were listed")
        elif name.endswith(".db"):
            path = files.copy_of(self._folder, name) if offset == 0 else files.copy_at(self._folder, name)
        else:
            path = self._folder / name
        return {"content": files.part_of(path, offset)}

    async def _changes(self, asked: Message) -> Message:
        life, done = number(asked.get("life"), "life"), number(asked.get("number"), "number")
        if life != self._life or done not in (self._number, self._number - 1):
            return {"anew": True}
        if done == self._number:
            await self._gather(min(WAITS, float(asked.get("wait", 0))))
        last = journal_rows.last(self._store.reader)
        said: Message = {
            "life": self._life, "number": self._number, "last": last.number, "more": self._following.more,
        }  # fmt: skip
        if self._pending is not None and done == self._number - 1:
            said["batch"] = self._pending
        if asked.get("files"):
            said["files"] = await asyncio.to_thread(files.listed, self._folder)
        return said

    async def _gather(self, wait: float) -> None:
        """What changed since becomes the next batch; waits for something where nothing did."""
        self._pending = None
        with suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._news.wait()
        self._news.clear()
        async with self._turn:
            batch = await self._following.take()
        if batch:
            self._number, self._pending = self._number + 1, letters.of_batch(batch)
            self._news.set()  # there may be more than one batch holds

    def _noted(self) -> None:
        if self._loop is not None:
            with suppress(RuntimeError):  # we are stopping
                self._loop.call_soon_threadsafe(self._news.set)

    async def keep(self) -> None:
        """Gives up noting what changes for a second box that is silent; puts its copies away."""
        await asyncio.to_thread(shutil.rmtree, self._folder / files.FOLLOWING, ignore_errors=True)
        while True:
            await asyncio.sleep(WAITS)
            silent = time.monotonic() - (self._heard or self._begun)
            if self._life and silent > GIVEN_UP_S:
                self._life = 0
                await self._following.end()
                await asyncio.to_thread(shutil.rmtree, self._folder / files.FOLLOWING, ignore_errors=True)

    # --- the other box took over -------------------------------------------------------------------------------------

    def _superseded(self, asked: Message, paper: Paper, from_: str) -> Message:
        """The other box took over in a later term: we stop, and follow it from now on."""
        term = number(asked.get("term"), "term")
        if term <= paper.term or paper.other is None:
            return {"followed": False}
        url, beyond = str(asked.get("url") or ""), asked.get("beyond")
        if not url:
            scheme = "https" if asked.get("scheme") == "https" else "http"
            host = f"[{from_}]" if ":" in from_ else from_
            url = f"{scheme}://{host}:{number(asked.get('port'), 'port', 1)}"
        where = (number(beyond[0], "epoch"), number(beyond[1], "position")) if isinstance(beyond, list) else None
        other = Other(paper.other.id, url, paper.other.sign, paper.other.open)
        papers.keep(self._folder, paper.but(role="standby", term=term, other=other, beyond=where, invitation=None))
        self._stop()
        return {"followed": True}

    async def _rows_left(self, asked: Message) -> Message:
        """Rows that the other box wrote before it knew that we took over; they come in parts."""
        at, of = number(asked.get("part"), "part", 1), number(asked.get("of"), "of", 1)
        if at == 1:
            self._parts.clear()
        self._parts[at] = str(asked.get("content", ""))
        if sum(map(len, self._parts.values())) > letters.LARGEST:
            self._parts.clear()
            raise Unfit("what was left is longer than it may be")
        if at == of and len(self._parts) == of:
            whole = "".join(self._parts[each] for each in range(1, of + 1))
            self._parts.clear()
            await self._left(letters.read(whole.encode()))
        return {}

    # --- how it stands -----------------------------------------------------------------------------------------------

    def report(self) -> dict[str, Any] | None:
        """What ``/health`` says of it; None where there is no second box."""
        paper = self.paper()
        if paper is None or (paper.other is None and not paper.at):
            return None
        return {
            "of": None, "behind": None, "followed": self._followed,
            "heard_at": None if self._heard is None else iso(self._heard_at),
            "took_over_at": paper.at or None, "on_promote": paper.ended or None, "fault": None,
        }  # fmt: skip

    @property
    def _followed(self) -> bool:
        return bool(self._life) and self._heard is not None and time.monotonic() - self._heard < 2 * WAITS + 1

    def why(self) -> list[str]:
        """What somebody has to see to, in sentences."""
        paper = self.paper()
        if paper is None:
            return []
        found = []
        silent = time.monotonic() - (self._heard or self._begun)
        if paper.other is not None and silent > UNHEARD_S:
            since = "" if self._heard is None else f" since {iso(self._heard_at)}"
            found.append(f"the second box of this venue is not heard{since}: nobody could take over")
        if paper.ended and paper.ended != papers.WELL:
            found.append(f"on_promote: {paper.ended}")
        return found

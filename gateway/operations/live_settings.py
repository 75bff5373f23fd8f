"""``venue.toml`` while the house runs: shown, changed with its comments kept, taken up without a restart, taken back.

A file that somebody wrote or edited by hand is written to with their leave alone: what was written here last is known
by its digest, in ``settings.written`` of the data folder.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.taking_up import in_use, take_up
from gateway.events.event import GATEWAY, Event, News
from gateway.events.times import iso, new_id
from gateway.operations.equipment import Equipment, same_link
from gateway.operations.private_file import private_file
from gateway.records import journal_rows
from gateway.records.sqlite_file import sync_folder
from gateway.settings import added, changes, toml_file
from gateway.settings.changes import LIVE, Change, Hunk, NotThere
from gateway.settings.mistakes import BadConfig
from gateway.settings.venue import VenueConfig

WRITTEN = "settings.written"
SHOWN = 20  # changes of before
PROVED_WITHIN = 20.0  # seconds in which a reader that was up is up again, or its new settings are taken back
LOOK_EVERY = 0.5
NO_FILE = "these settings are in no file: nothing can be written"
OTHER = "venue.toml is another than the one that was looked at"
BY_HAND = "somebody wrote venue.toml by hand: it is changed with leave alone"

Because = Literal["screen", "command", "by_hand", "undone", "reader_lost"]


class NotNow(Exception):
    """It cannot be done, as things are; the text says why."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A text that may be the file's: checked, and what is another in it; ``waits`` are tables of the next start.

    ``ours``: the text before was written here.
    """

    before: str
    text: str
    config: VenueConfig
    tables: list[str]
    waits: list[str]
    hunks: list[Hunk]
    ours: bool

    def shape(self) -> dict[str, Any]:
        """As JSON."""
        return {"tables": self.tables, "waits": self.waits, "difference": changes.difference(self.hunks)}


class LiveSettings:
    """The settings of one house that runs; ``file`` None: they are in none. ``follow`` hears of those taken up."""

    def __init__(
        self, house: Gateway, file: Path | None, equipment: Equipment, follow: Callable[[VenueConfig], Awaitable[None]]
    ) -> None:
        self._house = house
        self._equipment = equipment
        self._follow = follow
        self.file = file
        self.turn = asyncio.Lock()
        """Held by whoever changes something, from the look at the file to the last of it."""
        self.taken_up: Callable[[], None] = lambda: None
        """What follows once the house goes by other settings: whoever looks at it is to see it anew."""
        self._of_file = house.config
        self._known = digest(toml_file.text_of(file)) if file is not None and file.exists() else ""
        self._proving: set[asyncio.Task[None]] = set()

    # --- what there is -----------------------------------------------------------------------------------------------

    async def look(self) -> dict[str, Any]:
        """The settings, their file, and the latest changes; raises BadConfig, and NotNow where there is no file."""
        text = await asyncio.to_thread(self._text)
        made = [event for event in self._made() if event.data]
        over = {event.data["undoes"] for event in made} - {None}
        known = digest(text) == self._known
        return {
            "file": str(self.file),
            "version": digest(text),
            "by_hand": not self.ours(text),
            "edited": not known,
            "writable": os.access(self.file or "/nowhere", os.W_OK) and os.access(self._folder(), os.W_OK),
            "settings": toml_file.values(text, self.file or Path("venue.toml")),
            "live": sorted(LIVE),
            "waits": changes.waits(self._house.config, self._of_file),
            "changes": [self._change(event, text, over) for event in made],
        }

    def ours(self, text: str) -> bool:
        """Whether this text is what was written here last, or at set-up."""
        return is_ours(self._house.store.folder, text)

    def _made(self) -> list[Event]:
        where = "WHERE type = 'settings.changed' ORDER BY number DESC LIMIT ?"
        return list(journal_rows.select(self._house.store.reader, where, SHOWN))

    def _change(self, event: Event, text: str, over: set[str | None]) -> dict[str, Any]:
        data, lines = event.data, _hunks(event)
        undone = data["change"] in over
        return {
            "change": data["change"], "at": iso(event.time), "by": event.actor,
            "by_name": self._house.memory.floor.name_of(event.actor), "because": data["because"],
            "undoes": data["undoes"], "tables": data["tables"], "difference": changes.difference(lines),
            "undone": undone, "may_undo": not undone and _undoable(text, lines),
        }  # fmt: skip

    # --- what is to be another ---------------------------------------------------------------------------------------

    async def propose(self, made: Sequence[Change], version: str | None = None, text: str | None = None) -> Proposal:
        """What these changes, or a whole new text, come to; raises BadConfig, NotThere, and NotNow for another file.

        Without either it is what somebody wrote into the file since the gateway took it up.
        """
        before = await asyncio.to_thread(self._text)
        if version is not None and version != digest(before):
            raise NotNow(OTHER)

        def proposed() -> Proposal:
            after = text if text is not None else changes.changed(before, made, self._path())
            return self._proposed(before, after)

        return await asyncio.to_thread(proposed)

    async def back(self, change: str) -> Proposal:
        """What taking back this change comes to; raises as ``propose``."""
        found = next((event for event in self._made() if event.data and event.data["change"] == change), None)
        if found is None:
            raise NotThere("there is no such change, or it is long ago")
        before = await asyncio.to_thread(self._text)
        return await asyncio.to_thread(self._proposed, before, changes.undone(before, _hunks(found)))

    def _proposed(self, before: str, after: str) -> Proposal:
        config = changes.checked(after, self._path())
        running = self._house.config
        different = changes.hunks(before, after)
        named, waits = changes.tables(self._of_file, config), changes.waits(running, config)
        return Proposal(before, after, config, named, waits, different, self.ours(before))

    def allowed(self, proposal: Proposal, *, leave: bool) -> None:
        """Raises NotNow where it cannot be done now, or needs the leave of whoever wrote the file."""
        if proposal.text != proposal.before and not leave and not proposal.ours:
            raise NotNow(BY_HAND)
        why = in_use(self._house, proposal.config)
        if why is not None:
            raise NotNow(why)

    # --- and is ------------------------------------------------------------------------------------------------------

    async def write(self, proposal: Proposal) -> None:
        """The file has this text, or the one it had; raises OSError."""
        if proposal.text != proposal.before:
            await asyncio.to_thread(self._put, proposal.text, ours=True)

    async def unwrite(self, proposal: Proposal) -> None:
        """It could not be recorded, so it has not been."""
        if proposal.text != proposal.before:
            await asyncio.to_thread(self._put, proposal.before, ours=proposal.ours)

    def action(self, proposal: Proposal, because: Because, undoes: str | None = None) -> Action:
        """That it is so, as an event and as an answer."""
        id_ = new_id()
        lines = [{"at": h.at, "before": list(h.before), "after": list(h.after)} for h in proposal.hunks]
        data = {
            "change": id_, "because": because, "undoes": undoes, "tables": proposal.tables, "waits": proposal.waits,
            "lines": lines,
        }  # fmt: skip
        news = [News("settings.changed", self._house.config.venue.id, data)]
        return Action({"change": id_, **proposal.shape()}, news=news)

    async def take_up(self, proposal: Proposal, change: str) -> None:
        """The house goes by these settings from now on, but for what waits for its next start."""
        running = self._house.config
        after = running.model_copy(update={name: getattr(proposal.config, name) for name in LIVE})
        tried = [r.id for r in running.readers if self._is_tried(r.id, after)]
        await self._equipment.part(after)
        await self._follow(after)
        take_up(self._house, after)
        self._equipment.take_up(after)
        self._of_file, self._known = proposal.config, digest(proposal.text)
        self.taken_up()
        for reader in tried:
            proving = asyncio.create_task(self._prove(reader, change))
            self._proving.add(proving)
            proving.add_done_callback(self._proving.discard)

    def close(self) -> None:
        """Nothing is waited for any more."""
        for proving in self._proving:
            proving.cancel()

    # --- a reader that does not come back ----------------------------------------------------------------------------

    def _is_tried(self, reader: str, after: VenueConfig) -> bool:
        """Whether a reader that is up is reached otherwise from now on."""
        keeper, wanted = self._equipment.keeper(reader), next((r for r in after.readers if r.id == reader), None)
        known = keeper is not None and keeper.state == "up" and wanted is not None
        return known and keeper is not None and not same_link(keeper.config, wanted)

    async def _prove(self, reader: str, change: str) -> None:
        """Takes the change back where the reader is not up in time."""
        for _ in range(int(PROVED_WITHIN / LOOK_EVERY)):
            await asyncio.sleep(LOOK_EVERY)
            keeper = self._equipment.keeper(reader)
            if keeper is None or keeper.state == "up":
                return
        try:
            await self.undo(change, "reader_lost")
        except (BadConfig, NotThere, NotNow, OSError):
            return  # somebody has changed it meanwhile

    async def undo(self, change: str, because: Because) -> None:
        """Takes a change back by itself; raises as ``back``."""
        async with self.turn:
            proposal = await self.back(change)
            self.allowed(proposal, leave=True)
            await self.write(proposal)
            action = await self._house.act(lambda: self.action(proposal, because, change), GATEWAY)
            await self.take_up(proposal, action.answer["change"])

    # --- the file ----------------------------------------------------------------------------------------------------

    def _path(self) -> Path:
        if self.file is None:
            raise NotNow(NO_FILE)
        return self.file

    def _folder(self) -> Path:
        return self._path().parent

    def _text(self) -> str:
        return toml_file.text_of(self._path())

    def _put(self, text: str, *, ours: bool) -> None:
        added.write(self._path(), text)
        sync_folder(self._folder())
        if ours:
            mark(self._house.store.folder, text)
        else:
            (self._house.store.folder / WRITTEN).unlink(missing_ok=True)


def is_ours(data: Path, text: str) -> bool:
    """Whether this text is what was written for this data folder last."""
    try:
        return (data / WRITTEN).read_text("utf-8").strip() == digest(text)
    except OSError:
        return False


def mark(data: Path, text: str) -> None:
    """Notes that this text of ``venue.toml`` is ours."""
    private_file(data / WRITTEN, digest(text).encode())


def digest(text: str) -> str:
    """What a text is known by."""
    return sha256(text.encode()).hexdigest()


def _hunks(event: Event) -> list[Hunk]:
    return [Hunk(each["at"], tuple(each["before"]), tuple(each["after"])) for each in event.data["lines"]]


def _undoable(text: str, lines: Iterable[Hunk]) -> bool:
    try:
        changes.undone(text, list(lines))
    except NotThere:
        return False
    return True

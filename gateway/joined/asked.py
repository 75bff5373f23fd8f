"""What a talk with the hub asks of the venue's records, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.hub.wire import Message
from gateway.joined.intake import DataKeys, Item
from gateway.joined.outgoing import Batch, Marks
from gateway.records.hub_cursors import Cursor, Life


class Ended(Exception):
    """The talk is over: ``code`` says why, ``words`` for a person in both languages; when to come back.

    ``retry_s``: after so many seconds; None: not before somebody has done something about it.
    """

    def __init__(self, code: str, words: Mapping[str, str], retry_s: float | None, spread_s: float | None) -> None:
        super().__init__(words.get("en", code))
        self.code = code
        self.words = dict(words)
        self.retry_s = retry_s
        self.spread_s = spread_s


@dataclass(slots=True)
class Heard:
    """What one message of a feed brings: it and the cursor are written in one commit."""

    feed: str
    number: int
    hash: bytes
    items: list[Item]
    keys: dict[tuple[str, bytes], bytes]
    part: int = 0
    """Of a snapshot, from 1; 0: news."""
    last: bool = True


class Records(Protocol):
    """What the talk asks of the venue's records."""

    async def lives(self) -> Sequence[Life]:
        """The epochs that go to the hub, oldest first, the newest always among them."""

    async def hash_at(self, life: Life, position: int) -> bytes | None:
        """The hash of a row, or of what stands before the first; None where it is not there."""

    async def cursors(self) -> tuple[str, Mapping[str, Cursor]]:
        """The life of the hub that we know, empty at first, and how far each feed was read."""

    async def held(self, epoch: int) -> tuple[int, bool]:
        """How far the hub had an epoch when that was noted last, and whether nothing of it is to be sent any more."""

    async def batch(self, life: Life, after: int, before: bytes) -> Batch | None:
        """The next that goes to the hub; None where there is nothing."""

    async def ahead(self, life: Life, after: int) -> list[Message]:
        """What goes out of turn while a backlog goes."""

    async def acked(self, marks: Marks, *, done: bool) -> None:
        """The hub has a batch; ``done``: and with it a whole older epoch."""

    async def take(self, heard: Heard) -> None:
        """Effect and cursor in one commit; once this returns keys that were to be destroyed are."""

    async def begin_life(self, hub: str, life: str) -> None:
        """The hub lives anew."""

    async def begin_epoch(self, because: str) -> None:
        """This box was restored or copied: what follows is another epoch."""

    async def pass_over(self, life: Life) -> None:
        """The hub has another history of this epoch, or rows were let go before it had them: it is sent no more."""

    async def ask_back(self, life: Life) -> None:
        """Of this epoch the hub has rows that we lost: they are to come back, once we are greeted."""

    async def lost(self) -> tuple[int, int] | None:
        """The oldest epoch of which rows are to come back, and behind which position; None where none are."""

    async def take_back(self, said: Message, keys: DataKeys, escrow: Mapping[bytes, bytes]) -> None:
        """Rows of our own that came back, with what opens them."""

    async def stopped(self, epoch: int, customers: Sequence[str]) -> None:
        """These stopped what the hub may know while we had that epoch, though none of the rows that are left say so."""

    async def pass_back(self, epoch: int, position: int | None) -> None:
        """Rows of an epoch come back from behind here at the earliest; None: of it none do."""

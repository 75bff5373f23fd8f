"""Rows as they travel: each is held against the hash that it brings, and a batch is good whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from gateway.events import hlc
from gateway.events.event import HOUSE, STAFF, VISIT
from gateway.hub.problems import HubProblem
from gateway.hub.wire import Epoch, Message, Unfit, b64, digest, octets, table
from gateway.records import chain

MOST = 500
"""Rows in one batch."""
LONGEST = 512 * 1024
"""Bytes that one row may be sealed into."""
AHEAD_MS = hlc.AHEAD_MS
ERASED = "customer.erased"


_TEXTS = {str}
_parsed = lru_cache(2_048)(hlc.parse)  # each row is asked several times while it is taken


@dataclass(slots=True, frozen=True)
class Row:
    """One event as it travels: open with its head, or dark; of what was blanked only the digests are left."""

    position: int
    hash: bytes
    head_digest: bytes
    body_digest: bytes
    text: str = ""
    sealed: bytes = b""
    dark: bytes = b""
    head: chain.Head | None = None

    @property
    def stamp(self) -> int | None:
        """Its hybrid clock; None where it is dark."""
        return None if self.head is None else _parsed(self.head.hlc)

    @property
    def subject(self) -> str | None:
        """The customer it tells of, as its origin calls them; None of the house, of staff, and where it is dark."""
        head = self.head
        if head is None or not head.subject:
            return None
        if head.type == ERASED:
            return head.subject
        return None if head.holder == HOUSE or head.holder.startswith((STAFF, VISIT)) else head.subject

    def wire(self) -> Message:
        """The row as it is sent."""
        if self.text:
            return {"position": self.position, "head": self.text, "sealed": b64(self.sealed), "hash": self.hash.hex()}
        return {
            "position": self.position,
            "dark": b64(self.dark),
            "head_digest": self.head_digest.hex(),
            "body_digest": self.body_digest.hex(),
            "hash": self.hash.hex(),
        }

    def blank(self) -> Row:
        """What is left of it once it is blanked: the chain still holds."""
        return replace(self, text="", sealed=b"", dark=b"", head=None)


class _Wrong(Exception):
    """A row is not what its hash says; the text says why."""


def batch(origin: str, epoch: Epoch, after: int, before: bytes, wires: Sequence[object]) -> list[Row]:
    """The rows behind ``after``, whose row has the hash ``before``; raises HubProblem: ``chain`` or ``not-yours``."""
    found: list[Row] = []
    for position, wire in enumerate(wires, after + 1):
        row = one(origin, epoch, position, wire)
        if chain.link(before, position, row.head_digest, row.body_digest) != row.hash:
            raise HubProblem("chain", position=position, why="its hash is not its content's")
        before = row.hash
        found.append(row)
    return found


def one(origin: str, epoch: Epoch, position: int | None, wire: object) -> Row:
    """A row alone, its place in the chain not looked at; ``position`` None: whichever it says."""
    try:
        members = table(wire, "a row")
        said = members.get("position")
        if not isinstance(said, int) or isinstance(said, bool) or said < 1:
            raise _Wrong("it has no position")
        place = said if position is None else position
        if said != place:
            raise _Wrong(f"the row here says that it is {said}")
        return _dark(place, members) if "dark" in members else _open(origin, epoch, place, members)
    except (_Wrong, Unfit) as wrong:
        raise HubProblem("chain", position=position or 0, why=str(wrong)) from None


def _dark(position: int, members: Mapping[str, Any]) -> Row:
    dark = octets(members["dark"], "dark") if members["dark"] else b""
    if len(dark) > LONGEST:
        raise _Wrong("it is too large")
    return Row(
        position,
        digest(members.get("hash"), "hash"),
        digest(members.get("head_digest"), "head_digest"),
        digest(members.get("body_digest"), "body_digest"),
        dark=dark,
    )


def _open(origin: str, epoch: Epoch, position: int, members: Mapping[str, Any]) -> Row:
    text, sealed = members.get("head"), octets(members.get("sealed"), "sealed")
    if not isinstance(text, str) or len(text) > 4096 or len(sealed) > LONGEST:
        raise _Wrong("it has no head of ours, or is too large")
    try:
        head = chain.read_head(text)
        whole = set(map(type, (*head[:2], *head[4:]))) == _TEXTS and bool(head.id and head.type)
        _parsed(head.hlc)
    except (ValueError, TypeError, RecursionError):
        raise _Wrong("its head is none of an event") from None
    if not whole or head.position != position or isinstance(head.position, bool):
        raise _Wrong("its head is none of an event at this position")
    if head.epoch != epoch or isinstance(head.epoch, bool):
        raise _Wrong("its head names another epoch")
    if head.origin != origin:
        raise HubProblem("not-yours", why=f"the row at position {position} is of {head.origin!r}")
    hash_ = digest(members.get("hash"), "hash")
    return Row(position, hash_, chain.head_digest(text), chain.body_digest(sealed), text, sealed, head=head)


def beginning(origin: str, epoch: Epoch, parent: bytes | None) -> bytes:
    """What stands before the first row of an epoch."""
    return chain.beginning(origin, epoch, parent or chain.NOTHING)  # type: ignore[arg-type]


def effective(last: int, stamp: int | None, received_ms: int) -> int:
    """The hybrid clock by which the hub orders a row: it only grows, and is at most five minutes ahead of ours.

    ``last`` is that of the row before; a dark row, without a ``stamp``, takes the time at which it came.
    """
    ours = received_ms << hlc.COUNTER_BITS
    most = received_ms + AHEAD_MS << hlc.COUNTER_BITS
    return max(last, min(ours if stamp is None else stamp, most))

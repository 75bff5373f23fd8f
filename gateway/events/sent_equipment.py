"""Readers, the plan and walk tests as they leave the gateway."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Time
from gateway.events.sent import ReaderRole, Sent, Verdict


class Reader(Sent):
    """The live state of a reader; ``reason`` says why it is not up, ``rejected`` counts frames with a bad check."""

    id: str
    driver: str
    role: ReaderRole
    zone: str | None
    zones: list[str]
    state: Literal["up", "quiet", "lost"]
    reason: str | None
    firmware: str | None
    reads_per_s: float
    last_sighting: Time | None
    since: Time
    rejected: int


class PlanRoom(Sent):
    """A zone on the plan: its corner nearest the origin, and its size."""

    zone: str
    x: float
    y: float
    w: float
    h: float


class PlanPoint(Sent):
    """Where a reader is on the plan."""

    reader: str
    x: float
    y: float


class Plan(Sent):
    """The venue seen from above, in metres."""

    width: float
    height: float
    zones: list[PlanRoom]
    readers: list[PlanPoint]


class WalkPlace(Sent):
    """One antenna, room or whole reader in a walk test; ``louder`` are the zones that heard the tag better there."""

    reader: str
    role: ReaderRole
    antenna: int | str | None
    zone: str
    verdict: Verdict
    reads: int
    needed: int
    best_rssi: float | None
    louder: list[str]


class WalkPlaceResult(WalkPlace):
    """The same once the walk has ended: ``last`` is when the tag was heard there last."""

    last: Time | None


class WalkResult(Sent):
    """How a walk through the venue with a test tag ended; the tag is masked."""

    tag: str | None
    places: list[WalkPlaceResult]
    zones: dict[str, Verdict]
    passed: bool
    at: Time
    by: str

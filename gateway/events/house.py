"""What happens to the house itself: its staff, tablets, programs, readers and records."""

from __future__ import annotations

from typing import Any, Literal

from gateway.events.data import Data, Hex, Time

LimitKind = Literal["connections", "silent", "slow", "live", "pin", "pin_guessed", "pairing", "broker"]


class StaffChanged(Data):
    """A member of staff, whole; ``pin_hash`` is argon2id and leaves the gateway with nobody."""

    staff: str
    name: str
    roles: list[str]
    zones: list[str]
    languages: list[str]
    pin_hash: str | None
    hired: bool
    new_pin: bool


class StaffRemoved(Data):
    """Somebody no longer works here; their tokens and sessions ended with it."""

    staff: str
    keys: list[Hex]
    tokens: list[str]


class ShiftStarted(Data):
    """On shift, in these zones (none: their own), until when (None: until told)."""

    staff: str
    zones: list[str]
    since: Time
    until: Time | None


class ShiftEnded(Data):
    """Off shift; ``handed`` are the promises and complaints that went to others, ``kept`` those nobody could take."""

    staff: str
    because: Literal["ended", "ran_out", "signed_out"]
    handed: list[str]
    kept: list[str]


class StaffConnected(Data):
    """The first live tablet of this person came, or the last went."""

    staff: str
    connected: bool


class SessionBegan(Data):
    """Somebody signed in; ``session`` is the SHA-256 of the cookie."""

    session: Hex
    staff: str
    tablet: str | None


class SessionEnded(Data):
    """A session is over, and why."""

    session: Hex
    staff: str
    because: Literal["signed_out", "expired", "new_pin", "removed", "tablet_revoked"]


class SignInRefused(Data):
    """A wrong PIN; ``staff`` is None for a name nobody has."""

    staff: str | None
    tablet: str | None


class TokenMade(Data):
    """A program may act in a role from now on; ``hash`` is the SHA-256 of its secret."""

    token: str
    hash: Hex
    role: str
    staff: str | None


class TokenRevoked(Data):
    """A program may not any more."""

    token: str


class TabletPaired(Data):
    """A tablet showed a good code; ``hash`` is the SHA-256 of its secret."""

    tablet: str
    name: str
    hash: Hex
    paired_by: str


class TabletRevoked(Data):
    """A tablet is let go."""

    tablet: str
    name: str


class ReaderChanged(Data):
    """A reader was lost, is quiet, or is back; ``reader`` and ``id`` are the same."""

    reader: str
    id: str
    driver: str
    role: str
    zone: str | None
    zones: list[str]
    state: str
    reason: str | None
    firmware: str | None
    reads_per_s: float
    last_sighting: Time | None
    since: Time
    rejected: int


class PlanChanged(Data):
    """The venue's plan was drawn anew."""

    width: float
    height: float
    zones: list[dict[str, Any]]
    readers: list[dict[str, Any]]


class WalkEnded(Data):
    """How a walk through the venue with a test tag ended; the tag is masked."""

    tag: str | None
    places: list[dict[str, Any]]
    zones: dict[str, Any]
    passed: bool
    at: Time
    by: str


class AreasLearnt(Data):
    """What people who walked have shown about which antennas can hear one thing at once."""

    areas: list[Any]


class RoomsLearnt(Data):
    """What staff's acts have taught of how the venue's rooms sound to its readers; nothing in it is about a person."""

    rooms: dict[str, Any]
    because: Literal["kept", "imported"]


class RetentionApplied(Data):
    """What was over for long enough was let go: before when, and how many of each, events of the journal included."""

    visits: Time
    journal: Time
    receipts: Time
    sessions: Time
    answers: Time
    gone: dict[str, int]


class BackedUp(Data):
    """A copy of the records was made and checked."""

    name: str
    epoch: int
    position: int
    head: Hex


class WebhookEnded(Data):
    """A webhook's receiver is gone for good and is sent nothing more."""

    webhook: str


class LimitReached(Data):
    """Somebody (an address, a tablet or a person) did more at once than one may, so often since this was last told."""

    kind: LimitKind
    who: str
    count: int


class ClockMoved(Data):
    """The clock of the house was set, by so many seconds; what lasted then moved with it. ``woke``: before a start."""

    by_s: float
    woke: bool


class EpochBegan(Data):
    """A life of this database began: at first, after a restore, or under another venue id."""

    because: Literal["new", "restored", "renamed", "upgraded"]
    parent_epoch: int | None
    parent_position: int | None
    carried: dict[str, int]

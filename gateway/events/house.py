"""What happens to the house itself: its staff, tablets, programs, readers and records."""

from __future__ import annotations

from typing import Any, Literal

from gateway.events.data import Data, Hex, Time

LimitKind = Literal[
    "connections", "silent", "slow", "live", "pin", "pin_guessed", "pairing", "unproven", "broker", "origin"
]


class StaffChanged(Data):
    """A member of staff, whole; ``pin_hash`` is argon2id and leaves the gateway with nobody.

    ``signs_out``: they may something else now, and whatever they were signed in on ended with it.
    """

    staff: str
    name: str
    roles: list[str]
    zones: list[str]
    languages: list[str]
    pin_hash: str | None
    hired: bool
    signs_out: bool = False
    new_pin: bool


class PinCodeMade(Data):
    """Somebody may choose a new PIN with a one-time code, until when; the code itself stands nowhere."""

    staff: str
    until: Time


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
    """Somebody signed in; ``session`` is the SHA-256 of the cookie, ``key`` whose signature each request bears."""

    session: Hex
    key: Hex | None = None
    staff: str
    tablet: str | None


class SessionEnded(Data):
    """A session is over, and why."""

    session: Hex
    staff: str
    because: Literal["signed_out", "expired", "new_pin", "removed", "tablet_revoked", "role_changed", "restored"]


class SessionLocked(Data):
    """Nobody touched a screen for too long: it shows nobody until the PIN is given again."""

    session: Hex
    staff: str


class SessionUnlocked(Data):
    """The PIN was given again."""

    session: Hex
    staff: str


class SignInRefused(Data):
    """A wrong PIN; ``staff`` is None for a name nobody has."""

    staff: str | None
    tablet: str | None


class OddSignIn(Data):
    """Somebody signed in with the right PIN and yet oddly: by night on a device new to them, or after wrong ones."""

    staff: str
    because: Literal["new_device_at_night", "after_wrong_pins"]
    tablet: str | None


class GlassAsked(Data):
    """Somebody asks for what nobody may open alone: ``about`` whom or what, and why."""

    glass: str
    a: str
    b: str | None
    reason: str
    kind: Literal["customer", "zone", "manager", "export", "quarantine"]
    about: str
    until: Time


class GlassOpened(GlassAsked):
    """Another confirmed it: it is open, for reading, until then."""


class GlassEnded(Data):
    """What was asked for, or opened, is over."""

    glass: str
    opened: bool
    because: Literal["closed", "ran_out"]


class TokenMade(Data):
    """A program may act from now on, until when; ``hash`` is the SHA-256 of its secret.

    ``scopes`` are what it may do; None: what its role may, as for a person's own program. One from before scopes and
    ends says neither.
    """

    token: str
    hash: Hex
    role: str
    name: str = ""
    scopes: list[str] | None = None
    until: Time | None = None
    staff: str | None


class TokenUsed(Data):
    """When a program that was used lately was used last, and from where."""

    token: str
    at: Time
    source: str


class TokenLimited(Data):
    """A program from before tokens had an end was given one: until then it goes on as before."""

    token: str
    name: str
    role: str
    until: Time


class TokenRevoked(Data):
    """A program may not any more: somebody ended it, its time was over, whose it is has other roles
    now, or the records were brought back from a copy.
    """

    because: Literal["ended", "expired", "role_changed", "restored"] = "ended"
    token: str


class TabletPaired(Data):
    """A tablet showed a good code; ``hash`` is the SHA-256 of its secret, ``key`` the public half of its own key."""

    tablet: str
    name: str
    hash: Hex
    key: Hex | None = None
    paired_by: str


class TabletBound(Data):
    """A tablet that was paired before there were keys has one now."""

    tablet: str
    name: str
    key: Hex


class TabletRevoked(Data):
    """A tablet is let go; ``lost``: nobody knows where it is."""

    lost: bool = False
    tablet: str
    name: str


class TabletWiped(Data):
    """A tablet that was let go was heard again, and has wiped what it kept."""

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


class CatalogueChanged(Data):
    """The venue's own values of the catalogue, all of them, and the codes that are not given out again."""

    version: int
    values: list[dict[str, Any]]
    retired: list[str]


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


class BackedUp(Data):
    """A copy of the records was made and checked, in the folder ``to``; empty where an older program made it.

    ``erasures`` is how long the list of erasures was whose keys are overwritten in that folder.
    """

    to: str = ""
    erasures: int = 0
    name: str
    epoch: int
    position: int
    head: Hex


class KeysRotated(Data):
    """Keys were made anew: of what, in place of which (``id``: of a key, or of a customer), and by which (``kid``).

    ``stolen`` says since when the old key is in other hands, and where the journal stood then.
    """

    what: Literal["master", "customer", "receipts", "operator", "chain", "pins", "broker", "ca"]
    id: str | None
    kid: str | None
    because: Literal["asked", "due"]
    stolen: dict[str, Any] | None


class WebhookEnded(Data):
    """A webhook's receiver is gone for good and is sent nothing more."""

    webhook: str


class RecordsDamaged(Data):
    """Records could not be read: how many were made anew, and how many of each table are set aside now."""

    mended: int
    aside: dict[str, int]


class ReaderPasswordMade(Data):
    """New passwords at the embedded broker, for these users; the passwords themselves stand nowhere."""

    reader: str
    users: list[str]


class LimitReached(Data):
    """Somebody (an address, a tablet or a person) did more at once than one may, so often since this was last told."""

    kind: LimitKind
    who: str
    count: int


class ClockMoved(Data):
    """The clock of the house was set, by so many seconds; what lasted then moved with it. ``woke``: before a start."""

    by_s: float
    woke: bool


class SettingsLines(Data):
    """Lines of the file that are others, with two around them; ``at`` is the first, from 0, in the newer text."""

    at: int
    before: list[str]
    after: list[str]


class SettingsChanged(Data):
    """``venue.toml`` is another now: which of its tables, line by line, why, and which earlier change this takes back.

    ``waits`` are tables that the gateway takes up at its next start alone.
    """

    change: str
    because: Literal["screen", "command", "by_hand", "undone", "reader_lost"]
    undoes: str | None
    tables: list[str]
    waits: list[str]
    lines: list[SettingsLines]


class EpochBegan(Data):
    """A life of this database began: first, restored, under another id, for the hub, or by a box that took over."""

    because: Literal["new", "restored", "renamed", "upgraded", "forked", "joined", "promoted"]
    parent_epoch: int | None
    parent_position: int | None
    carried: dict[str, int]

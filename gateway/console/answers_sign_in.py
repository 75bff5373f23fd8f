"""What a tablet is answered before anybody has signed in, and what it may keep once somebody has."""

from __future__ import annotations

from gateway.events.data import Time
from gateway.events.sent import Localised, Me, Sent


class VenueName(Sent):
    """What a tablet shows of the venue before anybody has signed in."""

    id: str
    name: Localised
    kind: str


class StaffName(Sent):
    """Somebody who works here."""

    id: str
    name: str


class PinCode(Sent):
    """A one-time code with which somebody chooses a new PIN, and until when it is good; it is told this once."""

    code: str
    expires: Time


class SignInPage(Sent):
    """The names to pick from; none where this tablet is not ``paired`` and has to be.

    ``bound``: it was given a key already; ``keyless``: it may do without; ``passkeys``: somebody may use one here.
    """

    venue: VenueName
    staff: list[StaffName]
    demo: bool
    paired: bool
    bound: bool
    keyless: bool
    passkeys: bool


class Kept(Sent):
    """The gateway's share of the key to what a tablet keeps for this person, and until when it opens without us.

    ``now`` is the gateway's time, ``idle_s`` after how many seconds untouched the PIN is asked again.
    """

    share: str
    now: Time
    until: Time
    idle_s: float


class SignedIn(Me):
    """Who has signed in; of people on tablets with what opens what is kept for them there."""

    keep: Kept | None

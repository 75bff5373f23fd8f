"""What the live socket sends: the frames, and what an event of each type says beside the shapes of ``sent``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel

from gateway.events.data import Time
from gateway.events.house import LimitKind
from gateway.events.sent import (
    Alert,
    Ask,
    Me,
    Owed,
    Plan,
    Preference,
    Presence,
    Purpose,
    Reader,
    Sent,
    Staff,
    Venue,
    WalkResult,
    Whereabouts,
)

# --- frames ----------------------------------------------------------------------------------------------------------


class Alerting(Sent):
    """After how many seconds an alert goes on, and then to a manager."""

    escalate_after_s: list[float]


class MomentRule(Sent):
    """Which kind of moment this venue tells, where (no zone: everywhere), after how long, and whom."""

    kind: str
    zones: list[str]
    after_minutes: float
    days: int
    to: Literal["holder", "owner", "zone", "manager"]


class State(Sent):
    """The whole floor for a tablet that starts, or was away too long; ``preferences`` are those of who is here.

    A program is sent it without what says who somebody is, and who looks after equipment alone the readers and staff.
    """

    venue: Venue
    me: Me
    present: list[Presence]
    alerts: list[Alert]
    asks: list[Ask]
    promises: list[Owed]
    complaints: list[Owed]
    preferences: dict[str, list[Preference]]
    readers: list[Reader]
    staff: list[Staff]
    alerting: Alerting
    moments: list[MomentRule]
    plan: Plan | None


class Hello(Sent):
    """The first frame, and once more when the clock was set; ``state`` is null where all after ``since`` follows."""

    type: Literal["hello"]
    sequence: int
    build: str
    state: State | None


class Tick(Sent):
    """We are here: at least every five seconds.

    ``quiet``: by visit, those who are here and have not been heard for longer than is usual, and since when. It is no
    event, since nothing has happened; null for who looks after equipment alone.
    """

    type: Literal["tick"]
    sequence: int
    time: Time
    quiet: dict[str, Time] | None


class LiveEvent(Sent):
    """One CloudEvent of the live socket; ``data`` is what its ``type`` says.

    ``recorded``: the disk has it; what recognition brings is told before that.
    """

    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: str
    time: Time
    sequence: int
    actor: str
    recorded: bool
    data: dict[str, Any]


# --- events ----------------------------------------------------------------------------------------------------------


class Follows(Sent):
    """What else screens show of the customer from now on: where it may have changed, and is on a screen at all.

    ``preferences`` of who is here, ``asks`` of a visit that goes on after a while away, ``alerts`` with their cards.
    """

    preferences: list[Preference] | None = None
    asks: list[Ask] | None = None
    alerts: list[Alert] | None = None


class PresenceChange(Presence, Follows):
    """Somebody came, moved or left; ``sightings_at`` is the read that decided it, ``late`` says it is history."""

    sightings_at: Time
    late: bool = False


class Arrival(PresenceChange):
    """Somebody came, with what their card needs: what to do and to avoid."""

    preferences: list[Preference]


class Hint(Alert, Whereabouts):
    """Somebody of yours may be at the door: given to one person, silent and unnamed."""

    sightings_at: Time


class UnseenHint(Whereabouts):
    """Somebody may be at the door, and nobody could be told; only a program is sent who it is."""

    customer: str | None
    stage: Literal["hint"]
    card: None
    to: list[str]
    sightings_at: Time


class AlertChange(Alert):
    """An alert as it is from now on, and who looks after the customer of its visit, or since when nobody does."""

    attended_by: str | None
    waiting_since: Time | None


class PreferenceRecorded(Preference, Follows):
    """One more fact; ``preferences`` says which of all facts hold now."""


class OwedChange(Owed, Follows):
    """Something is owed, is somebody else's to keep, or is settled."""


class PreferenceServed(Preference):
    """The customer had what they like, or was spared what they do not."""

    served_by: str
    served_at: Time


class CompanionsCounted(Sent):
    """How many people a customer has brought along: counted, never named."""

    visit: str
    customer: str
    companions: int
    by: str


class VisitReviewed(Sent):
    """How a visit was, from 1 to 5, and what it was about."""

    id: str
    visit: str
    customer: str
    satisfaction: int
    about: Literal["product", "person", "place"] | None
    outcome: str | None
    note: str | None
    by: str
    by_name: str | None
    at: Time


class ConsentChange(Follows):
    """A customer agreed to a purpose, or no longer does."""

    customer: str
    purpose: Purpose
    expires: Time | None


class CustomerChange(Follows):
    """How a customer is named and spoken to from now on."""

    customer: str
    name: str | None
    address_as: str | None
    language: str | None
    tier: str | None


class CustomerErased(Follows):
    """A customer is forgotten; ``alerts`` are those of others that named them."""

    customer: str


class CustomerDoubted(Follows):
    """A tag or phone may be a copy: the customer is to be verified by sight, and nothing of them is shown."""

    customer: str
    kind: str
    reason: str


class WishChange(Sent):
    """How a customer wants to be treated from now on."""

    customer: str
    wishes: list[str]


class WishesTold(CustomerChange):
    """The same with how they are named from now on: who wants no name is not named any more."""

    wishes: list[str]


class CredentialChange(Follows):
    """A tag or phone was given to a customer, or taken back."""

    customer: str
    credential: str
    scheme: str


class ReaderChange(Reader):
    """A reader was lost, is quiet or is back; ``reader`` says the same as ``id``."""

    reader: str


class StaffChange(Staff):
    """A member of staff came, went or changed; ``removed`` where they no longer work here."""

    removed: bool = False


class TabletChange(Sent):
    """A tablet was paired, or let go."""

    tablet: str
    name: str


class WebhookEnded(Sent):
    """A webhook's receiver is gone for good and is sent nothing more."""

    webhook: str


class LimitReached(Sent):
    """Somebody (an address, a tablet or a person) did more at once than one may, so often since this was last told."""

    kind: LimitKind
    who: str
    count: int


EVENTS: Mapping[str, tuple[type[BaseModel], ...]] = {
    "visit.hinted": (Hint, UnseenHint),
    "visit.arrived": (Arrival,),
    **dict.fromkeys(("visit.moved", "visit.departed"), (PresenceChange,)),
    "visit.companions": (CompanionsCounted,),
    "visit.reviewed": (VisitReviewed,),
    **dict.fromkeys(
        (
            "alert.opened", "alert.escalated", "alert.waited", "alert.claimed", "alert.released", "alert.handed_over",
            "alert.closed", "alert.rated",
        ),
        (AlertChange,),
    ),
    **dict.fromkeys(("ask.opened", "ask.answered", "ask.served"), (Ask,)),
    **dict.fromkeys(("promise.made", "promise.kept", "promise.handed_over"), (OwedChange,)),
    **dict.fromkeys(("complaint.opened", "complaint.closed", "complaint.handed_over"), (OwedChange,)),
    "preference.recorded": (PreferenceRecorded,),
    "preference.served": (PreferenceServed,),
    **dict.fromkeys(("consent.granted", "consent.revoked"), (ConsentChange,)),
    **dict.fromkeys(("customer.enrolled", "customer.changed"), (CustomerChange,)),
    "customer.erased": (CustomerErased,),
    "customer.doubted": (CustomerDoubted,),
    "wish.changed": (WishesTold,),
    **dict.fromkeys(("credential.given", "credential.taken"), (CredentialChange,)),
    **dict.fromkeys(("reader.lost", "reader.quiet", "reader.back"), (ReaderChange,)),
    **dict.fromkeys(
        ("staff.changed", "staff.removed", "staff.connected", "shift.started", "shift.ended"), (StaffChange,)
    ),
    **dict.fromkeys(("tablet.paired", "tablet.revoked"), (TabletChange,)),
    "plan.changed": (Plan,),
    "walk.ended": (WalkResult,),
    "limit.reached": (LimitReached,),
    "webhook.ended": (WebhookEnded,),
}  # fmt: skip
"""What the data of each type of event may be, as it leaves."""
FRAMES: tuple[type[BaseModel], ...] = (Hello, Tick, LiveEvent)

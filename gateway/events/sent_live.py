"""What an event of each type says on the live socket, beside the shapes of ``sent``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel

from gateway.events.data import Time
from gateway.events.sent import (
    Alert,
    Ask,
    Owed,
    Preference,
    Presence,
    Sent,
    Staff,
    Whereabouts,
)
from gateway.events.sent_consents import ConsentSaid, NoticeTold
from gateway.events.sent_covered import Covered
from gateway.events.sent_equipment import Plan, Reader, WalkResult
from gateway.events.sent_frames import Hello, LiveEvent, Tick, View
from gateway.events.sent_house import LimitReached, QuarantineEnded, RecordsDamaged
from gateway.events.sent_rounds import (
    ExpectedChange,
    ExpectedVisit,
    Menu,
    MenuChange,
    PlaceChange,
    Places,
    Round,
    RoundChange,
)
from gateway.events.sent_security import Noticed

# --- events ----------------------------------------------------------------------------------------------------------


class Follows(Sent):
    """What else screens show of the customer from now on: where it may have changed, and is on a screen at all.

    ``preferences`` of who is here, ``asks`` of a visit that goes on after a while away, ``alerts`` with their cards,
    open ``rounds`` that the customer is in, ``menus`` of which something was ordered.
    """

    preferences: list[Preference] | None = None
    asks: list[Ask] | None = None
    alerts: list[Alert] | None = None
    rounds: list[Round] | None = None
    menus: list[Menu] | None = None


class PresenceChange(Presence, Follows):
    """Somebody came, moved or left, ``because`` where not by foot; ``sightings_at`` decided it, ``late``: history."""

    sightings_at: Time
    late: bool = False
    because: Literal["revoked", "erased", "merged", "wrong_person"] | None = None


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
    """One more fact, which may end others; ``preferences`` are all facts with what holds of them now."""


class AskChange(Ask, Follows):
    """A question was put, answered or served; what the customer has had is suggested no more."""


class OrderFlagged(AskChange):
    """An order goes against what is ``recorded`` of the guest since; or the galley has ``seen`` that."""

    because: Literal["recorded", "seen"]


class Seated(PlaceChange, Follows):
    """Who sits where has changed."""


class ExpectedTold(ExpectedChange, Follows):
    """Who is expected has changed."""


class OwedChange(Owed, Follows):
    """Something is owed, is somebody else's to keep, or is settled."""


class PreferenceServed(Preference):
    """The customer had what they like, or was spared what they do not."""

    served_by: str
    served_at: Time


class PreferenceServedChange(PreferenceServed, Follows):
    """The same with the cards that suggest it no more."""


class CatalogueChange(Sent):
    """The venue's catalogue changed: whoever shows it reads it anew."""

    version: int


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


class ConsentChange(Follows, ConsentSaid):
    """What a customer said to a purpose, with what follows on a screen; ``expected``: how the book has them now."""

    expected: list[ExpectedVisit] | None = None


class CustomerChange(Follows):
    """How a customer is named and spoken to from now on."""

    customer: str
    name: str | None
    address_as: str | None
    language: str | None
    tier: str | None


class CustomerMerged(Sent):
    """Two customers are one from now on, or two again; a hello with the whole state comes with it."""

    customer: str
    merge: str
    other: str


class LentChange(CustomerChange):
    """Another venue says something new of who is here."""


class CustomerErased(Follows):
    """A customer is forgotten, or lent no more; ``alerts`` are those of others that named them."""

    customer: str


class CustomerDoubted(Follows):
    """A tag or phone may be a copy: the customer is to be verified by sight, and nothing of them is shown."""

    customer: str
    kind: str
    reason: str


class CustomerSettled(Follows):
    """What was in doubt by what staff said is settled: it was them, or what they carried is taken back."""

    customer: str
    because: Literal["it_was_them", "taken_back"]


class WishChange(Sent):
    """How a customer wants to be treated from now on."""

    customer: str
    wishes: list[str]


class WishesTold(CustomerChange):
    """The same with how they are named from now on: who wants no name is not named any more."""

    wishes: list[str]


class SuggestionOver(Follows):
    """What was suggested about a customer was done, or is not to be done."""

    customer: str
    suggestion: str


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


EVENTS: Mapping[str, tuple[type[BaseModel], ...]] = {
    "visit.hinted": (Hint, UnseenHint),
    "visit.arrived": (Arrival,),
    **dict.fromkeys(("visit.moved", "visit.departed"), (PresenceChange,)),
    "visit.companions": (CompanionsCounted,),
    "visit.reviewed": (VisitReviewed,),
    **dict.fromkeys(
        (
            "alert.opened", "alert.escalated", "alert.waited", "alert.claimed", "alert.released", "alert.handed_over",
            "alert.met", "alert.closed", "alert.rated",
        ),
        (AlertChange,),
    ),
    **dict.fromkeys(("ask.opened", "ask.answered", "ask.served"), (AskChange,)),
    "order.flagged": (OrderFlagged,),
    "places.changed": (Places,),
    **dict.fromkeys(("place.taken", "place.freed"), (Seated,)),
    **dict.fromkeys(("expected.changed", "expected.missed"), (ExpectedTold,)),
    "menu.changed": (MenuChange,),
    **dict.fromkeys(("round.started", "round.changed", "round.ended"), (RoundChange,)),
    **dict.fromkeys(("promise.made", "promise.kept", "promise.handed_over"), (OwedChange,)),
    **dict.fromkeys(("complaint.opened", "complaint.closed", "complaint.handed_over"), (OwedChange,)),
    "preference.recorded": (PreferenceRecorded,),
    "preference.served": (PreferenceServedChange,),
    "catalogue.changed": (CatalogueChange,),
    **dict.fromkeys(
        ("consent.asked", "consent.granted", "consent.refused", "consent.revoked"), (ConsentChange,)
    ),
    "notice.published": (NoticeTold,),
    **dict.fromkeys(("customer.enrolled", "customer.changed"), (CustomerChange,)),
    **dict.fromkeys(("customer.merged", "customer.unmerged"), (CustomerMerged,)),
    **dict.fromkeys(("customer.erased", "lent.ended"), (CustomerErased,)),
    "lent.changed": (LentChange,),
    "customer.doubted": (CustomerDoubted,),
    "customer.settled": (CustomerSettled,),
    "wish.changed": (WishesTold,),
    **dict.fromkeys(("suggestion.done", "suggestion.dismissed"), (SuggestionOver,)),
    **dict.fromkeys(("credential.given", "credential.taken"), (CredentialChange,)),
    **dict.fromkeys(("reader.lost", "reader.quiet", "reader.back"), (ReaderChange,)),
    **dict.fromkeys(
        ("staff.changed", "staff.removed", "staff.connected", "shift.started", "shift.ended"), (StaffChange,)
    ),
    **dict.fromkeys(("tablet.paired", "tablet.revoked"), (TabletChange,)),
    **dict.fromkeys(
        (
            "access.overridden", "staff.code_made", "sign_in.odd", "glass.asked", "glass.opened", "glass.ended",
            "token.made", "token.limited", "passkey.added", "passkey.removed",
        ),
        (Noticed,),
    ),
    "plan.changed": (Plan,),
    "walk.ended": (WalkResult,),
    "limit.reached": (LimitReached,),
    "webhook.ended": (WebhookEnded,),
    "records.damaged": (RecordsDamaged,),
    "quarantine.ended": (QuarantineEnded,),
}  # fmt: skip
"""What the data of each type of event may be, as it leaves."""
FRAMES: tuple[type[BaseModel], ...] = (Hello, View, Tick, Covered, LiveEvent)

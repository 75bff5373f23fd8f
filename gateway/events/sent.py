"""What leaves the gateway, field for field: what tablets are sent on the live socket and programs are answered.

Events hold whole facts; these are the shapes that are made of them for whoever looks. A shape with a member too many
or too few is a mistake of ours, and tests hold every answer and every event against its model.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.events.data import Time

Role = Literal["floor", "crew", "manager", "it", "integration"]
ReaderRole = Literal["outer", "inner", "exit", "zone", "tap"]
Purpose = Literal["recognise_tag", "recognise_phone", "keep_preferences", "share_partners"]
Verdict = Literal["pass", "weak", "fail"]


class Sent(BaseModel):
    """One shape; a member that is null may be unknown, one with a default may be left out."""

    model_config = ConfigDict(extra="forbid")


# --- the venue and who works in it -----------------------------------------------------------------------------------


class Localised(Sent):
    """A name in the languages of the console."""

    zh_cn: Annotated[str, Field(alias="zh-CN")]
    en: str


class Zone(Sent):
    """A named part of the venue."""

    id: str
    name: Localised


class Venue(Sent):
    """The venue's own facts."""

    id: str
    name: Localised
    kind: str
    timezone: str
    zones: list[Zone]


class Shift(Sent):
    """Where somebody works now, and until when; null until told."""

    zones: list[str]
    until: Time | None


class Me(Sent):
    """The person or program on this side of a session; ``role`` is the first of their roles.

    ``local`` is the command line on the gateway's own machine.
    """

    staff: str | None
    name: str
    role: Role | Literal["local"]
    roles: list[Role | Literal["local"]]
    zones: list[str]
    languages: list[str]
    on_shift: bool
    shift: Shift | None


class Staff(Sent):
    """A member of staff as colleagues see them; ``zones`` are those of their shift, or else their own."""

    id: str
    name: str
    on_shift: bool
    connected: bool
    zones: list[str]
    languages: list[str]
    roles: list[Role]
    shift_until: Time | None


# --- who is here -----------------------------------------------------------------------------------------------------


class Evidence(Sent):
    """Why we think so, in parts, so that each language can say it; each kind has its own parts."""

    kind: Literal["reads", "moved", "tap", "told", "seen", "silence", "exit", "left", "restored", "ended"]
    reader: str | None = None
    reads: int | None = None
    seconds: float | None = None
    db: float | None = None
    over: str | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    away: float | None = None
    missed: float | None = None
    why: str | None = None
    by: str | None = None
    verify: bool | None = None


class Whereabouts(Sent):
    """Where somebody is, since when, how sure and why; ``zone`` is null where it is not known."""

    visit: str
    zone: str | None
    since: Time
    confidence: Annotated[float, Field(ge=0, le=1)]
    reason: str
    evidence: Evidence


class Person(Sent):
    """How a customer is named; ``name`` and ``address_as`` are null for one who wants no name shown."""

    customer: str
    name: str | None
    address_as: str | None
    language: str | None
    tier: str | None
    wishes: list[str]


class Presence(Person, Whereabouts):
    """Who is here, with whom, and who looks after them; ``waiting_since`` is null where nobody needs to come.

    ``quiet_since``: nothing of theirs has been heard since then, and they are probably still here; else null.
    """

    state: Literal["present", "departed"]
    party: str | None
    companions: int
    waiting_since: Time | None
    attended_by: str | None
    quiet_since: Time | None


# --- what is known and owed ------------------------------------------------------------------------------------------


class Preference(Sent):
    """What to do or to avoid, who said so, and how we know; ``code`` names the allergen of an allergy."""

    id: str
    customer: str
    visit: str | None
    category: str
    value: str
    code: str | None
    polarity: Literal["do", "avoid", "allergy"]
    basis: Literal["stated", "observed", "inferred"]
    scope: Literal["standing", "one_off"]
    by: str | None
    by_name: str | None
    at: Time


class Ask(Sent):
    """A question put to a customer in a visit, with its answer; ``count`` is how often it was asked."""

    id: str
    visit: str
    customer: str
    question: str
    state: Literal["open", "answered", "served"]
    by: str
    by_name: str | None
    at: Time
    count: int
    answer: str | None
    answered_by: str | None
    answered_at: Time | None
    served_by: str | None
    served_at: Time | None


class Cost(Sent):
    """An amount of money."""

    amount: float
    currency: str


class Owed(Sent):
    """A promise or a complaint, with an owner; ``deadline`` says the same as ``due``."""

    id: str
    kind: Literal["promise", "complaint"]
    customer: str
    visit: str | None
    text: str
    owner: str
    due: Time | None
    deadline: Time | None
    recovery_cost: Cost | None
    handed_from: str | None
    handed_because: Literal["shift_ended"] | None
    state: Literal["open", "closed"]
    by: str
    at: Time
    closed_by: str | None
    closed_at: Time | None
    note: str | None


# --- alerts ----------------------------------------------------------------------------------------------------------


class Suggestion(Sent):
    """One thing to do, and why: ``kind`` is a word the console translates, ``value`` what about."""

    kind: Literal["recover", "keep_promise", "offer", "welcome_back", "welcome"]
    value: str | None
    basis: Literal["stated", "observed", "inferred"] | None
    at: Time | None


class Card(Person, Whereabouts):
    """What staff see of a customer in three seconds; with ``verify`` by sight first, and nothing of what is known."""

    associate: str | None
    companions: int
    visits: int
    new: list[Literal["first_visit", "back_after", "birthday"]]
    verify: bool
    verify_reason: Literal["two_places", "wrong_tid"] | None
    avoid: list[Preference]
    likes: list[Preference]
    asks: list[Ask]
    promises: list[Owed]
    complaints: list[Owed]
    last_visit: Time | None
    suggestion: Suggestion


class About(Sent):
    """What a kind of moment is about; each kind has its own parts, and an arrival has none."""

    zone: str | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    minutes: int | None = None
    days: int | None = None
    promise: Owed | None = None
    with_: Annotated[list[str | None] | None, Field(alias="with")] = None


class Alert(Sent):
    """A moment given to a member of staff; ``id`` says the same as ``alert``, and a hint names no customer."""

    id: str
    alert: str
    kind: str
    state: Literal["open", "claimed", "closed"]
    visit: str
    customer: str | None
    zone: str | None
    card: Card | None
    to: list[str]
    by: str | None
    opened_at: Time
    claimed_at: Time | None
    level: int
    outcome: Literal["greeted", "not_found", "declined", "left", "revoked"] | None
    note: str | None
    party: str | None
    stage: Literal["hint", "card"]
    about: About
    aged_s: float
    rated: bool | None
    accept_by: Time | None
    handed_by: str | None
    handed_because: Literal["released", "handed_over", "shift_ended", "tablet_lost"] | None


# --- the equipment ---------------------------------------------------------------------------------------------------


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

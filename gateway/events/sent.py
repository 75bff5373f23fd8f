"""What leaves the gateway, field for field: what tablets are sent on the live socket and programs are answered.

Events hold whole facts; these are the shapes that are made of them for whoever looks. A shape with a member too many
or too few is a mistake of ours, and tests hold every answer and every event against its model.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from gateway.events.data import Time
from gateway.events.kinds import Reason

Role = Literal["floor", "crew", "manager", "it", "integration"]
ReaderRole = Literal["outer", "inner", "exit", "zone", "tap"]
Verdict = Literal["pass", "weak", "fail"]
FactState = Literal["holds", "corrected", "retracted", "over", "note", "folded", "replaced", "resting", "contested"]


class Sent(BaseModel):
    """One shape; a member that is null may be unknown, one with a default may be left out."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


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
    gatherings: bool = False
    introductions: bool = False
    points: bool = False


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

    ``place`` is where they sit. ``quiet_since``: nothing of theirs has been heard since then, and they are probably
    still here; else null. ``keeps``: they agree that what is learnt of them is kept; else it is for this visit alone.
    """

    state: Literal["present", "departed"]
    party: str | None
    companions: int
    waiting_since: Time | None
    attended_by: str | None
    place: str | None
    quiet_since: Time | None
    keeps: bool


# --- what is known and owed ------------------------------------------------------------------------------------------


class Preference(Sent):
    """What to do or to avoid, who said so, how we know, and whether it holds.

    ``code`` is a value of the catalogue, null: own words, in ``lang``. ``corrects``, ``retracts`` and ``replaces`` are
    ids of facts that it ends or goes against; one with an empty ``value`` only names. ``state`` says what became of it,
    ``against`` by which fact; ``told`` how often it was said; ``doubted``: it holds, and somebody said otherwise.
    ``doubt``: what is to be asked of a fact that an older program recorded. ``venue``: another venue, where it was
    recorded.
    """

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
    lang: str | None
    corrects: list[str]
    retracts: list[str]
    replaces: list[str]
    reason: Reason | None
    doubt: Literal["polarity"] | None
    venue: str | None
    venue_name: Localised | None
    state: FactState
    against: str | None
    told: int
    doubted: bool


class Warned(Sent):
    """A dish and what a guest must not or does not want to have: ``fact`` says so, ``code`` is what touches it."""

    fact: str
    why: Literal["allergy", "may_contain", "not_declared", "avoid"]
    code: str | None


class Order(Sent):
    """What was ordered: ``item`` of a menu, or the words of ``answer``.

    ``open``: asked, and not answered yet; ``sent`` until the galley has acknowledged it, then ``taken``. ``flagged`` is
    what is known against it since, ``wants_tap`` that nobody in the galley has seen that.
    """

    id: str
    state: Literal["open", "sent", "taken", "served"]
    item: str | None
    answer: str | None
    without: list[str]
    despite: list[str]
    reason: Literal["guest_confirmed", "prepared_without", "other"] | None
    note: str | None
    flagged: list[Warned]
    wants_tap: bool
    sequence: int
    by: str
    at: Time


class Ask(Sent):
    """A question put to a customer in a visit, with its answer; ``count`` is how often it was asked.

    With ``item`` the answer is an order of ``menu``, and ``labels`` say what it is in each language: ``despite`` are
    the facts that it goes against and whoever took it knew of, ``warnings`` how. ``flagged`` came later, ``seen_by``
    says who in the galley has seen it.
    """

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
    round: str | None
    menu: str | None
    item: str | None
    labels: Localised | None
    without: list[str]
    despite: list[str]
    reason: Literal["guest_confirmed", "prepared_without", "other"] | None
    note: str | None
    warnings: list[Warned]
    flagged: list[Warned]
    seen_by: str | None
    seen_at: Time | None


class Cost(Sent):
    """An amount of money."""

    amount: float
    currency: str


class Owed(Sent):
    """A promise or a complaint, with an owner; ``deadline`` says the same as ``due``.

    ``venue``: another venue, where it was recorded.
    """

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
    venue: str | None
    venue_name: Localised | None


# --- alerts ----------------------------------------------------------------------------------------------------------


class Suggestion(Sent):
    """One thing to do, and why: ``kind`` is a word the console translates, ``value`` what about.

    ``fact`` is the preference that it is made of, ``code`` the value that this has.
    """

    kind: Literal["recover", "keep_promise", "offer", "have_ready", "welcome_back", "welcome"]
    value: str | None
    basis: Literal["stated", "observed", "inferred"] | None
    at: Time | None
    code: str | None
    fact: str | None


class Advice(Sent):
    """One thing that helps this guest, worked out on the day ``on`` of who agreed to it; ``suggestion`` is its id."""

    suggestion: str
    act: str
    words: Localised
    on: str


class Card(Person, Whereabouts):
    """What staff see of a customer in three seconds; with ``verify`` by sight first, and nothing of what is known.

    ``place`` is where they sit or are expected to, ``note`` what whoever expects them wrote.
    ``avoid`` has every allergy and all that is avoided, ``likes`` every need and then at most five likes. ``lent_by``:
    another venue, whose customer they are. ``first_here``: their first visit, and another venue knows them.
    """

    associate: str | None
    companions: int
    place: str | None
    note: str | None
    visits: int
    new: list[Literal["first_visit", "first_here", "back_after", "birthday"]]
    verify: bool
    verify_reason: Literal["two_places", "wrong_tid", "wrong_person"] | None
    avoid: list[Preference]
    likes: list[Preference]
    asks: list[Ask]
    promises: list[Owed]
    complaints: list[Owed]
    last_visit: Time | None
    suggestion: Suggestion
    insight: Advice | None
    lent_by: str | None
    lent_by_name: Localised | None


class OrderAbout(Sent):
    """An order that goes against what is known of the guest: what, where they sit, and against what.

    ``refused``: it came late, and was not taken.
    """

    ask: str
    item: str | None
    labels: Localised | None
    place: str | None
    warnings: list[Warned]
    refused: bool


class About(Sent):
    """What a kind of moment is about; each kind has its own parts, and an arrival has none."""

    zone: str | None = None
    from_: Annotated[str | None, Field(alias="from")] = None
    minutes: int | None = None
    days: int | None = None
    promise: Owed | None = None
    with_: Annotated[list[str | None] | None, Field(alias="with")] = None
    order: OrderAbout | None = None


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
    outcome: Literal["greeted", "not_found", "declined", "left", "revoked", "wrong_person", "merged"] | None
    note: str | None
    party: str | None
    stage: Literal["hint", "card"]
    about: About
    aged_s: float
    rated: bool | None
    accept_by: Time | None
    handed_by: str | None
    handed_because: Literal["released", "handed_over", "shift_ended", "tablet_lost"] | None
    met_at: Time | None

"""What only HTTP answers with; what the live socket sends too is in ``gateway.events``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.console.answers_consents import Consent, Stop
from gateway.console.answers_hub import HubHealth, SecondBox
from gateway.console.answers_insight import Entry
from gateway.console.answers_points import PointsProblem
from gateway.console.answers_problems import BadRow, Wrong
from gateway.console.answers_record import ChangedMeanwhile
from gateway.events.data import Time
from gateway.events.sent import Alert, Ask, Localised, Owed, Preference, Presence, Role, Sent, Staff, Verdict, Warned
from gateway.events.sent_equipment import Reader, WalkPlace, WalkResult
from gateway.events.sent_rounds import Sitting

# --- problems --------------------------------------------------------------------------------------------------------


class ProblemDetails(PointsProblem):
    """An RFC 9457 problem; ``alert``, ``ask`` and ``existing`` show what stood in the way of an act, ``changed`` what
    somebody else made of a record meanwhile.

    ``problems`` are the rows for which a file was not imported. ``sitting`` is who has a place, ``warnings`` what an
    order goes against (type ``against-allergy``), ``stops`` what a consent must name to count (type
    ``urn:moments:problem:stop-unknown``), ``entry`` the line that was recorded first. ``digits`` says of a customer's
    own page whether it has any, and ``left`` how many may still be tried. ``choose_pin``: a one-time code was right,
    and wants a new PIN. ``elsewhere``: the guest is in a zone that is not yours, and may be shown anyway for a reason.
    Of a 401: ``prove`` asks for the proof of the device's key once more, ``locked`` for the PIN, and ``wipe``: this
    tablet was let go. ``mistakes`` are those of settings, each with its key, as for a file.
    """

    type: str
    title: str
    status: int
    detail: str
    errors: list[Wrong] | None = None
    retry_after_s: int | None = None
    alert: Alert | None = None
    ask: Ask | None = None
    existing: Owed | Preference | None = None
    sitting: Sitting | None = None
    warnings: list[Warned] | None = None
    problems: list[BadRow] | None = None
    changed: ChangedMeanwhile | None = None
    prove: bool | None = None
    locked: bool | None = None
    wipe: bool | None = None
    stops: list[Stop] | None = None
    choose_pin: bool | None = None
    elsewhere: bool | None = None
    entry: Entry | None = None
    digits: Literal["none", "chosen", "locked"] | None = None
    left: int | None = None
    mistakes: list[str] | None = None


# --- customers -------------------------------------------------------------------------------------------------------


class Found(Sent):
    """A customer that a search found; who wants no name is found by id alone.

    ``present``: here, in a zone that whoever searches sees.
    """

    id: str
    name: str | None
    address_as: str | None
    tier: str | None
    language: str | None
    present: bool


class Credential(Sent):
    """A tag or phone that belongs to a customer; the identifier itself is never shown."""

    id: str
    scheme: str
    label: str


class CustomerPage(Sent):
    """Everything known of a customer; ``name`` is null for one who wants none shown, ``lent_by`` whose they are."""

    id: str
    name: str | None
    address_as: str | None
    language: str | None
    tier: str | None
    associate: str | None
    deputy: str | None
    wishes: list[str]
    birthday: str | None
    meets: list[str]
    credentials: list[Credential]
    consents: list[Consent]
    preferences: list[Preference]
    asks: list[Ask]
    promises: list[Owed]
    complaints: list[Owed]
    presence: Presence | None
    last_visit: Time | None
    visits: int
    lent_by: str | None
    lent_by_name: Localised | None


class JournalEntry(Sent):
    """Something that happened with a customer; ``data`` is what its ``type`` says."""

    sequence: int
    time: Time
    type: str
    actor: str
    actor_name: str | None
    data: dict[str, Any]


class Held(Sent):
    """What a customer carries and agreed to."""

    id: str
    name: str
    credentials: list[Credential]
    consents: list[Consent]


# --- staff -----------------------------------------------------------------------------------------------------------


class StaffRecord(Sent):
    """What is recorded of a member of staff; the PIN is never given back."""

    id: str
    name: str
    roles: list[Role]
    zones: list[str]
    languages: list[str]


class StaffMember(StaffRecord):
    """The same with whether they are on shift, and hold a live tablet."""

    on_shift: bool
    connected: bool


class ShiftStarted(Staff):
    """A member of staff on shift; ``zones`` are those that were asked for."""


class ShiftEnded(Sent):
    """What was owed and went to others with the end of a shift, and what nobody could take."""

    handed: list[Owed]
    kept: list[Owed]


# --- equipment -------------------------------------------------------------------------------------------------------


class Remedy(Sent):
    """What to do about a reader: a kind that each language has words for, their facts, and English words."""

    kind: str
    facts: dict[str, str]
    text: str


class ReaderDetails(Reader):
    """A reader as IT sees it: its link, the last tag in part, what was rejected and why, and what to do.

    ``canary_reads_per_h`` is how often the tag is read that is fixed at its door; null where none is.
    """

    over: Literal["serial", "tcp", "mqtt"]
    link: str
    rssi: float | None
    last_tag: str | None
    canary_reads_per_h: float | None
    frames: int
    bytes: int
    faults: dict[str, int]
    advice: list[Remedy]


class RawFrame(Sent):
    """What a reader sent, identifiers masked: from a topic, or ``in`` and ``out`` of its link."""

    at: Time
    from_: Annotated[str, Field(alias="from")]
    bytes: int
    shown: str


class WalkPlaceNow(WalkPlace):
    """The same while the walk is under way: ``last`` in seconds since 1970 UTC."""

    last: float | None


class Walk(Sent):
    """How far a walk is; ``tag`` is null until one was chosen, ``taught`` how often each zone was said."""

    tag: str | None
    places: list[WalkPlaceNow]
    zones: dict[str, Verdict]
    taught: dict[str, int]
    passed: bool


class Walks(Sent):
    """The walk that is under way, and how the last one ended."""

    walk: Walk | None
    last: WalkResult | None


class Heard(Sent):
    """A tag or phone on the enrolment screen, in part; ``key`` names it, ``printed`` is the end of what is on a fob."""

    key: str
    scheme: str
    shown: str
    printed: list[str]
    reader: str | None
    antenna: int | str | None
    rssi: float | None
    reads: int
    at: Time
    sure: bool
    taken: bool


class HeardKey(Sent):
    """The key of what somebody typed."""

    key: str


class PairingCode(Sent):
    """A one-time code: the link that pairs a tablet, and a picture of it as a data URI."""

    code: str
    link: str
    picture: str
    expires: Time


class PairedTablet(Sent):
    """A tablet that was just paired."""

    id: str
    name: str


class TabletRecord(PairedTablet):
    """A paired tablet as IT sees it; ``bound`` to a key of its own, without which its cookie is worth nothing."""

    paired_at: Time
    paired_by: str
    last_seen: Time
    bound: bool


class GoneTablet(PairedTablet):
    """A tablet that was let go; ``wiped_at`` is null until it was heard again and has wiped what it kept."""

    revoked_at: Time
    wiped_at: Time | None
    last_seen: Time


class Painted(Sent):
    """How fast a tablet shows what it is sent."""

    count: int
    p50_ms: float | None
    p95_ms: float | None


class LiveTablet(Sent):
    """A live socket of a person: on which paired tablet, and since when."""

    staff: str
    name: str | None
    tablet: str | None
    since: Time
    painted: Painted
    last_painted: int | None


class Tablets(Sent):
    """The paired tablets, the live ones, and whether people may sign in on paired ones alone."""

    paired: list[TabletRecord]
    live: list[LiveTablet]
    gone: list[GoneTablet]
    required: bool


class Token(Sent):
    """What lets a program in: what it may do, until when, and for whom it stands where it stands for a person.

    ``from_before``: tokens had no end then; ``until`` is null where it was not given one yet, ``last_used`` and
    ``used_from`` where it never was used. ``whole``: it has all that its role may, also what is added later.
    """

    id: str
    name: str
    role: Role
    staff: str | None
    scopes: list[str]
    whole: bool
    from_before: bool
    created_at: Time
    until: Time | None
    last_used: Time | None
    used_from: str | None


class NewlyMadeToken(Token):
    """The token itself beside what is kept of it; it is told this once."""

    token: str


class Import(Sent):
    """What a file of customers brought; ``problems`` were kept back, ``doubts`` were imported all the same.

    ``changes`` says what each row would change, where it was only tried.
    """

    customers: int
    new: int
    changed: int
    credentials: int
    consents: int
    problems: list[BadRow]
    doubts: list[BadRow]
    changes: list[BadRow]


class Recording(Sent):
    """The file into which what the readers hear is written."""

    out: str


class Recorded(Sent):
    """How many reads a recording holds."""

    reads: int


class JournalHealth(Sent):
    """The newest event, where the journal stands and the hash that stands for all of it, and whether it goes on."""

    sequence: int
    writing: bool
    epoch: int
    position: int
    head: str


class HealthReport(Sent):
    """Whether all is well, and why not."""

    status: Literal["ok", "degraded"]
    why: list[str]
    ahead: list[str]
    """What stops on a day to come unless somebody sees to it; all is well until then."""
    readers: dict[str, Literal["up", "quiet", "lost"]]
    broker: str | None
    journal: JournalHealth
    webhooks: dict[str, Literal["up", "lost", "ended"]]
    copies: dict[str, str | None]
    """By folder of copies, when the newest good one there was made; None where there is none."""
    hub: HubHealth | None
    """None where the settings name no hub."""
    standby: SecondBox | None
    """None where this venue has one box."""
    nothing_deleted: str | None
    """Why nothing is let go now that is over, in one sentence; None where nothing is in the way."""

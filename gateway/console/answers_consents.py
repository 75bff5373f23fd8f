"""What HTTP answers about consent."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Time
from gateway.events.sent import Localised, Sent

ActName = Literal["asked", "given", "renewed", "refused", "withdrawn", "ended", "invalid"]
By = Literal["customer", "guardian", "staff", "import"]
State = Literal["alive", "expired", "stopped", "asked", "refused", "withdrawn", "ended", "invalid"]


class NoticeRead(Sent):
    """The text that was read, and when it was shown."""

    id: str
    version: int
    language: str
    hash: str
    shown_at: Time


class GuardianKnown(Sent):
    """Who signed for a child, what they are to it, and the month in which it comes of age."""

    name: str
    relation: str
    comes_of_age: str


class Consent(Sent):
    """One act of the ledger: what a customer said to what, how, to which text, before whom, and until when.

    ``renew``: it is to be asked again, since the text has changed or nobody knows which was read. ``ask_after``: the
    day from which on who refused may be asked again.
    """

    id: str
    purpose: str
    brand: str | None
    partner: str | None
    data: list[str]
    act: ActName
    state: State
    by: By
    witness: str | None
    method: str
    document: str | None
    notice: NoticeRead | None
    guardian: GuardianKnown | None
    granted_at: Time
    last_day: str | None
    expires: Time | None
    lifts: list[str]
    receipt: str | None
    renew: bool
    ask_after: str | None


class Stop(Sent):
    """A no that a consent must name to count."""

    id: str
    purpose: str
    brand: str | None
    partner: str | None
    act: ActName
    at: Time
    by: By
    witness: str | None


class NoticeKey(Sent):
    """A version of a notice."""

    id: str
    version: int


class PurposeRow(Sent):
    """What a customer may be asked for (for each partner a row of its own), and what they said to it last.

    ``stops`` are to be named by a new consent; ``notice`` is the text to be shown before; ``askable`` is false of what
    this customer is not asked since they are a child, ``adults`` is true of what no child is.
    """

    purpose: str
    partner: str | None
    partner_name: Localised | None
    data: list[str]
    labels: dict[str, str]
    months: int
    state: Literal["alive", "never_asked", "expired", "stopped", "asked", "refused", "withdrawn", "ended", "invalid"]
    since: Time | None
    last_day: str | None
    renew: bool
    receipt: str | None
    ask_after: str | None
    stops: list[str]
    notice: NoticeKey | None
    askable: bool
    adults: bool


class AskedFor(Sent):
    """What this house asks for, and the age in years under which a guardian answers; nobody has said anything yet."""

    guardian_under: int
    purposes: list[PurposeRow]


class ThingGiven(Sent):
    """A tag or phone that a customer has now."""

    id: str
    scheme: str
    label: str


class Enrolment(Sent):
    """What a whole flow came to."""

    customer: str
    credentials: list[ThingGiven]
    consents: list[Consent]
    receipt: str | None


class Notice(Sent):
    """A version of a notice: its texts and their SHA-256 by language; ``newest`` of its id."""

    id: str
    version: int
    purposes: list[str]
    texts: dict[str, str]
    hashes: dict[str, str]
    material: bool
    published_at: Time | None
    newest: bool


class Unasked(Sent):
    """A customer without any live consent, and since when."""

    id: str
    name: str | None
    address_as: str | None
    since: Time


class Renewal(Sent):
    """A customer with consents that are to be asked again, and which: the one that ends first on top."""

    id: str
    name: str | None
    address_as: str | None
    consents: list[Consent]

"""What happens to what is known of a customer."""

from __future__ import annotations

from typing import Any, Literal

from gateway.events.data import Data, Hex, Time
from gateway.events.erasing import ErasureBegun

Why = Literal["card", "search", "list", "enrolment", "program", "break_glass"]
"""Why somebody opened a customer: from an arrival's card, from a search, from a list, to enrol, as two opened it; or a
program asked."""


class CustomerFacts(Data):
    """What is known of a customer beside tags, consents and preferences; empty texts where nothing is."""

    name: str
    address_as: str
    language: str
    tier: str
    associate: str | None
    deputy: str | None
    wishes: list[str]
    birthday: str | None
    meets: list[str]


class Enrolled(CustomerFacts):
    """A customer is known from now on; ``source`` is how they came into the records.

    ``alias`` is what the system calls them that brought them; None of who has no such name, or of an older program.
    """

    alias: str | None = None
    customer: str
    source: Literal["staff", "import", "demo"]


class Changed(Data):
    """Every member that changed, as it is now and as it was."""

    customer: str
    changed: dict[str, Any]
    was: dict[str, Any]
    source: Literal["staff", "import", "demo", "customer"]


class WishChanged(Data):
    """How the customer wants to be treated from now on, and before."""

    customer: str
    wishes: list[str]
    was: list[str]


class Erased(Data):
    """A customer is forgotten; ``keys`` are the ids of the data keys that are destroyed with this event.

    ``erasure`` is the receipt that begins with it; None of an older program. ``sold`` says of each menu how many of
    its items were ordered by then, which cannot be told any more of orders that are dark; None of an older program.
    ``alias`` is the keyed hash of what others called them: by it who comes late is told that they were erased.
    """

    alias: Hex | None = None
    erasure: ErasureBegun | None = None
    sold: dict[str, dict[str, int]] | None = None
    customer: str
    keys: list[Hex]


class Merged(Data):
    """Two records are of one person: all of ``other`` counts for ``kept`` from now on; both keep what is theirs.

    ``visit`` is the visit of ``kept`` that goes on for ``other``'s, where ``other`` alone was here.
    """

    customer: str
    merge: str
    other: str
    visit: str | None


class Unmerged(Data):
    """The two are two people after all: it is as if ``merge`` had not been, and what was recorded since stays."""

    customer: str
    merge: str
    other: str


class ToldApart(Data):
    """Two who look like one are not: they are proposed no more."""

    customer: str
    other: str


class Mistaken(Data):
    """Whoever carries these ``credentials`` was not this customer: who said so, at which card, where and why."""

    customer: str
    mistake: str
    alert: str
    visit: str
    zone: str | None
    credentials: list[str]
    note: str | None
    by: str
    by_name: str
    at: Time


class MistakeSettled(Data):
    """What came of it: it was them after all, or what they carried was taken back."""

    customer: str
    mistake: str
    because: Literal["it_was_them", "taken_back"]


class Viewed(Data):
    """Somebody opened a customer."""

    customer: str
    why: Why


class Overridden(Data):
    """Somebody asked to be shown a customer in spite of the zones they work in: why, and until when."""

    customer: str
    staff: str
    reason: str
    zone: str | None
    until: Time


class Searched(Data):
    """Somebody looked for customers and was shown these; what was typed is not kept."""

    found: list[str]


class Exported(Data):
    """A file of customers left the house."""

    customers: int


class Imported(Data):
    """A file of customers was read: what it brought, and how many rows were kept back; ``document`` is its SHA-256."""

    customers: int
    credentials: int
    consents: int
    problems: int
    document: str


class Doubted(Data):
    """A tag or phone that may be a copy: the customer is to be verified by sight in this visit."""

    customer: str
    kind: str
    reason: str


class CredentialGiven(Data):
    """A tag or phone is this customer's, or what it is called or its chip changed."""

    customer: str
    credential: str
    scheme: str
    identifier: str
    label: str
    tid: str | None


class CredentialTaken(Data):
    """A tag or phone is nobody's any more."""

    customer: str
    credential: str
    scheme: str


class Expected(Data):
    """The customer is expected to come, from when until when; both null: no more."""

    customer: str
    begins: Time | None
    ends: Time | None


Reason = Literal["mistaken", "no_longer", "duplicate", "slip", "customer_asked"]
"""Why a fact is taken back."""


class PreferenceFacts(Data):
    """A fact about what to do or to avoid, with who said so, when, and how we know; it may put others right.

    ``code`` is a value of the catalogue, null: own words, in ``lang``. ``corrects`` and ``retracts`` end other facts,
    ``replaces`` names those that it goes against knowingly. One with an empty ``value`` only names.
    """

    id: str
    customer: str
    category: str
    value: str
    polarity: Literal["do", "avoid", "allergy"]
    basis: Literal["stated", "observed", "inferred"]
    at: Time
    scope: Literal["standing", "one_off"]
    visit: str | None
    by: str
    by_name: str
    code: str | None
    lang: str | None
    corrects: list[str]
    retracts: list[str]
    replaces: list[str]
    reason: Reason | None


class PreferenceServed(PreferenceFacts):
    """The customer had what they like, or was spared what they do not."""

    served_by: str
    served_at: Time


class ReceiptMade(Data):
    """What a customer takes away: all that they agreed to, refused and ended, whole and as it was signed."""

    customer: str
    receipt: str
    document: dict[str, Any]

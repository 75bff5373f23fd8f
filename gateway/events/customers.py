"""What happens to what is known of a customer."""

from __future__ import annotations

from typing import Any, Literal

from gateway.events.data import Data, Hex, Time

Purpose = Literal["recognise_tag", "recognise_phone", "keep_preferences", "share_partners"]
Why = Literal["card", "search", "list", "enrolment", "program"]
"""Why somebody opened a customer: from an arrival's card, from a search, from a list, to enrol; or a program asked."""


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
    """A customer is known from now on; ``source`` is how they came into the records."""

    customer: str
    source: Literal["staff", "import", "demo"]


class Changed(Data):
    """Every member that changed, as it is now and as it was."""

    customer: str
    changed: dict[str, Any]
    was: dict[str, Any]
    source: Literal["staff", "import", "demo"]


class WishChanged(Data):
    """How the customer wants to be treated from now on, and before."""

    customer: str
    wishes: list[str]
    was: list[str]


class Erased(Data):
    """A customer is forgotten; ``keys`` are the ids of the data keys that are destroyed with this event."""

    customer: str
    keys: list[Hex]


class Viewed(Data):
    """Somebody opened a customer."""

    customer: str
    why: Why


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


class ConsentGranted(Data):
    """The customer agreed, how, to which text, before whom, until when; ``lifts`` are the revocations this one ends."""

    customer: str
    purpose: Purpose
    method: str
    document: str | None
    text_version: str | None
    witness: str | None
    expires: Time | None
    lifts: list[str]


class ConsentRevoked(Data):
    """The customer no longer agrees; ``ends`` are the grants that were alive."""

    customer: str
    purpose: Purpose
    method: str
    ends: list[str]


class PreferenceFacts(Data):
    """A fact about what to do or to avoid, with who said so, when, and how we know."""

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
    corrects: str | None


class PreferenceServed(PreferenceFacts):
    """The customer had what they like, or was spared what they do not."""

    served_by: str
    served_at: Time

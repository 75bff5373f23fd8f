"""What the gateway answers about who is in the records twice, and about cards that were of somebody else."""

from __future__ import annotations

from typing import Literal

from gateway.console.answers import Credential
from gateway.console.answers_consents import Consent
from gateway.console.answers_record import CustomerRecord
from gateway.events.data import Time
from gateway.events.sent import Sent


class Part(Sent):
    """Another record of the same person, and the merge that says so."""

    merge: str
    other: str
    name: str | None
    at: Time


class WholeRecord(CustomerRecord):
    """What a form needs: the facts, what they carry and agreed to, the names of whom they meet, and their records.

    ``version`` is what the facts are now; a change that names it (``If-Match``) is refused where they have changed.
    """

    version: str
    named: dict[str, str | None]
    credentials: list[Credential]
    consents: list[Consent]
    parts: list[Part]
    here: bool


class Merged(Sent):
    """Two customers are one from now on; ``merge`` is what parts them again."""

    merge: str
    customer: str
    other: str


class RecordedSince(Sent):
    """Something that was recorded under the name of the one who was kept, and stays there."""

    type: str
    time: Time
    by: str
    by_name: str | None


class Unmerged(Merged):
    """Two again; ``since`` is what was recorded while they were one."""

    since: list[RecordedSince]


class Reason(Sent):
    """What speaks for two being one."""

    kind: Literal["same_thing", "same_name", "name_alike", "name_in_letters", "same_birthday", "same_associate"]
    text: str


class Likely(Sent):
    """One of two who may be one."""

    id: str
    name: str
    address_as: str | None
    tier: str | None
    birthday: str | None
    associate: str | None
    visits: int
    last_visit: Time | None
    present: bool


class Duplicate(Sent):
    """Two who may be one: nobody but a person decides it."""

    one: Likely
    other: Likely
    grade: Literal["likely", "possible"]
    reasons: list[Reason]


class Mistake(Sent):
    """A card that was of somebody else: who said so, when, where and why, and what was heard of it."""

    id: str
    customer: str
    name: str | None
    address_as: str | None
    language: str | None
    tier: str | None
    wishes: list[str]
    at: Time
    zone: str | None
    note: str | None
    by: str
    by_name: str
    credentials: list[Credential]
    here_since: Time | None


class ShownAnyway(Sent):
    """Whom somebody is shown in spite of their zones, and until when."""

    customer: str
    until: Time

"""What customers say to what they are asked: each act whole, as it stands in the ledger."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from gateway.events.data import Data, Time

By = Literal["customer", "guardian", "staff", "import"]
"""Who said it: the customer, their guardian, staff for them, or a file."""
PurposeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Day = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$")]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-[0-9][0-9]$")]


class NoticeShown(Data):
    """The text that was read, in which version and language, by its SHA-256, and when it was shown."""

    id: str
    version: int
    language: str
    hash: str
    shown_at: Time


class GuardianFacts(Data):
    """Who signs for a child, what they are to it, and the month in which it comes of age."""

    name: str
    relation: str
    comes_of_age: Month


class ConsentFacts(Data):
    """One act of the ledger.

    ``brand`` is empty where the house has one alone. ``data`` are the categories that a partner may be told.
    ``witness`` is the member of staff before whom it was; ``document`` names a paper, or a file by its SHA-256.
    """

    id: str
    customer: str
    brand: str
    purpose: PurposeId
    partner: str | None
    data: list[str]
    at: Time
    by: By
    witness: str | None
    method: str
    document: str | None
    notice: NoticeShown | None
    guardian: GuardianFacts | None
    receipt: str | None


class ConsentAsked(ConsentFacts):
    """The customer was asked, and has not answered."""

    act: Literal["asked"]


class ConsentGranted(ConsentFacts):
    """The customer agreed until the end of ``last_day``, which is ``expires``; ``lifts`` are the stops that it ends.

    ``signature`` is the id of what was signed on the glass.
    """

    act: Literal["given", "renewed"]
    text_version: str | None
    last_day: Day | None
    expires: Time | None
    lifts: list[str]
    signature: str | None


class ConsentRefused(ConsentFacts):
    """The customer said no."""

    act: Literal["refused"]


class ConsentRevoked(ConsentFacts):
    """The customer no longer agrees, the house ends it, or it never was right; ``ends`` were alive until now.

    Without a ``partner`` it is about all of them.
    """

    act: Literal["withdrawn", "ended", "invalid"]
    ends: list[str]


class ConsentSigned(Data):
    """What was written by hand on the glass: ``content`` in base64 of its ``media`` type, ``document`` its SHA-256."""

    id: str
    customer: str
    at: Time
    media: Literal["image/png", "application/json"]
    document: str
    content: str


class NoticePublished(Data):
    """A version of a notice; ``material``: who agreed to one before it is asked again, and has 90 days."""

    id: str
    version: int
    purposes: list[PurposeId]
    texts: dict[str, str]
    material: bool

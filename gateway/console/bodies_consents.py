"""What may be sent about consent: acts of the ledger, whole enrolments, and the texts that people read."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NoBase64
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from gateway.console.bodies import Body, EmptyIsNone, Expiry, Identifier, Language, Line, StaffId, Time, Word

PurposeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
EntryId = Annotated[str, StringConstraints(min_length=1, max_length=100)]
NoticeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
ActName = Literal["asked", "given", "renewed", "refused", "withdrawn", "ended", "invalid"]
By = Literal["customer", "guardian", "staff", "import"]
MOST = 50  # entries, things and partners in one flow
BIGGEST_SIGNATURE = 180_000  # letters of base64: a picture of 1,000 by 400 takes a tenth
LONGEST_TEXT = 20_000


def _base64(text: str) -> str:
    try:
        b64decode(text, validate=True)
    except (NoBase64, ValueError):
        raise ValueError("expected base64") from None
    return text


class ShownNotice(Body):
    """The text that was read, and when it was shown."""

    id: NoticeId
    version: Annotated[int, Field(ge=1, le=100_000)]
    language: Language
    hash: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")] | None = None
    shown_at: Time


class Guardian(Body):
    """Who signs for a child, what they are to it, and the month in which it comes of age."""

    name: Line
    relation: Word
    comes_of_age: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class Signature(Body):
    """What was written on the glass: a picture, or strokes as JSON; in base64."""

    media: Literal["image/png", "application/json"] = "image/png"
    content: Annotated[str, StringConstraints(min_length=4, max_length=BIGGEST_SIGNATURE), AfterValidator(_base64)]


class NewAct(Body):
    """What the customer says to one purpose; of a program of before, what they agreed to, how, and until when.

    ``id`` is made where the finger touched: the same again is answered as at first. ``lifts`` are the stops that the
    screen showed. ``act`` is ``given`` where it is left out.
    """

    purpose: PurposeId
    method: Annotated[Line | None, EmptyIsNone] = None
    document: Annotated[Line | None, EmptyIsNone] = None
    expires: Annotated[Expiry | None, EmptyIsNone] = None
    id: EntryId | None = None
    act: ActName | None = None
    brand: Word | None = None
    partner: Word | None = None
    data: Annotated[list[Word], Field(max_length=MOST)] | None = None
    at: Time | None = None
    by: By | None = None
    witness: StaffId | None = None
    notice: ShownNotice | None = None
    guardian: Guardian | None = None
    lifts: Annotated[list[EntryId], Field(max_length=1_000)] | None = None


class NewConsent(NewAct):
    """The same, with what was written on the glass."""

    signature: Signature | None = None


class EnrolledThing(Body):
    """A tag or phone: what names it where it was heard, or the identifier itself."""

    heard: Word | None = None
    identifier: Identifier | None = None
    label: Annotated[Line | None, EmptyIsNone] = None
    tid: Word | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> EnrolledThing:
        if (self.heard is None) == (self.identifier is None):
            raise ValueError("expected heard or identifier")
        return self


class NewGuest(Body):
    """A customer who is made with the flow: a form of address and a language suffice."""

    address_as: Line
    language: Language
    name: Line | None = None
    tier: Word | None = None
    associate: StaffId | None = None
    deputy: StaffId | None = None


class NewEnrolment(Body):
    """A whole flow: who, what they carry, what they said to each purpose, and one signature; all of it or nothing.

    ``of_age``: whether they are old enough to answer for themselves. ``customer`` makes one where there is none.
    """

    id: UUID | None = None
    customer: NewGuest | None = None
    of_age: bool
    credentials: Annotated[list[EnrolledThing], Field(max_length=MOST)] = Field(default=[])
    consents: Annotated[list[NewAct], Field(min_length=1, max_length=MOST)]
    signature: Signature | None = None


class NewNotice(Body):
    """A new version of a notice, or with ``version`` further languages of one that is there.

    ``material``: it changes what is agreed to, and who agreed to a version before is asked again.
    """

    id: NoticeId
    version: Annotated[int, Field(ge=1, le=100_000)] | None = None
    purposes: Annotated[list[PurposeId], Field(min_length=1, max_length=MOST)] | None = None
    texts: Annotated[
        dict[Language, Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_TEXT)]],
        Field(min_length=1, max_length=20),
    ]
    material: bool = False

"""What may be sent to us from a customer's own page, and about it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from gateway.console.bodies import Birthday, Body, EmptyIsNone, Language, Line, Note, RecordId, Word
from gateway.console.bodies_people import ManyWishes
from gateway.pins import weak

PurposeId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
SixDigits = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]


def _strong(digits: str) -> str:
    why = weak(digits)
    if why is not None:
        raise ValueError(why)
    return digits


class ChosenDigits(Body):
    """The six digits that a customer chose on the glass."""

    digits: Annotated[SixDigits, AfterValidator(_strong)]


class GivenDigits(Body):
    """The six digits, as a customer gives them on their own page."""

    digits: SixDigits


class Stopping(Body):
    """What is stopped, for one partner or for all, and for one brand or for all; without a purpose everything."""

    purpose: Annotated[PurposeId | None, EmptyIsNone] = None
    partner: Annotated[Word | None, EmptyIsNone] = None
    brand: Annotated[Word | None, EmptyIsNone] = None


class OwnWishes(Body):
    """How the customer wants to be treated from now on."""

    wishes: ManyWishes


class Correcting(Body):
    """What is right instead of a fact; without a value the fact is wrong, and nothing takes its place."""

    fact: RecordId
    id: RecordId | None = None
    value: Annotated[Note | None, EmptyIsNone] = None
    polarity: Literal["do", "avoid", "allergy"] | None = None
    language: Annotated[Language | None, EmptyIsNone] = None


class Mending(Body):
    """What is right of the customer's person; what is left out stays."""

    name: Annotated[Line | None, Field()] = None
    address_as: Annotated[Line | None, EmptyIsNone] = None
    language: Annotated[Language | None, EmptyIsNone] = None
    birthday: Annotated[Birthday | None, EmptyIsNone] = None


class Coming(Body):
    """The guest comes, with so many companions, who are a number."""

    companions: Annotated[int, Field(ge=0, le=20)] = 0


class Saying(Body):
    """What the guest says to the question; it is told to nobody before the other has said yes, too."""

    answer: Literal["yes", "no", "later"]

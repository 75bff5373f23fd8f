"""What may be sent to us about customers, and about who of them is in the records twice."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from gateway.console.bodies import (
    Birthday,
    Body,
    CustomerId,
    EmptyIsNone,
    Language,
    Line,
    Note,
    RecordId,
    StaffId,
    Word,
)

Wish = Annotated[
    Literal[
        "do_not_disturb",
        "no_name",
        "anonymous",
        "do_not_recognise",
        "no_photographs",
        "introductions",
        "no_introductions",
    ],
    BeforeValidator(lambda v: re.sub(r"[\s-]+", "_", v.strip().lower()) if isinstance(v, str) else v),
]


def _one_word(wishes: list[str]) -> list[str]:
    if {"introductions", "no_introductions"} <= set(wishes):
        raise ValueError("expected introductions or no_introductions, not both")
    return wishes


ManyWishes = Annotated[list[Wish], Field(max_length=10), AfterValidator(_one_word)]
Nobody: Any = Field(default=[])


class CustomerFacts(Body):
    """What is known of a customer."""

    name: Line
    address_as: Annotated[Line | None, EmptyIsNone] = None
    language: Annotated[Language | None, EmptyIsNone] = None
    tier: Annotated[Word | None, EmptyIsNone] = None
    associate: Annotated[StaffId | None, EmptyIsNone] = None
    deputy: Annotated[StaffId | None, EmptyIsNone] = None
    wishes: ManyWishes = Nobody
    birthday: Annotated[Birthday | None, EmptyIsNone] = None
    meets: Annotated[list[CustomerId], Field(max_length=50)] = Nobody


class AskedAnyway(Body):
    """Why somebody wants what is not theirs as a rule."""

    reason: Annotated[Note, Field(min_length=10, max_length=500)]


class Wishes(Body):
    """How the customer wants to be treated from now on."""

    wishes: ManyWishes


class MergeWith(Body):
    """The other of two customers."""

    other: CustomerId


class Unmerge(Body):
    """Which merge was none."""

    merge: RecordId


class Settling(Body):
    """What came of a card that was said to be of somebody else."""

    because: Literal["it_was_them", "taken_back"]

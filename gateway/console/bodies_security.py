"""What may be sent to us about break-glass."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.console.bodies import Body, EmptyIsNone, Note, Time, TypedPin, Word

SHORTEST_REASON = 20  # letters: what somebody else reads and answers for


class AskGlass(Body):
    """What is to be opened, why, and about whom or what: a customer by name or id, a zone from when until when, a
    manager; or the venue itself: a file of all customers, the end of a quarantine."""

    kind: Literal["customer", "zone", "manager", "export", "quarantine"]
    about: Word
    reason: Annotated[Note, Field(min_length=SHORTEST_REASON, max_length=500)]
    begins: Annotated[Time | None, EmptyIsNone] = Field(default=None, alias="from")
    ends: Annotated[Time | None, EmptyIsNone] = Field(default=None, alias="until")


class ConfirmGlass(Body):
    """The PIN of whoever confirms."""

    pin: TypedPin

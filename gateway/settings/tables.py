"""The tables of ``venue.toml`` in which a venue decides how it works: alerts, kinds of moment, visits, what is kept."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from gateway.recognition.settings import PresenceSettings
from reader_drivers.texts import Unfit, one_line

MomentKind = Literal[
    "moved",
    "waiting",
    "promise_due",
    "met",
    "back_after",
    "birthday",
    "leaving",
    "keys_left",
    "mute_phone",
    "verify",
    "order_flagged",
]
Addressee = Literal["holder", "owner", "zone", "manager"]

LONGEST = 10_000_000  # seconds, minutes or hours: more is a slip, and its end no date
Span = Annotated[float, Field(gt=0, le=LONGEST)]
_EVERYWHERE = PresenceSettings()
_Lax = Field(strict=False)  # TOML knows arrays only, so these places take them for tuples


def _kept(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        found = one_line(value)
    except Unfit as unfit:
        raise PydanticCustomError("unfit", "{words}", {"words": str(unfit)}) from None
    if value and not found:
        raise PydanticCustomError("unfit", "expected something that can be seen")
    return found


kept = BeforeValidator(_kept)
"""What every door keeps of a name: see ``reader_drivers.texts``."""
_Word = Annotated[str, Field(min_length=1, max_length=64), kept]


class Table(BaseModel):
    """One table of the file: nothing in it that we do not know."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


class Alerts(Table):
    """Who is told when, and how often at the most."""

    escalate_after_s: Annotated[tuple[Span, Span], _Lax] = Field(
        default=(8, 15), description="two rising numbers of seconds, to the next colleague and to the manager"
    )
    hand_over_s: Span = Field(default=60, description="seconds a colleague has to accept a hand-over")
    per_customer_minutes: Span = Field(
        default=30, description="minutes until the same kind of moment of a customer may be told again"
    )
    per_person_per_hour: Annotated[int, Field(gt=0, le=LONGEST)] = Field(
        default=12, description="alerts beside arrivals that one person gets in an hour at the most"
    )
    hint: bool = Field(default=True, description="whether one person gets a silent hint before the card")
    tiers: Annotated[tuple[_Word, ...], _Lax] = Field(
        default=("black", "diamond", "platinum", "gold", "silver"),
        description="tiers, the one to be looked after first in front",
    )

    @field_validator("escalate_after_s")
    @classmethod
    def _rising(cls, steps: tuple[float, float]) -> tuple[float, float]:
        if steps[0] >= steps[1]:
            raise PydanticCustomError("rising", "expected two rising numbers of seconds, like [8, 15]")
        return steps


class MomentRule(Table):
    """A kind of moment beside arrival: where it counts, after how long, and who is told."""

    kind: MomentKind = Field(description="what happens")
    zones: Annotated[tuple[Annotated[str, kept], ...], _Lax] = Field(
        default=(), description="ids of zones; none: everywhere"
    )
    after_minutes: Annotated[float, Field(ge=-LONGEST, le=LONGEST)] | None = Field(
        default=None, description="minutes until it is told; of promise_due: after it is due, negative before"
    )
    days: Annotated[int, Field(ge=0, le=3660)] | None = Field(
        default=None, description="days away, or days around the birthday"
    )
    to: Addressee | None = Field(default=None, description="who is told")
    off: bool = Field(default=False, description="true switches off what is usual in this kind of venue")

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.after_minutes is not None and self.after_minutes < 0 and self.kind != "promise_due":
            raise PydanticCustomError("table", "after_minutes is negative; only promise_due can come before its time")
        return self


class PresenceRules(Table):
    """What a venue may decide about visits; everything else is weighed from the reads."""

    reentry_minutes: Span = Field(
        default=_EVERYWHERE.reentry_s / 60, description="back within these minutes is the same visit"
    )
    linger_s: Span = Field(default=_EVERYWHERE.linger_s, description="seconds a visit lasts where only a door can see")


class Retention(Table):
    """How long what is over is kept."""

    presence_days: Annotated[int, Field(ge=2, le=36_500)] = Field(
        default=14, description="days that it is kept from which zone to which somebody went"
    )
    visits_days: Annotated[int, Field(gt=0, le=36_500)] = Field(
        default=400, description="days that ended visits are kept"
    )
    proof_days: Annotated[int, Field(gt=0, le=36_500)] = Field(
        default=1_100,
        description="days that consents are kept after their end, and receipts of erasures",
    )
    journal_days: Annotated[int, Field(ge=14, le=36_500)] = Field(
        default=400, description="days that the journal keeps what its events say"
    )
    skeleton_days: Annotated[int, Field(ge=14, le=36_500)] = Field(
        default=2_200, description="days that the journal keeps that something happened: when, and of what type"
    )
    sessions_days: Annotated[int, Field(gt=0, le=36_500)] = Field(
        default=30, description="days that ended sign-ins and shifts are kept"
    )
    answers_days: Annotated[int, Field(gt=0, le=36_500)] = Field(
        default=7, description="days that first answers to writes are kept"
    )
    without_consent_days: Annotated[int, Field(gt=7, le=36_500)] = Field(
        default=90, description="days until a customer without any live consent is erased"
    )

    @model_validator(mode="after")
    def _shorter_first(self) -> Self:
        if not self.presence_days <= self.visits_days:
            raise PydanticCustomError("table", "presence_days is longer than visits_days: a visit goes with all of it")
        if not self.presence_days <= self.journal_days <= self.skeleton_days:
            raise PydanticCustomError(
                "table", "expected presence_days, journal_days and skeleton_days from the shortest to the longest"
            )
        return self

"""The table of ``venue.toml`` about insight: in what is counted, what an hour costs, and when it is worked out."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from gateway.currencies import minor_digits
from gateway.settings.tables import Table

Rate = Annotated[float, Field(ge=0, le=1)]
Money = Annotated[float, Field(ge=0, le=1_000_000_000)]


class Margin(Table):
    """What is left of an amount of which nobody said it, as parts of one: least, likely, most."""

    low: Rate = Field(default=0.5, description="least, from 0 to 1")
    mid: Rate = Field(default=0.6, description="likely, from 0 to 1")
    high: Rate = Field(default=0.7, description="most, from 0 to 1")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.mid <= self.high:
            raise PydanticCustomError("margin", "expected low ≤ mid ≤ high")
        return self


class Hour(Table):
    """What an hour of somebody's work costs, by role."""

    floor: Money = Field(default=60, description="an hour of floor")
    crew: Money = Field(default=60, description="an hour of crew")
    manager: Money = Field(default=120, description="an hour of a manager")


class Insight(Table):
    """What value and cost of customers are counted in, and how far ahead is looked."""

    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$", description="the one currency of this house, like CNY")
    margin: Margin = Field(
        default=Margin(), description="the margin of value of which none is told: { low = 0.5, mid = 0.6, high = 0.7 }"
    )
    hour: Hour = Field(default=Hour(), description="an hour by role: { floor = 60, crew = 60, manager = 120 }")
    horizon_days: Annotated[int, Field(ge=7, le=366)] = Field(
        default=90, description="within how many days somebody is to come again"
    )
    hold_out: Annotated[float, Field(ge=0, le=0.5)] = Field(
        default=0.10, description="the part of suggestions that are not shown, so that their effect can be told"
    )
    approve_above: Money = Field(default=2000, description="a cost above this names somebody else who approved it")
    at: str = Field(default="04:10", description="when the night's run begins, like 04:10")

    @field_validator("at")
    @classmethod
    def _a_time(cls, at: str) -> str:
        hours, colon, minutes = at.partition(":")
        good = colon and len(at) == 5 and hours.isdecimal() and minutes.isdecimal()
        if not good or int(hours) > 23 or int(minutes) > 59:
            raise PydanticCustomError("time", "expected a time of day like 04:10")
        return at

    @property
    def digits(self) -> int:
        """Digits after the point that an amount may have."""
        return minor_digits(self.currency)

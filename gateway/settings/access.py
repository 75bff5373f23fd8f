"""The tables of ``venue.toml`` that say what programs and people may see, and for how long they are let in."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from gateway.settings.tables import Table

Role = Literal["floor", "crew", "manager"]
What = Literal["presence", "alerts", "customers", "absent", "search"]
Reach = Literal["own", "all", "none"]
WHATS: tuple[What, ...] = ("presence", "alerts", "customers", "absent", "search")
ROLES_WITH_ZONES: frozenset[str] = frozenset({"floor", "crew", "manager"})
_Days = Annotated[int, Field(gt=0, le=3650)]


class Programs(Table):
    """How long the tokens of programs last."""

    days: _Days = Field(default=365, description="days that a token lasts where nobody says how long")
    most_days: _Days = Field(default=730, description="days that a token may last at the most")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.days > self.most_days:
            raise PydanticCustomError("table", "days is more than most_days; expected no more")
        return self


class BreakGlass(Table):
    """Who beside managers may confirm what two people open."""

    officers: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="ids of staff, such as the privacy officer"
    )


class Access(Table):
    """How far people of a role see: a row changes what is usual, and the last that names something counts."""

    role: Role = Field(description="floor, crew or manager")
    what: Annotated[tuple[What, ...], Field(strict=False)] = Field(
        default=("presence", "alerts", "customers"),
        description="presence, alerts, customers (pages of who is here), absent (of who is not), search",
    )
    zones: Reach = Field(description="own (of the shift, else the person's; none: everywhere), all, or none")

    @model_validator(mode="after")
    def _with_a_meaning(self) -> Self:
        for what in ("absent", "search"):
            if self.zones == "own" and what in self.what:
                raise PydanticCustomError("table", f"{what} is in no zone; expected zones = 'all' or 'none'")
        return self

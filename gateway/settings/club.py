"""``club.toml`` as typed settings: the partners of one club, what a sale earns, and what a point is worth."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from gateway.settings.mistakes import BadConfig, in_words, not_one_of
from gateway.settings.premises import Name
from gateway.settings.tables import Table
from gateway.settings.time_zones import a_zone
from gateway.settings.toml_file import read

FILE = "club.toml"
LARGEST = 1_000_000_000
NO_PARTNERS = frozenset({"club", "fund", "bank"})
_Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
_Word = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
_Count = Annotated[int, Field(gt=0, le=LARGEST)]
_Price = Annotated[int, Field(ge=0, le=1_000_000)]
_Whole = Annotated[int, Field(ge=0, le=LARGEST)]
_Percent = Annotated[int, Field(gt=0, le=100)]
_Lax = Field(strict=False)  # TOML knows arrays only


class Programme(Table):
    """A row: what a sale of a partner earns, or what a point is worth to a customer there, from a day on."""

    partner: _Id = Field(description="the id of a partner")
    kind: Literal["earn", "burn"] = Field(description="'earn' or 'burn'")
    category: _Word | None = Field(default=None, description="of earn: what the till calls the sale; 'default'")
    points: _Whole | None = Field(default=None, description="of earn: so many points …")
    per_cents: _Count | None = Field(default=None, description="… for so many cents")
    round: Literal["down", "half_up"] | None = Field(default=None, description="of earn: 'down' or 'half_up'")
    min_cents: _Whole | None = Field(default=None, description="of earn: a sale below it earns nothing")
    value_mc: _Count | None = Field(default=None, description="of burn: what a point takes off, in 1/1000 cent")
    min_points: _Count | None = Field(default=None, description="of burn: fewer are not taken")
    step: _Count | None = Field(default=None, description="of burn: a multiple of it is taken")
    max_share: _Percent | None = Field(default=None, description="of burn: at most so many percent of the bill")
    from_: str = Field(alias="from", description="the first day it holds, like '2026-01-01'")

    @field_validator("from_")
    @classmethod
    def _day(cls, day: str) -> str:
        try:
            if date.fromisoformat(day).isoformat() == day:
                return day
        except ValueError:
            pass
        raise PydanticCustomError("day", "expected a day like '2026-01-01'")

    @model_validator(mode="after")
    def _whole_row(self) -> Self:
        of = {"earn": ("points", "per_cents", "round", "min_cents", "category"),
              "burn": ("value_mc", "min_points", "step", "max_share")}  # fmt: skip
        other = next(rows for kind, rows in of.items() if kind != self.kind)
        wrong = [name for name in other if getattr(self, name) is not None]
        if wrong:
            words = f"a row of kind '{self.kind}' has none; expected {', '.join(of[self.kind])}"
            raise _table(f"{', '.join(wrong)}: {words}")
        needed = ("points", "per_cents") if self.kind == "earn" else ("value_mc",)
        missing = [name for name in needed if getattr(self, name) is None]
        if missing:
            raise _table(f"a row of kind '{self.kind}' needs {' and '.join(missing)}")
        return self

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Which row it is: partner, kind, category and first day."""
        category = (self.category or "default") if self.kind == "earn" else ""
        return self.partner, self.kind, category, self.from_

    def facts(self) -> dict[str, Any]:
        """All that it says, what was left out by its usual value: as the books keep it."""
        facts: dict[str, Any] = {"partner": self.partner, "kind": self.kind, "from": self.from_}
        if self.kind == "earn":
            return facts | {
                "category": self.category or "default", "points": self.points, "per_cents": self.per_cents,
                "round": self.round or "down", "min_cents": self.min_cents or 0,
            }  # fmt: skip
        return facts | {
            "value_mc": self.value_mc, "min_points": self.min_points or 1, "step": self.step or 1,
            "max_share": self.max_share or 100,
        }  # fmt: skip


class Split(Table):
    """How a shared cost is shared."""

    id: _Id = Field(description="letters, digits and '-'")
    shares: dict[str, _Count] = Field(min_length=1, description="{ partner = parts, … }")


class Allowance(Table):
    """What is lent to venues of one member's points, for when the hub cannot be asked."""

    venues: Annotated[tuple[_Id, ...], _Lax] = Field(description="ids of venues")
    points: _Count = Field(description="at most so many points; and at most a quarter of the balance")
    hours: _Count = Field(default=24, description="hours of the venue's own running time")
    when: Literal["present", "appointment", "always"] = Field(
        default="present", description="'present': at the arrival; 'appointment'; 'always': a home venue"
    )


class Partner(Table):
    """A company with a contract."""

    id: _Id = Field(description="letters, digits and '-'")
    name: Name | None = Field(default=None, description='{ zh-CN = "…", en = "…" }')
    contact: Annotated[str, Field(max_length=200)] = Field(default="", description="whom a customer may write to")
    brands: Annotated[tuple[_Id, ...], _Lax] = Field(default=(), description="ids of its brands")
    billing: Literal["postpaid", "prepaid"] = Field(default="postpaid", description="'postpaid' or 'prepaid'")
    when_empty: Literal["refuse", "postpaid"] | None = Field(
        default=None, description="of prepaid, when its blocks are empty: 'refuse' or 'postpaid'"
    )
    alert_below: _Whole = Field(default=0, description="of prepaid: points left, below which the club is told")
    charge_mc: _Price = Field(description="what a point it issues costs it, in 1/1000 cent")
    pay_mc: _Price = Field(description="what it is paid for a point spent with it, in 1/1000 cent")

    @field_validator("id")
    @classmethod
    def _no_other_word(cls, id_: str) -> str:
        if id_ in NO_PARTNERS:
            raise PydanticCustomError("partner", "expected another id: that word is an account of the club's own")
        return id_

    @model_validator(mode="after")
    def _prepaid_alone(self) -> Self:
        if self.billing == "postpaid" and (self.when_empty is not None or self.alert_below):
            raise _table("when_empty and alert_below are of billing = 'prepaid' alone")
        return self


class Club(Table):
    """The club itself."""

    id: _Id = Field(description="letters, digits and '-'")
    name: Name | None = Field(default=None, description='{ zh-CN = "…", en = "…" }')
    timezone: str = Field(default="UTC", description="a name like Asia/Shanghai")
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = Field(default="CNY", description="like 'CNY'")
    expire_months: Annotated[int, Field(ge=0, le=1200)] = Field(
        default=24, description="months until points end, at the end of the month; 0: never"
    )
    refund_grace_days: _Count = Field(
        default=30, description="days that points live which are given back after their end"
    )
    breakage: Literal["issuer", "club"] = Field(default="issuer", description="who keeps the money: 'issuer' or 'club'")
    expected_breakage: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.0, description="the accountant's figure from 0 to 1, for the liability report"
    )
    confirm_over: _Whole = Field(default=2000, description="points above which a burn needs the customer's own word")
    nothing_sold: Annotated[tuple[_Id, ...], _Lax] = Field(
        default=(), description="ids of venues where nothing is sold: no points are earned or spent there"
    )

    @field_validator("timezone")
    @classmethod
    def _known(cls, name: str) -> str:
        return a_zone(name)


class ClubConfig(Table):
    """The whole file."""

    club: Club = Field(description="a table [club] with id")
    partners: Annotated[tuple[Partner, ...], _Lax] = Field(min_length=1, description="tables [[partners]]")
    programmes: Annotated[tuple[Programme, ...], _Lax] = Field(default=(), description="rows of earn and burn")
    splits: Annotated[tuple[Split, ...], _Lax] = Field(default=(), description="rows { id, shares }")
    allowances: Annotated[tuple[Allowance, ...], _Lax] = Field(default=(), description="rows { venues, points, hours }")

    @model_validator(mode="after")
    def _together(self) -> Self:
        ids = [each.id for each in self.partners]
        _once("the partner", ids)
        _once("the split", [each.id for each in self.splits])
        _once("the brand", [brand for each in self.partners for brand in each.brands])
        _once("the venue", [venue for each in self.allowances for venue in each.venues], "in one row of allowances")
        _once("the row", [" ".join(filter(None, each.key)) for each in self.programmes], "with a day of its own")
        named = [*(each.partner for each in self.programmes), *(key for each in self.splits for key in each.shares)]
        for name in named:
            if name not in ids:
                raise _table(f"{name!r} is no partner; {not_one_of(name, ids, 'one of ' + ', '.join(ids))}")
        return self


def _table(words: str) -> PydanticCustomError:
    return PydanticCustomError("table", "{words}", {"words": words})


def _once(what: str, names: Iterable[str], expected: str = "once") -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise _table(f"{what} {name!r} stands twice; expected it {expected}")
        seen.add(name)


def load(path: Path) -> ClubConfig:
    """The settings in a file; raises BadConfig, which names every mistake."""
    return parse(read(path), path)


def beside(config: Path) -> ClubConfig | None:
    """The club of the hub whose settings these are: of ``club.toml`` beside them; None where there is none."""
    path = config.parent / FILE
    return load(path) if path.is_file() else None


def parse(data: dict[str, Any], path: Path = Path(FILE)) -> ClubConfig:
    """The settings in what a TOML file holds."""
    try:
        return ClubConfig.model_validate(data)
    except ValidationError as error:
        raise BadConfig(path, in_words(error, ClubConfig, data)) from None

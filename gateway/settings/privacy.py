"""The tables of ``venue.toml`` about consent: who answers for the data, and whom else it may reach."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from gateway.settings.premises import Name
from gateway.settings.tables import Table, kept

_Lax = Field(strict=False)  # TOML knows arrays only, so these places take them for tuples
_Seen = Annotated[str, Field(min_length=1, max_length=200), kept]
_Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$"), kept]
_PurposeId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$"), kept]
_Term = Annotated[str, Field(pattern=r"^dpv:[A-Za-z]{1,80}$"), kept]
_Days = Annotated[int, Field(gt=0, le=3_660)]
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
KINDS_OF_FACT = (
    "drink", "food", "dislike", "seat", "temperature", "reading", "conversation", "service", "address", "gift",
)  # fmt: skip
"""Of what is recorded of customers that which a partner may be sent: nothing of health, and nothing without a kind."""
SENDABLE = tuple(f"preferences.{kind}" for kind in KINDS_OF_FACT)
"""The same as ``data`` of a partner names it."""
Data = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{1,60}$"), kept]


class Controller(Table):
    """Who answers for what is known of customers, as notices, receipts and the door sign name them."""

    name: _Seen = Field(description="the company, as it is registered")
    address: _Seen = Field(description="its address")
    contact: _Seen = Field(description="a mail address or telephone number for questions about privacy")


class OwnPurpose(Table):
    """A purpose of this house alone, beside those that every house asks for."""

    id: _PurposeId = Field(description="small letters, digits and '_', like club_points")
    labels: Name = Field(description='what it is called: { zh-CN = "…", en = "…" }')
    dpv: Annotated[tuple[_Term, ...], _Lax, Field(min_length=1)] = Field(
        default=("dpv:ServiceProvision",), description="its terms of the Data Privacy Vocabulary"
    )
    months: Annotated[int, Field(gt=0, le=120)] = Field(
        default=12, description="months that a consent to it lasts at the most"
    )
    partner: bool = Field(default=False, description="whether it is asked for one named partner at a time")
    adults: bool = Field(default=False, description="whether children are not asked")


class Privacy(Table):
    """How this house asks for consent, and in whose name."""

    controller: Controller | None = Field(
        default=None, description="who answers for the data: { name = …, address = …, contact = … }"
    )
    brands: Annotated[tuple[_Id, ...], _Lax] = Field(
        default=(), description="ids of the brands of this house, the usual one in front; none: it has one alone"
    )
    jurisdictions: Annotated[tuple[str, ...], _Lax] = Field(
        default=(), description="countries and unions whose law holds, like CN or EU"
    )
    guardian_under: Annotated[int, Field(ge=14, le=18)] = Field(
        default=14, description="years under which a guardian signs"
    )
    page: str = Field(
        default="", description="the origin of customers' own pages, like 'https://me.example.com'; none: the console's"
    )
    material_days: _Days = Field(
        default=90, description="days after which a material version of a notice ends what was agreed to before it"
    )
    ask_again_days: _Days = Field(default=180, description="days in which what was refused is not asked again")
    purposes: Annotated[tuple[OwnPurpose, ...], _Lax] = Field(
        default=(), description="tables [[privacy.purposes]]: purposes of this house alone"
    )

    @field_validator("jurisdictions")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not _COUNTRY.fullmatch(name):
                raise PydanticCustomError("jurisdiction", "expected two capital letters, like CN or EU")
        return names

    @field_validator("page")
    @classmethod
    def _an_origin(cls, page: str) -> str:
        try:
            parts = urlsplit(page)
            _ = parts.port
        except ValueError:
            parts = urlsplit("")
        whole = parts.scheme in ("http", "https") and parts.hostname and page.isascii()
        if page and (not whole or parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc):
            raise PydanticCustomError("origin", "expected a scheme and a host alone, like 'https://me.example.com'")
        return page.rstrip("/")

    @property
    def page_host(self) -> str | None:
        """The host name of the page's own origin, lower case; None where it has none."""
        return urlsplit(self.page).hostname if self.page else None


class Partner(Table):
    """A company outside that may be told something, where a customer agreed to that by name."""

    id: _Id = Field(description="small letters, digits and '-'")
    name: Name = Field(description='{ zh-CN = "…", en = "…" }')
    country: str = Field(description="where it is, like CN")
    address: _Seen | None = Field(default=None, description="its address")
    contact: _Seen | None = Field(default=None, description="a mail address or telephone number")
    data: Annotated[tuple[Data, ...], _Lax, Field(min_length=1)] = Field(
        description="the kinds of data that it may be told, like preferences.food"
    )

    @field_validator("country")
    @classmethod
    def _country(cls, name: str) -> str:
        if not _COUNTRY.fullmatch(name):
            raise PydanticCustomError("country", "expected two capital letters, like CN")
        return name

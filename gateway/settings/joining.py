"""The table of ``venue.toml`` that names the hub of the house, once this venue has joined it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError

from gateway.settings.addresses import address
from gateway.settings.outward import LOOPBACK
from gateway.settings.tables import Table

_Hours = Annotated[float, Field(ge=0, le=8760)]


class Joined(Table):
    """The hub that this venue calls; it calls nobody else, and needs none to work."""

    url: str = Field(description="https://host of the hub; http:// on this machine alone")
    brand: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")] = Field(
        description="the brand of this venue, as the hub calls it"
    )
    ca: str | None = Field(
        default=None, description="a PEM file with the authority that signed the hub's certificate, if it is your own"
    )
    scope: Literal["brand", "expected", "both"] = Field(
        default="brand", description="who is lent to this venue: the brand's customers, those who are expected, or both"
    )
    lend_before_hours: _Hours = Field(default=24, description="how long before they are expected guests are known here")
    lend_after_hours: _Hours = Field(default=24, description="and how long after")

    @field_validator("url")
    @classmethod
    def _reachable(cls, url: str) -> str:
        expected = "expected https://host, or http:// on this machine"
        parts = address(url, "hub_url", expected)
        if parts.username is not None or parts.password is not None:
            raise PydanticCustomError("secret", "holds a user name: this box proves who it is by its own key")
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise PydanticCustomError("hub_url", expected)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise PydanticCustomError("hub_url", "would travel without TLS; " + expected)
        return url.rstrip("/")

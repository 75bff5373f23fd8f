"""The table of ``venue.toml`` that says how a second box of this venue takes over; it is the same on both boxes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings.tables import Table


class StandingBy(Table):
    """How the second box takes over, and what is run then."""

    on_promote: Annotated[str, Field(max_length=4096, pattern=r"^(/.*)?$")] = Field(
        default="",
        description="a program, by its whole path, that moves the tablets' address to this box; it has 5 s",
    )
    alone_after_s: float = Field(
        default=0,
        ge=0,
        le=3600,
        description="after how many seconds without a sign of the first box the second takes over by itself; 0: never",
    )
    url: Annotated[str, Field(max_length=2000, pattern=r"^(https?://[^\s/]+)?$")] = Field(
        default="",
        description="where the other box reaches this one, as https://host:port; left out: the address it comes from",
    )

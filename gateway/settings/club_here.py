"""The table of ``venue.toml`` about a club that this venue is of: what its guests may be asked."""

from __future__ import annotations

from pydantic import Field

from gateway.settings.tables import Table


class ClubHere(Table):
    """What is done with guests beside serving them; each is asked for by itself, and refusing it costs nothing else."""

    gatherings: bool = Field(
        default=False, description="true: guests may be asked whether they want to be invited to gatherings"
    )
    introductions: bool = Field(
        default=False, description="true: guests who agreed to be introduced may be asked whether they want to meet"
    )
    points: bool = Field(
        default=False, description="true: guests may be asked whether their points are shown on their card"
    )

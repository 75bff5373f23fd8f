"""The table of ``venue.toml`` that says where copies of the records go, and where the list of erasures is kept too."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.settings.tables import Table

_Lax = Field(strict=False)  # TOML knows arrays only, so these places take them for tuples
_Folder = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^/")]


class Backup(Table):
    """Where copies of the records go, how often, and what an erasure must reach beside the data folder."""

    every_hours: float = Field(
        default=0, ge=0, le=8760, description="the gateway itself makes a copy in each folder so often; 0: it does not"
    )
    keep: int = Field(default=48, ge=1, le=100_000, description="how many copies stay in each folder")

    to: Annotated[tuple[_Folder, ...], _Lax] = Field(
        default=(), description="folders of copies, each a whole path: an erasure overwrites its keys in every one"
    )
    erasures: Annotated[tuple[_Folder, ...], _Lax] = Field(
        default=(),
        description="folders that keep the list of erasures too, each a whole path; one off this box",
    )

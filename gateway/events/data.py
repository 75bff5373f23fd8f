"""What all events' data have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Time = Annotated[
    str, StringConstraints(pattern=r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\.[0-9]{3}Z$")
]
"""ISO 8601 in UTC with milliseconds."""
Hex = Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})*$")]


class Data(BaseModel):
    """The whole fact; a member that its row does not name is a mistake of ours."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

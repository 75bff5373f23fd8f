"""What may be sent to change the settings."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from gateway.console.bodies import Body

LARGEST_FILE = 200_000  # characters


class SettingsRow(Body):
    """One row or table: ``at`` is a row's id or number (none: a new one), ``value`` what it is to be (none: gone)."""

    table: Annotated[str, Field(min_length=1, max_length=64)]
    at: Annotated[str, Field(max_length=200)] | Annotated[int, Field(ge=0, le=100_000)] | None = None
    value: dict[str, Any] | None = None


class ProposedSettings(Body):
    """Changes row by row, or a whole ``text``; neither: what somebody has written into the file is taken up.

    ``version`` is that of the file that was looked at.
    """

    changes: Annotated[list[SettingsRow], Field(max_length=200, default_factory=list)]
    text: Annotated[str, Field(max_length=LARGEST_FILE)] | None = None
    version: Annotated[str, Field(max_length=64)] | None = None


class NewSettings(ProposedSettings):
    """The same, to be so from now on; ``leave``: whoever asks may have a file changed that somebody wrote by hand."""

    leave: bool = False


class Look(Body):
    """A look for readers that no settings name; ``asks``: silent ports are asked, which writes to each."""

    asks: bool = False


class Leave(Body):
    """Whether a file may be changed that somebody wrote by hand."""

    leave: bool = False


class Help(Body):
    """What the helper is to do: free the readers' ports, or have a time server keep the clock."""

    what: Literal["ports", "clock"]


class NewCopy(Body):
    """A copy of the records in one of the folders that the settings name."""

    to: Annotated[str, Field(min_length=1, max_length=4096)]


class Replay(Body):
    """How many of the last events a webhook is sent once more."""

    events: Annotated[int, Field(ge=1, le=10_000)] = 100


class NewBox(Body):
    """The reader to which a box of keychains is held, one after the other."""

    reader: Annotated[str, Field(min_length=1, max_length=64)]

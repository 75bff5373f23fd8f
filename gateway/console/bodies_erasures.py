"""What may be sent about erasures."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from gateway.console.bodies import Body, StaffId

Text = Annotated[str, StringConstraints(max_length=100_000)]


class Lists(Body):
    """Lists of erasures, each as its lines."""

    lists: Annotated[list[Annotated[list[Text], Field(max_length=1_000_000)]], Field(min_length=1, max_length=100)]


class ManagersWord(Body):
    """A manager and their PIN."""

    staff: StaffId
    pin: Annotated[str, StringConstraints(min_length=1, max_length=64)]


class Signed(Body):
    """Two managers, and why they know that nobody was erased: 20 characters or more."""

    people: Annotated[list[ManagersWord], Field(min_length=2, max_length=2)]
    reason: Annotated[str, StringConstraints(min_length=20, max_length=2_000, strip_whitespace=True)]

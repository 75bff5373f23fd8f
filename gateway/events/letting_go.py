"""What was let go after its time, what a person allowed beyond a day's measure, and who vouched for the clock."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.events.data import Data, Time
from gateway.events.kinds import Kind


class KindApplied(Data):
    """One class in a run: its rule, how many were over (``candidates``) of ``rows``, and how many went.

    ``asks``: more were over than a day may take without a person, so that the rest waits for ``retention.allowed``.
    """

    kind: Kind
    rule: str
    rows: int
    candidates: int
    deleted: int
    asks: bool


class RetentionApplied(Data):
    """What was over for long enough was let go: before when, and how many of each, events of the journal included.

    ``clock`` is the time by which that was decided, ``vouched_by`` who vouched for it: ``time_server``, or who on the
    staff. Neither they nor ``kinds`` are known of a run of an older program. ``zones`` says of visits in how many zones
    they were, where nobody knows any more in which. What events older than ``journal`` say is gone; those older than
    ``skeleton`` are gone.
    """

    kinds: list[KindApplied] = Field(default=[])
    clock: Time | None = None
    vouched_by: str | None = None
    presence: Time | None = None
    visits: Time
    journal: Time
    skeleton: Time | None = None
    receipts: Time
    sessions: Time
    answers: Time
    zones: dict[str, int] = Field(default={})
    gone: dict[str, int]


class RetentionAllowed(Data):
    """Somebody allows for a day that all goes that is over, of these classes."""

    kinds: Annotated[list[Kind], Field(min_length=1)]


class RetentionListed(Data):
    """Who has no live consent and is to be erased, not before a week from now unless they agree to something."""

    customers: Annotated[list[str], Field(min_length=1)]


class ClockConfirmed(Data):
    """Somebody looked at the time and said that it is right; ``boot`` is the run of the machine it holds for."""

    boot: str

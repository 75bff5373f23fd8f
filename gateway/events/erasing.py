"""What happens where somebody is erased: the receipt that begins with it, and each place that answers."""

from __future__ import annotations

from typing import Literal

from gateway.events.data import Data, Time

PlaceKind = Literal["tablet", "backup", "list", "webhook", "partner", "club"]


class ErasurePlace(Data):
    """Where something of the erased may lie besides the venue, and when it was heard last."""

    kind: PlaceKind
    place: str
    heard_at: Time | None


class ErasureBegun(Data):
    """The receipt of an erasure: who asked, why, and every place that has to answer; ``venue`` has, by this event."""

    id: str
    by: Literal["customer", "staff", "house"]
    because: Literal["asked", "no_consent", "restored"]
    venue: str
    places: list[ErasurePlace]


class ErasureAnswered(Data):
    """A place was told of an erasure, or with ``done`` has let go of what it held.

    ``by`` is who of the staff had it from a partner in another way, None: the place has answered itself.
    """

    erasure: str
    kind: PlaceKind
    place: str
    by: str | None = None
    done: bool


class QuarantineEnded(Data):
    """The house may know its customers again: a fresh list of erasures came, or two people signed that nobody was.

    ``erased`` is how many customers the list brought that were not forgotten here yet.
    """

    because: Literal["list", "signed"]
    by: list[str]
    reason: str
    erased: int

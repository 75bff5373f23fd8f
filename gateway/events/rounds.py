"""What happens to seats, menus and rounds: who sits where and is to come, what there is, and what was ordered of it."""

from __future__ import annotations

from typing import Any, Literal

from gateway.events.alerts import AskFacts
from gateway.events.data import Data, Time

PlaceKind = Literal["seat", "chair", "table", "room"]


class PlaceRow(Data):
    """One place inside a zone; ``group`` is its row or its table, where it has one."""

    place: str
    zone: str
    kind: PlaceKind
    group: str | None


class PlacesChanged(Data):
    """The places that a file brought, beside those of the settings: all of them, in their order."""

    places: list[PlaceRow]


class PlaceTaken(Data):
    """A guest sits at ``place`` from now on; ``was`` is the place they had."""

    visit: str
    customer: str
    place: str
    zone: str
    was: str | None
    because: Literal["staff", "expected", "swap"]
    by: str
    at: Time


class PlaceFreed(Data):
    """A guest has this place no more; ``gone``: the venue has it no more."""

    visit: str
    customer: str
    place: str
    because: Literal["staff", "swap", "left", "gone"]
    by: str
    at: Time


class ExpectedChanged(Data):
    """A customer is expected from when until when, at which place; ``removed``: after all not."""

    id: str
    customer: str
    place: str | None
    begins: Time
    ends: Time
    note: str | None
    removed: bool


class ExpectedMissed(Data):
    """A customer who was expected from when until when has not come."""

    id: str
    customer: str
    place: str | None
    begins: Time
    ends: Time
    note: str | None


class MenuItem(Data):
    """A dish: ``allergens`` null is not declared; ``without`` is what the kitchen can leave out, ``stock`` how many."""

    id: str
    labels: dict[str, str]
    allergens: list[str] | None
    may_contain: list[str]
    ingredients: list[str]
    without: list[str]
    stock: int | None


class MenuChanged(Data):
    """A menu as it is from now on; ``counted``: of these items there are as many as ``stock`` says as of now."""

    menu: str
    question: str
    items: list[MenuItem]
    counted: list[str]
    removed: bool


class RoundRow(Data):
    """A row of a round, and who is in it: nobody yet, a guest, one who has left, or one who has another row."""

    row: int
    place: str | None
    visit: str | None
    state: Literal["empty", "here", "left", "moved"]


class RoundStarted(Data):
    """A round begins; its rows keep their order until it ends."""

    id: str
    question: str
    zones: list[str]
    menu: str | None
    rows: list[RoundRow]
    by: str
    at: Time


class SeatOrder(Data):
    """What was ordered for a seat whose guest nobody knows; ``takes`` and ``gives_back`` are items of the menu."""

    id: str
    place: str
    item: str | None
    labels: dict[str, str] | None
    answer: str
    without: list[str]
    note: str | None
    by: str
    at: Time
    served_by: str | None
    served_at: Time | None
    cancelled: bool
    flagged: list[dict[str, Any]]
    seen_by: str | None
    seen_at: Time | None


class RoundChanged(Data):
    """What changed in a round; ``rows`` and ``order`` are null where they did not.

    ``acknowledged``: the galley has seen the counts as of the event with this number. ``late_since``: since when orders
    wait for that, where it is too long.
    """

    id: str
    change: Literal["rows", "order", "served", "acknowledged", "late", "flagged"]
    rows: list[RoundRow] | None
    order: SeatOrder | None
    takes: str | None
    gives_back: str | None
    menu: str | None
    acknowledged: int | None
    late_since: Time | None
    by: str
    at: Time


class RoundEnded(Data):
    """A round is over."""

    id: str
    by: str
    at: Time


class OrderFlagged(AskFacts):
    """An order that goes against what is known of the guest since it was taken; or the galley has seen that."""

    because: Literal["recorded", "seen"]

"""Seats, who is expected, menus and rounds as they leave the gateway."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.events.data import Time
from gateway.events.rounds import PlaceKind
from gateway.events.sent import Alert, Localised, Order, Person, Sent

# --- places ----------------------------------------------------------------------------------------------------------


class Place(Sent):
    """One place inside a zone; ``group`` is its row or its table, null where it stands alone."""

    place: str
    zone: str
    kind: PlaceKind
    group: str | None


class Places(Sent):
    """The venue's places, in their order."""

    places: list[Place]


class ExpectedVisit(Person):
    """A customer who is expected, from when until when, and at which place; ``note`` is for who serves them.

    ``ended``: they ended being recognised, and the book shows their place without them. ``missed``: the time is over,
    and they did not come.
    """

    id: str
    place: str | None
    from_: Annotated[Time, Field(alias="from")]
    until: Time
    note: str | None
    ended: bool = False
    missed: bool = False


class ExpectedCustomer(ExpectedVisit):
    """The same with whether they are here."""

    here: bool


class ExpectedChange(ExpectedVisit):
    """Somebody is expected from now on, or otherwise than before; ``removed``: after all not."""

    removed: bool


class Habit(Person):
    """A guest without a place who mostly had this one, so many ``times``; a suggestion, nothing more."""

    visit: str
    times: int


class Seat(Place):
    """A place, who sits there since when and why, who is expected there, and whose habit it is.

    ``visit`` and all of the guest are null where nobody sits.
    """

    visit: str | None
    customer: str | None
    name: str | None
    address_as: str | None
    since: Time | None
    because: Literal["staff", "expected", "swap"] | None
    expected: list[ExpectedVisit]
    habit: list[Habit]


class Sitting(Sent):
    """Who sits where: in the way of somebody else."""

    place: str
    visit: str
    customer: str
    name: str | None
    address_as: str | None
    since: Time


class PlaceChange(Sent):
    """A guest has taken a place, ``was`` the one before; or has none any more, where ``place`` is null."""

    visit: str
    customer: str
    place: str | None
    was: str | None
    zone: str | None
    because: Literal["staff", "expected", "swap", "left", "gone"]
    by: str
    at: Time


# --- menus -----------------------------------------------------------------------------------------------------------


class MenuItem(Sent):
    """A dish: ``allergens`` null is not declared; ``left`` of ``stock`` are to be had, negative: over by so many."""

    id: str
    labels: Localised
    allergens: list[str] | None
    may_contain: list[str]
    ingredients: list[str]
    without: list[str]
    stock: int | None
    left: int | None


class Menu(Sent):
    """What there is, and for which question."""

    menu: str
    question: str
    items: list[MenuItem]


# --- rounds ----------------------------------------------------------------------------------------------------------


class RoundRow(Sent):
    """A row of a round: ``state`` says whether nobody, a guest, or one who has left or sits elsewhere now is in it.

    ``called`` is the guest's name as they wish it; ``order`` what they, or their seat, have ordered.
    """

    row: int
    place: str | None
    state: Literal["empty", "here", "left", "moved"]
    visit: str | None
    customer: str | None
    called: str | None
    order: Order | None


class RoundCount(Sent):
    """How many want this, and have it; ``left`` is null where nobody counts them, ``over`` how many too many."""

    item: str | None
    answer: str
    labels: Localised | None
    n: int
    served: int
    left: int | None
    over: int


class CareLine(Sent):
    """One thing that a guest must not or does not want to have; ``words`` are their own, where it has no code.

    ``why`` says how what was ordered touches it, null: not; ``touches`` is what of it does.
    """

    polarity: Literal["allergy", "avoid"]
    code: str | None
    about: str | None
    words: str | None
    why: Literal["allergy", "may_contain", "not_declared", "avoid"] | None
    touches: str | None


class Care(Sent):
    """A plate that needs care, by its place and never by name; ``wants_tap``: nobody in the galley has seen it yet."""

    row: int
    place: str | None
    order: str
    item: str | None
    answer: str
    without: list[str]
    lines: list[CareLine]
    reason: str | None
    note: str | None
    served: bool
    wants_tap: bool


class Acknowledged(Sent):
    """The galley has seen the counts as of the event ``sequence``."""

    sequence: int
    by: str
    at: Time


class Round(Sent):
    """A round as it stands: its rows in their order, what was ordered, and the plates that need care.

    ``sequence`` is the newest event that the counts hold, which the galley acknowledges. ``late_since``: orders wait
    for that since then, for too long.
    """

    id: str
    question: str
    zones: list[str]
    menu: str | None
    state: Literal["open", "ended"]
    by: str
    started_at: Time
    ended_at: Time | None
    rows: list[RoundRow]
    counts: list[RoundCount]
    care: list[Care]
    sequence: int
    acknowledged: Acknowledged | None
    late_since: Time | None


class RoundChange(Sent):
    """A round began, changed or ended: ``rounds`` says how it stands, ``menus`` what is left."""

    id: str
    change: Literal["started", "rows", "order", "served", "acknowledged", "late", "flagged", "ended"]
    by: str
    at: Time
    rounds: list[Round]
    menus: list[Menu] | None = None
    alerts: list[Alert] | None = None


class MenuChange(Menu):
    """The same as it is from now on; ``removed`` where it is no menu any more; ``rounds`` are those that go on,
    ``alerts`` those with a card that may suggest something of it.
    """

    removed: bool
    rounds: list[Round] | None = None
    alerts: list[Alert] | None = None

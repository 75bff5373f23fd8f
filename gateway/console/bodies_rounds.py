"""What may be sent to us about seats, who is expected, menus, questions and rounds."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from gateway.console.bodies import Body, CustomerId, EmptyIsNone, Line, Note, OneLine, RecordId, Time, Word

MOST = 2_000
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_.-]*$")]
Codes = Annotated[list[Code], Field(max_length=50)]
ItemId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^\w[\w.-]*$")]
MenuId = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^\w[\w.-]*$")]
PlaceName = Annotated[str, StringConstraints(min_length=1, max_length=64), OneLine]
Reason = Literal["guest_confirmed", "prepared_without", "other"]

# --- seats -----------------------------------------------------------------------------------------------------------


class TakePlace(Body):
    """Where a guest sits from ``at`` on, null: nowhere; ``swap``: whoever sits there gets their place."""

    place: Annotated[PlaceName | None, EmptyIsNone]
    at: Time | None = None
    swap: bool = False


class NewExpected(Body):
    """A customer who is expected: without a time on the venue's day, today or that of the other time."""

    id: RecordId | None = None
    customer: CustomerId
    place: Annotated[PlaceName | None, EmptyIsNone] = None
    begins: Annotated[Time | None, Field(alias="from")] = None
    ends: Annotated[Time | None, Field(alias="until")] = None
    note: Annotated[Note | None, EmptyIsNone] = None


class ExpectedList(Body):
    """Everybody who is expected."""

    expected: Annotated[list[NewExpected], Field(max_length=MOST)]


_Row = Annotated[Any, WithJsonSchema({"$ref": "#/components/schemas/NewExpected"})]
SeveralExpected = NewExpected | Annotated[list[_Row], Field(max_length=MOST)]
"""One who is expected, or several: of a list each row is taken or refused for itself."""


# --- menus -----------------------------------------------------------------------------------------------------------


class DishLabels(Body):
    """What something is called in the languages of the console."""

    zh_cn: Annotated[Line | None, Field(alias="zh-CN")] = None
    en: Line | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.zh_cn is None and self.en is None:
            raise ValueError("expected a label in zh-CN or en")
        return self

    def both(self) -> dict[str, str]:
        """Both; the one that is missing is the other."""
        return {"zh-CN": self.zh_cn or self.en or "", "en": self.en or self.zh_cn or ""}


class NewItem(Body):
    """A dish: ``allergens`` null or left out is not declared, and an empty list is none."""

    id: ItemId
    labels: DishLabels
    allergens: Codes | None = None
    may_contain: Codes = Field(default_factory=list)
    ingredients: Codes = Field(default_factory=list)
    without: Codes = Field(default_factory=list)
    stock: Annotated[int, Field(ge=0, le=100_000)] | None = None


class NewMenu(Body):
    """What there is, and for which question."""

    menu: MenuId | None = None
    question: Line
    items: Annotated[list[NewItem], Field(max_length=500)]


class Stock(Body):
    """How many there are as of now; null: nobody counts them."""

    stock: Annotated[int, Field(ge=0, le=100_000)] | None


# --- questions and orders --------------------------------------------------------------------------------------------


class _Order(Body):
    """What was ordered: in words, or an item of a menu without what the kitchen is to leave out of it.

    ``despite`` are the facts that it goes against and whoever takes it knows of; then ``reason`` says why it is taken.
    """

    answer: Line | None = None
    item: ItemId | None = None
    menu: MenuId | None = None
    round: RecordId | None = None
    without: Codes = Field(default_factory=list)
    despite: Annotated[list[RecordId], Field(max_length=50)] = Field(default_factory=list)
    reason: Reason | None = None
    note: Annotated[Note | None, EmptyIsNone] = None
    at: Time | None = None

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.answer is not None and self.item is not None:
            raise ValueError("expected answer or item, not both")
        if self.item is None and self.without:
            raise ValueError("without is for an item alone")
        return self


class NewAsk(_Order):
    """A question for this visit, asked ``at`` some time; ``again`` says that asking it once more is meant.

    With ``slip`` it is only open once more: a tap was taken back, and nobody was asked twice.

    With ``answer`` or ``item`` it is asked and answered in one act.
    """

    id: RecordId | None = None
    question: Line
    again: bool = False
    slip: bool = False


class Answer(_Order):
    """What the customer answered."""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.answer is None and self.item is None:
            raise ValueError("expected answer or item")
        return self


class SeenFlag(Body):
    """When somebody in the galley has seen what is known against an order."""

    at: Time | None = None


# --- rounds ----------------------------------------------------------------------------------------------------------


class NewRound(Body):
    """A question that is put to everybody in these zones (none: everywhere), by a menu where there is one."""

    id: RecordId | None = None
    question: Line
    zones: Annotated[list[Word], Field(max_length=200)] = Field(default_factory=list)
    menu: Annotated[MenuId | None, BeforeValidator(lambda v: v or None)] = None
    at: Time | None = None


class EndRound(Body):
    """When a round was over."""

    at: Time | None = None


class NewSeatOrder(Body):
    """What a guest whom nobody knows has ordered at a place."""

    id: RecordId | None = None
    answer: Line | None = None
    item: ItemId | None = None
    without: Codes = Field(default_factory=list)
    note: Annotated[Note | None, EmptyIsNone] = None
    at: Time | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.answer is None) == (self.item is None):
            raise ValueError("expected answer or item")
        return self


class SeatServing(Body):
    """Whether a place has what was ordered there; ``cancelled``: they do not want it after all."""

    served: bool = True
    cancelled: bool = False
    at: Time | None = None


class Acknowledging(Body):
    """The newest event whose orders the galley has seen."""

    sequence: Annotated[int, Field(ge=0, le=2**62)]

"""What may be sent to us; anything else is refused by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from gateway.events import venue_time
from gateway.records.exchange import LONGEST_NAME, LONGEST_WORD, language_tag
from gateway.records.ids import CUSTOMER_ID, STAFF_ID, customer_id, staff_id
from reader_drivers.texts import lines, one_line


def _kept(rule: Callable[[str], str]) -> BeforeValidator:
    """What every door keeps of a text (``reader_drivers.texts``): refused where nothing of it can be seen."""

    def keep(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        kept = rule(value)
        if not kept:
            raise ValueError("expected something that can be seen")
        return kept

    return BeforeValidator(keep)


OneLine = _kept(one_line)
Line = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), OneLine]
Note = Annotated[str, StringConstraints(min_length=1, max_length=2000), _kept(lines)]
Word = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_WORD), OneLine]
Language = Annotated[str, StringConstraints(max_length=LONGEST_WORD), AfterValidator(language_tag), OneLine]
Time = Annotated[
    float,
    BeforeValidator(lambda v: venue_time.moment(v) if isinstance(v, str) else _no(v)),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
RecordId = Annotated[str, AfterValidator(lambda v: str(UUID(v)))]
StaffId = Annotated[
    str, AfterValidator(staff_id), WithJsonSchema({"type": "string", "pattern": f"^{STAFF_ID.pattern}$"})
]
Wish = Annotated[
    Literal["do_not_disturb", "no_name", "anonymous", "do_not_recognise"],
    BeforeValidator(lambda v: re.sub(r"[\s-]+", "_", v.strip().lower()) if isinstance(v, str) else v),
]
Purpose = Literal["recognise_tag", "recognise_phone", "keep_preferences", "share_partners"]
Role = Literal["floor", "crew", "manager", "it"]


def _none_if_empty(value: Any) -> Any:
    return None if isinstance(value, str) and not one_line(value) else value


EmptyIsNone = BeforeValidator(_none_if_empty)
Expiry = Annotated[
    float,
    BeforeValidator(lambda v: venue_time.ending(v) if isinstance(v, str) else _no(v)),
    WithJsonSchema({"type": "string", "description": "a day, or a time"}),
]


def _no(value: Any) -> float:
    raise ValueError("expected a time like 2026-11-22T10:00:00Z")


def _month_and_day(value: str) -> str:
    try:
        date.fromisoformat(f"2024-{value}")  # a leap year: 29 February is somebody's
    except ValueError:
        raise ValueError("expected a month and a day like 04-30") from None
    return value


Birthday = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}-[0-9]{2}$"), AfterValidator(_month_and_day)]
CustomerId = Annotated[
    str, AfterValidator(customer_id), WithJsonSchema({"type": "string", "pattern": f"^{CUSTOMER_ID.pattern}$"})
]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=256), OneLine]


def _one_off(value: Any) -> Any:
    return "one_off" if value in ("one-off", "oneoff") else value


class Body(BaseModel):
    """A request's JSON object."""

    model_config = ConfigDict(extra="forbid")


class SignIn(Body):
    """Who, and the PIN."""

    staff: StaffId
    pin: Annotated[str, StringConstraints(min_length=1, max_length=32)]


class NewTablet(Body):
    """What a tablet is called, so that it is found again."""

    name: Line


class NewToken(Body):
    """In which role a program acts, and for whom it stands where it stands for a person."""

    role: Literal[Role, "integration"]
    staff: Annotated[StaffId | None, EmptyIsNone] = None


class Leaving(Body):
    """How many customers leave in a file."""

    customers: Annotated[int, Field(ge=0, le=10**9)]


class NewRecording(Body):
    """The file that is made, on the gateway's machine."""

    out: Annotated[str, StringConstraints(min_length=1, max_length=4096)]


class CopyMade(Body):
    """The name of a copy of the records, and where its journal ends: epoch, position, and hash in hex."""

    name: Line
    epoch: Annotated[int, Field(ge=0, le=2**31)]
    position: Annotated[int, Field(ge=0, le=2**62)]
    head: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})*$")]


class Pair(Body):
    """The one-time code that a tablet was shown."""

    code: Word


class CustomerFacts(Body):
    """What is known of a customer."""

    name: Line
    address_as: Annotated[Line | None, EmptyIsNone] = None
    language: Annotated[Language | None, EmptyIsNone] = None
    tier: Annotated[Word | None, EmptyIsNone] = None
    associate: Annotated[StaffId | None, EmptyIsNone] = None
    deputy: Annotated[StaffId | None, EmptyIsNone] = None
    wishes: Annotated[list[Wish], Field(max_length=10)] = []
    birthday: Annotated[Birthday | None, EmptyIsNone] = None
    meets: Annotated[list[CustomerId], Field(max_length=50)] = []


class Wishes(Body):
    """How the customer wants to be treated from now on."""

    wishes: Annotated[list[Wish], Field(max_length=10)]


class NewCredential(Body):
    """A tag or phone; ``tid`` is the chip's own number where it was read."""

    identifier: Identifier
    label: Annotated[Line | None, EmptyIsNone] = None
    tid: Annotated[str, StringConstraints(pattern=r"^([0-9A-Fa-f]{4}){2,31}$", to_upper=True)] | None = None


class EnrolmentLook(Body):
    """The key of the tag that is being given just now, so that it is not forgotten meanwhile."""

    keep: Word | None = None


class Typed(Body):
    """An identifier, ``scheme:value``, or the number printed on a fob."""

    text: Identifier


class GiveHeard(Body):
    """To whom, and what it is called."""

    customer: CustomerId
    label: Annotated[Line | None, EmptyIsNone] = None


class NewWalk(Body):
    """The test tag, ``scheme:value``; without one it is the tag held closest to a reader at first."""

    identifier: Annotated[Identifier | None, EmptyIsNone] = None


class NewConsent(Body):
    """What the customer agrees to, how, and until when."""

    purpose: Purpose
    method: Annotated[Line | None, EmptyIsNone] = None
    document: Annotated[Line | None, EmptyIsNone] = None
    expires: Annotated[Expiry | None, EmptyIsNone] = None


class NewPreference(Body):
    """A fact about what to do or to avoid."""

    id: RecordId | None = None
    category: Word
    value: Line
    polarity: Literal["do", "avoid", "allergy"] = "do"
    basis: Literal["stated", "observed", "inferred"] = "stated"
    scope: Annotated[Literal["standing", "one_off"], BeforeValidator(_one_off)] = "standing"
    at: Time | None = None
    corrects: RecordId | None = None


class NewAsk(Body):
    """A question for this visit, asked ``at`` some time; ``again`` says that asking it once more is meant."""

    id: RecordId | None = None
    question: Line
    again: bool = False
    at: Time | None = None


class Answer(Body):
    """What the customer answered."""

    answer: Line
    at: Time | None = None


class Serving(Body):
    """Whether the customer has what they answered."""

    served: bool = True
    at: Time | None = None


class NewOwed(Body):
    """A promise or a complaint."""

    id: RecordId | None = None
    text: Note
    owner: Annotated[StaffId | None, EmptyIsNone] = None
    due: Annotated[Time | None, EmptyIsNone] = None


class Money(Body):
    """An amount of money."""

    amount: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "CNY"


class NewComplaint(NewOwed):
    """A complaint; ``recovery_cost`` is what making it good comes to, as far as it is known."""

    recovery_cost: Money | None = None


class Closing(Body):
    """How a promise ended."""

    note: Annotated[Note | None, EmptyIsNone] = None


class ClosingComplaint(Closing):
    """How a complaint ended, and what making it good came to."""

    recovery_cost: Money | None = None


class HandOver(Body):
    """To whom."""

    to: Annotated[StaffId, Field(validation_alias=AliasChoices("to", "staff"))]


class CloseAlert(Body):
    """How an alert ended."""

    outcome: Literal["greeted", "not_found", "declined"]
    note: Annotated[Note | None, EmptyIsNone] = None
    zone: Annotated[Line | None, EmptyIsNone] = None


class Seen(Body):
    """Where somebody really is: a customer, or who walks with a test tag."""

    zone: Line


class Rating(Body):
    """Whether a card was of use."""

    useful: bool


class Companions(Body):
    """How many people a customer has brought along: counted, never named."""

    count: Annotated[int, Field(ge=0, le=20)]


class Review(Body):
    """What a visit was, in one tap and some words."""

    satisfaction: Annotated[int, Field(ge=1, le=5)]
    about: Literal["product", "person", "place"] | None = None
    outcome: Annotated[Line | None, EmptyIsNone] = None
    note: Annotated[Note | None, EmptyIsNone] = None


class StaffFacts(Body):
    """A member of staff; without ``pin`` theirs stays as it is."""

    name: Line
    roles: Annotated[list[Role], Field(min_length=1)]
    zones: Annotated[list[Word], Field(max_length=500)] = []
    languages: Annotated[list[Language], Field(max_length=50)] = []
    pin: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,12}$")] | None = None


class NewShift(Body):
    """Where, and until when."""

    zones: Annotated[list[Word], Field(max_length=500)] = []
    until: Annotated[Time | None, EmptyIsNone] = None


class EndShift(Body):
    """To whom open promises go; without one to the customer's own people or a manager."""

    hand_to: Annotated[StaffId | None, EmptyIsNone] = None


class ExpectedVisit(Body):
    """A customer who is expected: without a time on the venue's day, today or that of the other time."""

    customer: CustomerId
    begins: Annotated[Time | None, Field(alias="from")] = None
    ends: Annotated[Time | None, Field(alias="until")] = None


class ExpectedList(Body):
    """Everybody who is expected."""

    expected: Annotated[list[ExpectedVisit], Field(max_length=2000)]


Metres = Annotated[float, Field(ge=0, le=10_000, allow_inf_nan=False)]


class PlanZone(Body):
    """A room on the plan: its corner nearest the origin, and its size."""

    zone: Word
    x: Metres
    y: Metres
    w: Metres
    h: Metres


class PlanReader(Body):
    """Where a reader is."""

    reader: Word
    x: Metres
    y: Metres


class FloorPlan(Body):
    """The venue seen from above, in metres."""

    width: Annotated[Metres, Field(gt=0)]
    height: Annotated[Metres, Field(gt=0)]
    zones: Annotated[list[PlanZone], Field(max_length=200)] = []
    readers: Annotated[list[PlanReader], Field(max_length=200)] = []

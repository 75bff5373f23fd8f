"""What may be sent to us; anything else is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, Literal, Self
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
    model_validator,
)

from gateway.console.named import whose
from gateway.console.proofs import key_of
from gateway.console.scopes import SCOPES, a_scope
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
Scope = Annotated[str, AfterValidator(a_scope), WithJsonSchema({"type": "string", "enum": list(SCOPES)})]
Role = Literal["floor", "crew", "manager", "it"]


def _no_key() -> bytes:
    raise ValueError("expected a P-256 public key, 65 bytes in base64url")


def _none_if_empty(value: Any) -> Any:
    return None if isinstance(value, str) and not one_line(value) else value


DeviceKey = Annotated[
    bytes,
    BeforeValidator(lambda v: (isinstance(v, str) and key_of(v)) or _no_key()),
    WithJsonSchema({"type": "string", "description": "a P-256 public key: the point, not compressed, in base64url"}),
]
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
    str,
    AfterValidator(customer_id),
    AfterValidator(whose),
    WithJsonSchema({"type": "string", "pattern": f"^{CUSTOMER_ID.pattern}$"}),
]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=256), OneLine]


class Body(BaseModel):
    """A request's JSON object; what checks it is built with the route that takes it."""

    model_config = ConfigDict(extra="forbid", defer_build=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        # What the framework makes of it would wait for the first request otherwise, and then complain of its alias.
        cls.model_config["defer_build"] = False


Pin = Annotated[str, StringConstraints(pattern=r"^[0-9]{4,12}$")]
TypedPin = Annotated[str, StringConstraints(min_length=1, max_length=32)]


class SignIn(Body):
    """Who, and the PIN; or a one-time code instead of it, with the PIN that is chosen.

    ``key`` signs each request of the session, and this one.
    """

    staff: StaffId
    pin: TypedPin
    new_pin: Annotated[Pin | None, EmptyIsNone] = None
    key: DeviceKey | None = None


class Unlock(Body):
    """The PIN once more."""

    pin: TypedPin


class ChangePin(Body):
    """The PIN so far, and the one from now on."""

    pin: TypedPin
    new_pin: Pin


class NewTablet(Body):
    """What a tablet is called, so that it is found again."""

    name: Line


class NewToken(Body):
    """What a program may do, until when, and for whom it stands where it stands for a person.

    It has a role or, as one of the role integration, ``scopes``; without them it may all that its role may.
    Without ``days`` it lasts as long as the house's settings say.
    """

    role: Literal[Role, "integration"] | None = None
    staff: Annotated[StaffId | None, EmptyIsNone] = None
    name: Annotated[Line | None, EmptyIsNone] = None
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(SCOPES))] | None = None
    days: Annotated[int, Field(gt=0, le=3650)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if self.role is None and self.scopes is None:
            raise ValueError("expected a role, or scopes")
        return self

    @property
    def acts_as(self) -> Literal["floor", "crew", "manager", "it", "integration"]:
        """The role of the program."""
        return self.role or "integration"


class Leaving(Body):
    """How many customers leave in a file."""

    customers: Annotated[int, Field(ge=0, le=10**9)]


class NewRecording(Body):
    """The file that is made, on the gateway's machine."""

    out: Annotated[str, StringConstraints(pattern="^/.", max_length=4096)]  # ours is not the caller's folder


class CopyMade(Body):
    """The name of a copy of the records, its folder, and where its journal ends: epoch, position, and hash in hex."""

    name: Line
    epoch: Annotated[int, Field(ge=0, le=2**31)]
    position: Annotated[int, Field(ge=0, le=2**62)]
    head: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{2})*$")]
    to: Annotated[str, StringConstraints(max_length=4096)] = ""
    erasures: Annotated[int, Field(ge=0, le=2**31)] = 0


class Pair(Body):
    """The one-time code that a tablet was shown, and the key of the device, which signs this request."""

    code: Word
    key: DeviceKey | None = None


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

    outcome: Literal["greeted", "not_found", "declined", "wrong_person"]
    note: Annotated[Note | None, EmptyIsNone] = None
    zone: Annotated[Line | None, EmptyIsNone] = None


class Seen(Body):
    """Where somebody really is: a customer, or who walks with a test tag."""

    zone: Line


class Met(Body):
    """Whether who has the customer is with them; false takes it back. ``at``: when, of a tablet out of reach."""

    met: bool = True
    at: Time | None = None


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
    pin: Pin | None = None


class NewShift(Body):
    """Where, and until when."""

    zones: Annotated[list[Word], Field(max_length=500)] = []
    until: Annotated[Time | None, EmptyIsNone] = None


class EndShift(Body):
    """To whom open promises go; without one to the customer's own people or a manager."""

    hand_to: Annotated[StaffId | None, EmptyIsNone] = None


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

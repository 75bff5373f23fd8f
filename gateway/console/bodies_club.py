"""What a tablet or a till asks of the club's books."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from gateway.console.bodies import Body

MOST = 500
_Text = Annotated[str, Field(max_length=200)]


class ClubRequest(Body):
    """One request; which members it needs, the hub says by its kind."""

    id: Annotated[str, Field(min_length=1, max_length=64)]
    kind: Literal["earn", "grant", "burn", "reserve", "post", "void", "refund", "withdraw"]
    at: _Text | None = None
    by: _Text | None = None
    member: _Text | None = None
    partner: _Text | None = None
    venue: _Text | None = None
    sale: _Text | None = None
    of: _Text | None = None
    amount_cents: int | None = None
    category: _Text | None = None
    offline: bool | None = None
    points: int | None = None
    reason: _Text | None = None
    sale_cents: int | None = None
    minutes: int | None = None
    allowance: bool | None = None
    confirmed: Literal["tag", "page"] | None = None


class ClubRequests(Body):
    """Several; ``linked``: all or none."""

    linked: bool = False
    transfers: Annotated[list[ClubRequest], Field(min_length=1, max_length=MOST)]


class PaymentCode(Body):
    """The digits that a guest shows on their own page."""

    code: Annotated[str, Field(min_length=8, max_length=16, pattern=r"^[0-9 ]+$")]

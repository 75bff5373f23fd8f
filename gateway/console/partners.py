"""Partners: what each was sent and has not answered yet, and what a person had from one in another way."""

from __future__ import annotations

from typing import Self

from fastapi import Response
from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gateway.console.act import Act, House, respond
from gateway.console.bodies import Body, CustomerId, Word
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import right
from gateway.core import sharing
from gateway.core.actions import partners

router = Routes(prefix="/api/partners", tags=["partners"])


class ByHand(Body):
    """What a partner has let go of, as a person knows from it: all of one customer, or who was erased."""

    customer: CustomerId | None = None
    erasure: Word | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.customer is None) == (self.erasure is None):
            raise PydanticCustomError("one", "expected either customer or erasure")
        return self


@router.get("", response_model="list[answers_partners.PartnerStanding]", dependencies=[right("lead")])
async def every(house: House) -> Response:
    """Every partner, and what it has not answered yet: stops, corrections, news and erasures, each since when."""
    return respond(sharing.listed(house))


@router.post(
    "/{partner}/answers", status_code=204, responses=documented(404, 409, 422, 503, 507), dependencies=[right("lead")]
)
async def answered(partner: str, body: ByHand, act: Act, house: House) -> Response:
    """A partner has said in another way, as by letter, that it has let go of this; who says so is written down."""
    customer, erasure = body.customer, body.erasure
    if erasure is not None:
        return await act(lambda actor, now: partners.erased(house, partner, erasure, actor))
    return await act(lambda actor, now: partners.stopped(house, partner, customer or "", actor))

"""Erasures: their receipts, place by place, and what ends a quarantine."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from gateway import pins
from gateway.console.act import House, respond
from gateway.console.bodies_erasures import Lists, Signed
from gateway.console.guesses import Guesses
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core import forgetting
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.records import staff
from gateway.records.errors import Damaged

router = Routes(prefix="/api/erasures", tags=["erasures"])


@router.get("", response_model="list[answers_erasures.ErasureReceipt]", dependencies=[right("lead")])
async def every(house: House) -> Response:
    """The receipts of all erasures, the newest first, each with what its places have answered so far."""
    return respond(forgetting.every(house))


@router.get(
    "/{receipt}",
    response_model="answers_erasures.ErasureReceipt",
    responses=documented(404),
    dependencies=[right("people")],
)
async def one(receipt: str, house: House) -> Response:
    """The receipt of one erasure as it stands now, signed by the house."""
    return respond(found(house, receipt))


@router.post(
    "/lists",
    response_model="answers_erasures.ListsTaken",
    responses=documented(422, 503, 507),
    dependencies=[right("own")],
)
async def lists(body: Lists, house: House, who: Who) -> Response:
    """Unites lists of erasures with the house's, erases whomever they name, and ends a quarantine if they are fresh."""
    try:
        taken = await forgetting.take(house, body.lists, who.id)
    except Damaged as bad:
        raise Problem(422, str(bad)) from None
    return respond({"erased": taken.erased, "lifted": taken.lifted})


@router.post(
    "/signed", status_code=204, responses=documented(401, 403, 409, 422, 429, 503, 507), dependencies=[right("own")]
)
async def signed(body: Signed, house: House, request: Request) -> Response:
    """Two managers sign that nobody was erased since the copy was made: the quarantine ends."""
    if house.memory.quarantined is None:
        raise Problem(409, "the house is not in quarantine")
    names = [each.staff for each in body.people]
    if len(set(names)) != 2:
        raise Problem(422, "two people sign, and one is not two")
    for each in body.people:
        await _is_manager(house, each.staff, each.pin, request.app.state.guesses)
    await forgetting.lift(house, "signed", names, body.reason)
    return respond(None, 204)


async def _is_manager(house: Gateway, staff_id: str, pin: str, guesses: Guesses) -> None:
    known = staff.get_staff(house.store.reader, staff_id)
    guesses.begin("signing", staff_id if known else "")
    secrets = house.store.keyring.secrets
    if not await pins.matches(known.pin_hash if known else None, pin, secrets) or known is None:
        guesses.wrong("signing", staff_id if known else "")
        subject = known.id if known else house.config.venue.id
        house.note([News("sign_in.refused", subject, {"staff": known.id if known else None, "tablet": None})])
        raise Problem(401, f"wrong PIN of {staff_id}")
    guesses.right("signing", staff_id)
    if "manager" not in known.roles:
        raise Problem(403, f"{staff_id} is no manager")


def found(house: Gateway, receipt: str) -> dict[str, Any]:
    """The receipt with this number; raises Problem(404)."""
    shown = forgetting.receipt(house, receipt)
    if shown is None:
        raise Problem(404, "there is no such receipt")
    return shown

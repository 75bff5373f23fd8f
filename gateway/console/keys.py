"""The house's keys: when each was last made anew, and making them anew while the house goes on."""

from __future__ import annotations

from fastapi import Request, Response

from gateway.consent.signatures import groups
from gateway.console.act import House, respond
from gateway.console.bodies_receipts import Rotation
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.rotating import Rotating
from gateway.core.shapes import iso_or_none
from gateway.records import receipt_keys, rotation
from gateway.service.alert import Refused

router = Routes(prefix="/api/keys", tags=["keys"])


@router.get("", response_model="list[answers_receipts.KeyKind]", dependencies=[right("equip")])
async def every(house: House) -> Response:
    """Every kind of key: when it was last made anew, and whether it is due."""
    rows = rotation.kinds(house.store.keyring, house.store.reader, house.memory.now())
    return respond([{**row, "rotated_at": iso_or_none(row["rotated_at"])} for row in rows])


@router.post(
    "/rotate", response_model="answers_receipts.Rotated", responses=documented(404, 409), dependencies=[right("own")]
)
async def rotate(body: Rotation, request: Request, house: House, who: Who) -> Response:
    """Makes keys anew without a pause; answered when the new ones are in use. For this machine alone."""
    rotating: Rotating = request.app.state.rotating
    try:
        told = await rotating.rotate(body.what, body.customer, stolen=body.stolen_at, actor=who.id)
    except Refused as refused:
        raise Problem(refused.status, refused.reason) from None
    key = receipt_keys.operator_key(house.store.keyring)
    return respond({"what": body.what, "sign": groups(key) if key else None, "told": told})

"""One person: the link and the digits of their own page as staff hand them out, and everything about them as a file."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Query, Request, Response

from gateway.consent.trust import BadTrust
from gateway.console.act import Act, House, respond
from gateway.console.bodies_page import ChosenDigits
from gateway.console.customers import CustomerPath
from gateway.console.pairing import picture
from gateway.console.problems import Problem, documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.tablets import address_of
from gateway.core.actions import own_page, persons
from gateway.core.actions.persons import Exported
from gateway.pins import hash_pin
from gateway.records.errors import Erased
from gateway.records.person_file import NoPerson

router = Routes(prefix="/api/customers", tags=["customers"])
UNKNOWN = documented(404)
ZIP = "application/zip"
FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "person-ID.zip", "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}
}
FILE_BODY = {"requestBody": {"required": True, "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}}
Reason = Annotated[str, Query(min_length=3, max_length=200, description="why; whoever it is about sees it")]
Keys = Annotated[
    str | None, Query(max_length=20_000, description="public keys of another operator, as `moments keys export` writes")
]


@router.post(
    "/{customer}/page-link",
    status_code=201,
    response_model="answers_page.PageLink",
    responses=documented(404, 503, 507),
    dependencies=[right("page")],
)
async def link(customer: CustomerPath, request: Request, house: House, who: Who) -> Response:
    """A new link to the customer's own page, with a picture of it; the one before opens nothing any more.

    It is answered once: what is kept is its hash, so no Idempotency-Key brings it back.
    """
    console = address_of(request, house)
    try:
        action = await house.act(lambda: own_page.link(house, customer, console), who.id)
    except Erased:
        raise Problem(404, "there is no such customer") from None
    return respond({**action.answer, "picture": picture(action.answer["link"])}, action.status)


@router.delete("/{customer}/page-link", status_code=204, responses=UNKNOWN, dependencies=[right("withdraw")])
async def close(customer: CustomerPath, house: House, act: Act) -> Response:
    """No link opens the customer's own page any more, until there is a new one."""
    return await act(lambda actor, now: own_page.close(house, customer))


@router.put("/{customer}/page-digits", status_code=204, responses=UNKNOWN, dependencies=[right("page")])
async def digits(customer: CustomerPath, body: ChosenDigits, house: House, act: Act) -> Response:
    """The six digits that the customer chose on the glass; wrong ones before are forgiven."""
    hashed = await hash_pin(body.digits)
    return await act(lambda actor, now: own_page.choose(house, customer, hashed))


@router.get(
    "/{customer}/export",
    response_class=Response,
    responses={**FILE, **documented(404, 422, 503, 507)},
    dependencies=[right("carry")],
)
async def export(customer: CustomerPath, reason: Reason, house: House, who: Who) -> Response:
    """Everything about one person, in a file that another house takes in; a look, which they see on their page."""
    return file_of(await persons.export(house, customer, "staff", who.id, reason))


def file_of(made: Exported) -> Response:
    """A file as it is sent."""
    return Response(made.raw, media_type=ZIP, headers={"content-disposition": f'attachment; filename="{made.name}"'})


@router.post(
    "/import",
    status_code=201,
    response_model="answers_page.PersonBrought",
    responses=documented(409, 413, 422, 503, 507, answers={200: "answers_page.PersonBrought"}),
    dependencies=[right("carry")],
    openapi_extra=FILE_BODY,
)
async def bring(
    request: Request, reason: Reason, house: House, who: Who, check: bool = False, trust: Keys = None
) -> Response:
    """Takes in such a file of another house of this brand; with ``check`` (200) it only says what that would bring.

    A consent counts where its receipt verifies for this brand (``trust``: by whose keys too), and a stop always. Who is
    known here already, or was erased here, is in the way of it: 409.
    """
    try:
        known = persons.trust_of(house, json.loads(trust) if trust else None)
        done = await persons.bring(house, await request.body(), who.id, reason, check=check, trust=known)
    except (NoPerson, BadTrust) as wrong:
        raise Problem(422, f"{wrong}; nothing was imported") from None
    except (ValueError, RecursionError):
        raise Problem(422, "trust: expected what moments keys export writes; nothing was imported") from None
    return respond(done, 200 if check else 201)

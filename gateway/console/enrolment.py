"""Enrolling at a desk: tags that are held to a reader, whose they become, and what that customer has and agreed to."""

from __future__ import annotations

from fastapi import Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies import EnrolmentLook, GiveHeard, Typed
from gateway.console.bodies_settings import NewBox
from gateway.console.customers import CustomerPath
from gateway.console.problems import Problem, documented
from gateway.console.readers import Tools
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core.actions import customers as actions
from gateway.operations.enrolment import NotHeard
from gateway.operations.toolbox import NoSuchReader
from gateway.recognition.identifiers import BadIdentifier

router = Routes(prefix="/api", tags=["enrolment"])


@router.post("/enrolment", response_model="list[answers.Heard]", dependencies=[right("equip")])
async def look(house: House, tools: Tools, body: EnrolmentLook | None = None) -> Response:
    """What readers have heard since this was first asked, masked, kept in memory for a minute while it is asked."""
    now = house.memory.steady()
    return respond(tools.enrol(now).look(now, body.keep if body else None))


@router.delete("/enrolment", status_code=204, dependencies=[right("equip")])
async def close(tools: Tools) -> Response:
    """Forgets what was heard."""
    tools.close_enrolment()
    return Response(status_code=204)


@router.post(
    "/enrolment/typed", response_model="answers.HeardKey", responses=documented(404), dependencies=[right("equip")]
)
async def typed(body: Typed, house: House, tools: Tools) -> Response:
    """Takes an identifier that somebody typed, or the number printed on a fob that was heard; answers its key."""
    now = house.memory.steady()
    try:
        key = tools.enrol(now).typed(body.text, now)
    except NotHeard as unheard:
        raise Problem(404, str(unheard)) from None
    except BadIdentifier as bad:
        raise Problem(422, str(bad)) from None
    return respond({"key": key})


@router.post(
    "/enrolment/{heard}/give",
    status_code=201,
    response_model="answers.Credential",
    responses=documented(404, 409),
    dependencies=[right("equip")],
)
async def give(heard: str, body: GiveHeard, house: House, tools: Tools, act: Act) -> Response:
    """Gives what was heard or typed to a customer; answers with the credential's own id."""
    found = tools.heard(heard)
    if found is None:
        raise Problem(404, "this tag is forgotten by now: hold it to the reader again")
    return await act(
        lambda actor, now: actions.give(house, body.customer, found.identifier, body.label or "", found.tid, now)
    )


@router.post(
    "/enrolment/box",
    status_code=201,
    response_model="answers_repairs.Box",
    responses=documented(404),
    dependencies=[right("equip")],
)
async def open_box(body: NewBox, house: House, tools: Tools) -> Response:
    """Begins a list of the keychains that are held to this reader, one after the other; kept in memory alone."""
    now = house.memory.steady()
    try:
        return respond(tools.open_box(body.reader, now).look(now), 201)
    except NoSuchReader as missing:
        raise Problem(404, str(missing)) from None


@router.get("/enrolment/box", response_model="answers_repairs.Box | None", dependencies=[right("equip")])
async def look_into_box(house: House, tools: Tools) -> Response:
    """The list so far, the newest first, in part; null where none was begun, or nobody looked for five minutes."""
    return respond(tools.box.look(house.memory.steady()) if tools.box else None)


@router.delete("/enrolment/box", status_code=204, dependencies=[right("equip")])
async def close_box(tools: Tools) -> Response:
    """Forgets the list; what was given stays given."""
    tools.close_box()
    return Response(status_code=204)


@router.post(
    "/enrolment/box/{number}/give",
    status_code=201,
    response_model="answers.Credential",
    responses=documented(404, 409),
    dependencies=[right("equip")],
)
async def give_from_box(number: int, body: GiveHeard, house: House, tools: Tools, act: Act) -> Response:
    """Gives a keychain of the list to a customer."""
    found = tools.box.find(number) if tools.box else None
    if found is None:
        raise Problem(404, "this keychain is not on the list any more: hold it to the reader again")
    answer = await act(
        lambda actor, now: actions.give(house, body.customer, found.identifier, body.label or "", found.tid, now)
    )
    found.given = body.customer
    return answer


@router.get(
    "/customers/{customer}/enrolment",
    response_model="answers.Held",
    responses=documented(404),
    dependencies=[right("people")],
)
async def held(customer: CustomerPath, house: House, who: Who) -> Response:
    """What a customer carries and agreed to, and nothing else of them; that it was looked at is written down."""
    found = actions.known(house, customer)
    now = house.memory.certain()
    house.looks.at(customer, who.id, "enrolment")
    shape = {
        "id": found.id,
        "name": found.name,
        "credentials": [
            {"id": c.id, "scheme": c.scheme, "label": c.label} for c in house.memory.people.carried(found.id)
        ],
        "consents": [house.views.consent(c) for c in house.memory.people.agreed(found.id, now)],
    }
    return respond(shape)

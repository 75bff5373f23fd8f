"""What customers say to what they are asked, whole enrolments, and the texts that people read."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Query, Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies import Word
from gateway.console.bodies_consents import NewConsent, NewEnrolment, NewNotice, PurposeId
from gateway.console.customers import CustomerPath
from gateway.console.problems import Problem, documented
from gateway.console.readers import Tools
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.core import consent_shapes
from gateway.core.actions import consents as actions
from gateway.core.actions import enrolments, notices
from gateway.core.actions.customers import known
from gateway.recognition.identifiers import BadIdentifier, parse

router = Routes(prefix="/api", tags=["consent"])

UNKNOWN = documented(404)


@router.get(
    "/customers/{customer}/consents",
    response_model="list[answers_consents.Consent]",
    responses=UNKNOWN,
    dependencies=[right("agreed")],
)
async def ledger(customer: CustomerPath, house: House, who: Who, all: bool = False) -> Response:  # noqa: A002
    """What the customer agrees to now; with ``all`` every act of the ledger, oldest first."""
    _looked_at(house, customer, who)
    people, now = house.memory.people, house.memory.certain()
    found = people.acts(customer) if all else people.agreed(customer, now)
    return respond([consent_shapes.act(house.memory, each, now) for each in found])


@router.get(
    "/customers/{customer}/purposes",
    response_model="list[answers_consents.PurposeRow]",
    responses=UNKNOWN,
    dependencies=[right("agreed")],
)
async def purposes(
    customer: CustomerPath, house: House, who: Who, brand: Annotated[Word | None, Query()] = None
) -> Response:
    """What the customer may be asked for, a row for each purpose and partner, with what they said to it last.

    In a house of several brands that is said of ``brand``, or of the one in whose zones the asker works.
    """
    _looked_at(house, customer, who)
    about = brand or (house.brands.of_staff(who.id) if house.brands.several else "")
    return respond(consent_shapes.purposes(house.memory, customer, house.memory.certain(), about))


@router.post(
    "/customers/{customer}/consents",
    status_code=201,
    response_model="answers_consents.Consent",
    responses=documented(404, 409),
    dependencies=[right("agree")],
)
async def say(customer: CustomerPath, body: NewConsent, house: House, who: Who, act: Act) -> Response:
    """One act: the customer agrees, refuses, takes back, or was asked.

    A consent that does not name a stop is refused with it (409, type ``urn:moments:problem:stop-unknown``): whoever
    asked did not know of it. What is missing is named (422).
    """
    told = body.model_dump()
    if not who.may("people") and body.notice is None and body.act in (None, "given", "renewed"):
        raise Problem(422, "notice: missing; expected id, version, language and shown_at of the text that was read")
    return await act(lambda actor, now: actions.say(house, customer, told, actor, now))


@router.delete(
    "/customers/{customer}/consents/{purpose}", status_code=204, responses=UNKNOWN, dependencies=[right("withdraw")]
)
async def stop(
    customer: CustomerPath, purpose: PurposeId, house: House, act: Act,
    brand: Annotated[Word | None, Query()] = None, partner: Annotated[Word | None, Query()] = None,
) -> Response:  # fmt: skip
    """The customer no longer agrees; what rested on it ends at once. Written down also where nothing was alive."""
    about = {"brand": brand or "", "partner": partner or ""}
    return await act(lambda actor, now: actions.stop(house, customer, purpose, actor, now, **about))


@router.post(
    "/customers/{customer}/enrolments",
    status_code=201,
    response_model="answers_consents.Enrolment",
    responses=documented(404, 409),
    dependencies=[right("agree")],
)
async def enrol(customer: CustomerPath, body: NewEnrolment, house: House, tools: Tools, who: Who, act: Act) -> Response:
    """A whole flow as one act: who, what they carry, what they said to each purpose, one signature; all or nothing.

    Whoever may witness a consent may send what was said; to make somebody or to hand out a tag takes who keeps records.
    """
    if (body.customer or body.credentials) and not who.may("equip"):
        raise Problem(403, "a manager or IT makes customers and hands out tags; what was said may be sent without")
    told = body.model_dump()
    for number, thing in enumerate(told["credentials"], 1):
        if thing["heard"] is not None:
            found = tools.heard(thing["heard"])
            if found is None:
                raise Problem(404, f"credentials: number {number} is forgotten by now: hold it to the reader again")
            thing |= {"identifier": found.identifier, "tid": found.tid}
            continue
        try:
            thing["identifier"] = parse(thing["identifier"])
        except BadIdentifier as bad:
            raise Problem(422, f"credentials: number {number}: {bad}") from None
    return await act(lambda actor, now: enrolments.enrol(house, customer, told, actor, now))


@router.get("/purposes", response_model="answers_consents.AskedFor", dependencies=[right("signed-in")])
async def asked_for(house: House) -> Response:
    """What this house asks for, a row for each purpose and partner, as for somebody whom it does not know yet."""
    return respond(consent_shapes.asked_for(house.memory))


@router.get("/notices", response_model="list[answers_consents.Notice]", dependencies=[right("signed-in")])
async def texts(house: House, all: bool = False) -> Response:  # noqa: A002
    """The newest version of every notice, with its texts; with ``all`` every version."""
    return respond(notices.shapes(house, every=all))


@router.post(
    "/notices",
    status_code=201,
    response_model="answers_consents.Notice",
    responses=documented(404, 409),
    dependencies=[right("lead")],
)
async def publish(body: NewNotice, house: House, act: Act) -> Response:
    """A new version of a notice, or further languages of one; no text that is there is ever another one."""
    told = body.model_dump()
    return await act(lambda actor, now: notices.publish(house, told, now))


@router.get("/consents/none", response_model="list[answers_consents.Unasked]", dependencies=[right("lead")])
async def unasked(house: House) -> Response:
    """Customers without any live consent, and since when: the longest first."""
    return respond(await asyncio.to_thread(notices.unasked, house))


@router.get("/consents/renewals", response_model="list[answers_consents.Renewal]", dependencies=[right("lead")])
async def renewals(house: House) -> Response:
    """Customers whose consents are to be asked again: another text, or nobody knows which; what ends first on top."""
    return respond(await asyncio.to_thread(notices.renewals, house))


def _looked_at(house: House, customer: str, who: Who) -> None:
    """That somebody looked is written down."""
    house.looks.at(known(house, customer).id, who.id, "program" if who.program else "list")

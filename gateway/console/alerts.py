"""Alerts: claim, release, hand over, close."""

from __future__ import annotations

from typing import Literal

from fastapi import Response

from gateway.console.act import Act, House, respond, told
from gateway.console.bodies import CloseAlert, HandOver, Met, Rating, Seen
from gateway.console.problems import documented
from gateway.console.routes import Routes
from gateway.console.security import Who, right
from gateway.console.zones import eyes_of
from gateway.core.actions import alerts, mistakes

router = Routes(prefix="/api/alerts", tags=["alerts"])

TAKEN = documented(404, 409)


@router.get("", response_model="list[sent.Alert]", dependencies=[right("alerts")])
async def all_alerts(house: House, who: Who, state: Literal["open", "claimed", "closed"] | None = None) -> Response:
    """Alerts in this state; without one, those that are not closed. A hint is none yet."""
    eyes = eyes_of(who)
    cards = [a for a in house.memory.desk.alerts(state) if a.stage == "card"]
    alerts = [house.views.alert(a) for a in cards if house.sight.sees(eyes, a.customer, "alerts")]
    house.looks.shown([a["card"] for a in alerts if a["card"]], who.id, program=who.program)
    return respond(told(who, alerts))


@router.get("/{alert}", response_model="sent.Alert", responses=documented(404), dependencies=[right("alerts")])
async def one(alert: str, house: House, who: Who) -> Response:
    """An alert of the last day."""
    found = house.views.alert(house.memory.desk.get(alert))
    house.looks.shown([found["card"]] if found["card"] else [], who.id, program=who.program)
    return respond(told(who, found))


@router.post("/{alert}/claim", response_model="sent.Alert", responses=TAKEN, dependencies=[right("answer")])
async def claim(alert: str, house: House, act: Act) -> Response:
    """I have this customer; 409 with the alert where a colleague was first."""
    return await act(lambda actor, now: alerts.claim(house, alert, actor, now))


@router.post("/{alert}/release", response_model="sent.Alert", responses=TAKEN, dependencies=[right("answer")])
async def release(alert: str, house: House, act: Act) -> Response:
    """Someone else, please."""
    return await act(lambda actor, now: alerts.release(house, alert, actor, now))


@router.post("/{alert}/hand-over", response_model="sent.Alert", responses=TAKEN, dependencies=[right("answer")])
async def hand_over(alert: str, body: HandOver, house: House, act: Act) -> Response:
    """To a named colleague, who accepts by claiming."""
    return await act(lambda actor, now: alerts.hand_over(house, alert, body.to, actor, now))


@router.post("/{alert}/close", response_model="sent.Alert", responses=TAKEN, dependencies=[right("answer")])
async def close(alert: str, body: CloseAlert, house: House, act: Act) -> Response:
    """How it ended; with ``zone``, where the customer really was. ``wrong_person``: the visit ends too."""
    if body.outcome == "wrong_person":
        return await act(lambda actor, now: mistakes.wrong_person(house, alert, body.note, actor, now))
    return await act(lambda actor, now: alerts.close(house, alert, body.outcome, body.note, body.zone, actor, now))


@router.post("/{alert}/seen", response_model="sent.Alert", responses=TAKEN, dependencies=[right("answer")])
async def seen(alert: str, body: Seen, house: House, act: Act) -> Response:
    """The customer is somewhere else than the card says: it says so from now on, and the venue learns from it."""
    return await act(lambda actor, now: alerts.seen(house, alert, body.zone, actor, now))


@router.post("/{alert}/met", response_model="sent.Alert", responses=TAKEN, dependencies=[right("answer")])
async def met(alert: str, house: House, act: Act, body: Met | None = None) -> Response:
    """I am with the customer: until then they have waited; ``met`` false takes it back.

    ``at`` is when, never after now and never before the claim; a card that its holder has closed since still takes it.
    """
    said = body or Met()
    return await act(lambda actor, now: alerts.meet(house, alert, said.at, actor, now, met=said.met))


@router.post("/{alert}/rate", response_model="sent.Alert", responses=TAKEN, dependencies=[right("answer")])
async def rate(alert: str, body: Rating, house: House, act: Act) -> Response:
    """Whether the card was of use."""
    return await act(lambda actor, now: alerts.rate(house, alert, body.useful, actor, now))

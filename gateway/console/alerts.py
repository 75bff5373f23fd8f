"""Alerts: claim, release, hand over, close."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response

from gateway.console.act import Act, House, respond
from gateway.console.bodies import CloseAlert, HandOver, Rating, Seen
from gateway.console.problems import documented
from gateway.console.security import Who, right
from gateway.core.actions import alerts
from gateway.events.sent import Alert

router = APIRouter(prefix="/api/alerts", tags=["alerts"])

TAKEN = documented(404, 409)


@router.get("", response_model=list[Alert], dependencies=[right("see")])
async def all_alerts(house: House, who: Who, state: Literal["open", "claimed", "closed"] | None = None) -> Response:
    """Alerts in this state; without one, those that are not closed. A hint is none yet."""
    alerts = [house.views.alert(a) for a in house.memory.desk.alerts(state) if a.stage == "card"]
    if who.program:
        house.looks.read([a["card"]["customer"] for a in alerts if a["card"] and a["card"]["name"] is not None], who.id)
    return respond(alerts)


@router.get("/{alert}", response_model=Alert, responses=documented(404), dependencies=[right("see")])
async def one(alert: str, house: House, who: Who) -> Response:
    """An alert of the last day."""
    found = house.views.alert(house.memory.desk.get(alert))
    if who.program and found["card"] and found["card"]["name"] is not None:
        house.looks.read([found["customer"]], who.id)
    return respond(found)


@router.post("/{alert}/claim", response_model=Alert, responses=TAKEN, dependencies=[right("serve")])
async def claim(alert: str, house: House, act: Act) -> Response:
    """I have this customer; 409 with the alert where a colleague was first."""
    return await act(lambda actor, now: alerts.claim(house, alert, actor, now))


@router.post("/{alert}/release", response_model=Alert, responses=TAKEN, dependencies=[right("serve")])
async def release(alert: str, house: House, act: Act) -> Response:
    """Someone else, please."""
    return await act(lambda actor, now: alerts.release(house, alert, actor, now))


@router.post("/{alert}/hand-over", response_model=Alert, responses=TAKEN, dependencies=[right("serve")])
async def hand_over(alert: str, body: HandOver, house: House, act: Act) -> Response:
    """To a named colleague, who accepts by claiming."""
    return await act(lambda actor, now: alerts.hand_over(house, alert, body.to, actor, now))


@router.post("/{alert}/close", response_model=Alert, responses=TAKEN, dependencies=[right("serve")])
async def close(alert: str, body: CloseAlert, house: House, act: Act) -> Response:
    """How it ended; with ``zone``, where the customer really was."""
    return await act(lambda actor, now: alerts.close(house, alert, body.outcome, body.note, body.zone, actor, now))


@router.post("/{alert}/seen", response_model=Alert, responses=TAKEN, dependencies=[right("serve")])
async def seen(alert: str, body: Seen, house: House, act: Act) -> Response:
    """The customer is somewhere else than the card says: it says so from now on, and the venue learns from it."""
    return await act(lambda actor, now: alerts.seen(house, alert, body.zone, actor, now))


@router.post("/{alert}/rate", response_model=Alert, responses=TAKEN, dependencies=[right("serve")])
async def rate(alert: str, body: Rating, house: House, act: Act) -> Response:
    """Whether the card was of use."""
    return await act(lambda actor, now: alerts.rate(house, alert, body.useful, actor, now))

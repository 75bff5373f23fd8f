"""Claim, release, hand over, close."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core import facts
from gateway.core.action import Action, Actor
from gateway.core.gateway import Gateway
from gateway.service.alert import AlertNews, Outcome


def claim(house: Gateway, alert: str, actor: Actor, now: float) -> Action:
    """I have this customer; first wins."""
    return _action(house, alert, house.memory.desk.claim(alert, actor.id, now), actor.id)


def release(house: Gateway, alert: str, actor: Actor, now: float) -> Action:
    """Someone else, please."""
    return _action(house, alert, house.memory.desk.release(alert, actor.id, now, lead=actor.lead))


def hand_over(house: Gateway, alert: str, to: str, actor: Actor, now: float) -> Action:
    """To a named colleague."""
    return _action(house, alert, house.memory.desk.hand_over(alert, actor.id, to, now, lead=actor.lead), to)


def close(house: Gateway, alert: str, outcome: Outcome, note: str | None, actor: Actor, now: float) -> Action:
    """How it ended."""
    return _action(house, alert, house.memory.desk.close(alert, actor.id, outcome, note, now, lead=actor.lead))


def rate(house: Gateway, alert: str, useful: bool, actor: Actor, now: float) -> Action:
    """Whether the card was of use."""
    return _action(house, alert, house.memory.desk.rate(alert, actor.id, now, useful=useful))


def _action(house: Gateway, alert: str, news: Sequence[AlertNews], *colleagues: str) -> Action:
    changed = next((n.alert for n in news if n.alert.id == alert), None)
    return Action(
        house.views.alert(changed or house.memory.desk.get(alert)),
        news=[facts.alert(n) for n in news],
        rests_on=frozenset(colleagues),
    )

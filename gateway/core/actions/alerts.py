"""Claim, release, hand over, close, and what these say of where a customer is."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.core import facts
from gateway.core.action import Action, Actor
from gateway.core.gateway import Gateway
from gateway.events.event import News
from gateway.recognition.labels import Label
from gateway.recognition.moments import Evidence, Moment
from gateway.recognition.reasons import sentence
from gateway.service.alert import Alert, AlertNews, Outcome, Refused
from gateway.service.decision import MET_BY_GREETING


def claim(house: Gateway, alert: str, actor: Actor, now: float) -> Action:
    """I have this customer; first wins."""
    return _action(house, alert, house.memory.desk.claim(alert, actor.id, now), actor.id)


def release(house: Gateway, alert: str, actor: Actor, now: float) -> Action:
    """Someone else, please."""
    return _action(house, alert, house.memory.desk.release(alert, actor.id, now, lead=actor.lead))


def hand_over(house: Gateway, alert: str, to: str, actor: Actor, now: float) -> Action:
    """To a named colleague."""
    return _action(house, alert, house.memory.desk.hand_over(alert, actor.id, to, now, lead=actor.lead), to)


def close(
    house: Gateway, alert: str, outcome: Outcome, note: str | None, zone: str | None, actor: Actor, now: float
) -> Action:
    """How it ended; ``zone`` where the customer really was, if that was said."""
    _known(house, zone)
    found = house.memory.desk.get(alert)
    news = house.memory.desk.close(alert, actor.id, outcome, note, now, lead=actor.lead)
    if not news:
        return _action(house, alert, news)
    label = _label(house, found, outcome, zone, now)
    seen = _seen(house, found, label.zone, actor, now) if label is not None and label.source == "told" else None
    if seen is not None and outcome == "greeted":  # else the card closes where they were not found
        news = [AlertNews(n.type, n.alert.in_zone(seen.zone or ""), n.actor) for n in news]
    return _taught(_action(house, alert, news), label, seen)


def seen(house: Gateway, alert: str, zone: str, actor: Actor, now: float) -> Action:
    """The customer of a card is in ``zone``, which is not where it says; the card says so from now on, to everybody.

    Anybody who serves may say so, whoever has the card. Raises Refused: 422 for a zone that is none, 409 where the card
    is closed or a hint, or the customer is not here.
    """
    _known(house, zone)
    found = house.memory.desk.get(alert)
    here = house.memory.presence.where(found.customer)
    if found.state == "closed":
        raise Refused(409, f"this alert is closed: {found.outcome}", alert=found)
    if found.stage == "hint" or here is None or here.visit != found.visit:
        raise Refused(409, "this customer is not here", alert=found)
    moment = _seen(house, found, zone, actor, now)
    label = Label(found.customer, zone, now, "told") if moment is not None else None
    answer = house.views.alert(found.in_zone(zone))
    if answer["card"] is not None and moment is not None:
        where = ("zone", "since", "confidence", "reason", "evidence")
        answer["card"] |= {name: facts.presence(moment)[name] for name in where}
    return _taught(Action(answer), label, moment)


def meet(house: Gateway, alert: str, at: float | None, actor: Actor, now: float, *, met: bool) -> Action:
    """I am with the customer, or was ``at`` a time that is told late, or am not after all."""
    return _action(house, alert, house.memory.desk.meet(alert, actor.id, now, at, met=met, lead=actor.lead), actor.id)


def rate(house: Gateway, alert: str, useful: bool, actor: Actor, now: float) -> Action:
    """Whether the card was of use."""
    return _action(house, alert, house.memory.desk.rate(alert, actor.id, now, useful=useful))


def _known(house: Gateway, zone: str | None) -> None:
    zones = [each.id for each in house.config.zones]
    if zone is not None and zone not in zones:
        raise Refused(422, f"zone: there is no zone {zone!r}: {', '.join(zones)}")


def _label(house: Gateway, alert: Alert, outcome: Outcome, zone: str | None, now: float) -> Label | None:
    """What the end of a card says of where its customer is; nothing where they may have been met anywhere."""
    here = house.memory.presence.where(alert.customer)
    if here is None or here.visit != alert.visit or alert.stage == "hint":
        return None
    if zone is not None:
        return Label(alert.customer, zone, now, "told")
    if alert.kind not in MET_BY_GREETING or outcome not in ("greeted", "not_found"):
        return None
    if outcome == "greeted" and here.evidence["kind"] == "seen":
        return None  # staff have said so before: that somebody was there then teaches nothing once more
    return Label(alert.customer, alert.zone, now, "greeted" if outcome == "greeted" else "not_found")


def _seen(house: Gateway, alert: Alert, zone: str, actor: Actor, now: float) -> Moment | None:
    """The move of somebody whom staff have seen elsewhere than was said; None where they are said to be there."""
    here = house.memory.presence.where(alert.customer)
    if here is None or here.zone == zone:
        return None
    evidence: Evidence = {"kind": "seen", "by": actor.id, "from": here.zone}
    return Moment("moved", alert.customer, here.visit, zone, now, now, 1.0, sentence(evidence), evidence)


def _taught(action: Action, label: Label | None, seen: Moment | None) -> Action:
    """The same action, from which the venue learns; the move is told before what becomes of the card."""
    if seen is not None:
        action.news.insert(0, News("visit.moved", seen.customer, facts.visit(seen, None)))
        action.moved = seen
    action.labels = [label] if label is not None else []
    return action


def _action(house: Gateway, alert: str, news: Sequence[AlertNews], *colleagues: str) -> Action:
    changed = next((n.alert for n in news if n.alert.id == alert), None)
    return Action(
        house.views.alert(changed or house.memory.desk.get(alert)),
        news=[facts.alert(n) for n in news],
        rests_on=frozenset(colleagues),
    )

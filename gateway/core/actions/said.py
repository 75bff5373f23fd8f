"""What customers say of a visit and of each other."""

from __future__ import annotations

from datetime import date
from typing import Any

from gateway.core.action import Action, Actor
from gateway.core.actions.customers import known, ours
from gateway.core.actions.entries import URN, today
from gateway.core.actions.statements import INTRODUCTIONS, agrees, told
from gateway.core.gateway import Gateway
from gateway.events.event import Data, News
from gateway.insight.voices import AGAIN_AFTER, may_be_asked
from gateway.records import statements
from gateway.service.alert import Refused

NOT_AGREED = "a tie needs the agreement of both to introductions"
ASKED = ("layer", "object", "expected", "perceived", "visit")


def satisfied(house: Gateway, customer: str, row: Data, actor: Actor, now: float) -> Action:
    """What was expected and what was found; raises Refused(409) where this was asked in this visit, or too lately."""
    person = known(house, customer)
    here = house.memory.presence.where(person.id)
    visit = row["visit"] or (here.visit if here else None)
    marks = ", ".join("?" * len(records := house.memory.family.all_of(person.id)))
    before = statements.select(house.store.reader, f"customer IN ({marks}) AND kind = 'satisfaction'", *records)
    if visit is not None and any(each["visit"] == visit for each in before):
        raise Refused(409, "one question a visit: this guest was asked already")
    same = [each for each in before if (each["layer"], each["object"]) == (row["layer"], row["object"])]
    last = date.fromisoformat(max(each["on"] for each in same)) if same else None
    if not may_be_asked(last, date.fromisoformat(today(now))):
        raise Refused(409, f"the same question is asked again after {AGAIN_AFTER} days")
    said = told(person.id, today(now), actor, now, **{**{name: row[name] for name in ASKED}, "visit": visit})
    shown = {name: said[name] for name in ("id", "customer", "on", *ASKED, "by", "at")}
    return Action(shown, 201, news=[News("satisfaction.answered", person.id, said)])


def tied(house: Gateway, row: Data, actor: Actor, now: float) -> Action:
    """Two belong together by their own word; raises Refused(409, ``tie-not-agreed``) whoever has not agreed."""
    one, other = sorted((ours(house, row["a"]).id, ours(house, row["b"]).id))
    if one == other:
        raise Refused(422, "b: expected somebody else")
    if not all(agrees(house, each, INTRODUCTIONS, now) for each in (one, other)):
        raise Refused(409, NOT_AGREED, type=f"{URN}tie-not-agreed")
    on = row["on"] or today(now)
    if on > today(now):
        raise Refused(422, f"on: expected a day until {today(now)}")
    there = statements.ties(
        house.store.reader, "ended IS NULL AND customer = ? AND other = ? AND kind = ?", one, other, row["kind"]
    )
    if there:
        return Action(_shape(*there[0], None))
    said = told(one, on, actor, now, other=other, kind=row["kind"])
    return Action(_shape(said["id"], one, other, row["kind"], on, None), 201, news=[News("tie.recorded", one, said)])


def untied(house: Gateway, tie: str, actor: Actor, now: float) -> Action:
    """The two belong together no more; raises Refused(404)."""
    there = statements.ties(house.store.reader, "id = ?", tie)
    if not there:
        raise Refused(404, "there is no such tie")
    ended = statements.tie_ended(house.store.reader, tie)
    if ended is not None:
        return Action(_shape(*there[0], ended))
    customer, other = there[0][1:3]
    said = {**told(customer, today(now), actor, now, other=other), "id": tie}
    return Action(_shape(*there[0], today(now)), news=[News("tie.ended", customer, said)])


def _shape(id_: str, customer: str, other: str, kind: str, on: str, ended: str | None) -> dict[str, Any]:
    return {"id": id_, "customer": customer, "other": other, "kind": kind, "on": on, "ended": ended}

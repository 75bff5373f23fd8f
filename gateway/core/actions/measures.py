"""What a customer judges us by: their own measures, said by them, and the last evidence for each."""

from __future__ import annotations

from typing import Any

from gateway.core.action import Action, Actor
from gateway.core.actions.customers import known, ours
from gateway.core.actions.entries import today
from gateway.core.actions.preferences import not_agreed
from gateway.core.actions.statements import told
from gateway.core.gateway import Gateway
from gateway.core.known import KEEP
from gateway.core.shapes import Shape
from gateway.events.event import Data, News
from gateway.records import statements
from gateway.service.alert import Refused

EVIDENCE = ("id", "customer", "on", "measure", "met", "words", "by", "at")


def of(house: Gateway, customer: str) -> list[Shape]:
    """Their measures as they said them last, each with the last evidence; none of who agrees to nothing being kept."""
    person = known(house, customer)
    return _shown(person.id, *_told(house, person.id)) if house.views.knowledge.keeps(person.id) else []


def say(house: Gateway, customer: str, row: Data, actor: Actor, now: float) -> Action:
    """They judge us by these from now on, whatever they said before; raises Refused(403) for who has not agreed."""
    person = ours(house, customer)
    _agreed(house, person.id, now)
    measures = list({each.casefold(): each for each in map(_plain, row["measures"]) if each}.values())
    before, evidence = _told(house, person.id)
    if measures == (before["measures"] if before else []):
        return Action(_shown(person.id, before, evidence))
    said = told(person.id, today(now), actor, now, measures=measures)
    return Action(_shown(person.id, said, evidence), news=[News("measures.noted", person.id, said)])


def note(house: Gateway, customer: str, row: Data, actor: Actor, now: float) -> Action:
    """How it stands with one of them today; raises Refused(422) for what they do not judge us by."""
    person = ours(house, customer)
    _agreed(house, person.id, now)
    before, _ = _told(house, person.id)
    wanted = _plain(row["measure"]).casefold()
    measure = next((each for each in (before or {"measures": []})["measures"] if each.casefold() == wanted), None)
    if measure is None:
        raise Refused(422, "measure: expected one of those by which this customer judges us")
    said = told(person.id, today(now), actor, now, measure=measure, met=row["met"], words=_plain(row["words"]))
    shown = {name: said[name] for name in EVIDENCE}
    return Action(shown, 201, news=[News("evidence.noted", person.id, said)])


def _plain(words: str) -> str:
    return " ".join(words.split())


def _agreed(house: Gateway, customer: str, now: float) -> None:
    """Raises Refused(403) where what a customer says of themselves may not be kept."""
    people, certain = house.memory.people, house.memory.clock.certain(now)
    if certain >= people.agreed_until(customer, KEEP):
        raise not_agreed(withdrew=people.withdrew(customer, KEEP, certain))


def _told(house: Gateway, customer: str) -> tuple[Data | None, dict[str, Data]]:
    """What the person said last in any of their records, and the last evidence for each measure."""
    marks = ", ".join("?" * len(records := house.memory.family.all_of(customer)))
    where = f"kind IN ('measures', 'evidence') AND customer IN ({marks})"
    every = sorted(statements.select(house.store.reader, where, *records), key=lambda each: (each["at"], each["id"]))
    said = [each for each in every if "measures" in each]
    evidence = {each["measure"].casefold(): each for each in every if "measure" in each}
    return (said[-1] if said else None), evidence


def _shown(customer: str, said: Data | None, evidence: dict[str, Data]) -> list[Shape]:
    def last(measure: str) -> dict[str, Any] | None:
        found = evidence.get(measure.casefold())
        return {**{name: found[name] for name in EVIDENCE}, "customer": customer} if found else None

    if said is None:
        return []
    return [{"measure": each, "on": said["on"], "by": said["by"], "evidence": last(each)} for each in said["measures"]]

"""Introductions: two are asked, each by itself; nothing of what one said is shown before both have said yes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NoReturn

from gateway.club import introductions as rules
from gateway.club.introductions import Answer, Introduction, Person
from gateway.club.introductions import Refused as Against
from gateway.core.action import Action, Actor
from gateway.core.actions.customers import known, ours
from gateway.core.actions.statements import INTRODUCTIONS, agrees
from gateway.core.gateway import Gateway
from gateway.core.gatherings import UNDISTURBED, shared_words, time_of
from gateway.core.shapes import Shape
from gateway.events.event import HOUSE, News
from gateway.events.times import iso, new_id
from gateway.records import agreeing, consents, statements
from gateway.records import introductions as written
from gateway.service.alert import Refused

WORDS = {
    "same": "expected two different customers",
    "no-consent": "both must have agreed to be introduced",
    "undisturbed": "one of them does not want to be disturbed",
    "too-rare": "too few guests share this: it would say who it is",
    "too-soon": "these two were asked within a year",
    "not-theirs": "there is no such introduction",
    "over": "this introduction is over",
}
STATUS = {"not-theirs": 404}
UNWILLING = "no_introductions"
"""The wish that ends being asked."""


def on(house: Gateway) -> None:
    """Raises Refused(404) where this house introduces nobody."""
    if not house.config.club.introductions:
        raise Refused(404, "this house introduces nobody ([club] introductions)")


def _against(against: Against) -> NoReturn:
    raise Refused(STATUS.get(against.code, 409), WORDS[against.code]) from None


# --- asked -----------------------------------------------------------------------------------------------------------


def members(house: Gateway) -> list[Person]:
    """Everybody who agreed to be introduced, with what may be asked for."""
    reader, now = house.store.reader, house.memory.certain()
    willing = agreeing.agreeing(reader, INTRODUCTIONS, now, house.memory.consenting.cut)
    found = []
    for each in sorted(willing):
        person = house.memory.meet(each)
        if person is None or house.memory.people.borrowed.venue(each) is not None:
            continue
        quiet = not (UNDISTURBED | {UNWILLING}).isdisjoint(person.wishes)
        found.append(Person(each, _since(house, each), quiet, shared_words(house, each), person.associate or ""))
    return found


def _since(house: Gateway, customer: str) -> int:
    given = [
        each.granted_at
        for record in house.memory.family.all_of(customer)
        for each in consents.ledger_of(house.store.reader, record, house.memory.consenting.cut)
        if each.purpose == INTRODUCTIONS and each.stopped_at is None
    ]
    return round(max(given, default=0.0) * 1000)


def suggestions(house: Gateway, now: float) -> list[Shape]:
    """Pairs who may be asked, by what both said they like; by nothing that anybody answered."""
    on(house)
    found = rules.suggestions(members(house), _every(house), round(now * 1000))
    return [{"one": _named(house, one), "other": _named(house, other), "why": why} for one, other, why in found]


def begin(house: Gateway, one: str, other: str, why: str, id_: str | None, actor: Actor, now: float) -> Action:
    """Two are asked from now on, until a day that no answer moves; raises Refused(409)."""
    on(house)
    pair, why = (ours(house, one).id, ours(house, other).id), why.strip().casefold()
    there = _get(house, id_) if id_ is not None else None
    if there is not None:
        if (there.both, there.why, there.by) != (tuple(sorted(pair)), why, actor.id):
            raise Refused(409, "this id is another introduction's")
        return Action(_to_opener(house, there, now), 201)
    people = members(house)
    of = {each.id: each for each in people}
    a, b = (of.get(each, Person(each)) for each in pair)
    every = _every(house)
    try:
        made = rules.begin(id_ or new_id(now), a, b, why, actor.id, round(now * 1000), every, people)
    except Against as against:
        _against(against)
    data = {
        "id": made.id, "one": made.one, "other": made.other, "why": made.why, "opened_at": iso(now),
        "lapses_at": time_of(made.lapses_at), "by": actor.id,
    }  # fmt: skip
    news = [News("introduction.opened", HOUSE, data)]
    return Action(_to_opener(house, made, now), 201, news=news, rests_on=frozenset(pair))


def every(house: Gateway, now: float) -> list[Shape]:
    """All of them as whoever opened them may know them: open, made or lapsed."""
    on(house)
    return [_to_opener(house, each, now) for each in _every(house) if each.stopped_at is None]


# --- answered --------------------------------------------------------------------------------------------------------


def answer(house: Gateway, id_: str, customer: str, said: Answer, actor: Actor, now: float) -> Action:
    """One of the two answers; where both have said yes, each is told of the other, and otherwise nobody of anything."""
    person = known(house, customer).id
    found = _seen_by(house, id_, person)
    if not agrees(house, person, INTRODUCTIONS, now):
        _against(Against("no-consent"))
    try:
        after = rules.answered(found, person, said, round(now * 1000))
    except Against as against:
        _against(against)
    data = {"id": id_, "customer": person, "answer": said, "by": actor.id, "at": iso(now)}
    news = [News("introduction.answered", person, data)]
    both_still = all(agrees(house, each, INTRODUCTIONS, now) for each in after.both)
    if after.made_at is None or not both_still:
        shown = after if after.made_at is None else found
        return Action(_noted(shown, person, now), news=news, rests_on=frozenset(found.both))
    news += _made(house, after, actor, now)
    return Action(_noted(after, person, now), news=news, rests_on=frozenset(found.both))


def _made(house: Gateway, found: Introduction, actor: Actor, now: float) -> list[News]:
    news = [News("introduction.made", HOUSE, {"id": found.id, "at": iso(now)})]
    for one, other in ((found.one, found.other), (found.other, found.one)):
        news += _meets(house, one, lambda had, other=other: [*had, *([] if other in had else [other])])
    tie = {
        "id": new_id(now), "customer": found.one, "on": iso(now)[:10], "source": None, "reference": None,
        "by": actor.id, "at": iso(now), "other": found.other, "kind": "introduced",
    }  # fmt: skip
    return [*news, News("tie.recorded", found.one, tie)]


def _meets(house: Gateway, customer: str, change: Any) -> list[News]:
    person = house.customer(customer)
    if person is None:
        return []
    had = list(person.meets)
    has = change(had)
    if has == had:
        return []
    facts = {"customer": person.id, "changed": {"meets": has}, "was": {"meets": had}, "source": "staff"}
    return [News("customer.changed", person.id, facts)]


def stop(house: Gateway, id_: str, customer: str, now: float) -> Action:
    """One of two who know each other says stop: it is gone from both, without a word to the other."""
    person = known(house, customer).id
    found = _seen_by(house, id_, person)
    if found.stopped_at is not None:
        return Action(None, 204)
    news = [News("introduction.stopped", HOUSE, {"id": id_, "at": iso(now)})]
    for one, other in ((found.one, found.other), (found.other, found.one)):
        news += _meets(house, one, lambda had, other=other: [each for each in had if each != other])
    for tie, a, b, kind, _ in statements.ties(house.store.reader):
        if kind == "introduced" and {a, b} == set(found.both):
            ended = {
                "id": tie, "customer": a, "on": iso(now)[:10], "source": None, "reference": None, "by": person,
                "at": iso(now), "other": b,
            }  # fmt: skip
            news.append(News("tie.ended", a, ended))
    return Action(None, 204, news=news, rests_on=frozenset(found.both))


def _every(house: Gateway) -> list[Introduction]:
    return [Introduction(**each) for each in written.every(house.store.reader)]


def _get(house: Gateway, id_: str) -> Introduction | None:
    found = written.get(house.store.reader, id_)
    return None if found is None else Introduction(**found)


def _seen_by(house: Gateway, id_: str, person: str) -> Introduction:
    """An introduction by the persons whom it is about now; raises Refused(404) for anybody else's."""
    found = _get(house, id_)
    if found is None:
        _against(Against("not-theirs"))
    found = _by_person(house, found)
    if person not in found.both:
        _against(Against("not-theirs"))
    return found


def _by_person(house: Gateway, found: Introduction) -> Introduction:
    root = house.memory.family.root
    one, other = root(found.one), root(found.other)
    if (one, other) == found.both:
        return found
    answers = {root(each): said for each, said in found.answers.items()}
    return replace(found, one=one, other=other, answers=answers)


# --- shown -----------------------------------------------------------------------------------------------------------


def of_customer(house: Gateway, customer: str, now: float, *, themselves: bool = False) -> list[Shape]:
    """What is asked of one of the two; staff see whether something was said, never what, nor anything of the other."""
    if not house.config.club.introductions:
        return []
    person = known(house, customer).id
    seen: dict[str, Introduction] = {}
    for record in house.memory.family.all_of(person):
        every_ = (Introduction(**each) for each in written.of_customer(house.store.reader, record))
        seen |= {each.id: _by_person(house, each) for each in every_}
    shown = [(each, rules.to_one(each, person, round(now * 1000))) for each in seen.values()]
    return [_to_one(house, each, said, themselves=themselves) for each, said in shown if said is not None]


def _to_one(house: Gateway, found: Introduction, said: dict[str, Any], *, themselves: bool) -> Shape:
    made = said["state"] == "made"
    answered = said["answer"]
    return {
        "id": said["introduction"], "words": said["words"], "asked_at": time_of(said["asked_at"]),
        "until": time_of(said["until"]), "state": said["state"], "answered": answered is not None,
        "answer": answered if themselves else None, "with": _named(house, said["with"]) if made else None,
    }  # fmt: skip


def _noted(found: Introduction, person: str, now: float) -> Shape:
    """What whoever wrote an answer down is told: that it was, and more only once both have said yes."""
    return {"id": found.id, "noted": True, "state": found.state(round(now * 1000))}


def _to_opener(house: Gateway, found: Introduction, now: float) -> Shape:
    shown = rules.to_opener(_by_person(house, found), round(now * 1000))
    one, other = shown["customers"]
    return {
        "id": shown["introduction"], "one": _named(house, one), "other": _named(house, other), "why": shown["why"],
        "opened_at": time_of(shown["opened_at"]), "until": time_of(shown["until"]), "state": shown["state"],
    }  # fmt: skip


def _named(house: Gateway, customer: str) -> Shape:
    found = house.views.named(customer)
    return {name: found[name] for name in ("customer", "name", "address_as")}

"""What is told of customers beside money: who left and why, who will be worth more, which tier a person decided."""

from __future__ import annotations

from typing import Any

from gateway.core.action import Action, Actor
from gateway.core.actions.customers import known, ours
from gateway.core.actions.entries import minor, today, wrong
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events.event import HOUSE, Data, News
from gateway.events.times import iso, new_id
from gateway.records import consents, house_documents
from gateway.service.alert import Refused

LISTS = 50
INTRODUCTIONS, INSIGHT = "introductions", "insight"


def agrees(house: Gateway, customer: str, purpose: str, now: float) -> bool:
    """Whether the person agrees to this now: in one of their records, and has ended it in none since."""
    every, cut = house.memory.family.all_of(customer), house.memory.consenting.cut
    reader = house.store.reader
    alive = [now < consents.agreed_until(reader, each, purpose, cut) for each in every]
    return any(alive) and not any(consents.withdrew(reader, each, purpose, now, cut) for each in every)


def told(customer: str, on: str, actor: Actor, now: float, **more: Any) -> Data:
    """What all that is told of a customer has."""
    base = {"id": new_id(now), "customer": customer, "on": on, "source": None, "reference": None}
    return {**base, "by": actor.id, "at": iso(now), **more}


def decide_tier(house: Gateway, customer: str, row: Data, actor: Actor, now: float) -> Action:
    """The tier is what a person says; raises Refused(422, ``reason``) where they do not say why."""
    person = ours(house, customer)
    _reason(row)
    said = told(
        person.id, today(now), actor, now, tier=row["tier"], was=person.tier, reason=row["reason"], run=row["run"],
        shown=None,
    )  # fmt: skip
    news = [News("tier.decided", person.id, said)]
    if row["tier"] != person.tier:
        facts = {"changed": {"tier": row["tier"]}, "was": {"tier": person.tier}, "source": "staff"}
        news.append(News("customer.changed", person.id, {"customer": person.id, **facts}))
    return Action(_shown(said, "tier", "was", "reason", "run"), 201, news=news)


def note_potential(house: Gateway, customer: str, row: Data, actor: Actor, now: float) -> Action:
    """Somebody will be worth more, says a person; raises Refused(422, ``reason``) where they do not say why."""
    person = known(house, customer)
    _reason(row)
    said = told(person.id, today(now), actor, now, reason=row["reason"], until=row["until"])
    return Action(_shown(said, "reason", "until"), 201, news=[News("potential.noted", person.id, said)])


def note_standing(house: Gateway, customer: str, row: Data, actor: Actor, now: float) -> Action:
    """Where somebody belongs from now on, in place of what was noted before."""
    person = known(house, customer)
    said = told(person.id, today(now), actor, now, **row)
    return Action(_shown(said, *row), 201, news=[News("standing.noted", person.id, said)])


def keep_list(house: Gateway, name: str, row: Data, actor: Actor) -> Action:
    """What is chosen of the customer ledger under this name; raises Refused(422) where nothing is, or at the 50th."""
    if not any(row.values()):
        raise Refused(422, "a list chooses by sector, region or relation, one of them at least")
    if len({each["list"] for each in house_documents.lists(house.store.reader)} | {name}) > LISTS:
        raise Refused(422, f"more than {LISTS} lists; drop one first")
    data = {"list": name, **row, "by": actor.id}
    return Action(data, news=[News("list.kept", HOUSE, data)])


def drop_list(house: Gateway, name: str, actor: Actor) -> Action:
    """Nothing is chosen under this name any more; one that is not there changes nothing."""
    if all(each["list"] != name for each in house_documents.lists(house.store.reader)):
        return Action(None, 204)
    return Action(None, 204, news=[News("list.dropped", HOUSE, {"list": name, "by": actor.id})])


def lose(house: Gateway, customer: str, row: Data, actor: Actor, now: float) -> Action:
    """A customer has left, for a cause that they told or that somebody knows."""
    person, on = known(house, customer), row["on"] or today(now)
    if on > today(now):
        wrong("future-date", "on", on, f"a day until {today(now)}")
    said = told(person.id, on, actor, now, cause=row["cause"], words=row["words"])
    return Action(_shown(said, "on", "cause", "words"), 201, news=[News("customer.lost", person.id, said)])


def set_budget(house: Gateway, budget: str, row: Data, actor: Actor) -> Action:
    """What may be spent under this name from now on."""
    settings = house.config.insight
    currency = row["currency"] or settings.currency
    if currency != settings.currency:
        wrong("currency", "currency", currency, f"{settings.currency}, the one currency of this house")
    amount = minor("amount", row["amount"], settings.digits)
    if amount <= 0 or row["ends"] < row["begins"]:
        raise Refused(422, "amount: expected more than 0, and ends not before begins")
    data = {
        "budget": budget, "amount": amount, "currency": currency, "begins": row["begins"], "ends": row["ends"],
        "by": actor.id,
    }  # fmt: skip
    return Action(_budget(house, data), news=[News("budget.set", HOUSE, data)])


def budgets(house: Gateway) -> list[Shape]:
    """Every budget that was set."""
    return [_budget(house, each) for each in house_documents.budgets(house.store.reader)]


def _budget(house: Gateway, data: Data) -> Shape:
    return {**data, "amount": data["amount"] / 10**house.config.insight.digits}


def _reason(row: Data) -> None:
    if not row["reason"].strip():
        wrong("reason", "reason", row["reason"], "why, in words")


def _shown(said: Data, *names: str) -> Shape:
    return {name: said[name] for name in ("id", "customer", *names, "by", "at")}

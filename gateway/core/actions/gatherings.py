"""Gatherings: planned, opened with a list by rule, closed, and reckoned once they are over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gateway.club import gatherings as rules
from gateway.club.gatherings import Gathering, Listed
from gateway.club.gatherings import Refused as Against
from gateway.core import gatherings as kept_in
from gateway.core.action import Action, Actor
from gateway.core.actions import entries, owed
from gateway.core.actions.customers import ours
from gateway.core.actions.statements import told
from gateway.core.gateway import Gateway
from gateway.core.gathering_shapes import gathering_shape, invitation_shape
from gateway.core.gatherings import SAID, Kept, attended, ms, read, time_of, with_news
from gateway.events.event import HOUSE, News
from gateway.events.times import iso, new_id
from gateway.records import entries as entry_rows
from gateway.records import gatherings, statements
from gateway.service.alert import Refused

Facts = dict[str, Any]
SOURCE = "gathering"
"""From where costs and attendance come that a reckoning writes down."""
WORDS = {
    "state": "this is not done in the state in which the gathering is",
    "companions": "there are not so many seats",
}


def facts_of(gathering: Facts) -> News:
    """The event that says that a gathering is so from now on."""
    type_ = "gathering.opened" if gathering["state"] == "open" else "gathering.changed"
    return News(type_, HOUSE, gathering)


def invitation_news(invitation: Facts, was: str | None) -> News:
    """The event that says that somebody's invitation is so from now on."""
    standing = invitation["standing"]
    if standing == "listed":
        type_ = "invitation.listed"
    elif standing in kept_in.PAST:
        type_ = "invitation.attended"
    else:
        type_ = "invitation.sent" if standing == "sent" and was in (None, "listed") else "invitation.answered"
    return News(type_, invitation["customer"], invitation)


def changes(kept: Kept, after: Gathering, by: str, now: float) -> list[News]:
    """What the rules made of a gathering, as events: only of what is otherwise than before."""
    news = []
    for person, mine in after.invitations.items():
        before, whole = kept.evening.invitations.get(person), kept.invitations[person]
        if before == mine:
            continue
        changed = {
            **whole, "standing": mine.standing, "companions": mine.companions,
            "answered_at": time_of(mine.answered_at), "offered_until": time_of(mine.offered_until), "by": by,
            "at": iso(now),
        }  # fmt: skip
        if mine.standing == "sent" and whole["sent_at"] is None:
            changed["sent_at"] = iso(now)
        news.append(invitation_news(changed, before.standing if before else None))
    if after.state != kept.evening.state:
        news.append(facts_of({**kept.facts, "state": after.state, "by": by, "at": iso(now)}))
    return news


def ruled(make: Callable[..., Gathering], *args: Any) -> Gathering:
    """What a rule makes of a gathering; raises Refused(409) where it is against it."""
    try:
        return make(*args)
    except Against as against:
        raise Refused(409, WORDS[against.code]) from None


def done(house: Gateway, kept: Kept, news: Iterable[News], now: float, status: int = 200) -> Action:
    """The gathering as these events leave it."""
    told_ = list(news)
    answer = gathering_shape(house, with_news(house, kept, told_), now)
    return Action(answer, status, news=told_, rests_on=frozenset({kept.facts["id"]}))


def asked(house: Gateway, kept: Kept, person: str, news: Iterable[News], status: int = 200) -> Action:
    """An invitation as these events leave it."""
    told_ = list(news)
    after = with_news(house, kept, told_)
    answer = invitation_shape(house, after, person, after.evening.line())
    return Action(answer, status, news=told_, rests_on=frozenset({kept.facts["id"]}))


# --- planned ---------------------------------------------------------------------------------------------------------


def on(house: Gateway) -> None:
    """Raises Refused(404) where this house keeps no gatherings."""
    if not house.config.club.gatherings:
        raise Refused(404, "this house keeps no gatherings ([club] gatherings)")


def plan(house: Gateway, said: Facts, id_: str | None, actor: Actor, now: float) -> Action:
    """A gathering is planned, and nobody is invited yet. The same once more, by its id, is that one."""
    on(house)
    _good(house, said)
    there = gatherings.get(house.store.reader, id_) if id_ is not None else None
    made: Facts = {
        "id": id_ or new_id(now), **{name: said[name] for name in SAID}, "state": "draft", "reckoning": None,
        "by": actor.id, "at": iso(now),
    }  # fmt: skip
    made |= {"begins": iso(said["begins"]), "ends": iso(said["ends"])}
    if there is not None:
        if any(there[name] != made[name] for name in (*SAID, "by")):
            raise Refused(409, "this id is another gathering's")
        return done(house, read(house, there["id"]), [], now, 201)
    fresh = kept_in.kept_of(house, made, ())
    return done(house, fresh, [facts_of(made)], now, 201)


def change(house: Gateway, id_: str, said: Facts, actor: Actor, now: float) -> Action:
    """What is planned is otherwise; once invitations are out, who comes when and where is not changed any more."""
    kept = read(house, id_)
    facts = kept.facts
    times = {name: iso(said[name]) for name in ("begins", "ends") if name in said}
    if facts["state"] != "draft" and set(said) - {"hosts", "budget_cents"}:
        raise Refused(409, WORDS["state"])
    if facts["state"] in gatherings.DONE:
        raise Refused(409, WORDS["state"])
    now_so: Facts = facts | said | times
    _good(house, {**now_so, "begins": (ms(now_so["begins"]) or 0) / 1000, "ends": (ms(now_so["ends"]) or 0) / 1000})
    if now_so == facts:
        return done(house, kept, [], now)
    return done(house, kept, [facts_of({**now_so, "by": actor.id, "at": iso(now)})], now)


def _good(house: Gateway, said: Mapping[str, Any]) -> None:
    zones = {zone.id for zone in house.config.zones}
    if unknown := [zone for zone in said["zones"] if zone not in zones]:
        raise Refused(422, f"there is no zone {unknown[0]!r}")
    if said["ends"] <= said["begins"]:
        raise Refused(422, "until: expected a time after from")
    if strangers := [each for each in said["hosts"] if house.memory.floor.member(each) is None]:
        raise Refused(422, f"there is no colleague {strangers[0]!r}")


def name(house: Gateway, id_: str, customer: str, reason: str, actor: Actor, now: float) -> Action:
    """An associate names somebody for the list, and says why; raises Refused where they do not agree to be invited."""
    kept, person = read(house, id_), ours(house, customer)
    if kept.facts["state"] not in ("draft", "open"):
        raise Refused(409, WORDS["state"])
    if person.id not in kept_in.agreed(house):
        raise Refused(409, "the customer has not agreed to be invited")
    if person.id in kept.invitations:
        return asked(house, kept, person.id, [], 201)
    made = _new(kept.facts, person.id, Listed(person.id, (reason,), rules.draw(id_, person.id)), actor, now)
    if kept.facts["state"] == "open":
        made |= {"standing": "sent", "sent_at": iso(now)}
    return asked(house, kept, person.id, [invitation_news(made, None)], 201)


def _new(facts: Facts, customer: str, listed: Listed, actor: Actor, now: float) -> Facts:
    return {
        "id": new_id(now), "gathering": facts["id"], "customer": customer, "standing": "listed", "companions": 0,
        "reasons": [each for each in listed.reasons if each], "drawn": listed.drawn, "sent_at": None,
        "answered_at": None, "offered_until": None, "came": None, "went": None, "by": actor.id, "at": iso(now),
    }  # fmt: skip


def drawn(house: Gateway, kept: Kept, now: float) -> rules.Drawn:
    """Whom the rules of the list choose as things are now."""
    named = [person for person, each in kept.invitations.items() if each["standing"] == "listed"]
    found = kept_in.guests(house, kept.facts, now)
    return rules.invite(
        kept.facts["id"], kept.facts["seats"], kept_in.rows_of(kept.facts, named), found, round(now * 1000)
    )


# --- opened, closed, cancelled ---------------------------------------------------------------------------------------


def open_(house: Gateway, id_: str, actor: Actor, now: float) -> Action:
    """The list is drawn, and invitations are out; who might have been invited is kept, to be compared with."""
    kept = read(house, id_)
    if kept.facts["state"] == "open":
        return done(house, kept, [], now)
    if kept.facts["state"] == "draft" and kept.evening.ends <= now * 1000:
        raise Refused(409, "this gathering would be over already")
    opened = ruled(rules.moved, kept.evening, "open")
    chosen = drawn(house, kept, now)
    news = [facts_of({**kept.facts, "state": opened.state, "by": actor.id, "at": iso(now)})]
    for listed, goes_out in [*((each, True) for each in chosen.chosen), *((each, False) for each in chosen.others)]:
        there = kept.invitations.get(listed.customer) or _new(kept.facts, listed.customer, listed, actor, now)
        reasons = [*dict.fromkeys([*there["reasons"], *(each for each in listed.reasons if each)])]
        made = {**there, "reasons": reasons, "by": actor.id, "at": iso(now)}
        if goes_out:
            made |= {"standing": "sent", "sent_at": iso(now)}
        news.append(invitation_news(made, None))
    return done(house, kept, news, now)


def close(house: Gateway, id_: str, actor: Actor, now: float) -> Action:
    """Answers end and seats are final: who waited, or said nothing, is not invited any more."""
    return _moved(house, id_, "closed", actor, now)


def cancel(house: Gateway, id_: str, actor: Actor, now: float) -> Action:
    """It does not take place; every invitation says so."""
    return _moved(house, id_, "cancelled", actor, now)


def _moved(house: Gateway, id_: str, to: rules.State, actor: Actor, now: float) -> Action:
    kept = read(house, id_)
    if kept.facts["state"] == to:
        return done(house, kept, [], now)
    return done(house, kept, changes(kept, ruled(rules.moved, kept.evening, to), actor.id, now), now)


# --- answers ---------------------------------------------------------------------------------------------------------


def accept(house: Gateway, invitation: str, companions: int, actor: Actor, now: float) -> Action:
    """Somebody comes, with so many; where there is no seat they wait, in the order of answering."""
    return _answered(
        house, invitation, actor, now, lambda g, who: rules.accepted(g, who, companions, round(now * 1000))
    )


def decline(house: Gateway, invitation: str, actor: Actor, now: float) -> Action:
    """Somebody does not come, or not after all; their seats are offered to the first who waits."""
    return _answered(house, invitation, actor, now, lambda g, who: rules.declined(g, who, round(now * 1000)))


def here(house: Gateway, invitation: str, actor: Actor, now: float) -> Action:
    """A host says that somebody was there."""
    return _answered(house, invitation, actor, now, rules.marked)


def _answered(
    house: Gateway, invitation: str, actor: Actor, now: float, make: Callable[[Gathering, str], Gathering]
) -> Action:
    found = gatherings.invitation(house.store.reader, invitation)
    kept = read(house, found["gathering"]) if found is not None else None
    person = house.memory.family.root(found["customer"]) if found is not None else ""
    if kept is None or person not in kept.invitations:
        raise Refused(404, "there is no such invitation")
    after = ruled(make, kept.evening, person)
    return asked(house, kept, person, changes(kept, after, actor.id, now))


# --- reckoned --------------------------------------------------------------------------------------------------------


def reckon(house: Gateway, id_: str, said: Facts, actor: Actor, now: float) -> Action:
    """What it cost is divided among who was there, what was promised is owed, and it is remembered who came.

    Raises Refused(409) while it is not over; the same once more is the first reckoning.
    """
    kept = read(house, id_)
    if kept.facts["state"] == "reckoned":
        return done(house, kept, [], now)
    after = ruled(rules.moved, kept.evening, "reckoned")
    there = attended(kept)
    settings = house.config.insight
    cost = entries.minor("cost", said["cost"], settings.digits) if said["cost"] else 0
    if cost and not there:
        raise Refused(422, "cost: nobody was there who could carry it")
    reckoning = {
        "cost": cost, "currency": settings.currency, "attended": len(there), "words": said["words"], "by": actor.id,
        "at": iso(now),
    }  # fmt: skip
    news = [facts_of({**kept.facts, "state": after.state, "reckoning": reckoning, "by": actor.id, "at": iso(now)})]
    for person, part in rules.costs(cost, there).items():
        news += _cost(house, kept, person, part, actor, now)
    for person in there:
        news += _was_there(house, kept, person, actor, now)
    news += _promised(house, said["promises"], kept, actor, now)
    return done(house, kept, news, now)


def _cost(house: Gateway, kept: Kept, person: str, part: int, actor: Actor, now: float) -> list[News]:
    if not part:
        return []
    reference = f"{kept.facts['id']}/{person}"
    if entry_rows.marked(house.store.reader, entry_rows.mark_of(SOURCE, reference) or b"") is not None:
        return []
    row: dict[str, Any] = {
        **dict.fromkeys(entries.SAID), "id": None, "side": "cost", "customer": person,
        "on": entries.today(kept.evening.begins / 1000), "amount": part / 10**house.config.insight.digits,
        "way": "event", "lever": "relational", "source": SOURCE, "reference": reference,
        "reason": " · ".join(dict.fromkeys(kept.facts["title"].values())), "approver": actor.id,
    }  # fmt: skip
    return entries.record(house, row, Actor(actor.id, lead=True), now, told=True).news


def _was_there(house: Gateway, kept: Kept, person: str, actor: Actor, now: float) -> list[News]:
    reference = f"{kept.facts['id']}/{person}"
    if statements.marked(house.store.reader, "gathering", SOURCE, reference) is not None:
        return []
    day = entries.today(kept.evening.begins / 1000)
    data = told(person, day, actor, now, source=SOURCE, reference=reference, gathering=kept.facts["id"])
    return [News("gathering.attended", person, data)]


def _promised(house: Gateway, promises: Sequence[Facts], kept: Kept, actor: Actor, now: float) -> list[News]:
    news: list[News] = []
    for each in promises:
        person = house.memory.family.root(each["customer"])
        if person not in kept.invitations:
            raise Refused(422, "promises: somebody was not invited")
        made = owed.open_(house, "promise", person, each["text"], each["owner"], each["due"], None, actor, now)
        news += made.news
    return news

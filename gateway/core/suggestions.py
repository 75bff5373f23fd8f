"""Suggestions: drawn after a run, before anything is shown; then shown, done or dismissed, and closed with the consent.

They are statements of their customer in the journal and the tables; nothing of them is kept anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from gateway.core.action import Action, Actor
from gateway.core.actions.entries import today
from gateway.core.actions.statements import agrees
from gateway.core.gateway import Gateway
from gateway.core.insight_book import Book
from gateway.core.shapes import Shape
from gateway.core.suggested import SOURCE, Suggestion, in_both, of
from gateway.events.event import GATEWAY, News
from gateway.events.times import DAY, iso, new_id
from gateway.insight import advice
from gateway.insight.acts import Act, Drawn, Effect, Situation, effects, next_best
from gateway.insight.advice import Words
from gateway.insight.chance import quarter
from gateway.insight.facts import INSIGHT, Stage
from gateway.insight.rhythm import Rhythm, own_gaps
from gateway.records import statements
from gateway.service.alert import Refused

OVERTAKEN, ENDED = "overtaken", "consent ended"
"""Why the house itself closes a suggestion."""
SOMEBODY = Words("一位同事", "one of us")
QUIET = ("long silent", "gone quiet")


# --- drawn -----------------------------------------------------------------------------------------------------------


def drawn(house: Gateway, book: Book, customers: Sequence[str], now: float) -> list[News]:
    """What this run suggests about these customers, as chance has decided, and what that overtakes."""
    news: list[News] = []
    before: dict[str, list[Suggestion]] = {}
    for each in of(house.store.reader, [r for one in customers for r in house.memory.family.all_of(one)]):
        before.setdefault(house.memory.family.root(each.customer), []).append(each)
    for customer in customers:
        news += _of_one(house, book, customer, before.get(customer, []), now)
    return news


def _of_one(house: Gateway, book: Book, customer: str, before: Sequence[Suggestion], now: float) -> list[News]:
    on = date.fromisoformat(book.run.on)
    those = [each for each in before if each.drawn["quarter"] == quarter(on)]
    situation = _situation(house, book, customer, on, now)
    answered = {each.drawn["act"] for each in those if each.state != "open" and not each.drawn["duty"]}
    owed = {each.drawn["ground"] for each in those if each.state != "open" and each.drawn["duty"]}
    act = None
    if situation is not None:
        kept = replace(
            situation,
            complaint="" if situation.complaint in owed else situation.complaint,
            promise_due="" if situation.promise_due in owed else situation.promise_due,
        )
        act = next_best(kept, on, house.config.insight.hold_out, answered)
    reference = None if act is None else _reference(act, on, customer)
    stays = [each for each in before if each.state == "open" and each.drawn["reference"] == reference]
    goes = [each for each in before if each.state == "open" and each not in stays]
    news = [close(each, OVERTAKEN, now) for each in goes]
    if act is not None and not stays:
        news.append(_news(house, book, customer, act, now))
    return news


def _reference(act: Act, on: date, customer: str) -> str:
    """What makes it the same: one act a quarter, of what is owed each by itself."""
    return f"{act.code}/{quarter(on)}/{customer}" + (f"/{act.ground}" if act.duty else "")


def _news(house: Gateway, book: Book, customer: str, act: Act, now: float) -> News:
    person, row = house.customer(customer), book.rows[customer]
    risk, days = row["risk"], row["days"]
    on = date.fromisoformat(book.run.on)
    said = {"id": new_id(now), "customer": customer, "on": book.run.on, "source": SOURCE}
    more = {
        "reference": _reference(act, on, customer), "by": GATEWAY, "at": iso(now), "act": act.code,
        "quarter": quarter(on), "duty": act.duty, "held": act.held, "run": book.run.run, "ground": act.ground,
        "to": person.associate if person else None, "silent_days": risk["silent_days"] if risk else None,
        "usual_days": _usual(days), "last": days[-1] if days else None,
    }  # fmt: skip
    return News("suggestion.drawn", customer, {**said, **more})


def _usual(days: Sequence[str]) -> int | None:
    """The usual days between, as the page of the silent says it."""
    return Rhythm(0, own_gaps([date.fromisoformat(day).toordinal() for day in days])).own


def _situation(house: Gateway, book: Book, customer: str, on: date, now: float) -> Situation | None:
    """What is known when an act is looked for; None of who has left, or never came."""
    person, row = house.customer(customer), book.rows[customer]
    stage: Stage = row["stage"]["stage"] if row["stage"] else "target"
    if person is None or stage in ("target", "lost"):
        return None
    dues = house.memory.dues
    complaints = dues.of_customer(customer, "complaint")
    promises = [
        each for each in dues.of_customer(customer, "promise") if each.due is not None and each.due <= now + DAY
    ]
    holding = [line.fact for line in house.views.knowledge.holding(customer)]
    likes = [fact for fact in holding if fact.polarity == "do"]
    touched = [*row["days"][-1:], *book.last_cost.get(customer, [])[-1:]]
    untouched = (on - date.fromisoformat(max(touched))).days if touched else None
    associate = house.memory.floor.member(person.associate) if person.associate else None
    return Situation(
        customer=house.names.outside(customer),
        stage=stage,
        band=row["risk"]["band"] if row["risk"] else None,
        complaint=complaints[0].id if complaints else "",
        promise_due=promises[0].id if promises else "",
        fact=likes[0].id if likes else "",
        associate_in=associate is not None,
        seed_untouched_days=untouched if row["worth"]["seed"] else None,
        tie_gone_quiet=book.quiet_tie(customer, QUIET),
        facts_on_file=len(holding),
    )


# --- shown, and over -------------------------------------------------------------------------------------------------


def close(suggestion: Suggestion, why: str, now: float) -> News:
    """The house closes it by itself."""
    return _ended(suggestion, "dismissed", why, GATEWAY, now)


def _ended(suggestion: Suggestion, how: str, why: str, by: str, now: float) -> News:
    data = {"id": new_id(now), "customer": suggestion.customer, "on": today(now), "source": SOURCE}
    more = {"reference": f"ended/{suggestion.id}", "by": by, "at": iso(now), "suggestion": suggestion.id}
    return News(f"suggestion.{how}", suggestion.customer, {**data, **more, "why": why, "done": how == "done"})


def end(house: Gateway, id_: str, how: str, why: str, actor: Actor, now: float) -> Action:
    """Somebody did it, or will not; the same once more changes nothing.

    Raises Refused: 404 for one that is not known, is of who has not agreed, or was held out; 409 where it is over
    otherwise.
    """
    there = _one(house, id_, now)
    if there is None:
        raise Refused(404, "there is no such suggestion")
    if there.state == how:
        return Action(row(house, there, lead=actor.lead))
    if there.state != "open":
        raise Refused(409, f"this suggestion is over already: {there.state}")
    news = _ended(there, how, why, actor.id, now)
    told = replace(there, ended=dict(news.data), state=how)
    return Action(row(house, told, lead=actor.lead), news=[news])


def _one(house: Gateway, id_: str, now: float) -> Suggestion | None:
    there = statements.one(house.store.reader, id_)
    if there is None or "act" not in there or there["held"] or not agrees(house, there["customer"], INSIGHT, now):
        return None
    return next(each for each in of(house.store.reader, [there["customer"]]) if each.id == id_)


def effects_of(every: Iterable[Suggestion], book: Book, whose: Callable[[str], str], horizon: int) -> list[Effect]:
    """What each act did, of those whose days to come again are over: shown less held out, as drawn."""
    on, found = date.fromisoformat(book.run.on), list[Drawn]()
    for each in every:
        known, begins = book.rows.get(whose(each.customer)), date.fromisoformat(each.drawn["on"])
        ends = begins + timedelta(days=horizon)
        if known is not None and not each.drawn["duty"] and ends <= on:
            returned = any(begins.isoformat() <= came < ends.isoformat() for came in known["days"])
            found.append(Drawn(each.drawn["act"], each.drawn["held"], returned))
    return effects(found)


# --- told ------------------------------------------------------------------------------------------------------------


def row(house: Gateway, found: Suggestion, *, lead: bool) -> Shape:
    """A suggestion as clients see it; of one that chance held out nobody is told which act it was."""
    drawn, held = found.drawn, bool(found.drawn["held"])
    act = drawn["act"]
    card = advice.CARD.get(act)
    words = advice.listed(act, held=held) if lead else (card or advice.LISTED[act])
    return {
        "id": found.id, "customer": house.memory.family.root(found.customer), "on": drawn["on"], "run": drawn["run"],
        "act": None if held else act, "duty": drawn["duty"], "held": held, "to": drawn["to"],
        "to_name": house.memory.floor.name_of(drawn["to"]),
        "words": in_both(words), "why": in_both(why(house, found)), "state": found.state, "shown_at": found.shown_at,
        "ended": _how(found),
    }  # fmt: skip


def _how(found: Suggestion) -> Shape | None:
    if found.ended is None:
        return None
    return {name: found.ended[name] for name in ("by", "at", "why")}


def why(house: Gateway, found: Suggestion) -> Words:
    """Why it was suggested, in the customer's words."""
    drawn = found.drawn
    name = house.memory.floor.name_of(drawn["to"])
    who = Words(name, name) if name else SOMEBODY
    last = date.fromisoformat(drawn["last"]) if drawn["last"] else None
    return advice.to_the_customer(drawn["act"], held=drawn["held"], who=who, usual=drawn["usual_days"], last=last)


def explained(house: Gateway, customer: str, now: float) -> list[Shape]:
    """Every suggestion about somebody who agrees, with why in their words, who saw it and what came of it."""
    if not agrees(house, customer, INSIGHT, now):
        return []
    return [row(house, each, lead=True) for each in of(house.store.reader, house.memory.family.all_of(customer))]

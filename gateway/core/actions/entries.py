"""Entries: what a customer brought, and what was spent on them, why, how and with what result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from gateway.core.action import Action, Actor
from gateway.core.actions.customers import known
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events import venue_time
from gateway.events.event import HOUSE, News
from gateway.events.times import DAY, iso, new_id
from gateway.records import entries, promises
from gateway.records.entries import COMPLAINT, Entry
from gateway.service.alert import Refused
from gateway.service.owed import Owed
from gateway.settings.insight import Insight

URN = "urn:moments:problem:"
USUAL, USUAL_DAYS = 6, 180
MOST = 10**9  # in the currency's own unit
LEVERS: Mapping[str, str] = {
    **dict.fromkeys(("gift", "service_time", "event", "travel"), "relational"),
    **dict.fromkeys(("perk", "discount", "points"), "financial"),
    **dict.fromkeys(("recovery", "set_up"), "procedural"),
    "other": "none",
}
"""Which switching cost each way to spend usually raises."""
SAID = (
    "side", "customer", "gathering", "on", "amount", "margin", "currency", "source", "reference", "way", "minutes",
    "role", "lever", "budget", "line", "reason", "expects", "approver", "touch",
)  # fmt: skip
"""What makes an entry the same as another."""

Row = dict[str, Any]


def wrong(name: str, at: str, given: Any, expected: str, status: int = 422) -> NoReturn:
    """Raises the refusal of this name: where, what was given, and what was expected."""
    why = f"{at}: expected {expected}"
    raise Refused(status, why, type=URN + name, errors=[{"at": at, "given": given, "expected": expected}])


# --- acts ------------------------------------------------------------------------------------------------------------


def record(house: Gateway, row: Row, actor: Actor, now: float, *, told: bool = False) -> Action:
    """A line of money is kept; the same again gives the first answer, and what says otherwise is refused with it.

    Floor and crew record cost alone. ``told`` is a row of a file: of days long gone, approved by whoever it says.
    """
    if row["side"] == "value" and not (actor.lead or actor.program):
        raise Refused(403, "your role records cost alone: value comes from the till, or from a manager")
    made = _made(house, row, actor, now, told=told)
    reader = house.store.reader
    there = entries.get(reader, made["id"]) if row["id"] else None
    mark = entries.mark_of(made["source"], made["reference"])
    if there is None and mark is not None:
        there = entries.marked(reader, mark)
    if there is not None:
        return _once_more(house, made, there)
    if made["way"] == "recovery" and made["touch"] is not None:
        _one_for_a_complaint(house, made)
    return Action(shape(made), 201, news=[_news("entry.recorded", made)])


def record_all(house: Gateway, rows: Sequence[Row | str], actor: Actor, now: float) -> Action:
    """Several lines, with an answer for each; one that is not good (or says why) costs no other."""
    answers: list[Shape] = []
    news: list[News] = []
    seen: dict[str, Entry] = {}
    for number, row in enumerate(rows, start=1):
        answer: Shape = {"row": number, "detail": None, "type": None, "entry": None}
        try:
            if isinstance(row, str):
                raise Refused(422, row)
            one = record(house, row, actor, now)
            for name in _names(one.answer):
                if (first := seen.setdefault(name, one.answer)) is not one.answer and one.news:
                    one = _once_more(house, _as_kept(one.news[0]), _as_kept(_of(news, first["id"])))
            news += one.news
        except Refused as refused:
            answers.append(
                answer | {"status": refused.status, "detail": refused.reason, "type": refused.extra.get("type")}
            )
            continue
        answers.append(answer | {"status": one.status, "entry": one.answer})
    return Action(answers, news=news)


def _names(answer: Shape) -> list[str]:
    pair = [f"{answer['source']}\0{answer['reference']}"] if answer["source"] and answer["reference"] else []
    return [answer["id"], *pair]


def _of(news: Sequence[News], id_: str) -> News:
    return next(each for each in news if each.data["entry"]["id"] == id_)


def _as_kept(news: News) -> Entry:
    return dict(news.data["entry"])


def usual(house: Gateway, now: float) -> list[Shape]:
    """What is given most of late: how, how much and why; only what two customers had, so that none is named."""
    since = today(now - USUAL_DAYS * DAY)
    given: dict[tuple[str, int, str], list[str]] = {}
    for each in entries.select(house.store.reader, "day >= ? AND customer IS NOT NULL", since):
        if each["side"] == "cost" and each["amount"] and each["reason"] and not each["reversed"] and each["way"]:
            given.setdefault((each["way"], each["amount"], each["reason"]), []).append(each["customer"])
    found = [(len(whom), key) for key, whom in given.items() if len(set(map(house.memory.family.root, whom))) > 1]
    unit = 10**house.config.insight.digits
    return [
        {
            "way": way,
            "amount": amount / unit,
            "reason": reason,
            "times": times,
            "currency": house.config.insight.currency,
        }
        for times, (way, amount, reason) in sorted(found, key=lambda one: (-one[0], one[1]))[:USUAL]
    ]


def reverse(house: Gateway, id_: str, reason: str, actor: Actor, now: float) -> Action:
    """The entry counts on no date; a second reversal answers the first."""
    entry = _there(house, id_)
    _may_touch(entry, actor)
    if entry["reversed"] is not None:
        return Action(shape(entry))
    if not reason:
        wrong("reason", "reason", reason, "why it is reversed, in words")
    news = reversal(entry, reason, actor, now)
    return Action(shape(_as_kept(news)), news=[news])


def reversal(entry: Entry, reason: str, actor: Actor, now: float) -> News:
    """The event that ends an entry."""
    told = {"id": new_id(now), "reason": reason, "by": actor.id, "at": iso(now)}
    return _news("entry.reversed", {**entry, "reversed": told})


def judge(house: Gateway, id_: str, result: str, words: str, actor: Actor, now: float) -> Action:
    """What came of it, as somebody judges it now."""
    entry = _there(house, id_)
    _may_touch(entry, actor)
    told = {"result": result, "words": words, "by": actor.id, "at": iso(now)}
    if entry["result"] is not None and {**entry["result"], "at": told["at"]} == told:
        return Action(shape(entry))
    return _changed("entry.judged", {**entry, "result": told})


def of_complaint(house: Gateway, complaint: Owed, actor: Actor, now: float) -> list[News]:
    """The entry that a closed complaint makes by itself, of what making it good came to; none where that is nothing."""
    cost = complaint.recovery_cost
    if complaint.kind != "complaint" or not cost or not cost["amount"]:
        return []
    if entries.recovering(house.store.reader, complaint.id) is not None:
        return []
    row: Row = {
        **dict.fromkeys(SAID), "id": None, "side": "cost", "customer": complaint.customer, "on": today(now),
        "amount": cost["amount"], "currency": cost["currency"], "way": "recovery", "source": COMPLAINT,
        "reference": complaint.id, "reason": complaint.text[:500], "approver": complaint.owner, "touch": complaint.id,
    }  # fmt: skip
    return [_news("entry.recorded", _made(house, row, actor, now, told=True))]


def today(now: float) -> str:
    """The day of the venue's calendar."""
    return datetime.fromtimestamp(now, venue_time.zone()).date().isoformat()


# --- what is kept ----------------------------------------------------------------------------------------------------


def _made(house: Gateway, row: Row, actor: Actor, now: float, *, told: bool) -> Entry:
    """The entry that a row says; raises Refused by the name of what is wrong."""
    settings = house.config.insight
    on = _day(row["on"], now)
    currency = row["currency"] or settings.currency
    if currency != settings.currency:
        wrong("currency", "currency", currency, f"{settings.currency}, the one currency of this house")
    customer = known(house, row["customer"]).id if row["customer"] else None
    if (customer is None) == (row["gathering"] is None):
        raise Refused(422, "customer: expected a customer, or for a cost a gathering")
    if customer is None and row["side"] == "value":
        raise Refused(422, "customer: expected a customer; a gathering has cost alone")
    amount = _amount(row, settings, told=told)
    margin = _margin(row, amount, settings)
    if row["side"] == "cost":
        _sized(row, amount)
        _approved(house, row, amount, settings, actor, told=told)
    way = row["way"] or ("other" if row["side"] == "cost" else None)
    kept = {name: row.get(name) for name in SAID} | {
        "on": on, "currency": currency, "customer": customer, "amount": amount, "margin": margin, "way": way,
        "lever": row["lever"] or (LEVERS[way] if way else None),
    }  # fmt: skip
    more = {"digits": settings.digits, "by": actor.id, "at": iso(now), "reversed": None, "result": None}
    return {"id": row["id"] or new_id(now), **kept, **more}


def _day(text: str, now: float) -> str:
    try:
        on = date.fromisoformat(text)
    except ValueError:
        on = None
    if on is None or len(text) != 10:
        raise Refused(422, "on: expected a day like 2026-07-31")
    if text > today(now):
        wrong("future-date", "on", text, f"a day until {today(now)}")
    return text


def minor(at: str, value: Any, digits: int) -> int:
    """An amount in the currency's smallest unit; raises Refused where it has more digits than that."""
    try:
        exact = Decimal(str(value)).scaleb(digits)
        whole = exact.to_integral_value()
    except InvalidOperation:
        raise Refused(422, f"{at}: expected a number") from None
    if not exact.is_finite() or exact != whole:
        wrong("too-many-digits", at, value, f"at most {digits} digits after the point")
    return int(whole)


def _amount(row: Row, settings: Insight, *, told: bool) -> int | None:
    if row["amount"] is None:
        if row["side"] == "value":
            wrong("cost-without-size", "amount", None, "an amount")
        return None
    amount = minor("amount", row["amount"], settings.digits)
    most = MOST * 10**settings.digits
    least = -most if told and row["side"] == "value" else 1  # in a file a return is a negative line
    if not least <= amount <= most or amount == 0:
        raise Refused(422, "amount: expected more than 0, and at most a milliard")
    return amount


def _margin(row: Row, amount: int | None, settings: Insight) -> int | None:
    if row["margin"] is None:
        if amount is not None and amount < 0:  # of what came back as much is lost as was likely earned
            return _half_away(Decimal(amount) * Decimal(str(settings.margin.mid)))
        return None
    margin = minor("margin", row["margin"], settings.digits)
    if row["side"] == "cost":
        raise Refused(422, "margin: a cost has none")
    if amount is not None and margin > amount:
        wrong("margin-above-amount", "margin", row["margin"], "at most the amount")
    return margin


def _half_away(exact: Decimal) -> int:
    return int(exact.to_integral_value(rounding="ROUND_HALF_UP"))


def _sized(row: Row, amount: int | None) -> None:
    """A cost is an amount, or a time and whose it was."""
    if amount is None and not (row["minutes"] and row["role"]):
        wrong("cost-without-size", "amount", row["amount"], "an amount, or minutes and a role")


def _approved(house: Gateway, row: Row, amount: int | None, settings: Insight, actor: Actor, *, told: bool) -> None:
    """Above a limit somebody else approved it."""
    limit = Decimal(str(settings.approve_above)).scaleb(settings.digits)
    approver = row["approver"]
    if _size(row, amount, settings) <= limit or (told and approver):
        return
    if not approver or approver == actor.id or (not told and house.memory.floor.member(approver) is None):
        wrong("approver", "approver", approver, f"somebody else of the staff, above {settings.approve_above:g}")


def _size(row: Row, amount: int | None, settings: Insight) -> Decimal:
    if amount is not None:
        return Decimal(amount)
    hour = Decimal(str(getattr(settings.hour, row["role"]))).scaleb(settings.digits)
    return hour * Decimal(str(row["minutes"])) / 60


def _one_for_a_complaint(house: Gateway, made: Entry) -> None:
    """What making a complaint good came to is one entry."""
    complaint = promises.get(house.store.reader, made["touch"])
    if complaint is None or complaint["kind"] != "complaint":
        return
    there = entries.recovering(house.store.reader, made["touch"])
    if there is not None:
        why = "what making this complaint good came to is recorded already"
        raise Refused(409, why, type=f"{URN}entry-differs", entry=shape(there))


def _once_more(house: Gateway, made: Entry, there: Entry) -> Action:
    whose = house.memory.family.root
    same = all(
        made[name] == there[name] if name != "customer" else whose(made[name] or "") == whose(there[name] or "")
        for name in SAID
    )
    if not same:
        why = "this line was recorded already, and said otherwise: reverse it, then record it anew"
        raise Refused(409, why, type=f"{URN}entry-differs", entry=shape(there))
    return Action(shape(there))


def _there(house: Gateway, id_: str) -> Entry:
    found = entries.get(house.store.reader, id_)
    if found is None:
        raise Refused(404, "there is no such entry", type=f"{URN}entry-unknown")
    return found


def _may_touch(entry: Entry, actor: Actor) -> None:
    if entry["side"] == "value" and not (actor.lead or actor.program):
        raise Refused(403, "your role records cost alone: value comes from the till, or from a manager")


def _changed(type_: str, entry: Entry) -> Action:
    return Action(shape(entry), news=[_news(type_, entry)])


def _news(type_: str, entry: Entry) -> News:
    customer = entry["customer"]
    if customer is None:
        return News("entry.shared", HOUSE, {"entry": entry})
    return News(type_, customer, {"customer": customer, "entry": entry})


def shape(entry: Entry) -> Shape:
    """An entry as clients see it: amounts in the currency's own unit."""
    unit = 10 ** entry["digits"]
    money = {name: None if entry[name] is None else entry[name] / unit for name in ("amount", "margin")}
    return {name: value for name, value in {**entry, **money}.items() if name != "digits"}

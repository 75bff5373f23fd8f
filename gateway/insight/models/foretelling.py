"""The door to the models: from a fold to what is shown of each customer, in the shapes that pages take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.insight.facts import World
from gateway.insight.folding import Folded
from gateway.insight.ledger import in_force, value_of
from gateway.insight.models.future import Future, future
from gateway.insight.models.history import FLAGS, NEVER, history
from gateway.insight.models.returning import Backtest, Returning, Tenth, returning
from gateway.insight.money import major
from gateway.insight.words import Reason

Flags = Mapping[str, Iterable[tuple[str, int, int | None]]]
"""By name of ``FLAGS``: (customer, first day, last day), ordinals; None where it still holds."""

_WORDS = {
    "contacts": ("共到访 {contacts} 天", "came on {contacts} days so far"),
    "silent": ("未到访 {silent} 天", "silent {silent} days"),
    "age": ("相识 {age} 天", "known for {age} days"),
    "margin": ("至今带来的价值", "what they brought so far"),
    "ratio": ("间隔为平时的 {ratio} 倍", "silent {ratio} times their usual gap"),
    "open_complaint": ("有未结投诉", "a complaint is open"),
    "promise_broken": ("承诺未兑现", "a promise was broken"),
    "asked_twice": ("同一问题被问两次", "was asked the same twice"),
    "associate_gone": ("专属人员已离开", "their own associate is gone"),
    "tie_gone_quiet": ("相识的客人也久未到访", "somebody they know has gone quiet"),
}
_SIDE = {
    True: ("，更可能再来", ", which speaks for coming again"),
    False: ("，更可能不来", ", which speaks against it"),
}


@dataclass(frozen=True, slots=True)
class Foretold:
    """What the models say of a house on one day; ids are those of the fold."""

    ordered_by: str
    """``silent``, ``silent_by_contacts``, ``ratio`` or ``model``: what the house's own back-test found best."""
    order: Mapping[str, float]
    """By which the silent are ordered: the larger, the likelier to be gone."""
    returning: Returning
    future: Future | None
    _places: Mapping[str, int]
    _currency: str

    def model(self, customer: str) -> dict[str, Any] | None:
        """M of one customer: ``of_ten, low, high, cases``; None where there is no model, or they never came."""
        place = self._places.get(customer)
        tenth = None if place is None else self.returning.like(place)
        return None if tenth is None else like(tenth)

    def reasons(self, customer: str) -> list[Reason]:
        """What moves the chance of one customer the most, in words; empty without a model."""
        place = self._places.get(customer)
        if place is None:
            return []
        at = self.returning.known
        facts = {
            "contacts": int(at.contacts[place]),
            "silent": int(at.silent[place]),
            "age": int(at.age[place]),
            "ratio": f"{at.ratio[place]:.1f}",
        }
        return [_reason(name, part > 0, facts) for name, part in self.returning.reasons(place)]

    def value(self, customer: str) -> dict[str, Any] | None:
        """The next year of one customer: ``amount, low, high, assumed``; bounds are None before a back-test."""
        place = self._places.get(customer)
        if place is None or self.future is None:
            return None
        found = self.future
        bounds = (
            None if of is None else major(round(float(of[place])), self._currency) for of in (found.low, found.high)
        )
        low, high = bounds
        amount = major(round(float(found.predicted.margin[place])), self._currency)
        return {"amount": amount, "low": low, "high": high, "assumed": ["own_mean"] if found.predicted.own_mean else []}

    def house(self) -> dict[str, Any]:
        """The back-tests of this house, as ``moments insight backtest`` tells them."""
        test = self.returning.backtest
        return {
            "ordered_by": self.ordered_by,
            "returning": None if test is None else backtest(test),
            "future": None if self.future is None else total(self.future, self._currency),
        }


def foretold(world: World, folded: Folded, flags: Flags | None = None) -> Foretold:
    """What the models say of everybody whom the fold may show; of all others nothing is even looked at."""
    names = list(folded.contact_days)
    place_of = {name: place for place, name in enumerate(names)}
    paid = [
        (place_of[each.customer], each.on.toordinal(), value_of(each, world.rules.margin).amount)
        for each in in_force(world.entries)
        if each.side == "value" and each.customer in place_of and each.on < folded.on
    ]
    spans = {
        name: [
            (place_of[who], begin, NEVER if end is None else end)
            for who, begin, end in (flags or {}).get(name, ())
            if who in place_of
        ]
        for name in FLAGS
    }
    seen = history(list(folded.contact_days.values()), paid, spans)
    on = folded.on.toordinal()
    back = returning(seen, on)
    who = back.known.who.tolist()
    places = {names[each]: place for place, each in enumerate(who)}
    order = {name: float(back.order[place]) for name, place in places.items()}
    return Foretold(back.ordered_by, order, back, future(seen, on), places, folded.currency)


def like(tenth: Tenth) -> dict[str, Any]:
    """So many of ten like this one: 6 of 10, in 212 cases, 5 to 7."""
    share = tenth.share
    return {
        "of_ten": round(10 * share.value),
        "low": round(10 * share.low),
        "high": round(10 * share.high),
        "cases": tenth.cases,
    }


def backtest(of: Backtest) -> dict[str, Any]:
    """The orders beside each other, the plainest first, and how good the model was."""
    seen = of.model
    return {
        "cases": of.cases,
        "came": of.came,
        "orders": {
            name: {"auc": round(each.value, 4), "low": round(each.low, 4), "high": round(each.high, 4)}
            for name, each in of.orders.items()
        },
        "best": of.best,
        "model": None
        if seen is None
        else {
            "brier": round(seen.brier, 4),
            "calibration": round(seen.calibration, 4),
            "lift": round(seen.lift, 2),
        },
        "tenths": [like(each) for each in of.tenths],
    }


def total(of: Future, currency: str) -> dict[str, Any]:
    """The next year of the house: as the models say, and times what came of what was said at the last back-test."""
    test = of.earned
    return {
        "days": of.horizon,
        "total": major(round(of.total), currency),
        "corrected": None if of.corrected is None else major(round(of.corrected), currency),
        "ratio": None if test is None else round(test.ratio, 4),
        "top_tenth": None if test is None else round(test.top_tenth, 4),
        "own_mean": of.predicted.own_mean,
    }


def _reason(name: str, speaks_for: bool, facts: Mapping[str, Any]) -> Reason:
    zh_cn, en = (words.format(**facts) + side for words, side in zip(_WORDS[name], _SIDE[speaks_for], strict=True))
    return Reason(name, zh_cn, en)

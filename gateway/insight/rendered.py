"""What was folded, as JSON has it: shares and stickiness with 4 digits, rhythm 1, ratio 2, money to the minor unit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fractions import Fraction
from typing import Any

from gateway.insight.concentration import Concentration, Interval
from gateway.insight.facts import STAGES
from gateway.insight.folding import Folded, Others, Risk, Standpoint, Worth
from gateway.insight.ledger import Range
from gateway.insight.money import major, nearest, rounded
from gateway.insight.network import Standing, Tie
from gateway.insight.spending import BudgetLeft, Cost, Group, Spend
from gateway.insight.stages import Cohort, Transition
from gateway.insight.words import Reason
from gateway.insight.words import tie as tie_reason

SHARE, RHYTHM, RATIO = 4, 1, 2  # digits
FEW = 30
"""Below so many there is a count and no percentage."""


def rendered(folded: Folded) -> dict[str, Any]:
    """All of it: ``house_gap_days, worth, risk, stages, network, spend``."""
    return {
        "house_gap_days": rounded(Fraction(folded.twice_house_gap, 2), RHYTHM),
        "worth": worth(folded),
        "risk": {"rows": [risk_row(each) for each in folded.risk]},
        "stages": stages(folded),
        "network": {
            "ties": [tie(each) for each in folded.ties],
            "rows": [standing(each, folded.currency) for each in folded.network],
        },
        "spend": spend(folded.spend, folded.currency, {each.customer for each in folded.worth}),
    }


def worth(folded: Folded) -> dict[str, Any]:
    """``rows, total, others, net, revenue, loss_makers``."""
    currency = folded.currency
    return {
        "rows": [worth_row(each, currency) for each in folded.worth],
        "total": {
            "value": money_range(folded.total.value, currency),
            "cost": major(folded.total.cost, currency),
            "net": money_range(folded.total.net, currency),
        },
        "others": None if folded.others is None else others(folded.others, currency),
        "net": concentration(folded.net),
        "revenue": shares(folded.revenue),
        "loss_makers": {"count": folded.loss_makers, "net": major(folded.loss_makers_net, currency)},
    }


def worth_row(row: Worth, currency: str) -> dict[str, Any]:
    """One customer; ``future`` is a model's, and None without one."""
    return {
        "customer": row.customer,
        "revenue": major(row.revenue, currency),
        "value": money_range(row.value, currency),
        "cost": major(row.cost, currency),
        "net": money_range(row.net, currency),
        "future": None,
        "strategic": major(nearest(row.influence_money), currency),
        "seed": row.seed,
    }


def others(row: Others, currency: str) -> dict[str, Any]:
    """Who agreed to nothing, as one line."""
    return {
        "customers": row.customers,
        "revenue": major(row.revenue, currency),
        "value": money_range(row.value, currency),
        "cost": major(row.cost, currency),
        "net": money_range(row.value.less(row.cost), currency),
    }


def shares(of: Concentration) -> dict[str, Any]:
    """``top20, bottom30``, and their intervals where there are enough customers for them."""
    found: dict[str, Any] = {"top20": _share(of.top20), "bottom30": _share(of.bottom30)}
    if of.top20_interval and of.bottom30_interval:
        found["intervals"] = {"top20": _interval(of.top20_interval), "bottom30": _interval(of.bottom30_interval)}
    return found


def concentration(of: Concentration) -> dict[str, Any]:
    """``top20, bottom30, eats, peak, peak_customers``."""
    return shares(of) | {"eats": _share(of.eats), "peak": _share(of.peak), "peak_customers": of.peak_customers}


def risk_row(row: Risk) -> dict[str, Any]:
    """One customer by the plain rule; ``model``, ``lever`` and ``suggestion`` are others' to add."""
    return {
        "customer": row.customer,
        "silent_days": row.silent_days,
        "rhythm_days": rounded(row.rhythm_days, RHYTHM),
        "gaps": row.gaps,
        "ratio": rounded(row.ratio, RATIO),
        "band": row.band,
        "reasons": [reason(each) for each in row.reasons],
        "model": None,
        "lever": None,
        "suggestion": None,
    }


def stages(folded: Folded) -> dict[str, Any]:
    """``rows, counts, cohorts``."""
    now = [each.now.stage for each in folded.stages]
    return {
        "rows": [stage_row(each) for each in folded.stages],
        "counts": {stage: now.count(stage) for stage in STAGES},
        "cohorts": [cohort(each) for each in folded.cohorts],
    }


def stage_row(row: Standpoint) -> dict[str, Any]:
    """Where one customer stands since when, and how they came there."""
    return {
        "customer": row.customer,
        "stage": row.now.stage,
        "since": None if row.now.at is None else row.now.at.isoformat(),
        "transitions": [transition(each) for each in row.transitions],
    }


def transition(of: Transition) -> dict[str, Any]:
    """One change of stage; ``cause`` where somebody told why they left."""
    found = {
        "stage": of.stage,
        "at": None if of.at is None else of.at.isoformat(),
        "because": of.because,
        "event": of.event,
    }
    return found if of.cause is None else found | {"cause": of.cause}


def cohort(of: Cohort) -> dict[str, Any]:
    """Who came first in a month; shares from 30 customers on."""
    enough = of.customers >= FEW
    return {
        "month": of.month,
        "customers": of.customers,
        "active": list(of.active),
        "shares": [_share(Fraction(each, of.customers)) for each in of.active] if enough else None,
    }


def tie(of: Tie) -> dict[str, Any]:
    """A pair who both agreed, and why they are tied."""
    return {
        "a": of.a,
        "b": of.b,
        "theta": _share(of.theta),
        "because": [reason(tie_reason(each.code, each.at, each.events)) for each in of.because],
    }


def standing(of: Standing, currency: str) -> dict[str, Any]:
    """One customer in the network."""
    return {
        "customer": of.customer,
        "own": _share(of.own),
        "stickiness": _share(of.stickiness),
        "influence": _share(of.influence),
        "influence_money": major(nearest(of.influence_money), currency),
    }


def spend(of: Spend, currency: str, shown: Collection[str]) -> dict[str, Any]:
    """``total, by_lever, rows, no_reason, only_money, budgets``; who is not shown is not named."""
    return {
        "total": major(of.total, currency),
        "by_lever": {
            each.key: {"amount": major(each.amount, currency), "share": _share(each.share)} for each in of.by_lever
        },
        "rows": [cost(each, currency, shown) for each in sorted(of.rows, key=lambda each: each.entry.id)],
        "no_reason": group(of.no_reason, currency),
        "only_money": list(of.only_money),
        "budgets": [budget(each, currency) for each in of.budgets],
    }


def cost(of: Cost, currency: str, shown: Collection[str]) -> dict[str, Any]:
    """One cost: on whom, why, how, what, approved by whom, with what result.

    Of somebody who may not be shown only the sum is, and whether there was a reason: words could name them.
    """
    entry = of.entry
    told = entry.customer is None or entry.customer in shown
    return {
        "id": entry.id,
        "on": entry.on.isoformat(),
        "customer": entry.customer if entry.customer in shown else None,
        "gathering": entry.gathering,
        "reason": (entry.reason or None) if told else None,
        "has_reason": bool(entry.reason.strip()),
        "way": entry.way,
        "lever": entry.raises,
        "amount": major(of.amount, currency),
        "parts": {each: major(part, currency) for each, part in sorted(of.parts.items()) if each in shown},
        "expects": (entry.expects or None) if told else None,
        "approver": entry.approver or None,
        "budget": entry.budget or None,
        "result": entry.result or None,
    }


def group(of: Group, currency: str) -> dict[str, Any]:
    """``entries, amount, share`` of what was spent under one key."""
    return {"entries": of.entries, "amount": major(of.amount, currency), "share": _share(of.share)}


def budget(of: BudgetLeft, currency: str) -> dict[str, Any]:
    """``budget, spent, amount, left, runs_out``."""
    return {
        "budget": of.name,
        "spent": major(of.spent, currency),
        "amount": None if of.amount is None else major(of.amount, currency),
        "left": None if of.left is None else major(of.left, currency),
        "runs_out": None if of.runs_out is None else of.runs_out.isoformat(),
    }


def reason(of: Reason) -> dict[str, Any]:
    """``code, words, at, events``."""
    return {
        "code": of.code,
        "words": {"zh-CN": of.zh_cn, "en": of.en},
        "at": None if of.at is None else of.at.isoformat(),
        "events": list(of.events),
    }


def money_range(of: Range, currency: str) -> dict[str, Any]:
    """``amount, low, high, assumed``."""
    return {
        "amount": major(of.amount, currency),
        "low": major(of.low, currency),
        "high": major(of.high, currency),
        "assumed": list(of.assumed),
    }


def before_after(before: Mapping[str, Fraction], after: Mapping[str, Fraction]) -> dict[str, dict[str, float]]:
    """A what-if: how sticky each is, and would be."""
    return {
        each: {"before": rounded(before[each], SHARE), "after": rounded(after[each], SHARE)} for each in sorted(after)
    }


def stickiness(of: Mapping[str, Fraction]) -> dict[str, float]:
    """How sticky each is."""
    return {each: rounded(of[each], SHARE) for each in sorted(of)}


def _share(of: Fraction | None) -> float | None:
    return None if of is None else rounded(of, SHARE)


def _interval(of: Interval) -> list[float]:
    return [round(of[0], SHARE), round(of[1], SHARE)]

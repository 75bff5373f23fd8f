"""What partners owe each other at a position: a statement is a function of two positions, and nothing else."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple

from gateway.club.money import CENT
from gateway.records.cells import as_cell

OTHERS = ("clearing", "fund", "pool")
POINT_LINES = ("issued", "reversed", "redeemed", "expired", "recovered")
POINT_ACCOUNTS = tuple(name for name in POINT_LINES if name != "reversed")
AGES = ((12, "0-11"), (24, "12-23"), (10**6, "24+"))
"""Months since points were earned: below which, and what it is called."""


class Flow(NamedTuple):
    """How much went from one account to another, all together."""

    debit: str
    credit: str
    amount: int


def pairs(flows: Iterable[Flow]) -> dict[tuple[str, str], int]:
    """Thousandths of a cent by partner and the other side: + is received by the partner."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for flow in flows:
        names = [_side(account) for account in (flow.debit, flow.credit)]
        if None in names:
            continue
        debit, credit = names[0] or "", names[1] or ""
        if _is_partner(flow.debit):
            found[debit, credit] -= flow.amount
        if _is_partner(flow.credit):
            found[credit, debit] += flow.amount
    return dict(found)


def _is_partner(account: str) -> bool:
    return account.startswith("clearing:")


def _side(account: str) -> str | None:
    """How a statement names one side of a pair; None for an account that is on none."""
    kind, _, rest = account.partition(":")
    if kind not in OTHERS:
        return None
    return rest if kind == "clearing" else account


def cents(amount: int) -> int:
    """Whole cents of thousandths, toward nothing."""
    return amount // CENT if amount >= 0 else -(-amount // CENT)


def statement(
    id_: str, through: int, partners: Iterable[str], before: Iterable[Flow], until: Iterable[Flow],
    points: Iterable[Flow],
) -> dict[str, Any]:  # fmt: skip
    """A statement of the money that had moved up to the last one and up to ``through``, and the points between."""
    first, last = pairs(before), pairs(until)
    moved = list(points)
    names = {*partners, *(partner for partner, _ in last)}
    found: dict[str, Any] = {}
    for partner in sorted(names):
        of = {other: amount for (name, other), amount in last.items() if name == partner}
        net = {other: cents(amount) - cents(first.get((partner, other), 0)) for other, amount in of.items()}
        lines = [{"with": other, "net_cents": each} for other, each in sorted(net.items()) if each]
        found[partner] = {
            **_points(partner, moved),
            "lines": lines,
            "net_cents": sum(net.values()),
            "carried_mc": sum(amount - CENT * cents(amount) for amount in of.values()),
        }
    return {"statement": id_, "through": through, "partners": found}


def _points(partner: str, flows: Iterable[Flow]) -> dict[str, int]:
    found = dict.fromkeys(POINT_LINES, 0)
    accounts = {f"{name}:{partner}": name for name in POINT_ACCOUNTS}
    for flow in flows:
        name = accounts.get(flow.debit)
        if name is not None:
            found[name] += flow.amount if name == "issued" else -flow.amount
        name = accounts.get(flow.credit)
        if name is not None:
            found["reversed" if name == "issued" else name] += flow.amount
    return found


def only(body: Mapping[str, Any], partner: str) -> dict[str, Any]:
    """A statement with one partner's part alone."""
    found = {**body, "partners": {id_: each for id_, each in body["partners"].items() if id_ == partner}}
    late = [each for each in found.pop("late", ()) if each["partner"] == partner]
    return {**found, "late": late} if late else found


def as_csv(body: Mapping[str, Any]) -> str:
    """A statement as a table: a line for each number."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\r\n")

    def write(*cells: str | int) -> None:
        out.writerow([as_cell(cell) if isinstance(cell, str) else cell for cell in cells])

    write("statement", "through", "partner", "what", "with", "points", "net_cents", "mc")
    for partner, part in body["partners"].items():
        start = (body["statement"], body["through"], partner)
        for name in POINT_LINES:
            write(*start, name, "", part[name], "", "")
        for line in part["lines"]:
            write(*start, "line", line["with"], "", line["net_cents"], "")
        write(*start, "net", "", "", part["net_cents"], "")
        write(*start, "carried", "", "", "", part["carried_mc"])
    for late in body.get("late", ()):
        start = (body["statement"], body["through"], late["partner"])
        write(*start, f"late {late['kind']} of {late['day']}", late["id"], "", "", "")
    return text.getvalue()


class Open(NamedTuple):
    """Points that are still open, reserved or not."""

    issuer: str
    price: int
    earned_at: int
    points: int


def liability(rows: Iterable[Open], partners: Iterable[str], expected_breakage: float, now: int) -> dict[str, Any]:
    """What is still open, by issuer: at its price, by age, and what the accountant expects of it."""
    points: dict[str, int] = defaultdict(int)
    money: dict[str, int] = defaultdict(int)
    ages: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys((name for _, name in AGES), 0))
    for row in rows:
        points[row.issuer] += row.points
        money[row.issuer] += row.points * row.price
        months = _months(row.earned_at, now)
        ages[row.issuer][next(name for below, name in AGES if months < below)] += row.points
    kept = 1 - Decimal(str(expected_breakage))
    return {
        "partners": {
            each: {
                "points": points[each],
                "cents": money[each] // CENT,
                "by_age": ages[each],
                "expected_cents": int((money[each] * kept / CENT).to_integral_value(ROUND_FLOOR)),
            }
            for each in sorted({*partners, *points})
        }
    }


def _months(since: int, now: int) -> int:
    begins, ends = (datetime.fromtimestamp(at / 1000, UTC) for at in (since, now))
    whole = (ends.year - begins.year) * 12 + ends.month - begins.month
    return max(0, whole - ((ends.day, ends.time()) < (begins.day, begins.time())))

"""What the demo's house has seen of its guests in a year: days, value, cost, gatherings, answers; for Insight alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from gateway.commands.alone import Alone, opened
from gateway.core.actions.entries import LEVERS, today
from gateway.events.event import HOUSE, News
from gateway.events.times import iso, new_id, now
from gateway.operations.control import GatewayRefused, NotRunning, ask
from gateway.records import aliases, entries, exchange
from gateway.records.doubtful import Doubts
from gateway.records.import_plan import plan
from gateway.resources import config_folder
from gateway.settings.venue import VenueConfig

TILL = "demo-till"
GUESTS: dict[str, tuple[int, int, int, float | None]] = {
    "chen-yulan": (14, 5, 3200, 0.55),
    "wang-jianguo": (30, 12, 8800, None),
    "margaret-hale": (20, 160, 2400, 0.6),
    "samuel-okafor": (25, 8, 1500, 0.5),
    "lin-xiaoman": (10, 3, 420, 0.5),
    "sofia-lindqvist": (34, 118, 900, None),
    "zhao-minghui": (18, 215, 260, 0.4),
}
"""Of each guest the usual days between, how many ago they came last, what a visit brings, and its margin where told."""
COSTS: tuple[tuple[str, int, str, int, str | None, str | None, str | None], ...] = (
    ("chen-yulan", 9, "gift", 150, "champagne on arrival", "marie", "worked"),
    ("wang-jianguo", 40, "gift", 150, "champagne on arrival", "marie", None),
    ("samuel-okafor", 20, "gift", 150, "champagne on arrival", "marie", "unclear"),
    ("wang-jianguo", 13, "travel", 680, "car to the airport after the signing", "marie", "worked"),
    ("margaret-hale", 160, "recovery", 200, "waited 40 minutes for her table", "marie", "not"),
    ("lin-xiaoman", 30, "perk", 90, "window seat kept, first visit with her mother", None, "worked"),
    ("sofia-lindqvist", 118, "discount", 120, "asked for the member price", None, None),
    ("zhao-minghui", 240, "discount", 900, None, None, None),
    ("zhao-minghui", 215, "discount", 680, None, None, None),
    ("chen-yulan", 62, "set_up", 260, "her own tea cups, kept here", "marie", "worked"),
)
"""Whom, how many days ago, how, how much, why, approved by whom, and what came of it."""
ANSWERS = (
    ("chen-yulan", 40, "spiritual", "person", 4, 5), ("wang-jianguo", 41, "material", "product_service", 4, 4),
    ("samuel-okafor", 33, "social", "person", 3, 5), ("lin-xiaoman", 23, "material", "system", 3, 2),
    ("margaret-hale", 160, "spiritual", "enterprise", 5, 2), ("sofia-lindqvist", 118, "material", "system", 4, 2),
)  # fmt: skip
EVENING = ("tasting-evening", 75, ("chen-yulan", "wang-jianguo", "samuel-okafor"))
Facts = dict[str, Any]


def fill_insight(data: Path, config: VenueConfig) -> None:
    """A year of the demo's guests; nothing where there are entries already, or no guests."""
    with opened(data, config.venue.id) as alone:
        reader = alone.store.reader
        ids = {name: aliases.ours(reader, name) for name in GUESTS}
        if entries.select(reader) or any(ours == name for name, ours in ids.items()):
            return
        at = now()
        alone.record(_agreed(alone, at))
        alone.record([*_year(ids, at, config), *_told(ids, at)])


def work_out(data: Path) -> None:
    """A run in its own process, beside the gateway of this folder; whoever opens Insight may start one as well."""
    try:
        ask(data, "POST", "/api/insight/runs", {})
    except (NotRunning, GatewayRefused):
        return


def _agreed(alone: Alone, at: float) -> list[News]:
    raw = (config_folder() / "customers.demo.csv").read_bytes()
    raw = raw.replace(b"keep_preferences", b"keep_preferences;insight;introductions")
    rows, _ = exchange.read_csv(raw)
    with closing(alone.store.open_reader()) as reader:
        news, _ = plan(reader, rows, at, Doubts(), document=exchange.document_of(raw), source="demo")
    return news


def _year(ids: dict[str, str], at: float, config: VenueConfig) -> Iterator[News]:
    """Days and value of each guest, a little uneven and the same in every demo; then what was spent."""
    on = date.fromisoformat(today(at))
    currency, digits = config.insight.currency, config.insight.digits
    for name, (gap, last, brings, margin) in GUESTS.items():
        chance, ago, number = Random(name), last, 0
        while ago < 400:
            number += 1
            day, customer = (on - timedelta(days=ago)).isoformat(), ids[name]
            said = {"venue": config.venue.id, "until": None}
            yield _said("visit.imported", customer, day, at, f"{name}-v{number}", **said)
            amount = round(brings * chance.uniform(0.6, 1.5)) * 10**digits
            kept = None if margin is None else round(amount * margin)
            yield _entry(
                customer, day, at, f"{name}-b{number}", currency, digits, side="value", amount=amount, margin=kept
            )
            ago += max(2, round(gap * chance.uniform(0.7, 1.3)))
    for number, (name, ago, way, amount, reason, approver, result) in enumerate(COSTS):
        day = (on - timedelta(days=ago)).isoformat()
        more = {
            "way": way,
            "amount": amount * 10**digits,
            "reason": reason,
            "approver": approver,
            "budget": "hospitality",
        }
        judged = {"result": result, "words": "", "by": "marie", "at": iso(at)} if result else None
        yield _entry(ids[name], day, at, f"cost-{number}", currency, digits, **more, result=judged)
    spent = {
        "way": "event",
        "amount": 1000 * 10**digits,
        "reason": "tea tasting",
        "approver": "marie",
        "gathering": EVENING[0],
    }
    yield _entry(None, (on - timedelta(days=EVENING[1])).isoformat(), at, "cost-evening", currency, digits, **spent)
    begins, ends = (on - timedelta(days=200)).isoformat(), (on + timedelta(days=60)).isoformat()
    budget = {
        "budget": "hospitality",
        "amount": 3000 * 10**digits,
        "currency": currency,
        "begins": begins,
        "ends": ends,
    }
    yield News("budget.set", HOUSE, {**budget, "by": "marie"})


def _entry(customer: str | None, on: str, at: float, reference: str, currency: str, digits: int, **more: Any) -> News:
    empty = dict.fromkeys(("gathering", "margin", "minutes", "role", "line", "reason", "expects", "approver", "touch"))
    way = more.get("way")
    entry: Facts = {
        **empty, "id": new_id(at), "side": "cost", "customer": customer, "on": on, "amount": None, "currency": currency,
        "digits": digits, "source": TILL, "reference": reference, "way": way, "lever": LEVERS[way] if way else None,
        "budget": None, "by": "marie", "at": iso(at), "reversed": None, "result": None, **more,
    }  # fmt: skip
    if customer is None:
        return News("entry.shared", HOUSE, {"entry": entry})
    return News("entry.recorded", customer, {"customer": customer, "entry": entry})


def _told(ids: dict[str, str], at: float) -> Iterator[News]:
    on = date.fromisoformat(today(at))
    evening, ago, guests = EVENING
    for name in guests:
        day = (on - timedelta(days=ago)).isoformat()
        yield _said("gathering.attended", ids[name], day, at, f"{evening}/{name}", gathering=evening)
    one, other = sorted((ids["chen-yulan"], ids["wang-jianguo"]))
    day = (on - timedelta(days=90)).isoformat()
    yield _said("tie.recorded", one, day, at, "met", other=other, kind="introduced")
    for name, ago, layer, of, expected, found in ANSWERS:
        said = {"layer": layer, "object": of, "expected": expected, "perceived": found, "visit": None}
        yield _said(
            "satisfaction.answered", ids[name], (on - timedelta(days=ago)).isoformat(), at, f"asked/{name}", **said
        )
    seed = {"reason": "opens her own studio next spring", "until": None}
    yield _said("potential.noted", ids["lin-xiaoman"], (on - timedelta(days=30)).isoformat(), at, "seed", **seed)
    stated = {"low": 2_000_000, "high": 4_000_000}
    yield _said("wallet.stated", ids["chen-yulan"], (on - timedelta(days=50)).isoformat(), at, "wallet", **stated)


def _said(type_: str, customer: str, on: str, at: float, reference: str, **more: Any) -> News:
    base = {"id": new_id(at), "customer": customer, "on": on, "source": TILL, "reference": reference}
    return News(type_, customer, {**base, "by": "marie", "at": iso(at), **more})

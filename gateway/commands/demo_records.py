"""What the demo's venue knows when it opens: its staff, its customers, and what was learnt about them."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.console.pins import hash_now
from gateway.events.times import DAY, new_id
from gateway.records import customers, exchange, preferences, promises, staff, visits
from gateway.records.preferences import Preference
from gateway.records.store import Store, Tx
from gateway.records.visits import Visit
from gateway.resources import config_folder
from gateway.settings.venue import VenueConfig

HOUR = 3600.0
STAYED = 2 * HOUR


def fill(data: Path, config: VenueConfig, make_pin: Callable[[], str]) -> dict[str, tuple[str, str]]:
    """Fills an empty data folder; answers each person's PIN and roles by id."""
    members = _read("staff.demo.toml")["staff"]
    known = _read("preferences.demo.toml")
    rows, problems = exchange.read_csv(config_folder() / "customers.demo.csv")
    if problems:
        raise ValueError(f"the demo's customers: line {problems[0].line}: {problems[0].reason}")
    names = {m["id"]: m["name"] for m in members}
    pins = {m["id"]: make_pin() for m in members}
    now = time.time()

    def change(tx: Tx) -> None:
        for m in members:
            zones, languages = m.get("zones", []), m.get("languages", [])
            member = staff.Staff(m["id"], m["name"], m["roles"], zones, languages, hash_now(pins[m["id"]]))
            staff.put_staff(tx, member, now)
        exchange.import_rows(tx, rows, now)
        for fact in known["preferences"]:
            preferences.add(tx, _preference(fact, names, now))
        for thing in known["promises"]:
            promises.save(tx, _owed(thing, now), at=now)
        for customer, days in _days(known):
            _visit(tx, customer, now - days * DAY)
        for wish in known["wishes"]:
            _wish(tx, wish["customer"], wish["wishes"], now)

    store = Store.open(data, source=f"/venues/{config.venue.id}")
    try:
        store.call(change)
    finally:
        store.close()
    return {m["id"]: (pins[m["id"]], ", ".join(m["roles"])) for m in members}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((config_folder() / name).read_text("utf-8"))


def _days(known: dict[str, Any]) -> list[tuple[str, int]]:
    """When customers were here: on the days on which something was learnt of them or promised."""
    facts = [*known["preferences"], *known["promises"]]
    return sorted({(fact["customer"], fact["days_ago"]) for fact in facts}, key=lambda each: -each[1])


def _visit(tx: Tx, customer: str, at: float) -> None:
    visit = Visit(new_id(at), customer, "lounge", at, at)
    visits.open(tx, visit)
    visits.close(tx, visit.id, at + STAYED)


def _preference(fact: dict[str, Any], names: dict[str, str], now: float) -> Preference:
    at = now - fact["days_ago"] * DAY
    facts = {k: v for k, v in fact.items() if k != "days_ago"}
    return Preference(id=new_id(at), at=at, by_name=names.get(fact["by"], ""), **facts)


def _owed(thing: dict[str, Any], now: float) -> dict[str, Any]:
    at = now - thing["days_ago"] * DAY
    due = now + thing["due_in_hours"] * HOUR if "due_in_hours" in thing else None
    facts = {k: thing[k] for k in ("kind", "customer", "text", "owner", "by")}
    open_ = {"visit": None, "state": "open", "closed_by": None, "closed_at": None, "note": None}
    return {"id": new_id(at), **facts, "at": at, "due": due, **open_}


def _wish(tx: Tx, customer: str, wishes: list[str], now: float) -> None:
    known = customers.get_customer(tx.db, customer)
    if known is None:
        raise ValueError(f"the demo's wishes: no customer {customer!r}")
    facts = {name: getattr(known, name) for name in customers.FACTS}
    customers.put_customer(tx, customer, {**facts, "wishes": wishes}, now)

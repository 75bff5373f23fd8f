"""What the demo's venue knows when it opens: its staff, its customers, and what was learnt about them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from gateway.commands.alone import Alone, opened
from gateway.core.actions.expected import day as venue_day
from gateway.core.actions.expected import told
from gateway.events.event import News
from gateway.events.times import DAY, iso, new_id, now
from gateway.pins import hash_now
from gateway.recognition.expected import ExpectedVisit
from gateway.records import exchange, reading, rounds, service_files, staff
from gateway.records.doubtful import Doubts
from gateway.records.import_plan import finished, plan
from gateway.records.values import starter
from gateway.resources import config_folder
from gateway.service.menus import menu_data
from gateway.service.owed import Owed
from gateway.settings.venue import VenueConfig

HOUR = 3600.0
STAYED = 2 * HOUR
Facts = dict[str, Any]


def fill(
    data: Path, config: VenueConfig, make_pin: Callable[[], str], *, guests: bool = True, shared: bool = False
) -> dict[str, tuple[str, str]]:
    """Fills a data folder, what it knows already left as it is; answers each person's PIN and roles by id.

    Without ``guests`` it knows nobody but its staff. Where they are ``shared``, they agreed to be known in all venues
    of the house.
    """
    members: list[Facts] = _read("staff.demo.toml")["staff"]
    known = _read("preferences.demo.toml")
    names = {m["id"]: m["name"] for m in members}
    pins = {m["id"]: make_pin() for m in members}
    at = now()
    with opened(data, config.venue.id) as alone:
        news = [_member(alone, each, pins[each["id"]]) for each in members]
        news += _customers(alone, at, shared=shared) if guests else []
        new = {each.data["alias"]: each.subject for each in news if each.type == "customer.enrolled"}
        known = _of_these(known, new)
        history = [*_visits(known, at), *_learnt(known, names, at), *_wishes(known)]
        news += [*_menus(config.venue.id), *_expected(known, config, at)] if history else []
        if not guests and not any(True for _ in rounds.menus(alone.store.reader)):
            news += _menus(config.venue.id)
        alone.record([*news, *history])
    return {m["id"]: (pins[m["id"]], ", ".join(m["roles"])) for m in members}


def _of_these(known: Facts, ids: Mapping[str, str]) -> Facts:
    """What is known of those who are new, by our ids for them."""
    return {
        kind: [{**row, "customer": ids[row["customer"]]} for row in rows if row["customer"] in ids]
        for kind, rows in known.items()
    }


def _read(name: str) -> Facts:
    return tomllib.loads((config_folder() / name).read_text("utf-8"))


def _member(alone: Alone, member: Facts, pin: str) -> News:
    id_ = member["id"]
    facts = {"staff": id_, "name": member["name"], "roles": member["roles"]}
    places = {"zones": member.get("zones", []), "languages": member.get("languages", [])}
    hired = staff.get_staff(alone.store.reader, id_) is None
    return News("staff.changed", id_, {**facts, **places, "pin_hash": hash_now(pin), "hired": hired, "new_pin": True})


def _customers(alone: Alone, at: float, *, shared: bool) -> list[News]:
    raw = (config_folder() / "customers.demo.csv").read_bytes()
    if shared:
        raw = raw.replace(b"keep_preferences", b"keep_preferences;share_houses")
    rows, problems = exchange.read_csv(raw)
    if problems:
        raise ValueError(f"the demo's customers: line {problems[0].line}: {problems[0].reason}")
    document = exchange.document_of(raw)
    with closing(alone.store.open_reader()) as reader:
        news, done = plan(reader, rows, at, Doubts(), document=document, source="demo")
    return [*news, finished(done, document)]


def _visits(known: Facts, at: float) -> Iterator[News]:
    """When customers were here: on the days on which something was learnt of them or promised."""
    facts = [*known["preferences"], *known["promises"]]
    for customer, days in sorted({(fact["customer"], fact["days_ago"]) for fact in facts}, key=lambda each: -each[1]):
        came = at - days * DAY
        left, visit = came + STAYED, new_id(came)
        where = {"visit": visit, "customer": customer, "zone": "lounge", "since": iso(came), "late": True}
        sure = {"confidence": 1.0, "reason": "the demo's story", "evidence": {}}
        yield News(
            "visit.arrived", customer, {**where, **sure, "at": iso(came), "party": visit, "companions": 0}, at=came
        )
        yield News("visit.departed", customer, {**where, **sure, "at": iso(left), "because": None}, at=left)


def _learnt(known: Facts, names: dict[str, str], at: float) -> Iterator[News]:
    for fact in known["preferences"]:
        said = at - fact["days_ago"] * DAY
        facts = {key: value for key, value in fact.items() if key != "days_ago"}
        read = reading.read(starter(), fact["category"], fact["value"], polarity=fact["polarity"], asked=True)
        names_none: Facts = {"corrects": [], "retracts": [], "replaces": [], "reason": None}
        kept = {"category": read.category, "code": read.code, "lang": read.lang, "polarity": read.polarity}
        whole = {"id": new_id(said), **facts, **kept, **names_none, "at": iso(said), "visit": None}
        yield News(
            "preference.recorded",
            fact["customer"],
            {**whole, "by_name": names.get(fact["by"], "")},
            actor=fact["by"],
            at=said,
        )
    for thing in known["promises"]:
        said = at - thing["days_ago"] * DAY
        due = at + thing["due_in_hours"] * HOUR if "due_in_hours" in thing else None
        facts = {key: thing[key] for key in ("kind", "customer", "text", "owner", "by")}
        owed = Owed(id=new_id(said), **facts, visit=None, at=said, due=due)
        type_ = "complaint.opened" if owed.kind == "complaint" else "promise.made"
        yield News(type_, owed.customer, owed.data(), actor=owed.by, at=said)


def _menus(venue: str) -> Iterator[News]:
    """What there is to eat."""
    found = service_files.menus((config_folder() / "menu.demo.csv").read_bytes(), lambda _: None)
    for menu in dict.fromkeys(menu for _, (menu, _) in found.rows):
        items = [item for _, (name, item) in found.rows if name == menu]
        yield News("menu.changed", venue, menu_data(menu, menu, items, [item["id"] for item in items]))


def _expected(known: Facts, config: VenueConfig, at: float) -> Iterator[News]:
    """Who is expected, on the day of the venue on which the demo starts."""
    begins, ends = venue_day(config.venue.timezone, at)
    for row in known["expected"]:
        place, note = row["place"], row["note"] or None
        yield told(ExpectedVisit(new_id(at), row["customer"], row["customer"], begins, ends, place, note))


def _wishes(known: Facts) -> Iterator[News]:
    for wish in known["wishes"]:
        customer = wish["customer"]
        yield News("wish.changed", customer, {"customer": customer, "wishes": wish["wishes"], "was": []})

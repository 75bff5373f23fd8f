"""What a file brings: places beside those of the settings, who is expected, menus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from gateway.core.action import Action
from gateway.core.actions import expected, menus
from gateway.core.gateway import Gateway
from gateway.core.table import seated
from gateway.events.event import News
from gateway.records import service_files
from gateway.records.service_files import Read
from gateway.service.seating import Seat

Rows = list[tuple[int, Any]]


def read(house: Gateway, kind: str, raw: bytes) -> Read:
    """The rows of a file of this kind, and what is wrong with the others; raises Unreadable."""
    memory = house.memory
    if kind == "places":
        zones = [zone.id for zone in house.config.zones]
        return service_files.places(raw, zones, [each.place for each in memory.seating.own])
    if kind == "expected":
        return service_files.expected(raw, partial(_whose, house), memory.seating.places)
    catalogue = house.views.dining.catalogue
    return service_files.menus(raw, lambda row: menus.unknown_allergen(catalogue, row))


def _whose(house: Gateway, named: str) -> str | None:
    """The id of the customer who is named so; None where there is none."""
    found = house.memory.meet(house.names.ours(named))
    return found.id if found is not None else None


def bring(house: Gateway, kind: str, rows: Rows, by: str, now: float) -> Action:
    """The good rows of a file take effect; the answer is how many of them changed something."""
    return BRINGS[kind](house, rows, by, now)


def _places(house: Gateway, rows: Rows, by: str, now: float) -> Action:
    """These places are there beside the settings', and no others of earlier files; who sat elsewhere sits nowhere."""
    seating = house.memory.seating
    found = [place for _, places in rows for place in places]
    before = [each for each in seating.places.values() if each not in seating.own]
    old = [{"place": p.place, "zone": p.zone, "kind": p.kind, "group": p.group} for p in before]
    if found == old:
        return Action(0)
    there = {each["place"] for each in found} | {each.place for each in seating.own}
    gone = [Seat(s.visit, s.customer, None, now, "gone") for s in seating.all() if s.place not in there]
    changed = News("places.changed", house.config.venue.id, {"places": found})
    return Action(sum(each not in old for each in found), news=[*seated(house.memory, gone, by), changed])


def _expected(house: Gateway, rows: Rows, by: str, now: float) -> Action:
    """These are expected too; the same once more changes nothing."""
    done = expected.add_all(house, [row for _, row in rows], now)
    return Action(len(done.news), news=done.news)


def _menus(house: Gateway, rows: Rows, by: str, now: float) -> Action:
    """Each menu of the file is as the file says; its question stays, and what the kitchen can leave out."""
    of: dict[str, list[Mapping[str, Any]]] = {}
    for _, (menu, item) in rows:
        of.setdefault(menu, []).append(item)
    news: list[News] = []
    changed = 0
    for menu, items in of.items():
        before = house.memory.menus.find(menu)
        question = before.question if before is not None else menu.partition("-")[0]
        whole = []
        for item in items:
            was = before.items.get(item["id"]) if before is not None else None
            declared = {*(item["allergens"] or ()), *item["ingredients"]}
            kept = [code for code in was.without if code in declared] if was is not None else []
            whole.append({**item, "without": item["without"] or kept})
        done = menus.put(house, menu, question, whole)
        news += done.news
        changed += len(items) if done.news else 0
    return Action(changed, news=news, rests_on=frozenset(f"menu:{menu}" for menu in of))


BRINGS: Mapping[str, Callable[[Gateway, Rows, str, float], Action]] = {
    "places": _places,
    "expected": _expected,
    "menus": _menus,
}

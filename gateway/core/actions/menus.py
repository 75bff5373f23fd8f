"""Menus: written once, counted as often as somebody looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from gateway.core.action import Action
from gateway.core.gateway import Gateway
from gateway.core.shapes import Shape
from gateway.events import folds
from gateway.events.event import News
from gateway.records.values import Catalogue
from gateway.service.alert import Refused
from gateway.service.menus import Menu, item_data, item_from, menu_data

Row = Mapping[str, Any]
"""An item as an event holds it."""


def put(house: Gateway, menu: str, question: str, rows: Sequence[Row]) -> Action:
    """The menu is this from now on; raises Refused(422) for an allergen that nobody knows: it would warn of nothing.

    An item whose stock is another than before is counted as of now; of the others, what was ordered stays ordered.
    """
    before = house.memory.menus.find(menu)
    ids = [row["id"] for row in rows]
    twice = next((id_ for id_ in ids if ids.count(id_) > 1), None)
    if twice is not None:
        raise Refused(422, f"items: {twice!r} is there twice")
    for row in rows:
        reason = unknown_allergen(house.views.dining.catalogue, row)
        if reason is not None:
            raise Refused(422, f"items: {row['id']}: {reason}")
    data = menu_data(menu, question, rows, counted(before, rows))
    after = Menu(menu, question, {row["id"]: item_from(row) for row in rows}, _sold(before, data))
    same = before is not None and (before.question, before.items) == (after.question, after.items)
    news = [] if same else [News("menu.changed", house.config.venue.id, data)]
    return Action(house.views.dining.menu(after), news=news, rests_on=frozenset({f"menu:{menu}"}))


def stock(house: Gateway, menu: str, item: str, count: int | None) -> Action:
    """There are so many of an item as of now; None: nobody counts them."""
    before = house.memory.menus.get(menu)
    if item not in before.items:
        raise Refused(404, "there is no such item on this menu")
    rows = [
        {**item_data(each), "stock": count} if each.id == item else item_data(each) for each in before.items.values()
    ]
    data = menu_data(menu, before.question, rows, [item])
    after = Menu(menu, before.question, {row["id"]: item_from(row) for row in rows}, _sold(before, data))
    answer: Shape = house.views.dining.menu(after)
    news = News("menu.changed", house.config.venue.id, data)
    return Action(answer, news=[news], rests_on=frozenset({f"menu:{menu}"}))


def remove(house: Gateway, menu: str) -> Action:
    """The menu is none any more; raises Refused(409) while a round goes by it."""
    there = house.memory.menus.get(menu)
    if any(each.menu == menu for each in house.memory.rounds.all()):
        raise Refused(409, "a round goes by this menu; end it first")
    data = {**menu_data(menu, there.question, [], []), "removed": True}
    return Action(None, 204, news=[News("menu.changed", house.config.venue.id, data)])


def counted(before: Menu | None, rows: Sequence[Row]) -> list[str]:
    """The items that are counted anew by these rows."""
    if before is None:
        return [row["id"] for row in rows]
    return [row["id"] for row in rows if row["id"] not in before.items or before.items[row["id"]].stock != row["stock"]]


def unknown_allergen(catalogue: Catalogue, row: Row) -> str | None:
    """Why what is declared of an item cannot be right; None where it can."""
    known = known_things(catalogue)
    for member in ("allergens", "may_contain"):
        for code in row[member] or ():
            if code not in known:
                near = get_close_matches(code, known, n=1)
                return f"{member}: nobody knows {code!r}" + (f"; did you mean {near[0]!r}?" if near else "")
    within = {*(row["allergens"] or ()), *row["ingredients"]}
    out = next((code for code in row["without"] if code not in within), None)
    return None if out is None else f"without: {out!r} is not in it"


def known_things(catalogue: Catalogue) -> set[str]:
    """The things that an allergy may be about, and their families."""
    about = {value.about for value in catalogue.values.values() if value.category in ("allergy", "dislike")}
    return about | set(catalogue.within) | set(catalogue.within.values())


def _sold(before: Menu | None, data: Row) -> dict[str, int]:
    return folds.counted_after(before.sold if before is not None else {}, data)

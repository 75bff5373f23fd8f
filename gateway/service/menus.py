"""Menus: what there is, for which question, what is declared of it, and how many are left."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.events import folds
from gateway.service.alert import Refused
from reader_drivers.texts import folded


@dataclass(slots=True, frozen=True)
class Item:
    """A dish: ``allergens`` None is not declared; ``without`` is what the kitchen can leave out, ``stock`` how many."""

    id: str
    labels: Mapping[str, str]
    allergens: tuple[str, ...] | None
    may_contain: tuple[str, ...]
    ingredients: tuple[str, ...]
    without: tuple[str, ...]
    stock: int | None


@dataclass(slots=True)
class Menu:
    """A menu, and how many of each item were ordered since they were counted."""

    menu: str
    question: str
    items: dict[str, Item]
    sold: dict[str, int] = field(default_factory=dict)

    def item(self, item: str) -> Item:
        """The item of this id; raises Refused(422)."""
        try:
            return self.items[item]
        except KeyError:
            raise Refused(422, f"there is no {item!r} on this menu") from None

    def named(self, words: str) -> Item | None:
        """The item that is called so, in whatever language; None where none is."""
        said = folded(words)
        return next((each for each in self.items.values() if said in map(folded, each.labels.values())), None)

    def left(self, item: str) -> int | None:
        """How many are not ordered yet, negative where too many were; None where nobody counts them."""
        found = self.items.get(item)
        return None if found is None or found.stock is None else found.stock - self.sold.get(item, 0)


class Menus:
    """The menus of the house."""

    def __init__(self) -> None:
        self._menus: dict[str, Menu] = {}

    def get(self, menu: str) -> Menu:
        """The menu of this name; raises Refused(404)."""
        try:
            return self._menus[menu]
        except KeyError:
            raise Refused(404, "there is no such menu") from None

    def find(self, menu: str | None) -> Menu | None:
        """The menu of this name, or None."""
        return self._menus.get(menu or "")

    def for_question(self, question: str) -> Menu | None:
        """The menu for a question, where there is one and no more."""
        found = [each for each in self._menus.values() if folded(each.question) == folded(question)]
        return found[0] if len(found) == 1 else None

    def all(self) -> list[Menu]:
        """Every menu, by name."""
        return [self._menus[name] for name in sorted(self._menus)]

    def put(self, data: Mapping[str, Any]) -> None:
        """A menu is as an event says from now on; what was ordered of items that were not counted anew stays so."""
        if data["removed"]:
            self._menus.pop(data["menu"], None)
            return
        before = self._menus.get(data["menu"])
        items = {row["id"]: item_from(row) for row in data["items"]}
        sold = folds.counted_after(before.sold if before is not None else {}, data)
        self._menus[data["menu"]] = Menu(data["menu"], data["question"], items, sold)

    def ordered(self, data: Mapping[str, Any]) -> None:
        """There is one less of an item, and one more of another, as an event says."""
        found = self._menus.get(data["menu"] or "")
        if found is not None:
            found.sold = folds.sold_after(found.sold, data)

    def restore(self, data: Mapping[str, Any], sold: Mapping[str, int]) -> None:
        """Takes back a menu as it was written."""
        self.put({**data, "removed": False, "counted": []})
        self._menus[data["menu"]].sold = dict(sold)


def item_from(row: Mapping[str, Any]) -> Item:
    """The item that an event holds."""
    allergens = row["allergens"]
    return Item(
        row["id"], dict(row["labels"]), None if allergens is None else tuple(allergens),
        tuple(row["may_contain"]), tuple(row["ingredients"]), tuple(row["without"]), row["stock"],
    )  # fmt: skip


def item_data(item: Item) -> dict[str, Any]:
    """An item as an event holds it."""
    return {
        "id": item.id,
        "labels": dict(item.labels),
        "allergens": None if item.allergens is None else list(item.allergens),
        "may_contain": list(item.may_contain),
        "ingredients": list(item.ingredients),
        "without": list(item.without),
        "stock": item.stock,
    }


def menu_data(menu: str, question: str, items: Iterable[Mapping[str, Any]], counted: Iterable[str]) -> dict[str, Any]:
    """What ``menu.changed`` holds."""
    return {
        "menu": menu,
        "question": question,
        "items": [dict(row) for row in items],
        "counted": sorted(counted),
        "removed": False,
    }

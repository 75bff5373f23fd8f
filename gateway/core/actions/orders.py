"""An answer that is an order: which round and menu it is of, and whether it may be taken for this guest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.core.gateway import Gateway
from gateway.records import rounds as written
from gateway.service.alert import Refused
from gateway.service.asks import Ask, Order, Reason
from gateway.service.menus import Item, Menu
from gateway.service.rounds import Round, round_from

AGAINST_ALLERGY = "against-allergy"  # the type of the problem


@dataclass(slots=True, frozen=True)
class Said:
    """What a tablet says of an order: the words, or an item; and what whoever takes it knows of and does about that."""

    answer: str | None = None
    item: str | None = None
    menu: str | None = None
    round: str | None = None
    without: tuple[str, ...] = ()
    despite: tuple[str, ...] = ()
    reason: Reason | None = None
    note: str | None = None

    @property
    def orders(self) -> bool:
        """Whether there is an answer at all."""
        return self.answer is not None or self.item is not None


def draft(house: Gateway, visit: str, question: str, said: Said) -> Order:
    """The answer, before it is held against what is known of the guest; raises Refused(422)."""
    round_ = round_of(house, visit, question, said)
    menu, item = dish(house, question, said, round_)
    return Order(
        answer=said.answer or (item.labels["en"] if item is not None else ""),
        round=round_,
        menu=menu.menu if menu is not None else None,
        item=item.id if item is not None else None,
        labels=dict(item.labels) if item is not None else None,
        without=said.without,
        note=said.note,
    )


def checked(house: Gateway, customer: str, order: Order, said: Said) -> Order:
    """The order as it may be taken for this guest; raises Refused(409) with what is known against it.

    Whoever takes it all the same names every fact that it goes against, and says why.
    """
    menu = house.memory.menus.find(order.menu)
    item = menu.items.get(order.item or "") if menu is not None else None
    warnings = house.views.dining.warnings(customer, item, order.answer, order.without)
    if any(each["fact"] not in said.despite for each in warnings):
        words = "this goes against what is known of the guest"
        raise Refused(409, words, type=AGAINST_ALLERGY, warnings=warnings)
    if not warnings:
        return order
    if said.reason is None:
        raise Refused(422, "reason: expected guest_confirmed, prepared_without or other")
    if said.reason == "other" and said.note is None:
        raise Refused(422, "note: expected words, where the reason is another")
    despite = tuple(each["fact"] for each in warnings)
    return replace(order, despite=despite, reason=said.reason, warnings=tuple(warnings))


def round_of(house: Gateway, visit: str, question: str, said: Said) -> str | None:
    """The round that an answer belongs to: the one that is named, else the one that asks this of the guest."""
    if said.round is not None:
        if house.memory.rounds.find(said.round) is None and written.get(house.store.reader, said.round) is None:
            raise Refused(422, "there is no such round")
        return said.round
    found = house.memory.rounds.asking(visit, question)
    return found.id if found is not None else None


def dish(house: Gateway, question: str, said: Said, round_: str | None) -> tuple[Menu | None, Item | None]:
    """The menu and the item of it that are meant, also by its name in words; raises Refused(422)."""
    menus = house.memory.menus
    if said.menu is not None:
        menu = menus.find(said.menu)
    else:
        of_round = menu_of(house, round_)
        menu = menus.find(of_round) if of_round is not None else menus.for_question(question)
    if said.item is None:
        item = menu.named(said.answer or "") if menu is not None else None
    elif menu is None:
        raise Refused(422, "there is no such menu")
    else:
        item = menu.item(said.item)
    if item is None:
        return None, None
    left_out(item, said.without)
    return menu, item


def left_out(item: Item, without: Sequence[str]) -> None:
    """Raises Refused(422) for what the kitchen cannot leave out of a dish."""
    for code in without:
        if code not in item.without:
            raise Refused(422, f"the kitchen cannot leave {code!r} out of this")


def menu_of(house: Gateway, round_: str | None) -> str | None:
    """The menu of a round, also of one that is over."""
    found: Round | None = house.memory.rounds.find(round_)
    if found is None and round_ is not None:
        document = written.get(house.store.reader, round_)
        found = round_from(document) if document is not None else None
    return found.menu if found is not None else None


def attempted(house: Gateway, of: str, said: Said) -> Ask | None:
    """What would have been ordered, of the visit or the ask ``of``; None where the guest is not here any more."""
    ask = house.memory.asks.find(of)
    stay = house.memory.stays.of(ask.visit if ask is not None else of)
    if stay is None:
        return None
    ask = ask or Ask(of, stay.visit, stay.customer, "", "", 0.0)
    menus = [house.memory.menus.find(said.menu)] if said.menu is not None else house.memory.menus.all()
    items = (menu.items.get(said.item or "") for menu in menus if menu is not None)
    item = next((each for each in items if each is not None), None)
    labels = dict(item.labels) if item is not None else dict.fromkeys(("zh-CN", "en"), said.answer or "")
    return replace(ask, item=said.item, labels=labels)

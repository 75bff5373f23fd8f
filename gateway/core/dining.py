"""What guests may not have, against what there is: warnings of a dish, care of a plate; menus and rounds as shown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from gateway.core.knowledge import Knowledge
from gateway.core.shapes import Shape, iso_or_none
from gateway.core.state import Memory
from gateway.events.times import iso
from gateway.records import dishes, said
from gateway.records.dishes import Dish, Warns
from gateway.records.preferences import Preference
from gateway.records.values import Catalogue
from gateway.service.asks import Ask
from gateway.service.menus import Item, Menu, item_data
from gateway.service.rounds import Plate, Round, Row
from reader_drivers.texts import folded


class Dining:
    """Reads memory; changes nothing."""

    def __init__(self, memory: Memory, knowledge: Knowledge, named: Callable[[str], Shape]) -> None:
        self._memory = memory
        self._knowledge = knowledge
        self._named = named
        knowledge.sold_out = self.sold_out

    @property
    def catalogue(self) -> Catalogue:
        """The values that facts may have."""
        return self._memory.known.catalogue

    def lines(self, customer: str) -> list[Preference]:
        """The facts that hold of a customer, in the order of the screen; none of who is to be verified by sight."""
        if self._memory.family.root(customer) in self._memory.doubts:
            return []
        return [line.fact for line in self._knowledge.holding(customer)]

    def sold_out(self, fact: Preference) -> bool:
        """Whether a menu names what somebody likes, and there is none of it left."""
        return any(
            left is not None and left <= 0 and self._same(fact, item)
            for menu in self._memory.menus.all()
            for item in menu.items.values()
            if (left := menu.left(item.id)) is not None
        )

    def _same(self, fact: Preference, item: Item) -> bool:
        """Whether a like is for this dish: by its code, or in the same words."""
        words = {said.plain(label) for label in item.labels.values()}
        value = self.catalogue.get(fact.code)
        if value is None:
            return said.plain(fact.value) in words
        return not words.isdisjoint(said.plain(word) for word in value.words)

    # --- warnings ----------------------------------------------------------------------------------------------------

    def warnings(self, customer: str, item: Item | None, answer: str, without: Sequence[str]) -> list[Shape]:
        """What speaks against this dish for this customer; of own words what is named in them."""
        dish = self._dish(item, answer, without)
        return [_warned(each) for each in dishes.warnings(dish, self.lines(customer), self.catalogue)]

    def flags(self, customer: str, plate: Plate | Ask, menu: Menu | None) -> list[Shape]:
        """What speaks against an order that was taken, as far as nobody said so when it was; allergies alone."""
        item = menu.items.get(plate.item or "") if menu is not None else None
        known = {(each["fact"], each["why"]) for each in plate.flagged}
        if isinstance(plate, Ask):
            known |= {(each["fact"], each["why"]) for each in plate.warnings}
        found = self.warnings(customer, item, plate.answer or "", plate.without)
        return [each for each in found if each["why"] != "avoid" and (each["fact"], each["why"]) not in known]

    def _dish(self, item: Item | None, answer: str, without: Sequence[str]) -> Dish:
        if item is None:
            return dishes.in_words(self.catalogue, answer)
        return dishes.prepared(item, without)

    # --- menus -------------------------------------------------------------------------------------------------------

    def menu(self, menu: Menu) -> Shape:
        """A menu with what is left of each item."""
        items = [{**item_data(item), "left": menu.left(item.id)} for item in menu.items.values()]
        return {"menu": menu.menu, "question": menu.question, "items": items}

    def menus(self) -> list[Shape]:
        """Every menu."""
        return [self.menu(each) for each in self._memory.menus.all()]

    # --- rounds ------------------------------------------------------------------------------------------------------

    def rounds(self, rounds: Iterable[Round] | None = None) -> list[Shape]:
        """These rounds as they stand; without any, those that go on."""
        return [self.round(each) for each in (self._memory.rounds.all() if rounds is None else rounds)]

    def of_customer(self, customer: str) -> list[Shape]:
        """The rounds that a customer is in."""
        here = self._memory.presence.where(self._memory.family.root(customer))
        return self.rounds(self._memory.rounds.of_visit(here.visit)) if here is not None else []

    def round(self, round: Round) -> Shape:  # noqa: A002
        """A round as it stands."""
        return {
            "id": round.id,
            "question": round.question,
            "zones": list(round.zones),
            "menu": round.menu,
            "state": "open" if round.ended_at is None else "ended",
            "by": round.by,
            "started_at": iso(round.started_at),
            "ended_at": iso_or_none(round.ended_at),
            "rows": [self._row(round, row) for row in round.rows],
            "counts": self._counts(round),
            "care": [care for plate in _in_rows(round) if (care := self._care(round, *plate)) is not None],
            "sequence": round.sequence,
            "acknowledged": dict(round.acknowledged) if round.acknowledged else None,
            "late_since": iso_or_none(round.late_since),
        }

    def _row(self, round: Round, row: Row) -> Shape:  # noqa: A002
        customer = self.guest_of(row.visit)
        named = self._named(customer) if customer is not None else {}
        plate = round.plate_at(row)
        asked = self._asked(round, row) if plate is None else None
        return {
            "row": row.row,
            "place": row.place,
            "state": row.state,
            "visit": row.visit,
            "customer": customer,
            "called": named.get("address_as") or named.get("name"),
            "order": _order(round, plate) if plate is not None else asked,
        }

    def guest_of(self, visit: str | None) -> str | None:
        """Whose visit it is, also of one that is over; None of none, and of who was erased."""
        return self._memory.whose(visit) if visit is not None else None

    def _asked(self, round: Round, row: Row) -> Shape | None:  # noqa: A002
        """What the guest of a row was asked in this round and has not answered yet."""
        for ask in self._memory.asks.of_visit(row.visit) if row.visit and row.state == "here" else ():
            if ask.state == "open" and folded(ask.question) == folded(round.question):
                nothing: Shape = {"item": None, "answer": None, "without": [], "despite": [], "reason": None}
                return {
                    "id": ask.id, "state": "open", **nothing, "note": None, "flagged": [], "wants_tap": False,
                    "sequence": 0, "by": ask.by, "at": iso(ask.at),
                }  # fmt: skip
        return None

    def _counts(self, round: Round) -> list[Shape]:  # noqa: A002
        menu = self._memory.menus.find(round.menu)
        items = [(item.id, item.labels) for item in menu.items.values()] if menu is not None else []
        counts = []
        for count in round.counts(items):
            left = menu.left(count.item) if menu is not None and count.item is not None else None
            counts.append(
                {
                    "item": count.item,
                    "answer": count.answer,
                    "labels": dict(count.labels) if count.labels else None,
                    "n": count.n,
                    "served": count.served,
                    "left": None if left is None else max(0, left),
                    "over": 0 if left is None else max(0, -left),
                }
            )
        return counts

    def _care(self, round: Round, plate: Plate, row: Row) -> Shape | None:  # noqa: A002
        """A plate that needs care; None where it needs none."""
        customer = plate.customer or self.guest_of(row.visit if row.state == "here" else None)
        lines = self._lines(customer, plate, round.menu) if customer is not None else []
        if not (lines or plate.without or plate.reason or plate.note or plate.flagged):
            return None
        return {
            "row": row.row,
            "place": row.place,
            "order": plate.id,
            "item": plate.item,
            "answer": plate.answer,
            "without": list(plate.without),
            "lines": lines,
            "reason": plate.reason,
            "note": plate.note,
            "served": plate.served,
            "wants_tap": plate.wants_tap,
        }

    def _lines(self, customer: str, plate: Plate, menu: str | None) -> list[Shape]:
        """What this guest must not or does not want to have, and how the plate touches it."""
        found = self._memory.menus.find(menu)
        item = found.items.get(plate.item or "") if found is not None else None
        catalogue, lines = self.catalogue, self.lines(customer)
        why = {
            each.fact: (each.why, each.code)
            for each in dishes.warnings(self._dish(item, plate.answer, plate.without), lines, catalogue)
        }
        shown = []
        for line in lines:
            eaten = line.category in said.EATEN
            if line.polarity == "allergy" or (line.polarity == "avoid" and eaten):
                value = catalogue.get(line.code)
                shown.append(
                    {
                        "polarity": line.polarity,
                        "code": line.code,
                        "about": value.about if value is not None else None,
                        "words": None if value is not None else line.value,
                        "why": why.get(line.id, (None, None))[0],
                        "touches": why.get(line.id, (None, None))[1],
                    }
                )
        return shown


def _in_rows(round: Round) -> list[tuple[Plate, Row]]:  # noqa: A002
    """The plates that still go to somebody, each with its row, by row."""
    found = [(plate, row) for plate in round.plates.values() if (row := round.row_for(plate)) is not None]
    here = [(plate, row) for plate, row in found if plate.visit is None or row.state == "here"]
    return sorted(here, key=lambda each: (each[1].row, each[0].sequence))


def _order(round: Round, plate: Plate) -> Shape:  # noqa: A002
    taken = plate.sequence <= round.seen
    return {
        "id": plate.id,
        "state": "served" if plate.served else "taken" if taken else "sent",
        "item": plate.item,
        "answer": plate.answer,
        "without": list(plate.without),
        "despite": list(plate.despite),
        "reason": plate.reason,
        "note": plate.note,
        "flagged": [dict(each) for each in plate.flagged],
        "wants_tap": plate.wants_tap,
        "sequence": plate.sequence,
        "by": plate.by,
        "at": iso(plate.at),
    }


def _warned(warns: Warns) -> dict[str, Any]:
    return {"fact": warns.fact, "why": warns.why, "code": warns.code}

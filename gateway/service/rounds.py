"""A round: a list by place that does not move, what was ordered, and what the galley has to plate.

Rows keep their position until the round ends. Who comes gets the row of their place, or the last; who leaves stays in
theirs, greyed, until somebody else takes the place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from gateway.events.times import iso, seconds
from gateway.service.alert import Refused
from gateway.service.asks import Ask
from reader_drivers.texts import folded

LATE_S = 60.0  # seconds: the galley has not seen an order for so long that the round says so
RowState = Literal["empty", "here", "left", "moved"]


@dataclass(slots=True, frozen=True)
class Row:
    """One row: its place, where it is one's, and whose it is."""

    row: int
    place: str | None = None
    visit: str | None = None
    state: RowState = "empty"

    def data(self) -> dict[str, Any]:
        """Its facts as an event holds them."""
        return {"row": self.row, "place": self.place, "visit": self.visit, "state": self.state}


@dataclass(slots=True, frozen=True)
class Plate:
    """An order: of the guest of ``visit``, or of a seat whose guest nobody knows.

    ``sequence`` is the event that brought it, ``received`` when (seconds since 1970 UTC). ``flagged`` is what is known
    against it since it was taken, ``seen`` whether the galley said it saw that.
    """

    id: str
    visit: str | None
    customer: str | None
    place: str | None
    item: str | None
    answer: str
    labels: Mapping[str, str] | None
    without: tuple[str, ...]
    despite: tuple[str, ...]
    reason: str | None
    note: str | None
    flagged: tuple[Mapping[str, Any], ...]
    seen: bool
    served: bool
    by: str
    at: float
    sequence: int
    received: float

    @property
    def wants_tap(self) -> bool:
        """Whether the galley has yet to say that it saw what is known against it."""
        return bool(self.flagged) and not self.seen and not self.served


@dataclass(slots=True)
class Count:
    """How many want one thing, and how many have it."""

    item: str | None
    answer: str
    labels: Mapping[str, str] | None
    n: int = 0
    served: int = 0


@dataclass(slots=True)
class Round:
    """A round and its orders; times in seconds since 1970 UTC."""

    id: str
    question: str
    zones: tuple[str, ...]
    menu: str | None
    by: str
    started_at: float
    rows: tuple[Row, ...]
    acknowledged: Mapping[str, Any] | None = None
    late_since: float | None = None
    ended_at: float | None = None
    plates: dict[str, Plate] = field(default_factory=dict)

    @property
    def sequence(self) -> int:
        """The newest event that brought an order."""
        return max((plate.sequence for plate in self.plates.values()), default=0)

    @property
    def seen(self) -> int:
        """The newest event that the galley has seen."""
        return int(self.acknowledged["sequence"]) if self.acknowledged else 0

    def row_of(self, visit: str) -> Row | None:
        """The row in which the guest of a visit is, or was last."""
        found = [row for row in self.rows if row.visit == visit]
        return next((row for row in found if row.state != "moved"), found[0] if found else None)

    def row_at(self, place: str) -> Row:
        """The row of a place; raises Refused(404)."""
        for row in self.rows:
            if row.place == place:
                return row
        raise Refused(404, f"there is no place {place!r} in this round")

    def plate_at(self, row: Row) -> Plate | None:
        """What is to be brought to a row: of the guest who is in it, else of its seat; the newest."""
        if row.visit is not None and row.state != "moved":
            found = [plate for plate in self.plates.values() if plate.visit == row.visit]
            if found:
                return max(found, key=lambda plate: plate.sequence)
        of_seat = [p for p in self.plates.values() if p.place == row.place and p.visit is None and row.place]
        return max(of_seat, key=lambda plate: plate.sequence) if of_seat else None

    def row_for(self, plate: Plate) -> Row | None:
        """Where a plate goes."""
        if plate.visit is not None:
            return self.row_of(plate.visit)
        return next((row for row in self.rows if row.place == plate.place), None)

    def counts(self, items: Iterable[tuple[str, Mapping[str, str]]]) -> list[Count]:
        """How many want what: the items of the menu in their order, then what else was answered."""
        found = {item: Count(item, labels["en"], labels) for item, labels in items}
        words: dict[str, Count] = {}
        for plate in self.plates.values():
            if plate.item is None:
                count = words.setdefault(folded(plate.answer), Count(None, plate.answer, None))
            else:
                count = found.setdefault(plate.item, Count(plate.item, plate.answer, plate.labels))
            count.n += 1
            count.served += plate.served
        return [*found.values(), *sorted(words.values(), key=lambda count: (-count.n, count.answer))]

    def waits_since(self) -> float | None:
        """Since when the oldest order waits that the galley has not seen; None where there is none."""
        return min((p.received for p in self.plates.values() if p.sequence > self.seen and not p.served), default=None)

    def late(self, now: float) -> float | None:
        """The same, where that is too long."""
        since = self.waits_since()
        return since if since is not None and now - since >= LATE_S else None


class Rounds:
    """The rounds that go on."""

    def __init__(self) -> None:
        self._rounds: dict[str, Round] = {}
        self._documents: dict[str, dict[str, Any]] = {}

    def get(self, round: str) -> Round:  # noqa: A002
        """The round that goes on; raises Refused(404)."""
        try:
            return self._rounds[round]
        except KeyError:
            raise Refused(404, "there is no such round, or it is over") from None

    def find(self, round: str | None) -> Round | None:  # noqa: A002
        """The round that goes on, or None."""
        return self._rounds.get(round or "")

    def all(self) -> list[Round]:
        """Every round that goes on, oldest first."""
        return list(self._rounds.values())

    def of_visit(self, visit: str) -> list[Round]:
        """Those in which the guest of a visit has a row, or ordered."""
        return [
            each
            for each in self._rounds.values()
            if each.row_of(visit) is not None or any(plate.visit == visit for plate in each.plates.values())
        ]

    def asking(self, visit: str, question: str) -> Round | None:
        """The round that asks this of the guest of a visit."""
        asked = folded(question)
        return next((each for each in self.of_visit(visit) if folded(each.question) == asked), None)

    def seat_order(self, round: str, order: str) -> dict[str, Any]:  # noqa: A002
        """What an event holds of the order of a seat; raises Refused(404)."""
        there = self._documents.get(round, {}).get("orders", {}).get(order)
        if there is None:
            raise Refused(404, "there is no such order in this round")
        return {name: value for name, value in there.items() if name not in ("sequence", "received")}

    def document(self, round: str) -> dict[str, Any] | None:  # noqa: A002
        """What was put last of a round that goes on."""
        return self._documents.get(round)

    def put(self, document: Mapping[str, Any]) -> None:
        """A round is as its document says; what guests ordered stays. One that has ended is gone."""
        if document["ended_at"] is not None:
            self._rounds.pop(document["id"], None)
            self._documents.pop(document["id"], None)
            return
        self._documents[document["id"]] = dict(document)
        before = self._rounds.get(document["id"])
        of_guests = [p for p in before.plates.values() if p.visit is not None] if before is not None else []
        made = round_from(document)
        self._rounds[made.id] = made
        for plate in of_guests:
            made.plates[plate.id] = plate

    def ordered(self, ask: Ask, sequence: int, at: float) -> None:
        """A guest's order is as ``ask`` says; asked anew it is none any more."""
        if ask.round is None:  # it counts for somebody else
            for each in self._rounds.values():
                each.plates.pop(ask.id, None)
        found = self._rounds.get(ask.round or "")
        if found is None:
            return
        there = found.plates.get(ask.id)
        if ask.state == "open":
            found.plates.pop(ask.id, None)
        elif there is not None:
            found.plates[ask.id] = plate_of(ask, there.sequence, there.received)
        else:
            found.plates[ask.id] = plate_of(ask, sequence, at)

    def forget_customer(self, customer: str) -> None:
        """The customer was erased: nothing of what they ordered is left."""
        for each in self._rounds.values():
            each.plates = {id_: p for id_, p in each.plates.items() if p.customer != customer}

    def shift_times(self, by: float) -> None:
        """The clock was set by so many seconds: what waits has waited as long as before."""
        for each in self._rounds.values():
            each.plates = {id_: replace(p, received=p.received + by) for id_, p in each.plates.items()}
        for document in self._documents.values():
            document["orders"] = {
                id_: {**order, "received": iso((seconds(order["received"]) or 0.0) + by)}
                for id_, order in document["orders"].items()
            }


def rows_at_first(places: Iterable[str], guests: Iterable[tuple[str, str | None]]) -> tuple[Row, ...]:
    """The rows of a round that begins: every place, empty ones too, then who has none."""
    rows = tuple(Row(n, place) for n, place in enumerate(places))
    return rows_after(rows, guests)


def rows_after(rows: Sequence[Row], guests: Iterable[tuple[str, str | None]]) -> tuple[Row, ...]:
    """The same rows, with the visits that are here now and the places that they have: none moves, none vanishes."""
    here = dict(guests)
    numbered = {row.place: row.row for row in rows if row.place is not None}
    after = [_without(row, here, numbered) for row in rows]
    last = {row.visit: row.row for row in after if row.place is None and row.visit is not None}
    for visit, place in here.items():
        if place in numbered:
            after[numbered[place]] = Row(numbered[place], place, visit, "here")
        elif visit in last:
            after[last[visit]] = Row(last[visit], None, visit, "here")
        else:
            after.append(Row(len(after), None, visit, "here"))
    return tuple(after)


def _without(row: Row, here: Mapping[str, str | None], numbered: Mapping[str, int]) -> Row:
    """A row as whoever was in it leaves it."""
    if row.visit is None:
        return row
    if row.visit not in here:
        return replace(row, state="left")
    place = here[row.visit]
    if row.place is not None:
        return row if row.place == place else Row(row.row, row.place)
    return replace(row, state="moved" if place in numbered else "here")


def plate_of(ask: Ask, sequence: int, received: float) -> Plate:
    """A guest's order."""
    return Plate(
        id=ask.id, visit=ask.visit, customer=ask.customer, place=None, item=ask.item, answer=ask.answer or "",
        labels=ask.labels,
        without=tuple(ask.without), despite=tuple(ask.despite), reason=ask.reason, note=ask.note,
        flagged=tuple(ask.flagged), seen=ask.seen_by is not None, served=ask.state == "served",
        by=ask.answered_by or ask.by, at=ask.answered_at or ask.at, sequence=sequence, received=received,
    )  # fmt: skip


def round_from(document: Mapping[str, Any]) -> Round:
    """The round that a document says, with the orders of its seats."""
    made = Round(
        id=document["id"], question=document["question"], zones=tuple(document["zones"]), menu=document["menu"],
        by=document["by"], started_at=seconds(document["at"]) or 0.0,
        rows=tuple(Row(each["row"], each["place"], each["visit"], each["state"]) for each in document["rows"]),
        acknowledged=document["acknowledged"], late_since=seconds(document["late_since"]),
        ended_at=seconds(document["ended_at"]),
    )  # fmt: skip
    for order in document["orders"].values():
        made.plates[order["id"]] = Plate(
            id=order["id"], visit=None, customer=None, place=order["place"], item=order["item"], answer=order["answer"],
            labels=order["labels"], without=tuple(order["without"]), despite=(), reason=None, note=order["note"],
            flagged=tuple(order["flagged"]), seen=order["seen_by"] is not None, served=order["served_at"] is not None,
            by=order["by"], at=seconds(order["at"]) or 0.0, sequence=order["sequence"],
            received=seconds(order["received"]) or 0.0,
        )  # fmt: skip
    return made

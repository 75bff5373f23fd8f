"""The asked-already guard: a question asked once in a visit is closed for everyone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal

from gateway.events import times
from gateway.service.alert import Refused
from reader_drivers.texts import folded

TIMES = frozenset({"at", "answered_at", "served_at", "seen_at"})
Reason = Literal["guest_confirmed", "prepared_without", "other"]


@dataclass(slots=True)
class Ask:
    """A question put to a customer in a visit, with its answer; times in seconds since 1970 UTC.

    With ``item`` the answer is an order of ``menu``: ``despite`` are the facts that it goes against and whoever took it
    knew of, ``warnings`` how; ``flagged`` came later, and ``seen_by`` says who in the galley has seen that.
    """

    id: str
    visit: str
    customer: str
    question: str
    by: str
    at: float
    state: Literal["open", "answered", "served"] = "open"
    count: int = 1
    answer: str | None = None
    answered_by: str | None = None
    answered_at: float | None = None
    served_by: str | None = None
    served_at: float | None = None
    round: str | None = None
    menu: str | None = None
    item: str | None = None
    labels: dict[str, str] | None = None
    without: list[str] = field(default_factory=list)
    despite: list[str] = field(default_factory=list)
    reason: Reason | None = None
    note: str | None = None
    warnings: list[dict[str, Any]] = field(default_factory=list)
    flagged: list[dict[str, Any]] = field(default_factory=list)
    seen_by: str | None = None
    seen_at: float | None = None
    slip: bool = False
    """Open once more because a tap was taken back, or the guest chose otherwise: nobody was asked again."""

    def data(self) -> dict[str, Any]:
        """Its facts as an event holds them."""
        return times.written(asdict(self), TIMES)

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Ask:
        """The ask that ``data`` was made of."""
        return cls(**times.read({name: data[name] for name in FACTS if name in data}, TIMES))


FACTS = tuple(each.name for each in fields(Ask))


@dataclass(slots=True, frozen=True)
class Order:
    """An answer: in words, or an item of a menu, and what whoever took it knew of and said about that."""

    answer: str
    round: str | None = None
    menu: str | None = None
    item: str | None = None
    labels: dict[str, str] | None = None
    without: tuple[str, ...] = ()
    despite: tuple[str, ...] = ()
    reason: Reason | None = None
    note: str | None = None
    warnings: tuple[dict[str, Any], ...] = ()

    def same(self, ask: Ask) -> bool:
        """Whether an ask has this answer already."""
        return (ask.answer, ask.item, sorted(ask.without)) == (self.answer, self.item, sorted(self.without))


def answered(ask: Ask, order: Order, by: str, at: float) -> Ask:
    """The ask with this answer."""
    return replace(
        ask, state="answered", answer=order.answer, answered_by=by, answered_at=at, round=order.round or ask.round,
        menu=order.menu, item=order.item, labels=order.labels, without=list(order.without),
        despite=list(order.despite), reason=order.reason, note=order.note,
        warnings=[dict(each) for each in order.warnings],
    )  # fmt: skip


def same(question: str) -> str:
    """What makes two questions one: case, width and white space do not."""
    return folded(question)


class Asks:
    """The asks of some visits, in memory: of those that are open, or of one that is over."""

    def __init__(self) -> None:
        self._asks: dict[str, Ask] = {}
        self._first: dict[tuple[str, str], str] = {}

    def restore(self, asks: Iterable[Ask]) -> None:
        """Takes back what was asked before the gateway stopped."""
        for ask in asks:
            self._keep(ask)

    # --- what would change --------------------------------------------------------------------------------------

    def ask(self, new: Ask, *, again: bool = False, slip: bool = False) -> Ask:
        """The question as it would stand; Refused(409) holds the first where it stands already, unless ``again``.

        ``slip``: it is open once more, and nobody was asked. The id of another question is refused likewise; the same
        ask sent once more is the ask that stands.
        """
        first = self._asks.get(self._first.get((new.visit, same(new.question)), ""))
        taken = self._asks.get(new.id)
        if taken is not None and taken is not first:
            raise Refused(409, "this id is another question's", ask=taken)
        if first is None:
            return new
        if first.id == new.id:
            if first.by != new.by:
                raise Refused(409, f"asked already: {first.question}", ask=first)
            return first
        if not again:
            raise Refused(409, f"asked already: {first.question}", ask=first)
        return replace(
            first, count=first.count + 1, state="open", by=new.by, at=new.at, round=new.round or first.round,
            answer=None, answered_by=None, answered_at=None, served_by=None, served_at=None, item=None, labels=None,
            without=[], despite=[], reason=None, note=None, warnings=[], flagged=[], seen_by=None, seen_at=None,
            slip=slip,
        )  # fmt: skip

    def answer(self, ask: str, order: Order, by: str, at: float) -> Ask:
        """The ask, answered for everyone; raises Refused(404), or Refused(409) where it has another answer already."""
        found = self.get(ask)
        if found.state == "open":
            return answered(found, order, by, at)
        if not order.same(found):
            raise Refused(409, f"answered already: {found.answer}", ask=found)
        return found

    def serve(self, ask: str, by: str, at: float) -> Ask:
        """The ask, served; the first who brought it stands. Raises Refused(404), Refused(409)."""
        found = self.get(ask)
        if found.state == "open":
            raise Refused(409, "there is no answer to serve yet", ask=found)
        return replace(found, state="served", served_by=by, served_at=at) if found.state == "answered" else found

    def take_back(self, ask: str) -> Ask:
        """The ask as if it had not been served: a tap on the wrong row. Raises Refused(404)."""
        found = self.get(ask)
        return replace(found, state="answered", served_by=None, served_at=None) if found.state == "served" else found

    # --- what has changed ---------------------------------------------------------------------------------------

    def put(self, ask: Ask) -> None:
        """Takes in an ask as it is from now on."""
        self._keep(ask)

    def get(self, ask: str) -> Ask:
        """The ask with this id; raises Refused(404)."""
        try:
            return self._asks[ask]
        except KeyError:
            raise Refused(404, "there is no such question in an open visit") from None

    def find(self, ask: str) -> Ask | None:
        """The ask with this id, or None."""
        return self._asks.get(ask)

    def standing(self, visit: str, question: str) -> Ask | None:
        """What was asked first of these words in this visit."""
        return self._asks.get(self._first.get((visit, same(question)), ""))

    def of_visit(self, visit: str) -> list[Ask]:
        """What was asked in this visit, in order."""
        return [a for a in self._asks.values() if a.visit == visit]

    def all(self) -> list[Ask]:
        """Everything asked in open visits."""
        return list(self._asks.values())

    def knows(self, ask: str) -> bool:
        """Whether this ask is in memory."""
        return ask in self._asks

    def close_visit(self, visit: str) -> None:
        """The visit is over: what was asked in it is history."""
        for ask in self.of_visit(visit):
            del self._asks[ask.id]
            self._first.pop((visit, same(ask.question)), None)

    def _keep(self, ask: Ask) -> None:
        self._asks[ask.id] = ask
        self._first.setdefault((ask.visit, same(ask.question)), ask.id)

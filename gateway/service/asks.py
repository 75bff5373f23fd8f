"""The asked-already guard: a question asked once in a visit is closed for everyone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from gateway.service.alert import Refused


@dataclass(slots=True)
class Ask:
    """A question put to a customer in a visit, with its answer; times in seconds since 1970 UTC."""

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


def same(question: str) -> str:
    """What makes two questions one: case, width and white space do not."""
    return " ".join(unicodedata.normalize("NFKC", question).casefold().split())


class Asks:
    """The asks of some visits, in memory: of those that are open, or of one that is over."""

    def __init__(self) -> None:
        self._asks: dict[str, Ask] = {}
        self._first: dict[tuple[str, str], str] = {}

    def restore(self, asks: Iterable[Ask]) -> None:
        """Takes back what was asked before the gateway stopped."""
        for ask in asks:
            self._keep(ask)

    def ask(self, new: Ask, *, again: bool = False) -> Ask:
        """Puts a question; Refused(409) holds the first ask where it stands already, unless ``again`` is meant."""
        key = (new.visit, same(new.question))
        first = self._asks.get(self._first.get(key, ""))
        if first is None:
            self._keep(new)
            return new
        if first.id == new.id:  # the same ask, sent once more
            return first
        if not again:
            raise Refused(409, f"asked already: {first.question}", ask=first)
        first.count += 1
        first.state, first.by, first.at = "open", new.by, new.at
        first.answer = first.answered_by = first.answered_at = None
        first.served_by = first.served_at = None
        return first

    def answer(self, ask: str, answer: str, by: str, at: float) -> Ask:
        """Closes a question for everyone; raises Refused(404), or Refused(409) where it has another answer already."""
        found = self.get(ask)
        if found.state == "open":
            found.state, found.answer, found.answered_by, found.answered_at = "answered", answer, by, at
        elif found.answer != answer:
            raise Refused(409, f"answered already: {found.answer}", ask=found)
        return found

    def serve(self, ask: str, by: str, at: float) -> Ask:
        """The customer has what they answered; the first who brought it stands. Raises Refused(404), Refused(409)."""
        found = self.get(ask)
        if found.state == "open":
            raise Refused(409, "there is no answer to serve yet", ask=found)
        if found.state == "answered":
            found.state, found.served_by, found.served_at = "served", by, at
        return found

    def take_back(self, ask: str) -> Ask:
        """The customer does not have it after all: a tap on the wrong row. Raises Refused(404)."""
        found = self.get(ask)
        if found.state == "served":
            found.state, found.served_by, found.served_at = "answered", None, None
        return found

    def get(self, ask: str) -> Ask:
        """The ask with this id; raises Refused(404)."""
        try:
            return self._asks[ask]
        except KeyError:
            raise Refused(404, "there is no such question in an open visit") from None

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

"""What is known of a customer as screens show it: which facts hold, which are aside and why, what may be suggested."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gateway.core.state import Memory
from gateway.records import said
from gateway.records.facts import Merged, merge, thing_of
from gateway.records.lines import HOLDS, Line, lines, slips
from gateway.records.preferences import Preference
from gateway.service import card


class OnCard(NamedTuple):
    """What a card shows of what is known of a customer."""

    avoid: Sequence[Line] = ()
    likes: Sequence[Line] = ()
    offer: Preference | None = None


class Knowledge:
    """Reads memory; changes nothing."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self.sold_out: Callable[[Preference], bool] = lambda _: False
        """Whether there is none of it left; set by whoever counts."""

    def keeps(self, customer: str) -> bool:
        """Whether the customer agrees that what is learnt of them is kept."""
        return self._memory.certain() < self._memory.known.of(customer).agreed_until

    def lines(self, customer: str, *, over: bool = True) -> list[Line]:
        """Every fact but slips, with its state, those that hold first; ``over``: also one-offs of earlier visits.

        Of who does not agree that it is kept, or was never asked, only what is for this visit alone.
        """
        facts, merged = self._shown(customer)
        return [line for line in lines(facts, merged) if over or line.state != "over"]

    def holding(self, customer: str) -> list[Line]:
        """The facts that hold, in the order of the screen."""
        return [line for line in self.lines(customer, over=False) if line.state == HOLDS]

    def line(self, fact: Preference) -> Line:
        """A fact as it stands among those of its customer: one that is not recorded yet as it will."""
        facts, merged = self._shown(fact.customer)
        if all(each.id != fact.id for each in facts):
            facts = [*facts, fact]
            merged = self._merged(fact.customer, facts)
        shown = {line.fact.id: line for line in lines(facts, merged, slips_too=True)}
        return shown[fact.id]

    def slips(self, customer: str) -> set[str]:
        """Ids of facts that were slips of a finger, and of what took them back."""
        known = self._memory.known.of(customer)
        return slips(known.facts, known.merged)

    def _shown(self, customer: str) -> tuple[list[Preference], Merged]:
        """The facts that may be shown, and what holds of them."""
        known = self._memory.known.of(customer)
        if self._memory.certain() < known.agreed_until:
            return known.facts, known.merged
        facts = [fact for fact in known.facts if fact.holder is not None]
        return facts, self._merged(customer, facts)

    def _merged(self, customer: str, facts: list[Preference]) -> Merged:
        """What the merge makes of these facts while the customer is here, or is not."""
        return merge(facts, self._memory.known.open_visits(customer), self._memory.known.catalogue)

    def on_card(self, customer: str, visit: str) -> OnCard:
        """What a card in this visit shows: all that harms or is avoided, every need, five likes, and one to offer."""
        holding, catalogue = self.holding(customer), self._memory.known.catalogue
        needs = {line.fact.id for line in holding if (value := catalogue.get(line.fact.code)) and value.need}
        likes = {fact.id for fact in card.best_likes([line.fact for line in holding], needs)}
        return OnCard(
            [line for line in holding if line.fact.polarity != "do"],
            [line for line in holding if line.fact.id in likes],
            next(self._offers(customer, visit), None) if holding else None,
        )

    def _offers(self, customer: str, visit: str) -> Iterator[Preference]:
        """What may be suggested in this visit, the best first: nothing that they had, and nothing sold out."""
        catalogue, (shown, merged) = self._memory.known.catalogue, self._shown(customer)
        facts, had = {fact.id: fact for fact in shown}, set(self._had(visit))
        for id_ in merged.offers:
            if thing_of(facts[id_], catalogue) not in had and not self.sold_out(facts[id_]):
                yield facts[id_]

    def _had(self, visit: str) -> Iterator[tuple[str, ...]]:
        """The things that were served in this visit, as a preference or as an answer."""
        memory = self._memory
        yield from (thing_of(fact, memory.known.catalogue) for fact in memory.known.served(visit))
        for ask in memory.asks.of_visit(visit):
            if ask.state == "served" and ask.answer:
                for category in ("drink", "food"):
                    value = memory.known.catalogue.get(said.code_of(memory.known.catalogue, category, ask.answer))
                    yield (value.about,) if value else ("eaten", said.plain(ask.answer))

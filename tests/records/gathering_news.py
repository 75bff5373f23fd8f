"""Something of each kind that happens to gatherings, proofs of ownership and introductions."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from gateway.events.event import HOUSE, News
from gateway.events.times import iso

STANDINGS = {
    "invitation.listed": "listed", "invitation.sent": "sent", "invitation.answered": "accepted",
    "invitation.attended": "attended",
}  # fmt: skip


def gathering(id_: str, **more: Any) -> dict[str, Any]:
    """A tasting."""
    facts: dict[str, Any] = {
        "id": id_,
        "kind": "tasting",
        "title": {"en": "Whisky"},
        "zones": ["bar"],
        "begins": iso(9.0),
    }
    facts |= {"ends": iso(99.0), "seats": 8, "hosts": ["lina"], "every": None, "offer_hours": 24, "split": None}
    facts |= {"budget_cents": None, "lists": [], "state": "draft", "reckoning": None, "by": "mei", "at": iso(1.0)}
    return {**facts, **more}


def invitation(id_: str, gathering: str, customer: str, standing: str) -> dict[str, Any]:
    """Somebody's invitation as it stands."""
    facts: dict[str, Any] = {"id": id_, "gathering": gathering, "customer": customer, "standing": standing}
    facts |= dict.fromkeys(("answered_at", "offered_until", "came", "went"))
    facts |= {"companions": 1, "reasons": ["tea"], "drawn": "00", "sent_at": iso(1.0), "by": "mei", "at": iso(1.0)}
    return facts


def any_of(r: Random, customer: str) -> Iterator[News]:
    """Something of each kind about this customer, some of it twice and some of it about what was never planned."""
    planned = f"g{r.randrange(3)}"
    yield News("gathering.opened", HOUSE, gathering(planned))
    yield News("gathering.changed", HOUSE, gathering(planned, state=r.choice(("open", "over"))))
    for type_, standing in STANDINGS.items():
        yield News(type_, customer, invitation(f"i-{planned}-{customer}", planned, customer, standing))
    owned = {"customer": customer, "brand": r.choice(("nord", "sud"))}
    seen = {"proof": "card", "seen_by": "lina", "seen_at": iso(1.0), "valid_until": "2027-01-01"}
    yield News("membership.seen", customer, {**owned, **seen})
    yield News("membership.ended", customer, owned)
    both = f"m{r.randrange(4)}"
    times = {"opened_at": iso(1.0), "lapses_at": iso(99.0)}
    pair = {"id": both, "one": "c-0", "other": "c-1", "why": "drink:tea"}
    yield News("introduction.opened", HOUSE, {**pair, **times, "by": "mei"})
    answer = {"id": both, "customer": customer, "answer": r.choice(("yes", "no", "later"))}
    yield News("introduction.answered", customer, {**answer, "by": "lina", "at": iso(2.0)})
    yield News("introduction.made", HOUSE, {"id": both, "at": iso(3.0)})
    yield News("introduction.stopped", HOUSE, {"id": both, "at": iso(4.0)})

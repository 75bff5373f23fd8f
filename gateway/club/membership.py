"""Proof that somebody owns what brings them here: that a document was seen, by whom and when; no copy and no number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

Proof = Literal["invoice", "registration", "contract", "card"]
PROOFS: tuple[Proof, ...] = get_args(Proof)


@dataclass(frozen=True, slots=True)
class Membership:
    """One brand's proof of one customer."""

    customer: str
    brand: str
    proof: Proof
    seen_by: str
    seen_at: str
    valid_until: str | None = None

    def is_live(self, day: str) -> bool:
        """Whether it holds on a day ``YYYY-MM-DD``."""
        return self.seen_at[:10] <= day and (self.valid_until is None or day <= self.valid_until)


def seen(
    customer: str, brand: str, proof: str, seen_by: str, seen_at: str, valid_until: str | None = None
) -> Membership:  # fmt: skip
    """A proof as it was seen; raises ValueError with what was expected."""
    if proof not in PROOFS:
        raise ValueError(f"proof: expected one of {', '.join(PROOFS)}; never what stands in the document")
    if valid_until is not None and date.fromisoformat(valid_until) < date.fromisoformat(seen_at[:10]):
        raise ValueError("valid_until: it had ended before it was seen")
    return Membership(customer, brand, proof, seen_by, seen_at, valid_until)

"""Why people left, as they or a person of ours told; what is not told stays unknown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.insight.shares import Share, share

TRADE: Mapping[str, int] = {
    "death": 1,
    "moved": 3,
    "taste": 4,
    "friend": 5,
    "better": 9,
    "product": 10,
    "indifference": 68,
}
"""Of a hundred who leave, as the trade says."""
OURS = ("repositioned", "discontinued", "our_terms", "our_threshold", "complaint_unsettled")
"""What we did ourselves: nobody chose to leave then."""
UNKNOWN = "unknown"
CAUSES = (*TRADE, *OURS, "price", "other", UNKNOWN)
INVOLUNTARY = frozenset({"death", "moved", *OURS})
TRADE_A_YEAR = 0.096
"""What the trade loses in a year."""


@dataclass(frozen=True, slots=True)
class Cause:
    """How many left for one cause, beside the trade's share; None where the trade has none."""

    cause: str
    voluntary: bool | None
    share: Share
    trade: float | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Everybody who left, by cause."""

    causes: tuple[Cause, ...]
    voluntary: int
    involuntary: int
    unknown: int
    lost: Share
    """Of who was with us when the year began; beside ``TRADE_A_YEAR``."""


def voluntary(cause: str) -> bool | None:
    """Whether they chose to leave; None where nobody knows."""
    return None if cause == UNKNOWN else cause not in INVOLUNTARY


def leaving(causes: Iterable[str], with_us: int) -> Leaving:
    """Those who left in a year by cause, the most first; ``with_us`` were customers when it began.

    Raises KeyError for a cause that is none.
    """
    counted = Counter(causes)
    if strange := set(counted) - set(CAUSES):
        raise KeyError(min(strange))
    number = counted.total()
    told = number - counted[UNKNOWN]
    rows = [
        Cause(
            cause,
            voluntary(cause),
            share(times, number if cause == UNKNOWN else told),
            TRADE[cause] / 100 if cause in TRADE else None,
        )
        for cause, times in sorted(counted.items(), key=lambda each: (-each[1], CAUSES.index(each[0])))
    ]
    chose = sum(times for cause, times in counted.items() if voluntary(cause))
    return Leaving(tuple(rows), chose, told - chose, counted[UNKNOWN], share(min(number, with_us), with_us))

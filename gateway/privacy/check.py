"""One of the forty checks: what it asks, how it is proven, and what was found in a house."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gateway.privacy.wording import Both

if TYPE_CHECKING:
    from gateway.privacy.evidence import Evidence

State = Literal["pass", "fail", "not here", "unproven"]
MOST_IDS = 20  # of what proves a finding, named in a report; how many there are is said beside


@dataclass(slots=True, frozen=True)
class Finding:
    """How a check ended, why in words, and the ids of the events, receipts or reports that show it."""

    state: State
    words: Both
    evidence: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Check:
    """A check by its number: what it asks, how it is proven, the command that shows it alone, and the look itself."""

    number: int
    title: Both
    how: Both
    look: Callable[[Evidence], Finding]
    command: str = ""


def passed(zh: str, en: str, evidence: Iterable[str] = ()) -> Finding:
    """It is as it should be."""
    return Finding("pass", Both(zh, en), tuple(evidence))


def failed(zh: str, en: str, evidence: Iterable[str] = ()) -> Finding:
    """It is not."""
    return Finding("fail", Both(zh, en), tuple(evidence))


def not_here(line: str) -> Finding:
    """It cannot happen in this house, as this line of ``venue.toml`` says, or its absence."""
    return Finding("not here", Both(f"本店没有：{line}", f"not in this house: {line}"))


def unproven(zh: str, en: str) -> Finding:
    """Nothing within 400 days shows that it is so, nor that it is not."""
    return Finding("unproven", Both(zh, en))

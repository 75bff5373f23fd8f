"""Labels: what staff's acts say about where somebody was, and how much a label is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["greeted", "told", "tap", "walk_test", "not_found"]
"""The act: a card closed as greeted or as not found, a chip ("she is upstairs"), a tap at a counter, a walk test."""

WEIGHT: dict[Source, float] = {"greeted": 0.7, "told": 1.0, "tap": 1.0, "walk_test": 3.0, "not_found": 1.0}
"""A greeting is confirmed in the zone that the card said, also by who found the guest one room on.

Who walks with a test tag stands in each zone to say so, and is believed like several guests.
"""


@dataclass(frozen=True, slots=True)
class Label:
    """Somebody was in ``zone`` at ``at`` (s since 1970 UTC), or was not, where ``source`` is ``not_found``."""

    customer: str
    zone: str
    at: float
    source: Source

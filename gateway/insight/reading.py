"""Reads what somebody else wrote, and keeps every mistake in words: where, what was given, what was expected."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

MOST = 20
"""How many mistakes are told at once."""


class BadWorld(Exception):
    """A file is no world; the text has one line for each mistake."""

    def __init__(self, mistakes: Iterable[str]) -> None:
        self.mistakes = tuple(mistakes)
        shown = list(self.mistakes[:MOST])
        if len(self.mistakes) > MOST:
            shown.append(f"and {len(self.mistakes) - MOST} more")
        super().__init__("\n".join(shown))


class Reading:
    """The mistakes found so far; after one, a harmless value of the right kind is handed back and reading goes on."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def wrong(self, at: str, given: object, expected: str) -> None:
        """Keeps one mistake."""
        self.mistakes.append(f"{at}: {_short(given)}; expected {expected}")

    def members(self, at: str, given: object) -> dict[str, Any]:
        """An object; none is an empty one."""
        if given is None:
            return {}
        if isinstance(given, dict):
            return given
        self.wrong(at, given, "an object")
        return {}

    def array(self, at: str, given: object) -> list[Any]:
        """An array; none is an empty one."""
        if given is None:
            return []
        if isinstance(given, list):
            return given
        self.wrong(at, given, "an array")
        return []

    def texts(self, at: str, given: object) -> list[str]:
        """An array of texts."""
        rows = self.array(at, given)
        for place, each in enumerate(rows):
            if not isinstance(each, str) or not each:
                self.wrong(f"{at}[{place}]", each, "a text")
        return [each for each in rows if isinstance(each, str) and each]

    def text(self, at: str, given: object) -> str:
        """A text that is not empty."""
        if isinstance(given, str) and given:
            return given
        self.wrong(at, given, "a text")
        return ""

    def words(self, at: str, given: object) -> str:
        """A text that may be empty or missing."""
        return "" if given is None or given == "" else self.text(at, given)

    def day(self, at: str, given: object) -> date:
        """A day."""
        if isinstance(given, str) and len(given) == 10:
            try:
                return date.fromisoformat(given)
            except ValueError:
                pass
        self.wrong(at, given, "a day such as 2026-11-28")
        return date(1970, 1, 1)

    def number(self, at: str, given: object) -> Fraction:
        """A number, exactly as it was written."""
        if isinstance(given, (int, Decimal, Fraction)) and not isinstance(given, bool) and _plain(given):
            return Fraction(given)
        self.wrong(at, given, "a number below a billion")
        return Fraction(0)


def _plain(given: int | Decimal | Fraction) -> bool:
    """Whether a number is of a size that money, minutes and shares have; others take long to be made exact."""
    if isinstance(given, Decimal) and not (int(given.as_tuple().exponent) >= -30 and given.adjusted() <= 12):
        return False
    return abs(Fraction(given)) <= 10**12


def _short(given: object) -> str:
    if isinstance(given, Decimal):
        return str(given)
    text = "nothing" if given is None else json.dumps(given, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else text[:77] + "…"

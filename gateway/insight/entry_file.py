"""One entry of a world file."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gateway.currencies import minor_digits
from gateway.insight.facts import LEVERS, WAYS, Entry, Lever, Rules
from gateway.insight.money import scale
from gateway.insight.reading import Reading

LARGEST = 10**9
"""The largest amount of one entry, in major units."""


def entry(
    at: str,
    given: Mapping[str, Any],
    reading: Reading,
    rules: Rules,
    customers: Collection[str],
    gatherings: Collection[str],
) -> Entry | None:
    """Reads one entry; None after a mistake, which ``reading`` keeps."""
    before = len(reading.mistakes)
    id_ = reading.text(f"{at}.id", given.get("id"))
    if given.get("reverses") is not None:
        reverses = reading.text(f"{at}.reverses", given["reverses"])
        return Entry(id_, "value", date.min, reverses=reverses)
    reader = _Entry(at, given, reading, rules)
    side = given.get("side")
    if side not in {"value", "cost"}:
        reading.wrong(f"{at}.side", side, "value or cost")
        return None
    currency = given.get("currency")
    if currency is not None and currency != rules.currency:
        reading.wrong(f"{at}.currency", currency, f"{rules.currency}: it is not converted")
    customer = reader.one_of("customer", customers, "the id of one of customers")
    gathering = reader.one_of("gathering", gatherings, "the id of one of gatherings")
    found = Entry(
        id_,
        side,
        reading.day(f"{at}.on", given.get("on")),
        customer,
        gathering,
        amount=reader.amount(side),
        **(reader.value(gathering) if side == "value" else reader.cost()),
        **reader.words(),
    )
    if (customer is None) == (gathering is None) and len(reading.mistakes) == before:
        expected = "a customer" if side == "value" else "a customer or a gathering, one of them"
        reading.wrong(f"{at}.customer", given.get("customer"), expected)
    return found if len(reading.mistakes) == before else None


class _Entry:
    """The members of one entry."""

    def __init__(self, at: str, given: Mapping[str, Any], reading: Reading, rules: Rules) -> None:
        self.at, self.given, self.reading, self.rules = at, given, reading, rules

    def one_of(self, name: str, known: Collection[str], expected: str) -> str | None:
        given = self.given.get(name)
        if given is None:
            return None
        if isinstance(given, str) and given in known:
            return given
        self.reading.wrong(f"{self.at}.{name}", given, expected)
        return None

    def amount(self, side: str) -> int | None:
        """A cost is above 0; a value may be below: what was brought back."""
        given = self.given.get("amount")
        if given is None:
            return None
        amount = self._minor("amount", given)
        if amount is not None and (amount == 0 or (side == "cost" and amount < 0) or not self._in_bounds(amount)):
            self.reading.wrong(f"{self.at}.amount", given, f"above 0 and at most {LARGEST}")
        return amount

    def value(self, gathering: str | None) -> dict[str, Any]:
        amount, margin = self.given.get("amount"), None
        if amount is None:
            self.reading.wrong(f"{self.at}.amount", amount, "an amount")
        if gathering is not None:
            self.reading.wrong(f"{self.at}.gathering", gathering, "a customer: value is somebody's")
        if self.given.get("margin") is not None:
            margin = self._minor("margin", self.given["margin"])
            known = isinstance(amount, (int, Decimal)) and not isinstance(amount, bool)
            if amount is not None and margin is not None and known and self.given["margin"] > amount > 0:
                self.reading.wrong(f"{self.at}.margin", self.given["margin"], f"at most the amount, {amount}")
        return {"margin": margin}

    def words(self) -> dict[str, Any]:
        """What people wrote; any of it may be missing."""
        names = ("budget", "line", "reason", "expects", "approver", "result")
        return {name: self.reading.words(f"{self.at}.{name}", self.given.get(name)) for name in names}

    def cost(self) -> dict[str, Any]:
        given, reading = self.given, self.reading
        minutes: Fraction | None = None
        role = None
        if given.get("amount") is None:
            if given.get("minutes") is None:
                reading.wrong(f"{self.at}.amount", None, "an amount, or minutes and a role")
            else:
                minutes = reading.number(f"{self.at}.minutes", given["minutes"])
                if not 0 < minutes <= 100_000:
                    reading.wrong(f"{self.at}.minutes", given["minutes"], "above 0 and at most 100000")
                role = given.get("role")
                if not isinstance(role, str) or role not in self.rules.hour:
                    reading.wrong(f"{self.at}.role", role, f"one of {', '.join(self.rules.hour)}")
        way = given.get("way", "other")
        if not isinstance(way, str) or way not in WAYS:
            reading.wrong(f"{self.at}.way", way, f"one of {', '.join(WAYS)}")
            way = "other"
        return {"minutes": minutes, "role": role, "way": way, "lever": self._lever()}

    def _lever(self) -> Lever | None:
        given = self.given.get("lever")
        for each in LEVERS:
            if given == each:
                return each
        if given is not None:
            self.reading.wrong(f"{self.at}.lever", given, f"one of {', '.join(LEVERS)}")
        return None

    def _minor(self, name: str, given: object) -> int | None:
        before = len(self.reading.mistakes)
        exact = self.reading.number(f"{self.at}.{name}", given) * scale(self.rules.currency)
        if len(self.reading.mistakes) > before:
            return None
        if exact.denominator != 1:
            digits = minor_digits(self.rules.currency)
            self.reading.wrong(
                f"{self.at}.{name}", given, f"at most {digits} digits after the point, as {self.rules.currency} has"
            )
            return None
        return exact.numerator

    def _in_bounds(self, amount: int) -> bool:
        return abs(amount) <= LARGEST * scale(self.rules.currency)

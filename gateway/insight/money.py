"""Money in minor units, exactly: what is rounded is rounded once, half away from zero."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from gateway.currencies import minor_digits


class TooManyDigits(ValueError):
    """An amount is finer than the currency's minor unit."""


def scale(currency: str) -> int:
    """How many minor units make one major unit."""
    units: int = 10 ** minor_digits(currency)
    return units


def minor(amount: Decimal | int, currency: str) -> int:
    """An amount in minor units; raises TooManyDigits where it is finer than those."""
    exact = Fraction(amount) * scale(currency)
    if exact.denominator != 1:
        raise TooManyDigits(f"{currency} has {minor_digits(currency)} digits after the point")
    return exact.numerator


def major(amount: int, currency: str) -> int | float:
    """Minor units as people write them: 497666 is 4976.66, 40000 is 400."""
    units = scale(currency)
    return amount // units if amount % units == 0 else amount / units


def nearest(exact: Fraction) -> int:
    """The nearest whole number, half away from zero."""
    return nearest_ratio(exact.numerator, exact.denominator)


def nearest_ratio(above: int, below: int) -> int:
    """The whole number nearest to above/below, half away from zero; ``below`` is above 0."""
    whole = (2 * abs(above) + below) // (2 * below)
    return whole if above >= 0 else -whole


def part(amount: int, share: Fraction) -> int:
    """A share of an amount in minor units, rounded once."""
    return nearest_ratio(amount * share.numerator, share.denominator)


def rounded(exact: Fraction, digits: int) -> float:
    """A number with so many digits after the point, half away from zero."""
    scale: int = 10**digits
    return nearest(exact * scale) / scale


def split(total: int, among: Iterable[str]) -> dict[str, int]:
    """Equal parts; minor units that are left over go one each to the lowest ids. Empty where there is nobody."""
    ids = sorted(set(among))
    if not ids:
        return {}
    part, left = divmod(total, len(ids))
    return {each: part + (place < left) for place, each in enumerate(ids)}

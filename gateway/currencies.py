"""How many digits after the point a currency has (ISO 4217): one table for what is counted and what is asked for."""

from __future__ import annotations

_NONE = (
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    "XPF",
)  # fmt: skip
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_DIGITS = {**dict.fromkeys(_NONE, 0), **dict.fromkeys(_THREE, 3)}


def minor_digits(currency: str) -> int:
    """How many digits after the point a currency has; two where it is not known for anything else."""
    return _DIGITS.get(currency, 2)

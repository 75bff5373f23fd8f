"""How long, in words for a log."""

from __future__ import annotations

DAY, HOUR, MINUTE = 86_400, 3_600, 60


def span(seconds: float) -> str:
    """A span of time in its two largest units, without its sign: ``410 d``, ``3 h 45 min``, ``120 s``."""
    whole = round(abs(seconds))
    if whole <= 2 * MINUTE:
        return f"{whole} s"
    for size, name, part, small in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", 1, "s")):
        if whole >= size:
            rest = round(whole % size / part)
            return f"{whole // size} {name}" + (f" {rest} {small}" if rest else "")
    return f"{whole} s"

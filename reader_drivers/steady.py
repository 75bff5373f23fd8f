"""The steady clock: seconds that nobody sets. Every interval is measured on it, and every read is stamped with it."""

from __future__ import annotations

import time

# Also while the machine sleeps time passes, where the system can tell.
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
_ZERO = time.time() - time.clock_gettime(_CLOCK)


def steady() -> float:
    """Seconds since 1970 UTC by the wall clock as it stood when this program began; it runs on, whoever sets that."""
    return _ZERO + time.clock_gettime(_CLOCK)

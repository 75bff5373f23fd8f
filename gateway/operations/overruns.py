"""Limits that somebody reached: said in the log and told to the managers, each once in a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Literal

log = logging.getLogger(__name__)

AGAIN_AFTER = 60.0  # seconds until the same is told of the same again
FRESH = 600.0  # seconds for which health says so
MOST = 500  # who reached what, at once

Kind = Literal["connections", "silent", "slow", "live", "pin", "pin_guessed", "pairing", "unproven", "broker", "origin"]
WORDS: dict[Kind, str] = {
    "connections": "more connections than one may have: they are refused",
    "silent": "more connections that ask nothing than one may have: the oldest are closed",
    "slow": "requests that do not come to an end: they are given up",
    "live": "more live screens than one may have: they are refused",
    "pin": "too many wrong PINs: it has to wait",
    "pin_guessed": "wrong PINs for one person from several devices",
    "pairing": "too many wrong pairing codes: it has to wait",
    "unproven": "a cookie was used without the key of the tablet it was given to: it is refused",
    "origin": "requests of another site's page: they are refused",
    "broker": "more connections to the embedded broker than one may have: they are refused or closed",
}
Tell = Callable[[Kind, str, int], None]


class Overruns:
    """Hears of every case, tells of the first and then once a minute; ``who`` is an address, a tablet or a person."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._told_at: dict[tuple[Kind, str], float] = {}
        self._since: dict[tuple[Kind, str], int] = {}
        self.tell: Tell = lambda _kind, _who, _count: None
        """Who else is told: the kind, who it was, and how often since the last time."""

    def note(self, kind: Kind, who: str) -> None:
        """Somebody reached a limit."""
        key, now = (kind, who), self._now()
        self._since[key] = self._since.get(key, 0) + 1
        if now - self._told_at.get(key, float("-inf")) < AGAIN_AFTER:
            return
        if len(self._told_at) >= MOST:
            self._forget(now)
        self._told_at[key] = now
        count = self._since.pop(key)
        log.warning("%s: %s (%d)", who, WORDS[kind], count)
        self.tell(kind, who, count)

    def why(self) -> list[str]:
        """What a person must know of it, for health, which names nobody."""
        now = self._now()
        fresh = {kind for (kind, _), at in self._told_at.items() if now - at < FRESH}
        return [f"a limit is reached: {WORDS[kind]}" for kind in sorted(fresh)]

    def _forget(self, now: float) -> None:
        self._told_at = {key: at for key, at in self._told_at.items() if now - at < AGAIN_AFTER}
        self._since = {key: count for key, count in self._since.items() if key in self._told_at}
        while len(self._told_at) >= MOST:
            key = next(iter(self._told_at))
            del self._told_at[key]
            self._since.pop(key, None)

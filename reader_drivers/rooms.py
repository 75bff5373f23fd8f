"""Which of the nodes behind one reader live: each speaks for a room, and may fall silent alone."""

from __future__ import annotations

from collections.abc import Iterable

MOST_ROOMS = 500
DEAD_AFTER = 60.0  # seconds without a word: four missed telemetries, which come every 15 s


class Rooms:
    """Which rooms' nodes live: telemetry and live sightings say so, ``offline`` and silence say no."""

    def __init__(self, expected: Iterable[str], since: float, dead_after: float = DEAD_AFTER) -> None:
        self._since = since
        self._dead_after = dead_after
        self._heard: dict[str, float] = dict.fromkeys(expected, since)
        self._offline: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._heard)

    def alive(self, room: str, at: float) -> None:
        """Something came from this room's node at ``at``, seconds."""
        if room in self._heard or len(self._heard) < MOST_ROOMS:
            self._heard[room] = at
            self._offline.discard(room)

    def online(self, room: str, at: float | None) -> None:
        """The broker says that this room's node is online; ``at`` is None where nobody knows since when."""
        if at is not None or room not in self._heard or room in self._offline:
            self.alive(room, self._since if at is None else at)

    def gone(self, room: str) -> None:
        """The broker says that this room's node is offline."""
        if room in self._heard or len(self._heard) < MOST_ROOMS:
            self._heard.setdefault(room, self._since)
            self._offline.add(room)

    def quiet(self, now: float) -> str | None:
        """Which rooms are deaf at ``now``, for a person; None while every node that is known lives."""
        if not self._heard:
            return "no node has spoken yet" if now - self._since > self._dead_after else None
        deaf = []
        for room, at in sorted(self._heard.items()):
            if room in self._offline:
                deaf.append(f"{room} is offline")
            elif now - at > self._dead_after:
                deaf.append(f"nothing from {room} for {now - at:.0f} s")
        return "; ".join(deaf) or None

"""Is the gateway alive, and not only there? Each thing that must work is asked for by doing it, and each may fail.

The disk takes what is written, the loop turns, the broker speaks, tablets are sent what happens.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from gateway.operations import notify
from gateway.records.stand_in import fault
from gateway.records.store import Store

log = logging.getLogger(__name__)

WRITE_EVERY = 10.0  # seconds between two commits where nobody else asks for one
LATE = 10.0  # seconds that a commit may take before it is told; a slow card takes a tenth of one
UNSENT = 15.0  # seconds: a tablet that takes nothing for five is closed, so this is our own fault
SILENT = 30.0  # seconds without a word of a broker that speaks every five
LOOK_AT_DISK_EVERY = 30.0
LITTLE = 64 * 1024 * 1024  # bytes of room that somebody must be told of
HUNG = 30.0  # seconds without an answer to a commit before the disk itself is asked
ANSWERS_WITHIN = 10.0
PROBE = 4096  # bytes
LAGS = 240  # turns of the pulse, some minute, whose worst is kept


class Vitals:
    """What must work, asked four times a second; ``unsent`` is for how long the slowest tablet has been owed a frame,
    ``silent`` since when the broker has said nothing, None where it is not asked."""

    def __init__(
        self,
        store: Store,
        *,
        unsent: Callable[[], float] = lambda: 0.0,
        silent: Callable[[], float | None] = lambda: None,
        now: Callable[[], float] = time.monotonic,
        probe: Callable[[Path], str | None] = lambda folder: fault(folder, PROBE),
    ) -> None:
        self._store = store
        self.unsent = unsent
        """For how many seconds the slowest tablet has been owed a frame, asked again and again."""
        self._silent = silent
        self._now = now
        self._probe = probe
        self._feed = notify.watchdog_interval()
        self._fed_at: float | None = None
        self._wrote_at = self._now()
        self._commits = -1
        self._turned_at: float | None = None
        self._lags: deque[float] = deque(maxlen=LAGS)
        self._looked_at = float("-inf")
        self._asked_at: float | None = None
        self._answered = threading.Event()
        self.free: int | None = None
        """Bytes of room on the disk of the records, as they were a while ago."""

    def turn(self, expected_s: float) -> None:
        """The loop has come round, ``expected_s`` after the last time if nothing held it up; feeds the watchdog."""
        now = self._now()
        if self._turned_at is not None:
            self._lags.append(max(0.0, now - self._turned_at - expected_s))
        self._turned_at = now
        self._have_something_written(now)
        if now - self._looked_at >= LOOK_AT_DISK_EVERY:
            self._looked_at = now
            threading.Thread(target=self._look_at_disk, name="disk", daemon=True).start()
        if self._feed is not None and (self._fed_at is None or now - self._fed_at >= self._feed) and self.fit():
            self._fed_at = now
            notify.alive()

    def fit(self) -> bool:
        """Whether the watchdog may be fed: nothing hangs that a new start would mend.

        A disk that takes nothing is no such thing. One that answers us while the writer waits for it is.
        """
        if not self._store.health["alive"]:
            return False
        if self.stuck_s < HUNG:
            self._asked_at = None
            return self.unsent_s < 2 * UNSENT
        now = self._now()
        if self._asked_at is None:
            self._asked_at, self._answered = now, threading.Event()
            threading.Thread(target=self._ask_disk, args=(self._answered,), name="disk", daemon=True).start()
        return not self._answered.is_set()

    def why(self) -> list[str]:
        """What a person must know; nothing where all is well."""
        said = []
        late = max(self.stuck_s, self.oldest_s)
        if late >= LATE:
            said.append(f"nothing has been written down for {late:.0f} s: the disk does not answer")
        if self.unsent_s >= UNSENT:
            said.append(f"a tablet has been owed what happens for {self.unsent_s:.0f} s")
        silent = self._silent()
        if silent is not None and silent >= SILENT:
            said.append(f"the MQTT broker is connected and has said nothing for {silent:.0f} s")
        if self.free is not None and self.free < LITTLE:
            said.append(f"the disk of the records has {self.free // (1024 * 1024)} MB left")
        return said

    @property
    def stuck_s(self) -> float:
        """For how many seconds the disk has owed an answer to a commit."""
        return float(str(self._store.health["stuck_s"]))

    @property
    def oldest_s(self) -> float:
        """How many seconds ago the oldest change that is not written was asked for."""
        return float(str(self._store.health["oldest_s"]))

    @property
    def unsent_s(self) -> float:
        """For how many seconds the slowest tablet has been owed a frame."""
        return self.unsent()

    @property
    def lag_s(self) -> float:
        """By how much the loop came round late at worst, over the last minute."""
        return max(self._lags, default=0.0)

    @property
    def watchdog_age_s(self) -> float | None:
        """How many seconds ago the watchdog was fed; None where nobody watches us."""
        return None if self._fed_at is None else self._now() - self._fed_at

    def _have_something_written(self, now: float) -> None:
        commits = int(str(self._store.health["commits"]))
        if commits != self._commits:
            self._commits, self._wrote_at = commits, now
        elif now - self._wrote_at >= WRITE_EVERY and self.oldest_s == 0:
            self._wrote_at = now
            self._store.beat()

    def _look_at_disk(self) -> None:
        try:
            there = os.statvfs(self._store.folder)
        except OSError:
            return
        self.free = there.f_bavail * there.f_frsize

    def _ask_disk(self, answered: threading.Event) -> None:
        began = time.monotonic()
        self._probe(self._store.folder)
        if time.monotonic() - began < ANSWERS_WITHIN:
            log.error("the writer waits for the disk, which answers everybody else: systemd may start us again")
            answered.set()

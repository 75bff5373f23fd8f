"""Readers that are plugged in and that no settings name, looked for while the house runs, for its screen."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

from gateway.operations import finding
from gateway.operations.finding import FoundReader, LeftAlone
from gateway.operations.keeper import Keeper
from gateway.operations.linux_ports import Linux

log = logging.getLogger(__name__)


class Busy(RuntimeError):
    """A look is under way."""


class Findings:
    """The latest look at every serial port; ports of readers that are kept are never touched."""

    def __init__(self, keepers: Sequence[Keeper], ports: Callable[[], Sequence[str]] | None = None) -> None:
        self._keepers = keepers
        self._ports = ports or (lambda: list(Linux().ports()))
        self._task: asyncio.Task[None] | None = None
        self._seen: list[FoundReader | LeftAlone] = []
        self._asks = False
        self._left = 0

    def begin(self, *, asks: bool) -> None:
        """Looks again; without ``asks`` nothing is written to any port. Raises Busy while a look is under way."""
        if self.looking:
            raise Busy("a look at the ports is under way")
        self._seen, self._asks = [], asks
        self._task = asyncio.create_task(self._look(asks=asks), name="findings")

    @property
    def looking(self) -> bool:
        """Whether a look is under way."""
        return self._task is not None and not self._task.done()

    def close(self) -> None:
        """Ends a look that is under way."""
        if self._task is not None:
            self._task.cancel()

    def look(self) -> dict[str, Any]:
        """What was found, and what was left alone and why; ``replaces`` are lost readers of the same kind."""
        known = {keeper.config.link for keeper in self._keepers}
        found = [each for each in self._seen if isinstance(each, FoundReader) and each.link not in known]
        return {
            "looking": self.looking,
            "asks": self._asks,
            "ports_left": self._left if self.looking else 0,
            "found": [self._shape(each) for each in found],
            "left_alone": [
                {"link": each.link, "reason": each.reason} for each in self._seen if isinstance(each, LeftAlone)
            ],
        }

    def _shape(self, each: FoundReader) -> dict[str, Any]:
        lost = [k.config.id for k in self._keepers if k.config.driver == each.driver and k.state == "lost"]
        return {
            "link": each.link, "driver": each.driver, "words": each.words, "settings": dict(each.settings),
            "replaces": lost,
        }  # fmt: skip

    async def _look(self, *, asks: bool) -> None:
        ports = await asyncio.to_thread(self._ports)
        self._left = len(ports)
        try:
            async for each in finding.on_ports(ports, [k.config.link for k in self._keepers], asks=asks):
                self._seen.append(each)
                self._left -= 1
        except OSError as error:
            log.warning("looking for readers ended: %s", error.strerror)

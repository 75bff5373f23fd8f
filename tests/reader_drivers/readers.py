"""Listening to a driver in the background of a test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from types import TracebackType
from typing import Any, Self

import pytest

from reader_drivers import ReaderLost, Sighting


class Heard:
    """Listens to a driver for as long as the context lasts; keeps what it said, and why it was lost."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.sightings: list[Sighting] = []
        self.batches = 0
        self.lost: str | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled() and (fault := self._task.exception()):
            raise fault

    async def _listen(self) -> None:
        try:
            async with aclosing(self.driver.listen()) as batches:
                async for batch in batches:
                    self.batches += 1
                    self.sightings += batch
        except ReaderLost as lost:
            self.lost = str(lost)


def about(at: float) -> Any:
    """Equal to any time within 10 ms of this one."""
    return pytest.approx(at, abs=0.01)


async def until(true: Callable[[], object], within: float = 40.0) -> None:
    """Returns as soon as something is so; fails when it is not within so many seconds."""
    give_up = time.monotonic() + within
    while not true():
        assert time.monotonic() < give_up, "it did not happen in time"
        await asyncio.sleep(0.005)

"""A reader that is kept: opened again when it is lost, its news told once each way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from gateway.operations import keeper as keepers
from gateway.operations.keeper import Keeper
from gateway.settings.venue import ReaderConfig
from reader_drivers import ReaderLost, Sighting
from reader_drivers.driver import Status

READER = ReaderConfig(id="door", driver="m100", link="/nowhere", role="inner", zone="entrance")


class Script:
    """A driver that plays what it was given: batches, and in the end the reason why it is lost."""

    def __init__(self, *steps: Any) -> None:
        self.status = Status()
        self._steps = steps

    async def listen(self) -> AsyncIterator[list[Sighting]]:
        for step in self._steps:
            await asyncio.sleep(0)
            if isinstance(step, BaseException):
                raise step
            if callable(step):
                step(self.status)
            else:
                yield step
        await asyncio.Event().wait()


class Kept:
    """A keeper with its drivers, one for each time it is opened, and all it has told."""

    def __init__(self, *drivers: Script) -> None:
        self.now = 1000.0
        self.told: list[tuple[str, str | None]] = []
        self.seen: list[Sighting] = []
        self.waits: list[float] = []
        self.drivers = list(drivers)
        self.played = asyncio.Event()
        self.keeper = Keeper(READER, self._next, self.seen.append, self._tell, lambda: self.now)  # type: ignore[arg-type]

    def _next(self) -> Script:
        if not self.drivers:
            self.played.set()
            return Script()
        return self.drivers.pop(0)

    def _tell(self, keeper: Keeper, type_: str) -> None:
        self.told.append((type_, keeper.reason))

    async def runs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Until the script is played; waiting takes no time but is written down."""
        sleep = asyncio.sleep

        async def no_time(seconds: float) -> None:
            if seconds:
                self.waits.append(seconds)
            await sleep(0)

        monkeypatch.setattr("gateway.operations.keeper.asyncio.sleep", no_time)
        life = asyncio.create_task(self.keeper.keep())
        playing = asyncio.create_task(self.played.wait())
        await asyncio.wait([life, playing], timeout=40, return_when=asyncio.FIRST_COMPLETED)
        await sleep(0)
        try:
            if life.done():
                await life
        finally:
            for task in (life, playing):
                task.cancel()
            await asyncio.gather(life, playing, return_exceptions=True)


def read(at: float) -> Sighting:
    return Sighting("door", None, "epc:1", -50.0, None, at)


async def test_lost_is_told_once_however_often_it_cannot_be_opened_and_back_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone = [Script(ReaderLost(f"no such device {n}")) for n in range(4)]
    kept = Kept(Script([], [read(1.0)], ReaderLost("hung up")), *gone, Script([read(2.0)], ReaderLost("hung up again")))
    await kept.runs(monkeypatch)
    assert kept.told == [("reader.lost", "hung up"), ("reader.back", None), ("reader.lost", "hung up again")]
    assert [s.at for s in kept.seen] == [1.0, 2.0]
    assert kept.keeper.state == "lost"
    assert kept.keeper.shape()["last_sighting"] == "1970-01-01T00:00:02.000Z"


async def test_it_waits_longer_each_time_with_jitter_and_never_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(*(Script(ReaderLost("no")) for _ in range(12)))
    await kept.runs(monkeypatch)
    full = [min(keepers.FIRST_WAIT * 2**n, keepers.LONGEST_WAIT) for n in range(12)]
    assert len(kept.waits) == 12
    assert all(most / 2 <= waited <= most for waited, most in zip(kept.waits, full, strict=True))
    assert len({round(w / m, 6) for w, m in zip(kept.waits, full, strict=True)}) > 1


async def test_a_reader_that_was_well_for_a_minute_is_opened_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def later(kept: list[Kept]) -> Callable[[Status], None]:
        return lambda _: setattr(kept[0], "now", kept[0].now + keepers.STEADY_AFTER + 1)

    box: list[Kept] = []
    kept = Kept(*(Script(ReaderLost("no")) for _ in range(6)), Script([], later(box), ReaderLost("hung up")))
    box.append(kept)
    await kept.runs(monkeypatch)
    assert max(kept.waits[:6]) > keepers.FIRST_WAIT
    assert kept.waits[6] <= keepers.FIRST_WAIT


async def test_a_fault_of_ours_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeyError):
        await Kept(Script(KeyError("a mistake"))).runs(monkeypatch)


async def test_a_reader_that_went_deaf_is_told_once_and_once_when_it_hears() -> None:
    kept = Kept()
    kept.keeper.state = "up"
    for quiet in ("no answer for 8 s", "no answer for 9 s", None, None):
        kept.keeper.status.quiet = quiet
        kept.now += 1
        kept.keeper.pulse(kept.now)
    assert kept.told == [("reader.quiet", "no answer for 8 s"), ("reader.back", None)]


async def test_reads_are_counted_by_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(Script([read(1.0)] * 30, ReaderLost("enough")))
    kept.keeper.pulse(1000.0)
    await kept.runs(monkeypatch)
    kept.keeper.pulse(1002.0)
    assert kept.keeper.reads_per_s == 15.0
    kept.keeper.pulse(1010.0)
    kept.keeper.pulse(1012.0)
    assert kept.keeper.reads_per_s == 0.0


async def test_the_last_tag_is_told_in_part_and_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept(Script([Sighting("door", None, "epc:30751FEB705C5904E3D50D70", -51.0, None, 1000.0)], ReaderLost("x")))
    await kept.runs(monkeypatch)
    details = kept.keeper.details()
    assert (details["last_tag"], details["rssi"]) == ("epc:…0D70", -51.0)
    kept.now += 60
    assert kept.keeper.details()["last_tag"] is None

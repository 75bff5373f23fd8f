"""A tag that is fixed at a door: it is nobody, and its silence is told as soon as it is longer than it ever is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.operations.canary import BEYOND, BLIND, LONGEST, NEVER, UNTIL_LEARNT, Canary
from gateway.operations.keeper import Keeper
from gateway.settings.venue import ReaderConfig
from reader_drivers import Sighting
from reader_drivers.driver import Status

TAG, OTHER, GUEST = "epc:AAAA00000000000000000001", "epc:AAAA00000000000000000002", "epc:E28000000000000000000003"


def read(at: float, tag: str = TAG) -> Sighting:
    """One read at the door."""
    return Sighting("door", 1, tag, -50.0, None, at)


def learnt(every: float, reads: int = 100) -> tuple[Canary, float]:
    """A canary that was read so often, and when last."""
    canary = Canary(TAG, (), 0.0)
    for number in range(reads):
        canary.apart([read(number * every)])
    return canary, (reads - 1) * every


@pytest.mark.parametrize("every", [0.05, 1.0, 8.0, 45.0])
def test_its_silence_is_told_ten_seconds_beyond_its_own_rhythm(every: float) -> None:
    canary, last = learnt(every)
    assert canary.quiet(last + every + BEYOND - 0.01) is None
    assert canary.quiet(last + every + BEYOND + 0.01) == BLIND
    canary.apart([read(last + every + 60.0)])
    assert canary.quiet(last + every + 60.1) is None


def test_who_stands_before_it_now_and_then_is_learnt_for_a_day() -> None:
    canary, last = learnt(1.0)
    assert canary.quiet(last + 25.0) == BLIND
    canary.apart([read(last + 25.0)])
    assert canary.quiet(last + 25.0 + 30.0) is None, "it has been silent for so long before"
    now = last + 25.0
    for _ in range(26 * 360):
        now += 10.0
        canary.apart([read(now)])
    assert canary.quiet(now + 25.0) == BLIND, "a day later nobody has stood there"


def test_before_it_is_learnt_and_where_it_was_never_read_a_minute_is_waited() -> None:
    canary = Canary(TAG, (), 100.0)
    assert canary.quiet(100.0 + UNTIL_LEARNT) is None
    assert canary.quiet(100.1 + UNTIL_LEARNT) == NEVER
    canary.apart([read(200.0)])
    assert canary.quiet(200.0 + UNTIL_LEARNT) is None
    assert canary.quiet(200.1 + UNTIL_LEARNT) == BLIND
    assert Canary(None, (), 0.0).quiet(1e6) is None


def test_a_reader_that_was_away_has_taught_nothing_by_it() -> None:
    canary, last = learnt(1.0)
    canary.began(last + 50.0)
    canary.apart([read(last + 50.5)])
    assert canary.limit == 1.0 + BEYOND


def test_fixed_tags_are_nobody_whichever_reader_hears_them() -> None:
    canary = Canary(TAG, {TAG, OTHER}, 0.0)
    batch = [read(1.0), read(1.0, GUEST), read(1.0, OTHER), read(1.1, GUEST)]
    assert [each.identifier for each in canary.apart(batch)] == [GUEST, GUEST]
    assert Canary(None, {OTHER}, 0.0).apart([read(1.0, OTHER)]) == []
    assert canary.reads_per_h == 1.0
    assert Canary(None, {OTHER}, 0.0).reads_per_h is None


@given(st.lists(st.floats(-100.0, 1e6), max_size=60))
def test_no_order_of_times_raises_or_makes_a_rhythm_longer_than_a_minute(times: list[float]) -> None:
    canary = Canary(TAG, (), 0.0)
    for at in times:
        canary.apart([read(at)])
    assert canary.limit <= max(UNTIL_LEARNT, LONGEST + BEYOND)


class Door:
    """A driver that is told what to hear."""

    def __init__(self) -> None:
        self.status = Status()
        self.hears: asyncio.Queue[list[Sighting]] = asyncio.Queue()

    async def listen(self) -> AsyncIterator[list[Sighting]]:
        """What it is told."""
        yield []
        while True:
            yield await self.hears.get()


async def test_a_blind_door_is_told_once_each_way_and_guests_are_seen_meanwhile() -> None:
    config = ReaderConfig(id="door", driver="m100", link="/nowhere", role="inner", zone="hall", canary=TAG)
    now, door = 0.0, Door()
    told: list[tuple[str, str | None]] = []
    seen: list[Sighting] = []
    keeper = Keeper(
        config, lambda: door, seen.append, lambda k, type_: told.append((type_, k.reason)), lambda: now,  # type: ignore[arg-type, return-value]
    )  # fmt: skip
    keeping = asyncio.create_task(keeper.keep())

    async def hears(*sightings: Sighting) -> None:
        door.hears.put_nowait([*sightings])
        while not door.hears.empty():
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    try:
        for _ in range(50):
            now += 1.0
            await hears(read(now))
            keeper.pulse(now)
        assert (keeper.state, told, seen) == ("up", [], [])
        now += 12.0
        await hears(read(now, GUEST))
        keeper.pulse(now)
        keeper.pulse(now + 1.0)
        assert told == [("reader.quiet", BLIND)]
        assert [each.identifier for each in seen] == [GUEST]
        now += 5.0
        await hears(read(now))
        keeper.pulse(now)
        assert [type_ for type_, _ in told] == ["reader.quiet", "reader.back"]
        assert keeper.details()["canary_reads_per_h"] == 51.0
    finally:
        keeping.cancel()

"""What one read, one arrival, one write and one start cost, counted and not timed: red where it grew by a fifth.

The numbers are of the day on which they were written down. Whoever finds a test red here has made something dearer:
either that can be undone, or it is worth its price, and the new number is written down with the reason in the commit.
"""

from __future__ import annotations

import inspect
import json
import re
from collections import deque
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from gateway.console.app import doors
from gateway.console.frames import Encoded
from gateway.console.live import Live
from gateway.core import restoring
from gateway.core.state import Memory, plan_of
from gateway.records import said, values
from reader_drivers import Sighting
from reader_drivers.mqtt_packets import Cutter
from tests.console.served import Served, served
from tests.core.test_gateway import House, config
from tests.reader_drivers.contract import decoder
from tests.reader_drivers.frames import ESPRESENSE_SIGHTINGS, M100_TAGS
from tests.reader_drivers.test_mqtt_packets import publish
from tests.work import calls, statements

GREW = 1.2
OFTEN = 200
TABLETS = 24
TAG, PHONE = "epc:3034F10A5C0E400000000001", "irk:5f2d8c61b0a94e7f93d214c06e8ab75d"

COSTS: dict[str, float] = {
    "functions called by a read of a stranger's tag": 5,
    "functions called by a read of a stranger's tag where customers are asked for at first sight": 24,
    "functions called by a read of a phone that is here": 28,
    "functions called by a frame of an M100": 26,
    "functions called by a JSON message from its bytes to its sighting": 68,
    "statements on the loop for an arrival": 5,
    "statements in the writer for an arrival": 10,
    "texts made for an arrival, whatever the number of tablets": 2,
    "functions called by an arrival for each tablet": 78,
    "statements on the loop for a preference": 7,
    "statements in the writer for a preference": 4,
    "functions called to find allergens in own words for the first time": 36200,
    "statements of a start, whatever the number of customers": 28,
}


def holds(what: str, cost: float) -> None:
    """Red where this costs a fifth more than it did."""
    assert 0 < cost <= COSTS[what] * GREW, f"{what}: {cost:g}, where it was {COSTS[what]:g}"


# --- reads -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first_sight", [False, True])
def test_a_strangers_tag_ends_at_once(tmp_path: Path, first_sight: bool) -> None:
    house = House(tmp_path / "data", first_sight=first_sight)
    house.enrol("chen", TAG)
    strange = [Sighting("counter", None, f"epc:E28068940000{n:012X}", None, None, house.now) for n in range(OFTEN)]
    cost = calls(lambda: deque(map(house.gateway.see, strange))) / OFTEN
    what = "functions called by a read of a stranger's tag"
    holds(what + " where customers are asked for at first sight" if first_sight else what, cost)
    house.store.close()


def test_a_phone_that_is_here_is_heard_again(tmp_path: Path) -> None:
    house = House(tmp_path / "data")
    house.enrol("chen", PHONE)
    house.passes(60, hearing=PHONE)
    assert len(house.seen("visit.arrived")) == 1
    heard = [Sighting("lounge", None, PHONE, -60.0, 2.0, house.now + n / 10) for n in range(OFTEN)]
    cost = calls(lambda: deque(map(house.gateway.see, heard))) / OFTEN
    holds("functions called by a read of a phone that is here", cost)
    house.store.close()


def test_a_frame_becomes_a_sighting() -> None:
    pure, frames = decoder("m100"), b"".join(bytes.fromhex(frame) for frame, *_ in M100_TAGS[:4]) * (OFTEN // 4)
    pure.feed(frames, 1.0)
    found: list[Any] = []
    cost = calls(lambda: found.extend(pure.feed(frames, 2.0)))
    assert sum(isinstance(each, Sighting) for each in found) == OFTEN
    holds("functions called by a frame of an M100", cost / OFTEN)


def test_a_message_becomes_a_sighting() -> None:
    pure, cutter = decoder("espresense"), Cutter(262_144)
    topic, payload = ESPRESENSE_SIGHTINGS[0][:2]
    stream = publish(topic.encode(), payload) * OFTEN
    found: list[Any] = []

    def read() -> None:
        for some in cutter.feed(stream):
            assert isinstance(some, list)
            for each in some:
                found.extend(pure.message(each.topic.decode(), each.payload, 2.0))

    cost = calls(read)
    assert sum(isinstance(each, Sighting) for each in found) == OFTEN, found[0]
    holds("functions called by a JSON message from its bytes to its sighting", cost / OFTEN)


# --- an arrival ------------------------------------------------------------------------------------------------------


async def _arrival(house: Served, fob: str, made: list[int]) -> tuple[int, int, int, int]:
    """Statements on the loop and in the writer, texts, functions called on the loop: of one who taps."""
    store = house.gateway.store
    await store.write(lambda tx: None)
    before = len(made)
    with statements(store._db.conn) as written:
        with statements(store.reader.conn) as asked:
            called = calls(lambda: house.tap(fob))
        texts = len(made) - before
        await store.write(lambda tx: None)
    return asked.n, written.n, texts, called


async def _arrivals(folder: Path, tablets: int, made: list[int]) -> tuple[int, ...]:
    """The least of each among some arrivals, with so many tablets there."""
    fobs = [f"em:0700C4A9{n:02X}" for n in range(6)]
    async with served(folder) as house, AsyncExitStack() as stack:
        await house.hire("anna", "ben")
        for number, fob in enumerate(fobs):
            await house.enrol(f"c-{number}", fob, associate="anna")
        for number in range(tablets):
            floor = await house.token("floor", ("anna", "ben")[number % 2])
            await stack.enter_async_context(house.tablet({"Authorization": f"Bearer {floor}"}))
        found = [await _arrival(house, fob, made) for fob in fobs]
        assert len(house.gateway.memory.presence.here()) == len(fobs)
    return tuple(min(each) for each in zip(*found, strict=True))


async def test_an_arrival_with_its_card_is_rendered_once_for_all_tablets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    real = Live.text

    def text(live: Live, body: dict[str, Any]) -> Encoded:
        made.append(1)
        return real(live, body)

    monkeypatch.setattr(Live, "text", text)
    asked, written, texts, called = await _arrivals(tmp_path / "many", TABLETS, made)
    _, _, few_texts, few_called = await _arrivals(tmp_path / "few", 4, made)
    assert texts == few_texts
    holds("statements on the loop for an arrival", asked)
    holds("statements in the writer for an arrival", written)
    holds("texts made for an arrival, whatever the number of tablets", texts)
    holds("functions called by an arrival for each tablet", (called - few_called) / (TABLETS - 4))


# --- a write ---------------------------------------------------------------------------------------------------------


async def test_a_preference_is_written(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.enrol("chen")
        floor, store = await house.client("floor", "anna"), house.gateway.store
        counts: list[tuple[int, int]] = []
        for number in range(6):
            body = {"category": "drink", "value": f"tea {number}", "polarity": "do", "basis": "stated"}
            with statements(store._db.conn) as written, statements(store.reader.conn) as asked:
                answer = await floor.post("/api/customers/chen/preferences", json=body)
                assert answer.status_code == 201, answer.text
            counts.append((asked.n, written.n))
    holds("statements on the loop for a preference", min(asked for asked, _ in counts))
    holds("statements in the writer for a preference", min(written for _, written in counts))


def test_the_first_own_words_after_a_start_hold_nobody_up() -> None:
    """What finds allergens in words is made for the first of them, on the loop, with somebody's card."""
    catalogue = values.read(json.loads(values.STARTER.read_text("utf-8")))
    found: list[tuple[str, ...]] = []
    re.purge()
    cost = calls(lambda: found.append(said.mentions(catalogue, "no peanuts, 不吃虾")))
    assert len(found[0]) == 2
    holds("functions called to find allergens in own words for the first time", cost)


# --- a start ---------------------------------------------------------------------------------------------------------


def test_a_start_asks_the_same_of_the_records_whatever_the_number_of_customers(tmp_path: Path) -> None:
    costs = []
    for count in (3, 30):
        house = House(tmp_path / str(count))
        for number in range(count):
            house.enrol(f"c-{number}", f"em:07000000{number:02X}")
        again = Memory(config(), plan_of(config()), house.store)
        with statements(house.store.reader.conn) as asked:
            restoring.restore(again, house.store.reader, house.now)
        assert again.roster.who("em:0700000002", house.now) == "c-2"
        costs.append(asked.n)
        house.store.close()
    assert costs[0] == costs[1]
    holds("statements of a start, whatever the number of customers", costs[0])


# --- every door ------------------------------------------------------------------------------------------------------


def test_no_request_is_handed_to_a_thread_for_what_it_depends_on() -> None:
    found = {
        f"{call.__module__}.{call.__qualname__}"
        for route in doors().router.routes
        if isinstance(route, APIRoute)
        for call in _depends(route.dependant)
        if not inspect.iscoroutinefunction(call)
    }
    assert found == {"gateway.core.reports.Wanted"}, "a plain def costs two changes of threads; reports may"


def _depends(of: Dependant) -> Iterator[Any]:
    for each in of.dependencies:
        yield each.call
        yield from _depends(each)

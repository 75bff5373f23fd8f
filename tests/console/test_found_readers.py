"""Readers are found on the screen: nothing is written without leave, and one of a kind takes a lost one's place."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.operations import finding
from reader_drivers.simulated import SimulatedM100
from tests.console.served import Served
from tests.console.test_settings import Quay, changes, quay, reader
from tests.operations.test_finding import Line
from tests.reader_drivers.readers import until
from tests.story.venue import answered

__all__ = ["quay"]  # the fixture
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulated line is quicker than a hand with a fob."""
    monkeypatch.setattr(finding, "LISTENS", 0.3)
    monkeypatch.setattr(finding, "ASKED", (("m100", 115200),))


def ports(house: Served, *there: Path | str) -> None:
    """These are plugged in."""
    tools: Any = house.running.front.app.state.tools
    tools.findings._ports = lambda: [str(port) for port in there]


async def looked(it: httpx2.AsyncClient, *, asks: bool) -> dict[str, Any]:
    """What a look comes to."""
    await answered(it.post("/api/readers/found", json={"asks": asks}))
    for _ in range(300):
        seen: dict[str, Any] = await answered(it.get("/api/readers/found"))
        if not seen["looking"]:
            return seen
        await asyncio.sleep(0.05)
    raise AssertionError("the look does not end")


async def test_a_silent_port_is_asked_with_leave_alone(quay: Quay) -> None:
    it, line = await quay.client("it"), Line(quay.folder / "line")
    living = asyncio.create_task(line.live())
    async with SimulatedM100(quay.folder / "new") as new:
        ports(quay, quay.folder / "line", new.link, quay.till.link)
        seen = await looked(it, asks=False)
        assert (seen["found"], line.came) == ([], b"")
        assert [each["reason"] for each in seen["left_alone"]][2] == "a reader of venue.toml"
        seen = await looked(it, asks=True)
        living.cancel()
        (one,) = seen["found"]
        assert (one["driver"], one["link"], one["replaces"]) == ("m100", str(new.link), [])
        assert line.came != b""
        await changes(it, reader("side", one["driver"], one["link"], role="inner", settings=one["settings"]))
        await until(lambda: quay.state("side") == "up")
        assert (await answered(it.get("/api/readers/found")))["found"] == []


async def test_one_look_at_a_time(quay: Quay) -> None:
    it = await quay.client("it")
    async with SimulatedM100(quay.folder / "new") as new:
        ports(quay, new.link)
        await answered(it.post("/api/readers/found", json={"asks": False}))
        again = await it.post("/api/readers/found", json={"asks": False})
        assert (again.status_code, again.json()["detail"]) == (409, "a look at the ports is under way")


async def test_a_reader_of_the_same_kind_takes_the_place_of_a_lost_one(quay: Quay) -> None:
    it = await quay.client("it")
    await changes(it, reader("door", "m100", quay.folder / "burnt", role="inner"))
    async with SimulatedM100(quay.folder / "spare") as spare:
        ports(quay, spare.link)
        (one,) = (await looked(it, asks=True))["found"]
        assert one["replaces"] == ["door"]
        value = {**reader("door", "m100", one["link"], role="inner")["value"]}
        await changes(it, {"table": "readers", "at": "door", "value": value})
        await until(lambda: quay.state("door") == "up")

"""A tablet that was away, one that never reads, and a reader that is unplugged: nobody mistakes silence for calm."""

from __future__ import annotations

import asyncio
import base64
import os
import socket
import time
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx2
import pytest
import pytest_asyncio

from tests.story.settings import COUNTER, DOOR
from tests.story.venue import Venue, answered, guest

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def venue(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Venue]:
    async with Venue(tmp_path_factory.mktemp("away"), [DOOR, COUNTER]) as venue:
        await venue.staff("anna", "ben")
        yield venue


async def test_a_tablet_that_was_away_gets_each_missed_event_once_and_in_order(venue: Venue) -> None:
    chen = guest("Chen Yulan", associate="anna")
    await venue.enrol(chen)
    client = await venue.client("anna")
    async with await venue.tablet("ben") as bens:
        async with await venue.tablet("anna") as annas:
            await annas.tick()
        had = annas.sequence
        await venue.taps(chen, bens)
        alert = (await bens.expect("alert.opened", customer=chen.id))["data"]["alert"]
        await answered(client.post(f"/api/alerts/{alert}/claim"))
        for number in range(20):
            await venue.knows(chen, "anna", "do", "other", f"fact {number}")
        await bens.expect("preference.recorded", value="fact 19")
        async with await venue.tablet("anna", since=had) as back:
            assert back.hello["state"] is None
            await venue.knows(chen, "ben", "do", "other", "said while she is back")
            await back.expect("preference.recorded", value="said while she is back")
            await bens.expect("preference.recorded", value="said while she is back")
            missed = [(e["sequence"], e["id"], e["type"]) for e in back.events]
            assert missed == [(e["sequence"], e["id"], e["type"]) for e in bens.events if e["sequence"] > had]
            numbers = [sequence for sequence, _, _ in missed]
            assert numbers == sorted(set(numbers))
            assert len(numbers) > 22
            assert (await back.tick())["sequence"] >= numbers[-1]


async def test_a_number_from_the_future_gets_the_whole_state(venue: Venue) -> None:
    async with await venue.tablet("anna", since=10**12) as annas:
        assert annas.state["venue"]["id"] == "story"
        assert annas.state["me"]["staff"] == "anna"
        assert {r["id"] for r in annas.state["readers"]} == {"door", "counter"}


async def test_a_tablet_that_reads_nothing_is_closed_and_the_others_do_not_notice(venue: Venue) -> None:
    ward = guest("Ada Ward", associate="anna")
    await venue.enrol(ward)
    client = await venue.client("anna")
    text = "好" * 2000  # some 6 kB on the wire
    sleeping = await sleeping_socket(venue.url, await venue.token("ben"))
    try:
        async with await venue.tablet("anna") as annas:
            ben = {"id": "ben"}
            slowest = 0.0
            give_up = time.monotonic() + 40
            while not annas.seen("staff.connected", **ben, connected=False):
                assert time.monotonic() < give_up, f"the sleeping tablet still counts as a live one; {venue.tail()}"
                before = time.monotonic()
                made = await asyncio.gather(*(complain(client, ward.id, text) for _ in range(20)))
                await annas.expect("complaint.closed", id=made[-1])
                slowest = max(slowest, time.monotonic() - before)
            assert slowest < 5.0  # twenty of them; a tenth of a second each where the machine is not busy
            heard = [e["sequence"] for e in annas.events]
            assert heard == sorted(set(heard))
    finally:
        sleeping.close()


async def test_a_tablet_that_lost_its_wifi_is_nobody_s_within_twenty_seconds(venue: Venue) -> None:
    """It closes nothing and answers nothing; little enough is told that nothing stands in its way."""
    lost = await sleeping_socket(venue.url, await venue.token("ben"))
    try:
        async with await venue.tablet("anna") as annas:
            gone = await annas.expect("staff.connected", id="ben", connected=False, within=60)
            assert gone["actor"] == "ben"
            assert annas.close_code is None  # who answers pings stays
    finally:
        lost.close()


async def complain(client: httpx2.AsyncClient, customer: str, text: str) -> str:
    """Opens a complaint and closes it, which is told twice and leaves nothing; its id."""
    path = f"/api/customers/{customer}/complaints"
    made = str((await answered(client.post(path, json={"text": text})))["id"])
    await answered(client.post(f"{path}/{made}/close", json={}))
    return made


async def sleeping_socket(url: str, token: str) -> socket.socket:
    """A live socket whose owner has fallen asleep: it is open, and nothing is ever read from it."""
    parts = urlsplit(url)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, (parts.hostname, parts.port))
    key = base64.b64encode(os.urandom(16)).decode()
    hello = (
        f"GET /live HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    await loop.sock_sendall(raw, hello.encode())
    assert (await loop.sock_recv(raw, 64)).startswith(b"HTTP/1.1 101")
    return raw


async def test_a_reader_that_is_unplugged_is_told_once_and_once_when_it_is_back(venue: Venue) -> None:
    hale = guest("Margaret Hale", associate="anna")
    await venue.enrol(hale)
    anna = await venue.client("anna")
    async with await venue.tablet("anna") as annas:
        venue.m100["door"].unplug()
        lost = (await annas.expect("reader.lost", reader="door"))["data"]
        assert lost["state"] == "lost"
        assert lost["reason"]
        health = await venue.health()
        assert (health["status"], health["readers"]) == ("degraded", {"door": "lost", "counter": "up"})
        states = {r["id"]: r["state"] for r in await answered(anna.get("/api/readers"))}
        assert states == {"door": "lost", "counter": "up"}
        await venue.taps(hale, annas)  # the others go on
        await annas.tick()  # time for another try or two to open it
        venue.m100["door"].plug()
        back = await annas.expect("reader.back", reader="door", within=40)
        assert back["data"]["state"] == "up"
        assert (await venue.health())["status"] == "ok"
        assert len(annas.seen("reader.lost", reader="door")) == len(annas.seen("reader.back", reader="door")) == 1
        assert venue.log.count("door: lost") == venue.log.count("door: back after") == 1
        after = guest("After The Storm", associate="anna")
        await venue.enrol(after)
        venue.m100["door"].present(after.epc, -50)
        await annas.expect("visit.arrived", customer=after.id)
        venue.m100["door"].remove(after.epc)


async def test_a_reader_that_hangs_is_quiet_and_shows_it(venue: Venue) -> None:
    async with await venue.tablet("anna") as annas:
        venue.m100["door"].stall()
        await venue.eventually(venue.health, lambda h: h["readers"]["door"] != "up", within=40)
        venue.m100["door"].resume()
        await annas.expect("reader.back", reader="door", within=40)
        assert len(annas.seen("reader.quiet", reader="door")) + len(annas.seen("reader.lost", reader="door")) == 1
        assert (await venue.health())["status"] == "ok"

"""Lines that are cut in the middle of anything and a disk that is full lose nothing and double nothing."""

from __future__ import annotations

import asyncio
import resource
import secrets
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.hub.program import health, hub
from tests.hub.proxy import BadLine, bad_line
from tests.hub.stranger import Box, Journal, Link

CUT = (ConnectionClosed, InvalidHandshake, OSError, EOFError)
ROWS = 300


async def upload(box: Box, journal: Journal, line: BadLine) -> None:
    """Sends a journal over a bad line, from wherever the hub is, until it has all of it."""
    while True:
        try:
            async with await box.link(line.url) as link:
                have = (await link.greet(journal))["have"]
                at = have["position"] if have else 0
                if have:
                    assert have["hash"] == journal.hash_at(at).hex()
                await link.send(box.keys_of(journal, "chen"))
                while at < journal.position:
                    await link.send(journal.batch(at, at + 15))
                    at = (await link.until("ack"))["position"]
                return
        except CUT:
            await asyncio.sleep(0.02)


async def read(box: Box, journal: Journal, line: BadLine, customer: str, until: int) -> Link:
    """Reads feeds over a bad line, each time from its own numbers, until so many rows of a customer came."""
    before: Link | None = None
    while True:
        try:
            async with await box.link(line.url) as link:
                if before is not None:
                    link.cursors, link.known, link.ended = before.cursors, before.known, before.ended
                before = link
                await link.greet(journal, link.cursors)
                while len(link.known.get(customer, [])) < until:
                    await link.next()
                return link
        except CUT:
            await asyncio.sleep(0.02)


async def test_a_disk_that_is_full_is_told_and_when_it_is_over_and_nothing_is_lost(tmp_path: Path) -> None:
    with hub(tmp_path) as program:
        box = Box(program.url, "flagship")
        box.join(program.invite("flagship")).sign_in()
        journal = Journal("flagship")
        for _ in range(40):
            journal.prefers("chen", "x" * 10_000)
        async with await box.link() as link:
            await link.greet(journal)
            await link.upload(journal, upto=5)
            process = program.processes[0].pid
            resource.prlimit(process, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
            await link.send(journal.batch(5))
            problem = await link.until("problem")
            assert (problem["code"], problem["status"], problem["retry_after_s"]) == ("store", 503, 5)
            assert await link.closed() == 4503
        assert await until(program.url, "degraded")
        resource.prlimit(process, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert await until(program.url, "ok")
        box.sign_in()
        async with await box.link() as link:
            assert (await link.greet(journal))["have"]["position"] == 5
            assert (await link.upload(journal, 5))["hash"] == journal.hash.hex()


async def until(url: str, status: str) -> bool:
    """True once the hub says so of itself."""
    async with asyncio.timeout(40):
        while (await asyncio.to_thread(health, url))["status"] != status:
            await asyncio.sleep(0.1)
    return True


@pytest.mark.timeout(240)
async def test_a_line_that_is_cut_again_and_again_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with hub(tmp_path) as program:
        flagship, lounge = (Box(program.url, f"{name}-{secrets.token_hex(3)}") for name in ("flagship", "lounge"))
        for box in (flagship, lounge):
            box.join(program.invite(box.venue)).sign_in()
        journal = Journal(flagship.venue)
        journal.enrol("chen")
        journal.share("chen")
        for number in range(ROWS):
            journal.prefers("chen", str(number))
        customer = f"chen@{flagship.venue}"
        async with bad_line(program.port, 15) as ours, bad_line(program.port, 16) as theirs, asyncio.timeout(200):
            reading = asyncio.create_task(read(lounge, Journal(lounge.venue), theirs, customer, journal.position))
            await upload(flagship, journal, ours)
            link = await reading
        assert link.known[customer] == journal.rows
        assert link.says(customer) == [str(number) for number in range(ROWS)]
        assert ours.cuts > 3
        assert theirs.cuts > 3

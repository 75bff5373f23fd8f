"""A line that is cut in the middle of anything loses nothing and doubles nothing, in either direction."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from tests.hub.program import hub
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

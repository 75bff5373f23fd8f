"""Faults that last: a disk that hangs for a minute under a watchdog, and a process that is stopped for one."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.story.desk import arrives
from tests.story.test_faulty_disk import Preload, on_shift, preload, records
from tests.story.venue import guest

__all__ = ["preload"]

HANGS_S = 50.0  # longer than the watchdog waits, and than the writer may before the disk itself is asked
STOPPED_S = 60.0


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """What systemd hears of the gateway, whose watchdog it wants fed every ten seconds."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "10000000")
        yield listening


def fed(manager: socket.socket) -> int:
    """How often the watchdog was fed since this was asked last."""
    said = []
    while True:
        try:
            said.append(manager.recv(100))
        except BlockingIOError:
            return said.count(b"WATCHDOG=1")


@pytest.mark.timeout(300)
async def test_a_minute_in_which_the_disk_hangs_is_said_and_is_no_reason_to_start_again(
    tmp_path: Path, preload: Preload, manager: socket.socket
) -> None:
    disk = preload(tmp_path)
    known, *coming = (guest(name, associate="anna") for name in ("Known", "First", "Second", "Third"))
    async with on_shift(tmp_path, known, *coming) as venue, await venue.tablet("anna") as anna:
        (await venue.client("anna")).timeout = 4 * HANGS_S
        with disk.doing("hang"):
            saving = asyncio.create_task(records(venue, known, "a window"))
            for who in coming:
                await arrives(venue, who, anna)
                fed(manager)
                await asyncio.sleep(HANGS_S / len(coming))
                assert fed(manager) > 0, "a new start would mend nothing"
            why = (await venue.health())["why"]
            assert any("the disk does not answer" in each for each in why), why
            assert not saving.done()
        assert (await saving).status_code == 201
        await venue.eventually(venue.health, lambda health: health["status"] == "ok")
        venue.kill()
        await venue.start()
        assert set(await venue.present()) == {who.id for who in coming}


@pytest.mark.timeout(300)
async def test_a_process_that_stands_still_for_a_minute_goes_on_where_it_was(tmp_path: Path, preload: Preload) -> None:
    preload(tmp_path)
    here, comes = guest("Here", associate="anna"), guest("Coming", associate="anna")
    async with on_shift(tmp_path, here, comes) as venue:
        async with await venue.tablet("anna") as anna:
            await arrives(venue, here, anna)
            had = anna.sequence
            process = venue.processes()[0]
            os.kill(process, signal.SIGSTOP)
            await asyncio.sleep(STOPPED_S)
            os.kill(process, signal.SIGCONT)
            await venue.eventually(venue.health, lambda health: health["status"] == "ok")
        async with await venue.tablet("anna", since=had) as anna:
            assert anna.hello["state"] is None
            await arrives(venue, comes, anna)
            assert not anna.seen("visit.departed", customer=here.id)

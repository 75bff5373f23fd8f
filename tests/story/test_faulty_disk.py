"""The disk is slow, hangs or fails: who comes is told of at once, and what people record is acknowledged or refused."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.faulty_disk import FaultyDisk
from tests.ports import free_port
from tests.program import command_line
from tests.story import venue as venues
from tests.story.desk import arrives
from tests.story.settings import COUNTER
from tests.story.test_restart import chain_holds
from tests.story.venue import Guest, Venue, answered, guest

SOON = 8.0  # seconds on a heavily loaded machine: a read takes a tenth of one
SLOW_MS = 400
Preload = Callable[[Path], FaultyDisk]


@pytest.fixture
def preload(monkeypatch: pytest.MonkeyPatch) -> Preload:
    """From now on the gateway of a venue in this folder has a disk that does what is said."""

    def load(folder: Path) -> FaultyDisk:
        folder.mkdir(parents=True, exist_ok=True)
        disk = FaultyDisk(folder / "data", folder)

        def words(*given: str | Path, clock: Path | None = None) -> list[str]:
            return [*disk.words(), *command_line(*given, clock=clock)]

        monkeypatch.setattr(venues, "command_line", words)
        return disk

    return load


@asynccontextmanager
async def on_shift(folder: Path, *guests: Guest) -> AsyncIterator[Venue]:
    """A venue with Anna on shift, who looks after these guests."""
    async with Venue(folder, [COUNTER], port=free_port()) as venue:  # also after it has begun anew
        await venue.staff("anna")
        await venue.enrol(*guests)
        yield venue


async def records(venue: Venue, who: Guest, value: str) -> Any:
    """Anna records what a guest likes; the answer, whatever it is."""
    fact = {"category": "other", "value": value}
    return await (await venue.client("anna")).post(f"/api/customers/{who.id}/preferences", json=fact)


async def test_a_slow_disk_holds_back_who_records_and_nobody_who_comes(tmp_path: Path, preload: Preload) -> None:
    disk = preload(tmp_path)
    known, *coming = (guest(name, associate="anna") for name in ("Known", "First", "Second", "Third"))
    async with on_shift(tmp_path, known, *coming) as venue, await venue.tablet("anna") as anna:
        with disk.doing(f"slow {SLOW_MS}"):
            began = time.monotonic()
            saving = [asyncio.create_task(records(venue, known, f"wish {n}")) for n in range(8)]
            for who in coming:
                came = time.monotonic()
                await arrives(venue, who, anna)
                assert time.monotonic() - came < 2 * SOON
            assert [(await each).status_code for each in saving] == [201] * 8
            assert time.monotonic() - began >= SLOW_MS / 1000
        venue.kill()
        await venue.start()
        assert set(await venue.present()) == {who.id for who in coming}
        kept = await answered((await venue.client("anna")).get(f"/api/customers/{known.id}/preferences"))
        assert sorted(fact["value"] for fact in kept) == [f"wish {n}" for n in range(8)]


async def test_a_disk_that_hangs_in_a_sync_holds_back_nobody_who_comes(tmp_path: Path, preload: Preload) -> None:
    disk = preload(tmp_path)
    known, comes, later = (guest(name, associate="anna") for name in ("Known", "First", "Second"))
    async with on_shift(tmp_path, known, comes, later) as venue, await venue.tablet("anna") as anna:
        with disk.doing("hang"):
            saving = asyncio.create_task(records(venue, known, "a window"))
            for who in (comes, later):
                began = time.monotonic()
                await arrives(venue, who, anna)
                assert time.monotonic() - began < 2 * SOON
            assert "readers" in await venue.health()
            assert not saving.done()
        assert (await saving).status_code == 201
        await anna.expect("preference.recorded", customer=known.id)
        await venue.eventually(venue.health, lambda health: health["status"] == "ok")
        venue.kill()
        await venue.start()
        assert set(await venue.present()) == {comes.id, later.id}
        await venue.stop()
    chain_holds(venue.data)


@pytest.mark.parametrize("fault", ["sync-fails", "write-fails"])
async def test_a_disk_that_fails_refuses_what_people_record_and_tells_who_comes(
    tmp_path: Path, preload: Preload, fault: str
) -> None:
    disk = preload(tmp_path)
    comes, later = (guest(name, associate="anna") for name in ("First", "Second"))
    async with on_shift(tmp_path, comes, later) as venue:
        client = await venue.client("anna")
        async with await venue.tablet("anna") as anna:
            with disk.doing(fault):
                alert = await arrives(venue, comes, anna)
                refused = await client.post(f"/api/alerts/{alert['alert']}/claim")
                said = "the gateway's disk fails; nothing was recorded"
                assert (refused.status_code, refused.json()["detail"]) == (507, said)
                health = await venue.health()
                assert "nothing can be written down: the disk fails" in health["why"]
                await arrives(venue, later, anna)
            taken = await venue.eventually(
                lambda: client.post(f"/api/alerts/{alert['alert']}/claim"), lambda a: a.status_code == 200
            )
            assert taken.json()["by"] == "anna"
            await venue.eventually(venue.health, lambda health: health["status"] == "ok")
        venue.kill()
        await venue.start()
        assert set(await venue.present()) == {comes.id, later.id}
        await venue.stop()
    chain_holds(venue.data)


async def test_a_start_on_a_disk_that_fails_goes_on_by_memory_and_writes_later(
    tmp_path: Path, preload: Preload
) -> None:
    disk = preload(tmp_path)
    here, comes = (guest(name, associate="anna") for name in ("Here", "Coming"))
    async with on_shift(tmp_path, here, comes) as venue:
        async with await venue.tablet("anna") as anna:
            await arrives(venue, here, anna)
        await venue.stop()
        with disk.doing("write-fails"):
            await venue.start()
            assert "nothing can be written down: the disk fails" in (await venue.health())["why"]
            async with await venue.tablet("anna") as anna:
                assert not anna.seen("visit.arrived")
                await arrives(venue, comes, anna)
        await venue.eventually(venue.health, lambda health: health["status"] == "ok")
        assert set(await venue.present()) == {here.id, comes.id}
        await venue.stop()
    chain_holds(venue.data)

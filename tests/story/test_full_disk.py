"""The disk is full, or read-only, as the gateway starts: who comes is told of, and what came is written later."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.operations.control import NotRunning, ask, local_socket
from gateway.operations.webhooks import Cursor
from gateway.records import in_memory
from tests.operations.receiver import Receiver
from tests.operations.venue import VenueWith
from tests.ports import free_port
from tests.reader_drivers.readers import until
from tests.story.desk import arrives
from tests.story.settings import COUNTER
from tests.story.test_restart import chain_holds
from tests.story.venue import Venue, answered, guest

SIZE = 24 * 1024 * 1024
SECRET = "a secret that is long enough"


def mounted(*words: str) -> bool:
    """Whether mount(8) could do this."""
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


@contextmanager
def a_small_disk(at: Path) -> Iterator[Path]:
    """A disk of a few megabytes of its own."""
    at.mkdir(parents=True)
    if os.geteuid() != 0 or not mounted("-t", "tmpfs", "-o", f"size={SIZE}", "moments-test", str(at)):
        pytest.skip("only root may mount a small disk")
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Somebody else has filled it to the last byte."""
    ballast = disk / "somebody-elses"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 512):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    yield
    ballast.unlink()


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """As a kernel leaves it that has met errors."""
    assert mounted("-o", "remount,ro", str(disk))
    yield
    assert mounted("-o", "remount,rw", str(disk))


@pytest.mark.parametrize("how", [full, read_only], ids=["full", "read-only"])
async def test_a_start_on_a_disk_that_takes_nothing_recognises_and_writes_it_down_later(
    tmp_path: Path, how: type
) -> None:
    here, comes = guest("Here Before", associate="anna"), guest("Comes Meanwhile", associate="anna")
    with a_small_disk(tmp_path / "venue" / "data") as disk:
        async with Venue(tmp_path / "venue", [COUNTER], port=free_port()) as venue:
            await venue.staff("anna")
            await venue.enrol(here, comes)
            async with await venue.tablet("anna") as anna:
                await arrives(venue, here, anna)
                before = anna.sequence
            await venue.stop()
            with how(disk):
                await venue.start()
                health = await venue.health()
                what = "full" if how is full else "read-only"
                assert f"nothing can be written down: the disk is {what}" in health["why"]
                assert set(await venue.present()) == {here.id}
                client = await venue.client("anna")
                async with await venue.tablet("anna", since=before) as anna:
                    assert not anna.seen("visit.arrived")
                    alert = await arrives(venue, comes, anna)
                    refused = await client.post(f"/api/alerts/{alert['alert']}/claim")
                    assert (refused.status_code, refused.json()["detail"]) == (
                        507,
                        f"the gateway's disk is {what}; nothing was recorded",
                    )
                    told = anna.sequence
                    assert not any(event["recorded"] for event in anna.seen("visit.arrived", customer=comes.id))
            await venue.eventually(
                venue.health, lambda h: not any("written down" in why for why in h["why"])
            )  # it is a small disk
            assert {who: p["visit"] for who, p in (await venue.present()).items()}[comes.id] == alert["visit"]
            async with await venue.tablet("anna", since=told) as anna:
                assert anna.hello["state"] is None  # what it was told is written by now
                taken = await venue.eventually(
                    lambda: client.post(f"/api/alerts/{alert['alert']}/claim"), lambda a: a.status_code == 200
                )
                assert taken.json()["by"] == "anna"
                await anna.expect("alert.claimed")
                assert not anna.seen("visit.arrived")
                assert not anna.seen("alert.opened")
            assert "Traceback" not in venue.log
            await venue.stop()
            chain_holds(venue.data)


async def test_killed_while_the_disk_is_full_what_was_told_is_written_at_the_next_start(tmp_path: Path) -> None:
    comes = guest("Comes Meanwhile", associate="anna")
    with a_small_disk(tmp_path / "venue" / "data") as disk:
        async with Venue(tmp_path / "venue", [COUNTER], port=free_port()) as venue:
            await venue.staff("anna")
            await venue.enrol(comes)
            await venue.token("anna")
            await venue.stop()
            with full(disk):
                await venue.start()
                async with await venue.tablet("anna") as anna:
                    alert = await arrives(venue, comes, anna)
                    told = anna.sequence
                venue.kill()
            await venue.start()
            (open_,) = await answered((await venue.client("anna")).get("/api/alerts"))
            assert open_["alert"] == alert["alert"]
            async with await venue.tablet("anna", since=told) as anna:
                assert anna.hello["state"] is None
            await venue.stop()
            chain_holds(venue.data)


@pytest.mark.parametrize("how", [full, read_only], ids=["full", "read-only"])
async def test_the_command_line_finds_the_gateway_whatever_its_disk_does(tmp_path: Path, how: type) -> None:
    with a_small_disk(tmp_path / "venue" / "data") as disk:
        async with Venue(tmp_path / "venue", [COUNTER]) as venue:
            await venue.stop()
            with how(disk):
                await venue.start()
                shown = await venue.moments("readers", "--config", venue.config)
                assert shown.code == 0, shown
                assert "counter" in shown.out
                refused = await venue.moments("staff", "add", "anna", "--role", "floor")
                assert refused.code == 1, refused
                assert "nothing was recorded" in refused.err


async def test_what_somebody_else_puts_in_memory_is_no_gateway_of_ours(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    there = in_memory.of(data)
    there.mkdir()
    try:
        with local_socket(there):
            os.chown(data, 12345, -1)
            with pytest.raises(NotRunning):
                ask(data, "GET", "/api/staff")
    except PermissionError:
        pytest.skip("only root may give a folder away")
    finally:
        there.rmdir()


@pytest.mark.parametrize("how", ["stopped", "killed"])
async def test_a_receiver_that_was_told_while_the_disk_was_full_is_told_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_CRM", SECRET)
    before, comes, after = (guest(name, associate="anna") for name in ("Here Before", "Comes Meanwhile", "Comes Later"))
    with a_small_disk(tmp_path / "venue" / "data") as disk, Receiver(SECRET.encode()) as receiver:
        table = f'[[webhooks]]\nname = "crm"\nurl = "{receiver.url}"\nevents = ["visit.arrived"]\n'
        async with VenueWith(table, tmp_path / "venue", [COUNTER], port=free_port()) as venue:
            await venue.staff("anna")
            await venue.enrol(before, comes, after)
            async with await venue.tablet("anna") as anna:
                await venue.taps(before, anna)
                await until(lambda: told_of(receiver) == [before.id], within=30)
                newest = (await venue.health())["journal"]["sequence"]
                await until(lambda: kept(venue.data) >= newest, within=30)
            await venue.stop()
            with full(disk):
                await venue.start()
                async with await venue.tablet("anna") as anna:
                    await venue.taps(comes, anna)
                await until(lambda: told_of(receiver) == [before.id, comes.id], within=30)
                newest = (await venue.health())["journal"]["sequence"]
                await until(lambda: kept(in_memory.of(venue.data)) >= newest, within=30)
                if how == "killed":
                    venue.kill()
            if how == "killed":
                await venue.start()
            await venue.eventually(venue.health, lambda h: not any("written down" in why for why in h["why"]))
            async with await venue.tablet("anna") as anna:
                await venue.taps(after, anna)
            await until(lambda: after.id in told_of(receiver), within=30)
            assert told_of(receiver) == [before.id, comes.id, after.id]


def told_of(receiver: Receiver) -> list[str]:
    """Whose arrivals a receiver has taken."""
    return [event["subject"] for event in receiver.events]


def kept(folder: Path) -> int:
    """How far the webhook is by what this folder keeps."""
    return Cursor(folder, "crm").read() or 0

"""``moments check``, ``readers --watch``, ``--raw`` and ``walk-test``: what IT sees from a desk far away."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from reader_drivers.simulated import SimulatedEm4100, SimulatedM100
from reader_drivers.simulated_llrp import SimulatedLlrp
from tests.mosquitto import mosquitto
from tests.ports import free_port
from tests.program import REPOSITORY, command_line, moments
from tests.story.settings import COUNTER, DOOR, PHONES, Place, venue_toml
from tests.story.venue import Venue

EPC, FOB = "30751FEB705C5904E3D50D70", "0700ABCDEF"


def settings(folder: Path, *places: Place, mqtt: str | None = None) -> Path:
    file = folder / "venue.toml"
    file.write_text(venue_toml(places, mqtt=mqtt), "utf-8")
    return file


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[SimulatedM100]:
    async with SimulatedM100(tmp_path / "door") as device:
        yield device


def placed(device: SimulatedM100) -> Place:
    return Place("door", "m100", "inner", link=str(device.link))


# --- check ------------------------------------------------------------------------------------------------------------


async def test_check_names_the_process_that_has_the_port(tmp_path: Path, door: SimulatedM100) -> None:
    script = (
        "import fcntl, os, sys, termios\n"
        f"fd = os.open({str(door.link)!r}, os.O_RDWR | os.O_NOCTTY)\n"
        "fcntl.flock(fd, fcntl.LOCK_EX); print('open', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert holder.stdout
        assert holder.stdout.readline() == b"open\n"
        ended = await moments("check", "--config", settings(tmp_path, placed(door)), "--seconds", "1")
    finally:
        holder.communicate(timeout=40)
    assert ended.code == 1
    assert "FAIL door" in ended.out
    assert "is in use by another program" in ended.out
    assert re.search(rf"- in use by .*process {holder.pid} \(python", ended.out), ended


async def test_check_calls_a_line_that_cannot_be_read_by_its_name(tmp_path: Path, door: SimulatedM100) -> None:
    door.stall()

    async def babble() -> None:
        while True:
            door.noise(30)
            await asyncio.sleep(0.05)

    babbling = asyncio.create_task(babble())
    ended = await moments("check", "--config", settings(tmp_path, placed(door)), "--seconds", "3")
    babbling.cancel()
    assert ended.code == 1
    assert "bytes arrive but no valid frame: is the baud rate right?" in ended.out


async def test_check_tells_of_network_readers_and_the_broker(tmp_path: Path) -> None:
    async with SimulatedLlrp() as device:
        gone = f"mqtt://127.0.0.1:{free_port()}"
        places = [Place("gate", "llrp", "inner", link=device.link), PHONES]
        ended = await moments("check", "--config", settings(tmp_path, *places, mqtt=gone), "--seconds", "2")
        assert ended.code == 1
        assert f"ok   gate (llrp, {device.link}): Impinj Speedway R420, firmware 5.14.0.240" in ended.out
        assert f"FAIL broker (mqtt, {gone}): connection refused by {gone}" in ended.out
        assert "FAIL phones" in ended.out
        with mosquitto() as broker:
            ended = await moments("check", "--config", settings(tmp_path, *places, mqtt=broker.url), "--seconds", "2")
        assert f"ok   broker (mqtt, {broker.url}): up" in ended.out, ended
        device.taken = True
        ended = await moments("check", "--config", settings(tmp_path, places[0]), "--seconds", "2")
    assert "another program is connected to the reader: it speaks to one at a time" in ended.out


async def test_check_tells_that_nothing_came_apart_from_nobody_there(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic write espresense/#\n")
    file = settings(tmp_path, PHONES, mqtt="mqtt://broker")
    diy = "\n[[readers]]\nid = 'diy'\ndriver = 'json'\nlink = 'rfid'\nzone = 'bar'\nrole = 'tap'\n"
    diy += "settings = { scheme = 'em' }\n"
    with mosquitto(extra=f"acl_file {tmp_path / 'acl'}") as broker:
        file.write_text(file.read_text().replace("mqtt://broker", broker.url) + diy)
        told = threading.Event()
        teller = threading.Thread(target=telemetry, args=(broker.port, told))
        teller.start()
        try:
            ended = await moments("check", "--config", file, "--seconds", "2")
        finally:
            told.set()
            teller.join()
    phones = next(line for line in ended.out.splitlines() if " phones " in line)
    assert ended.code == 1
    assert phones.startswith("FAIL phones")
    assert "nothing at all came in 2 s, not even a sign that one of its devices lives" in phones
    assert "may this user read espresense/#?" in phones
    assert "hold" not in phones
    silent = next(line for line in ended.out.splitlines() if " diy " in line)
    assert silent.startswith("ok ")  # it says nothing until somebody comes
    assert "may this user read rfid/#?" in silent


def telemetry(port: int, ended: threading.Event) -> None:
    """A node that lives, told every tenth of a second."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    while not ended.wait(0.1):
        client.publish("espresense/rooms/foyer/telemetry", b'{"ver":"4.1"}')
    client.loop_stop()
    client.disconnect()


async def test_check_tells_whether_webhooks_lead_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_CRM", "k" * 32)
    file = settings(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        file.write_text(file.read_text() + f'[[webhooks]]\nname = "crm"\nurl = "{url}"\n')
        ended = await moments("check", "--config", file, "--seconds", "1")
        assert ended.code == 0, ended
        assert f"ok   crm (webhook, {url}): somebody listens" in ended.out
    ended = await moments("check", "--config", file, "--seconds", "1")
    assert ended.code == 1
    assert f"FAIL crm (webhook, {url}): connection refused" in ended.out


# --- readers ----------------------------------------------------------------------------------------------------------


async def test_readers_shows_rates_strength_and_raw_frames_of_a_gateway_that_runs(tmp_path: Path) -> None:
    async with Venue(tmp_path, [DOOR, COUNTER]) as venue:
        venue.m100["door"].present(EPC, -50)
        await venue.hears("door")
        venue.m100["door"].garble(2)
        await asyncio.sleep(1.5)
        words: list[str | Path] = ["readers", "--config", venue.config, "--data", venue.data]
        table = (await moments(*words)).out.splitlines()
        assert table[0].split()[:5] == ["READER", "DRIVER", "STATE", "READS/S", "RSSI"]
        row = next(line.split() for line in table if line.startswith("door"))
        assert row[1:3] == ["m100", "up"]
        assert float(row[3]) > 5
        assert -60 < float(row[4]) < -40
        assert any(kind in " ".join(row) for kind in ("checksum", "tag CRC", "noise", "length", "CRC", "end"))
        raw = await moments(*words, "--raw", "door")
        assert raw.code == 0, raw
        assert len(raw.out.splitlines()) > 5
        assert re.search(r"BB 02 22 00 11 .. 30 00 (·· ){12}", raw.out), raw
        assert "1F EB 70 5C" not in raw.out
        nobody = await moments(*words, "--raw", "dor")
        assert (nobody.code, nobody.err.strip()) == (1, "there is no reader 'dor': door, counter")
        silent = await moments(*words, "--raw", "counter")
        assert "counter: nothing came" in silent.err


async def test_readers_watches_by_itself_where_no_gateway_runs(tmp_path: Path, door: SimulatedM100) -> None:
    door.present(EPC, -50)
    config = settings(tmp_path, placed(door))
    words = command_line("readers", "--config", config, "--data", tmp_path / "none", "--watch")
    with (tmp_path / "out").open("wb") as out:
        watching = subprocess.Popen(words, cwd=REPOSITORY, stdout=out, stderr=subprocess.DEVNULL)
    try:
        for _ in range(400):
            rows = [line.split() for line in (tmp_path / "out").read_text().splitlines() if line.startswith("door")]
            if any(row[2] == "up" and float(row[3]) > 5 for row in rows):
                break
            await asyncio.sleep(0.05)
        else:
            raise AssertionError((tmp_path / "out").read_text())
        watching.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(watching.wait, 10) == 0
    finally:
        watching.kill()
        watching.wait()
    ended = await moments("readers", "--config", config, "--data", tmp_path / "none", "--raw", "door")
    assert ended.code == 0, ended
    assert "BB 02 22" in ended.out
    assert os.path.lexists(door.link)


# --- walk test --------------------------------------------------------------------------------------------------------


async def walk(venue: Venue, *more: str) -> asyncio.subprocess.Process:
    words = command_line("walk-test", "--config", venue.config, "--data", venue.data, *more)
    return await asyncio.create_subprocess_exec(*words, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE)


async def test_a_walk_through_a_running_venue_passes_where_every_reader_heard_the_tag(tmp_path: Path) -> None:
    async with Venue(tmp_path, [DOOR, COUNTER]) as venue:
        walking = await walk(venue, "--seconds", "40", "--tag", f"em:{FOB}")
        assert walking.stdout
        venue.em4100["counter"].hold(FOB)
        line = (await asyncio.wait_for(walking.stdout.readline(), 20)).decode()
        assert "the test tag is em:…CDEF" in line
        assert (await walking.stdout.readline()).decode().startswith("pass  bar  counter (tap): ")
        walking.send_signal(signal.SIGINT)
        out, _ = await asyncio.wait_for(walking.communicate(), 20)
        assert walking.returncode == 1
        assert "fail  entrance  door (inner): never heard" in out.decode()
        assert "zone bar: pass" in out.decode()
        assert "zone entrance: fail" in out.decode()
        assert FOB not in venue.log

        venue.m100["door"].present(EPC, -40)
        venue.em4100["counter"].release()
        walking = await walk(venue, "--seconds", "3", "--tag", f"epc:{EPC}")
        out, _ = await asyncio.wait_for(walking.communicate(), 20)
        assert b"pass  entrance  door (inner): " in out
        assert walking.returncode == 1, "the counter was not visited"


async def test_a_walk_without_a_gateway_takes_the_tag_held_closest(tmp_path: Path, door: SimulatedM100) -> None:
    door.present(EPC, -35)
    door.present("E20010710000529B0940B402", -70)
    ended = await moments(
        "walk-test", "--config", settings(tmp_path, placed(door)), "--data", tmp_path / "none", "--seconds", "30"
    )
    assert ended.code == 0, ended
    assert "the test tag is epc:…0D70" in ended.out
    assert "zone entrance: pass" in ended.out
    assert EPC not in ended.out


async def test_a_walk_with_nonsense_for_a_tag_is_refused(tmp_path: Path) -> None:
    ended = await moments("walk-test", "--config", tmp_path / "x.toml", "--data", tmp_path, "--tag", "banana")
    assert ended.code == 2
    assert ended.err.startswith("--tag: no scheme")


async def test_a_single_fob_ends_the_walk_well(tmp_path: Path) -> None:
    async with SimulatedEm4100(tmp_path / "till") as till:
        till.hold(FOB)
        config = settings(tmp_path, Place("till", "em4100", "tap", "bar", link=str(till.link)))
        ended = await moments("walk-test", "--config", config, "--data", tmp_path / "none", "--seconds", "30")
    assert ended.code == 0, ended

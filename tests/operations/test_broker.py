"""The embedded broker, with the real mosquitto and real clients."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from gateway.operations import broker_users
from gateway.operations.broker import BrokerFailed, BrokerMissing, EmbeddedBroker
from gateway.operations.broker_settings import Credentials

TOPIC = "espresense/devices/tag/foyer"


@contextmanager
def client(port: int, user: Credentials | None) -> Iterator[tuple[paho.Client, list[str]]]:
    """A connected client and what it hears; refused ones raise ConnectionRefusedError."""
    heard: list[str] = []
    answer: list[str] = []
    answered = threading.Event()
    c = paho.Client(CallbackAPIVersion.VERSION2)
    if user:
        c.username_pw_set(*user)

    def connected(_c: object, _u: object, _f: object, reason: object, _p: object) -> None:
        answer.append(str(reason))
        answered.set()

    c.on_connect = connected
    c.on_message = lambda _c, _u, message: heard.append(f"{message.topic} {message.payload.decode()}")
    c.connect("127.0.0.1", port)
    c.loop_start()
    try:
        assert answered.wait(40)
        if answer[0] != "Success":
            raise ConnectionRefusedError(answer[0])
        yield c, heard
    finally:
        c.disconnect()
        c.loop_stop()


def subscribe(c: paho.Client, topic: str) -> None:
    """Subscribes and waits until the broker knows it."""
    done = threading.Event()
    c.on_subscribe = lambda *_: done.set()
    c.subscribe(topic, qos=1)
    assert done.wait(40)


def until(condition: Callable[[], object], seconds: float = 40) -> bool:
    """Whether something came true in time."""
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(condition())


def alive(pid: int) -> bool:
    """Whether a process runs; one that waits to be buried does not."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


async def test_what_a_reader_publishes_the_gateway_hears(tmp_path: Path) -> None:
    def conversation(broker: EmbeddedBroker) -> list[str]:
        gateway = Credentials(broker.username, broker.password)
        with client(broker.port, gateway) as (g, heard), client(broker.port, broker.reader_credentials) as (r, _):
            subscribe(g, "espresense/#")
            r.publish("other/topic", "not for the gateway", qos=1).wait_for_publish(40)
            r.publish(TOPIC, "heard", qos=1).wait_for_publish(40)
            assert until(lambda: heard)
            return heard

    async with EmbeddedBroker(tmp_path / "with a space", ["espresense/#"]) as broker:
        assert broker.url == f"mqtt://gateway@127.0.0.1:{broker.port}"
        assert await asyncio.to_thread(conversation, broker) == [f"{TOPIC} heard"]


async def test_readers_hear_nothing_and_the_gateway_forges_nothing(tmp_path: Path) -> None:
    def conversation(broker: EmbeddedBroker) -> tuple[list[str], list[str]]:
        gateway = Credentials(broker.username, broker.password)
        with (
            client(broker.port, gateway) as (g, at_gateway),
            client(broker.port, broker.reader_credentials) as (r, at_reader),
        ):
            subscribe(g, "espresense/#")
            subscribe(r, "espresense/#")
            g.publish(TOPIC, "forged", qos=1).wait_for_publish(40)
            r.publish(TOPIC, "real", qos=1).wait_for_publish(40)
            assert until(lambda: at_gateway)
            return at_gateway, at_reader

    async with EmbeddedBroker(tmp_path, ["espresense/#"]) as broker:
        at_gateway, at_reader = await asyncio.to_thread(conversation, broker)
    assert at_gateway == [f"{TOPIC} real"]
    assert at_reader == []


def knock(port: int, user: Credentials | None) -> None:
    """Connects once."""
    with client(port, user):
        pass


async def test_on_this_machine_anyone_may_publish_a_sighting_and_read_nothing(tmp_path: Path) -> None:
    def conversation(broker: EmbeddedBroker) -> tuple[list[str], list[str]]:
        gateway = Credentials(broker.username, broker.password)
        with client(broker.port, gateway) as (g, at_gateway), client(broker.port, None) as (anyone, at_anyone):
            subscribe(g, "espresense/#")
            subscribe(anyone, "espresense/#")
            anyone.publish("other/topic", "not for the gateway", qos=1).wait_for_publish(40)
            anyone.publish(TOPIC, "heard", qos=1).wait_for_publish(40)
            assert until(lambda: at_gateway)
            return at_gateway, at_anyone

    async with EmbeddedBroker(tmp_path, ["espresense/#"]) as broker:
        for user in (Credentials("gateway", "guess"), Credentials("readers", broker.password)):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.to_thread(knock, broker.port, user)
        at_gateway, at_anyone = await asyncio.to_thread(conversation, broker)
    assert at_gateway == [f"{TOPIC} heard"]
    assert at_anyone == []


async def test_beyond_this_machine_nobody_comes_in_without_a_password(tmp_path: Path) -> None:
    password = broker_users.new_passwords(tmp_path, ["foyer"])["foyer"]
    async with EmbeddedBroker(
        tmp_path / "broker", ["espresense/#"], host="0.0.0.0", readers={"foyer": ("espresense/#",)},
        hashes=lambda: broker_users.hashes(tmp_path),
    ) as broker:  # fmt: skip
        assert not broker.open_to_this_machine
        for user in (None, Credentials("gateway", "guess"), Credentials("foyer", "guess"), broker.reader_credentials):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.to_thread(knock, broker.port, user)
        await asyncio.to_thread(knock, broker.port, Credentials("foyer", password))


async def test_another_broker_on_the_usual_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    first = EmbeddedBroker(tmp_path / "first", ["espresense/#"])
    second = EmbeddedBroker(tmp_path / "second", ["espresense/#"])
    async with first, second:
        assert first.port != second.port
        await asyncio.to_thread(knock, second.port, second.reader_credentials)


async def test_it_listens_on_this_machine_alone_and_its_files_are_its_owners(tmp_path: Path) -> None:
    async with EmbeddedBroker(tmp_path / "broker", ["espresense/#"]) as broker:
        listening = Path(f"/proc/{broker.pid}/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        assert f"0100007F:{broker.port:04X}" in listening
        assert f"00000000:{broker.port:04X} " not in listening
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in broker.folder.iterdir()}
        stored = (broker.folder / "passwords").read_text()
    assert stat.S_IMODE(broker.folder.stat().st_mode) == 0o700
    assert set(modes) == {"mosquitto.conf", "acl", "passwords"}
    assert set(modes.values()) == {0o600}
    assert broker.password not in stored


async def test_a_restart_is_told_and_keeps_port_and_passwords(tmp_path: Path) -> None:
    async with EmbeddedBroker(tmp_path, ["espresense/#"]) as broker:
        before = broker.url, broker.password, broker.reader_credentials
        pid = broker.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        assert await asyncio.wait_for(broker.died(), 2) == "mosquitto ended (SIGKILL)"
        assert broker.pid is None
        await broker.start()
        assert broker.pid not in (None, pid)
        assert (broker.url, broker.password, broker.reader_credentials) == before


async def test_it_does_not_tell_the_service_manager_how_we_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        async with EmbeddedBroker(tmp_path / "data", ["espresense/#"]):
            pass
        with pytest.raises(BlockingIOError):
            manager.recv(100)


async def test_a_stop_leaves_nothing_running(tmp_path: Path) -> None:
    broker = EmbeddedBroker(tmp_path, ["espresense/#"])
    await broker.start()
    pid = broker.pid
    assert pid
    await broker.stop()
    assert not alive(pid)
    await broker.stop()
    with pytest.raises(BrokerFailed, match="not started"):
        await broker.died()


STRANGER = ("a4:83:e7:12:34:56", "Lucy's iPhone")


async def test_a_message_that_asks_to_be_kept_is_heard_and_is_on_no_disk_and_told_to_nobody_later(
    tmp_path: Path,
) -> None:
    said = f'{{"mac": "{STRANGER[0]}", "name": "{STRANGER[1]}"}}'

    def say_and_hear(broker: EmbeddedBroker) -> tuple[list[str], list[str]]:
        gateway = Credentials(broker.username, broker.password)
        with client(broker.port, gateway) as (g, heard), client(broker.port, broker.reader_credentials) as (r, _):
            subscribe(g, "espresense/#")
            r.publish(TOPIC, said, qos=1, retain=True).wait_for_publish(40)
            assert until(lambda: heard)
        with client(broker.port, gateway) as (g, later):
            subscribe(g, "espresense/#")
            until(lambda: later, seconds=0.5)
        return heard, later

    tmp_path.joinpath("mosquitto.db").write_text(said)
    tmp_path.joinpath("mosquitto.db.new").write_text(said)
    async with EmbeddedBroker(tmp_path, ["espresense/#"]) as broker:
        assert await asyncio.to_thread(say_and_hear, broker) == ([f"{TOPIC} {said}"], [])
        kept = [file for file in tmp_path.rglob("*") if file.is_file()]
        found = [file.name for file in kept for word in STRANGER if word.encode() in file.read_bytes()]
    after = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {file.name for file in (*kept, *after)} == {"mosquitto.conf", "acl", "passwords"}
    assert found == []


async def test_a_taken_port_is_named_and_leaves_nothing_running(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        broker = EmbeddedBroker(tmp_path, ["espresense/#"], port=taken.getsockname()[1])
        with pytest.raises(BrokerFailed, match=r"[Aa]ddress already in use"):
            await broker.start()
        assert broker.pid is None


async def test_a_missing_program_is_said_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("gateway.operations.broker._PLACES", ())
    with pytest.raises(BrokerMissing, match="apt-get install mosquitto"):
        await EmbeddedBroker(tmp_path, ["espresense/#"]).start()


async def test_it_is_found_outside_a_users_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    async with EmbeddedBroker(tmp_path, ["espresense/#"]) as broker:
        assert broker.pid


HOST = """
import asyncio, sys
from pathlib import Path
from gateway.operations.broker import EmbeddedBroker

async def main():
    async with EmbeddedBroker(Path(sys.argv[1]), ["espresense/#"]) as broker:
        print(broker.pid, flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


def test_it_ends_with_a_gateway_that_was_killed_hard(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOST, str(tmp_path)], stdout=subprocess.PIPE, text=True) as host:
        assert host.stdout
        pid = int(host.stdout.readline())
        assert alive(pid)
        host.kill()
    try:
        assert until(lambda: not alive(pid)), "mosquitto outlived its gateway"
    finally:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)

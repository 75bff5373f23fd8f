"""The embedded broker of a house as it is set up, attacked by readers that turned and by strangers of the network."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path

import paho.mqtt.client as paho
import pytest

from gateway.operations.broker_settings import Credentials
from gateway.operations.tls_folder import GIVEN, TLS
from tests.operations.test_broker import subscribe, until
from tests.operations.test_broker_users import knock, reader
from tests.story.guarded import ADDRESS, Guarded
from tests.story.venue import Guest, guest

pytestmark = pytest.mark.timeout(300)

LOUNGE, BAR = "lounge@phones", "bar@phones"
PATIENCE = 40.0  # seconds on a busy machine
EVERY = 0.15  # seconds between what a node tells of one phone
MEMORY = 64 << 20  # bytes that a flood may add


def hears(client: paho.Client, who: Guest, room: str) -> None:
    """One sighting of a phone, as a node of this room tells it."""
    said = json.dumps({"id": who.irk, "rssi": -50, "distance": 1.0})
    client.publish(f"espresense/devices/{who.irk}/{room}", said, qos=1).wait_for_publish(PATIENCE)


async def heard_of(house: Guarded, user: Credentials, authority: Path, who: Guest) -> None:
    """An honest node of the lounge tells of a phone until the house knows that its owner is here."""
    here = threading.Event()

    def honest() -> None:
        with reader(house.mqtt_port, user, authority) as node:
            while not here.is_set():
                hears(node, who, "lounge")
                here.wait(EVERY)

    telling = asyncio.create_task(asyncio.to_thread(honest))
    try:
        await house.eventually(house.present, lambda found: who.id in found, within=PATIENCE)
    finally:
        here.set()
        await telling


async def test_a_reader_that_turned_and_a_stranger_bring_nobody_in_and_keep_nothing(tmp_path: Path) -> None:
    async with Guarded(tmp_path) as house:
        li, ward = guest("Li Na"), guest("Ada Ward")
        await house.enrol(li, ward)
        users = await house.passwords("phones")
        authority = house.data / TLS / GIVEN
        port = house.mqtt_port
        for name in (BAR, LOUNGE):
            await asyncio.to_thread(admitted, port, Credentials(name, users[name]), authority)
        for user in (
            None, Credentials(BAR, users[LOUNGE]), Credentials(BAR, ""), Credentials("gateway", users[BAR]),
            Credentials("bar@phones/../lounge@phones", users[BAR]), Credentials("#", "#"), Credentials("", ""),
        ):  # fmt: skip
            with pytest.raises((ConnectionRefusedError, OSError)):
                await asyncio.to_thread(knock, port, user, authority)
        await asyncio.to_thread(turned, port, Credentials(BAR, users[BAR]), authority, li)
        assert li.id not in await house.present(), "the bar's node speaks for the bar alone"
        everything = b"".join(f.read_bytes() for f in house.data.rglob("*") if f.is_file() and "socket" not in f.name)
        assert b"forged-mac" not in everything, "nothing of it is on the disk"
        assert li.irk.encode() not in everything
        await heard_of(house, Credentials(LOUNGE, users[LOUNGE]), authority, ward)
        assert "Traceback" not in house.log


def turned(port: int, user: Credentials, authority: Path, victim: Guest) -> None:
    """Everything that a node of the bar may try with its own password."""
    with reader(port, user, authority, id_="node", will=f"espresense/devices/{victim.irk}/lounge") as node:
        overheard: list[str] = []
        node.on_message = lambda _c, _u, message: overheard.append(message.topic)
        for topic in ("#", "+/+/+/+", "$SYS/#", "espresense/#", "espresense/devices/+/lounge", "$share/a/#"):
            with suppress(AssertionError):  # what it may not hear may also go unanswered
                subscribe(node, topic)
        for _ in range(40):  # as long as an honest node takes, and more
            hears(node, victim, "lounge")
            time.sleep(EVERY)
        for number in range(2_000):  # marks that would be kept, under names without end
            node.publish(f"espresense/devices/forged-mac-{number}/bar", b"x" * 200, qos=0, retain=True)
        for payload in (b"[" * 50_000, b'{"id":' * 20_000, b"\x00\xff" * 1_000, b"{}", b"9" * 200_000, b"x" * 299_000):
            node.publish("espresense/devices/forged-mac/bar", payload, qos=1).wait_for_publish(PATIENCE)
        node.publish("a/" * 120 + "x", b"deep", qos=0)
        node.publish("espresense/devices/forged-mac/bar", b"x" * 2_000_000, qos=0)  # which ends the connection
        assert until(lambda: not node.is_connected(), PATIENCE), "who says too much at once is let go"
        node.loop_stop()
        assert not overheard
    with reader(port, user, authority) as again:  # nothing of what it asked to be kept is told to who comes back
        kept: list[str] = []
        again.on_message = lambda _c, _u, message: kept.append(message.topic)
        with suppress(AssertionError):
            subscribe(again, "espresense/devices/+/bar")
        time.sleep(0.5)
        assert not kept


async def test_a_flood_at_the_broker_takes_little_memory_and_readers_are_heard(tmp_path: Path) -> None:
    async with Guarded(tmp_path) as house:
        ward = guest("Ada Ward")
        await house.enrol(ward)
        users = await house.passwords("phones")
        authority = house.data / TLS / GIVEN
        port, held = house.mqtt_port, list[socket.socket]()
        for user in (BAR, LOUNGE):
            await asyncio.to_thread(admitted, port, Credentials(user, users[user]), authority)
        await house.health()
        before, broker = house.resident(), memory(house.processes()[1])
        try:
            for number in range(600):
                with suppress(OSError, ssl.SSLError):
                    line = socket.create_connection((ADDRESS, port), timeout=PATIENCE)
                    held.append(line)
                    if number % 6 == 0:
                        held[-1] = secure = await asyncio.to_thread(
                            house.trusts.wrap_socket, line, server_hostname=ADDRESS
                        )
                        secure.sendall((b"\x10\x30\x00\x04MQTT", b"\x10", b"GET / HTTP/1.1\r\n\r\n")[number // 6 % 3])
                    elif number % 6 == 1:
                        line.sendall(b"\x16\x03\x01\x02\x00\x01")
            gone = threading.Event()

            def loud() -> None:
                with reader(port, Credentials(BAR, users[BAR]), authority) as node:
                    while not gone.is_set():
                        node.publish("espresense/devices/noise/bar", b"x" * 100_000, qos=0)
                        time.sleep(0.005)

            noise = asyncio.create_task(asyncio.to_thread(loud))
            try:
                await heard_of(house, Credentials(LOUNGE, users[LOUNGE]), authority, ward)
            finally:
                gone.set()
                await noise
        finally:
            for line in held:
                line.close()
        assert house.resident() - before < MEMORY
        assert memory(house.processes()[1]) - broker < MEMORY


def admitted(port: int, user: Credentials, authority: Path) -> None:
    """Returns once the broker, which reads new passwords a moment after they were made, knows this one."""
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            with reader(port, user, authority):
                return
        except ConnectionRefusedError:
            assert time.monotonic() < give_up, "a new password is never taken"
            time.sleep(EVERY)


def memory(pid: int) -> int:
    """The memory of a process at its largest so far, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) * 1024

"""A venue's readers without the hardware: real protocols on real links, for the demo, the tests and the benches.

Each is an async context; what it does by chance comes from its ``seed``. The frames are built here, apart from the
drivers, so that a driver's mistake is not repeated by what tests it.
"""

from __future__ import annotations

import asyncio
import json
import math
import random
import socket
from binascii import crc_hqx
from contextlib import suppress
from functools import reduce
from operator import xor
from types import TracebackType
from typing import Literal, Self, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from reader_drivers.mqtt_wire import BrokerAddress
from reader_drivers.simulated_device import Device, Path, Talker


class SimulatedM100(Talker):
    """A UHF module: answers commands, and while started tells each tag of each round, or that there was none."""

    END = {0xBB: 0x7E, 0xAA: 0xDD}  # noqa: RUF012 - what the wire fixes
    NAMES = (b"M100 26dBm V1.0", b"V2.3.5", b"MagicRF")

    def __init__(
        self,
        link: Path | None = None,
        *,
        dialect: Literal["BB", "AA"] = "BB",
        round_s: float = Talker.ROUND,
        seed: int = 1,
    ) -> None:
        super().__init__(link, round_s=round_s, seed=seed)
        self.head = int(dialect, 16)
        self.scanning = False
        self.starts = self.stops = 0
        self.region: int | None = None
        self.power_dbm: float | None = None

    def plug(self) -> None:
        """Plugs it in: a module that had no power remembers neither region nor power and does not scan."""
        self.scanning, self.region, self.power_dbm = False, None, None
        super().plug()

    def lapse(self) -> None:
        """Ends the scan without a word, as after 65535 rounds."""
        self.scanning = False

    def frame(self, kind: int, command: int, parameters: bytes) -> bytes:
        """One frame in this module's dialect."""
        body = bytes((kind, command, len(parameters) >> 8, len(parameters) & 0xFF)) + parameters
        return bytes((self.head,)) + body + bytes((sum(body) % 256, self.END[self.head]))

    def tag(self, epc: str, rssi: float) -> bytes:
        """The frame that tells one tag, heard at ``rssi`` dBm."""
        code = bytes.fromhex(epc)
        read = (len(code) // 2 << 11).to_bytes(2, "big") + code
        crc = (crc_hqx(read, 0xFFFF) ^ 0xFFFF).to_bytes(2, "big")
        return self.frame(2, 0x22, bytes((round(rssi) & 0xFF,)) + read + crc)

    def _round(self) -> None:
        if self.scanning:
            self._tell()

    def _tell(self) -> None:
        for epc, rssi in self.tags.items():
            self._say(self.tag(epc, rssi + self.random.gauss(0, 1.5)))
        if not self.tags:
            self._say(self.frame(1, 0xFF, b"\x15"))

    def _cut(self) -> bytes | None:
        while len(self._input) >= 7:
            length = int.from_bytes(self._input[3:5], "big")
            if self._input[0] != self.head or length > 64:
                self._input = self._input[1:]
                continue
            if len(self._input) < 7 + length:
                return None
            whole, self._input = self._input[: 7 + length], self._input[7 + length :]
            if sum(whole[1:-2]) % 256 == whole[-2] and whole[-1] == self.END[self.head]:
                return whole
        return None

    def _obey(self, command: bytes) -> None:
        code, parameters = command[2], command[5:-2]
        answer: bytes | None = b"\x00"
        match code, tuple(parameters):
            case 0x03, (0 | 1 | 2 as which,):
                answer = bytes((which,)) + self.NAMES[which]
            case 0x07, (region,):
                self.region = region
            case 0xB6, (high, low):
                self.power_dbm = (high << 8 | low) / 100
            case 0xB7, ():
                answer = round((self.power_dbm or 20) * 100).to_bytes(2, "big")
            case 0x22, ():
                self._tell()
                answer = None
            case 0x27, (0x22, _, _):
                self.scanning, self.starts = True, self.starts + 1
                answer = None
            case 0x28, ():
                if self.scanning:
                    self._tell()  # what was under way still comes, before the answer
                self.scanning, self.stops = False, self.stops + 1
            case _:
                code, answer = 0xFF, b"\x17"
        if answer is not None:
            self._say(self.frame(1, code, answer))


Framing = Literal["stx14", "crlf16", "raw13", "bare12", "bin10"]


class SimulatedEm4100(Device):
    """A 125 kHz reader: while a fob is held to it, the same frame again and again."""

    EVERY = 0.065  # seconds

    def __init__(
        self, link: Path | None = None, *, framing: Framing = "stx14", every_s: float = EVERY, seed: int = 1
    ) -> None:
        super().__init__(link, seed)
        self.framing = framing
        self.every_s = every_s
        self.fob: str | None = None

    def hold(self, fob: str) -> None:
        """Holds a fob of ten hex digits to the reader; a second one takes its place."""
        self.fob = fob.removeprefix("em:").upper()

    def release(self) -> None:
        """Takes the fob away."""
        self.fob = None

    def frame(self, fob: str) -> bytes:
        """The frame that tells one fob."""
        code = bytes.fromhex(fob)
        check = reduce(xor, code)
        digits = fob.encode()
        match self.framing:
            case "stx14":
                return b"\x02" + digits + b"%02X" % check + b"\x03"
            case "crlf16":
                return b"\x02" + digits + b"%02X" % check + b"\r\n\x03"
            case "raw13":
                return b"\x02" + digits + bytes((check,)) + b"\x03"
            case "bare12":
                return digits + b"%02X" % check
            case "bin10":
                body = b"\x0a\x02" + code
                return b"\x02" + body + bytes((reduce(xor, body),)) + b"\x03"

    async def _live(self) -> None:
        while True:
            if self.fob is not None:
                self.line.write(self.frame(self.fob))
            await asyncio.sleep(self.every_s)


class SimulatedEspresense:
    """ESPresense nodes, one for each room, each with its own connection and last will at a broker.

    ``url`` is ``mqtt://host:port``. A device is put at so many metres from one room's node; the other rooms hear it
    from farther away. ``every_s`` is the time between two sightings of one device by one node.
    """

    AT_1_M = -59  # dBm
    ABSORPTION = 2.7
    TELEMETRY = 15.0  # seconds
    FARTHER = 7.0  # metres from one room's node to the next one's
    HEARS = 16.0  # metres: farther devices are not told

    def __init__(
        self,
        url: str,
        rooms: list[str],
        *,
        username: str | None = None,
        password: str | None = None,
        prefix: str = "espresense",
        every_s: float = 0.8,
        telemetry_s: float = TELEMETRY,
        seed: int = 1,
    ) -> None:
        self.address = BrokerAddress.parse(url)
        self.rooms = list(rooms)
        self.random = random.Random(seed)
        self._login = (username, password)
        self._prefix = prefix
        self._every_s, self._telemetry_s = every_s, telemetry_s
        self._nodes: dict[str, paho.Client] = {}
        self._placed: dict[str, tuple[str, float]] = {}
        self._life: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        for room in self.rooms:
            self.start(room)
        loop = asyncio.get_running_loop()
        self._life = [loop.create_task(self._tell()), loop.create_task(self._report())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._life:
            task.cancel()
        await asyncio.wait(self._life)
        nodes, self._nodes = list(self._nodes.values()), {}
        for node in nodes:
            node.disconnect()
        await asyncio.to_thread(lambda: [node.loop_stop() for node in nodes])

    def place(self, device: str, room: str, distance: float = 2.0) -> None:
        """Puts a device (its id as ESPresense writes it: ``irk:…``, ``iBeacon:…``) ``distance`` metres from a node."""
        self._placed[device] = (room, distance)

    def remove(self, device: str) -> None:
        """Takes a device away: its sightings just stop, nobody says so."""
        self._placed.pop(device, None)

    def start(self, room: str) -> None:
        """Switches a room's node on."""
        if room in self._nodes:
            return
        node = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"espresense-{room}", protocol=paho.MQTTv311)
        username, password = self._login
        if username is not None:
            node.username_pw_set(username, password)
        if self.address.tls:
            node.tls_set()
        status = f"{self._prefix}/rooms/{room}/status"
        node.will_set(status, "offline", qos=0, retain=True)
        telemetry = f"{self._prefix}/rooms/{room}/telemetry"

        def connected(*_: object) -> None:
            node.publish(status, "online", retain=True)
            node.publish(telemetry, self._telemetry())

        node.on_connect = connected
        node.reconnect_delay_set(1, 4)
        node.connect_async(self.address.host, self.address.port, keepalive=15)
        node.loop_start()
        self._nodes[room] = node

    async def drop(self, room: str) -> None:
        """Takes a room's node off its power: the broker tells its last will."""
        node = self._nodes.pop(room, None)
        if node:
            await asyncio.to_thread(_cut, node)

    def sighting(self, device: str, room: str, distance: float) -> str:
        """The payload with which a node tells a device at ``distance`` metres, with the noise of a real one."""
        heard = self.AT_1_M - 10 * self.ABSORPTION * math.log10(max(distance, 0.1)) + self.random.gauss(0, 2.5)
        estimate = 10 ** ((self.AT_1_M - heard) / (10 * self.ABSORPTION))
        return json.dumps(
            {
                "mac": f"{self.random.getrandbits(48):012x}",
                "id": device,
                "rssi@1m": self.AT_1_M,
                "rssi": round(max(-110.0, heard), 2),
                "rxAdj": 0,
                "rssiVar": round(self.random.uniform(1, 12), 2),
                "distance": round(estimate, 2),
                "var": round(self.random.uniform(0.01, 0.6), 2),
                "int": self.random.randrange(300, 900),
            },
            separators=(",", ":"),
        )

    async def _tell(self) -> None:
        while True:
            for device, (home, distance) in list(self._placed.items()):
                for room, node in list(self._nodes.items()):
                    steps = (
                        abs(self.rooms.index(room) - self.rooms.index(home)) if home in self.rooms else len(self.rooms)
                    )
                    away = distance + self.FARTHER * steps
                    if away <= self.HEARS and node.is_connected():
                        node.publish(f"{self._prefix}/devices/{device}/{room}", self.sighting(device, room, away))
            await asyncio.sleep(self._every_s * self.random.uniform(0.8, 1.2))

    async def _report(self) -> None:
        while True:
            await asyncio.sleep(self._telemetry_s)
            for room, node in list(self._nodes.items()):
                if node.is_connected():
                    node.publish(f"{self._prefix}/rooms/{room}/telemetry", self._telemetry())

    def _telemetry(self) -> str:
        return json.dumps({"ip": "10.0.0.9", "uptime": 4711, "firm": "esp32", "rssi": -57, "ver": "v4.0.6", "count": 3})


def _cut(node: paho.Client) -> None:
    connection = cast(socket.socket | None, node.socket())
    if connection:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)  # no goodbye, so that the broker tells the will
    node.loop_stop()
    if connection:
        connection.close()

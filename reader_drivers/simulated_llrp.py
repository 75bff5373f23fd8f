"""An LLRP reader without the hardware: a TCP server that greets one client, obeys it, and keeps reports for it."""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
import struct
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

KEPT = 66_000  # reports that wait for a client; what a Zebra keeps
POWERS = [(index, 1000 + 25 * (index - 1)) for index in range(1, 82)]  # 10 to 30 dBm in steps of 0.25
ASKS_TID = struct.pack(">HHIIH", 1023, 14, 25882, 51, 1)
HOPS = (909_250, 908_250, 925_750)  # kHz


class SimulatedLlrp:
    """Greets, answers commands, reads while its ROSpec is active, and speaks to one client at a time.

    ``link`` is what to write in ``[[readers]]``; ``port`` None takes a free one and keeps it. ``clock_off_s`` is how
    far its clock is before ours, in seconds; without ``utc`` it tells only how long it has been switched on. What it
    reads while nobody is connected it keeps, and sends when it is let. ``secured`` has it speak TLS.
    """

    def __init__(
        self,
        port: int | None = None,
        *,
        round_s: float = 0.05,
        clock_off_s: float = 0.0,
        utc: bool = True,
        antennas: int = 4,
        secured: ssl.SSLContext | None = None,
        seed: int = 1,
    ) -> None:
        self.random = random.Random(seed)
        self.round_s = round_s
        self.clock_off_s = clock_off_s
        self.utc = utc
        self.port = port or _free_port()
        self.link = f"{'tls://' if secured else ''}127.0.0.1:{self.port}"
        self._secured = secured
        self.tags: dict[str, tuple[float, int]] = {}
        self.tids: dict[str, str] = {}
        """The chip's own number of a tag, told where it is asked for."""
        self.connected = dict.fromkeys(range(1, antennas + 1), True)
        self.mute = self.taken = False
        self.late_s = 0.0
        self.refuses: dict[int, tuple[int, str]] = {}
        """Status and words with which it answers a type of command."""
        self.heard: list[tuple[int, bytes]] = []
        """Type and body of every message of a client since it was switched on."""
        self.acknowledged = self.goodbyes = 0
        self._garble = 0
        self._kept: deque[bytes] = deque(maxlen=KEPT)
        self._server: asyncio.Server | None = None
        self._client: asyncio.StreamWriter | None = None
        self._life: asyncio.Task[None] | None = None
        self._talks: set[asyncio.Task[None]] = set()
        self._forget()

    def _forget(self) -> None:
        self.keepalive_s = 0.0
        self.holds = self._holding = False
        self.extended = False
        self.rospecs: dict[int, bytes] = {}
        self.enabled: set[int] = set()
        self.active: set[int] = set()
        self._on_since = time.monotonic()
        self._number = 0
        self._kept.clear()
        self.heard = []

    # --- a life -------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        await self.plug()
        self._life = asyncio.get_running_loop().create_task(self._live())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._life:
            self._life.cancel()
            await asyncio.wait([self._life])
        await self.unplug()

    async def plug(self) -> None:
        """Switches it on: it remembers no ROSpec and nobody who was connected."""
        if self._server is None:
            self._forget()
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port, ssl=self._secured)

    async def unplug(self) -> None:
        """Takes it off its power: the network sees connections end."""
        server, self._server = self._server, None
        self.cut()
        for talk in list(self._talks):
            talk.cancel()
        if self._talks:
            await asyncio.wait(self._talks)
        if server is not None:
            server.close()
            await server.wait_closed()

    def cut(self) -> None:
        """The network between it and its client is gone; it goes on reading."""
        client, self._client = self._client, None
        if client is not None:
            client.transport.abort()

    def present(self, tag: str, rssi: float = -55.0, antenna: int = 1) -> None:
        """A tag is in the field of an antenna, heard at about ``rssi`` dBm; again, to move it."""
        self.tags[tag.rpartition(":")[2].upper()] = (rssi, antenna)

    def remove(self, tag: str) -> None:
        """A tag has left the field."""
        self.tags.pop(tag.rpartition(":")[2].upper(), None)

    def stall(self) -> None:
        """Says nothing more, not even keep-alives, while its connections stay open; until ``resume``."""
        self.mute = True

    def resume(self) -> None:
        """Ends a stall."""
        self.mute = False

    def garble(self, frames: int) -> None:
        """Spoils the structure of each of the next ``frames`` messages."""
        self._garble += frames

    def noise(self, count: int) -> None:
        """Sends so many random bytes."""
        if self._client is not None:
            self._client.write(self.random.randbytes(count))

    # --- what it says -------------------------------------------------------------------------------------------------

    def antenna(self, port: int, *, connected: bool) -> None:
        """Someone pulls an antenna's cable out, or puts it in."""
        self.connected[port] = connected
        self.event(parameter(255, bytes((connected,)) + struct.pack(">H", port)))

    def end_inventory(self) -> None:
        """Its inventory ends by itself."""
        for each in self.active:
            self.event(parameter(249, struct.pack(">BII", 1, each, 0)))
        self.active.clear()

    def event(self, what: bytes) -> None:
        """Tells an event, with the time of now."""
        self._say(63, parameter(246, self._timestamp() + what))

    def report(self, tag: str, rssi: float, antenna: int = 1, age_s: float = 0.0, *, short: bool = True) -> bytes:
        """The body of a report of one tag that was seen ``age_s`` seconds ago; ``short``: EPC-96 where it fits."""
        code = bytes.fromhex(tag)
        epc = b"\x8d" + code if short and len(code) == 12 else parameter(241, struct.pack(">H", 8 * len(code)) + code)
        first, last = (b"\x82", b"\x84") if self.utc else (b"\x83", b"\x85")
        seen = struct.pack(">Q", self._microseconds(age_s))
        fields = b"\x81" + struct.pack(">H", antenna) + b"\x86" + struct.pack(">b", round(rssi))
        fields += b"\x87\x00\x04" + first + seen + last + seen + b"\x88\x00\x01"
        tid = bytes.fromhex(self.tids.get(tag, "") if any(ASKS_TID in each for each in self.rospecs.values()) else "")
        if tid:
            fields += parameter(1023, struct.pack(">IIH", 25882, 55, len(tid) // 2) + tid)
        return parameter(240, epc + fields)

    def _microseconds(self, age_s: float = 0.0) -> int:
        now = time.time() + self.clock_off_s if self.utc else time.monotonic() - self._on_since
        return max(0, round((now - age_s) * 1e6))

    def _timestamp(self) -> bytes:
        return parameter(128 if self.utc else 129, struct.pack(">Q", self._microseconds()))

    def _say(self, kind: int, body: bytes = b"", number: int | None = None) -> None:
        if self._client is not None and not self.mute:
            self._client.write(self._framed(kind, body, number))

    def _framed(self, kind: int, body: bytes, number: int | None) -> bytes:
        self._number += 1
        head = struct.pack(">HII", 1 << 10 | kind, 10 + len(body), self._number if number is None else number)
        if self._garble and body:
            self._garble -= 1
            body = body[:2] + b"\xff\xff" + body[4:]
        return head + body

    async def _live(self) -> None:
        told = time.monotonic()
        while True:
            await asyncio.sleep(self.round_s)
            if self.active:
                self._round()
            if self.keepalive_s and time.monotonic() - told >= self.keepalive_s:
                told = time.monotonic()
                self._say(62)

    def _round(self) -> None:
        for tag, (rssi, antenna) in self.tags.items():
            if not self.connected.get(antenna):
                continue
            report = self.report(tag, rssi + self.random.gauss(0, 1.0), antenna)
            if self._client is None or self._holding:
                self._kept.append(report)
            else:
                self._say(61, report)

    # --- what it hears ------------------------------------------------------------------------------------------------

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._talks.add(task)
            task.add_done_callback(self._talks.discard)
        try:
            if self.taken or self._client is not None:
                refusal = parameter(246, self._timestamp() + parameter(256, b"\x00\x02"))
                writer.write(self._framed(63, refusal, None))
                return
            self._client = writer
            self._holding = self.holds
            self.event(parameter(256, b"\x00\x00"))
            self._let_go()
            await self._listen(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            if self._client is writer:
                self._client = None
            writer.close()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while True:
            kind, length, number = struct.unpack(">HII", await reader.readexactly(10))
            body = await reader.readexactly(length - 10)
            self.heard.append((kind & 0x3FF, body))
            if self.mute:
                continue
            if self.late_s:
                loop.call_later(self.late_s, self._obey, kind & 0x3FF, body, number)
            else:
                self._obey(kind & 0x3FF, body, number)
            if kind & 0x3FF == 14:
                with suppress(OSError):
                    await writer.drain()
                return

    def _let_go(self) -> None:
        while self._kept and not self._holding:
            self._say(61, self._kept.popleft())

    def _obey(self, kind: int, body: bytes, number: int) -> None:
        status, words = self.refuses.get(kind, (0, ""))
        said = parameter(287, struct.pack(">HH", status, len(words)) + words.encode())
        if kind in (64, 72):
            self.acknowledged += kind == 72
            self._holding = self._holding and kind == 72
            self._let_go()
        elif kind == 1023:
            self.extended = body[:5] == struct.pack(">IB", 25882, 21) and not status
            self._say(kind, body[:4] + b"\x16" + said, number)
        elif kind == 14:
            self.goodbyes += 1
            self._say(4, said, number)
        elif status:
            self._say(kind + 10, said, number)
        elif kind not in self._DOES:
            said = parameter(287, struct.pack(">HH", 109, 0))
            self._say(100, said, number)
        else:
            more = self._DOES[kind](self, body)
            self._say(kind + 10, said + (more or b""), number)

    def _capabilities(self, _: bytes) -> bytes:
        firmware = b"5.14.0.240"
        device = struct.pack(">HHIIH", len(self.connected), 0x4000, 25882, 2001002, len(firmware)) + firmware
        device += parameter(139, struct.pack(">HH", 1, 0))
        powers = b"".join(parameter(145, struct.pack(">Hh", *each)) for each in POWERS)
        hops = parameter(147, struct.pack(">BBH3I", 1, 0, len(HOPS), *HOPS))
        band = parameter(144, powers + parameter(146, b"\x80" + hops))
        return parameter(137, device) + parameter(143, struct.pack(">HH", 840, 1) + band)

    def _config(self, _: bytes) -> bytes:
        return b"".join(
            parameter(221, struct.pack(">BHh", 0x80 * there, port, 0)) for port, there in self.connected.items()
        )

    def _set_config(self, body: bytes) -> None:
        for kind, value in pieces(body[1:]):
            if kind == 220:
                self.keepalive_s = struct.unpack(">I", value[1:5])[0] / 1000 if value[0] else 0.0
            elif kind == 226:
                self.holds = bool(value[0] & 0x80)

    def _add(self, body: bytes) -> None:
        ((_, rospec),) = pieces(body)
        if ASKS_TID in rospec and not self.extended:
            raise ValueError("additions of Impinj without its extensions being enabled")
        self.rospecs[struct.unpack(">I", rospec[:4])[0]] = rospec

    def _delete(self, body: bytes) -> None:
        (number,) = struct.unpack(">I", body)
        for each in [number] if number else list(self.rospecs):
            self.rospecs.pop(each, None)
            self.enabled.discard(each)
            self.active.discard(each)

    def _enable(self, body: bytes) -> None:
        self.enabled.add(struct.unpack(">I", body)[0])

    def _start(self, body: bytes) -> None:
        (number,) = struct.unpack(">I", body)
        if number in self.enabled & self.rospecs.keys():
            self.active.add(number)
            self.event(parameter(249, struct.pack(">BII", 0, number, 0)))

    _DOES: dict[int, Callable[[SimulatedLlrp, bytes], bytes | None]] = {  # noqa: RUF012 - what the protocol fixes
        1: _capabilities, 2: _config, 3: _set_config, 20: _add, 21: _delete, 22: _start, 24: _enable,
    }  # fmt: skip


def parameter(kind: int, value: bytes) -> bytes:
    """One TLV parameter."""
    return struct.pack(">HH", kind, 4 + len(value)) + value


def pieces(data: bytes) -> list[tuple[int, bytes]]:
    """The TLV parameters that fill ``data``."""
    found = []
    while data:
        kind, length = struct.unpack(">HH", data[:4])
        found.append((kind, data[4:length]))
        data = data[length:]
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

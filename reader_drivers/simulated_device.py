"""What simulated readers on serial lines have in common: a line, a life, and answers to commands."""

from __future__ import annotations

import asyncio
import os
import random
from collections import deque
from types import TracebackType
from typing import Self

from reader_drivers.simulated_line import SimulatedLine

Path = str | os.PathLike[str]


class Device:
    """A simulated serial device: it is plugged in on entering its context and unplugged on leaving it."""

    def __init__(self, link: Path | None, seed: int) -> None:
        self.line = SimulatedLine(link, self._heard)
        self.link = self.line.link
        """What to write as ``link`` in ``[[readers]]``."""
        self.random = random.Random(seed)
        self._life: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.plug()
        self._life = asyncio.get_running_loop().create_task(self._live())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._life:
            self._life.cancel()
            await asyncio.wait([self._life])
        self.line.unplug()

    def plug(self) -> None:
        """Plugs the device in, freshly powered."""
        self.line.plug()

    def unplug(self) -> None:
        """Pulls it out, in the midst of whatever it was doing."""
        self.line.unplug()

    def noise(self, count: int) -> None:
        """Sends so many random bytes."""
        self.line.write(self.random.randbytes(count))

    def _heard(self, data: bytes) -> None:
        """What the driver writes."""

    async def _live(self) -> None:
        raise NotImplementedError


class Talker(Device):
    """A reader that answers commands; it can stall, answer late, spoil frames and lose its power.

    ``round_s`` is the time between two rounds of a reader that sends on its own, in seconds.
    """

    ROUND = 0.05

    def __init__(self, link: Path | None, *, round_s: float = ROUND, seed: int = 1) -> None:
        super().__init__(link, seed)
        self.round_s = round_s
        self.tags: dict[str, float] = {}
        self.mute = False
        self.late_s = 0.0
        """How long it takes to answer."""
        self.heard_commands: deque[bytes] = deque(maxlen=1000)
        """The good frames that came from the driver since it was plugged in, the last of them."""
        self._input = b""
        self._garble = 0

    def plug(self) -> None:
        """Plugs it in, freshly powered."""
        self._input = b""
        self.heard_commands.clear()
        super().plug()

    def present(self, tag: str, rssi: float = -55.0) -> None:
        """A tag is in the field, heard at about ``rssi`` dBm; again, to move it."""
        self.tags[tag.rpartition(":")[2].upper()] = rssi

    def remove(self, tag: str) -> None:
        """A tag has left the field."""
        self.tags.pop(tag.rpartition(":")[2].upper(), None)

    def stall(self) -> None:
        """Says nothing more and answers nothing, until ``resume``."""
        self.mute = True

    def resume(self) -> None:
        """Ends a stall."""
        self.mute = False

    def garble(self, frames: int) -> None:
        """Spoils one byte in each of the next ``frames`` frames."""
        self._garble += frames

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(self.round_s)
            if not self.mute:
                self._round()

    def _round(self) -> None:
        """What it sends on its own."""

    def _cut(self) -> bytes | None:
        """Takes the next whole good command off ``_input``; None where there is none."""
        raise NotImplementedError

    def _obey(self, command: bytes) -> None:
        raise NotImplementedError

    def _say(self, frame: bytes) -> None:
        if self.mute:
            return
        if self._garble:
            self._garble -= 1
            spoilt = bytearray(frame)
            spoilt[self.random.randrange(len(frame) // 2, len(frame) - 1)] ^= self.random.randrange(1, 256)
            frame = bytes(spoilt)
        self.line.write(frame)

    def _heard(self, data: bytes) -> None:
        self._input += data
        while (command := self._cut()) is not None:
            self.heard_commands.append(command)
            if self.late_s:
                asyncio.get_running_loop().call_later(self.late_s, self._answer, command)
            else:
                self._answer(command)

    def _answer(self, command: bytes) -> None:
        if not self.mute and self.line.plugged:
            self._obey(command)


def crc_bitwise(data: bytes) -> int:
    """CRC-16 with 8408 reflected, from FFFF, as the manuals print it: bit by bit."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8408 if crc & 1 else crc >> 1
    return crc

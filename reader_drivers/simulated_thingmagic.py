"""A ThingMagic module without the hardware."""

from __future__ import annotations

import asyncio
from binascii import crc_hqx

from reader_drivers.simulated_device import Path, Talker


def crc_shifted(data: bytes) -> int:
    """ThingMagic's CRC bit by bit: each bit enters at the low end of the register."""
    crc = 0xFFFF
    for byte in data:
        for bit in range(7, -1, -1):
            top = crc & 0x8000
            crc = (crc << 1 | byte >> bit & 1) & 0xFFFF
            if top:
                crc ^= 0x1021
    return crc


class SimulatedThingmagic(Talker):
    """Answers commands, and while started tells each tag of each round; now and then that there was none."""

    VERSION = bytes.fromhex("2301060038000201202409130201060800000010")  # what an M7E Hecto answered

    def __init__(self, link: Path | None = None, *, round_s: float = 0.05, boots: bool = False, seed: int = 1) -> None:
        super().__init__(link, round_s=round_s, seed=seed)
        self._boots = boots
        self.in_boot_loader = boots
        self.scanning = False
        self.antenna = 1
        self.fault: int | None = None
        """Status that it tells in place of tags."""
        self.region: int | None = None
        self.power_dbm: float | None = None
        self.ports = b""
        self.filtered = True
        self._since = 0.0

    def plug(self) -> None:
        """Plugs it in: it has forgotten everything, and may wait in its boot loader."""
        self.in_boot_loader, self.scanning = self._boots, False
        self.region, self.power_dbm, self.ports, self.filtered = None, None, b"", True
        super().plug()

    def frame(self, op: int, status: int = 0, data: bytes = b"") -> bytes:
        """One frame from this module."""
        body = bytes((len(data), op)) + status.to_bytes(2, "big") + data
        return b"\xff" + body + crc_shifted(body).to_bytes(2, "big")

    def tag(self, epc: str, rssi: float) -> bytes:
        """The record that tells one tag, heard at ``rssi`` dBm."""
        code = bytes.fromhex(epc)
        words = (len(code) // 2 << 11).to_bytes(2, "big") + code
        words += (crc_hqx(words, 0xFFFF) ^ 0xFFFF).to_bytes(2, "big")
        fields = bytes((1, round(rssi) & 0xFF, self.antenna << 4 | self.antenna)) + bytes.fromhex("0E1640")
        fields += round(self._since * 1000).to_bytes(4, "big") + bytes.fromhex("0000 05 0000 0F")
        record = bytes.fromhex("10 001B 01FF 01") + fields + (8 * len(words)).to_bytes(2, "big") + words
        return self.frame(0x22, 0, record)

    def _round(self) -> None:
        self._since += self.round_s
        if not self.scanning:
            return
        if self.fault is not None:
            self._say(self.frame(0x22, self.fault))
        elif self.tags:
            for epc, rssi in self.tags.items():
                self._say(self.tag(epc, rssi + self.random.gauss(0, 1.5)))
        elif self._since >= 1:
            self._since = 0.0
            self._say(self.frame(0x22, 0x0400))

    def _cut(self) -> bytes | None:
        while len(self._input) >= 5:
            end = 5 + self._input[1]
            if self._input[0] == 0xFF and len(self._input) < end:
                return None
            frame = self._input[:end]
            if frame[0] == 0xFF and crc_shifted(frame[1:-2]) == int.from_bytes(frame[-2:], "big"):
                self._input = self._input[end:]
                return frame
            self._input = self._input[1:]
        return None

    def _obey(self, command: bytes) -> None:
        op, data = command[2], command[3:-2]
        if self.in_boot_loader and op not in (0x03, 0x04, 0x0C):
            self._say(self.frame(op, 0x0101))
            return
        match op:
            case 0x03:
                self._say(self.frame(op, 0, self.VERSION))
            case 0x04:
                asyncio.get_running_loop().call_later(0.2, self._boot)
            case 0x0C:
                self._say(self.frame(op, 0, b"\x11" if self.in_boot_loader else b"\x12"))
            case 0x2F:
                self._start_or_stop(data)
            case 0x91 | 0x92 | 0x93 | 0x97 | 0x9A:
                self._set(op, data)
            case _:
                self._say(self.frame(op, 0x0101))

    def _boot(self) -> None:
        self.in_boot_loader = False
        self._say(self.frame(0x04))

    def _set(self, op: int, data: bytes) -> None:
        match op:
            case 0x91 if data[0] == 2:
                self.ports = data[1:]
            case 0x92:
                self.power_dbm = int.from_bytes(data, "big") / 100
            case 0x97:
                self.region = data[0]
            case 0x9A:
                self.filtered = data[2] != 0
        self._say(self.frame(op))

    def _start_or_stop(self, data: bytes) -> None:
        if data[2] == 2:
            self.scanning = False
            self._say(self.frame(0x2F, 0, b"\x02"))
        elif self.region is None:
            self._say(self.frame(0x2F, 0x0405))
        else:
            self.scanning, self._since = True, 0.0
            self._say(self.frame(0x2F))

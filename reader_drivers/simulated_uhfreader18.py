"""A UHFReader18 or 288 without the hardware."""

from __future__ import annotations

import asyncio
from typing import Literal

from reader_drivers.simulated_device import Path, Talker, crc_bitwise

SILENCE = 0.05  # seconds; a reader takes 15 ms for the end of a frame, and a busy machine is slower than a wire


class SimulatedUhfreader18(Talker):
    """Answers inventories; dialect 288 also sends on its own once it is told to, and remembers that without power."""

    INFORMATION = {  # noqa: RUF012 - what real readers answered
        "18": bytes.fromhex("011708033e000d1e"),
        "288": bytes.fromhex("030D260331801E0001000001"),
    }

    def __init__(
        self, link: Path | None = None, *, dialect: Literal["18", "288"] = "18", round_s: float = 0.05, seed: int = 1
    ) -> None:
        super().__init__(link, round_s=round_s, seed=seed)
        self.dialect = dialect
        self.real_time = False
        self._heard_at = 0.0
        self.antenna = 1
        """Which antenna hears the tags."""
        self.antenna_states = b"\x01\x00\x00\x00"
        self.status: int | None = None
        """What every inventory answers in place of tags."""
        self.region: bytes | None = None
        self.power_dbm: int | None = None
        self.packets = 0

    def plug(self) -> None:
        """Plugs it in: region and power are forgotten, the mode is kept."""
        self.region, self.power_dbm = None, None
        super().plug()

    def frame(self, command: int, status: int, data: bytes = b"") -> bytes:
        """One frame from this reader."""
        body = bytes((5 + len(data), 0, command, status)) + data
        return body + crc_bitwise(body).to_bytes(2, "little")

    def inventory(self, status: int, epcs: list[str]) -> bytes:
        """The frame that tells these tags, in this reader's dialect."""
        records = b""
        for epc in epcs:
            code = bytes.fromhex(epc)
            strength = bytes((round(self.tags.get(epc, -55.0)) + 130,)) if self.dialect == "288" else b""
            records += bytes((len(code),)) + code + strength
        head = bytes((1 << self.antenna - 1, len(epcs))) if self.dialect == "288" else bytes((len(epcs),))
        return self.frame(0x01, status, head + records)

    def beat(self) -> None:
        """Sends a heartbeat, as a reader in real-time mode does after 30 s without a tag."""
        self.packets += 1
        self._say(self.frame(0xEE, 0x28, self.packets.to_bytes(4, "big") + self.antenna_states + bytes(4)))

    def _round(self) -> None:
        if not self.real_time:
            return
        for epc, rssi in self.tags.items():
            code = bytes.fromhex(epc)
            mask = 1 << self.antenna - 1
            self._say(self.frame(0xEE, 0, bytes((mask, len(code))) + code + bytes((round(rssi) + 130,))))

    def _heard(self, data: bytes) -> None:
        now = asyncio.get_running_loop().time()
        if now - self._heard_at > SILENCE:  # which ends a frame: nothing marks where one begins
            self._input = b""
        self._heard_at = now
        super()._heard(data)

    def _cut(self) -> bytes | None:
        while self._input:
            end = self._input[0] + 1
            if end < 5:
                self._input = self._input[1:]
                continue
            if len(self._input) < end:
                return None
            frame = self._input[:end]
            if crc_bitwise(frame[:-2]) == int.from_bytes(frame[-2:], "little"):
                self._input = self._input[end:]
                return frame
            self._input = self._input[1:]
        return None

    def _obey(self, command: bytes) -> None:
        code, data = command[2], command[3:-2]
        if self.real_time and code not in (0x21, 0x76, 0x77):
            return
        match code:
            case 0x01:
                self._inventory()
            case 0x21:
                self._say(self.frame(0x21, 0, self.INFORMATION[self.dialect]))
            case 0x22:
                self.region = data
                self._say(self.frame(0x22, 0))
            case 0x2F:
                self.power_dbm = data[0]
                self._say(self.frame(0x2F, 0 if data[0] <= 30 else 0xFF))
            case 0x93:
                pass
            case 0x25:
                self._say(self.frame(code, 0))
            case 0x75 | 0x76 | 0x77 | 0x78 if self.dialect == "288":
                self._set(code, data)
            case _:
                self._say(self.frame(0, 0xFE))

    def _set(self, code: int, data: bytes) -> None:
        answer = {0x77: bytes((self.real_time,)) + bytes(8), 0x78: data}.get(code, b"")
        if code == 0x76:
            self.real_time = data[0] == 1
        self._say(self.frame(code, 0, answer))

    def _inventory(self) -> None:
        if self.status is not None or not self.tags:
            self._say(self.frame(0x01, 0xFB if self.status is None else self.status))
            return
        *first, last = list(self.tags)
        for epc in first:
            self._say(self.inventory(0x03, [epc]))
        self._say(self.inventory(0x01, [last]))

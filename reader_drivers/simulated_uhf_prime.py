"""A UHF Prime reader without the hardware."""

from __future__ import annotations

from reader_drivers.simulated_device import Path, Talker, crc_bitwise


class SimulatedUhfPrime(Talker):
    """Answers commands, and while started tells each tag of each round; an empty field it does not mention."""

    HARDWARE, FIRMWARE = b"CF591", b"CP202910_V1.51"

    def __init__(self, link: Path | None = None, *, round_s: float = 0.05, seed: int = 1) -> None:
        super().__init__(link, round_s=round_s, seed=seed)
        self.scanning = False
        self.antenna = 1
        self.power_dbm: int | None = None
        # As a reader was seen to answer: active mode, US band, 33 dBm, antenna 1.
        self.parameters = bytes.fromhex("0000018004000101038602ee01f43121010400000c00030105")

    def plug(self) -> None:
        """Plugs it in: what SET_ALL took is kept, the power is not."""
        self.scanning, self.power_dbm = False, None
        super().plug()

    def frame(self, command: int, status: int, data: bytes = b"") -> bytes:
        """One frame from this reader."""
        body = bytes((0xCF, 0, command >> 8, command & 0xFF, 1 + len(data), status)) + data
        return body + crc_bitwise(body).to_bytes(2, "big")

    def tag(self, epc: str, rssi: float) -> bytes:
        """The frame that tells one tag, heard at ``rssi`` dBm."""
        code = bytes.fromhex(epc)
        tenths = round(rssi * 10).to_bytes(2, "big", signed=True)
        return self.frame(0x0001, 0, tenths + bytes((self.antenna, 0, len(code))) + code)

    def finish(self) -> None:
        """Ends the inventory by itself."""
        self.scanning = False
        self._say(self.frame(0x0001, 0x12))

    def _round(self) -> None:
        if self.scanning:
            for epc, rssi in self.tags.items():
                self._say(self.tag(epc, rssi + self.random.gauss(0, 1.5)))

    def _cut(self) -> bytes | None:
        while len(self._input) >= 7:
            end = 7 + self._input[4]
            if self._input[0] == 0xCF and len(self._input) < end:
                return None
            frame = self._input[:end]
            if frame[0] == 0xCF and crc_bitwise(frame[:-2]) == int.from_bytes(frame[-2:], "big"):
                self._input = self._input[end:]
                return frame
            self._input = self._input[1:]
        return None

    def _obey(self, command: bytes) -> None:
        code, data = int.from_bytes(command[2:4], "big"), command[5:-2]
        match code:
            case 0x0001:
                self.scanning = True
                return
            case 0x0002:
                self.scanning = False
                answer = b""
            case 0x0053:
                self.power_dbm = data[0]
                answer = b""
            case 0x0070:
                serial, module = b"0123456789AB", b"\x00\x1e"
                answer = self.HARDWARE.ljust(32, b"\0") + self.FIRMWARE.ljust(32, b"\0") + serial
                answer += module.ljust(32, b"\0") + b"E710".ljust(32, b"\0") + bytes(12)
            case 0x0071:
                self.parameters = data
                answer = b""
            case 0x0072:
                answer = self.parameters
            case _:
                self._say(self.frame(code, 0x01))
                return
        self._say(self.frame(code, 0, answer))

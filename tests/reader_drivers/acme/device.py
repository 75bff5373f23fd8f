"""A QX1 without the hardware."""

from __future__ import annotations

from reader_drivers.simulated_device import Path, Talker, crc_bitwise


class SimulatedAcme(Talker):
    """Answers commands, and while started tells each tag of each round."""

    def __init__(self, link: Path | None = None, *, round_s: float = 0.05, seed: int = 1) -> None:
        super().__init__(link, round_s=round_s, seed=seed)
        self.scanning = False
        self.power_dbm: int | None = None

    def plug(self) -> None:
        """Plugs it in: it has forgotten everything."""
        self.scanning, self.power_dbm = False, None
        super().plug()

    def frame(self, command: int, data: bytes = b"") -> bytes:
        """One frame, built apart from the driver, its CRC bit by bit."""
        said = bytes((0x7E, len(data), command)) + data
        return said + crc_bitwise(said).to_bytes(2, "big")

    def _round(self) -> None:
        for tag, rssi in self.tags.items() if self.scanning else ():
            self._say(self.frame(0x90, bytes((round(rssi) & 0xFF, 1)) + bytes.fromhex(tag)))

    def _cut(self) -> bytes | None:
        self._input = self._input[max(0, self._input.find(b"\x7e")) :]
        if len(self._input) < 5 or len(self._input) < 5 + self._input[1]:
            return None
        end = 5 + self._input[1]
        command, self._input = self._input[:end], self._input[end:]
        return command

    def _obey(self, command: bytes) -> None:
        match command[2], command[3:-2]:
            case 0x01, _:
                self._say(self.frame(0x01, b"QX1 V3.2"))
            case 0x02, power:
                self.power_dbm = power[0]
                self._say(self.frame(0x02))
            case (0x10 | 0x11) as what, _:
                self.scanning = what == 0x10
                self._say(self.frame(what))

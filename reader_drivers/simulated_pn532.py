"""A PN532 board without the hardware."""

from __future__ import annotations

from reader_drivers.simulated_device import Path, Talker

WAKE = b"\x55\x55"
ACK = bytes.fromhex("0000FF00FF00")


class SimulatedPn532(Talker):
    """Sleeps until it is woken, acknowledges each command, and answers a poll with up to two targets."""

    def __init__(self, link: Path | None = None, *, round_s: float = 0.05, seed: int = 1) -> None:
        super().__init__(link, round_s=round_s, seed=seed)
        self.awake = self.field = self.gives_up = False
        self.pending = False
        """Whether a poll waits for a target, as it does where retries are endless."""
        self.refuses_polls = False

    def plug(self) -> None:
        """Plugs it in: asleep, and with endless retries."""
        self.awake = self.field = self.gives_up = self.pending = False
        super().plug()

    def frame(self, code: int, data: bytes = b"") -> bytes:
        """One frame from the chip."""
        body = bytes((0xD5, code)) + data
        return b"\0\0\xff" + bytes((len(body), 256 - len(body))) + body + bytes(((256 - sum(body)) % 256, 0))

    def targets(self, uids: list[str]) -> bytes:
        """The answer to a poll that found these."""
        found = bytes((len(uids),))
        for number, uid in enumerate(uids, 1):
            code = bytes.fromhex(uid)
            kind = bytes.fromhex("000408") if len(code) == 4 else bytes.fromhex("004400")
            found += bytes((number,)) + kind + bytes((len(code),)) + code
        return self.frame(0x4B, found)

    def _cut(self) -> bytes | None:
        while self._input:
            if self._input.startswith(WAKE):
                self.awake, self._input = True, self._input[2:]
                continue
            if self._input.startswith(ACK):
                self.pending, self._input = False, self._input[6:]
                continue
            if ACK.startswith(self._input) or b"\0\0\xff".startswith(self._input):
                return None
            if self._input.startswith(b"\0\0\xff") and len(self._input) < 7 + self._input[3]:
                return None
            end = 7 + self._input[3] if self._input.startswith(b"\0\0\xff") else 0
            body = self._input[5 : end - 2]
            if end and self.awake and body and (sum(body) + self._input[end - 2]) % 256 == 0:
                frame, self._input = self._input[:end], self._input[end:]
                return frame
            self._input = self._input[1:]
        return None

    def _obey(self, command: bytes) -> None:
        code, data = command[6], command[7:-2]
        self.line.write(ACK)
        match code:
            case 0x02:
                self._say(self.frame(0x03, bytes.fromhex("32010607")))
            case 0x14:
                self._say(self.frame(0x15))
            case 0x32:
                self.gives_up = self.gives_up or data[0] == 5
                self.field = self.field and data[0] != 1
                self._say(self.frame(0x33))
            case 0x4A if not self.refuses_polls:
                self.field, self.pending = True, True
                self._round()
            case _:
                self._say(bytes.fromhex("0000FF01FF7F8100"))

    def _round(self) -> None:
        if self.pending and (self.tags or self.gives_up):
            self.pending = False
            self._say(self.targets(list(self.tags)[:2]))

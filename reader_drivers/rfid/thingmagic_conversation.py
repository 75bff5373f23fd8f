"""What to say to a ThingMagic module and when: start its firmware, set it up, keep it reading, notice a loss."""

from __future__ import annotations

from typing import ClassVar, Literal

from reader_drivers.rfid.checks import crc_thingmagic
from reader_drivers.rfid.conversation import Command, Conversation, Reply

HEAD = 0xFF
VERSION, START_FIRMWARE, PROGRAM, READ_ONE, STREAM, MULTI = 0x03, 0x04, 0x0C, 0x21, 0x22, 0x2F
ANTENNAS, POWER, PROTOCOL, REGION, CONFIGURE = 0x91, 0x92, 0x93, 0x97, 0x9A

GEN2 = b"\x00\x05"
EVERY_READ = b"\x01\x0c\x00"  # read filter off: every sighting of a tag, not only its first
# No time limit, continuous, read many (22) of Gen2 (05): search flags 001B, 1000 ms a period, metadata 01FF.
CONTINUOUS = bytes.fromhex("0000 01 22 0000 05 07 22 10 001B 03E8 01FF")
HALT = b"\x00\x00\x02"

REGIONS_NAMED = Literal[
    "us", "eu", "kr", "in", "jp", "cn-920", "eu3", "kr2", "au", "nz", "na2", "na3", "open",
]  # fmt: skip
REGIONS = {
    "us": 0x01, "eu": 0x02, "kr": 0x03, "in": 0x04, "jp": 0x05, "cn-920": 0x06, "eu3": 0x08, "kr2": 0x09,
    "au": 0x0B, "nz": 0x0C, "na2": 0x0D, "na3": 0x0E, "open": 0xFF,
}  # fmt: skip
MODELS = {0x18: "M6e", 0x19: "M6e-i", 0x20: "M6e Micro", 0x30: "M6e Nano", 0x38: "M7E Hecto"}
BOOT_LOADER = 1  # two low bits of the answer to PROGRAM; 2 is the firmware

OK, RUNS_ALREADY, KEEP_ALIVE = 0x0000, 0x0101, 0x0400
FAULTS = {
    0x0405: "its field is off: no region is set, or one that it does not have",
    0x0503: "no antenna is connected",
    0x0504: "too hot: it reads less until it has cooled",
    0x0505: "high return loss: is the antenna connected, and the right one?",
}
STATUSES = {
    OK: "done",
    RUNS_ALREADY: "unknown command",
    0x0100: "wrong length of a command",
    0x0105: "value not accepted",
    KEEP_ALIVE: "no tag in the field",
    0x0601: "its tag memory is full",
    **FAULTS,
}

DRAIN = 0.3  # seconds of silence that tell that a stream of before has ended; it has several records a second
BOOT = 2.0  # seconds that the firmware may take to start
DEAF_AFTER = 5.0  # seconds: five keep-alives missed


def frame(op: int, data: bytes = b"") -> bytes:
    """A command frame."""
    body = bytes((len(data), op)) + data
    return bytes((HEAD,)) + body + crc_thingmagic(body).to_bytes(2, "big")


def status_in_words(status: int) -> str:
    """What a status means."""
    return STATUSES.get(status, f"status {status:04X}")


STOP = Command(frame(MULTI, HALT), MULTI, "stop")
START = Command(frame(MULTI, CONTINUOUS), MULTI, "start", required=True)
ASK_VERSION = Command(frame(VERSION), VERSION, "tell its version", required=True, after_silence=DRAIN)


class ThingmagicConversation(Conversation):
    """Stops what a session of before has left running, sets the module up, and reads without end."""

    kind: ClassVar[str] = "a ThingMagic module"
    closing: bytes = STOP.frame
    closed_by: int | None = MULTI

    def __init__(
        self, reader: str, now: float, region: str | None, power_dbm: float | None, antennas: tuple[int, ...]
    ) -> None:
        steps = [STOP, ASK_VERSION, Command(frame(PROGRAM), PROGRAM, "tell what it runs")]
        if region is not None:
            steps.append(Command(frame(REGION, bytes((REGIONS[region],))), REGION, f"use region {region}"))
        steps.append(Command(frame(PROTOCOL, GEN2), PROTOCOL, "use Gen2"))
        first = bytes((antennas[0], antennas[0]))
        steps.append(Command(frame(ANTENNAS, first), ANTENNAS, f"use antenna {antennas[0]}"))
        ports = b"\x02" + b"".join(bytes((each, each)) for each in antennas)  # each sends and receives
        steps.append(Command(frame(ANTENNAS, ports), ANTENNAS, f"search by antennas {antennas}"))
        if power_dbm is not None:
            power = round(power_dbm * 100).to_bytes(2, "big")
            steps.append(Command(frame(POWER, power), POWER, f"use {power_dbm} dBm"))
        steps.append(Command(frame(CONFIGURE, EVERY_READ), CONFIGURE, "tell every read"))
        super().__init__(reader, [*steps, START], now)

    def replied(self, reply: Reply, now: float) -> None:
        """A frame came; one of the stream says as well as any that it has started."""
        if reply.command == STREAM and self._queue and self._tries and self._queue[0] == START:
            self._next(now)
        super().replied(reply, now)

    def _refusal(self, reply: Reply) -> str | None:
        # A stop with nothing to stop and a question that the model does not know are no news.
        if reply.status == OK or reply.command in (PROGRAM, START_FIRMWARE) or self._queue[0] == STOP:
            return None
        words = status_in_words(reply.status)
        if self._queue[0] == START:
            self.quiet = f"it will not read: {words}"
        return words

    def _learn(self, reply: Reply, now: float) -> None:
        if reply.command == VERSION:
            self._know(reply.data)
        elif reply.command == PROGRAM and reply.data and reply.data[0] & 3 == BOOT_LOADER:
            boot = Command(frame(START_FIRMWARE), START_FIRMWARE, "start its firmware", within=BOOT)
            self._ask([boot, ASK_VERSION], now)

    def _know(self, data: bytes) -> None:
        # Boot loader (4), hardware (4), firmware's date (4), firmware (4), protocols (4)
        if len(data) >= 16:
            model = MODELS.get(data[4], f"module {data[4]:02X}")
            self.firmware = f"{model}, firmware {'.'.join(str(each) for each in data[12:16])}"

    def _unasked(self, reply: Reply, now: float) -> None:
        if reply.command == STREAM:
            fault = FAULTS.get(reply.status)
            self.quiet = f"{fault} (status {reply.status:04X})" if fault else None

    def _upcoming(self, now: float) -> list[Command]:
        if now < self._upcoming_at():
            return []
        self.quiet = self.quiet or "no frame of any kind for 5 s: started again"
        return [STOP._replace(tries=1), START]

    def _upcoming_at(self) -> float:
        return self._heard_at + DEAF_AFTER

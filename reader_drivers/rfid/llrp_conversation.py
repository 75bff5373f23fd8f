"""What to say to an LLRP reader and when: let it greet, set it up, keep it reading, notice a loss."""

from __future__ import annotations

import logging
from math import inf
from typing import ClassVar, NamedTuple

from reader_drivers.driver import ReaderLost
from reader_drivers.rfid import llrp_wire as wire
from reader_drivers.rfid.conversation import Command, Conversation, Reply, printable
from reader_drivers.rfid.llrp_wire import find, listed, message, of_impinj, text, tlv, u16

log = logging.getLogger(__name__)

GREETS = 5.0  # seconds; a reader greets as soon as it has taken the connection
ANSWERS = 10.0  # seconds; readers take some 10 ms, and a second or two for a ROSpec while they are busy
AGAIN_AFTER = 1.0  # seconds until an inventory that ended by itself is started again
OVERFLOW_TOLD = 60.0  # seconds
OURS = 1234  # our ROSpec; readers have none of that number from the factory
OURS_BYTES = OURS.to_bytes(4)
EVERYTHING = b"\x00"
GEN2 = b"\x01"
AT_ONCE = b"\x01\x00\x01"  # a report for each tag: upon one tag or the end of the antenna's turn
IN_REPORTS = u16(0b0001_1111_1100_0000)  # antenna, channel, RSSI, first and last time, count
TIDS_TOO = of_impinj(wire.REPORT_CONTENT, of_impinj(wire.ENABLE_TID, u16(1)))
TOLD = (2, 3, 4, 8)  # ROSpec, buffer nearly full, exception, antenna

REFUSED = {
    1: "the reader has another connection, which it made itself: it speaks to one program at a time",
    2: "another program is connected to the reader: it speaks to one at a time",
}
ANOTHER_TRIED = 4
MAKERS = {25882: "Impinj", 161: "Motorola", 10642: "Zebra", 17996: "Alien"}
MODELS = {
    (25882, 2001001): "Speedway R220", (25882, 2001002): "Speedway R420", (25882, 2001003): "xPortal",
    (25882, 2001007): "xArray", (25882, 2001008): "xSpan", (25882, 2001009): "Speedway R120", (25882, 2001052): "R700",
}  # fmt: skip


class Setup(NamedTuple):
    """How the reader is to read; None leaves what the reader has."""

    antennas: tuple[int, ...] | None
    power_dbm: float | None
    session: int | None
    tag_population: int
    rf_mode: int | None
    keepalive_s: float
    dead_after_s: float
    read_tid: bool = False


def words(body: bytes) -> str | None:
    """Why an answer is a refusal, in the words of its status; None where it is none."""
    status = find(body, wire.STATUS)
    if status is None or len(status) < 2:
        return "an answer without a status"
    code = int.from_bytes(status[:2])
    if not code:
        return None
    said = printable(text(status[2:]))
    return wire.STATUSES.get(code, f"status {code}") + (f": {said}" if said else "")


def greeting(event: bytes) -> int | None:
    """Status of the connection attempt that a reader event tells; None where it tells of something else."""
    status = find(event, wire.EVENT_DATA, wire.GREETING)
    return int.from_bytes(status[:2]) if status is not None else None


ASK_CAPABILITIES = Command(
    message(wire.GET_CAPABILITIES, EVERYTHING, 1), wire.CAPABILITIES, "tell what it is", True, 1, ANSWERS
)
ASK_ANTENNAS = Command(
    message(wire.GET_CONFIG, u16(0) + b"\x02" + u16(0, 0), 2), wire.CONFIG, "tell its antennas", False, 1, ANSWERS
)
LET_EVENTS_COME = Command(
    message(wire.ENABLE_EVENTS_AND_REPORTS, number=3), None, "send what it has kept", False, 1, 0.0
)
ALLOW_MORE = Command(
    message(wire.CUSTOM_MESSAGE, wire.IMPINJ.to_bytes(4) + bytes((wire.EXTENSIONS,)) + bytes(4), 13),
    wire.CUSTOM_MESSAGE, "speak as its maker has added", True, 1, ANSWERS,
)  # fmt: skip
START = Command(message(wire.START_ROSPEC, OURS_BYTES, 10), wire.START_ROSPEC + 10, "start to read", True, 1, ANSWERS)


def rospec_command(kind: int, body: bytes, number: int, purpose: str, *, required: bool = True) -> Command:
    """A command about a ROSpec."""
    return Command(message(kind, body, number), kind + wire.ANSWER_TO_ROSPEC, purpose, required, 1, ANSWERS)


class LlrpConversation(Conversation):
    """Waits for the greeting, learns what the reader is, sets it up, and reads without end."""

    kind: ClassVar[str] = "an LLRP reader"
    closing: bytes = message(wire.DELETE_ROSPEC, OURS_BYTES, 11) + message(wire.CLOSE, number=12)
    closed_by: int | None = wire.CLOSED

    def __init__(self, reader: str, now: float, setup: Setup) -> None:
        greet = Command(b"", wire.EVENT, "greet", True, 1, GREETS)
        super().__init__(reader, [greet, ASK_CAPABILITIES], now)
        self._setup = setup
        self._acknowledge = 0
        self._connected: dict[int, bool] = {}
        self._expected = set(setup.antennas or ())
        self._ended_at: float | None = None
        self._overflowed_at = -inf
        self.started = False
        """Whether the reader has said that it reads."""

    def due(self, now: float) -> list[bytes]:
        """The messages to send now; raises ReaderLost when there is nothing left to try."""
        self._judge(now)
        frames = [message(wire.KEEPALIVE_ACK)] * self._acknowledge
        self._acknowledge = 0
        return frames + super().due(now)

    # --- answers ------------------------------------------------------------------------------------------------------

    def _answers(self, command: Command, reply: Reply) -> bool:
        if command.answer == wire.EVENT:
            return reply.command == wire.EVENT and greeting(reply.data) is not None
        return reply.command in (command.answer, wire.ERROR)

    def _refusal(self, reply: Reply) -> str | None:
        if reply.command == wire.EVENT:
            status = greeting(reply.data)
            if status:
                raise ReaderLost(REFUSED.get(status, "the reader refuses the connection and does not say why"))
            return None
        why = words(reply.data[5:] if reply.command == wire.CUSTOM_MESSAGE else reply.data)  # after maker and kind
        command = self._queue[0]
        if why is not None and command.required:
            raise ReaderLost(f"the reader will not {command.purpose} ({why})")
        return why

    def _give_up(self, command: Command, now: float) -> None:
        if command.answer == wire.EVENT:
            raise ReaderLost(
                "the reader does not greet: is it an LLRP reader, and is no other program connected to it?"
            )
        if command.required:
            raise ReaderLost(f"the reader does not {command.purpose}")
        super()._give_up(command, now)

    def _learn(self, reply: Reply, now: float) -> None:
        if reply.command == wire.CAPABILITIES:
            self._know(reply.data)
            self._ask(self._steps(reply.data), now)
        elif reply.command == wire.CONFIG:
            for kind, value in listed(reply.data):
                if kind == wire.ANTENNA_STATE and len(value) >= 3:
                    self._antenna(int.from_bytes(value[1:3]), connected=bool(value[0] & 0x80))
        elif reply.command == START.answer:
            self.started, self._ended_at = True, None

    def _know(self, capabilities: bytes) -> None:
        device = find(capabilities, wire.DEVICE)
        if device is None or len(device) < 14:
            return
        maker, model = int.from_bytes(device[4:8]), int.from_bytes(device[8:12])
        name = f"{MAKERS.get(maker, f'maker {maker}')} {MODELS.get((maker, model), f'model {model}')}"
        version = printable(text(device[12:]))
        self.firmware = f"{name}, firmware {version}" if version else name

    def _steps(self, capabilities: bytes) -> list[Command]:
        period = round(self._setup.keepalive_s * 1000).to_bytes(4)
        keep_alive = b"\x00" + tlv(wire.KEEPALIVE_SPEC, b"\x01", period)
        hold = tlv(wire.EVENTS_AND_REPORTS, b"\x80")  # what comes while we are away waits until we are back and ask
        tell = tlv(wire.NOTIFY, *(tlv(wire.NOTIFY_STATE, u16(each), b"\x80") for each in TOLD))
        tells_tid = self._setup.read_tid and self._is_impinj(capabilities)
        rospec = self._rospec(transmitter(capabilities, self._setup.power_dbm, self._reader), tells_tid=tells_tid)
        return [
            LET_EVENTS_COME,
            *([ALLOW_MORE] if tells_tid else []),
            Command(message(wire.SET_CONFIG, keep_alive, 4), wire.CONFIG_SET, "keep alive", True, 1, ANSWERS),
            Command(message(wire.SET_CONFIG, b"\x00" + tell, 5), wire.CONFIG_SET, "tell its events", False, 1, ANSWERS),
            Command(message(wire.SET_CONFIG, b"\x00" + hold, 6), wire.CONFIG_SET, "keep reports", False, 1, ANSWERS),
            rospec_command(wire.DELETE_ROSPEC, bytes(4), 7, "forget what it was told before", required=False),
            rospec_command(wire.ADD_ROSPEC, rospec, 8, "read as its settings ask"),
            rospec_command(wire.ENABLE_ROSPEC, OURS_BYTES, 9, "be ready to read"),
            START,
            ASK_ANTENNAS,  # it reads already, whether it tells them or not
        ]

    def _is_impinj(self, capabilities: bytes) -> bool:
        maker = int.from_bytes((find(capabilities, wire.DEVICE) or b"")[4:8])
        if maker != wire.IMPINJ:
            log.warning("%s: will not tell TIDs (that is known of Impinj readers only)", self._reader)
        return maker == wire.IMPINJ

    def _rospec(self, power: bytes, *, tells_tid: bool) -> bytes:
        s = self._setup
        ports = s.antennas or (0,)  # 0 is all
        gen2 = tlv(wire.GEN2_RF, u16(s.rf_mode, 0)) if s.rf_mode is not None else b""
        if s.session is not None:
            gen2 += tlv(wire.GEN2_SINGULATION, bytes((s.session << 6,)), u16(s.tag_population), bytes(4))
        setup = power + (tlv(wire.GEN2_COMMAND, b"\x00", gen2) if gen2 else b"")
        antennas = b"".join(tlv(wire.ANTENNA_SETUP, u16(port), setup) for port in ports) if setup else b""
        inventory = tlv(wire.INVENTORY, u16(1), GEN2, antennas)
        without_end = tlv(wire.AISPEC_STOP, b"\x00", bytes(4))
        boundary = tlv(wire.BOUNDARY, tlv(wire.START_TRIGGER, b"\x00"), tlv(wire.STOP_TRIGGER, b"\x00", bytes(4)))
        return tlv(
            wire.ROSPEC,
            OURS_BYTES + b"\x00\x00",  # first in line, disabled until it is enabled
            boundary,
            tlv(wire.AISPEC, u16(len(ports), *ports), without_end, inventory),
            tlv(wire.REPORT_SPEC, AT_ONCE, tlv(wire.CONTENT, IN_REPORTS), TIDS_TOO if tells_tid else b""),
        )

    # --- events -------------------------------------------------------------------------------------------------------

    def _unasked(self, reply: Reply, now: float) -> None:
        if reply.command == wire.KEEPALIVE:
            self._acknowledge += 1
        elif reply.command == wire.EVENT:
            for kind, value in listed(find(reply.data, wire.EVENT_DATA) or b""):
                self._event(kind, value, now)
            self._judge(now)

    def _event(self, kind: int, value: bytes, now: float) -> None:
        if kind == wire.GOODBYE:
            raise ReaderLost("the reader closed the connection")
        if kind == wire.GREETING and int.from_bytes(value[:2]) == ANOTHER_TRIED:
            log.warning("%s: another program tried to take the reader", self._reader)
        elif kind == wire.ANTENNA_EVENT and len(value) >= 3:
            self._antenna(int.from_bytes(value[1:3]), connected=value[0] == 1)
        elif kind == wire.BUFFER_OVERFLOW:
            self._overflowed_at = now
        elif kind == wire.ROSPEC_EVENT and len(value) >= 5 and value[1:5] == OURS_BYTES and self.started:
            self._ended_at = None if value[0] == 0 else now

    def _antenna(self, port: int, *, connected: bool) -> None:
        self._connected[port] = connected
        if connected and self._setup.antennas is None:
            self._expected.add(port)  # an unused port is no news, one that was in use is

    def _judge(self, now: float) -> None:
        told = []
        if self._ended_at is not None:
            told.append("its inventory ended by itself: it is started again")
        off = [str(each) for each in sorted(self._expected) if not self._connected.get(each, True)]
        if off:
            told.append(f"disconnected: antenna {', '.join(off)}")
        elif self._connected and not any(self._connected.values()):
            told.append("no antenna is connected")
        if now - self._overflowed_at < OVERFLOW_TOLD:
            told.append("its buffer overflowed: reads were lost")
        self.quiet = "; ".join(told) or None

    def _upcoming(self, now: float) -> list[Command]:
        silent = self._heard_at + self._setup.dead_after_s
        if now >= silent:
            raise ReaderLost(f"nothing from the reader for {self._setup.dead_after_s:g} s, not even a keep-alive")
        if self._ended_at is not None and now >= self._ended_at + AGAIN_AFTER:
            return [START]
        return []

    def _upcoming_at(self) -> float:
        silent = self._heard_at + self._setup.dead_after_s
        return min(silent, self._ended_at + AGAIN_AFTER) if self._ended_at is not None else silent


def transmitter(capabilities: bytes, power_dbm: float | None, reader: str) -> bytes:
    """The parameter that sets this power, by the reader's own tables; none where it is to stay or there is no table."""
    if power_dbm is None:
        return b""
    band = _regulated(capabilities)
    powers = [
        (int.from_bytes(value[2:4], signed=True), int.from_bytes(value[:2]))
        for kind, value in band
        if kind == wire.POWER_ENTRY and len(value) >= 4
    ]
    if not powers:
        log.warning("%s: will not use %s dBm (it tells no table of powers)", reader, power_dbm)
        return b""
    centi = round(power_dbm * 100)
    power, index = max((each for each in powers if each[0] <= centi), default=min(powers))
    if abs(power - centi) >= 100:
        log.warning("%s: uses %g dBm, the nearest it has to %g", reader, power / 100, power_dbm)
    hop, channel = _channels(next((value for kind, value in band if kind == wire.FREQUENCIES), b""))
    return tlv(wire.TRANSMITTER, u16(hop, channel, index))


def _regulated(capabilities: bytes) -> list[tuple[int, bytes]]:
    """What a reader's capabilities tell of its band."""
    regulations = find(capabilities, wire.REGULATIONS) or b""
    return listed(find(regulations[4:], wire.UHF_BAND) or b"")  # after country and standard


def _channels(frequencies: bytes) -> tuple[int, int]:
    """Hop table and channel to ask for: a hopping reader takes a table, one with fixed channels the first of them."""
    if not frequencies or not frequencies[0] & 0x80:
        return 0, 1
    table = find(frequencies[1:], wire.HOP_TABLE)
    return (table[0] if table else 1), 0

"""UHF readers that speak LLRP 1.0.1 over TCP: Impinj Speedway and R700, Zebra FX, and others.

Source: see ``llrp_wire``. A report holds a TagReportData for each tag: its EPC first (EPC-96, or EPCData with its own
length), then what was asked for, each a TV. Times are the reader's, in µs since 1970 UTC or since it was switched on;
the greeting of a connection tells its clock, so that a report that it had kept for us keeps its old time. Impinj adds,
once its extensions are enabled, the chip's own number (Octane LLRP, custom parameters 50 to 57).

A reader speaks to one program at a time, and says in its greeting that it has one already.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from reader_drivers import driver
from reader_drivers.driver import ReaderLost, Status
from reader_drivers.framing import Framer
from reader_drivers.reader_clock import ReaderClock
from reader_drivers.rfid import llrp_wire as wire
from reader_drivers.rfid.checks import in_dbm
from reader_drivers.rfid.conversation import printable
from reader_drivers.rfid.llrp_conversation import LlrpConversation, Setup, greeting, words
from reader_drivers.rfid.llrp_wire import BadParameters, find, measure, parameters, text
from reader_drivers.rfid.tags import TID_BEGINS, tag
from reader_drivers.rfid.talking import STOP_WITHIN, TalkingDecoder
from reader_drivers.serial_link import SerialLink
from reader_drivers.sighting import Found, Ignored, Rejected, Sighting
from reader_drivers.steady import steady

PORTS = {"tcp": 5084, "tls": 5085}
NO_EPC = bytes(2)  # bits
SUCCESS = b"\0"
LONGEST_GREETING = 16  # bytes by which another protocol is known
STALLED_AFTER = 2.0  # seconds; a packet that was lost is sent again sooner
SWITCHED_ON = 1e10  # seconds: times since then look set, unlike those of a calendar that nobody set
TIMES = (  # the best first
    (wire.LAST_SEEN_UTC, "utc"),
    (wire.FIRST_SEEN_UTC, "utc"),
    (wire.LAST_SEEN_UPTIME, "uptime"),
    (wire.FIRST_SEEN_UPTIME, "uptime"),
)
ADDRESS = re.compile(r"(?:(tcp|tls)://)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::(\d{1,5}))?/?", re.ASCII).fullmatch
SPEAKERS = (
    (b"HTTP/", "HTTP"),
    (b"<", "HTTP"),
    (b"SSH-", "SSH"),
    (b"220", "mail or FTP"),
    (b"\xff\xfb", "Telnet"),
    (b"\xff\xfd", "Telnet"),
    (b"\x15\x03", "TLS"),
    (b"\x16\x03", "TLS"),
)  # how others answer or greet
NO_LLRP = (
    "something answers that speaks no LLRP{what}: is this the reader's LLRP port? It is {port}, unless it was changed"
)


class LlrpDecoder(TalkingDecoder):
    """Bytes of an LLRP reader in, sightings out."""

    def __init__(self, reader: str) -> None:
        super().__init__(reader, Framer(wire.STARTS, measure, wire.LARGEST))
        self._clocks = {"utc": (ReaderClock(), 0.0), "uptime": (ReaderClock(), SWITCHED_ON)}

    def _meaning(self, frame: bytes, at: float) -> list[Found]:
        kind, body = (frame[wire.TYPE] & 3) << 8 | frame[wire.TYPE + 1], frame[wire.BODY :]
        try:
            found = self._message(kind, body, at)
        except BadParameters as bad:
            return [Rejected(str(bad))]
        self._reply(kind, 0, b"" if kind == wire.REPORT else body)
        return found

    def _message(self, kind: int, body: bytes, at: float) -> list[Found]:
        if kind == wire.REPORT:
            return [self._reported(each, value, at) for each, value in parameters(body)] or [Ignored("an empty report")]
        if kind == wire.EVENT:
            return [Ignored(f"reader event: {self._event(body, at)}")]
        if kind == wire.KEEPALIVE:
            return [Ignored("keep-alive")]
        if kind in wire.ANSWERS:
            return [Ignored(f"answer to {wire.COMMANDS[wire.ANSWERS[kind]]}: {words(body) or 'success'}")]
        if kind == wire.ERROR:
            return [Ignored(f"error message: {words(body) or 'without a reason'}")]
        return [Ignored(wire.COMMANDS[kind])]

    def _event(self, body: bytes, at: float) -> str:
        said = []
        data = find(body, wire.EVENT_DATA) or b""
        greets = greeting(body) is not None
        for kind, value in parameters(data):
            clock = {wire.UTC: "utc", wire.UPTIME: "uptime"}.get(kind)
            if clock is not None and greets and len(value) == 8:
                ours, since = self._clocks[clock]
                ours.set(since + int.from_bytes(value) / 1e6, at)  # other events may have waited for us
            elif kind not in (wire.UTC, wire.UPTIME):
                said.append(_told(kind, value))
        return ", ".join(said) or "nothing but its time"

    def _reported(self, kind: int, value: bytes, at: float) -> Found:
        if kind != wire.TAG:
            return Ignored("an RF survey" if kind == wire.SURVEY else "a maker's own report")
        try:
            return self._tag(dict(_first_of_each(value)), at)
        except BadParameters as bad:
            return Rejected(str(bad))

    def _tag(self, fields: dict[int, bytes], at: float) -> Found:
        tid = _words(fields.get(wire.IMPINJ_TID, b"")) or _read(fields.get(wire.READ_RESULT, b""))
        epc = fields[wire.EPC_96] if wire.EPC_96 in fields else _epc(fields.get(wire.EPC_DATA, NO_EPC if tid else b""))
        antenna = int.from_bytes(fields.get(wire.ANTENNA_ID, b""))
        seen = next(((fields[kind], clock) for kind, clock in TIMES if kind in fields), None)
        if seen is not None:
            ours, since = self._clocks[seen[1]]
            at = ours.ours(since + int.from_bytes(seen[0]) / 1e6, at)
        return tag(self._reader, antenna or None, epc, _strength(fields), at, tid)


def _told(kind: int, value: bytes) -> str:
    """One event in words."""
    match kind:
        case wire.GREETING:
            return f"connection attempt {int.from_bytes(value[:2])}" if any(value) else "connection accepted"
        case wire.GOODBYE:
            return "the reader closes the connection"
        case wire.ANTENNA_EVENT if len(value) >= 3:
            return f"antenna {int.from_bytes(value[1:3])} {'connected' if value[0] == 1 else 'disconnected'}"
        case wire.ROSPEC_EVENT if value:
            return {0: "reading began", 1: "reading ended"}.get(value[0], "another ROSpec took its place")
        case wire.BUFFER_LEVEL if value:
            return f"its buffer is {value[0]}% full"
        case wire.BUFFER_OVERFLOW:
            return "its buffer overflowed"
        case wire.EXCEPTION:
            return f"exception: {printable(text(value))}"
    return f"of kind {kind}"


def _first_of_each(value: bytes) -> Iterator[tuple[int, bytes]]:
    """The parameters of a tag by their kind; those of a maker by its number and theirs, as ``llrp_wire`` has them."""
    met = set()
    for kind, each in parameters(value):
        if kind == wire.CUSTOM and len(each) >= 8:
            kind, each = int.from_bytes(each[:8]), each[8:]
        if kind not in met:
            met.add(kind)
            yield kind, each


def _strength(fields: dict[int, bytes]) -> float | None:
    if wire.PEAK_RSSI in fields:
        return in_dbm(int.from_bytes(fields[wire.PEAK_RSSI], signed=True))
    return in_dbm(int.from_bytes(fields.get(wire.IMPINJ_RSSI, b"")[:2], signed=True) / 100)


def _words(said: bytes) -> bytes | None:
    """The chip's own number: how many words (2), the words; None where it is none: the tag is heard all the same."""
    count = 2 * int.from_bytes(said[:2])
    return said[2 : 2 + count] if count and len(said) >= 2 + count else None


def _read(said: bytes) -> bytes | None:
    """A chip's own number that another program had read with the tag: result (1), number of the order (2), words."""
    read = _words(said[3:]) if said[:1] == SUCCESS else None
    return read if read and read.startswith(TID_BEGINS) else None


def _epc(said: bytes) -> bytes:
    """The EPC of an EPCData: how many bits (2), the bits."""
    bits, epc = int.from_bytes(said[:2]), said[2:]
    if len(said) < 2 or len(epc) != (bits + 7) // 8:
        raise BadParameters(f"EPC: {len(epc)} bytes where it says {bits} bits")
    return epc


def address(link: str) -> str:
    """``tcp://host:port`` or ``tls://host:port`` of a link; ReaderLost says what was expected."""
    found = ADDRESS(link)
    scheme = (found and found[1]) or "tcp"
    if not found or not 0 < int(found[3] or PORTS[scheme]) <= 65535:
        raise ReaderLost(
            f"link {link!r}: expected the reader's host or address, like 10.0.0.7, door-reader:5084 or tls://10.0.0.7"
        )
    return f"{scheme}://{found[2]}:{found[3] or PORTS[scheme]}"


def trusting(certificate: str | None) -> ssl.SSLContext | None:
    """Who is believed over TLS: whoever this file vouches for, whatever their name; None leaves it to the system."""
    if certificate is None:
        return None
    try:
        context = ssl.create_default_context(cafile=certificate)
    except ssl.SSLError:
        raise ReaderLost("certificate: the file holds none; expected PEM") from None
    except OSError as fault:
        raise ReaderLost(f"certificate: {(fault.strerror or 'it cannot be read').lower()}") from None
    context.check_hostname = False  # a reader signs its own, with a name that nobody calls it by
    return context


class Llrp:
    """One LLRP reader on the network; its link is a host, ``host:port``, or that after ``tcp://`` or ``tls://``."""

    class Settings(driver.Settings):
        """``[readers.settings]`` of an LLRP reader; it is told its region by its maker's own tool."""

        antennas: list[Annotated[int, Field(ge=1, le=255)]] | None = Field(default=None, min_length=1)
        """Ports to read by. None: all."""
        power_dbm: float | None = Field(default=None, ge=0, le=36)
        """Output power; the nearest that the reader has and does not exceed it. None: as the reader was left."""
        session: Literal[0, 1, 2, 3] | None = 1
        """Gen2 session: in 2 and 3 a tag that was read is silent for long. None: as the reader was left."""
        tag_population: int = Field(default=32, ge=1, le=32767)
        """How many tags are in the field at once, about; with ``session``."""
        rf_mode: int | None = Field(default=None, ge=0, le=65535)
        """The reader's own number of a way to read, as in its manual. None: as the reader was left."""
        keepalive_s: float = Field(default=10.0, ge=0.1, le=3600)
        """How often the reader says that it lives."""
        dead_after_s: float = Field(default=30.0, ge=0.2, le=7200)
        """A reader that says nothing for so long is lost."""
        read_tid: bool = False
        """Whether a chip tells its own number too, which a copy of a tag cannot: Impinj readers, a little slower."""
        certificate: str | None = Field(default=None, min_length=1)
        """Over TLS: a PEM file with the reader's own certificate, or of who signed it. None: whom the system trusts."""

        @model_validator(mode="after")
        def _patient(self) -> Self:
            if self.dead_after_s < 2 * self.keepalive_s:
                raise ValueError("dead_after_s is less than two keepalive_s: one late keep-alive would lose the reader")
            return self

    over: ClassVar[Literal["serial", "mqtt", "tcp"]] = "tcp"
    settings: ClassVar[type[driver.Settings]] = Settings

    def __init__(self, reader: str, link: str, settings: Llrp.Settings) -> None:
        self.status = Status()
        self._reader = reader
        self._link = link
        self._settings = settings
        self._unread = 0  # bytes since the last good message
        self._first = b""  # of what came before any good one

    @staticmethod
    def decoder(reader: str, settings: Any) -> LlrpDecoder:
        """Bytes in, sightings of ``reader`` out."""
        return LlrpDecoder(reader)

    async def listen(self) -> AsyncGenerator[list[Sighting], None]:
        """Sets the reader up, starts it and yields its tags in batches; an empty first batch says that it reads."""
        decoder = LlrpDecoder(self._reader)
        async with self._connection() as link:
            talk = LlrpConversation(self._reader, time.monotonic(), _setup(self._settings))
            started, self._unread, self._first = False, 0, b""
            try:
                while True:
                    for message in self._due(talk):
                        await link.write(message)
                    self.status.quiet = talk.quiet
                    chunk = await self._read(link, talk, _wait(talk, decoder))
                    batch = self._hear(chunk, time.monotonic() - link.heard_at, decoder, talk)
                    if batch or (talk.started and not started):
                        started = True
                        yield batch
            finally:
                with suppress(ReaderLost):
                    await self._stop(link, decoder, talk)

    def _connection(self) -> SerialLink:
        url, certificate = address(self._link), self._settings.certificate
        if certificate is not None and not url.startswith("tls://"):
            raise ReaderLost(f"link {self._link!r}: a certificate needs a link that begins with tls://")
        return SerialLink(url, trust=trusting(certificate))

    def _hear(self, chunk: bytes, silence: float, decoder: LlrpDecoder, talk: LlrpConversation) -> list[Sighting]:
        at, now = steady(), time.monotonic()
        if not chunk and silence < STALLED_AFTER:
            return []
        sightings = self.status.tally(decoder.feed(chunk, at) if chunk else decoder.idle(at), at)
        replies = decoder.take_replies()
        self.status.bytes_in += len(chunk)
        self._unread = 0 if replies else self._unread + len(chunk)
        if not talk.answered and not replies:
            self._first = (self._first + chunk)[:LONGEST_GREETING]
        if replies:
            talk.heard(now)
        for reply in replies:
            talk.replied(reply, now)
        self.status.firmware = talk.firmware or self.status.firmware
        return sightings

    def _due(self, talk: LlrpConversation) -> list[bytes]:
        try:
            return talk.due(time.monotonic())
        except ReaderLost as lost:
            raise self._why(lost, talk) from None

    async def _read(self, link: SerialLink, talk: LlrpConversation, seconds: float) -> bytes:
        try:
            return await link.read(seconds)
        except ReaderLost as lost:
            raise self._why(lost, talk) from None

    def _why(self, lost: ReaderLost, talk: LlrpConversation) -> ReaderLost:
        """Whoever has answered, and never in LLRP, is no LLRP reader, however the connection ended."""
        if talk.answered or not self._unread:
            return lost
        spoken = next((name for begins, name in SPEAKERS if self._first.startswith(begins)), None)
        port = PORTS["tls" if address(self._link).startswith("tls://") else "tcp"]
        return ReaderLost(NO_LLRP.format(what=f" ({spoken})" if spoken else "", port=port))

    async def _stop(self, link: SerialLink, decoder: LlrpDecoder, talk: LlrpConversation) -> None:
        # The reader's field must not stay on, and the next program must find it free.
        await link.write(talk.closing)
        give_up = time.monotonic() + STOP_WITHIN
        while (left := give_up - time.monotonic()) > 0:
            decoder.feed(await link.read(left), steady())
            if any(reply.command == talk.closed_by for reply in decoder.take_replies()):
                return


def _setup(s: Llrp.Settings) -> Setup:
    antennas = tuple(dict.fromkeys(s.antennas)) if s.antennas is not None else None
    return Setup(
        antennas, s.power_dbm, s.session, s.tag_population, s.rf_mode, s.keepalive_s, s.dead_after_s, s.read_tid
    )


def _wait(talk: LlrpConversation, decoder: LlrpDecoder) -> float:
    seconds = talk.wait(time.monotonic(), holding=False)
    return min(seconds, STALLED_AFTER) if decoder.holding else seconds

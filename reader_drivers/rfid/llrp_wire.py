"""LLRP 1.0.1 on the wire: messages, parameters, and the numbers of those we use.

Source: EPCglobal Low Level Reader Protocol 1.0.1, section 16, and the LLRP Toolkit's definitions. Big-endian:

    message     Rsvd (3 bits)  Version (3)  Type (10)   Length (4, of the whole message)   ID (4)   body
    TLV         Rsvd (6 bits)  Type (10)    Length (2, of the whole parameter)             value
    TV          1 (1 bit)      Type (7)     value, as long as its type says

A message has no check of its own: TCP has one. What is good is told by structure: a known type, a length within limits,
and parameters that fill the body to its last byte.
"""

from __future__ import annotations

from collections.abc import Iterator

from reader_drivers.framing import MORE, Bad

# --- the message ------------------------------------------------------------------------------------------------------

VERSION_1, VERSION_2 = 0x04, 0x08  # LLRP 1.0.1, which we speak, and 1.1, which adds to it
STARTS = bytes((VERSION_1, VERSION_1 | 3, VERSION_2, VERSION_2 | 3))  # types below 256, and 1023
TYPE, LENGTH, BODY = 0, 2, 10
LARGEST = 262_144  # bytes; a report of some 5,000 tags

GET_CAPABILITIES, CAPABILITIES = 1, 11
GET_CONFIG, CONFIG = 2, 12
SET_CONFIG, CONFIG_SET = 3, 13
CLOSE, CLOSED = 14, 4
ADD_ROSPEC, DELETE_ROSPEC, START_ROSPEC, STOP_ROSPEC, ENABLE_ROSPEC = 20, 21, 22, 23, 24
ANSWER_TO_ROSPEC = 10  # more than the command
REPORT, KEEPALIVE, EVENT, ENABLE_EVENTS_AND_REPORTS, KEEPALIVE_ACK = 61, 62, 63, 64, 72
ERROR, CUSTOM_MESSAGE = 100, 1023
GET_VERSION, SET_VERSION = 46, 47  # of LLRP 1.1

COMMANDS = {
    GET_CAPABILITIES: "GET_READER_CAPABILITIES", GET_CONFIG: "GET_READER_CONFIG", SET_CONFIG: "SET_READER_CONFIG",
    CLOSE: "CLOSE_CONNECTION", ADD_ROSPEC: "ADD_ROSPEC", DELETE_ROSPEC: "DELETE_ROSPEC", START_ROSPEC: "START_ROSPEC",
    STOP_ROSPEC: "STOP_ROSPEC", ENABLE_ROSPEC: "ENABLE_ROSPEC", 25: "DISABLE_ROSPEC", 26: "GET_ROSPECS",
    40: "ADD_ACCESSSPEC", 41: "DELETE_ACCESSSPEC", 42: "ENABLE_ACCESSSPEC", 43: "DISABLE_ACCESSSPEC",
    44: "GET_ACCESSSPECS", 60: "GET_REPORT", ENABLE_EVENTS_AND_REPORTS: "ENABLE_EVENTS_AND_REPORTS",
    KEEPALIVE_ACK: "KEEPALIVE_ACK", CUSTOM_MESSAGE: "CUSTOM_MESSAGE",
    GET_VERSION: "GET_SUPPORTED_VERSION", 56: "GET_SUPPORTED_VERSION_RESPONSE", SET_VERSION: "SET_PROTOCOL_VERSION",
}  # fmt: skip
ANSWERS = {
    CAPABILITIES: GET_CAPABILITIES, CONFIG: GET_CONFIG, CONFIG_SET: SET_CONFIG, CLOSED: CLOSE,
    57: SET_VERSION,
    **{ANSWER_TO_ROSPEC + each: each for each in (*range(20, 27), *range(40, 45))},
}  # fmt: skip
BARE = {CLOSE, KEEPALIVE, ENABLE_EVENTS_AND_REPORTS, KEEPALIVE_ACK, GET_VERSION, 60}  # messages without a body
KNOWN = {*COMMANDS, *ANSWERS, REPORT, KEEPALIVE, EVENT, ERROR}

# --- parameters -------------------------------------------------------------------------------------------------------

ANTENNA_ID, FIRST_SEEN_UTC, FIRST_SEEN_UPTIME, LAST_SEEN_UTC, LAST_SEEN_UPTIME, PEAK_RSSI = 1, 2, 3, 4, 5, 6
EPC_96 = 13
WIDTHS = {  # bytes of a TV's value
    ANTENNA_ID: 2, FIRST_SEEN_UTC: 8, FIRST_SEEN_UPTIME: 8, LAST_SEEN_UTC: 8, LAST_SEEN_UPTIME: 8, PEAK_RSSI: 1,
    7: 2,  # channel
    8: 2,  # how often it was seen
    9: 4,  # ROSpec
    10: 2, 11: 2, 12: 2,  # inventory spec, CRC, PC
    EPC_96: 12,
    14: 2, 15: 2, 16: 4, 17: 2, 18: 4, 19: 2, 20: 2,  # specs, singulation details, XPC words
}  # fmt: skip

UTC, UPTIME = 128, 129
DEVICE, RECEIVE_POWERS, REGULATIONS, UHF_BAND = 137, 139, 143, 144
POWER_ENTRY, FREQUENCIES, HOP_TABLE, FIXED_TABLE = 145, 146, 147, 148
ROSPEC, BOUNDARY, START_TRIGGER, STOP_TRIGGER, AISPEC, AISPEC_STOP, INVENTORY = 177, 178, 179, 182, 183, 184, 186
KEEPALIVE_SPEC, ANTENNA_STATE, ANTENNA_SETUP, TRANSMITTER, EVENTS_AND_REPORTS = 220, 221, 222, 224, 226
REPORT_SPEC, CONTENT, TAG, EPC_DATA, SURVEY = 237, 238, 240, 241, 242
NOTIFY, NOTIFY_STATE, EVENT_DATA = 244, 245, 246
ROSPEC_EVENT, BUFFER_LEVEL, BUFFER_OVERFLOW, EXCEPTION, ANTENNA_EVENT, GREETING, GOODBYE = (
    249,
    250,
    251,
    252,
    255,
    256,
    257,
)
STATUS = 287
IMPINJ = 25882
EXTENSIONS, REPORT_CONTENT, ENABLE_TID = 21, 50, 51  # of Impinj: a message, and parameters in a custom one
IMPINJ_TID, IMPINJ_RSSI = IMPINJ << 32 | 55, IMPINJ << 32 | 57  # in a report: words, and hundredths of a dBm
READ_RESULT = 349  # of an order to read a memory bank with each tag
GEN2_COMMAND, GEN2_RF, GEN2_SINGULATION = 330, 335, 336
CUSTOM = 1023

STATUSES = {
    0: "success", 100: "parameter error", 101: "field error", 102: "unexpected parameter", 103: "missing parameter",
    104: "duplicate parameter", 105: "too many parameters", 106: "field too large", 107: "unknown parameter",
    108: "unknown field", 109: "unsupported message", 110: "unsupported version", 111: "unsupported parameter",
    200: "parameter error", 201: "field error", 202: "unexpected parameter", 203: "missing parameter",
    204: "duplicate parameter", 205: "too many parameters", 206: "field too large", 207: "unknown parameter",
    208: "unknown field", 209: "unsupported parameter", 300: "invalid value", 301: "value out of range",
    401: "device error",
}  # fmt: skip

FIRST_OF = {EVENT: {EVENT_DATA}, REPORT: {TAG, SURVEY, CUSTOM}, ERROR: {STATUS}, **{each: {STATUS} for each in ANSWERS}}
OUTERMOST = {TAG, SURVEY, EVENT_DATA, STATUS}  # never within a tag or an event
LOOKED_AT = 8  # parameters of a message that is not whole yet: enough to know garbage, little enough to do again


class BadParameters(ValueError):
    """Parameters that do not fill what holds them; the text is ``parameters: details``."""


def measure(buffer: bytes, start: int) -> int | Bad:
    """Length of the good message at ``start``, by its structure and by what follows it."""
    there = len(buffer) - start
    if there < BODY:
        return MORE
    bad = _bad_head(buffer, start)
    if bad:
        return bad
    length = _length(buffer, start)
    if there < length:
        return MORE
    # One that lost its end takes its bytes from the next: then that begins inside it, and none begins after it.
    end = start + length
    if (not _is_head(buffer, end) or _is_broken(buffer, start, end)) and _begins_inside(buffer, start, end):
        return Bad(f"cut short: another message begins within its {length} bytes", length)
    return length


def _bad_head(buffer: bytes, start: int) -> Bad | None:
    """What is wrong with a message of at least BODY bytes, as far as it is there."""
    kind, length = _kind(buffer, start), _length(buffer, start)
    if kind not in KNOWN:
        return Bad(f"type: {kind} is no message of LLRP")
    if not BODY <= length <= LARGEST or (kind != REPORT and (kind in BARE) != (length == BODY)):
        return Bad(f"length: {length} bytes for message {kind}")
    there = len(buffer) - start
    if kind in FIRST_OF:
        wrong = _misfit(buffer, start + BODY, start + length, FIRST_OF[kind], whole=there >= length)
        if wrong:
            return Bad(f"parameters: {wrong} in message {kind}", min(length, there))
    return None


def _kind(buffer: bytes, start: int) -> int:
    return (buffer[start] & 3) << 8 | buffer[start + 1]


def _length(buffer: bytes, start: int) -> int:
    return int.from_bytes(buffer[start + LENGTH : start + LENGTH + 4])


def _is_head(buffer: bytes, place: int) -> bool:
    """Whether a message may begin here, as far as bytes are there."""
    there = len(buffer) - place
    if there < 2:
        return there <= 0 or buffer[place] in STARTS
    if buffer[place] not in STARTS or _kind(buffer, place) not in KNOWN:
        return False
    return there < BODY or _bad_head(buffer, place) is None


def _begins_inside(buffer: bytes, start: int, end: int) -> bool:
    return any(
        len(buffer) - place >= BODY and _is_head(buffer, place)
        for place in range(start + 1, end)
        if buffer[place] in STARTS
    )


def _is_broken(buffer: bytes, start: int, end: int) -> bool:
    """Whether what the parameters of a report or an event hold does not fill them, or cannot be in there."""
    if _kind(buffer, start) not in (REPORT, EVENT):
        return False
    try:
        for kind, value in parameters(buffer[start + BODY : end]):
            if kind in (TAG, EVENT_DATA) and any(each in OUTERMOST for each, _ in parameters(value)):
                return True
    except BadParameters:
        return True
    return False


def _misfit(buffer: bytes, place: int, end: int, first: set[int], *, whole: bool) -> str | None:
    """What is wrong with the parameters of a message, as far as they are there."""
    looked = 0
    while place < end and (whole or looked < LOOKED_AT):
        if place + 4 > min(end, len(buffer)):
            return None if not whole else "a cut header"
        kind, length = buffer[place] << 8 | buffer[place + 1], buffer[place + 2] << 8 | buffer[place + 3]
        if kind > CUSTOM or (not looked and kind not in first):
            return f"no parameter {kind} belongs"
        if length < 4 or place + length > end:
            return f"{length} bytes do not fit"
        place += length
        looked += 1
    return None


def parameters(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and value of each parameter that fills ``data``; BadParameters where they do not fill it."""
    place, end = 0, len(data)
    while place < end:
        kind = data[place]
        if kind & 0x80:
            kind &= 0x7F
            head, size = 1, WIDTHS.get(kind, -1) + 1
            if not size:
                raise BadParameters(f"parameters: {kind} is of a length that nobody knows")
        else:
            kind, head = kind << 8 | data[place + 1] if place + 4 <= end else -1, 4
            size = data[place + 2] << 8 | data[place + 3] if kind >= 0 else 0
        if size < head or place + size > end:
            raise BadParameters(f"parameters: one does not fit into the {end} bytes that hold it")
        yield kind, data[place + head : place + size]
        place += size


def listed(data: bytes) -> list[tuple[int, bytes]]:
    """The same as a list, empty where they do not fill ``data``."""
    try:
        return list(parameters(data))
    except BadParameters:
        return []


def find(data: bytes, *path: int) -> bytes | None:
    """The value of the first parameter at the end of this path of types; None where there is none, or it is broken."""
    try:
        for kind in path:
            data = next(value for each, value in parameters(data) if each == kind)
    except (StopIteration, BadParameters):
        return None
    return data


def text(value: bytes) -> bytes:
    """A field of text with its length (2) before it."""
    return value[2 : 2 + int.from_bytes(value[:2])]


def message(kind: int, body: bytes = b"", number: int = 0) -> bytes:
    """One message."""
    head = (VERSION_1 << 8 | kind).to_bytes(2) + (BODY + len(body)).to_bytes(4)
    return head + number.to_bytes(4) + body


def tlv(kind: int, *parts: bytes) -> bytes:
    """One parameter."""
    value = b"".join(parts)
    return kind.to_bytes(2) + (4 + len(value)).to_bytes(2) + value


def u16(*numbers: int) -> bytes:
    """Numbers of two bytes each."""
    return b"".join(each.to_bytes(2) for each in numbers)


def of_impinj(kind: int, *parts: bytes) -> bytes:
    """One parameter that Impinj has added."""
    return tlv(CUSTOM, IMPINJ.to_bytes(4) + kind.to_bytes(4), *parts)

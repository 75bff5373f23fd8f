"""LLRP: messages of real readers and of the specification, and what is made of them whole, cut, glued and spoilt."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import DRIVERS, ReaderLost, Sighting
from reader_drivers.decode import decode_lines
from reader_drivers.rfid.llrp import Llrp, LlrpDecoder, address
from reader_drivers.rfid.llrp_wire import LARGEST
from reader_drivers.simulated_llrp import SimulatedLlrp, parameter
from tests.reader_drivers.frames import READER, ignored, rejected, sightings

AT = 1_790_000_000.25
EPC = "epc:30751FEB705C5904E3D50D70"

# Two reports of a Speedway R420 in July 2020, and one built by the specification with all that may be asked for.
IMPINJ = [
    ("00f0001f8d3000abcdef0000000000000381000186d0820005a9e4bef862e0", "3000ABCDEF00000000000003", -48, 0.140192),
    ("00f0001f8d3000abcdef0000000000000581000186d1820005a9e4bef876b4", "3000ABCDEF00000000000005", -47, 0.145268),
]  # fmt: skip
WHOLE = "043D0000002F0000123400F000258D30751FEB705C5904E3D50D7081000286C98700048400060A2418202240880003"
CLOSING = "00f600140080000c0005ac35bd20d1da01010004"  # what an R420 said


def message(kind: int, body: bytes = b"", number: int = 7) -> bytes:
    """Built apart from the driver."""
    return struct.pack(">HII", 0x0400 | kind, 10 + len(body), number) + body


def report(*tags: bytes) -> bytes:
    return message(61, b"".join(tags))


def tag(*fields: bytes, epc: bytes = bytes.fromhex("8D30751FEB705C5904E3D50D70")) -> bytes:
    return parameter(240, epc + b"".join(fields))


def tv(kind: int, layout: str, value: int) -> bytes:
    return bytes((0x80 | kind,)) + struct.pack(">" + layout, value)


def hear(*chunks: bytes) -> list[Any]:
    decoder = Llrp.decoder(READER, Llrp.Settings())
    return [*[each for chunk in chunks for each in decoder.feed(chunk, AT)], *decoder.idle(AT)]


def codes(found: list[Any]) -> list[str]:
    return [each.identifier for each in sightings(found)]


def status(code: int, words: bytes = b"") -> bytes:
    return parameter(287, struct.pack(">HH", code, len(words)) + words)


GOOD = bytes.fromhex(WHOLE)


def test_a_report_of_the_specification_means_what_it_says() -> None:
    assert hear(GOOD) == [Sighting(READER, 2, EPC, -55.0, None, 1700000000.123456)]


@pytest.mark.parametrize(("body", "epc", "rssi", "bit"), IMPINJ)
def test_reports_of_a_real_reader_mean_what_it_said(body: str, epc: str, rssi: int, bit: float) -> None:
    assert hear(message(61, bytes.fromhex(body))) == [Sighting(READER, 1, f"epc:{epc}", rssi, None, 1594174805 + bit)]


def test_a_reader_of_a_later_version_is_heard_too() -> None:
    later = bytes((0x08,)) + GOOD[1:]
    supported = struct.pack(">HIIBB", 0x0838, 20, 1, 1, 2) + status(0)  # the one answer that does not begin with it
    found = hear(supported + later + GOOD)
    assert codes(found) == [EPC, EPC]
    assert ignored(found) == ["GET_SUPPORTED_VERSION_RESPONSE"]


@pytest.mark.parametrize("size", [4, 8, 12, 16, 30, 62])
def test_an_epc_of_any_length_is_heard_whole(size: int) -> None:
    code = bytes(range(1, size + 1))
    told = tag(epc=parameter(241, struct.pack(">H", 8 * size) + code))
    assert hear(report(told)) == [Sighting(READER, None, f"epc:{code.hex().upper()}", None, None, AT)]


def test_many_tags_in_a_report_keep_their_order_and_a_bad_one_costs_itself_alone() -> None:
    others = [tag(tv(1, "H", n), epc=b"\x8d" + bytes((n,)) * 12) for n in (1, 2, 3)]
    bad = parameter(240, b"\x8d" + bytes(12) + b"\xd5\x00")  # 85 is of a length that nobody knows
    wrong_length = tag(epc=parameter(241, struct.pack(">H", 96) + bytes(11)))
    found = hear(report(others[0], bad, others[1], wrong_length, others[2]))
    assert codes(found) == [f"epc:{f'{n:02X}' * 12}" for n in (1, 2, 3)]
    assert len(rejected(found)) == 2
    assert all(":" in each for each in rejected(found))


def test_what_a_maker_adds_is_passed_over() -> None:
    serial = parameter(1023, struct.pack(">IIH6s", 25882, 55, 6, bytes(6)))
    result = parameter(349, struct.pack(">BHH", 0, 1, 2) + bytes(4))
    later = parameter(777, b"what a later version tells")
    found = hear(report(tag(tv(1, "H", 3), serial, result, later, tv(6, "b", -60)), serial))
    assert [(each.antenna, each.rssi) for each in sightings(found)] == [(3, -60.0)]
    assert ignored(found) == ["a maker's own report"]


def impinj(kind: int, value: bytes) -> bytes:
    return parameter(1023, struct.pack(">II", 25882, kind) + value)


@pytest.mark.parametrize(("said", "tid"), [
    ("0006E2801170200001234567890A", "E2801170200001234567890A"), ("0000", None), ("", None), ("0006E280", None),
    ("0001E280", None),
])  # fmt: skip
def test_an_impinj_tells_the_chips_own_number(said: str, tid: str | None) -> None:
    found = hear(report(tag(impinj(56, b"\0\1"), impinj(55, bytes.fromhex(said)), tv(6, "b", -60))))
    assert [(each.identifier, each.rssi, each.tid) for each in sightings(found)] == [(EPC, -60.0, tid)]


def test_an_impinj_tells_its_strength_in_hundredths_where_that_is_all_that_it_tells() -> None:
    finer = impinj(57, struct.pack(">h", -5537))
    assert [each.rssi for each in sightings(hear(report(tag(finer), tag(finer, tv(6, "b", -55)))))] == [-55.37, -55.0]


@pytest.mark.parametrize(("field", "antenna", "rssi"), [
    (tv(6, "b", 0), None, None), (tv(6, "b", -128), None, None), (tv(6, "b", 90), None, None),
    (tv(6, "b", -1), None, -1.0), (tv(1, "H", 0), None, None), (tv(1, "H", 32), 32, None),
])  # fmt: skip
def test_what_is_not_told_is_none(field: bytes, antenna: int | None, rssi: float | None) -> None:
    assert [(each.antenna, each.rssi) for each in sightings(hear(report(tag(field))))] == [(antenna, rssi)]


OTHERS = [
    (message(62), "keep-alive"),
    (message(61), "an empty report"),
    (message(63, bytes.fromhex(CLOSING)), "the reader closes the connection"),
    (message(63, parameter(246, parameter(128, bytes(8)) + parameter(256, b"\0\0"))), "connection accepted"),
    (message(63, parameter(246, parameter(128, bytes(8)) + parameter(256, b"\0\2"))), "connection attempt 2"),
    (message(63, parameter(246, parameter(128, bytes(8)) + parameter(255, b"\0\0\2"))), "antenna 2 disconnected"),
    (message(63, parameter(246, parameter(129, bytes(8)) + parameter(255, b"\1\0\2"))), "antenna 2 connected"),
    (message(63, parameter(246, parameter(129, bytes(8)) + parameter(251, b""))), "overflowed"),
    (message(63, parameter(246, parameter(129, bytes(8)) + parameter(250, b"\x5a"))), "90% full"),
    (message(63, parameter(246, parameter(129, bytes(8)) + parameter(249, b"\1" + bytes(8)))), "reading ended"),
    (message(63, parameter(246, parameter(129, bytes(8)) + parameter(252, b"\0\3hot"))), "exception: hot"),
    (message(63, parameter(246, parameter(129, bytes(8)))), "nothing but its time"),
    (message(13, status(0)), "answer to SET_READER_CONFIG: success"),
    (message(30, status(101, b"no such field")), "answer to ADD_ROSPEC: field error: no such field"),
    (message(30, status(499)), "status 499"),
    (message(32, parameter(287, b"")), "without a status"),
    (message(100, status(109)), "error message: unsupported message"),
    (message(4, status(0)), "answer to CLOSE_CONNECTION"),
    (message(20, bytes(20)), "ADD_ROSPEC"),
    (message(0x3FF, bytes(9)), "CUSTOM_MESSAGE"),
    (report(parameter(242, bytes(8))), "RF survey"),
    (report(tag(epc=parameter(241, b"\x00\x10\xe2\x00"))), "too short"),
    (report(tag(epc=parameter(241, b"\x00\x00"))), "too short"),
]


@pytest.mark.parametrize(("sent", "word"), OTHERS)
def test_what_is_no_tag_is_named(sent: bytes, word: str) -> None:
    found = hear(sent)
    assert (sightings(found), rejected(found)) == ([], [])
    assert word in " ".join(ignored(found))


NONSENSE = [
    (message(5, bytes(8)), "type: 5"),
    (message(61, b"\x8d" + bytes(12)), "parameters"),
    (message(63, status(0)), "parameters: no parameter 287"),
    (message(30, parameter(240, bytes(8))), "parameters: no parameter 240"),
    (message(61, struct.pack(">HH", 240, 3)), "parameters: 3 bytes do not fit"),
    (message(61, struct.pack(">HH", 240, 900) + bytes(20)), "parameters: 900 bytes do not fit"),
    (message(61, parameter(240, b"\x8d" + bytes(12)) + b"\0\xf0"), "a cut header"),
    (message(62, b"x"), "length: 11 bytes for message 62"),
    (message(30), "length: 10 bytes for message 30"),
    (struct.pack(">HII", 0x043D, 9, 1), "length: 9 bytes"),
    (struct.pack(">HII", 0x043D, LARGEST + 1, 1) + bytes(100), "length"),
    (struct.pack(">HII", 0x0C3D, 10, 1), "noise"),
    (message(63, parameter(246, b"\0")), "parameters"),
    (report(parameter(240, b"\x8d\x30")), "parameters"),
    (report(parameter(240, parameter(241, b"\0"))), "EPC"),
]


@pytest.mark.parametrize(("sent", "words"), NONSENSE)
def test_what_cannot_be_is_rejected_and_the_next_is_heard(sent: bytes, words: str) -> None:
    found = hear(sent + GOOD)
    assert codes(found) == [EPC]
    assert words in " ".join(rejected(found))


def test_a_stream_may_come_in_any_pieces() -> None:
    stream = b"".join([*[sent for sent, _ in OTHERS], GOOD] * 2)
    whole = hear(stream)
    assert codes(whole) == [EPC, EPC]
    assert rejected(whole) == []
    assert hear(*[stream[i : i + 1] for i in range(len(stream))]) == whole
    for cut in range(0, len(stream), 7):
        assert hear(stream[:cut], stream[cut:]) == whole


def test_a_message_that_lost_its_end_does_not_take_the_next_one_with_it() -> None:
    second, third = (report(tag(tv(1, "H", n), epc=b"\x8d" + bytes((n,)) * 12)) for n in (0x22, 0x33))
    both = ["epc:" + "22" * 12, "epc:" + "33" * 12]
    for cut in range(1, len(GOOD)):
        glued = GOOD[:cut] + second + third
        for chunks in ([glued], [GOOD[:cut], second, third], [GOOD[:cut] + second, third]):
            found = hear(*chunks)
            assert codes(found)[-2:] == both, (cut, len(chunks))
            assert rejected(found)


def test_nor_where_a_packet_ends_just_where_it_would_have() -> None:
    second = report(tag(tv(1, "H", 5), epc=b"\x8d" + bytes((0x22,)) * 12))
    for cut in range(1, len(GOOD) - 12):  # a later one leaves parameters that could be
        glued = GOOD[:cut] + second
        assert codes(hear(glued[: len(GOOD)], glued[len(GOOD) :]))[-1:] == ["epc:" + "22" * 12], cut


def test_half_a_message_and_silence_does_not_hide_the_next() -> None:
    decoder = LlrpDecoder(READER)
    assert decoder.feed(GOOD[:-5], AT) == []
    assert decoder.holding
    assert rejected(decoder.idle(AT))
    assert not decoder.holding
    assert codes(decoder.feed(GOOD, AT)) == [EPC]


@given(
    st.lists(st.binary(max_size=40) | st.sampled_from([GOOD[:9], GOOD[:30], b"\x04\x3d", message(62)[:8]]), max_size=4)
)
def test_a_good_message_after_any_garbage_is_heard(pieces: list[bytes]) -> None:
    found = hear(b"".join(pieces) + GOOD + GOOD)
    assert codes(found)[-1:] == [EPC]


def test_half_a_million_bytes_of_anything_raise_nothing_and_are_not_kept() -> None:
    chance, decoder = random.Random(7), LlrpDecoder(READER)
    good = [GOOD, *[sent for sent, _ in OTHERS]]
    for step in range(1000):
        piece = bytearray(chance.randbytes(500) if step % 2 else b"".join(chance.choices(good, k=12)))
        for _ in range(chance.randrange(8)):
            piece[chance.randrange(len(piece))] ^= chance.randrange(256)
        for each in decoder.feed(bytes(piece), AT):
            if isinstance(each, Sighting):
                assert each.at <= AT
        assert decoder.holding <= LARGEST
    decoder.idle(AT)
    assert codes(decoder.feed(GOOD, AT)) == [EPC]


def test_identifiers_stand_in_no_reason() -> None:
    for place in range(len(GOOD)):
        spoilt = bytearray(GOOD)
        spoilt[place] ^= 0x41
        for told in [*rejected(found := hear(bytes(spoilt) + GOOD)), *ignored(found)]:
            assert "30751F" not in told.upper()


# --- clocks -----------------------------------------------------------------------------------------------------------


def seen(at: float, kind: int = 4) -> bytes:
    return report(tag(tv(kind, "Q", round(at * 1e6))))


def greeted(decoder: LlrpDecoder, reader_says: float, kind: int = 128) -> None:
    clock = parameter(kind, struct.pack(">Q", round(reader_says * 1e6)))
    decoder.feed(message(63, parameter(246, clock + parameter(256, b"\0\0"))), AT)


def times(decoder: LlrpDecoder, sent: bytes, at: float) -> list[float]:
    return [round(each.at, 2) for each in sightings(decoder.feed(sent, at))]


@pytest.mark.parametrize("off", [-86_400.0, -1.0, 0.0, 3600.0])
def test_a_readers_time_is_brought_to_our_clock_and_a_kept_report_stays_old(off: float) -> None:
    decoder = LlrpDecoder(READER)
    greeted(decoder, AT + off)
    assert times(decoder, seen(AT + off - 1800), AT + 0.1) == [AT - 1800]
    assert times(decoder, seen(AT + off + 0.5), AT + 0.6) == [AT + 0.5]


def test_a_reader_without_a_calendar_tells_how_long_it_is_on() -> None:
    decoder = LlrpDecoder(READER)
    greeted(decoder, 500.0, kind=129)
    assert times(decoder, seen(440.0, kind=5), AT + 0.1) == [AT - 60]
    assert times(decoder, seen(501.0, kind=5), AT + 1.1) == [AT + 1]


def test_an_event_that_waited_for_us_does_not_set_the_clock() -> None:
    decoder = LlrpDecoder(READER)
    greeted(decoder, AT)
    old = parameter(128, struct.pack(">Q", round((AT - 900) * 1e6))) + parameter(255, b"\0\0\2")
    decoder.feed(message(63, parameter(246, old)), AT)
    assert times(decoder, seen(AT + 1), AT + 1.2) == [AT + 1]


def test_the_last_time_counts_where_there_are_two() -> None:
    both = report(tag(tv(2, "Q", round((AT - 3) * 1e6)), tv(4, "Q", round((AT - 1) * 1e6))))
    decoder = LlrpDecoder(READER)
    greeted(decoder, AT)
    assert times(decoder, both, AT) == [AT - 1]


# --- settings and links -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("link", "expected"), [
    ("10.0.0.7", "tcp://10.0.0.7:5084"), ("door-reader", "tcp://door-reader:5084"),
    ("door.example.com:5085", "tcp://door.example.com:5085"), ("tcp://10.0.0.7:15084", "tcp://10.0.0.7:15084"),
    ("tls://door", "tls://door:5085"), ("tls://[fd00::1]:15085", "tls://[fd00::1]:15085"),
    ("tcp://door", "tcp://door:5084"), ("[fd00::1]:5084", "tcp://[fd00::1]:5084"), ("tcp://[::1]", "tcp://[::1]:5084"),
])  # fmt: skip
def test_a_link_is_a_host_with_or_without_a_port(link: str, expected: str) -> None:
    assert address(link) == expected


@pytest.mark.parametrize("link", ["", "/dev/ttyUSB0", "tcp://", "door:99999", "door:0", "http://door", "door reader"])
def test_any_other_link_is_answered_in_words(link: str) -> None:
    with pytest.raises(ReaderLost, match=r"expected the reader's host or address, like 10\.0\.0\.7"):
        address(link)


@pytest.mark.parametrize("wrong", [
    {"antennas": []}, {"antennas": [0]}, {"power_dbm": 40}, {"session": 4}, {"keepalive_s": 0}, {"tag_population": 0},
    {"dead_after_s": 15, "keepalive_s": 10},
])  # fmt: skip
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Llrp.Settings.model_validate(wrong)


def test_moments_decode_prints_it() -> None:
    chosen = DRIVERS["llrp"].settings.model_validate({})
    lines = [WHOLE[:20], WHOLE[20:], "zz", message(62).hex(), "043D"]
    rows = list(decode_lines("llrp", chosen, lines, lambda: AT))
    assert rows[0] == {"identifier": EPC, "rssi": -55.0, "antenna": 2, "distance": None,
                       "at": 1700000000.123456, "reader": rows[0]["reader"]}  # fmt: skip
    assert rows[1:3] == [{"error": "line 3: not hex, two digits a byte"}, {"ignored": "keep-alive"}]
    assert "cut short" in rows[3]["error"]


def test_the_simulated_reader_and_the_driver_agree_on_every_tag() -> None:
    device = SimulatedLlrp()
    for short in (True, False):
        (found,) = sightings(hear(message(61, device.report("30751FEB705C5904E3D50D70", -61, 3, short=short))))
        assert (found.identifier, found.antenna, found.rssi) == (EPC, 3, -61.0)

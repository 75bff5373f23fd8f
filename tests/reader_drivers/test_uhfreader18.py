"""UHFReader18 and 288: frames of real readers, and the driver against one on a pseudo-terminal."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import DRIVERS, ReaderLost, Sighting
from reader_drivers.rfid.checks import crc_chafon
from reader_drivers.rfid.uhfreader18 import Uhfreader18
from reader_drivers.rfid.uhfreader18_conversation import BAND_NUMBERS, Uhfreader18Conversation, band, frame
from reader_drivers.simulated_device import crc_bitwise
from reader_drivers.simulated_uhfreader18 import SimulatedUhfreader18
from tests.reader_drivers.frames import READER, ignored, rejected, sightings
from tests.reader_drivers.readers import Heard, until
from tests.reader_drivers.rules import AT, FrameRules, ReaderRules, SilenceRules, Tag, tags

ONE, TWO = "epc:000000000000000000000313", "epc:000000000000000000000314"
TAG, OTHER = "epc:3039606303C74380001A0559", "epc:E280689400005005B2210861"

TAGS_18: list[tuple[str, list[Tag]]] = [
    ("13000103010c0000000000000000000003133f39", [(None, ONE, None)]),
    ("13000103010c49440000000000000a000334a5fb", [(None, "epc:49440000000000000A000334", None)]),
    (
        "20000103020c0000000000000000000003130c0000000000000000000003149ac9",
        [(None, ONE, None), (None, TWO, None)],
    ),
]
TAGS_288: list[tuple[str, list[Tag]]] = [
    ("1500010301010c3039606303c74380001a055940f93e", [(1, TAG, None)]),
    ("1500010301010c0000000000000000000003136bb1a5", [(1, ONE, None)]),
    ("1500010304010c49440000000000000a0003346425c0", [(3, "epc:49440000000000000A000334", None)]),
    ("0d000103010104003230386da3d2", [(1, "epc:00323038", None)]),
    ("1500010301010ce280689400005005b22108614d2f50", [(1, OTHER, None)]),
    (
        "2300010301020c0000000000000000000003136b0c0000000000000000000003146c70f2",
        [(1, ONE, None), (1, TWO, None)],
    ),
]
COMMANDS = [
    ("04FF211995", "command"), ("04FF011BB4", "command"), ("040001DB4B", "command"), ("04FF938003", "command"),
    ("06FF224E0037A4", "command"), ("05FF2F1E81F2", "command"), ("05FF7600910F", "command"),
    ("05FF7601181E", "command"), ("0DFF010F0001000000008014C03A", "command"),
    ("06000104FFD439", "command"), ("05FF4000E3ED", "command"), ("05FF50007278", "command"), ("04FF519EE6", "command"),
]  # fmt: skip


def sent(command: int, status: int, data: bytes = b"", address: int = 0) -> bytes:
    """Built apart from the driver, its check bit by bit."""
    body = bytes((5 + len(data), address, command, status)) + data
    return body + crc_bitwise(body).to_bytes(2, "little")


def hear(dialect: Literal["18", "288"], *chunks: bytes, **settings: Any) -> list[Any]:
    decoder = Uhfreader18.decoder(READER, Uhfreader18.Settings(dialect=dialect, **settings))
    return [*[each for chunk in chunks for each in decoder.feed(chunk, AT)], *decoder.idle(AT)]


class TestFrames18(FrameRules):
    driver = "uhfreader18"
    settings: ClassVar[dict[str, Any]] = {"dialect": "18"}
    rows: ClassVar = TAGS_18
    others: ClassVar = [
        *COMMANDS,
        ("0d002100011708033e000d1eb1f1", "reply to 21: done"),
        (sent(0x01, 0xFB).hex(), "no tag in the field"),
        (sent(0x01, 0x01, b"\x00").hex(), "no tag in the field"),
        (sent(0x01, 0xF9).hex(), "the command failed"),
        (sent(0x01, 0x2B).hex(), "not in the manual"),
        (sent(0x01, 0x01, b"\x01\x02\x30\x00").hex(), "too short"),
    ]


class TestFrames288(FrameRules):
    driver = "uhfreader18"
    settings: ClassVar[dict[str, Any]] = {"dialect": "288"}
    rows: ClassVar = TAGS_288
    others: ClassVar = [
        *COMMANDS,
        ("0700010101001e4b", "no tag in the field"),
        ("11002100030D260331801E0001000001719A", "reply to 21: done"),
        (sent(0xEE, 0x28, bytes.fromhex("00000007 01000200 00000000")).hex(), "heartbeat"),
        (sent(0x01, 0x26, bytes(7)).hex(), "statistics"),
        (sent(0x00, 0xFE).hex(), "illegal command"),
    ]


def test_the_check_is_the_one_of_the_manual() -> None:
    assert crc_chafon(b"123456789") == 0x6F91
    assert frame(0xFF, 0x21).hex() == "04ff211995"
    assert all(crc_chafon(bytes.fromhex(each)) == 0 for each, _ in [*TAGS_18, *TAGS_288, *COMMANDS])


@given(st.binary(max_size=64))
def test_the_check_is_the_same_bit_by_bit(data: bytes) -> None:
    assert crc_chafon(data) == crc_bitwise(data)


def test_commands_are_as_the_manual_prints_them() -> None:
    assert frame(0xFF, 0x22, band("eu")).hex().upper() == "06FF224E0037A4"
    assert frame(0xFF, 0x2F, bytes((30,))).hex().upper() == "05FF2F1E81F2"
    assert {name: band(name).hex() for name in BAND_NUMBERS} == {
        "cn-920": "1340", "us": "3180", "kr": "1fc0", "eu": "4e00", "cn-840": "9300",
        "eu3": "8340", "us3": "f400",
    }  # fmt: skip


@pytest.mark.parametrize(("other", "rows"), [("18", TAGS_288), ("288", TAGS_18)])
def test_a_frame_of_the_other_dialect_does_not_pass(other: Literal["18", "288"], rows: list[tuple[str, Any]]) -> None:
    for hexes, _ in rows:
        found = hear(other, bytes.fromhex(hexes))
        assert sightings(found) == []
        assert rejected(found)[0].startswith("structure: ")
        assert "is it the right one?" in rejected(found)[0]


@given(st.integers(1, 15), st.lists(st.integers(2, 31), max_size=6), st.data())
def test_no_288_frame_passes_as_18(antenna: int, words: list[int], data: st.DataObject) -> None:
    records = b""
    for each in words:
        epc = data.draw(st.binary(min_size=2 * each, max_size=2 * each))
        records += bytes((len(epc),)) + epc + bytes((data.draw(st.integers(0, 255)),))
    if len(records) < 240:
        assert sightings(hear("18", sent(1, 3, bytes((antenna, len(words))) + records))) == []


def test_an_empty_288_round_is_no_tag_of_the_18() -> None:
    assert rejected(hear("18", bytes.fromhex("0700010101001e4b")))


@pytest.mark.parametrize(
    ("mask", "ports", "antennas"),
    [
        (1, 4, [1]),
        (2, 4, [2]),
        (8, 4, [4]),
        (5, 4, [1, 3]),
        (0x80, 8, [8]),
        (0, 4, [None]),
        (0, 16, [1]),
        (15, 16, [16]),
    ],
)
def test_antennas_are_bits_or_with_16_ports_a_number(mask: int, ports: int, antennas: list[int | None]) -> None:
    data = bytes((mask, 1, 4)) + b"\xe2\x00\x00\x01\x40"
    assert tags(hear("288", sent(1, 1, data), antenna_ports=ports)) == [
        (each, "epc:E2000001", None) for each in antennas
    ]
    assert tags(hear("288", sent(0xEE, 0, data[:1] + data[2:]), antenna_ports=ports)) == [
        (each, "epc:E2000001", None) for each in antennas
    ]


def test_an_epc_with_its_tid_and_phase_is_told_by_its_epc() -> None:
    epc, tid = bytes.fromhex("E28011700000020F12345678"), bytes.fromhex("E2801170200001234567890A")
    with_tid = bytes((0x80 | 24,)) + epc + tid + b"\x50"
    with_phase = bytes((0x40 | 12,)) + epc + b"\x51" + bytes(7)
    with_both = bytes((0xC0 | 24,)) + epc + tid + b"\x52" + bytes(7)
    found = hear("288", sent(1, 1, b"\x02\x03" + with_tid + with_phase + with_both))
    assert tags(found) == [(2, "epc:" + epc.hex().upper(), None)] * 3
    chip = tid.hex().upper()
    assert [each.tid for each in found if isinstance(each, Sighting)] == [chip, None, chip]


@pytest.mark.parametrize(
    "data",
    ["01010c", "010204e200000140", "010104e20000014000", "0101840102030405", "010105010203040540"],
)
def test_records_that_do_not_use_up_the_data_are_dropped_whole(data: str) -> None:
    found = hear("288", sent(1, 1, bytes.fromhex(data)) + bytes.fromhex(TAGS_288[0][0]))
    assert tags(found) == TAGS_288[0][1]
    assert [each.partition(":")[0] for each in rejected(found)] == ["structure"]


def test_several_on_one_line_are_told_apart_by_address() -> None:
    theirs, ours = (sent(1, 1, b"\x01\x04\xe2\x00\x00\x01", address=each) for each in (7, 8))
    found = hear("18", theirs + ours, address=8)
    assert len(sightings(found)) == 1
    assert "another reader on this line, address 7" in ignored(found)[0]


@pytest.mark.parametrize("kind", range(256))
def test_a_reader_of_any_type_is_known_by_something(kind: int) -> None:
    talk = conversation()
    talk.due(0.0)
    reply(talk, 0x21, data=bytes((3, 13, kind, 3, 0x31, 0x80, 30, 3)))
    assert "firmware 3.13" in (talk.firmware or "")
    reply(talk, 0x21, data=b"\x01")


def conversation(**how: Any) -> Uhfreader18Conversation:
    how = {"is_288": False, "address": 255, "region": None, "power_dbm": None, "real_time": False, "poll_s": 0.1, **how}
    return Uhfreader18Conversation("door", 0.0, **how)


def reply(talk: Uhfreader18Conversation, command: int, status: int = 0, data: bytes = b"", now: float = 0.0) -> None:
    decoder = Uhfreader18.decoder("door", Uhfreader18.Settings(dialect="288"))
    decoder.feed(sent(command, status, data), now)
    (said,) = decoder.take_replies()
    talk.heard(now)
    talk.replied(said, now)


INFORMATION = bytes((3, 13, 0x20, 3, 0x31, 0x80, 30, 3, 1))


def test_the_opening_of_a_288_stops_asks_sets_and_polls_one_command_at_a_time() -> None:
    talk = conversation(is_288=True, region="eu", power_dbm=30)
    assert talk.due(0.0) == [bytes.fromhex("04FF938003")], "nothing answers a stop"
    assert talk.due(0.04) == []
    assert talk.due(0.06) == [bytes.fromhex("04FF211995")], "which is answered in any mode"
    reply(talk, 0x21, data=INFORMATION[:7] + b"\x14", now=0.1)
    assert talk.firmware == "UHFReader288MP, firmware 3.13"
    assert talk.due(0.1) == [frame(255, 0x77)]
    reply(talk, 0x77, data=b"\x01", now=0.2)
    assert talk.due(0.2) == [bytes.fromhex("05FF7600910F")], "it was in real-time mode, and would not answer the others"
    reply(talk, 0x76, now=0.3)
    assert talk.due(0.3) == [frame(255, 0x25, b"\x03")], "2 s for an empty field is too long"
    reply(talk, 0x25, now=0.4)
    assert talk.due(0.4) == [bytes.fromhex("06FF224E0037A4")]
    reply(talk, 0x22, now=0.5)
    assert talk.due(0.5) == [bytes.fromhex("05FF2F1E81F2")]
    reply(talk, 0x2F, now=0.6)
    assert talk.due(0.6) == [frame(255, 0x01, b"\x04\xff")]


def test_one_that_will_not_scan_for_less_time_is_given_the_time_that_it_takes() -> None:
    talk = conversation()
    talk.due(0.0)
    reply(talk, 0x21, data=INFORMATION[:7] + b"\x1e")
    talk.due(0.0)
    reply(talk, 0x25, 0xFE)
    assert talk.due(0.0) == [frame(255, 0x01)]
    assert talk.due(3.9) == []
    assert talk.due(4.0) == [frame(255, 0x01)]


@pytest.mark.parametrize(("dialect", "rows"), [("18", TAGS_288), ("288", TAGS_18)])
def test_tags_of_the_other_dialect_make_it_quiet(dialect: Literal["18", "288"], rows: list[tuple[str, Any]]) -> None:
    talk = polling(is_288=dialect == "288")
    decoder = Uhfreader18.decoder(READER, Uhfreader18.Settings(dialect=dialect))
    decoder.feed(bytes.fromhex(rows[0][0]), AT)
    for each in decoder.take_replies():
        talk.replied(each, 0.1)
    assert talk.quiet == "its tags are told otherwise: is the dialect right?"


def test_a_poll_is_over_with_its_last_frame_and_the_next_comes_after_the_pause() -> None:
    talk = polling()
    reply(talk, 0x01, 0x03, b"\x01\x01\x04\xe2\x00\x00\x01\x40", now=1.0)
    assert talk.due(2.2) == [], "more were to follow: its time started anew"
    reply(talk, 0x01, 0x01, b"\x01\x00", now=2.2)
    assert talk.due(2.25) == []
    assert talk.due(2.31) == [frame(255, 0x01)]


def polling(**how: Any) -> Uhfreader18Conversation:
    talk = conversation(**how)
    talk.due(0.0)
    now = 0.1 if how.get("is_288") else 0.0
    talk.due(now)
    reply(talk, 0x21, data=INFORMATION, now=now)
    if how.get("is_288"):
        talk.due(now)
        reply(talk, 0x77, data=b"\x00", now=now)
    assert talk.due(now)[0][2] == 0x01
    return talk


def test_two_polls_without_an_answer_are_the_end() -> None:
    talk = polling()
    assert talk.due(1.2) == []
    assert talk.due(1.31) == [frame(255, 0x01)]
    assert talk.due(2.6) == []
    with pytest.raises(ReaderLost, match="the reader stopped answering"):
        talk.due(2.7)


@pytest.mark.parametrize(("status", "word"), [(0xF8, "is the antenna connected"), (0xF9, "fails"), (0xFF, "dialect")])
def test_a_poll_that_fails_makes_it_quiet_until_one_is_good(status: int, word: str) -> None:
    talk = polling()
    reply(talk, 0x01, status)
    assert word in (talk.quiet or "")
    talk.due(0.2)
    reply(talk, 0x01, 0xFB, now=0.3)
    assert talk.quiet is None


def test_a_refused_power_is_told_and_the_reader_works_on(caplog: pytest.LogCaptureFixture) -> None:
    talk = conversation(power_dbm=30)
    talk.due(0.0)
    reply(talk, 0x21, data=INFORMATION)
    talk.due(0.0)
    reply(talk, 0x2F, 0xFF)
    assert "door: will not use 30 dBm (it does not accept the value)" in caplog.text
    assert talk.due(0.0) == [frame(255, 0x01)]


def test_real_time_heartbeats_tell_of_antennas(caplog: pytest.LogCaptureFixture) -> None:
    talk = conversation(is_288=True, real_time=True)
    with caplog.at_level(logging.WARNING):
        for states in (b"\x01\x02\x00\x00", b"\x01\x02\x00\x00", b"\x02\x02\x00\x00"):
            reply(talk, 0xEE, 0x28, bytes(4) + states + bytes(4))
            assert talk.quiet == ("no antenna is connected" if states[0] == 2 else None)
    assert caplog.messages == ["door: antenna 2 is not connected", "door: antenna 1, 2 is not connected"]
    reply(talk, 0xEE, 0, b"\x01\x04\xe2\x00\x00\x01\x40")
    assert talk.quiet is None


@pytest.mark.parametrize(
    "wrong",
    [{}, {"dialect": "19"}, {"dialect": 19}, {"dialect": True}, {"dialect": "18", "power_dbm": 34},
     {"dialect": "18", "region": "mars"},
     {"dialect": "18", "mode": "real-time"}, {"dialect": "288", "antenna_ports": 3}],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=list({"dialect": 0, **wrong})[-1]):
        DRIVERS["uhfreader18"].settings.model_validate(wrong)


class TestReader18(SilenceRules):
    driver = "uhfreader18"
    settings: ClassVar[dict[str, Any]] = {"dialect": "18", "poll_s": 0.01}
    device = SimulatedUhfreader18
    tag, other = TAG, OTHER


class TestReader288(ReaderRules):
    driver = "uhfreader18"
    settings: ClassVar[dict[str, Any]] = {"dialect": "288", "poll_s": 0.01, "region": "us", "power_dbm": 26}
    tag, other = TAG, OTHER

    @staticmethod
    def device(link: Path, **how: Any) -> SimulatedUhfreader18:
        return SimulatedUhfreader18(link, dialect="288", **how)

    async def test_several_tags_antennas_and_settings(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.antenna = 3
            device.present(TAG)
            device.present(OTHER)
            async with Heard(self.make(device)) as heard:
                await until(lambda: len(heard.sightings) >= 6)
            assert {(each.antenna, each.identifier) for each in heard.sightings} == {(3, TAG), (3, OTHER)}
            assert (device.region, device.power_dbm) == (b"\x31\x80", 26)

    async def test_an_antenna_error_makes_it_quiet_and_not_lost(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            door = self.make(device)
            async with Heard(door) as heard:
                device.status = 0xF8
                await until(lambda: door.status.quiet)
                assert "is the antenna connected" in door.status.quiet
                device.status = None
                device.present(TAG)
                await until(lambda: heard.sightings and door.status.quiet is None)


class TestRealTime(TestReader288):
    settings: ClassVar[dict[str, Any]] = {**TestReader288.settings, "mode": "real-time"}

    async def test_one_that_hangs_is_lost_although_an_empty_field_is_as_silent(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device, Heard(self.make(device)) as heard:
            await until(lambda: device.real_time)
            device.stall()
            await until(lambda: heard.lost, within=40)
            assert heard.lost == "the reader stopped answering"

    async def test_it_is_set_going_and_left_in_answer_mode(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            async with Heard(self.make(device)):
                await until(lambda: device.real_time)
            await until(lambda: not device.real_time)

    async def test_an_empty_field_is_no_loss(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            door = self.make(device)
            async with Heard(door) as heard:
                await until(lambda: device.real_time)
                asked = len(device.heard_commands)
                await until(lambda: len(device.heard_commands) > asked)
                device.beat()
                await until(lambda: door.status.frames > 8)
                assert (heard.lost, door.status.quiet) == (None, None)

    async def test_an_antenna_error_makes_it_quiet_and_not_lost(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            door = self.make(device)
            async with Heard(door) as heard:
                await until(lambda: device.real_time)
                device.antenna_states = b"\x02\x00\x00\x00"
                device.beat()
                await until(lambda: door.status.quiet == "no antenna is connected")
                device.present(TAG)
                await until(lambda: heard.sightings and door.status.quiet is None)

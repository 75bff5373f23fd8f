"""ThingMagic: frames of real modules, and the driver against one on a pseudo-terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import DRIVERS, ReaderLost
from reader_drivers.rfid.checks import crc_gen2, crc_thingmagic
from reader_drivers.rfid.conversation import Reply
from reader_drivers.rfid.thingmagic import Thingmagic
from reader_drivers.rfid.thingmagic_conversation import START, STOP, ThingmagicConversation, frame
from reader_drivers.simulated_thingmagic import SimulatedThingmagic, crc_shifted
from tests.reader_drivers.frames import READER, rejected
from tests.reader_drivers.readers import Heard, until
from tests.reader_drivers.rules import AT, FrameRules, SilenceRules, tags

RECORD = "FF2822000010001B01FF0101C4110E16400000012700000500000F00803000000000000000000000001545E94A561D"
IMPOSSIBLE = "FF1C22000010001B01FF0101D9220DC65E0000001400B1050000000020021817AB1336"
ONE_READ = "ff0e210000e200322fe20df9311328b7e3d100aad0"
NANO, EPC = "epc:000000000000000000001545", bytes.fromhex("E200322FE20DF9311328B7E3")


def sent(op: int, status: int = 0, data: bytes = b"") -> bytes:
    """Built apart from the driver, its check bit by bit."""
    body = bytes((len(data), op)) + status.to_bytes(2, "big") + data
    return b"\xff" + body + crc_shifted(body).to_bytes(2, "big")


def words(epc: bytes, pc: int | None = None, xpc: bytes = b"") -> bytes:
    said = (len(epc) // 2 << 11 if pc is None else pc).to_bytes(2, "big") + xpc + epc
    return said + crc_gen2(said).to_bytes(2, "big")


def record(flags: int, fields: bytes, tag: bytes, bits: int | None = None) -> bytes:
    size = (8 * len(tag) if bits is None else bits).to_bytes(2, "big")
    return sent(0x22, 0, b"\x10\x00\x1b" + flags.to_bytes(2, "big") + b"\x01" + fields + size + tag)


def hear(*chunks: bytes) -> list[Any]:
    decoder = Thingmagic.decoder(READER, Thingmagic.Settings())
    return [*[each for chunk in chunks for each in decoder.feed(chunk, AT)], *decoder.idle(AT)]


class TestFrames(FrameRules):
    driver = "thingmagic"
    rows: ClassVar = [
        (RECORD, [(1, NANO, -60.0)]),
        (ONE_READ, [(None, "epc:E200322FE20DF9311328B7E3", None)]),
        (record(0x0006, b"\xc3\x21", words(EPC)).hex(), [(2, "epc:" + EPC.hex().upper(), -61.0)]),
    ]
    others: ClassVar = [
        ("FF0022040084E0", "no tag in the field"), ("ff00210400b483", "no tag in the field"),
        ("FF00031D0C", "command to the module, 03"), ("FF0197084BB5", "command to the module, 97"),
        ("FF00671D68", "command"), ("FF029207D04689", "command"), ("FF016200BEBD", "command"),
        ("FF039A010C00A35D", "command"), ("FF102F00000122000005072210001B03E801FFDD2B", "command"),
        ("FF032F0000025E86", "command to the module, 2F"), ("FF00721D7D", "command"),
        ("FF0022050485E4", "too hot"), ("FF0022050585E5", "return loss"),
        ("ff140300002301060038000201202409130201060800000010cb65", "reply to 03: done"),
        (sent(0x2F, 0x0405).hex(), "no region is set"), (sent(0x0C, 0x0101).hex(), "unknown command"),
        (sent(0x22, 0, bytes.fromhex("10001B01FF00")).hex(), "a search is over"),
        (sent(0x22, 0, bytes.fromhex("10001B01FF0200")).hex(), "the module's state"),
        (sent(0x22, 0x7F01).hex(), "status 7F01"),
        (record(0, b"", words(b"\x12\x34")).hex(), "too short"),
    ]  # fmt: skip


def test_the_checks_are_those_of_the_module() -> None:
    assert (crc_thingmagic(b"123456789"), crc_gen2(b"123456789")) == (0xA69D, 0xD64E)
    assert crc_thingmagic(b"\x00\x03") == 0x1D0C


@given(st.binary(min_size=2, max_size=64))
def test_the_check_is_the_same_bit_by_bit(data: bytes) -> None:
    assert crc_thingmagic(data) == crc_shifted(data)


def test_an_impossible_record_is_dropped_and_the_next_is_heard() -> None:
    found = hear(bytes.fromhex(IMPOSSIBLE) + bytes.fromhex(RECORD))
    assert tags(found) == [(1, NANO, -60.0)]
    assert len(rejected(found)) == 1


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (record(0x1000, b"\x00\x00", words(EPC)), "record: flags 1000"),
        (record(0x8001, b"\x00", words(EPC)), "record: flags 8000"),
        (record(0x01FF, b"\x01\xc4", b""), "record: 10 bytes"),
        (record(0x0080, b"\xff\xff", words(EPC)), "record: "),
        (record(0, b"", words(EPC), bits=120), "record: 16 bytes of a tag where it says 120 bits"),
        (record(0, b"", words(EPC)[:-1] + b"\x01"), "tag CRC"),
        (record(0, b"", words(EPC, pc=0x3800)), "record: an EPC of 12 bytes where its PC says 14"),
        (record(0, b"", words(b"", pc=0x0218)), "record: an EPC of 0 bytes"),
        (record(0, b"", b"\x30\x00"), "record: 2 bytes of a tag"),
        (sent(0x22, 0, bytes.fromhex("10001B000101")), "record: 6 bytes where its flags ask for 9"),
    ],
)
def test_what_cannot_be_a_record_is_dropped_and_counted(bad: bytes, word: str) -> None:
    found = hear(bad + bytes.fromhex(RECORD))
    assert tags(found) == [(1, NANO, -60.0)]
    assert [each[: len(word)] for each in rejected(found)] == [word]


def test_fields_come_in_the_order_of_their_flags_and_asked_data_is_passed_over() -> None:
    fields = b"\x07" + b"\xbd" + b"\x0f" + b"\x00\x18\x11\x22\x33" + b"\x00" + b"\x04\x02\x01"
    assert tags(hear(record(0x0F87, fields, words(EPC)))) == [(16, "epc:" + EPC.hex().upper(), -67.0)]


@pytest.mark.parametrize("xpc", [b"\x00\x01", b"\x80\x00\x12\x34"])
def test_extended_words_of_a_tag_are_no_part_of_its_epc(xpc: bytes) -> None:
    for counted in (0, len(xpc)):
        pc = (len(EPC) + counted) // 2 << 11 | 0x0200
        assert tags(hear(record(0, b"", words(EPC, pc, xpc)))) == [(None, "epc:" + EPC.hex().upper(), None)]


@given(
    st.integers(1, 4),
    st.integers(-120, -1),
    st.integers(2, 31).flatmap(lambda n: st.binary(min_size=2 * n, max_size=2 * n)),
)
def test_every_epc_is_read_whatever_bytes_it_holds(antenna: int, rssi: int, epc: bytes) -> None:
    fields = bytes((rssi & 0xFF, antenna << 4 | antenna))
    assert tags(hear(record(0x0006, fields, words(epc)))) == [(antenna, "epc:" + epc.hex().upper(), float(rssi))]


# --- the conversation -----------------------------------------------------------------------------------------------


def conversation(**how: Any) -> ThingmagicConversation:
    how = {"region": "eu3", "power_dbm": 20.0, "antennas": (1,), **how}
    return ThingmagicConversation("door", 0.0, **how)


def reply(talk: ThingmagicConversation, op: int, data: bytes = b"", status: int = 0, now: float = 0.0) -> None:
    talk.heard(now)
    talk.replied(Reply(op, status, data), now)


def said(talk: ThingmagicConversation, now: float = 0.0) -> list[str]:
    return [each.hex().upper() for each in talk.due(now)]


VERSION = SimulatedThingmagic.VERSION
AS_PRINTED = {
    "stop": "FF032F0000025E86", "version": "FF00031D0C", "program": "FF000C1D03", "boot": "FF00041D0B",
    "region": "FF0197084BB5", "protocol": "FF02930005517D", "antenna": "FF02910101703B",
    "search": "FF039102010142C5", "power": "FF029207D04689", "filter": "FF039A010C00A35D",
    "start": "FF102F00000122000005072210001B03E801FFDD2B",
}  # fmt: skip


def test_the_opening_is_as_the_vendor_prints_each_frame() -> None:
    talk = conversation()
    assert said(talk) == [AS_PRINTED["stop"]]
    reply(talk, 0x2F, b"\x02", now=0.1)
    reply(talk, 0x22, now=0.3)
    assert said(talk, 0.5) == [], "it is still streaming"
    assert said(talk, 0.6) == [AS_PRINTED["version"]]
    reply(talk, 0x03, VERSION, now=0.7)
    assert talk.firmware == "M7E Hecto, firmware 2.1.6.8"
    for name, op in (
        ("program", 0x0C),
        ("region", 0x97),
        ("protocol", 0x93),
        ("antenna", 0x91),
        ("search", 0x91),
        ("power", 0x92),
        ("filter", 0x9A),
    ):
        assert said(talk, 0.7) == [AS_PRINTED[name]]
        reply(talk, op, b"\x12" if op == 0x0C else b"", now=0.7)
    assert said(talk, 0.7) == [AS_PRINTED["start"]]


def streams(talk: ThingmagicConversation, now: float) -> list[str]:
    """Another record comes; what is said then."""
    reply(talk, 0x22, now=now)
    return said(talk, now)


def test_a_stream_that_does_not_end_does_not_keep_it_from_asking() -> None:
    talk = conversation()
    said(talk)
    reply(talk, 0x2F)
    sent_at = next(tenth for tenth in range(20) if streams(talk, tenth / 10))
    assert sent_at <= 10


def test_in_its_boot_loader_its_firmware_is_started_and_asked_again() -> None:
    talk = conversation()
    for op, data in ((0x2F, b"\x02"), (0x03, VERSION), (0x0C, b"\x11")):
        said(talk, 1.0)
        reply(talk, op, data, now=1.0 if op != 0x2F else 0.5)
    assert said(talk, 1.0) == [AS_PRINTED["boot"]]
    assert said(talk, 2.9) == []
    reply(talk, 0x04, now=2.9)
    assert said(talk, 3.3) == [AS_PRINTED["version"]]


def started() -> ThingmagicConversation:
    talk = conversation(power_dbm=None)
    for op in (0x2F, 0x03, 0x0C, 0x97, 0x93, 0x91, 0x91, 0x9A):
        said(talk, 1.0)
        reply(talk, op, now=1.0 if op != 0x2F else 0.5)
    assert said(talk, 1.0) == [START.frame.hex().upper()]
    reply(talk, 0x2F, now=1.0)
    return talk


def test_five_missed_keep_alives_are_a_restart_and_then_a_loss() -> None:
    talk = started()
    for second in range(2, 60):
        reply(talk, 0x22, status=0x0400, now=float(second))
        assert said(talk, second + 0.5) == []
    assert said(talk, 63.9) == []
    assert said(talk, 64.0) == [STOP.frame.hex().upper()]
    assert "no frame of any kind for 5 s" in (talk.quiet or "")
    assert [said(talk, 64.5 + each) for each in (0.0, 0.5, 1.0)] == [[AS_PRINTED["start"]]] * 3
    with pytest.raises(ReaderLost, match="the reader stopped answering"):
        said(talk, 66.0)


def test_one_that_reads_on_after_a_restart_is_well() -> None:
    talk = started()
    said(talk, 6.0)
    reply(talk, 0x2F, now=6.1)
    assert said(talk, 6.1) == [AS_PRINTED["start"]]
    reply(talk, 0x2F, now=6.2)
    assert talk.quiet
    reply(talk, 0x22, status=0x0400, now=6.3)
    assert talk.quiet is None


@pytest.mark.parametrize(("status", "word"), [(0x0504, "too hot"), (0x0505, "return loss"), (0x0405, "no region")])
def test_a_fault_in_the_stream_is_a_reason_to_be_quiet_until_it_is_over(status: int, word: str) -> None:
    talk = started()
    reply(talk, 0x22, status=status, now=1.1)
    assert word in (talk.quiet or "")
    reply(talk, 0x22, now=1.2)
    assert talk.quiet is None


def test_a_refused_power_is_told_and_a_question_it_does_not_know_is_not(caplog: pytest.LogCaptureFixture) -> None:
    talk = conversation(power_dbm=30.0)
    for op, status in (
        (0x2F, 0x0101),
        (0x03, 0),
        (0x0C, 0x0101),
        (0x97, 0),
        (0x93, 0),
        (0x91, 0),
        (0x91, 0),
        (0x92, 0x0105),
    ):
        said(talk, 1.0)
        reply(talk, op, status=status, now=1.0 if op != 0x2F else 0.5)
    assert caplog.messages == ["door: will not use 30.0 dBm (value not accepted)"]


def test_several_antennas_are_searched_in_turn() -> None:
    talk = conversation(antennas=(2, 4))
    frames = []
    for op in (0x2F, 0x03, 0x0C, 0x97, 0x93, 0x91, 0x91):
        frames += said(talk, 1.0)
        reply(talk, op, now=1.0 if op != 0x2F else 0.5)
    assert frames[-2:] == [frame(0x91, b"\x02\x02").hex().upper(), frame(0x91, b"\x02\x02\x02\x04\x04").hex().upper()]


@pytest.mark.parametrize(
    "wrong", [{"power_dbm": 33}, {"region": "mars"}, {"baud": 300}, {"antennas": [5]}, {"antennas": []}]
)
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        DRIVERS["thingmagic"].settings.model_validate(wrong)


class TestReader(SilenceRules):
    driver = "thingmagic"
    settings: ClassVar[dict[str, Any]] = {"region": "us", "power_dbm": 23, "antennas": [1, 2]}
    device = SimulatedThingmagic
    tag, other = "epc:E200322FE20DF9311328B7E3", "epc:C100000000000000000000D0"

    async def test_it_is_set_up_started_and_stopped(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            door = self.make(device)
            async with Heard(door):
                await until(lambda: device.scanning)
                assert (device.region, device.power_dbm, device.filtered) == (1, 23.0, False)
                assert device.ports == b"\x01\x01\x02\x02"
                assert door.status.firmware == "M7E Hecto, firmware 2.1.6.8"
            await until(lambda: not device.scanning)  # the field is not left on

    async def test_one_that_waits_in_its_boot_loader_is_started(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path, boots=True) as device, Heard(self.make(device)) as heard:
            device.present(self.tag)
            await until(lambda: heard.sightings)

    async def test_a_stream_of_before_does_not_disturb(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.present(self.tag, -48.0)
            device.antenna, device.region, device.scanning = 2, 1, True  # whoever had the port before was killed
            async with Heard(self.make(device)) as heard:
                await until(lambda: START.frame in device.heard_commands and len(heard.sightings) >= 20)
            assert {each.antenna for each in heard.sightings} == {2}
            assert -51 < sum(each.rssi or 0 for each in heard.sightings) / len(heard.sightings) < -45

    async def test_without_a_region_it_says_so(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            door = self.make(device, region=None)
            async with Heard(door) as heard:
                await until(lambda: door.status.quiet)
                assert "no region is set" in door.status.quiet
                assert heard.lost is None

    async def test_heat_is_a_reason_to_be_quiet(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            door = self.make(device)
            async with Heard(door) as heard:
                device.fault = 0x0504
                await until(lambda: door.status.quiet)
                assert door.status.quiet == "too hot: it reads less until it has cooled (status 0504)"
                device.fault = None
                device.present(self.tag)
                await until(lambda: heard.sightings and door.status.quiet is None)

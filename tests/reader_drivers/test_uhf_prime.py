"""UHF Prime: frames of real readers, and the driver against one on a pseudo-terminal."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import DRIVERS, ReaderLost
from reader_drivers.rfid.conversation import Reply
from reader_drivers.rfid.uhf_prime import UhfPrime
from reader_drivers.rfid.uhf_prime_conversation import CHANNELS, UhfPrimeConversation, band, frame
from reader_drivers.simulated_device import crc_bitwise
from reader_drivers.simulated_uhf_prime import SimulatedUhfPrime
from tests.reader_drivers.frames import READER, ignored, rejected
from tests.reader_drivers.readers import Heard, until
from tests.reader_drivers.rules import AT, FrameRules, SilenceRules, Tag, tags

TAGS: list[tuple[str, list[Tag]]] = [
    ("CF0000011200FD8A01000CE280691500004020ED9648B35057", [(1, "epc:E280691500004020ED9648B3", -63.0)]),
    ("CF0000011200FD3A01000CE28069950000400A8F3981330A1D", [(1, "epc:E28069950000400A8F398133", -71.0)]),
    ("CF0000011200FDBC01000CDA20230000000000225191CA2492", [(1, "epc:DA20230000000000225191CA", -58.0)]),
    ("CF0000011200FD4E01000C0000000000088880056245662082", [(1, "epc:000000000008888005624566", -69.0)]),
]
# As a reader was seen to answer GET_ALL: active mode, US band, antenna 1.
STORED = bytes.fromhex("0000018004000101038602ee01f43121010400000c00030105")
STOP, INFORMATION, GET_ALL = "CFFF000200E761", "CFFF0070002415", "CFFF00720017A5"
START = "CFFF0001050000000000F5B5"


def sent(command: int, status: int, data: bytes = b"", address: int = 0) -> bytes:
    """Built apart from the driver, its check bit by bit."""
    body = bytes((0xCF, address, command >> 8, command & 0xFF, 1 + len(data), status)) + data
    return body + crc_bitwise(body).to_bytes(2, "big")


def hear(*chunks: bytes) -> list[Any]:
    decoder = UhfPrime.decoder(READER, UhfPrime.Settings())
    return [*[each for chunk in chunks for each in decoder.feed(chunk, AT)], *decoder.idle(AT)]


class TestFrames(FrameRules):
    driver = "uhf_prime"
    rows: ClassVar = TAGS
    others: ClassVar = [
        ("CF0000010112421D", "no tag in the field"),
        ("CFFF0050000726", "command"), (INFORMATION, "command"), (GET_ALL, "command"), (START, "command"),
        (STOP, "command"), ("CFFF0077020100774E", "command"),
        ("CFFF0083007275", "command"), ("CF0100500100A3F5", "reply to 0050: done"),
        ("cf00000201009eea", "reply to 0002: done"), ("cf0000710100f156", "reply to 0071: done"),
        ("cf0000721a00" + STORED.hex() + "2c68", "reply to 0072: done"),
        (sent(0x0053, 1).hex(), "wrong parameter"), (sent(0x0001, 0x15).hex(), "could not be understood"),
        (sent(0x0001, 0x33).hex(), "not in the manual"),
        (sent(0x0001, 0, bytes.fromhex("FD8A0100021234")).hex(), "too short"),
    ]  # fmt: skip


def test_commands_are_as_the_manual_prints_them() -> None:
    assert [frame(0x0002).hex().upper(), frame(0x0070).hex().upper(), frame(0x0072).hex().upper()] == [
        STOP, INFORMATION, GET_ALL,
    ]  # fmt: skip
    assert frame(0x0001, bytes(5)).hex().upper() == START
    assert band("us") == STORED[7:15], "as a real reader tells it"
    assert {name: band(name).hex() for name in CHANNELS} == {
        "us": "01038602ee01f431", "kr": "020395006400c81f", "eu": "030361006400c80e", "eu3": "06036102bc025803",
        "cn-840": "070348007d00fa13", "cn-920": "080398007d00fa13",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tenths", "rssi"),
    [(-630, -63.0), (-1, None), (-199, None), (-200, -20.0), (-1200, -120.0), (-1201, None), (70, None)],
)
def test_a_strength_that_cannot_be_is_none(tenths: int, rssi: float | None) -> None:
    data = tenths.to_bytes(2, "big", signed=True) + b"\x04\x07\x04\xe2\x00\x00\x01"
    assert tags(hear(sent(0x0001, 0, data))) == [(4, "epc:E2000001", rssi)]


@given(st.integers(1, 16), st.integers(2, 31).flatmap(lambda n: st.binary(min_size=2 * n, max_size=2 * n)))
def test_every_epc_is_read_whatever_bytes_it_holds(antenna: int, epc: bytes) -> None:
    data = b"\xfd\x8a" + bytes((antenna, 0, len(epc))) + epc
    assert tags(hear(sent(0x0001, 0, data))) == [(antenna, "epc:" + epc.hex().upper(), -63.0)]


@pytest.mark.parametrize("data", ["FD8A01000CE280", "FD8A0100", "FD8A010002E28069", "FD8A0100FF"])
def test_a_tag_whose_length_is_wrong_is_dropped_and_the_next_is_heard(data: str) -> None:
    found = hear(sent(0x0001, 0, bytes.fromhex(data)) + bytes.fromhex(TAGS[0][0]))
    assert tags(found) == TAGS[0][1]
    assert [each.partition(":")[0] for each in rejected(found)] == ["structure"]


def test_text_of_a_reader_in_active_mode_is_no_tag() -> None:
    found = hear(b"\x02E280691500004020ED9648B3\x03" * 20)
    assert (tags(found), ignored(found)) == ([], [])
    assert rejected(found)


def conversation(region: str | None = None, power_dbm: int | None = None, answer: bool = True) -> UhfPrimeConversation:
    return UhfPrimeConversation("door", 0.0, region, power_dbm, answer_mode=answer)


def reply(talk: UhfPrimeConversation, command: int, data: bytes = b"", status: int = 0, now: float = 0.0) -> None:
    talk.heard(now)
    talk.replied(Reply(command, status, data), now)


def said(talk: UhfPrimeConversation, now: float = 0.0) -> list[str]:
    return [each.hex().upper() for each in talk.due(now)]


@pytest.mark.parametrize("command", [0x71, 0x72])
def test_the_opening_stops_asks_writes_what_differs_and_starts(command: int, caplog: pytest.LogCaptureFixture) -> None:
    talk = conversation("eu", 26)
    assert said(talk) == [STOP]
    assert said(talk, 0.4) == [], "one outstanding command at a time"
    reply(talk, 0x02)
    assert said(talk) == [INFORMATION]
    reply(talk, 0x70, b"CF591".ljust(32, b"\0") + b"V1.51\x1b[2J".ljust(32, b"\0") + bytes(108))
    assert talk.firmware == "CF591, V1.51[2J", "without what disturbs a terminal"
    assert said(talk) == [GET_ALL]
    reply(talk, command, STORED)
    wanted = STORED[:2] + b"\0" + STORED[3:7] + band("eu") + STORED[15:]
    assert said(talk) == [frame(0x71, wanted).hex().upper()]
    assert "door: it was left in active mode, and is set to answer" in caplog.text
    reply(talk, 0x71)
    assert said(talk) == [frame(0x53, b"\x1a\0").hex().upper()]
    reply(talk, 0x53)
    assert said(talk) == [START]
    assert said(talk, 0.1) == []


def test_what_is_as_wanted_is_not_written_to_its_flash_again() -> None:
    talk = conversation("us", answer=False)
    for command, data in ((0x02, b""), (0x70, bytes(172)), (0x72, STORED)):
        said(talk)
        reply(talk, command, data)
    assert said(talk) == [START]


def started() -> UhfPrimeConversation:
    talk = conversation(answer=False)
    for command in (0x02, 0x70):
        said(talk)
        reply(talk, command, bytes(172))
    assert said(talk) == [START]
    return talk


def test_a_silence_is_answered_by_stop_and_start_and_without_an_answer_it_is_lost() -> None:
    talk = started()
    assert said(talk, 2.9) == []
    assert said(talk, 3.0) == [STOP]
    reply(talk, 0x02, now=3.1)
    assert said(talk, 3.1) == [START]
    assert talk.quiet is None, "an empty field is no fault"
    assert said(talk, 6.2) == [STOP]
    assert said(talk, 6.8) == [STOP]
    assert said(talk, 7.4) == [STOP]
    with pytest.raises(ReaderLost, match="the reader stopped answering"):
        said(talk, 8.0)


def test_an_inventory_that_is_over_is_started_again_and_an_empty_round_is_not() -> None:
    talk = started()
    for tenth in range(1, 20):
        reply(talk, 0x01, status=0x12, now=tenth / 10)
        assert said(talk, tenth / 10) == [], "it goes on"
    assert said(talk, 2.3) == []
    assert said(talk, 2.41) == [START]


def test_an_inventory_that_fails_makes_it_quiet_until_a_tag_comes() -> None:
    talk = started()
    reply(talk, 0x01, status=0x02, now=0.1)
    assert talk.quiet == "the inventory fails: the reader failed"
    reply(talk, 0x01, now=0.2)
    assert talk.quiet is None


@pytest.mark.parametrize("wrong", [{"power_dbm": 31}, {"region": "mars"}, {"baud": 300}, {"answer_mode": "perhaps"}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        DRIVERS["uhf_prime"].settings.model_validate(wrong)


class TestReader(SilenceRules):
    driver = "uhf_prime"
    settings: ClassVar[dict[str, Any]] = {"region": "eu", "power_dbm": 20}
    device = SimulatedUhfPrime
    tag, other = "epc:E280691500004020ED9648B3", "epc:DA20230000000000225191CA"

    def is_said_at_each_open(self, command: bytes) -> bool:
        return command[2:4] != b"\x00\x71"

    async def test_it_is_set_up_started_and_stopped(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.WARNING):
            async with self.plugged_in(tmp_path) as device:
                door = self.make(device)
                async with Heard(door):
                    await until(lambda: device.scanning)
                    assert device.power_dbm == 20
                    assert (device.parameters[2], device.parameters[7:15]) == (0, band("eu"))
                    assert door.status.firmware == "CF591, CP202910_V1.51"
                await until(lambda: not device.scanning)  # the field is not left on

    async def test_strength_and_antenna_are_told(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.antenna = 2
            device.present(self.tag, -48.0)
            async with Heard(self.make(device)) as heard:
                await until(lambda: len(heard.sightings) >= 20)
            assert {each.antenna for each in heard.sightings} == {2}
            assert -51 < sum(each.rssi or 0 for each in heard.sightings) / len(heard.sightings) < -45

    async def test_an_inventory_that_ends_is_started_again(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.present(self.tag)
            async with Heard(self.make(device)) as heard:
                await until(lambda: heard.sightings)
                device.finish()
                heard.sightings.clear()
                await until(lambda: len(heard.sightings) > 5)

    async def test_text_instead_of_frames_says_what_to_mend(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.stall()
            door = self.make(device)
            async with Heard(door) as heard:
                await until(lambda: device.heard_commands)
                for _ in range(4):
                    device.line.write(b"\x02E280691500004020ED9648B3\x03")
                await until(lambda: heard.lost)
            assert heard.lost == (
                "bytes arrive but no valid frame: is the baud rate right? "
                "Or does the reader send text? Set it to answer mode"
            )

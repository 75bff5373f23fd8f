"""PN532: frames of real boards, and the driver against one on a pseudo-terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import DRIVERS, ReaderLost, Rejected
from reader_drivers.rfid.conversation import Reply
from reader_drivers.rfid.pn532 import Pn532
from reader_drivers.rfid.pn532_conversation import ACK, ERROR, Pn532Conversation
from reader_drivers.simulated_pn532 import SimulatedPn532
from tests.reader_drivers.frames import READER, ignored, rejected, sightings
from tests.reader_drivers.readers import Heard, until
from tests.reader_drivers.rules import AT, FrameRules, SilenceRules, tags

CLASSIC = "0000ff0cf4d54b01010004080424d34f592f00"
GLUED = "0000ff00ff000000ff0ff1d54b01010044000704416d412b0289ea00"
SAM, FIRMWARE = "0000FF03FDD414011700", "0000FF02FED4022A00"
WAKE, FINITE, POLL = "55550000000000000000000000000000", "0000FF06FAD43205000102F200", "0000FF04FCD44A0200E000"


def sent(body: bytes, *, extended: bool = False, before: bytes = b"\0", after: bytes = b"\0") -> bytes:
    """Built apart from the driver; ``body`` is TFI and data."""
    if extended:
        high, low = len(body) >> 8, len(body) & 0xFF
        head = bytes((0, 0xFF, 0xFF, 0xFF, high, low, (-high - low) % 256))
    else:
        head = bytes((0, 0xFF, len(body), -len(body) % 256))
    return before + head + body + bytes((-sum(body) % 256,)) + after


def found_targets(*uids: bytes, sak: int = 8, ats: bytes = b"") -> bytes:
    each = [bytes((n, 0, 4, sak, len(uid))) + uid + ats for n, uid in enumerate(uids, 1)]
    return b"\xd5\x4b" + bytes((len(uids),)) + b"".join(each)


def hear(*chunks: bytes) -> list[Any]:
    decoder = Pn532.decoder(READER, Pn532.Settings())
    return [*[each for chunk in chunks for each in decoder.feed(chunk, AT)], *decoder.idle(AT)]


class TestFrames(FrameRules):
    driver = "pn532"
    spare = 1  # padding
    rows: ClassVar = [
        (CLASSIC, [(None, "nfc:24D34F59", None)]),
        ("0000ff0cf4d54b0101000218048a4cb5122300", [(None, "nfc:8A4CB512", None)]),
        ("0000ff0ff1d54b010100440007047bcb51962280c000", [(None, "nfc:047BCB51962280", None)]),
        ("0000ff1ce4d54b010100042804fde60899107880900220900000000000fde608995c00", [(None, "nfc:FDE60899", None)]),
        (
            sent(found_targets(b"\x01\x02\x03\x04", b"\x04\x00\x00\x00\x00\x00\x80")).hex(),
            [(None, "nfc:01020304", None), (None, "nfc:04000000000080", None)],
        ),
    ]  # fmt: skip
    others: ClassVar = [
        ("0000ff00ff000000ff03fdd54b00e000", "no tag in the field"), ("0000FF00FF00", "ACK"),
        ("0000FFFF0000", "NACK"), ("0000FF01FF7F8100", "did not understand"), ("0000FF02FED5151600", "reply to 14"),
        ("0000FF06FAD50332010607E800", "reply to 02"), (SAM, "command to the chip, 14"),
        (FIRMWARE, "command to the chip, 02"), (POLL, "command to the chip, 4A"), (FINITE, "command to the chip, 32"),
        (sent(b"\x99\x01").hex(), "TFI 99"),
        (sent(found_targets(b"\x08\x12\x34\x56")).hex(), "a random UID"),
    ]  # fmt: skip


def test_an_extended_frame_is_read_however_it_is_cut() -> None:
    whole = sent(found_targets(bytes(range(10, 20)), sak=0x28, ats=b"\xf1" + bytes(240)), extended=True)
    for cut in range(len(whole) + 1):
        assert tags(hear(whole[:cut], whole[cut:])) == [(None, "nfc:0A0B0C0D0E0F10111213", None)]


def test_an_answer_glued_to_its_ack_is_heard_however_it_is_cut() -> None:
    whole = bytes.fromhex(GLUED)
    for cut in range(len(whole) + 1):
        found = hear(whole[:cut], whole[cut:])
        assert (tags(found), ignored(found), rejected(found)) == ([(None, "nfc:04416D412B0289", None)], ["ACK"], [])


def test_a_random_uid_is_never_told() -> None:
    found = hear(sent(found_targets(b"\x08\x12\x34\x56", b"\x24\xd3\x4f\x59")))
    assert tags(found) == [(None, "nfc:24D34F59", None)]
    assert not any("123456" in each for each in ignored(found))
    seven = bytes.fromhex("08123456789ABC")
    assert tags(hear(sent(found_targets(seven)))) == [(None, "nfc:08123456789ABC", None)], "only short ones are random"


@pytest.mark.parametrize("said", [b"\xd5", b"\xd4", b"\xd5\x4b", b"\xd5\x03", b"\xd5\x03\x32\x01\x06"])
def test_an_answer_without_its_body_is_damage_and_no_answer(said: bytes) -> None:
    decoder = Pn532.decoder(READER, Pn532.Settings())
    found = decoder.feed(sent(said), AT)
    assert [each.reason.partition(":")[0] for each in found if isinstance(each, Rejected)] == ["structure"], found
    assert decoder.take_replies() == []
    assert tags(decoder.feed(bytes.fromhex(CLASSIC), AT)), "and the next is heard"


@given(st.binary(max_size=20))
def test_no_body_raises_and_what_is_told_is_a_whole_uid(body: bytes) -> None:
    found = hear(sent(b"\xd5\x4b" + body))
    assert found
    assert all(len(identifier) in (12, 18, 24) for _, identifier, _ in tags(found))


@pytest.mark.parametrize("before", [b"", b"\0", b"\0\0\0\0", b"\x55\x55" + bytes(14)])
@pytest.mark.parametrize("after", [b"", b"\0", bytes(40)])
def test_padding_may_be_missing_or_more(before: bytes, after: bytes) -> None:
    one = sent(found_targets(b"\x24\xd3\x4f\x59"), before=before, after=after)
    found = hear(one * 3)
    assert tags(found) == [(None, "nfc:24D34F59", None)] * 3
    assert bool(rejected(found)) == (before[:1] == b"\x55")


def test_a_line_of_zeros_is_neither_held_nor_told() -> None:
    decoder = Pn532.decoder(READER, Pn532.Settings())
    assert decoder.feed(bytes(1_000_000), AT) == []
    assert decoder.holding <= 2
    assert decoder.idle(AT) == []
    assert decoder.holding == 0
    assert tags(decoder.feed(bytes.fromhex(CLASSIC), AT))


@pytest.mark.parametrize(
    "bad",
    ["0000FF000000", "0000FFFFFFFFFFFF02D54B", "0000FFFFFF000000D54B", "00FF02FDD54BE000", "00FF02FED54BE100"],
)
def test_lengths_and_checks_that_cannot_be_are_no_frames(bad: str) -> None:
    found = hear(bytes.fromhex(bad) + bytes.fromhex(CLASSIC))
    assert tags(found) == [(None, "nfc:24D34F59", None)]
    assert rejected(found)


@pytest.mark.parametrize(
    "targets",
    [
        "01", "0101000408", "0101000408050102030405", "0101000408040102030405", "02010004080401020304",
        "0101000428040102030405", "01010004280401020304",
    ],
)  # fmt: skip
def test_targets_that_do_not_use_up_the_answer_are_dropped_whole(targets: str) -> None:
    found = hear(sent(b"\xd5\x4b" + bytes.fromhex(targets)) + bytes.fromhex(CLASSIC))
    assert tags(found) == [(None, "nfc:24D34F59", None)]
    assert [each.partition(":")[0] for each in rejected(found)] == ["structure"]


@given(
    st.lists(st.sampled_from([4, 7, 10]).flatmap(lambda n: st.binary(min_size=n, max_size=n)), max_size=2),
    st.booleans(),
    st.binary(max_size=20),
)
def test_every_uid_is_read_whole_with_its_zeros(uids: list[bytes], extended: bool, history: bytes) -> None:
    ats = bytes((len(history) + 1,)) + history
    found = hear(sent(found_targets(*uids, sak=0x28, ats=ats), extended=extended))
    told = [each for each in uids if len(each) > 4 or each[0] != 8]
    assert [each.identifier for each in sightings(found)] == ["nfc:" + each.hex().upper() for each in told]
    assert rejected(found) == []


# --- the conversation -----------------------------------------------------------------------------------------------


def reply(talk: Pn532Conversation, code: int, data: bytes = b"", now: float = 0.0) -> None:
    talk.heard(now)
    talk.replied(Reply(code, 0, data), now)


def said(talk: Pn532Conversation, now: float = 0.0) -> list[str]:
    return [each.hex().upper() for each in talk.due(now)]


def polling() -> Pn532Conversation:
    talk = Pn532Conversation("desk", 0.0, 0.1)
    assert said(talk) == [WAKE + SAM]
    reply(talk, ACK)
    assert said(talk) == [], "an ACK is no answer yet"
    for code, data, then in ((0x15, b"", FIRMWARE), (0x03, b"\x32\x01\x06\x07", FINITE), (0x33, b"", POLL)):
        reply(talk, code, data)
        assert said(talk) == [then]
    assert talk.firmware == "PN532, firmware 1.6"
    return talk


def test_a_poll_follows_the_answer_to_the_one_before() -> None:
    talk = polling()
    reply(talk, 0x4B, b"\x00", now=0.03)
    assert said(talk, 0.1) == []
    assert said(talk, 0.14) == [POLL]
    reply(talk, ACK, now=0.15)
    assert said(talk, 0.5) == []


def test_two_polls_without_an_answer_are_the_end_and_an_ack_is_none() -> None:
    talk = polling()
    assert said(talk, 1.0) == [POLL]
    reply(talk, ACK, now=1.5)
    with pytest.raises(ReaderLost, match="the reader stopped answering"):
        said(talk, 2.1)


def test_a_poll_that_is_not_understood_makes_it_quiet_until_one_is() -> None:
    talk = polling()
    reply(talk, ERROR)
    assert talk.quiet == "it does not understand the command"
    assert said(talk, 0.2) == [POLL]
    reply(talk, 0x4B, b"\x00", now=0.3)
    assert talk.quiet is None


@pytest.mark.parametrize("wrong", [{"poll_s": -1}, {"baud": 300}, {"region": "eu"}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        DRIVERS["pn532"].settings.model_validate(wrong)


class TestReader(SilenceRules):
    driver = "pn532"
    settings: ClassVar[dict[str, Any]] = {"poll_s": 0.01}
    device = SimulatedPn532
    tag, other = "nfc:24D34F59", "nfc:047BCB51962280"

    async def test_it_is_woken_told_to_give_up_and_its_field_is_off_at_the_end(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            door = self.make(device)
            async with Heard(door):
                await until(lambda: device.field)
                assert (device.awake, device.gives_up) == (True, True)
                assert door.status.firmware == "PN532, firmware 1.6"
            await until(lambda: not device.field)
            assert not device.pending

    async def test_two_fobs_at_once_are_both_heard(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.present(self.tag)
            device.present(self.other)
            async with Heard(self.make(device)) as heard:
                await until(lambda: len(heard.sightings) >= 4)
            assert {each.identifier for each in heard.sightings} == {self.tag, self.other}

    async def test_a_chip_that_does_not_understand_is_quiet(self, tmp_path: Path) -> None:
        async with self.plugged_in(tmp_path) as device:
            device.refuses_polls = True
            door = self.make(device)
            async with Heard(door) as heard:
                await until(lambda: door.status.quiet)
                device.refuses_polls = False
                device.present(self.tag)
                await until(lambda: heard.sightings and door.status.quiet is None)

"""What is said to an M100 and when, on a clock of our own."""

from __future__ import annotations

import logging

import pytest

from reader_drivers import ReaderLost
from reader_drivers.rfid.conversation import Reply
from reader_drivers.rfid.m100_conversation import M100Conversation, frame

STOP_BB, STOP_AA = bytes.fromhex("BB00280000287E"), bytes.fromhex("AA0028000028DD")
START_BB = bytes.fromhex("BB0027000322FFFF4A7E")
HARDWARE = bytes.fromhex("BB0003000100047E")
FIRMWARE = bytes.fromhex("BB0003000101057E")
MAKER = bytes.fromhex("BB0003000102067E")


def conversation(dialect: str = "auto", region: str | None = None, power: float | None = None) -> M100Conversation:
    return M100Conversation("door", 0.0, dialect, region, power)


def answer(talk: M100Conversation, now: float, command: int, parameters: bytes = b"\x00", head: int = 0xBB) -> None:
    talk.heard(now)
    talk.replied(Reply(command, data=parameters, dialect=head), now)


def stream(talk: M100Conversation, now: float, head: int = 0xBB) -> None:
    answer(talk, now, 0x22, b"", head)


def started(now: float = 0.0) -> M100Conversation:
    talk = conversation()
    talk.due(now)
    answer(talk, now, 0x28)
    for which in range(3):
        talk.due(now)
        answer(talk, now, 0x03, bytes((which,)) + b"name")
    assert talk.due(now) == [START_BB]
    return talk


def test_the_opening_stops_asks_sets_and_starts_one_command_at_a_time() -> None:
    talk = conversation(region="cn-920", power=20.0)
    assert talk.due(0.0) == [STOP_BB]
    assert talk.due(0.01) == [], "one outstanding command at a time"
    answer(talk, 0.02, 0x28)
    for sent, which, text in ((HARDWARE, 0, b"M100 26dBm V1.0"), (FIRMWARE, 1, b"V2.3\x00"), (MAKER, 2, b"MagicRF")):
        assert talk.due(0.04) == [sent]
        answer(talk, 0.04, 0x03, bytes((which,)) + text)
    assert talk.due(0.05) == [bytes.fromhex("BB0007000101097E")]
    answer(talk, 0.06, 0x07)
    assert talk.due(0.07) == [bytes.fromhex("BB00B6000207D08F7E")]
    answer(talk, 0.08, 0xB6)
    assert talk.due(0.09) == [START_BB]
    assert talk.firmware == "M100 26dBm V1.0, V2.3, MagicRF"


def test_bb_is_tried_first_and_aa_is_kept_when_only_aa_answers() -> None:
    talk = conversation()
    assert talk.due(0.0) == [STOP_BB]
    assert talk.due(0.5) == [STOP_AA]
    answer(talk, 0.51, 0x28, head=0xAA)
    assert talk.due(0.52)[0][0] == 0xAA


def test_a_module_that_is_heard_speaking_aa_is_spoken_to_in_aa() -> None:
    talk = conversation()
    talk.due(0.0)
    stream(talk, 0.1, head=0xAA)
    assert talk.due(0.1) == [STOP_AA]


def test_a_fixed_dialect_is_never_left() -> None:
    talk = conversation("BB")
    assert talk.due(0.0) == [STOP_BB]
    for tries in range(1, 4):
        assert talk.due(tries * 0.5) == [frame(0xBB, 0x03, b"\x00")]
    with pytest.raises(ReaderLost, match="does not answer"):
        talk.due(2.0)


def test_a_module_that_never_answers_is_lost_within_four_seconds() -> None:
    talk = conversation()
    sent = []
    for tenth in range(40):
        sent += talk.due(tenth / 10)
    with pytest.raises(ReaderLost, match="baud"):
        talk.due(4.0)
    assert sent == [STOP_BB, STOP_AA, *[frame(head, 0x03, b"\x00") for head in (0xBB, 0xAA)] * 3]


def test_one_that_streams_and_answers_nothing_is_started_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    talk = conversation()
    sent = []
    for step in range(80):
        stream(talk, step / 10)
        sent += talk.due(step / 10)
    assert sent[-1] == START_BB
    assert "door: does not tell its firmware" in caplog.text


def test_a_refused_power_is_told_and_the_reader_works_on(caplog: pytest.LogCaptureFixture) -> None:
    talk = conversation(power=19.37)
    with caplog.at_level(logging.WARNING):
        for now in range(8):
            for sent in talk.due(now / 100):
                command = sent[2]
                if command == 0xB6:
                    answer(talk, now / 100, 0xFF, b"\x17")
                elif command == 0x03:
                    answer(talk, now / 100, 0x03, sent[5:6] + b"x")
                elif command == 0x28:
                    answer(talk, now / 100, 0x28)
    assert "door: will not use 19.37 dBm (error 17)" in caplog.text
    assert talk.due(0.2) == []


def test_heartbeats_while_it_is_stopped_are_no_refusal() -> None:
    talk = conversation()
    talk.due(0.0)
    answer(talk, 0.01, 0xFF, b"\x15")
    assert talk.due(0.02) == []
    assert talk.due(0.5) == [STOP_BB], "the stop is still unanswered"


def test_a_lapse_is_started_again_a_silence_is_restarted_and_then_it_is_lost() -> None:
    talk = started()
    assert talk.due(0.99) == []
    assert talk.due(1.0) == [START_BB]
    assert talk.quiet is None
    assert talk.due(2.0) == [STOP_BB]
    assert talk.quiet is not None
    assert talk.due(2.3) == [START_BB]
    assert talk.due(3.9) == []
    with pytest.raises(ReaderLost, match="stopped answering"):
        talk.due(4.0)


def test_a_module_that_tells_no_empty_rounds_is_alive_as_long_as_it_answers_the_stop() -> None:
    talk = started()
    for beat in range(5):
        since = beat * 2.0
        assert talk.due(since + 1.0) == [START_BB]
        assert talk.due(since + 2.0) == [STOP_BB]
        answer(talk, since + 2.0, 0x28)
        assert talk.due(since + 2.0) == [START_BB], "its field is on again at once"
        assert talk.quiet is None


def test_any_frame_ends_a_silence() -> None:
    talk = started()
    talk.due(1.0)
    talk.due(2.0)
    stream(talk, 2.1)
    assert talk.quiet is None
    assert talk.due(3.0) == []
    assert talk.due(3.1) == [START_BB]


def test_it_waits_until_the_next_thing_is_due_and_less_while_bytes_are_held() -> None:
    talk = started(10.0)
    assert talk.wait(10.2, holding=False) == pytest.approx(0.8)
    assert talk.wait(10.2, holding=True) == pytest.approx(0.1)


def test_a_name_with_control_characters_cannot_disturb_a_terminal() -> None:
    talk = conversation()
    talk.due(0.0)
    answer(talk, 0.0, 0x28)
    talk.due(0.0)
    answer(talk, 0.0, 0x03, b"\x00M100\x1b[2J\xff\n")
    assert talk.firmware is not None
    assert talk.firmware.isprintable()

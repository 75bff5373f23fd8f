"""EM4100 frames in all five framings, found without being told which, and never where there is none."""

from __future__ import annotations

from functools import reduce
from operator import xor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.operations.enrolment import Enrolment
from reader_drivers import Sighting
from reader_drivers.rfid.em4100 import Em4100, Em4100Decoder, Framing
from reader_drivers.sighting import Found
from reader_drivers.simulated import SimulatedEm4100
from tests.reader_drivers.frames import EM4100_FOBS, EM4100_GHOSTS, READER, ignored, rejected, sightings

AT = 1_790_000_000.25
STX14 = EM4100_FOBS[0][0]
BARE = b"307E4DE5C224"
OTHER_BARE = b"62E3086CED08"
BEGUN = [row for row in EM4100_FOBS if row[2] != "bare12"]
FRAMINGS: list[Framing] = ["stx14", "crlf16", "raw13", "bare12", "bin10"]

fobs = st.binary(min_size=5, max_size=5).filter(any)


def decoder(framing: Framing = "auto") -> Em4100Decoder:
    return Em4100.decoder(READER, Em4100.Settings(framing=framing))


def hear(*chunks: bytes, framing: Framing = "auto") -> list[Found]:
    d = decoder(framing)
    found = [each for chunk in chunks for each in d.feed(chunk, AT)]
    return [*found, *d.idle(AT)]


def identifiers(found: list[Found]) -> list[str]:
    return [each.identifier for each in sightings(found)]


@pytest.mark.parametrize(("sent", "fob", "framing"), EM4100_FOBS)
def test_a_fob_is_told_with_all_ten_digits_in_any_framing_unasked(sent: bytes, fob: str, framing: Framing) -> None:
    for way in ("auto", framing):
        assert hear(sent, framing=way) == [Sighting(READER, None, f"em:{fob}", None, None, AT)]


@pytest.mark.parametrize(("sent", "fob", "framing"), EM4100_FOBS)
def test_a_frame_may_come_in_any_pieces(sent: bytes, fob: str, framing: Framing) -> None:
    ways = [[sent[i : i + 1] for i in range(len(sent))]]
    ways += [[sent[:cut], sent[cut:]] for cut in range(len(sent) + 1)]
    for chunks in ways:
        for way in ("auto", framing):
            found = hear(*chunks, framing=way)
            assert identifiers(found) == [f"em:{fob}"], chunks
            assert rejected(found) == []


def test_frames_of_all_framings_that_begin_with_02_may_be_glued() -> None:
    found = hear(b"".join(sent for sent, _, _ in BEGUN) * 2)
    assert identifiers(found) == [f"em:{fob}" for _, fob, _ in BEGUN] * 2
    assert rejected(found) == []


@pytest.mark.parametrize("garbage", [b"\x02", b"\x0262E3", b"\x02\x0a\x02", b"\x00\xff\x03", b"62E3086C", STX14[:-1]])
@pytest.mark.parametrize(("sent", "fob", "_framing"), BEGUN)
def test_a_good_frame_is_found_after_garbage_and_between(garbage: bytes, sent: bytes, fob: str, _framing: str) -> None:
    found = hear(garbage + sent + garbage + sent)
    assert identifiers(found) == [f"em:{fob}"] * 2
    assert 1 <= len(rejected(found)) <= 2


@pytest.mark.parametrize(("sent", "fob", "_framing"), BEGUN)
def test_a_spoilt_byte_anywhere_is_one_rejection_and_the_next_frame_is_found(
    sent: bytes, fob: str, _framing: str
) -> None:
    for place in range(len(sent)):
        spoilt = bytearray(sent)
        spoilt[place] ^= 0x10
        found = hear(bytes(spoilt) + sent)
        assert identifiers(found) == [f"em:{fob}"], place
        assert len(rejected(found)) == 1, place
        assert fob not in rejected(found)[0]


def test_a_wrong_xor_is_rejected() -> None:
    (reason,) = rejected(hear(b"\x0268003B51C6CB\x03"))
    assert reason.startswith("checksum: CB where the XOR is C4")


@pytest.mark.parametrize("sent", [b"\x02000000000000\x03", b"000000000000", b"\x02" + b"0" * 10 + b"\x00\x03"])
def test_an_all_zero_fob_is_a_ghost(sent: bytes) -> None:
    found = hear(sent)
    assert identifiers(found) == []
    assert "ghost" in ignored(found)[0]


@pytest.mark.parametrize("ghost", EM4100_GHOSTS)
def test_other_ghosts_pass_the_check_so_who_shows_unknown_fobs_waits_for_a_second_read(ghost: bytes) -> None:
    (found,) = sightings(hear(b"\x02" + ghost + b"\x03"))
    screen = Enrolment(lambda _: False, AT)
    screen.hear(found)
    assert [row["sure"] for row in screen.look(AT)] == [False]
    screen.hear(found)
    assert [row["sure"] for row in screen.look(AT)] == [True]


@pytest.mark.parametrize(
    "chunks",
    [
        [BARE + OTHER_BARE],
        [b"0" + BARE],
        [BARE + b"0"],
        [BARE[:6], BARE[6:] + OTHER_BARE],
        [BARE[i : i + 1] for i in range(12)] + [OTHER_BARE[i : i + 1] for i in range(12)],
        [b"\xff" + BARE],
        [b"\xff", BARE],
        [BARE + b"\r\n"],
    ],
)
def test_twelve_digits_inside_other_bytes_are_no_frame(chunks: list[bytes]) -> None:
    found = hear(*chunks)
    assert identifiers(found) == []
    assert len(rejected(found)) == 1


def test_twelve_digits_alone_between_two_silences_are_a_frame_each_time() -> None:
    d = decoder()
    for beat in range(5):
        assert d.feed(BARE[:7], AT + beat) == []
        assert d.feed(BARE[7:], AT + beat + 0.008) == []
        assert identifiers(d.idle(AT + beat + 0.033)) == ["em:307E4DE5C2"]
        assert not d.holding


def test_a_silence_shows_in_the_times_of_the_chunks_too() -> None:
    d = decoder()
    heard = []
    for beat in range(4):
        heard += identifiers(d.feed(BARE[:5], AT + beat * 0.065))
        heard += identifiers(d.feed(BARE[5:], AT + beat * 0.065 + 0.006))
    heard += identifiers(d.idle(AT + 1))
    assert heard == ["em:307E4DE5C2"] * 4


def test_chunks_of_twelve_on_an_empty_buffer_are_frames_also_between_others() -> None:
    assert identifiers(hear(BARE, OTHER_BARE, STX14, BARE)) == [
        "em:307E4DE5C2", "em:62E3086CED", "em:62E3086CED", "em:307E4DE5C2",
    ]  # fmt: skip


def test_where_bare12_is_configured_glued_frames_are_parted() -> None:
    assert identifiers(hear(BARE + OTHER_BARE + BARE, framing="bare12")) == [
        "em:307E4DE5C2", "em:62E3086CED", "em:307E4DE5C2",
    ]  # fmt: skip


@pytest.mark.parametrize(("sent", "fob", "framing"), EM4100_FOBS)
def test_where_a_framing_is_configured_the_others_are_no_frames(sent: bytes, fob: str, framing: Framing) -> None:
    for other in FRAMINGS:
        if framing not in (other, "bare12") and other != "bare12":
            found = hear(sent, framing=other)
            assert identifiers(found) == []
            assert len(rejected(found)) == 1


def test_a_7941_tells_other_cards_apart() -> None:
    body = bytes.fromhex("0A012E00B6D7B5")
    found = hear(b"\x02" + body + bytes((reduce(xor, body),)) + b"\x03")
    assert ignored(found) == ["a card of type 01, which is no EM4100"]


@given(fobs, st.sampled_from(FRAMINGS))
def test_every_fob_is_read_as_the_simulated_reader_sends_it(fob: bytes, framing: Framing) -> None:
    sent = SimulatedEm4100(framing=framing).frame(fob.hex().upper())  # type: ignore[arg-type]
    assert len(sent) == int(framing[-2:])
    assert identifiers(hear(sent)) == [f"em:{fob.hex().upper()}"]


@given(st.binary(max_size=120), st.sampled_from(BEGUN))
def test_a_good_frame_after_any_garbage_is_found(garbage: bytes, row: tuple[bytes, str, str]) -> None:
    assert identifiers(hear(garbage, row[0]))[-1:] == [f"em:{row[1]}"]


def test_small_digits_mean_the_same_fob() -> None:
    assert identifiers(hear(STX14.lower())) == ["em:62E3086CED"]

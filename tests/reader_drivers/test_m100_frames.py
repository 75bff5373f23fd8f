"""M100 frames, as they come: whole, in pieces, glued, among garbage, spoilt."""

from __future__ import annotations

from binascii import crc_hqx

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers import DRIVERS, Sighting
from reader_drivers.rfid.m100 import M100, M100Decoder
from reader_drivers.sighting import Found
from reader_drivers.simulated import SimulatedM100
from tests.reader_drivers.frames import M100_OTHERS, M100_TAGS, READER, ignored, rejected, sightings

AT = 1_790_000_000.25
TAG, EPC, RSSI = bytes.fromhex(M100_TAGS[0][0]), M100_TAGS[0][1], M100_TAGS[0][2]
NOISE = bytes.fromhex("00FF137E42DD")


def decoder() -> M100Decoder:
    return M100.decoder(READER, M100.Settings())


def hear(*chunks: bytes) -> list[Found]:
    d = decoder()
    found = [each for chunk in chunks for each in d.feed(chunk, AT)]
    return [*found, *d.idle(AT)]


def frame(kind: int, command: int, parameters: bytes, *, head: int = 0xBB) -> bytes:
    """Built apart from the driver: the additive check over type to parameters."""
    body = bytes((kind, command)) + len(parameters).to_bytes(2, "big") + parameters
    return bytes((head,)) + body + bytes((sum(body) % 256, {0xBB: 0x7E, 0xAA: 0xDD}[head]))


def tag(epc: bytes, rssi: int = -50, *, pc: int | None = None, head: int = 0xBB) -> bytes:
    read = (pc if pc is not None else len(epc) // 2 << 11).to_bytes(2, "big") + epc
    return frame(2, 0x22, bytes((rssi & 0xFF,)) + read + (crc_hqx(read, 0xFFFF) ^ 0xFFFF).to_bytes(2, "big"), head=head)


@pytest.mark.parametrize(("sent", "epc", "rssi"), M100_TAGS)
def test_a_tag_is_told_with_its_whole_epc_and_strength(sent: str, epc: str, rssi: int) -> None:
    assert hear(bytes.fromhex(sent)) == [Sighting(READER, None, f"epc:{epc}", float(rssi), None, AT)]


@pytest.mark.parametrize(("sent", "word"), M100_OTHERS)
def test_what_is_no_tag_is_named(sent: str, word: str) -> None:
    (reason,) = ignored(hear(bytes.fromhex(sent)))
    assert word in reason
    assert "30751FEB705C5904E3D50D70" not in reason


@pytest.mark.parametrize(("sent", "epc", "_rssi"), M100_TAGS)
def test_a_frame_may_come_in_any_pieces(sent: str, epc: str, _rssi: int) -> None:
    whole = bytes.fromhex(sent)
    ways = [[whole[i : i + 1] for i in range(len(whole))]]
    ways += [[whole[:cut], whole[cut:]] for cut in range(len(whole) + 1)]
    for chunks in ways:
        found = hear(*chunks)
        assert [each.identifier for each in sightings(found)] == [f"epc:{epc}"]
        assert rejected(found) == []


def test_glued_frames_are_all_told_in_order() -> None:
    found = hear(b"".join(bytes.fromhex(sent) for sent, _, _ in M100_TAGS) * 3)
    assert [each.identifier for each in sightings(found)] == [f"epc:{epc}" for _, epc, _ in M100_TAGS] * 3
    assert rejected(found) == []


@pytest.mark.parametrize("garbage", [NOISE, b"\xbb", b"\xbb\x02\x22\x00\x11", b"\xaa\x01", TAG[:-1], TAG[5:]])
@pytest.mark.parametrize(("sent", "epc", "_rssi"), M100_TAGS)
def test_a_good_frame_is_found_after_garbage_and_between(garbage: bytes, sent: str, epc: str, _rssi: int) -> None:
    good = bytes.fromhex(sent)
    found = hear(garbage + good + garbage + good)
    assert [each.identifier for each in sightings(found)] == [f"epc:{epc}"] * 2
    assert 1 <= len(rejected(found)) <= 2, "each run of garbage is told, and told once"


@pytest.mark.parametrize("place", range(len(TAG)))
def test_a_spoilt_byte_anywhere_is_one_rejection_and_the_next_frame_is_found(place: int) -> None:
    spoilt = bytearray(TAG)
    spoilt[place] ^= 0x41
    found = hear(bytes(spoilt) + TAG)
    assert [each.identifier for each in sightings(found)] == [f"epc:{EPC}"]
    assert len(rejected(found)) == 1
    assert EPC not in rejected(found)[0]


@pytest.mark.parametrize("place", range(len(TAG)))
def test_a_lost_byte_costs_one_frame(place: int) -> None:
    found = hear(TAG[:place] + TAG[place + 1 :] + TAG + TAG)
    assert [each.identifier for each in sightings(found)] == [f"epc:{EPC}"] * 2
    assert len(rejected(found)) == 1


@pytest.mark.parametrize("place", range(1, len(TAG)))
def test_a_doubled_byte_costs_at_most_one_frame(place: int) -> None:
    found = hear(TAG[:place] + TAG[place - 1 :] + TAG + TAG)
    assert len(sightings(found)) >= 2
    assert {each.identifier for each in sightings(found)} == {f"epc:{EPC}"}
    assert len(rejected(found)) == 1


def test_what_looks_like_a_bad_frame_inside_a_bad_frame_is_no_second_fault() -> None:
    inner = bytes.fromhex("BB01280001009A7E")
    spoilt = tag(inner + bytes(4))[:-2] + b"\x00\x7e"
    assert len(rejected(hear(inner))) == 1
    assert len(rejected(hear(spoilt))) == 1
    assert len(rejected(hear(spoilt + spoilt))) == 2


def test_swapped_bytes_pass_the_sum_and_fail_the_tags_own_crc() -> None:
    swapped = TAG[:10] + TAG[11:12] + TAG[10:11] + TAG[12:]
    assert sum(swapped[1:-2]) % 256 == swapped[-2]
    (reason,) = rejected(hear(swapped))
    assert reason.startswith("tag CRC")


@pytest.mark.parametrize(("head", "end"), [("BB", "DD"), ("AA", "7E")])
def test_the_two_dialects_do_not_mix(head: str, end: str) -> None:
    found = hear(bytes.fromhex(head) + TAG[1:-1] + bytes.fromhex(end))
    assert sightings(found) == []
    assert rejected(found)[0].startswith("end")


@given(
    st.integers(2, 31).flatmap(lambda words: st.binary(min_size=2 * words, max_size=2 * words)), st.integers(-127, -1)
)
def test_every_epc_from_4_to_62_bytes_is_read_whatever_bytes_it_holds(epc: bytes, rssi: int) -> None:
    for head in (0xBB, 0xAA):
        (found,) = hear(tag(epc, rssi, head=head))
        assert found == Sighting(READER, None, "epc:" + epc.hex().upper(), float(rssi), None, AT)


@given(st.binary(max_size=200), st.sampled_from(M100_TAGS), st.integers(0, 8))
def test_a_good_frame_after_any_garbage_is_found(garbage: bytes, row: tuple[str, str, int], cut: int) -> None:
    good = bytes.fromhex(row[0])
    found = hear(garbage + good[:cut], good[cut:])
    assert f"epc:{row[1]}" in [each.identifier for each in sightings(found)]


def test_an_epc_full_of_heads_and_ends_is_read_by_its_length() -> None:
    epc = bytes.fromhex("BB7EAADDBB02220011BB7EDD")
    assert sightings(hear(tag(epc) * 5))[4].identifier == "epc:" + epc.hex().upper()


@pytest.mark.parametrize(
    ("sent", "word"),
    [
        (tag(bytes(12), pc=0x3800), "tag: EPC of 12 bytes where its PC says 14"),
        (frame(2, 0x22, b"\xc9\x30\x00"), "tag: 3 bytes"),
        (frame(2, 0x22, bytes(73)), "header"),
        (frame(7, 0x22, bytes(17)), "header"),
        (frame(1, 0x29, bytes(300)), "header"),
    ],
)
def test_an_impossible_frame_is_rejected_although_its_sum_is_right(sent: bytes, word: str) -> None:
    found = hear(sent + TAG)
    assert word in rejected(found)[0]
    assert [each.identifier for each in sightings(found)] == [f"epc:{EPC}"]


@pytest.mark.parametrize("epc", [b"", b"\x12\x34"])
def test_a_tag_too_short_to_be_told_from_others_is_no_sighting(epc: bytes) -> None:
    assert "too short" in ignored(hear(tag(epc)))[0]


def test_a_strength_of_zero_is_none() -> None:
    assert sightings(hear(tag(bytes(12), 0)))[0].rssi is None


def test_half_a_frame_and_silence_is_told_and_does_not_hide_the_next() -> None:
    d = decoder()
    assert d.feed(TAG[:10], AT) == []
    assert d.holding
    assert rejected(d.idle(AT)) == ["cut short: 10 bytes, then silence (10 bytes dropped)"]
    assert not d.holding
    assert sightings(d.feed(TAG, AT))


def test_a_false_head_holds_a_good_frame_back_no_longer_than_a_silence() -> None:
    d = decoder()
    false_head = b"\xbb\x02\x22\x00\x48"
    assert sightings(d.feed(false_head + TAG, AT)) == []
    assert [each.identifier for each in sightings(d.idle(AT))] == [f"epc:{EPC}"]


def test_the_simulated_module_speaks_as_the_manuals_print() -> None:
    assert hear(SimulatedM100().tag(EPC, RSSI)) == [Sighting(READER, None, f"epc:{EPC}", float(RSSI), None, AT)]
    assert SimulatedM100().frame(1, 0xFF, b"\x15") == bytes.fromhex("BB01FF000115167E")
    assert SimulatedM100(dialect="AA").frame(1, 0xFF, b"\x15") == bytes.fromhex("AA01FF00011516DD")


@pytest.mark.parametrize(
    "wrong", [{"region": "mars"}, {"power_dbm": 40}, {"power_dbm": -1}, {"baud": 300}, {"dialect": "CC"}, {"bud": 1}]
)
def test_settings_out_of_range_or_unknown_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        DRIVERS["m100"].settings.model_validate(wrong)

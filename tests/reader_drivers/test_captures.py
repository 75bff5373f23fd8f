"""Captures of every wire protocol as a bad cable makes them: whole, cut, glued, spoilt in any bit, with garbage before.

The frames are those of the manuals and of real devices in the other tests, and some more from public repositories.
What is asked of all protocols alike: a good frame is never lost to a bad one, nobody is seen who was not told, and one
bad frame is one fault.
"""

from __future__ import annotations

import random
from typing import Any, NamedTuple

import pytest

from reader_drivers import DRIVERS
from reader_drivers.decode import decode_lines
from reader_drivers.simulated_llrp import parameter
from tests.reader_drivers import test_llrp, test_m100_frames, test_pn532, test_thingmagic, test_uhf_prime
from tests.reader_drivers.frames import EM4100_FOBS, M100_OTHERS, M100_TAGS, READER, ignored, rejected, sightings
from tests.reader_drivers.rules import AT, Tag, tags
from tests.reader_drivers.test_uhfreader18 import TestFrames18, TestFrames288
from tests.reader_drivers.test_uhfreader18 import sent as sent_18


class Capture(NamedTuple):
    """One protocol: what it is decoded by, frames with their tags, frames without, and what a frame may do without."""

    driver: str
    settings: dict[str, Any]
    rows: list[tuple[bytes, list[Tag]]]
    others: list[bytes]
    start: bytes
    """A head, and a length that could be: what garbage may look like."""
    spare: int = 0
    """Bytes of padding at either end."""
    checked: bool = True
    """Whether every bit is under a check; TCP has its own."""


def of(rows: list[Any]) -> list[tuple[bytes, list[Tag]]]:
    return [(bytes.fromhex(sent), expected) for sent, expected in rows]


CAPTURES = {
    "m100": Capture(
        "m100", {}, of([(sent, [(None, f"epc:{epc}", float(rssi))]) for sent, epc, rssi in M100_TAGS]),
        [bytes.fromhex(each) for each, _ in M100_OTHERS], bytes.fromhex("BB02220011"),
    ),
    "em4100": Capture(
        "em4100", {}, [(sent, [(None, f"em:{fob}", None)]) for sent, fob, kind in EM4100_FOBS if kind != "bare12"],
        [b"\x02000000000000\x03"], b"\x0262E3",
    ),
    "em4100 bare12": Capture(
        "em4100", {"framing": "bare12"},
        [(b"67003B51C6CB", [(None, "em:67003B51C6", None)]), (b"307E4DE5C224", [(None, "em:307E4DE5C2", None)])],
        [b"0" * 12], b"\xff",
    ),
    "uhfreader18 18": Capture(
        "uhfreader18", {"dialect": "18"}, of(TestFrames18.rows),
        [bytes.fromhex(each) for each, _ in TestFrames18.others], bytes.fromhex("1300010301"),
    ),
    "uhfreader18 288": Capture(
        "uhfreader18", {"dialect": 288}, of(TestFrames288.rows),
        [bytes.fromhex(each) for each, _ in TestFrames288.others], bytes.fromhex("1500010301"),
    ),
    "uhf_prime": Capture(
        "uhf_prime", {}, [*of(test_uhf_prime.TAGS), *of([
            ("cf0000011200fec001000ce2801160600002094c4c8b1a1a5b", [(1, "epc:E2801160600002094C4C8B1A", -32.0)])])],
        [bytes.fromhex(each) for each, _ in test_uhf_prime.TestFrames.others], bytes.fromhex("CF00000112"),
    ),
    "thingmagic": Capture(
        "thingmagic", {}, of(test_thingmagic.TestFrames.rows),
        [bytes.fromhex(each) for each, _ in test_thingmagic.TestFrames.others], bytes.fromhex("FF2822"),
    ),
    "pn532": Capture(
        "pn532", {}, [*of(test_pn532.TestFrames.rows), *of([
            ("0000ff0ff1d54b01010044000704a035b2bc2b80a100", [(None, "nfc:04A035B2BC2B80", None)])])],
        [bytes.fromhex(each) for each, _ in test_pn532.TestFrames.others], bytes.fromhex("0000FF0CF4D54B"), spare=1,
    ),
    "llrp": Capture(
        "llrp", {}, [(test_llrp.GOOD, [(2, test_llrp.EPC, -55.0)]), *of([
            (test_llrp.message(61, bytes.fromhex(body)).hex(), [(1, f"epc:{epc}", float(rssi))])
            for body, epc, rssi, _ in test_llrp.IMPINJ]),
            (test_llrp.message(61, bytes.fromhex("00f0001f8d35e0170043babbce0000142581000186d8820003dc466a8af0d0")),
             [(1, "epc:35E0170043BABBCE00001425", -40.0)])],
        [each for each, _ in test_llrp.OTHERS], bytes.fromhex("043D0000002F"), checked=False,
    ),
}  # fmt: skip
NAMES = list(CAPTURES)
CHECKED = [name for name, each in CAPTURES.items() if each.checked]


def decoder(name: str) -> Any:
    made: Any = DRIVERS[CAPTURES[name].driver]
    return made.decoder(READER, made.settings.model_validate(CAPTURES[name].settings))


def hear(name: str, *chunks: bytes) -> list[Any]:
    pure = decoder(name)
    found = [each for chunk in chunks for each in pure.feed(chunk, AT)]
    while silence := list(pure.idle(AT)):
        found += silence
    return found


def stream(name: str) -> tuple[bytes, list[Tag]]:
    """Every frame of a protocol, one behind the other."""
    one = CAPTURES[name]
    sent = b"".join([*[frame for frame, _ in one.rows], *one.others, *[frame for frame, _ in one.rows]])
    return sent, [each for _, expected in [*one.rows, *one.rows] for each in expected]


@pytest.mark.parametrize("name", NAMES)
def test_a_stream_means_the_same_however_it_is_cut(name: str) -> None:
    sent, expected = stream(name)
    whole = hear(name, sent)
    assert tags(whole) == expected
    assert rejected(whole) == []
    assert len(ignored(whole)) >= len(CAPTURES[name].others)
    assert hear(name, *[sent[i : i + 1] for i in range(len(sent))]) == whole
    for cut in range(1, len(sent), 1 if len(sent) < 1500 else 3):
        assert hear(name, sent[:cut], sent[cut:]) == whole, cut


@pytest.mark.parametrize("name", CHECKED)
def test_one_bit_that_flips_anywhere_is_one_fault_and_nobody_is_seen_for_it(name: str) -> None:
    rows, spare = CAPTURES[name].rows, CAPTURES[name].spare
    after, expected = rows[-1]
    for frame, _ in rows:
        for bit in range(8 * spare, 8 * (len(frame) - spare)):
            spoilt = bytearray(frame)
            spoilt[bit // 8] ^= 1 << bit % 8
            if name.startswith("em4100") and bytes(spoilt).upper() == frame:
                continue  # a small hex digit is one too
            for chunks in ([bytes(spoilt) + after], [bytes(spoilt), after]):
                found = hear(name, *chunks)
                assert tags(found) == expected, (frame.hex(), bit)
                # Without its start byte a frame is noise, and what looks like a start within it another fault.
                assert 1 <= len(rejected(found)) <= (1 if bit >= 8 else 2), (frame.hex(), bit, rejected(found))


@pytest.mark.parametrize("name", NAMES)
def test_a_frame_that_ends_too_soon_is_one_fault_and_takes_nothing_with_it(name: str) -> None:
    rows, spare = CAPTURES[name].rows, CAPTURES[name].spare
    after, expected = rows[0]
    for frame, _ in rows:
        for cut in range(1 + 2 * spare, len(frame) - spare):
            found = hear(name, frame[:cut], after)
            assert tags(found) == expected, (frame.hex(), cut)
            assert len(rejected(found)) == 1, (frame.hex(), cut, rejected(found))


@pytest.mark.parametrize("name", NAMES)
def test_garbage_that_looks_like_a_frame_takes_nothing_with_it(name: str) -> None:
    one, chance = CAPTURES[name], random.Random(26)
    for frame, expected in one.rows:
        for count in range(1, 6):
            for garbage in (one.start * count, one.start + chance.randbytes(count), chance.randbytes(9) + one.start):
                found = hear(name, garbage, frame, frame)
                assert tags(found)[-2 * len(expected) :] == expected * 2, (garbage.hex(), frame.hex())
                assert rejected(found)


@pytest.mark.parametrize("name", NAMES)
def test_what_decode_prints_of_a_whole_capture_has_a_row_for_each_thing(name: str) -> None:
    one = CAPTURES[name]
    settings = DRIVERS[one.driver].settings.model_validate(one.settings)
    frames = [frame for frame, _ in one.rows]
    lines = [
        frames[0].hex(),
        "",
        frames[0][:-1].hex(" "),
        frames[-1].hex().upper() + "\n",
        *[e.hex() for e in one.others],
    ]
    if one.spare:
        lines[2] = frames[0][: -1 - one.spare].hex()
    rows = list(decode_lines(one.driver, settings, lines, lambda: AT))
    told = [row["identifier"] for row in rows if "identifier" in row]
    assert told == [each[1] for _, expected in (one.rows[0], one.rows[-1]) for each in expected]
    assert len([row for row in rows if "error" in row]) == 1
    assert len([row for row in rows if "ignored" in row]) >= len(one.others)
    assert all(len(row) in (1, 6) for row in rows)


def epc_frame(name: str, epc: bytes, rssi: int) -> tuple[bytes, float | None]:
    """A frame that tells one EPC, and its strength where the protocol has one."""
    match name:
        case "m100":
            return test_m100_frames.tag(epc, rssi), float(rssi)
        case "uhfreader18 18":
            return sent_18(1, 1, bytes((1, len(epc))) + epc), None
        case "uhfreader18 288":
            return sent_18(1, 3, bytes((1, 1, len(epc))) + epc + bytes((rssi & 0xFF,))), None
        case "uhf_prime":
            data = (10 * rssi).to_bytes(2, signed=True) + bytes((1, 0, len(epc))) + epc
            return test_uhf_prime.sent(1, 0, data), float(rssi)
        case "thingmagic":
            said = test_thingmagic.words(epc)
            return test_thingmagic.record(0x0002, bytes((rssi & 0xFF,)), said), float(rssi)
    told = parameter(241, (8 * len(epc)).to_bytes(2) + epc)
    return test_llrp.report(test_llrp.tag(test_llrp.tv(6, "b", rssi), epc=told)), float(rssi)


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(("em4100", "pn532"))])
def test_an_epc_of_0_to_62_bytes_is_heard_whole_and_one_too_short_is_nobody(name: str) -> None:
    chance, after = random.Random(62), CAPTURES[name].rows[0]
    for size in range(0, 63, 2):
        epc = chance.randbytes(size)
        sent, rssi = epc_frame(name, epc, -61)
        found = hear(name, sent + after[0])
        told = [(each.identifier, each.rssi) for each in sightings(found)]
        expected = [(identifier, strength) for _, identifier, strength in after[1]]
        assert told == [*([(f"epc:{epc.hex().upper()}", rssi)] if size >= 4 else []), *expected], size
        assert len(rejected(found)) + len(ignored(found)) == (0 if size >= 4 else 1), size


@pytest.mark.parametrize("name", ["m100", "thingmagic", "llrp"])
@pytest.mark.parametrize(
    ("told", "rssi"), [(-1, -1.0), (-127, -127.0), (-128, None), (0, None), (21, None), (127, None)]
)
def test_a_strength_that_no_receiver_hears_is_none(name: str, told: int, rssi: float | None) -> None:
    sent, _ = epc_frame(name, bytes(range(12)), told)
    assert [each.rssi for each in sightings(hear(name, sent))] == [rssi]

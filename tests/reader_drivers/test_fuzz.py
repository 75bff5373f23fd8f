"""A million bytes of anything into each parser: nothing is raised, nothing grows, the next good frame is found."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reader_drivers.framing import LONGEST, MORE, Bad, Framer
from reader_drivers.rfid.em4100 import Em4100, Em4100Decoder
from reader_drivers.rfid.m100 import M100, M100Decoder
from reader_drivers.sighting import Rejected
from tests.reader_drivers.frames import EM4100_FOBS, M100_TAGS, sightings

A_MILLION = 1_000_000
TAG, EPC = bytes.fromhex(M100_TAGS[0][0]), f"epc:{M100_TAGS[0][1]}"
FOB, EM = EM4100_FOBS[0][0], f"em:{EM4100_FOBS[0][1]}"
BARE, BARE_EM = EM4100_FOBS[9][0], f"em:{EM4100_FOBS[9][1]}"

Decoders = Callable[[], M100Decoder | Em4100Decoder]
PARSERS: list[tuple[Decoders, bytes, str]] = [
    (lambda: M100.decoder("r", M100.Settings()), TAG, EPC),
    (lambda: Em4100.decoder("r", Em4100.Settings()), FOB, EM),
    (lambda: Em4100.decoder("r", Em4100.Settings(framing="stx14")), FOB, EM),
    (lambda: Em4100.decoder("r", Em4100.Settings(framing="bare12")), BARE, BARE_EM),
]


def noise(chance: random.Random, good: bytes, kind: str) -> bytes:
    """A million bytes: any, only those that frames are made of, or good frames with faults."""
    if kind == "any":
        return chance.randbytes(A_MILLION)
    if kind == "likely":
        return bytes(chance.choices(good + b"\xbb\xaa\x7e\xdd\x02\x03\x0a\x0d\x00\x22", k=A_MILLION))
    data = bytearray()
    while len(data) < A_MILLION:
        frame = bytearray(good)
        match chance.randrange(4):
            case 0:
                frame[chance.randrange(len(frame))] ^= 1 << chance.randrange(8)
            case 1:
                del frame[chance.randrange(len(frame))]
            case 2:
                frame.insert(chance.randrange(len(frame)), chance.randrange(256))
        data += frame
    return bytes(data)


@pytest.mark.parametrize("kind", ["any", "likely", "faulty"])
@pytest.mark.parametrize(("make", "good", "identifier"), PARSERS, ids=["m100", "em4100", "stx14", "bare12"])
def test_a_million_bytes_raise_nothing_are_bounded_and_hide_no_good_frame(
    make: Decoders, good: bytes, identifier: str, kind: str
) -> None:
    chance = random.Random(20261122)
    data, decoder = noise(chance, good, kind), make()
    place, at = 0, 1000.0
    while place < len(data):
        step = chance.choice((1, 7, 24, 300, 5000))
        decoder.feed(data[place : place + step], at)
        place, at = place + step, at + 0.001
        assert decoder.holding < 2 * LONGEST
        if chance.randrange(40) == 0:
            decoder.idle(at)
            assert not decoder.holding
            assert identifier in [each.identifier for each in sightings(list(decoder.feed(good, at)))]


@pytest.mark.parametrize(("make", "good", "identifier"), PARSERS[:3], ids=["m100", "em4100", "stx14"])
def test_one_chunk_of_a_million_bytes_is_no_trouble(make: Decoders, good: bytes, identifier: str) -> None:
    decoder = make()
    data = random.Random(7).randbytes(A_MILLION)
    found = [*decoder.feed(data + good, 1.0), *decoder.idle(1.1)]
    assert sightings(found)[-1].identifier == identifier
    assert len(found) < 20_000, "runs of garbage are told, not bytes"


@given(st.lists(st.sampled_from([TAG, TAG[:9], b"\xbb", b"\x00" * 30]) | st.binary(max_size=40), max_size=12))
@settings(max_examples=200)
def test_how_it_is_cut_changes_nothing(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    whole, cut, one = (M100.decoder("r", M100.Settings()) for _ in range(3))
    told = [[*whole.feed(data, 1.0), *whole.idle(1.0)]]
    told.append([each for piece in pieces for each in cut.feed(piece, 1.0)] + cut.idle(1.0))
    told.append([each for i in range(len(data)) for each in one.feed(data[i : i + 1], 1.0)] + one.idle(1.0))
    assert told[0] == told[1] == told[2]


def lengthy(buffer: bytes, start: int) -> int | Bad:
    """``S`` and a length; frames end with ``E``; a length of 0 never ends."""
    if len(buffer) - start < 2 or buffer[start + 1] == 0:
        return MORE
    end = start + 2 + buffer[start + 1]
    if len(buffer) < end:
        return MORE
    return end - start if buffer[end - 1] == ord("E") else Bad("end: no E", end - start)


def test_what_is_never_finished_is_held_no_longer_than_4_kib() -> None:
    framer = Framer(b"S", lengthy)
    told = [each for _ in range(100) for each in framer.feed(b"S\x00" + b"x" * 98)]
    assert framer.holding <= 2 * LONGEST
    assert told
    assert all(isinstance(each, Rejected) for each in told)
    assert framer.feed(b"S\x02xE" * 3000)[-1] == b"S\x02xE"


def test_endless_garbage_is_told_every_4_kib_and_not_more_often() -> None:
    framer = Framer(b"S", lengthy)
    told = [each for _ in range(1000) for each in framer.feed(b"x" * 100)]
    assert told == [Rejected("noise: no frame starts here (4100 bytes dropped)")] * 24


@given(st.lists(st.binary(max_size=20).filter(lambda each: b"S" not in each), min_size=1, max_size=8))
def test_each_run_of_garbage_is_told_once_and_its_bytes_are_counted(runs: list[bytes]) -> None:
    framer = Framer(b"S", lengthy)
    told = [*framer.feed(b"S\x02xE".join(runs)), *framer.idle()]
    garbage = [each for each in told if isinstance(each, Rejected)]
    assert [each.reason for each in garbage] == [
        f"noise: no frame starts here ({len(run)} bytes dropped)" for run in runs if run
    ]
    assert len(told) - len(garbage) == len(runs) - 1

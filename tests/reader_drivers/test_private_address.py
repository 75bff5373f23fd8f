"""Phones that change their address: known by their IRK, never on one address alone, and cheaply."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers.messages import NoSighting
from reader_drivers.phone import private_address
from reader_drivers.phone.advertisement import owner
from reader_drivers.phone.private_address import KEPT, LOOK_EVERY, PROOF, Resolver

IRK = bytes.fromhex("ec0234a357c8ad05341010a60a397d9b")  # the specification's sample
SAMPLE = "7081940dfbaa"
NAME = f"irk:{IRK.hex()}"
OTHER = bytes(range(16))


def address(irk: bytes, number: int) -> str:
    """An address that a phone with this IRK takes."""
    prand = (0b01 << 22 | number & 0x3FFFFF).to_bytes(3, "big")
    made = Cipher(AES(irk), ECB()).encryptor().update(bytes(13) + prand)
    return (prand + made[13:]).hex()


def strangers() -> Iterator[str]:
    number = 0
    while True:
        number += 1
        yield f"4{number % 16:x}{number:06x}0001"


def test_a_second_address_of_one_phone_tells_it_and_the_first_alone_does_not() -> None:
    resolver = Resolver(lambda: [OTHER, IRK])
    assert resolver.resolve(SAMPLE, 0) is None
    assert resolver.resolve(SAMPLE, 1) is None, "the same address again proves nothing"
    assert resolver.resolve(address(OTHER, 1), 2) is None, "nor does another phone's"
    assert resolver.resolve(address(IRK, 7), 3) == NAME
    assert resolver.resolve(SAMPLE, 4) == NAME
    assert resolver.resolve(address(IRK, 8), 5) == NAME


def test_a_mapping_of_keys_will_do() -> None:
    resolver = Resolver(lambda: {IRK: "whoever"})
    resolver.resolve(SAMPLE, 0)
    assert resolver.resolve(address(IRK, 7), 1) == NAME


def test_a_proof_is_a_day_old_at_most() -> None:
    resolver = Resolver(lambda: [IRK])
    resolver.resolve(SAMPLE, 0)
    assert resolver.resolve(address(IRK, 7), PROOF + 1) is None
    assert resolver.resolve(address(IRK, 8), PROOF + 2) == NAME


def test_a_revoked_phone_is_unknown_within_two_seconds_and_a_new_one_known() -> None:
    enrolled = [IRK]
    resolver = Resolver(lambda: enrolled)
    resolver.resolve(SAMPLE, 0)
    assert resolver.resolve(address(IRK, 7), 1) == NAME
    assert resolver.resolve(address(OTHER, 1), 1) is None
    enrolled[:] = [OTHER]
    assert resolver.resolve(address(IRK, 7), 1 + LOOK_EVERY) is None
    assert resolver.resolve(address(OTHER, 1), 1 + LOOK_EVERY) is None
    assert resolver.resolve(address(OTHER, 2), 2 + LOOK_EVERY) == f"irk:{OTHER.hex()}", "found although once a stranger"
    enrolled[:] = [OTHER, IRK]
    assert resolver.resolve(SAMPLE, 9) is None, "what was revoked has to be proven again"


def test_keys_of_a_wrong_length_are_passed_over() -> None:
    resolver = Resolver(lambda: [b"", IRK[:15], IRK])
    resolver.resolve(SAMPLE, 0)
    assert resolver.resolve(address(IRK, 7), 1) == NAME


class Counting:
    """Counts the blocks that are encrypted."""

    def __init__(self, encryptor: object) -> None:
        self.blocks = 0
        self._encryptor = encryptor

    def update(self, block: bytes) -> bytes:
        self.blocks += 1
        found: bytes = self._encryptor.update(block)  # type: ignore[attr-defined]
        return found


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[Counting]:
    made: list[Counting] = []
    real = private_address._encryptor

    def make(irk: bytes) -> Counting:
        made.append(Counting(real(irk)))
        return made[-1]

    monkeypatch.setattr(private_address, "_encryptor", make)
    return made


def blocks(counted: list[Counting]) -> int:
    return sum(each.blocks for each in counted)


def test_an_address_costs_once_for_as_long_as_it_lives(counted: list[Counting]) -> None:
    resolver = Resolver(lambda: [IRK, OTHER])
    for second in range(1000):
        resolver.resolve("4a0000000001", float(second))
    assert blocks(counted) == 2
    resolver.resolve("4a0000000001", KEPT + 1)
    assert blocks(counted) == 4, "an answer is not for ever"
    assert len(counted) == 2, "one encryptor for each key"


def test_a_crowd_of_strangers_takes_its_share_of_the_time_and_no_more(counted: list[Counting]) -> None:
    keys = [os.urandom(16) for _ in range(999)] + [IRK]
    resolver = Resolver(lambda: keys)
    crowd = strangers()
    for tick in range(20_000):  # two seconds of 10,000 new addresses each
        resolver.resolve(next(crowd), tick / 10_000)
    share = 2 * private_address.CHECKS + private_address.BURST
    assert share * 0.5 < blocks(counted) <= share + 1000
    assert len(resolver._answers) > share * 0.4 / 1000, "and each that is begun is looked at to the end"
    assert resolver.resolve(SAMPLE, 3.0) is None
    assert resolver.resolve(address(IRK, 7), 3.1) == NAME, "who is enrolled is found again when the rush is over"


def test_memory_stays_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_address, "CACHED", 100)
    resolver = Resolver(lambda: [IRK])
    crowd = strangers()
    for tick in range(2000):
        resolver.resolve(next(crowd), float(tick))
        resolver.resolve(address(IRK, tick), float(tick))
    assert len(resolver._answers) == 100
    assert len(resolver._proofs[IRK]) <= private_address.PROOFS


def test_ten_thousand_enrolled_phones_are_told_apart_in_slices(counted: list[Counting]) -> None:
    keys = [number.to_bytes(16, "big") for number in range(10_000)]
    resolver = Resolver(lambda: keys)
    for turn, irk in enumerate((keys[0], keys[5000], keys[-1])):
        for number in (1, 2):
            for hearing in range(10 * 10_000 // private_address.SLICE + 1):
                before = blocks(counted)
                told = resolver.resolve(address(irk, number), turn * 100.0 + number * 10 + hearing / 10)
                assert blocks(counted) - before <= private_address.SLICE + private_address.REGULARS
        assert told == f"irk:{irk.hex()}"


def test_who_was_recognised_lately_is_recognised_at_once_under_the_next_address() -> None:
    keys = [number.to_bytes(16, "big") for number in range(10_000)]
    resolver = Resolver(lambda: keys)
    for number in (1, 2):
        for hearing in range(80):
            resolver.resolve(address(keys[-1], number), number * 10 + hearing / 10)
    for number in range(3, 20):
        assert resolver.resolve(address(keys[-1], number), 60.0 * number) == f"irk:{keys[-1].hex()}"


def test_a_phone_that_is_enrolled_is_known_by_what_was_heard_before_and_nothing_is_looked_for_again(
    counted: list[Counting],
) -> None:
    enrolled = [OTHER]
    resolver = Resolver(lambda: enrolled)
    crowd = strangers()
    for _ in range(100):
        resolver.resolve(next(crowd), 0.0)
    resolver.resolve(SAMPLE, 0.0)
    enrolled.append(IRK)
    before = blocks(counted)
    resolver.resolve(SAMPLE, 5.0)
    assert resolver.resolve(address(IRK, 7), 5.1) == NAME, "the address of before counts"
    assert blocks(counted) - before <= 4, "and 100 strangers cost nothing again"


def test_the_order_of_a_keys_bytes_is_the_one_that_resolves_what_was_heard() -> None:
    resolver = Resolver(list)
    backwards, other = f"irk:{IRK[::-1].hex()}", f"irk:{OTHER.hex()}"
    assert resolver.as_heard(backwards) == backwards, "nothing was heard: as it was given"
    for each in ("4a0000000001", SAMPLE, "4b0000000001"):
        resolver.resolve(each, 0.0)
    assert resolver.as_heard(backwards) == NAME
    assert resolver.as_heard(NAME) == NAME
    assert resolver.as_heard(other) == other, "neither resolves anything: as it was given"
    assert resolver.as_heard("epc:3034AA00") == "epc:3034AA00"


def test_too_many_new_keys_at_once_are_looked_for_anew() -> None:
    enrolled: list[bytes] = [OTHER]
    resolver = Resolver(lambda: enrolled)
    for number in range(100):
        resolver.resolve(address(IRK, number), 0.0)
    enrolled += [number.to_bytes(16, "big") for number in range(6000)]
    enrolled.append(IRK)
    told = None
    for hearing in range(50):
        resolver.resolve(SAMPLE, 10 + hearing / 2)
        told = resolver.resolve(address(IRK, 7), 10.1 + hearing / 2)
    assert told == NAME


def test_addresses_that_wait_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(private_address, "CHECKS", 0.0)
    monkeypatch.setattr(private_address, "BURST", 0.0)
    resolver = Resolver(lambda: [IRK])
    crowd = strangers()
    for _ in range(private_address.WAITING + 500):
        resolver.resolve(next(crowd), 0.0)
    assert len(resolver._waiting) == private_address.WAITING


@given(st.binary(min_size=16, max_size=16), st.integers(0, 0x3FFFFF), st.integers(0, 0x3FFFFF))
def test_every_address_of_a_phone_is_its_own(irk: bytes, one: int, two: int) -> None:
    resolver = Resolver(lambda: [irk])
    resolver.resolve(address(irk, one), 0)
    told = resolver.resolve(address(irk, two), 1)
    assert told == (f"irk:{irk.hex()}" if one != two else None)


# --- whose an address is --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "random", "identifier"),
    [
        ("c0aabbccddee", True, "ble:c0aabbccddee"),
        ("ffaabbccddee", None, "ble:ffaabbccddee"),
        ("58b1294494d3", False, "ble:58b1294494d3"),
        ("58b1294494d3", None, "ble:58b1294494d3"),
        ("00aabbccddee", None, "ble:00aabbccddee"),
        ("58b1294494d3", True, None),
        ("00aabbccddee", True, None),
        ("80aabbccddee", True, None),
    ],
)
def test_only_an_address_that_stays_is_an_identifier(given: str, random: bool | None, identifier: str | None) -> None:
    if identifier:
        assert owner(given, random=random, resolver=None, now=0) == identifier
    else:
        with pytest.raises(NoSighting) as why:
            owner(given, random=random, resolver=None, now=0)
        assert given not in str(why.value)


def test_an_address_that_may_be_private_is_resolved_where_somebody_fits() -> None:
    resolver = Resolver(lambda: [IRK])
    resolver.resolve(SAMPLE, 0)
    again = address(IRK, 7)
    assert owner(again, random=True, resolver=resolver, now=1) == NAME
    assert owner(again, random=None, resolver=resolver, now=1) == NAME
    assert owner(again, random=False, resolver=resolver, now=1) == f"ble:{again}"
    assert owner("4a0000000001", random=None, resolver=resolver, now=1) == "ble:4a0000000001"
    with pytest.raises(NoSighting):
        owner("4a0000000001", random=True, resolver=resolver, now=1)

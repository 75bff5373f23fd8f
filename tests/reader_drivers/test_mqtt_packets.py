"""What a broker sends is cut into the same packets wherever the chunks end, and rubbish ends the connection alone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_drivers.mqtt_packets import Cutter, Malformed, Publish

LARGEST = 1_000
PINGRESP, SUBACK = b"\xd0\x00", b"\x90\x03\x00\x01\x00"


def length_of(count: int) -> bytes:
    """The remaining length as the standard writes it (2.2.3)."""
    out = bytearray()
    while True:
        count, low = divmod(count, 128)
        out.append(low | (128 if count else 0))
        if not count:
            return bytes(out)


def publish(topic: bytes, payload: bytes, *, retained: bool = False, qos: int = 0) -> bytes:
    rest = len(topic).to_bytes(2, "big") + topic + (b"\x00\x07" if qos else b"") + payload
    return bytes([0x30 | qos << 1 | retained]) + length_of(len(rest)) + rest


def cut(stream: bytes, ends: Iterable[int] = (), *, largest: int = LARGEST) -> tuple[list[Publish | bytes], Cutter]:
    """The stream in chunks that end there; runs of messages laid one after the other."""
    cutter, found, at = Cutter(largest), list[Publish | bytes](), 0
    for end in [*sorted(ends), len(stream)]:
        for each in cutter.feed(stream[at:end]):
            found += each if isinstance(each, list) else [each]
        at = max(at, end)
    return found, cutter


messages = st.builds(Publish, st.binary(max_size=40), st.binary(max_size=400), st.booleans())
others = st.sampled_from([PINGRESP, SUBACK, publish(b"a", b"b", qos=1)])


@given(st.lists(messages | others, max_size=12), st.lists(st.integers(0, 3_000), max_size=8))
def test_packets_are_the_same_wherever_chunks_end(packets: list[Publish | bytes], ends: list[int]) -> None:
    stream = b"".join(
        each if isinstance(each, bytes) else publish(each.topic, each.payload, retained=each.retained)
        for each in packets
    )
    found, cutter = cut(stream, [end for end in ends if end < len(stream)])
    assert found == packets
    assert cutter.too_large == 0


@given(st.integers(0, 5_000), st.integers(1, 700))
def test_a_message_that_is_too_large_costs_no_other(size: int, step: int) -> None:
    stream = publish(b"t", b"one") + publish(b"t", bytes(size)) + publish(b"t", b"two") + PINGRESP
    found, cutter = cut(stream, range(step, len(stream), step))
    large = len(publish(b"t", bytes(size))) - 1 - len(length_of(size + 3)) > LARGEST
    assert found == [
        Publish(b"t", b"one", False),
        *([] if large else [Publish(b"t", bytes(size), False)]),
        Publish(b"t", b"two", False),
        PINGRESP,
    ]
    assert cutter.too_large == large


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_rubbish_is_called_malformed_and_nothing_else(chunks: list[bytes]) -> None:
    cutter = Cutter(LARGEST)
    try:
        for chunk in chunks:
            list(cutter.feed(chunk))
    except Malformed:
        return


@pytest.mark.parametrize(
    "stream",
    [
        b"\x30\xff\xff\xff\xff\x01",  # a length of five bytes
        b"\x30\x03\x00\x09a",  # a topic that ends behind its packet
        b"\x30\x01\x00",  # no room for the length of a topic
        b"\x32" + length_of(5_000) + bytes(10),  # of another QoS, and longer than anything that is asked for
    ],
)
def test_what_no_broker_may_send_is_malformed(stream: bytes) -> None:
    with pytest.raises(Malformed):
        cut(stream)


def test_messages_that_came_together_are_given_out_together() -> None:
    run = publish(b"a", b"1") + publish(b"b", b"2")
    assert list(Cutter(LARGEST).feed(run + PINGRESP + run)) == [
        [Publish(b"a", b"1", False), Publish(b"b", b"2", False)],
        PINGRESP,
        [Publish(b"a", b"1", False), Publish(b"b", b"2", False)],
    ]

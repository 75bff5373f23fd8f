"""Very many keys of phones: what is packed is a set of keys, whatever is added and taken out, and says what changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reader_drivers.phone.packed_keys import EACH, PackedKeys

CUSTOMERS = ("chen", "hale", "王")
# Few first bytes, so that many lie in one drawer; some hold the bytes of others.
keys = st.builds(
    lambda first, rest: bytes([first]) + rest,
    st.integers(0, 2),
    st.one_of(st.binary(min_size=15, max_size=15), st.just(bytes(15)), st.just(b"\x01" * 15)),
)
acts = st.lists(
    st.one_of(
        st.tuples(st.just("add"), keys, st.sampled_from(CUSTOMERS)),
        st.tuples(st.just("discard"), keys, st.just("")),
        st.tuples(st.just("lost"), st.just(b""), st.sampled_from(CUSTOMERS)),
    ),
    max_size=40,
)


@given(acts, st.integers(1, 7))
def test_it_holds_what_was_added_and_not_taken_out(done: list[tuple[str, bytes, str]], slice_: int) -> None:
    packed, whose = PackedKeys(), dict[bytes, str]()
    known: set[bytes] = set()
    for number, (what, key, customer) in enumerate(done):
        if what == "add":
            packed.add(key, customer)
            whose.setdefault(key, customer)
        elif what == "discard":
            packed.discard(key)
            whose.pop(key, None)
        else:
            packed.discard_of(customer)
            whose = {each: of for each, of in whose.items() if of != customer}
        if number % 5 == 4:
            fresh, gone = packed.changes()
            known = (known | fresh) - gone
            assert known == set(whose)
    assert len(packed) == len(whose)
    assert set(packed) == set(whose)
    assert all(key in packed for key in whose)
    found = [key for start in range(0, len(packed), slice_) for key in packed.some(start, slice_)]
    assert sorted(found) == sorted(whose)


def test_what_is_no_key_is_not_held() -> None:
    packed = PackedKeys()
    packed.add(b"short", "chen")
    assert (len(packed), b"short" in packed, bytes(16) in packed) == (0, False, False)


def test_a_key_takes_its_24_bytes_and_no_more() -> None:
    packed = PackedKeys()
    for number in range(1000):
        packed.add(number.to_bytes(16, "big"), "chen")
    packed.discard_of("chen")
    assert len(packed) == 0
    assert sum(map(len, packed._drawers)) == 0
    packed.add(bytes(16), "chen")
    assert sum(map(len, packed._drawers)) == EACH == 24

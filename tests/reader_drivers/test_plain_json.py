"""The quick way through JSON says of every payload what the careful way says: the same object, or nothing at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reader_drivers import hardened_json
from reader_drivers.hardened_json import parse

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
members = st.dictionaries(st.text(max_size=6), scalars | st.lists(scalars, max_size=2), max_size=6)
written = st.builds(
    lambda value, ascii_, spaced: json.dumps(
        value, ensure_ascii=ascii_, separators=(", ", " : ") if spaced else (",", ":")
    ).encode("utf-8", "surrogatepass"),
    members,
    st.booleans(),
    st.booleans(),
)
PARTS = [b"{", b"}", b'"', b":", b",", b"a", b"1", b"e999", b"-0", b"0.1", b"NaN", b"\\", b"\x00", b"\x1f", b"\xff",
         b"[", b" ", b"true", b"\xef\xbb\xbf", b'"a":1', b"1e400", b"9" * 20, b"\xed\xa0\x80"]  # fmt: skip
rubbish = st.lists(st.sampled_from(PARTS), max_size=14).map(b"".join)


def carefully(payload: bytes) -> Any:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(hardened_json, "_plain", lambda _: None)
        return said(payload)


def said(payload: bytes) -> Any:
    try:
        return repr(parse(payload))
    except ValueError as fault:
        return str(fault)


@given(written | rubbish | st.binary(max_size=30))
@example(b'{"a":1e999}')
@example(b'{"a":1,"a":2}')
@example(b'{"a":"b\x01"}')
@example(b'{"a":"\x7f"}')
@example(b'{"a":{"b":1}}')
@example(b'{"a":NaN}')
@example(b'{"a":-0,"b":-0.0,"c":1E5,"d":0.1e-7}')
@example(b'{"a":100000000000000000000}')
@example(b'{"a":1}x')
@example(b' {"a":1}\n')
@example(b'{"a" :1,"b":"\\":"}')
@example(b'{"a\xc3\xa4":"\xe6\x9d\x8e"}')
def test_both_ways_say_the_same(payload: bytes) -> None:
    assert said(payload) == carefully(payload)


def test_what_a_node_sends_goes_the_quick_way() -> None:
    payload = b'{"mac":"1027c386bbc4","id":"f950","rssi@1m":-59,"rssi":-63.91,"distance":1.52,"int":760}'
    assert hardened_json._plain(payload) == json.loads(payload)

"""What no MQTT driver may take, raise on, or repeat: the same trials for each of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from reader_drivers import DRIVERS, Found, Ignored, Rejected, Sighting
from reader_drivers.decode import decode_message

AT = 1_790_000_000.25

# Payloads that no program should take, and a word of why.
BROKEN = [
    (b"   ", "JSON"),
    (b"null", "not an object"),
    (b"7", "not an object"),
    (b'"text"', "not an object"),
    (b"[7]", "not an object"),
    (b"[[]]", "not an object"),
    (b"{", "JSON"),
    (b'{"a":1', "JSON"),
    (b'{"a":NaN}', "NaN"),
    (b'{"a":-Infinity}', "NaN"),
    (b'{"a":1e999}', "too large"),
    (b'{"a":' + b"9" * 4000 + b"}", "too large"),
    (b'{"a":1,"a":2}', "twice"),
    (b'{"a":"\\ud83d"}', "surrogate"),
    (b'{"a":"\xff"}', "UTF-8"),
    ('{"a":1}'.encode("utf-16"), "UTF-8"),
    (b"[" * 50_000, "deep"),
    (b'{"a":' * 5_000, "deep"),
    (b'{"a":"' + b"x" * 270_000 + b'"}', "256 kB"),
]

hexes = st.binary(max_size=30).map(bytes.hex)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | hexes,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def rows(keys: Iterable[str], values: st.SearchStrategy[Any] = json_values) -> st.SearchStrategy[dict[str, Any]]:
    """Objects with some of these members, and anything in them."""
    return st.dictionaries(st.sampled_from(sorted(keys)), values, max_size=8)


def body(payload: bytes | str | Any) -> bytes:
    """A payload as bytes: those of JSON for all but text and bytes."""
    if isinstance(payload, bytes):
        return payload
    return payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()


def sound(found: list[Found]) -> None:
    """Fails unless there is a result, and every sighting is within the limits that all drivers keep."""
    assert found
    for each in found:
        if isinstance(each, Sighting):
            _, colon, value = each.identifier.partition(":")
            assert colon
            assert value
            assert each.rssi is None or (-127 <= each.rssi <= 20 and each.rssi != 0)
            assert each.distance is None or 0 < each.distance <= 1000
            assert each.at <= AT
            assert each.antenna is None or isinstance(each.antenna, int | str)
            assert not isinstance(each.antenna, bool)
        else:
            assert each.reason


def refused(found: list[Found], word: str = "", *, without: str = "") -> None:
    """Fails unless there are results, every one a rejection with this word, and none repeats ``without``."""
    assert found
    for each in found:
        assert isinstance(each, Rejected), each
        assert not without or without not in each.reason
    assert any(word in each.reason for each in found if isinstance(each, Rejected)), found


def ignored(found: list[Found], word: str = "") -> None:
    """Fails unless there are results, and every one says that it is no sighting, with this word in it."""
    assert found
    for each in found:
        assert isinstance(each, Ignored), each
        assert word in each.reason, each.reason


def decoded(driver: str, topic: str, payload: Any, **settings: Any) -> list[dict[str, Any]]:
    """What the command line would print of one message."""
    chosen = DRIVERS[driver].settings.model_validate(settings)
    return list(decode_message(driver, chosen, topic, body(payload), lambda: AT))

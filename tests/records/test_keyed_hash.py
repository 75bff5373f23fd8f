"""A keyed hash is HMAC-SHA-256, however it is made."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records.keyed_hash import hashing


@given(st.binary(max_size=64), st.lists(st.binary(max_size=200), max_size=4))
def test_it_is_what_the_standard_library_says_again_and_again(key: bytes, values: list[bytes]) -> None:
    digest = hashing(key)
    assert [digest(value) for value in values] == [hmac.digest(key, value, "sha256") for value in values]


def test_a_key_that_would_itself_be_hashed_is_refused() -> None:
    with pytest.raises(ValueError, match="64"):
        hashing(bytes(65))

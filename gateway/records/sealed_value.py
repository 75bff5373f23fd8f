"""One sealed value: where its parts stand, and how it is opened."""

from __future__ import annotations

import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.records.errors import Altered

KEY_ID = slice(1, 9)
NONCE = slice(9, 21)
BODY = slice(21, None)

# json.loads guesses an encoding at each call, and decode looks for what may follow: more than half the cost of a value
# so small.
_DECODE = json.JSONDecoder().raw_decode


def open_with(key: bytes, customer: str, sealed: bytes, *, place: str) -> Any:
    """The value inside ``sealed``, with its data key at hand; raises Altered when it was changed or moved."""
    return open_for(AESGCM(key), sealed, bound_to(place, customer), place)


def open_for(cipher: AESGCM, sealed: bytes, bound: bytes, place: str) -> Any:
    """The value inside ``sealed`` (JSON), bound to ``bound``; raises Altered, which names the ``place``."""
    try:
        text = cipher.decrypt(sealed[NONCE], sealed[BODY], bound)
    except (InvalidTag, ValueError) as error:  # the latter where what is there is too short to be a sealed value
        raise Altered(f"{place}: a sealed value was changed or stands in the wrong place") from error
    return _DECODE(text.decode())[0]


def bound_to(place: str, customer: str) -> bytes:
    """What a value of this customer is bound to, so that it opens in its own place alone."""
    return f"{place}\0{customer}".encode()

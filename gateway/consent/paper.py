"""A receipt's proof as a text that fits a QR code on paper: ``MOM1:`` and base64url.

The bytes are the core's signature (64), the certificate's signature (64), the operator's public key (32), and,
deflated, the canonical core, a line feed and the canonical certificate of the house's key.
"""

from __future__ import annotations

import zlib
from typing import Any

from gateway.consent.canonical import NotCanonical, canonical, parse
from gateway.consent.signatures import b64, kid_of, unb64

BEGINS = "MOM1:"
RAW = -15  # deflate alone (RFC 1951), without zlib's header
LONGEST = 20_000  # bytes inflated: twenty times what a core with many partners takes


def to_text(proof: dict[str, Any]) -> str:
    """The text of a receipt's ``proof``; raises KeyError, TypeError or ValueError for what is none."""
    house, operator = _keys(proof)
    deflater = zlib.compressobj(9, zlib.DEFLATED, RAW)
    packed = deflater.compress(canonical(proof["core"]) + b"\n" + canonical(house["cert"])) + deflater.flush()
    signatures = unb64(proof["signature"], 64) + unb64(house["signature"], 64)
    return BEGINS + b64(signatures + unb64(operator["operator"], 32) + packed)


def from_text(text: str) -> dict[str, Any]:
    """The proof inside; raises ValueError for a text that is none or was cut."""
    if not text.startswith(BEGINS):
        raise ValueError(f"expected a text that begins with {BEGINS}")
    raw = unb64("".join(text.removeprefix(BEGINS).split()))
    inflater = zlib.decompressobj(RAW)
    try:
        inside = inflater.decompress(raw[160:], LONGEST)
    except zlib.error as error:
        raise ValueError("the text was cut or misread") from error
    core, _, cert = inside.partition(b"\n")
    if not inflater.eof or inflater.unused_data or len(raw) < 160:
        raise ValueError("the text was cut or misread")
    operator = raw[128:160]
    try:
        return {
            "core": parse(core),
            "signature": b64(raw[:64]),
            "keys": [
                {"cert": parse(cert), "signature": b64(raw[64:128])},
                {"operator": b64(operator), "kid": kid_of(operator)},
            ],
        }
    except (NotCanonical, UnicodeDecodeError) as error:
        raise ValueError("the text was cut or misread") from error


def _keys(proof: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    house = next(each for each in proof["keys"] if "cert" in each and each["cert"]["use"] == "receipts")
    operator = next(each for each in proof["keys"] if "operator" in each)
    return house, operator

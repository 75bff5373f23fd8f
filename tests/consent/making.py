"""Operators and houses that sign receipts, for tests."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.consent.canonical import canonical
from gateway.consent.signatures import RECEIPT, b64, certificate, kid_of, new_private, public_of, sign

SAMPLE = Path(__file__).parent / "receipt.json"
OPERATOR = "RQuMTeAR9GeJyowDdmXhW2z3vK-5ufbtwY9ixr6JEv0"
"""The public key of the sample's operator."""


def sample() -> dict[str, Any]:
    """A receipt as it was handed out."""
    found: dict[str, Any] = json.loads(SAMPLE.read_text("utf-8"))
    return found


def trust_file(*operators: dict[str, Any], keys: tuple[dict[str, Any], ...] = ()) -> dict[str, Any]:
    """A file of keys that one trusts."""
    return {"format": "moments-keys-1", "operators": list(operators or ({"key": OPERATOR},)), "keys": list(keys)}


class House:
    """A house whose key an operator certified."""

    def __init__(self, operator: bytes | None = None) -> None:
        self.operator = operator or new_private()
        self.own = new_private()
        facts = {"kid": kid_of(public_of(self.own)), "key": b64(public_of(self.own)), "use": "receipts"}
        span = {"venue": "flagship", "from": "2026-01-01", "until": "2027-12-31"}
        self.cert = certificate(self.operator, {**facts, **span})

    @property
    def public(self) -> dict[str, Any]:
        """The operator, as a file of keys names it."""
        return {"key": b64(public_of(self.operator))}

    def signed(self, receipt: dict[str, Any], **core: Any) -> dict[str, Any]:
        """The receipt with a proof by this house; ``core`` has members that are to be otherwise."""
        body = {name: value for name, value in copy.deepcopy(receipt).items() if name != "proof"}
        whole = b64(sha256(canonical(body)).digest())
        inside = {**receipt["proof"]["core"], "kid": self.cert["cert"]["kid"], "whole": whole, **core}
        keys = [self.cert, {"operator": self.public["key"], "kid": self.cert["cert"]["by"]}]
        return {**body, "proof": {"core": inside, "signature": sign(self.own, RECEIPT, inside), "keys": keys}}


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value inside that holds no others, and of every empty list or object."""
    if isinstance(value, dict | list) and value:
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(each, (*path, name))
    else:
        yield path


def changed(receipt: dict[str, Any], path: tuple[str | int, ...], how: str = "other") -> dict[str, Any]:
    """The same with the value at ``path`` made another, or gone."""
    receipt = copy.deepcopy(receipt)
    inside: Any = receipt
    for name in path[:-1]:
        inside = inside[name]
    if how == "gone":
        del inside[path[-1]]
    else:
        inside[path[-1]] = _other(inside[path[-1]])
    return receipt


def _other(value: Any) -> Any:
    if isinstance(value, str):
        return ("B" if value[:1] == "A" else "A") + value[1:]
    return value + 1 if isinstance(value, int) else ["changed"] if isinstance(value, list) else "changed"

"""Whose keys one trusts: what ``moments keys export`` writes, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.consent.canonical import canonical
from gateway.consent.signatures import KEY, kid_of, signed_by, unb64

FORMAT = "moments-keys-1"


class BadTrust(ValueError):
    """This is no file of keys."""


@dataclass(slots=True, frozen=True)
class Stolen:
    """Of a key that was stolen: since when, and where the journal stood, as epoch and position, when it was still ours.

    Only receipts that are older and stand no further on count.
    """

    at: str
    venue: str
    head: tuple[int, int]


@dataclass(slots=True, frozen=True)
class Operator:
    """A public key of an operator, and the days from which until which it certified keys; None: no end."""

    key: str
    begins: str | None = None
    ends: str | None = None


@dataclass(slots=True)
class Trust:
    """Operators by the ids of their keys, keys that were stolen, and certificates that are known to be true."""

    operators: dict[str, Operator] = field(default_factory=dict)
    stolen: dict[str, Stolen] = field(default_factory=dict)
    certificates: set[bytes] = field(default_factory=set)

    def operator(self, kid: object, chain: Sequence[Mapping[str, Any]]) -> Operator | None:
        """The operator's key with this id: trusted itself, or certified by one that is, along ``chain``."""
        found = self.operators.get(kid) if isinstance(kid, str) else None
        for _ in range(len(chain)):
            if found is not None:
                break
            found = self._crossed(kid, chain)
        return found

    def _crossed(self, kid: object, chain: Sequence[Mapping[str, Any]]) -> Operator | None:
        known = dict(self.operators)
        for _ in chain:  # each step makes one more known, in whatever order they stand
            for each in chain:
                cert = each["cert"]
                by = known.get(cert["by"])
                if by is not None and cert["by"] not in self.stolen and certifies(by.key, each):
                    known.setdefault(cert["kid"], Operator(cert["key"], cert["from"], cert["until"]))
        return known.get(kid) if isinstance(kid, str) else None


def certifies(operator: str, each: Mapping[str, Any]) -> bool:
    """Whether the operator's public key made this certificate, and it names the key that it is for rightly."""
    cert = each.get("cert")
    if not isinstance(cert, dict):
        return False
    try:
        names = cert.get("kid") == kid_of(unb64(cert.get("key"), 32))
    except ValueError:
        return False
    return names and signed_by(operator, KEY, cert, each.get("signature"))


def read(said: object) -> Trust:
    """What an exported file of keys says; raises BadTrust."""
    try:
        return _read(said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadTrust(f"this is no file of keys ({FORMAT}), as moments keys export writes it") from error


def _read(said: Any) -> Trust:
    if said["format"] != FORMAT:
        raise BadTrust(f"expected the format {FORMAT}")
    trust = Trust()
    for each in said["operators"]:
        kid = kid_of(unb64(each["key"], 32))
        trust.operators[kid] = Operator(each["key"], each.get("from"), each.get("until"))
        if each.get("stolen"):
            trust.stolen[kid] = _stolen(each["stolen"])
    for each in said.get("keys", ()):
        trust.certificates.add(canonical(each["cert"]))
        if each.get("stolen"):
            trust.stolen[each["cert"]["kid"]] = _stolen(each["stolen"])
    return trust


def _stolen(said: Mapping[str, Any]) -> Stolen:
    head = said["head"]
    return Stolen(said["at"], head["venue"], (int(head["epoch"]), int(head["position"])))

"""Whether a receipt is what a house of this operator signed: no network, no records, no clock.

``verify`` takes what was read; ``read`` the text of a file, or of a QR code on paper.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from gateway.consent.agreement import Member, differences
from gateway.consent.canonical import NotCanonical, canonical, parse
from gateway.consent.paper import BEGINS, from_text
from gateway.consent.signatures import RECEIPT, b64, groups, kid_of, signed_by, unb64
from gateway.consent.trust import Operator, Trust, certifies

State = Literal["good", "unknown", "changed"]
EXITS: dict[State, int] = {"good": 0, "changed": 1, "unknown": 2}
CORE = frozenset({"v", "id", "at", "kid", "sub", "brand", "given", "refused", "ended", "notice", "whole"})
SHORT = 12  # letters of the digest of one member
LARGEST = 1_000_000  # characters of a receipt that is looked at


class NoReceipt(ValueError):
    """This is no receipt, nor the text of one."""


@dataclass(slots=True)
class Verdict:
    """What was found: members that were changed, the operator's key as people compare it, and what was signed."""

    state: State
    changed: list[Member] = field(default_factory=list)
    operator: str | None = None
    """Groups of four letters to compare with the sign at the door."""
    core: dict[str, Any] | None = None
    whole: bool = False
    """Whether there was a body; of a text from paper there is the core alone."""


def read(text: str) -> dict[str, Any]:
    """A receipt, or of a text from paper its proof alone; raises NoReceipt."""
    text = text.strip().lstrip("\ufeff")
    if len(text) > LARGEST:
        raise NoReceipt("this is far too long for a receipt")
    try:
        found = {"proof": from_text(text)} if text.startswith(BEGINS) else parse(text)
    except NotCanonical as error:
        raise NoReceipt(str(error)) from None
    except ValueError as error:
        raise NoReceipt(str(error)) from None
    if not isinstance(found, dict) or not isinstance(found.get("proof"), dict):
        raise NoReceipt("there is no proof in it: this is no receipt")
    return found


def verify(receipt: dict[str, Any], trust: Trust | None = None) -> Verdict:
    """Whether the receipt is whole and signed by a key that was valid that day; ``trust``: whose keys count."""
    trust = trust or Trust()
    body = {name: value for name, value in receipt.items() if name != "proof"}
    proof = receipt["proof"]
    house, operator, crossed = _keys(proof)
    core = proof.get("core")
    broken = list(_shape(core, house, operator))
    if broken:
        return Verdict("changed", broken)
    known = trust.operator(house["cert"].get("by"), crossed)
    changed = [
        *_certificate(house, operator, known),
        *_signature(proof, core, house, body),
        *(_body(body, core, proof) if body else ()),
    ]
    changed = changed or list(_day(core, house, body, known, trust))
    state: State = "changed" if changed else "unknown" if known is None else "good"
    return Verdict(state, changed, groups(str(operator["operator"])), core, bool(body))


def _keys(proof: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any], list[dict[str, Any]]]:
    """The house's key, the operator's, and certificates of operators by one another."""
    house: dict[str, Any] = {}
    operator: dict[str, Any] = {}
    crossed = []
    keys = proof.get("keys")
    for each in keys if isinstance(keys, list) else ():
        cert = each.get("cert") if isinstance(each, dict) else None
        if isinstance(cert, dict) and cert.get("use") == "operator" and {"kid", "key", "by", "from"} <= cert.keys():
            crossed.append({**each, "cert": {"until": None, **cert}})
        elif isinstance(cert, dict) and not house:
            house = each
        elif isinstance(each, dict) and "operator" in each and not operator:
            operator = each
    return house, operator, crossed


def _shape(core: object, house: dict[str, Any], operator: dict[str, Any]) -> Iterator[Member]:
    if not isinstance(core, dict):
        yield Member("proof.core", "it is missing")
    else:
        for name in sorted(CORE - core.keys()):
            yield Member(f"proof.core.{name}", "it is missing")
        for name in sorted(core.keys() - CORE):
            yield Member(f"proof.core.{name}", "no core has such a member")
        if core.get("v") not in (None, 1) or core.get("v") is True:
            yield Member("proof.core.v", f"{core['v']!r} is no version that is known here")
    if not house:
        yield Member("proof.keys", "the house's key is missing")
    if not operator:
        yield Member("proof.keys", "the operator's key is missing")


def _certificate(house: dict[str, Any], operator: dict[str, Any], known: Operator | None) -> Iterator[Member]:
    """What is wrong with the house's key and who certified it."""
    cert, public = house["cert"], str(operator["operator"])
    if operator.get("kid") != _kid(public):
        yield Member("proof.keys[1]", "the operator's key and its id (kid) do not belong together")
    if cert.get("by") != operator.get("kid"):
        yield Member("proof.keys[0].cert.by", "the house's key was certified by another operator's")
    if cert.get("kid") != _kid(cert.get("key")):
        yield Member("proof.keys[0].cert.key", "the house's key and its id (kid) do not belong together")
    if cert.get("use") != "receipts":
        yield Member("proof.keys[0].cert.use", f"the key is for {cert.get('use')!r}, not for receipts")
    if not certifies(known.key if known else public, house):
        yield Member("proof.keys[0]", "the operator's key did not sign this certificate")


def _kid(public: object) -> str | None:
    try:
        return kid_of(unb64(public, 32))
    except ValueError:
        return None


def _signature(
    proof: dict[str, Any], core: dict[str, Any], house: dict[str, Any], body: dict[str, Any]
) -> Iterator[Member]:
    """What is wrong with the core: one that nobody signed is held against what it repeats."""
    cert = house["cert"]
    if core["kid"] != cert.get("kid"):
        yield Member("proof.core.kid", "the core names another key than the one beside it")
    if signed_by(str(cert.get("key")), RECEIPT, core, proof.get("signature")):
        return
    if not body:
        yield Member("proof.core", "the house's key did not sign this")
        return
    inside = [Member(f"proof.core.{name}", why) for name, why in _repeated(body, core)]
    if core["whole"] != _digest(body):
        inside.append(Member("proof.core.whole", "it is not the digest of this receipt"))
    yield from inside or [
        Member("proof.signature", "the house's key did not sign this core: signature, core.at or core.brand")
    ]


def _repeated(body: dict[str, Any], core: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Members of a core that is not signed, where the body says otherwise."""
    for path, why in differences(body, core):
        if path == "processing" or path.startswith("processing["):
            yield "given, refused or ended", why
        else:
            yield {"receipt_id": "id", "pii_principal_id": "sub", "privacy_notice": "notice"}.get(path, "at"), why


def _body(body: dict[str, Any], core: dict[str, Any], proof: dict[str, Any]) -> list[Member]:
    """Which members of the body are not what was signed; where nothing tells which, all that may be."""
    if core["whole"] == _digest(body):
        return []
    found = [*differences(body, core), *_by_digest(body, proof.get("members"))]
    if found:
        return list({each.path.partition("[")[0]: each for each in reversed(found)}.values())[::-1]
    names = ", ".join(sorted(body))
    return [Member("whole", f"one of these is not what was signed: {names}; what proof.core says still holds")]


def _by_digest(body: dict[str, Any], members: object) -> Iterator[Member]:
    """By the digests beside the proof, which say which member it was; they are hints and prove nothing."""
    if not isinstance(members, dict):
        return
    for name in sorted(body.keys() | members.keys()):
        if name not in body:
            yield Member(name, "it was taken out")
        elif name not in members:
            yield Member(name, "it was added")
        elif member_digest(body[name]) != members[name]:
            yield Member(name, "it is not what was signed")


def _day(
    core: dict[str, Any], house: dict[str, Any], body: dict[str, Any], known: Operator | None, trust: Trust
) -> Iterator[Member]:
    """Whether the keys were valid when the receipt was made, and still in the right hands."""
    cert, day = house["cert"], str(core["at"])[:10]
    spans = [("the house's key", cert.get("from"), cert.get("until"))]
    spans += [("the operator's key", known.begins, known.ends)] if known else []
    for whose, begins, ends in spans:
        if (begins is not None and day < str(begins)) or (ends is not None and day > str(ends)):
            yield Member("proof.core.at", f"{whose} was valid from {begins} until {ends}, not on {day}")
    for kid, whose in ((core["kid"], "the house's key"), (cert["by"], "the operator's key")):
        stolen = trust.stolen.get(str(kid))
        if stolen is None or (whose == "the operator's key" and canonical(cert) in trust.certificates):
            continue
        ledger = body.get("ledger") if body else None
        where = (ledger["epoch"], ledger["position"], ledger["venue"]) if isinstance(ledger, dict) else None
        if where is None:
            yield Member("proof.core.kid", f"{whose} was stolen: bring the whole receipt, which says where it stands")
        elif core["at"] >= stolen.at or where[:2] > stolen.head or where[2] != stolen.venue:
            said = f"only what stands below position {stolen.head[1]} of epoch {stolen.head[0]} counts"
            yield Member("proof.core.kid", f"{whose} was stolen at {stolen.at}: {said}")


def _digest(body: dict[str, Any]) -> str | None:
    try:
        return b64(sha256(canonical(body)).digest())
    except NotCanonical:
        return None


def member_digest(value: object) -> str:
    """What tells one member of a receipt from what it was changed into."""
    return b64(sha256(canonical(value)).digest())[:SHORT]

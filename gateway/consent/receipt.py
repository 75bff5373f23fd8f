"""A receipt: everything a customer agreed to, refused and ended, in the shape of ISO/IEC TS 27560, and the proof of it.

Times are texts in UTC, days those of the venue's calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from gateway.consent.agreement import notice_name, repeated
from gateway.consent.canonical import canonical
from gateway.consent.purposes import Purpose, rows
from gateway.consent.signatures import RECEIPT, b64
from gateway.consent.terms import BASIS, CONTEXT, CONTROLLER, RECEIPT_RECORD, STATES, THIRD_PARTY, UNTIL_WITHDRAWN
from gateway.consent.verify import member_digest

RIGHTS = ("access", "correction", "erasure", "portability", "objection", "complaint")


class Signs(Protocol):
    """What signs: a house's key, and what goes with it into the proof."""

    @property
    def kid(self) -> str:
        """The key's id."""

    @property
    def keys(self) -> list[dict[str, Any]]:
        """The certificate of the house's key, the operator's, and those by which it is trusted."""

    def sign(self, context: str, value: object) -> str:
        """The signature over a context and a value."""


@dataclass(slots=True, frozen=True)
class Stand:
    """How a customer stands to one purpose, and to one partner where it is shared: its ``state`` is a word of STATES.

    ``last_day`` is for what is given; None: no end.
    """

    purpose: str
    state: str
    last_day: str | None = None
    partner: str | None = None
    data: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Act:
    """One act of the customer, or for them: when, to which purposes, how, before whom and by which document."""

    id: str
    at: str
    state: str
    purposes: tuple[str, ...]
    last_day: str | None
    by: str = "principal"
    witness: str | None = None
    method: str | None = None
    document: str | None = None
    guardian: str | None = None


@dataclass(slots=True, frozen=True)
class Notice:
    """The text that was shown, in its version and language; ``shown`` is when."""

    id: str
    version: int
    language: str
    hash: str
    shown: str | None


@dataclass(slots=True, frozen=True)
class Frame:
    """What is the same on every receipt of a house: parties, law, places, ways to stop, how long each class is kept.

    ``parties`` are facts of a party by its id, the controller's ``operator``; ``kept`` are ISO 8601 durations.
    """

    parties: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    jurisdictions: Sequence[str] = ()
    storage: Sequence[str] = ()
    authorities: Sequence[str] = ()
    withdrawal: Sequence[str] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "UTC"
    language: str = "en"
    brand: str = ""
    purposes: Mapping[str, Purpose] = field(default_factory=rows)


@dataclass(slots=True, frozen=True)
class State:
    """Everything of one customer that a receipt says."""

    customer: str
    stands: Sequence[Stand]
    acts: Sequence[Act]
    notice: Notice | None
    language: str
    ledger: Mapping[str, Any] = field(default_factory=dict)


def made(id_: str, record: str, at: str, frame: Frame, state: State, signer: Signs) -> dict[str, Any]:
    """The receipt ``id_`` of the act ``record``, made at ``at`` (to the second) and signed."""
    body = _body(id_, record, frame, state)
    whole = b64(sha256(canonical(body)).digest())
    core = {
        "v": 1,
        "id": id_,
        "at": at,
        "kid": signer.kid,
        "sub": state.customer,
        "brand": frame.brand,
        **repeated(body["processing"]),
        "notice": notice_name(body["privacy_notice"]),
        "whole": whole,
    }
    proof = {"core": core, "signature": signer.sign(RECEIPT, core), "keys": signer.keys}
    return {**body, "proof": {**proof, "members": {name: member_digest(value) for name, value in body.items()}}}


def _body(id_: str, record: str, frame: Frame, state: State) -> dict[str, Any]:
    partners = {stand.partner for stand in state.stands if stand.partner is not None}
    return {
        "@context": CONTEXT,
        "type": RECEIPT_RECORD,
        "schema_version": RECEIPT,
        "receipt_id": id_,
        "record_id": record,
        "pii_principal_id": state.customer,
        "privacy_notice": _notice(state.notice),
        "language": state.language or frame.language,
        "pii_controllers": ["operator"],
        "jurisdiction": [*frame.jurisdictions],
        "storage_locations": [*frame.storage],
        "authority_party": [*frame.authorities],
        "processing": [_row(stand, frame) for stand in state.stands],
        "withdrawal_method": [*frame.withdrawal],
        "privacy_rights": [*RIGHTS],
        "parties": [*_parties(frame, partners)],
        "events": [_event(act, frame) for act in state.acts],
        "ledger": {**state.ledger},
    }


def _notice(notice: Notice | None) -> dict[str, Any] | None:
    if notice is None:
        return None
    one = notice
    facts = {"id": one.id, "version": one.version, "language": one.language, "hash": one.hash}
    return {**facts, "shown": one.shown}


def _row(stand: Stand, frame: Frame) -> dict[str, Any]:
    purpose = frame.purposes.get(stand.purpose, Purpose(stand.purpose, (), 0))
    types = [*purpose.dpv]
    return {
        "purpose": stand.purpose,
        "purpose_type": types[0] if len(types) == 1 else types,
        "lawful_basis": BASIS,
        "pii_information": [*purpose.pii],
        "retention_period": {each: frame.kept.get(each, UNTIL_WITHDRAWN) for each in purpose.keeps},
        "recipient_third_parties": [] if stand.partner is None else [stand.partner],
        **({"data": [*stand.data]} if stand.data else {}),
        "state": STATES[stand.state],
        "last_day": stand.last_day if stand.state in ("given", "renewed") else None,
    }


def _parties(frame: Frame, partners: Iterable[str]) -> Iterable[dict[str, str]]:
    for id_ in ("operator", *sorted(partners)):
        facts = frame.parties.get(id_, {})
        role = CONTROLLER if id_ == "operator" else THIRD_PARTY
        said = {f"party_{name}": facts.get(name, "") for name in ("name", "address", "contact")}
        yield {"party_id": id_, "party_role": role, **said}


def _event(act: Act, frame: Frame) -> dict[str, Any]:
    given = act.state in ("given", "renewed")
    validity = f"{act.last_day}T24:00 {frame.timezone}" if given and act.last_day else None
    return {
        "event_id": act.id,
        "event_time": act.at,
        "event_type": "explicit",
        "event_state": STATES[act.state],
        "purposes": [*act.purposes],
        "validity_duration": validity,
        "entity_id": act.by,
        "witness": act.witness,
        "method": act.method,
        "document": act.document,
        "guardian": act.guardian,
    }

"""A receipt as the gateway answers it: the shape of ISO/IEC TS 27560, and the proof."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from gateway.console.answers_receipts import Certificate, Core
from gateway.events.sent import Sent


class PrivacyNotice(Sent):
    """The text that was shown, in its version and language."""

    id: str
    version: int
    language: str
    hash: str
    shown: str | None


class Processing(Sent):
    """How the customer stands to one purpose, and to one partner where it is shared."""

    purpose: str
    purpose_type: str | list[str]
    lawful_basis: str
    pii_information: list[str]
    retention_period: dict[str, str]
    recipient_third_parties: list[str]
    data: list[str] | None = None
    state: str
    last_day: str | None


class Party(Sent):
    """The controller, or a partner."""

    party_id: str
    party_role: str
    party_name: str
    party_address: str
    party_contact: str


class ConsentEvent(Sent):
    """One act: what was said to which purposes, when, how and before whom."""

    event_id: str
    event_time: str
    event_type: str
    event_state: str
    purposes: list[str]
    validity_duration: str | None
    entity_id: str
    witness: str | None
    method: str | None
    document: str | None
    guardian: str | None


class LedgerPlace(Sent):
    """Where the journal stood when the receipt was made."""

    venue: str
    epoch: int
    position: int
    hash: str


class ProofKey(Sent):
    """A certificate with its signature, or the operator's public key with its id."""

    cert: Certificate | None = None
    signature: str | None = None
    operator: str | None = None
    kid: str | None = None


class Proof(Sent):
    """What proves the receipt, and digests of its members, by which one that was changed is named."""

    core: Core
    signature: str
    keys: list[ProofKey]
    members: dict[str, str]


class Receipt(Sent):
    """Everything that a customer agreed to, refused and ended, on the day it was made."""

    model_config = ConfigDict(populate_by_name=True)

    context: dict[str, str] = Field(alias="@context")
    type: Literal["dpv-27560:receipt-record"]
    schema_version: Literal["moments-receipt-1"]
    receipt_id: str
    record_id: str
    pii_principal_id: str
    privacy_notice: PrivacyNotice | None
    language: str
    pii_controllers: list[str]
    jurisdiction: list[str]
    storage_locations: list[str]
    authority_party: list[str]
    processing: list[Processing]
    withdrawal_method: list[str]
    privacy_rights: list[str]
    parties: list[Party]
    events: list[ConsentEvent]
    ledger: LedgerPlace
    proof: Proof


class HandedReceipt(Sent):
    """That a customer was given a receipt, and when."""

    id: str
    at: str


class PrintedReceipt(Sent):
    """A receipt as a page to print."""

    html: str

"""Words of the Data Privacy Vocabulary (DPV 2.3): the one place that spells them; purposes.py has those of purposes."""

from __future__ import annotations

from collections.abc import Mapping

CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "dpv-27560": "https://w3id.org/dpv/schema/dpv-27560#",
}
RECEIPT_RECORD = "dpv-27560:receipt-record"
BASIS = "dpv:ExplicitlyExpressedConsent"
CONTROLLER, THIRD_PARTY = "dpv:DataController", "dpv:ThirdParty"
UNTIL_WITHDRAWN = "until withdrawn"
STATES: Mapping[str, str] = {
    "asked": "dpv:ConsentRequested",
    "given": "dpv:ConsentGiven",
    "renewed": "dpv:RenewedConsentGiven",
    "refused": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
    "ended": "dpv:ConsentRevoked",
    "invalid": "dpv:ConsentInvalidated",
    "expired": "dpv:ConsentExpired",
}
"""Every act of the ledger and its term; what has run out is nobody's act."""

"""Examples of what is told of value and cost, and of customers' days, plans and opinions."""

from __future__ import annotations

from typing import Any

_ID, _CUSTOMER, _AT = "0199ac51-5a10-7e44-8f31-2d6c0b7e11aa", "c-k3v9t2mq7xw4", "2026-11-22T10:00:00.123Z"
_ENTRY: dict[str, Any] = {
    "id": _ID, "side": "cost", "customer": _CUSTOMER, "gathering": None, "on": "2026-08-30", "amount": None,
    "margin": None, "currency": "CNY", "digits": 2, "source": None, "reference": None, "way": "service_time",
    "minutes": 90, "role": "floor", "lever": "relational", "budget": "spring", "line": "car",
    "reason": "own specialist drove the car over", "expects": "test drive", "approver": "mei", "touch": None,
    "by": "lina", "at": _AT, "reversed": None, "result": None,
}  # fmt: skip
_TOLD: dict[str, Any] = {"id": _ID, "customer": _CUSTOMER, "on": "2026-11-22", "by": "lina", "at": _AT}
_BY_HAND = {"source": None, "reference": None}
_BY_FILE = {"source": "hotel", "reference": "S-2041"}
_SAID: dict[str, dict[str, Any]] = {
    "EntryFacts": {"customer": _CUSTOMER, "entry": _ENTRY},
    "EntryShared": {
        "entry": {**_ENTRY, "customer": None, "gathering": "g1", "way": "event", "minutes": None, "role": None,
                  "amount": 100000},
    },
    "BudgetSet": {
        "budget": "spring", "amount": 500000, "currency": "CNY", "begins": "2026-03-01", "ends": "2026-06-01",
        "by": "mei",
    },
    "VisitImported": {**_TOLD, **_BY_FILE, "venue": "flagship", "until": None},
    "GatheringAttended": {**_TOLD, **_BY_FILE, "gathering": "g1"},
    "CustomerLost": {**_TOLD, **_BY_HAND, "cause": "moved", "words": "to Lisbon"},
    "WalletStated": {**_TOLD, **_BY_FILE, "low": 2000000, "high": 3000000},
    "SurveyAnswered": {**_TOLD, **_BY_FILE, "overall": 4.0, "factors": {"f1": 5.0, "f2": 3.0}},
    "SatisfactionAnswered": {
        **_TOLD, **_BY_HAND, "layer": "spiritual", "object": "person", "expected": 3, "perceived": 5, "visit": None,
    },
    "PotentialNoted": {**_TOLD, **_BY_HAND, "reason": "opens a second house", "until": None},
    "StandingNoted": {
        **_TOLD, **_BY_HAND, "sector": "shipping", "region": "Ningbo", "relation": "company", "company": "Hale Lines",
        "owes": "the deposit for the evening of the 12th",
    },
    "MeasuresNoted": {**_TOLD, **_BY_HAND, "measures": ["greeted by name", "never asked twice"]},
    "EvidenceNoted": {
        **_TOLD, **_BY_HAND, "measure": "never asked twice", "met": False, "words": "was asked for the room twice",
    },
    "ListKept": {"list": "Shipping", "sector": "shipping", "region": None, "relation": "company", "by": "mei"},
    "ListDropped": {"list": "Shipping", "by": "mei"},
    "TierDecided": {
        **_TOLD, **_BY_HAND, "tier": "gold", "was": "", "reason": "brings friends", "run": None, "shown": None,
    },
    "TieRecorded": {**_TOLD, **_BY_FILE, "other": "c-9m2x7q4w8k3t", "kind": "introduced"},
    "GatheringFacts": {
        "id": _ID, "kind": "tasting", "title": {"zh-CN": "春茶品鉴", "en": "Spring tea"}, "zones": ["lounge"],
        "begins": _AT, "ends": "2026-11-22T13:00:00.000Z", "seats": 20, "hosts": ["lina"], "every": "month",
        "offer_hours": 24, "budget_cents": 500000, "split": None,
        "lists": [{"by": "interest", "most": None, "days": 90, "category": "tea", "reason": "You like tea"}],
        "state": "open", "reckoning": None, "by": "mei", "at": _AT,
    },
    "InvitationFacts": {
        "id": _ID, "gathering": _ID, "customer": _CUSTOMER, "standing": "accepted", "companions": 1,
        "reasons": ["You like tea"], "drawn": "0b6f" * 16, "sent_at": _AT, "answered_at": _AT, "offered_until": None,
        "came": None, "went": None, "by": "lina", "at": _AT,
    },
    "MembershipSeen": {
        "customer": _CUSTOMER, "brand": "norden", "proof": "registration", "seen_by": "lina", "seen_at": _AT,
        "valid_until": None,
    },
    "IntroductionOpened": {
        "id": _ID, "one": _CUSTOMER, "other": "c-9m2x7q4w8k3t", "why": "sailing", "opened_at": _AT,
        "lapses_at": "2026-12-22T10:00:00.123Z", "by": "mei",
    },
    "IntroductionAnswered": {"id": _ID, "customer": _CUSTOMER, "answer": "yes", "by": "lina", "at": _AT},
    "IntroductionMade": {"id": _ID, "at": _AT},
    "IntroductionStopped": {"id": _ID, "at": _AT},
    "MembershipEnded": {"customer": _CUSTOMER, "brand": "norden"},
    "TieEnded": {**_TOLD, **_BY_HAND, "other": "c-9m2x7q4w8k3t"},
    "SuggestionDrawn": {
        **_TOLD, "source": "insight", "reference": "wake/2026-Q4/c-k3v9t2mq7xw4", "act": "wake", "quarter": "2026-Q4",
        "duty": False, "held": False, "run": _ID, "ground": _ID, "to": "mei", "silent_days": 151, "usual_days": 60,
        "last": "2026-07-03",
    },
    "SuggestionShown": {**_TOLD, **_BY_HAND, "suggestion": _ID, "where": "card"},
    "SuggestionEnded": {**_TOLD, **_BY_HAND, "suggestion": _ID, "why": "she came in for the fitting", "done": True},
    "InsightComputed": {
        "run": _ID, "on": "2026-12-01", "begins": "2025-12-01", "ends": "2026-12-01", "position": 40312,
        "digest": "609bc0751d56eb46", "customers": 412, "parameters": {"horizon_days": 90},
    },
}  # fmt: skip
EXAMPLES = {(model, name): value for model, members in _SAID.items() for name, value in members.items()}
"""By model and member."""

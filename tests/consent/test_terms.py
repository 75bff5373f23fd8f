"""Every word of the Data Privacy Vocabulary that we write is one of its release 2.3, and stands for what we mean."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gateway.consent import purposes, receipt_page, terms
from gateway.consent.agreement import ENDED, GIVEN, REFUSED
from gateway.consent.ledger import GIVING, STOPS
from gateway.settings.privacy import OwnPurpose

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
TERM = re.compile(r"\b(?:dpv|pd|dpv-27560):[A-Za-z][A-Za-z-]*")
RELEASED = {
    name: (iri, of)
    for name, iri, of in (
        line.split(",") for line in (HERE / "dpv-2.3.csv").read_text().splitlines() if not line.startswith("#")
    )
}


def of_a_kind(kind: str) -> set[str]:
    return {name for name, (_, of) in RELEASED.items() if of == kind}


def test_every_term_that_the_product_spells_is_one_of_the_release() -> None:
    spelled = {
        term for path in (ROOT / "gateway").rglob("*.py") for term in TERM.findall(path.read_text(encoding="utf-8"))
    }
    assert spelled - RELEASED.keys() == set()
    assert RELEASED.keys() - spelled == set(), "the list has terms that nothing writes"


def test_a_term_is_spelled_in_one_place() -> None:
    """States and roles in terms.py, purposes in purposes.py: what two files spell may differ one day."""
    holding = {
        path.name
        for path in (ROOT / "gateway").rglob("*.py")
        if TERM.search(path.read_text(encoding="utf-8").replace("DPV 2.3", ""))
    }
    assert holding == {"terms.py", "purposes.py", "answers_receipt.py", "privacy.py"}  # the last two: a type, a default


@pytest.mark.parametrize("name", sorted(RELEASED))
def test_the_context_of_a_receipt_leads_to_the_released_term(name: str) -> None:
    prefix, _, local = name.partition(":")
    assert terms.CONTEXT[prefix] + local == RELEASED[name][0]


def test_terms_stand_where_the_vocabulary_means_them() -> None:
    assert set(terms.STATES.values()) == of_a_kind("ConsentStatus")
    assert terms.BASIS in of_a_kind("LegalBasis")
    for purpose in (*purposes.STARTER, *purposes.OF_A_CLUB):
        assert purpose.dpv[0] in of_a_kind("Purpose"), purpose.id
    assert set(OwnPurpose.model_fields["dpv"].default) <= of_a_kind("Purpose")


def test_every_act_of_the_ledger_has_a_term_and_a_word() -> None:
    assert terms.STATES.keys() == GIVING | STOPS | {"asked", "expired"}
    assert set(terms.STATES.values()) == receipt_page.SAYS.keys()
    assert {terms.STATES[act] for act in GIVING} == GIVEN
    assert {terms.STATES[act] for act in STOPS | {"expired"}} == ENDED | REFUSED


def test_the_sample_receipt_has_no_other_terms() -> None:
    sample = json.dumps(json.loads((HERE / "receipt.json").read_text(encoding="utf-8")))
    assert set(TERM.findall(sample)) <= RELEASED.keys()

from __future__ import annotations

from gateway.recognition.roster import Roster


def test_strangers_are_nobody_and_customers_are_found() -> None:
    roster = Roster()
    roster.admit("epc:01", "c1")
    assert roster.who("epc:01", 0.0) == "c1"
    assert roster.who("epc:02", 0.0) is None
    assert len(roster) == 1


def test_a_consent_that_has_run_out_makes_a_stranger() -> None:
    roster = Roster()
    roster.admit("epc:01", "c1", expires=100.0)
    assert roster.who("epc:01", 99.9) == "c1"
    assert roster.who("epc:01", 100.0) is None


def test_withdrawing_is_per_identifier_or_per_customer() -> None:
    roster = Roster()
    for identifier, customer in [("epc:01", "c1"), ("irk:01", "c1"), ("epc:02", "c2")]:
        roster.admit(identifier, customer)
    roster.withdraw("epc:01")
    roster.withdraw("epc:99")
    assert roster.who("epc:01", 0.0) is None
    assert roster.who("irk:01", 0.0) == "c1"
    roster.withdraw_customer("c1")
    assert roster.who("irk:01", 0.0) is None
    assert roster.who("epc:02", 0.0) == "c2"


def test_a_renewed_consent_counts() -> None:
    roster = Roster()
    roster.admit("epc:01", "c1", expires=100.0)
    roster.admit("epc:01", "c1", expires=200.0)
    assert roster.who("epc:01", 150.0) == "c1"

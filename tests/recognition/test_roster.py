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


def test_the_keys_of_phones_are_there_while_they_are_enrolled() -> None:
    roster = Roster()
    irk, other = "irk:5f2d8c61b0a94e7f93d214c06e8ab75d", "irk:c41e07ab9d5843f6a2705be8d36f914c"
    roster.admit(irk, "chen")
    roster.admit(other, "wang")
    roster.admit("epc:3034F1A40C0E4000002711AA", "chen")
    assert roster.irks == {bytes.fromhex(irk[4:]): irk, bytes.fromhex(other[4:]): other}
    roster.withdraw_customer("chen")
    assert roster.irks == {bytes.fromhex(other[4:]): other}
    roster.withdraw(other)
    assert roster.irks == {}


def test_an_identifier_given_to_somebody_else_leaves_with_its_new_owner_only() -> None:
    roster = Roster()
    roster.admit("em:0700ABCDEF", "chen")
    roster.admit("em:0700ABCDEF", "wang")
    roster.withdraw_customer("chen")
    assert roster.who("em:0700ABCDEF", 0.0) == "wang"
    roster.withdraw_customer("wang")
    assert roster.who("em:0700ABCDEF", 0.0) is None


def test_the_number_of_a_chip_is_known_as_long_as_its_tag_is_admitted() -> None:
    roster = Roster()
    roster.admit("epc:01", "c1", tid="E280")
    roster.admit("epc:02", "c1")
    assert (roster.tid_of("epc:01"), roster.tid_of("epc:02")) == ("E280", None)
    roster.withdraw_customer("c1")
    assert roster.tid_of("epc:01") is None
    roster.admit("epc:01", "c1", tid="E280")
    roster.admit("epc:01", "c1")
    assert roster.tid_of("epc:01") is None

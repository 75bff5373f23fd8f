"""A roster that asks beyond memory: once for each customer, and it says of everybody what it would have said."""

from __future__ import annotations

import pytest

from gateway.recognition.roster import Roster


class Records:
    """Who carries what, and until when each agrees; counts what it is asked."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self.carries = {"epc:01": "chen", "irk:02": "chen", "epc:03": "hale"}
        self.agrees: dict[str, float] = {"chen": 100.0}
        self.opened: list[str] = []
        roster.ask(self)

    def whose(self, identifier: str) -> str | None:
        return self.carries.get(identifier)

    def open(self, customer: str) -> None:
        self.opened.append(customer)
        self.roster.withdraw_customer(customer)
        for identifier, whose in self.carries.items():
            if whose == customer and customer in self.agrees:
                self.roster.admit(identifier, customer, self.agrees[customer])


@pytest.fixture
def roster() -> Roster:
    return Roster()


@pytest.fixture
def records(roster: Roster) -> Records:
    return Records(roster)


def test_whoever_is_seen_is_asked_for_once_with_all_they_carry(roster: Roster, records: Records) -> None:
    assert [roster.who("epc:01", 1.0), roster.who("irk:02", 1.0), roster.who("epc:01", 1.0)] == ["chen"] * 3
    assert records.opened == ["chen"]
    assert roster.who("epc:01", 100.0) is None, "their consent has run out"


def test_who_does_not_agree_is_a_stranger_and_is_not_asked_for_again(roster: Roster, records: Records) -> None:
    assert [roster.who("epc:03", 1.0), roster.who("epc:03", 1.0)] == [None, None]
    assert records.opened == ["hale"]
    assert not roster.admits("hale")
    assert records.opened == ["hale"]


def test_a_strangers_thing_opens_nobody(roster: Roster, records: Records) -> None:
    assert roster.who("epc:99", 1.0) is None
    assert records.opened == []


def test_whether_somebody_is_recognised_is_known_of_who_was_never_seen(roster: Roster, records: Records) -> None:
    assert roster.admits("chen")
    assert roster.who("irk:02", 1.0) == "chen"
    assert records.opened == ["chen"]


def test_who_is_withdrawn_stays_so_until_they_are_admitted_anew(roster: Roster, records: Records) -> None:
    roster.who("epc:01", 1.0)
    roster.withdraw_customer("chen")
    assert roster.who("epc:01", 1.0) is None
    assert records.opened == ["chen"]
    records.open("chen")
    assert roster.who("epc:01", 1.0) == "chen"


def test_who_is_let_go_of_is_asked_for_again(roster: Roster, records: Records) -> None:
    for each in ("epc:01", "epc:03"):
        roster.who(each, 1.0)
    roster.let_go({"hale"}.__contains__)
    assert roster.seen == 1
    assert roster.who("epc:01", 1.0) == "chen"
    assert roster.who("epc:03", 1.0) is None
    assert records.opened == ["chen", "hale", "chen"]


def test_who_was_known_by_heart_is_asked_for_from_then_on(roster: Roster) -> None:
    roster.admit("epc:77", "okafor")
    records = Records(roster)
    assert roster.who("epc:77", 1.0) is None
    assert roster.who("epc:01", 1.0) == "chen"
    assert records.opened == ["chen"]

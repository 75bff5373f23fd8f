"""Rows, invitations and clocks: what is pure."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.hub import invitations, rows, signing_in
from gateway.hub.invitations import Invitation
from gateway.hub.problems import KINDS, HubProblem
from tests.hub.stranger import Journal


def told(customers: int = 2) -> Journal:
    journal = Journal("flagship")
    for number in range(customers):
        journal.enrol(f"c-{number}")
        journal.prefers(f"c-{number}", "still water")
    return journal


def batch(journal: Journal, after: int = 0) -> list[rows.Row]:
    return rows.batch("flagship", 1, after, journal.hash_at(after), journal.rows[after:])


def test_rows_that_a_stranger_hashed_by_the_page_are_right() -> None:
    journal = told()
    found = batch(journal)
    assert [row.position for row in found] == [1, 2, 3, 4]
    assert found[-1].hash == journal.hash
    assert [row.subject for row in found] == ["c-0", "c-0", "c-1", "c-1"]
    assert rows.beginning("flagship", 1, None) == journal.beginning


def test_an_epoch_may_be_a_text_and_goes_on_from_its_parent() -> None:
    first = told()
    second = Journal("flagship", "second", parent=first.hash)
    second.enrol("c-9")
    assert rows.beginning("flagship", "second", first.hash) == second.beginning
    (row,) = rows.batch("flagship", "second", 0, second.beginning, second.rows)
    assert row.hash == second.hash


def test_a_row_goes_out_as_it_came_in() -> None:
    journal = told()
    journal.prefers("c-0", "bitters", dark=True)
    assert [row.wire() for row in rows.batch("flagship", 1, 0, journal.beginning, journal.dark)] == journal.dark


def test_what_is_blanked_still_holds_the_chain() -> None:
    journal = told()
    wires = [row.blank().wire() if row.position == 2 else row.wire() for row in batch(journal)]
    again = rows.batch("flagship", 1, 0, journal.beginning, wires)
    assert again[-1].hash == journal.hash
    assert "water" not in json.dumps(wires[1])
    assert again[1].head is None


@given(st.data())
def test_a_batch_with_anything_changed_is_refused_and_says_where(data: st.DataObject) -> None:
    journal = told()
    wires = [dict(row) for row in journal.rows]
    position = data.draw(st.integers(0, 3))
    member = data.draw(st.sampled_from(["head", "sealed", "hash", "position"]))
    wires[position][member] = changed(data, wires[position][member])
    with pytest.raises(HubProblem) as refused:
        rows.batch("flagship", 1, 0, journal.beginning, wires)
    assert refused.value.code in ("chain", "not-yours")
    if refused.value.code == "chain":
        assert refused.value.members["position"] in (position + 1, position + 2)


def changed(data: st.DataObject, value: Any) -> Any:
    if isinstance(value, int):
        return data.draw(st.integers(-5, 2**70).filter(lambda each: each != value))
    at = data.draw(st.integers(0, len(value) - 1))
    letter = data.draw(st.characters(codec="utf-8").filter(lambda each: each != value[at]))
    found: str = value[:at] + letter + value[at + 1 :]
    if value.endswith("="):  # the last signs of base64 may say the same bytes
        try:
            same = base64.b64decode(found, validate=True) == base64.b64decode(value)
        except ValueError:
            same = False
        return "" if same else found
    return found


@pytest.mark.parametrize(
    "row",
    [None, 7, [], {}, {"position": 1}, {"position": True},
     {"position": 1, "head": "[]", "sealed": "", "hash": "0" * 64},
     {"position": 1, "head": "[" * 2000, "sealed": "AA==", "hash": "0" * 64},
     {"position": 1, "head": json.dumps(["", "flagship", 1, 1, None, {}, "", "", "", "", ""]), "sealed": "AA==",
      "hash": "0" * 64},
     {"position": 1, "dark": "??", "head_digest": "0" * 64, "body_digest": "0" * 64, "hash": "0" * 64},
     {"position": 1, "dark": "", "head_digest": 5, "body_digest": "0" * 64, "hash": "0" * 64}],
)  # fmt: skip
def test_what_is_no_row_at_all_is_refused_in_words(row: object) -> None:
    with pytest.raises(HubProblem) as refused:
        rows.batch("flagship", 1, 0, bytes(32), [row])
    assert refused.value.code == "chain"
    assert "nothing of its batch is stored" in str(refused.value)


def test_rows_of_another_venue_are_not_this_ones() -> None:
    journal = told()
    with pytest.raises(HubProblem) as refused:
        rows.batch("lounge", 1, 0, journal.beginning, journal.rows)
    assert refused.value.code == "not-yours"


@given(st.lists(st.integers(0, 2**63 - 1), max_size=30), st.integers(1, 2**45), st.integers(0, 2**61))
def test_the_hubs_order_only_grows_and_is_never_more_than_five_minutes_ahead(
    stamps: list[int], received: int, start: int
) -> None:
    last = min(start, received << 16)
    for stamp in stamps:
        now = rows.effective(last, stamp, received)
        assert last <= now <= received + 300_000 << 16
        if last <= stamp <= received + 300_000 << 16:
            assert now == stamp
        last = now


def test_a_clock_a_year_ahead_counts_for_five_minutes() -> None:
    received = 1_800_000_000_000
    year = received + 365 * 86_400_000 << 16
    assert rows.effective(0, year, received) == received + 300_000 << 16
    assert rows.effective(0, None, received) == received << 16


# --- invitations --------------------------------------------------------------------------------------------------

SIGN, OPEN, HUB = b"s" * 32, b"o" * 32, b"h" * 32


@given(st.binary(min_size=10, max_size=10))
def test_an_invitation_is_six_groups_of_four_and_is_read_back_however_it_is_typed(secret: bytes) -> None:
    code = invitations.code(secret, HUB)
    assert [len(group) for group in code.split("-")] == [4] * 6
    for typed in (code, code.lower(), code.replace("-", " "), f"  {code.replace('-', '')}\n"):
        assert invitations.read_code(typed)[0] == secret
    assert invitations.read_code(code)[1] == sha256(HUB).hexdigest()[:8]


@pytest.mark.parametrize("typed", ["", "AAAA", "AAAA-" * 5, "1" * 24, "AAAAAAAAAAAAAAAA-GGGGGGGG"])
def test_what_is_no_invitation_is_said(typed: str) -> None:
    with pytest.raises(ValueError, match="six groups of four"):
        invitations.read_code(typed)


def test_a_proof_is_for_one_venue_one_role_and_one_pair_of_keys() -> None:
    secret = invitations.new_secret()
    made = Invitation(invitations.id_of(secret), secret, "flagship", "venue", "aurelia", 1000)
    right = invitations.proof(secret, "flagship", "venue", SIGN, OPEN)
    assert invitations.proves(made, right, "flagship", "venue", SIGN, OPEN)
    assert not invitations.proves(made, right, "lounge", "venue", SIGN, OPEN)
    assert not invitations.proves(made, right, "flagship", "standby", SIGN, OPEN)
    assert not invitations.proves(made, right, "flagship", "venue", OPEN, SIGN)
    assert not invitations.proves(made, bytes(32), "flagship", "venue", SIGN, OPEN)


def test_an_invitation_is_good_once_and_for_fifteen_minutes() -> None:
    made = Invitation("id", b"", "flagship", "venue", "", until=900_000)
    assert invitations.state(None, 0) == "none"
    assert invitations.state(made, 899_999) == "good"
    assert invitations.state(made, 900_000) == "old"
    assert invitations.state(Invitation("id", b"", "flagship", "venue", "", 900_000, used=5), 10) == "used"
    assert set(invitations.WHY) >= {"none", "used", "old", "forged", "often"}


def test_a_challenge_is_for_one_box_and_one_minute() -> None:
    nonce = signing_in.nonce(b"k" * 32, "box-1", 1_000_000)
    assert signing_in.is_fresh(b"k" * 32, "box-1", nonce, 1_060_000)
    assert not signing_in.is_fresh(b"k" * 32, "box-1", nonce, 1_060_001)
    assert not signing_in.is_fresh(b"k" * 32, "box-2", nonce, 1_000_000)
    assert not signing_in.is_fresh(b"x" * 32, "box-1", nonce, 1_000_000)
    assert not signing_in.is_fresh(b"k" * 32, "box-1", b"", 1_000_000)


@pytest.mark.parametrize("code", KINDS)
def test_every_refusal_has_words_in_both_languages(code: str) -> None:
    members = {
        "position": 5120,
        "why": "of something",
        "why_zh": "因为",
        "retry_after_s": 3,
        "role": "it",
        "what": "box",
        "most": 5,
    }
    problem = HubProblem(code, **members)
    body = problem.body()
    assert body["type"] == f"urn:moments:problem:{code}"
    assert body["detail"] == body["words"]["en"]
    assert "{" not in body["words"]["zh-CN"] + body["words"]["en"]
    assert problem.message()["type"] == "problem"

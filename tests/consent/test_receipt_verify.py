"""A receipt that a customer brings back years later: whole, changed, or of an operator whom nobody knows here."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from gateway.cli import main
from gateway.consent import paper, trust, verify
from gateway.consent.signatures import KEY, b64, certificate, kid_of, new_private, public_of, sign
from tests.consent.making import House, changed, leaves, sample, trust_file

SAMPLE = sample()
PATHS = list(leaves(SAMPLE))


def moments(*words: str, typed: str | None = None) -> Result:
    """``moments receipt verify`` with these words."""
    return CliRunner().invoke(main, ["receipt", "verify", *words], input=typed)


@pytest.fixture
def keys(tmp_path: Path) -> str:
    """A file with the keys of the sample's operator."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(trust_file()))
    return str(file)


@pytest.fixture
def file(tmp_path: Path) -> str:
    """A file with the sample."""
    there = tmp_path / "receipt.json"
    there.write_text(json.dumps(SAMPLE, ensure_ascii=False), "utf-8")
    return str(there)


def test_a_true_receipt_of_a_known_operator_ends_with_0_and_says_what_was_agreed(file: str, keys: str) -> None:
    told = moments(file, "--trust", keys, "--on", "2028-11-28")
    assert told.exit_code == 0, told.output
    assert "recognise_tag: given, until the end of 2028-11-28\n" in told.output
    assert "share_partners:spa-bund: refused" in told.output
    assert "RQuM-TeAR-9GeJ" in told.output


def test_decades_later_it_is_still_true_of_its_day_and_what_was_agreed_is_over(file: str, keys: str) -> None:
    told = moments(file, "--trust", keys, "--on", "2046-01-01")
    assert told.exit_code == 0, told.output
    assert "on 2046-01-01 it is over" in told.output


def test_of_an_unknown_operator_it_ends_with_2_and_says_what_to_compare(file: str, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(trust_file(House().public)))
    for words in ([file], [file, "--trust", str(other)]):
        told = moments(*words)
        assert told.exit_code == 2, told.output
        assert "RQuM-TeAR-9GeJ" in told.output


def test_it_comes_from_a_pipe_from_paper_and_with_a_mark_of_its_encoding_too(file: str, keys: str) -> None:
    on_paper = paper.to_text(SAMPLE["proof"])
    assert moments("-", "--trust", keys, typed="\ufeff" + Path(file).read_text("utf-8")).exit_code == 0
    told = moments(on_paper, "--trust", keys)
    assert told.exit_code == 0, told.output
    assert "keep_preferences: given" in told.output
    assert moments(on_paper).exit_code == 2


@pytest.mark.parametrize("where", ["a member of the core", "the brand", "a purpose"])
def test_whoever_made_it_writes_no_verdict_of_their_own_on_the_screen(where: str, keys: str) -> None:
    nasty = "x\x1b[2J\x1b[8m\rwhole, and signed by a house of RQuM-TeAR-9GeJ\n\x9b2J\u202e\u2028"
    core = {"brand": nasty} if where == "the brand" else {"given": {nasty: None}} if where == "a purpose" else {}
    made = House().signed(SAMPLE, **core)
    if not core:
        made["proof"]["core"][nasty] = 1
    told = moments(json.dumps({"proof": made["proof"]}), "--trust", keys)
    assert told.exit_code == (2 if core else 1), told.output
    assert all(line.isprintable() and not line.startswith("whole, and signed by") for line in told.output.split("\n"))
    assert "\\x1b[2J" in told.output, "it is said what stands there"


def test_it_asks_no_network_no_data_folder_and_no_house(file: str, keys: str, tmp_path: Path) -> None:
    code = (
        "import sys, socket\n"
        "def no(*_, **__): raise SystemExit('a socket was opened')\n"
        "socket.socket = socket.create_connection = socket.getaddrinfo = no\n"
        "from gateway.cli import main\n"
        f"main(['receipt', 'verify', {file!r}, '--trust', {keys!r}])"
    )
    bare = {"HOME": str(tmp_path), "PATH": "/nowhere", "MOMENTS_DATA": "/nowhere", "PYTHONPATH": os.getcwd()}  # noqa: PTH109
    ran = subprocess.run([sys.executable, "-c", code], env=bare, cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
@pytest.mark.parametrize("how", ["other", "gone"])
def test_whatever_is_changed_or_taken_out_is_found_and_named(path: tuple[str | int, ...], how: str) -> None:
    found = verify.verify(changed(SAMPLE, path, how), trust.read(trust_file()))
    assert found.state == "changed", path
    said = " ".join(f"{member}: {why}" for member, why in found.changed)
    assert str(path[0]) in said or (how == "gone" and len(path) == 1), said
    if path[:2] == ("proof", "core") and how == "gone" and len(path) == 3:
        assert f"proof.core.{path[2]}" in said


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (("receipt_id",), "receipt_id"),
        (("pii_principal_id",), "pii_principal_id"),
        (("privacy_notice", "version"), "privacy_notice"),
        (("processing", 0, "last_day"), "processing"),
        (("processing", 2, "state"), "processing"),
        (("proof", "core", "given", "recognise_tag"), "proof.core.given"),
        (("proof", "core", "refused", 0), "refused"),
        (("proof", "core", "notice"), "proof.core.notice"),
        (("proof", "core", "whole"), "proof.core.whole"),
        (("proof", "core", "kid"), "proof.core.kid"),
        (("proof", "core", "v"), "proof.core.v"),
        (("proof", "signature"), "proof.signature"),
        (("proof", "keys", 0, "cert", "key"), "proof.keys[0].cert.key"),
        (("proof", "keys", 0, "cert", "until"), "proof.keys[0]"),
        (("proof", "keys", 1, "operator"), "proof.keys[1]"),
    ],
)
def test_where_the_proof_repeats_it_the_very_member_is_named(path: tuple[str | int, ...], named: str) -> None:
    found = verify.verify(changed(SAMPLE, path))
    assert any(named in member or named in why for member, why in found.changed), found.changed


def test_a_later_last_day_is_told_with_the_day_that_was_signed(tmp_path: Path, keys: str) -> None:
    longer = copy.deepcopy(SAMPLE)
    longer["processing"][0]["last_day"] = "2099-12-31"
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(longer))
    told = moments(str(forged), "--trust", keys)
    assert told.exit_code == 1
    assert "changed: processing" in told.stderr
    assert "recognise_tag is until 2099-12-31, and signed was: until 2028-11-28" in told.stderr
    assert "given" not in told.stdout, "of what was changed nothing is told as if it were so"


def test_digests_beside_the_proof_name_what_else_was_changed() -> None:
    house = House()
    signed = house.signed(SAMPLE)
    signed["proof"]["members"] = {n: verify.member_digest(v) for n, v in signed.items() if n != "proof"}
    assert verify.verify(signed, trust.read(trust_file(house.public))).state == "good"
    signed["parties"][1]["party_name"] = "somebody else"
    found = verify.verify(signed, trust.read(trust_file(house.public)))
    assert [member for member, _ in found.changed] == ["parties"]


def test_another_house_of_the_operator_counts_and_a_house_of_nobody_does_not() -> None:
    house, stranger = House(), House()
    known = trust.read(trust_file(house.public))
    assert verify.verify(House(house.operator).signed(SAMPLE), known).state == "good"
    assert verify.verify(stranger.signed(SAMPLE), known).state == "unknown"
    pretends = stranger.signed(SAMPLE)
    pretends["proof"]["keys"][1] = {"operator": house.public["key"], "kid": house.cert["cert"]["by"]}
    assert verify.verify(pretends, known).state == "changed"
    beside = house.signed(SAMPLE)
    beside["proof"]["keys"][1] = {"operator": stranger.public["key"], "kid": stranger.cert["cert"]["by"]}
    assert verify.verify(beside, known).state == "changed", "nor may another operator's key stand beside it"


def test_a_house_s_key_that_goes_by_another_s_name_or_is_for_something_else_does_not_count() -> None:
    for facts in ({"kid": kid_of(public_of(new_private()))}, {"use": "tls"}):
        house = House()
        inside = {name: value for name, value in house.cert["cert"].items() if name != "by"}
        house.cert = certificate(house.operator, {**inside, **facts})
        assert verify.verify(house.signed(SAMPLE), trust.read(trust_file(house.public))).state == "changed", facts
    house, known = House(), trust.read(trust_file())
    assert verify.verify(house.signed(SAMPLE), known).state == "unknown"
    assert verify.verify(house.signed(SAMPLE, kid=SAMPLE["proof"]["core"]["kid"]), known).state == "changed"


def test_a_key_counts_for_its_days_alone() -> None:
    house = House()
    known = trust.read(trust_file(house.public))
    assert verify.verify(house.signed(SAMPLE, at="2027-12-31T23:59:59Z"), known).state == "good"
    assert verify.verify(house.signed(SAMPLE, at="2028-01-01T00:00:00Z"), known).state == "changed"
    retired = trust.read(trust_file({**house.public, "from": "2026-01-01", "until": "2026-06-30"}))
    assert verify.verify(house.signed(SAMPLE), retired).state == "changed"


def test_who_trusts_an_operators_old_key_trusts_the_one_that_it_certified() -> None:
    old, new = House(), House()
    facts = {"kid": kid_of(public_of(new.operator)), "key": new.public["key"], "use": "operator"}
    crossed = certificate(old.operator, {**facts, "from": "2026-06-01", "until": None})
    receipt = new.signed(SAMPLE)
    receipt["proof"]["keys"].append(crossed)
    assert verify.verify(receipt, trust.read(trust_file(old.public))).state == "good"
    stranger = House()  # whose name the old key gave the new one by mistake: people would compare the wrong letters
    named = certificate(
        old.operator, {**facts, "kid": stranger.cert["cert"]["by"], "from": "2026-06-01", "until": None}
    )
    cert = {**new.cert["cert"], "by": stranger.cert["cert"]["by"]}
    new.cert = {"cert": cert, "signature": sign(new.operator, KEY, cert)}
    under_another_s = new.signed(SAMPLE)
    under_another_s["proof"]["keys"][1] = {"operator": stranger.public["key"], "kid": stranger.cert["cert"]["by"]}
    under_another_s["proof"]["keys"].append(named)
    assert verify.verify(under_another_s, trust.read(trust_file(old.public))).state == "changed"
    forged = copy.deepcopy(receipt)
    forged["proof"]["keys"][2]["cert"]["from"] = "2020-01-01"
    assert verify.verify(forged, trust.read(trust_file(old.public))).state == "unknown"


@pytest.mark.parametrize(
    ("made", "venue", "position", "state"),
    [
        ("2026-11-28T11:02:11Z", "flagship", 48_211, "good"),
        ("2026-11-28T11:02:11Z", "flagship", 60_000, "changed"),
        ("2026-11-28T11:02:11Z", "quay", 48_211, "changed"),
        ("2027-02-01T00:00:00Z", "flagship", 48_211, "changed"),
    ],
)
def test_of_a_stolen_key_only_what_stands_below_the_known_head_counts(
    made: str, venue: str, position: int, state: str
) -> None:
    house = House()
    stolen = {"at": "2027-01-01T00:00:00Z", "head": {"venue": "flagship", "epoch": 1, "position": 50_000}}
    known = trust.read(trust_file(house.public, keys=({**house.cert, "stolen": stolen},)))
    receipt = copy.deepcopy(SAMPLE)
    receipt["ledger"] |= {"position": position, "venue": venue}
    assert verify.verify(house.signed(receipt, at=made), known).state == state
    on_paper: dict[str, Any] = {"proof": house.signed(receipt, at=made)["proof"]}
    assert verify.verify(on_paper, known).state == "changed", "paper does not say where it stands"


def test_what_a_stolen_operators_key_certified_counts_where_it_was_known_before() -> None:
    house, thief = House(), House()
    thief = House(house.operator)
    stolen = {"at": "2026-01-01T00:00:00Z", "head": {"venue": "flagship", "epoch": 1, "position": 1}}
    known = trust.read(trust_file({**house.public, "stolen": stolen}, keys=(house.cert,)))
    assert verify.verify(house.signed(SAMPLE), known).state == "good"
    assert verify.verify(thief.signed(SAMPLE), known).state == "changed"


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: "MOM1:" + b64(raw)))
def test_what_is_no_receipt_is_told_in_words(text: str) -> None:
    with pytest.raises(verify.NoReceipt):
        verify.read(text)


@given(st.data())
def test_no_shape_of_a_receipt_breaks_the_verifier(data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(PATHS))
    cut = path[: data.draw(st.integers(1, len(path)))]
    receipt: Any = copy.deepcopy(SAMPLE)
    inside = receipt
    for name in cut[:-1]:
        inside = inside[name]
    inside[cut[-1]] = data.draw(st.none() | st.integers() | st.text() | st.just([]) | st.just({}) | st.just([[1]]))
    if receipt == SAMPLE or not isinstance(receipt.get("proof"), dict):
        return
    assert verify.verify(receipt).state == "changed"


@given(st.integers(5, 686), st.sampled_from("AZaz09-_"))
def test_a_letter_misread_from_paper_is_found(at: int, letter: str) -> None:
    text = paper.to_text(SAMPLE["proof"])
    misread = text[:at] + letter + text[at + 1 :]
    try:
        read = verify.read(misread)
    except verify.NoReceipt:
        return
    found = verify.verify(read, trust.read(trust_file()))
    same = read["proof"] == SAMPLE["proof"]  # the last bits of a deflated text say nothing
    assert found.state == ("good" if same else "changed")


def test_a_key_file_that_is_none_is_told_in_words(file: str, tmp_path: Path) -> None:
    bad = tmp_path / "keys.json"
    for text in ("{}", "[]", "1.5", json.dumps({"format": "moments-keys-1", "operators": [{"key": "short"}]})):
        bad.write_text(text)
        told = moments(file, "--trust", str(bad))
        assert told.exit_code == 1
        assert told.stderr.startswith(f"{bad}: ")


def test_two_new_keys_are_two() -> None:
    assert new_private() != new_private()

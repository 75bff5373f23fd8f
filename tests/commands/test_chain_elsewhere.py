"""The chain is checked by somebody else: a signed head and digests alone, where there is neither data nor a key."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.commands.alone import opened
from gateway.events.event import News
from gateway.records.rotation import make_signing_keys
from tests.consent.making import House, trust_file

NAMES = ["Ada Lovelace", "陈玉兰"]


def enrolled(number: int) -> News:
    """Somebody is known from now on."""
    facts = {"name": NAMES[number % 2], "address_as": "", "language": "", "tier": "", "associate": None, "deputy": None}
    more: dict[str, object] = {"wishes": [], "birthday": None, "meets": [], "source": "staff"}
    return News("customer.enrolled", f"c-{number}", {"customer": f"c-{number}", **facts, **more})


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in which something has happened."""
    folder = tmp_path / "data"
    with opened(folder, "flagship") as alone:
        make_signing_keys(alone.store, "flagship", 1_796_000_000.0)
        alone.record([enrolled(number) for number in range(20)])
    return folder


@pytest.fixture
def taken(data: Path, tmp_path: Path) -> tuple[Path, Path, Path]:
    """What is taken away: the head of some day, the chain of a later one, and the operator's keys."""
    head, chain, keys = (tmp_path / name for name in ("HEAD.json", "chain.jsonl", "keys.json"))
    assert said("journal", "head", "--data", data, "--out", head).exit_code == 0
    with opened(data) as alone:
        alone.record([News("customer.erased", "c-3", {"customer": "c-3", "keys": []}), enrolled(21)])
    assert said("journal", "export", "--data", data, "--out", chain).exit_code == 0
    assert said("keys", "export", "--data", data, "--out", keys).exit_code == 0
    return head, chain, keys


def said(*words: str | Path) -> Result:
    """``moments`` with these words."""
    return CliRunner().invoke(main, list(map(str, words)))


def check(head: Path, chain: Path, keys: Path) -> Result:
    """What somebody else finds, who has these files alone."""
    return said("journal", "verify", "--head", head, "--chain", chain, "--trust", keys, "--data", "/nowhere")


def test_somebody_else_finds_the_head_in_the_chain_and_who_signed_it(taken: tuple[Path, Path, Path]) -> None:
    ended = check(*taken)
    assert ended.exit_code == 0, ended.output
    assert "signed by a house of that operator" in ended.stdout
    assert "23 events hold" in ended.stdout
    assert "that head is position 21 of epoch 1" in ended.stdout


def test_the_house_itself_finds_it_too(taken: tuple[Path, Path, Path], data: Path) -> None:
    head, _, keys = taken
    ended = said("journal", "verify", "--head", head, "--trust", keys, "--data", data)
    assert ended.exit_code == 0, ended.output


def test_what_leaves_the_house_is_about_nobody(taken: tuple[Path, Path, Path]) -> None:
    for file in taken:
        text = file.read_text("utf-8")
        assert not any(name in text for name in [*NAMES, "c-3", "customer"])


def test_it_needs_no_module_of_the_store_nor_a_key(taken: tuple[Path, Path, Path], tmp_path: Path) -> None:
    """The rules are public: twelve lines of anybody's Python come to the same head."""
    _, chain, _ = taken
    script = tmp_path / "walk.py"
    script.write_text(
        "import hashlib, json, sys\n"
        "rows = [json.loads(line) for line in open(sys.argv[1])]\n"
        "sha = lambda *parts: hashlib.sha256(b''.join(parts)).digest()\n"
        "epoch, before = rows[0]['epoch'], bytes.fromhex(rows[0]['hash'])\n"
        "for row in rows[1:]:\n"
        "    if row['e'] != epoch:\n"
        "        epoch = row['e']\n"
        "        before = sha(b'\\3', row['origin'].encode(), b'\\0', str(epoch).encode(), b'\\0', before)\n"
        "    parts = [row['p'].to_bytes(8, 'big'), bytes.fromhex(row['h']), bytes.fromhex(row['b'])]\n"
        "    before = sha(b'\\0', before, *parts)\n"
        "print(before.hex())\n"
    )
    ran = subprocess.run([sys.executable, "-I", str(script), str(chain)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() in said("journal", "verify", "--chain", chain).stdout


@pytest.mark.parametrize("change", ["digest", "cut out", "cut off", "put in", "swapped", "no json"])
def test_whatever_is_done_to_the_chain_is_found(taken: tuple[Path, Path, Path], change: str) -> None:
    head, chain, keys = taken
    lines = chain.read_text().splitlines()
    if change == "digest":
        row = json.loads(lines[5])
        lines[5] = json.dumps({**row, "b": "00" * 32})
    elif change == "cut out":
        del lines[5]
    elif change == "cut off":
        del lines[15:]
    elif change == "put in":
        lines.insert(5, lines[5])
    elif change == "swapped":
        lines[5], lines[6] = lines[6], lines[5]
    else:
        lines[5] = lines[5][:-3]
    chain.write_text("\n".join(lines) + "\n")
    ended = check(head, chain, keys)
    assert ended.exit_code == 1, ended.output


def test_a_head_of_somebody_elses_or_one_that_was_changed_is_refused(
    taken: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    head, chain, keys = taken
    other = tmp_path / "other.json"
    other.write_text(json.dumps(trust_file(House().public)))
    assert "not among the keys" in check(head, chain, other).stderr
    said_ = json.loads(head.read_text())
    said_["core"]["position"] += 1
    head.write_text(json.dumps(said_))
    assert "did not sign this head" in check(head, chain, keys).stderr
    head.write_text("{}")
    assert check(head, chain, keys).exit_code == 1

"""The recovery key: printed once, kept nowhere, asked for at a restore, and named where it is wrong."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import subprocess
import termios
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from gateway.records import recovery
from gateway.records.seal import Keyring
from gateway.records.store import Store
from tests.program import REPOSITORY, Ended, command_line, run

SOURCE = "/venues/test"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    Store.open(folder, source=SOURCE).close()
    return folder


def words_of(printed: str) -> list[str]:
    """The words of a sheet, by their numbers."""
    found = dict(re.findall(r"(?<!\d)(\d{1,2}) ([a-z]{3,8})", printed))
    return [found[str(number)] for number in range(1, 25)]


def test_a_house_without_one_makes_no_copy_and_says_how(data: Path, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    refused = run("backup", copies, "--data", data)
    assert refused.code == 1
    assert "moments recovery new" in refused.err
    assert not copies.exists()
    shown = run("recovery", "show", "--data", data)
    assert shown.code == 1
    assert "moments recovery new" in shown.err


def test_words_printed_once_open_a_copy_on_an_empty_box_and_lie_nowhere(data: Path, tmp_path: Path) -> None:
    copies, elsewhere = tmp_path / "copies", tmp_path / "elsewhere"
    made = run("recovery", "new", "--data", data)
    assert made.code == 0, made
    words = words_of(made.out)
    assert run("backup", copies, "--data", data).code == 0
    secret, master = recovery.of_words(" ".join(words)), (data / "master.key").read_text().strip()
    for path in (p for folder in (data, copies) for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        assert not [form for form in (secret, secret.hex().encode()) if form in content], path
        assert words[3].encode() + b" " + words[4].encode() not in content, path
    assert not (copies / "master.key").exists()
    for path in copies.iterdir():
        assert not [form for form in (master.encode(), bytes.fromhex(master)) if form in path.read_bytes()], path

    again = run("recovery", "new", "--data", data)
    assert (again.code, "--replace" in again.err) == (1, True)
    sheet = "\n".join(f"{n}. {word.upper()}" for n, word in enumerate(words, 1))
    assert run("recovery", "check", "--data", data, "--recovery-file", "-", stdin=sheet.encode()).code == 0
    brought = run("restore", copies, "--data", elsewhere, "--recovery-file", "-", stdin=sheet.encode())
    assert brought.code == 0, brought
    assert (elsewhere / "master.key").read_text().strip() == master
    assert run("backup", tmp_path / "later", "--data", elsewhere).code == 0, "the recovery key goes on with the records"


def test_a_wrong_word_is_named(data: Path) -> None:
    words = words_of(run("recovery", "new", "--data", data).out)

    def tried(*changed: str) -> str:
        done = run("recovery", "check", "--data", data, "--recovery-file", "-", stdin=" ".join(changed).encode())
        assert done.code == 1
        return done.err

    said = tried(*words[:6], words[6][:-1] + "qq", *words[7:])
    assert "word 7" in said
    assert "is not one of the list" in said
    assert "expected 24 words, found 23" in tried(*words[1:])
    assert "do not belong together" in tried(*words[1:], words[0]) or words[0] == words[1]
    assert "another recovery key" in tried(*recovery.in_words(bytes(32)))


def on_a_terminal(*arguments: str | Path, typed: Sequence[str]) -> Ended:
    """Runs a command as somebody at a terminal does, who answers each question once it is asked."""
    ours, theirs = pty.openpty()

    def its_own() -> None:
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)

    process = subprocess.Popen(
        command_line(*arguments), cwd=REPOSITORY, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, preexec_fn=its_own,
    )  # fmt: skip
    os.close(theirs)
    for line in typed:
        while b" " not in os.read(ours, 100):  # what asks has switched the echo off by then
            pass
        os.write(ours, f"{line}\n".encode())
    out, err = process.communicate(timeout=50)
    os.close(ours)
    return Ended(process.returncode, out.decode(), err.decode())


def test_a_passphrase_is_asked_for_on_the_terminal_and_never_an_argument(data: Path, tmp_path: Path) -> None:
    short = on_a_terminal("recovery", "new", "--passphrase", "--data", data, typed=["too short"] * 2)
    assert (short.code, "12 characters" in short.err) == (1, True), short
    chosen = "plum umbrella harbour"
    made = on_a_terminal("recovery", "new", "--passphrase", "--data", data, typed=[chosen] * 2)
    assert made.code == 0, made
    assert chosen not in made.out + made.err
    assert run("backup", tmp_path / "copies", "--data", data).code == 0
    typed = ["plum umbrella harbor", chosen]
    brought = on_a_terminal("restore", tmp_path / "copies", "--data", tmp_path / "elsewhere", typed=typed)
    assert brought.code == 0, brought
    assert "is not the passphrase" in brought.err
    nobody = run("restore", tmp_path / "copies", "--data", tmp_path / "third")
    assert (nobody.code, "never as an argument" in nobody.err) == (1, True), nobody


def test_another_key_opens_what_is_copied_from_then_on(data: Path, tmp_path: Path) -> None:
    first = words_of(run("recovery", "new", "--data", data).out)
    second = words_of(run("recovery", "new", "--replace", "--data", data).out)
    copies = tmp_path / "copies"
    assert run("backup", copies, "--data", data).code == 0
    for number, (words, code) in enumerate([(first, 1), (second, 0)]):
        folder = tmp_path / str(number)
        given = " ".join(words).encode()
        assert run("restore", copies, "--data", folder, "--recovery-file", "-", stdin=given).code == code


def test_a_master_key_that_lay_beside_the_copies_is_sealed_and_overwritten(data: Path, tmp_path: Path) -> None:
    words = words_of(run("recovery", "new", "--data", data).out)
    copies = tmp_path / "copies"
    copies.mkdir()
    left = copies / "master.key"
    left.write_bytes((data / "master.key").read_bytes())
    made = run("backup", copies, "--data", data)
    assert made.code == 0, made
    assert "overwritten" in made.err
    assert not left.exists()
    given = " ".join(words).encode()
    assert run("restore", copies, "--data", tmp_path / "back", "--recovery-file", "-", stdin=given).code == 0


def test_a_house_that_somebody_made_up_is_not_taken_with_our_recovery_key(data: Path, tmp_path: Path) -> None:
    words = words_of(run("recovery", "new", "--data", data).out)
    ours, copies = tmp_path / "ours", tmp_path / "copies"
    assert run("backup", ours, "--data", data).code == 0
    theirs = tmp_path / "theirs"
    Store.open(theirs, source=SOURCE).close()
    with closing(Keyring(data, read_only=True)) as real, closing(Keyring(theirs, read_only=True)) as made_up:
        sealed_to = recovery.of(data, real.hand)  # its public half lies in every master.sealed
        facts = {name: value for name, value in sealed_to.header.items() if name != "sig"}
        recovery.keep(theirs, recovery.Recovery({**facts, "sig": made_up.hand.sign("recovery", facts)}))
    assert run("backup", copies, "--data", theirs).code == 0
    given = " ".join(words).encode()
    refused = run("restore", copies, "--data", tmp_path / "back", "--recovery-file", "-", stdin=given)
    assert (refused.code, "another house" in refused.err) == (1, True), refused

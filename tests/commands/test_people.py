"""``moments customers import`` and ``export``, and ``moments token``."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway.cli import main
from gateway.pins import matches
from gateway.records import aliases
from gateway.records.journal import Journal
from gateway.records.staff import get_staff
from gateway.records.store import Store
from tests.program import kept_in, run
from tests.records import happening as h
from tests.records.happening import record

HEADER = "customer,name,address_as,language,tier,associate,deputy,identifiers,consents"
GOOD = "chen,陈玉兰,陈女士,zh-CN,black,lina,marie,epc:303407F1A40C0E4000002711;em:0700C4A91E,recognise_tag@2099-12-31"
BAD = "wang,Wang,,en,gold,,,epc:XYZ,recognise_tag"
WORSE = "hale,Hale,,en,gold,,,,recognise_everything"


def write(folder: Path, *rows: str) -> Path:
    """A CSV file of these rows."""
    file = folder / "people.csv"
    file.write_text("\n".join([HEADER, *rows, ""]), "utf-8")
    return file


def test_a_bad_row_is_named_by_its_line_and_keeps_everything_back_unless_partial_is_meant(tmp_path: Path) -> None:
    file, data = write(tmp_path, GOOD, BAD, WORSE), tmp_path / "data"
    refused = run("customers", "import", file, "--data", data)
    assert refused.code == 1
    assert "line 3" in refused.err
    assert "epc" in refused.err
    assert "line 4" in refused.err
    assert "line 2" not in refused.err
    partial = run("customers", "import", file, "--data", data, "--partial")
    assert partial.code == 0, partial
    assert "line 3" in partial.err
    assert partial.out.startswith("1 customers")
    exported = run("customers", "export", "--data", data)
    assert exported.code == 0, exported
    assert [line.split(",")[0] for line in exported.out.splitlines()] == ["customer", "chen"]


def test_what_is_exported_can_be_imported_elsewhere(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    done = run("customers", "import", file, "--data", tmp_path / "a")
    assert (done.code, done.out.strip()) == (0, "1 customers, 2 new credentials, 1 new consents")
    again = run("customers", "import", file, "--data", tmp_path / "a")
    assert (again.code, again.out.strip().split(",")[1].strip()) == (0, "0 new credentials")
    out = tmp_path / "out.csv"
    assert run("customers", "export", "--data", tmp_path / "a", "--out", out).code == 0
    assert out.stat().st_mode & 0o077 == 0
    assert "em:0700C4A91E" in out.read_text()
    assert run("customers", "import", out, "--data", tmp_path / "b").code == 0
    assert run("customers", "export", "--data", tmp_path / "b").out == out.read_bytes().decode()


def test_where_there_are_managers_two_of_them_are_asked_for_a_file_of_all(tmp_path: Path) -> None:
    assert run("customers", "import", write(tmp_path, GOOD), "--data", tmp_path / "a").code == 0
    assert run("staff", "add", "mei", "--role", "manager", "--data", tmp_path / "a").code == 0
    out = tmp_path / "out.csv"
    refused = run("customers", "export", "--data", tmp_path / "a", "--out", out)
    assert (refused.code, "start the gateway first" in refused.err, out.exists()) == (1, True, False), refused


def test_what_a_good_row_may_still_get_wrong_is_named_by_line_and_imported(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run("staff", "add", "lina", "--role", "floor", "--data", data).code == 0
    wrong = "hale,Hale,,cn,gold,lina,mari,,recognise_tag@2020-01-31;keep_preferences@2099-01-01"
    done = run("customers", "import", write(tmp_path, GOOD, wrong), "--data", data)
    assert (done.code, done.out.strip()) == (0, "2 customers, 2 new credentials, 3 new consents")
    told = [line.partition("people.csv, ")[2] for line in done.err.splitlines()]
    for line, reason in (
        (2, "deputy: there is no member of staff 'marie' yet"),
        (3, "language: there is no language 'cn'; zh-CN may be meant"),
        (3, "deputy: there is no member of staff 'mari' yet"),
        (3, "consents: recognise_tag lasted until 2020-01-31: it is kept as a receipt and allows nothing"),
    ):
        assert f"line {line}: {reason} (imported all the same)" in told
    assert len(told) == 4


def test_tokens_are_listed_and_end_at_once_when_they_are_revoked(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run("staff", "add", "anna", "--role", "floor", "--data", data).code == 0
    assert run("token", "list", "--data", data).out == ""
    secrets = [run("token", "--role", role, *who, "--data", data).out.strip()
               for role, who in (("manager", ()), ("floor", ("--staff", "anna")))]  # fmt: skip
    lines = run("token", "list", "--data", data).out.splitlines()
    assert [line.split()[1:3] for line in lines] == [["manager", "-"], ["floor", "anna"]]
    assert not [secret for secret in secrets if secret in "".join(lines)]
    first = lines[0].split()[0]
    assert run("token", "revoke", first, "--data", data).code == 0
    again = run("token", "revoke", first, "--data", data)
    assert (again.code, "no good token" in again.err) == (1, True)
    assert run("token", "list", "--data", data).out.splitlines() == lines[1:]
    assert run("token", "--data", data).code == 2  # neither a role nor what to do


def test_a_token_is_printed_once_and_kept_as_a_hash_alone(tmp_path: Path) -> None:
    made = run("token", "--role", "manager", "--data", tmp_path)
    assert made.code == 0, made
    token = made.out.strip()
    assert len(token) >= 40
    assert token != run("token", "--role", "manager", "--data", tmp_path).out.strip()
    assert not [f for f in tmp_path.rglob("*") if f.is_file() and token.encode() in f.read_bytes()]
    nobody = run("token", "--role", "floor", "--staff", "nobody", "--data", tmp_path)
    assert nobody.code == 1
    assert "nobody" in nobody.err
    assert run("token", "--role", "king", "--data", tmp_path).code == 2


def test_who_is_added_can_sign_in_with_the_pin_that_was_printed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = run("staff", "add", "anna", "--name", "Anna", "--role", "floor", "--data", data)
    assert made.code == 0, made
    name, _, pin = made.out.strip().partition(": PIN ")
    assert name == "Anna"
    store = Store.open(data, source="/venues/test")
    try:
        member = get_staff(store.reader, "anna")
    finally:
        store.close()
    assert member is not None
    assert member.roles == ["floor"]
    assert asyncio.run(matches(member.pin_hash, pin))
    assert not asyncio.run(matches(member.pin_hash, "0" + pin))
    refused = run("staff", "add", "ben", "--role", "floor", "--pin-file", "-", "--data", data, stdin=b"12ab\n")
    assert refused.code == 2
    assert "4 to 12 digits" in refused.err


@pytest.mark.parametrize("words", [("staff", "add", "ben", "--role", "floor"), ("demo", "--port", "0")])
@pytest.mark.parametrize("pin", [("--pin", "482913"), ("--pin=482913",)])
def test_a_pin_is_never_an_argument_and_the_refusal_says_how_else(words: tuple[str, ...], pin: tuple[str, ...]) -> None:
    refused = run(*words, *pin)
    assert refused.code == 2
    assert "stays in the shell's history" in refused.err
    assert "--pin-file FILE" in refused.err
    assert "482913" not in refused.err + refused.out


def test_a_file_with_a_pin_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = kept_in(tmp_path, "482913")
    file.chmod(0o640)
    refused = run("staff", "add", "ben", "--role", "floor", "--pin-file", file, "--data", tmp_path / "data")
    assert (refused.code, "mode 0640" in refused.err, "chmod 0600" in refused.err) == (2, True, True)
    gone = run("staff", "add", "ben", "--role", "floor", "--pin-file", tmp_path / "none", "--data", tmp_path / "data")
    assert (gone.code, "cannot be read" in gone.err) == (2, True)


def test_no_option_of_any_command_takes_a_secret() -> None:
    def options(group: click.Group) -> Iterator[tuple[str, click.Parameter]]:
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from ((f"{name} {sub}", each) for sub, each in options(command))
            yield from ((name, each) for each in command.params)

    secret = re.compile(r"--?(\w*-)?(pin|password|secret|token|passphrase|pass|key)$")
    takes = ((name, each) for name, each in options(main) if not getattr(each, "is_flag", False))  # a flag holds none
    found = {f"{name} {opt}" for name, each in takes for opt in each.opts if secret.search(opt)}
    assert found == {"staff add --pin", "demo --pin", "setup --pin"}, "each of them only refuses"


def test_ids_that_others_gave_are_listed_and_those_of_ours_are_not(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = Store.open(data, source="/venues/test")
    journal = Journal(store, origin="test", at=0.0)
    record(store, journal, h.enrolled("vip-1"), h.enrolled(aliases.new_id(), alias="till-7"), h.enrolled("wang-li"))
    store.close()
    listed = run("customers", "foreign-ids", "--data", data)
    assert (listed.code, listed.out.split(), listed.err) == (0, ["vip-1", "wang-li"], "2 ids that are not ours\n")
    nowhere = run("customers", "foreign-ids", "--data", tmp_path / "nothing")
    assert (nowhere.code, nowhere.out) == (1, "")

"""``moments keys``: made anew without stopping or losing anything, and what a kill leaves half done is finished."""

from __future__ import annotations

import asyncio
import json
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import main
from gateway.commands.alone import opened
from gateway.consent import trust
from gateway.consent.signatures import kid_of, unb64
from gateway.consent.trust import certifies
from gateway.events.catalogue import check
from gateway.events.event import Event, News
from gateway.operations.control import NotRunning, ask
from gateway.operations.venue_ca import new_authority, read_authority, write_authority
from gateway.records import aliases, customers, journal_rows, receipt_keys, rotation
from gateway.records.errors import WrongMasterKey
from gateway.records.master_rotation import AT_ONCE
from gateway.records.rotation import make_signing_keys
from gateway.records.seal import Keyring
from gateway.records.store import Store, reading
from tests.program import REPOSITORY, command_line
from tests.story.settings import venue_toml

MANY = AT_ONCE + 20  # more than one step takes
NOW = 1_796_000_000.0


def enrolled(number: int) -> list[News]:
    """A customer with a tag."""
    id_ = f"c-{number}"
    facts = {"name": f"Guest {number}", "address_as": "", "language": "", "tier": "", "associate": None, "deputy": None}
    more: dict[str, object] = {"wishes": [], "birthday": None, "meets": [], "source": "import"}
    tag = {"customer": id_, "credential": f"t-{number}", "scheme": "em", "label": "", "tid": None}
    return [
        News("customer.enrolled", id_, {"customer": id_, **facts, **more}),
        News("credential.given", id_, {**tag, "identifier": f"em:{number:010d}"}),
    ]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with many customers, one of them erased, and keys that sign."""
    data = tmp_path_factory.mktemp("filled")
    with opened(data, "flagship") as alone:
        alone.record([news for number in range(MANY) for news in enrolled(number)])
        alone.record([News("customer.erased", "c-3", {"customer": "c-3", "keys": []})])
        make_signing_keys(alone.store, "flagship", NOW)
    return data


@pytest.fixture
def data(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    for file in filled.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
        (tmp_path / file.name).chmod(stat.S_IMODE(file.stat().st_mode))
    return tmp_path


def said(*words: str | Path) -> Result:
    """``moments`` in this process, which costs no start."""
    return CliRunner().invoke(main, list(map(str, words)))


def keys(data: Path, *words: str) -> Result:
    """``moments keys`` on this folder."""
    return said("keys", *words, "--data", data)


def rotated(data: Path) -> list[Event]:
    """What the journal says was made anew, in order; each is what the catalogue says."""
    with closing(reading(data)) as reader, closing(reader.keyring):
        events = list(journal_rows.select(reader, "WHERE type = 'keys.rotated' ORDER BY sequence"))
    for event in events:
        check(event)
    return events


def everything_is_there(data: Path) -> None:
    """Every customer opens and is found by their tag, by the newest hash; the chain holds, and the tables follow."""
    with closing(reading(data)) as reader, closing(reader.keyring):
        for number in (0, AT_ONCE, MANY - 1):
            assert (found := customers.get_customer(reader, f"c-{number}")) is not None
            assert found.name == f"Guest {number}"
            assert customers.owner_of(reader, f"em:{number:010d}") == f"c-{number}"
        assert customers.get_customer(reader, "c-3") is None
        assert reader.keyring.erased("c-3")
        hashes = {bytes(row[0]) for row in reader.conn.execute("SELECT fingerprint FROM credentials")}
        assert hashes == {reader.keyring.fingerprint(f"em:{number:010d}") for number in range(MANY) if number != 3}
    for words in (("journal", "verify"), ("journal", "rebuild", "--check")):
        ended = said(*words, "--data", data)
        assert ended.exit_code == 0, ended.output


def test_the_master_key_is_another_and_all_is_there(data: Path) -> None:
    before = (data / "master.key").read_bytes()
    ended = keys(data, "rotate", "master")
    assert ended.exit_code == 0, ended.output
    assert (data / "master.key").read_bytes() != before
    assert stat.S_IMODE((data / "master.key").stat().st_mode) == 0o600
    everything_is_there(data)
    (event,) = rotated(data)
    assert (event.data["what"], event.actor) == ("master", "command-line")
    assert keys(data, "list").stdout.splitlines()[0].startswith("master    20")
    (data / "master.key").write_bytes(before)
    with pytest.raises(WrongMasterKey):
        Keyring(data, read_only=True)


POINTS = [
    ("after", "gateway.records.rotation:_begin"),
    ("after", "gateway.records.rotation:_wrap_some"),
    ("after", "gateway.records.credentials_anew:some"),
    ("after", "gateway.records.master_key:replace_master"),
    ("before", "gateway.records.rotation:_end"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("when", "place"), POINTS, ids=lambda word: word.rpartition(":")[2])
def test_killed_in_the_middle_it_is_finished_by_the_next_and_told_once(data: Path, when: str, place: str) -> None:
    before = (data / "master.key").read_bytes()
    words = [sys.executable, "-m", "tests.killed", when, place, "keys", "rotate", "master", "--data", str(data)]
    killed = subprocess.run(words, cwd=REPOSITORY, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed
    with closing(reading(data)) as reader, closing(reader.keyring):  # as it lies there all is readable
        assert (found := customers.get_customer(reader, f"c-{MANY - 1}")) is not None
        assert customers.owner_of(reader, f"em:{MANY - 1:010d}") == found.id
        assert rotation.pending(reader.keyring) is not None
    with opened(data) as alone:
        assert rotation.finish(alone.store, lambda news: alone.record([news])) == "master"
    everything_is_there(data)
    assert len(rotated(data)) == 1
    (data / "master.key").write_bytes(before)
    with pytest.raises(WrongMasterKey):
        Keyring(data, read_only=True)


@contextmanager
def serving(data: Path, *before: str) -> Iterator[subprocess.Popen[bytes]]:
    """``moments serve`` on this folder, up; ``before`` are the words in place of ``gateway``."""
    config = data / "venue.toml"
    config.write_text(venue_toml([]), "utf-8")
    words = command_line("serve", "--config", config, "--data", data)
    words = [*words[:2], *before, *words[3:]] if before else words
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(words, cwd=REPOSITORY, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(20)


async def up(data: Path, process: subprocess.Popen[bytes]) -> None:
    """Waits until the gateway answers."""
    while True:
        assert process.poll() is None, (data / "log").read_text()
        try:
            await asyncio.to_thread(ask, data, "GET", "/api/staff")
        except NotRunning:
            await asyncio.sleep(0.05)
            continue
        return


@pytest.mark.slow
async def test_under_load_nothing_stops_and_a_kill_in_the_middle_loses_nothing(data: Path) -> None:
    acknowledged: list[str] = []

    async def load(kind: str) -> None:
        number = 0
        while True:
            id_ = f"{kind}-{number}"
            try:
                await asyncio.to_thread(ask, data, "PUT", f"/api/customers/{id_}", {"name": f"Guest {id_}"})
                tag = {"identifier": f"em:{'FA'[kind == 'b']}{number:09X}"}
                await asyncio.to_thread(ask, data, "POST", f"/api/customers/{id_}/credentials", tag)
            except (NotRunning, RuntimeError):
                return  # it was killed
            acknowledged.append(id_)
            number += 1

    async def rotate(what: str) -> None:
        await asyncio.to_thread(ask, data, "POST", "/api/keys/rotate", {"what": what})

    with serving(data) as process:
        await up(data, process)
        loading = asyncio.create_task(load("a"))
        for what in ("master", "chain", "receipts", "operator", "pins"):
            count = len(acknowledged)
            await rotate(what)
            while len(acknowledged) < count + 2:  # and it goes on
                await asyncio.sleep(0.01)
                assert not loading.done()
        process.kill()
        await loading
    with serving(data, "tests.killed", "before", "gateway.records.master_key:replace_master") as process:
        await up(data, process)
        loading = asyncio.create_task(load("b"))
        while not any(each.startswith("b-") for each in acknowledged):
            await asyncio.sleep(0.01)
        with pytest.raises(RuntimeError):
            await rotate("master")
        await loading
        assert process.wait(10) == -signal.SIGKILL
    with serving(data) as process:
        await up(data, process)
        listed = keys(data, "list").stdout
        assert "under way" not in listed
    everything_is_there_too(data, acknowledged)


def everything_is_there_too(data: Path, acknowledged: list[str]) -> None:
    """Whatever was acknowledged under load, and each rotation once."""
    with closing(reading(data)) as reader, closing(reader.keyring):
        for id_ in acknowledged:
            assert (found := customers.get_customer(reader, aliases.ours(reader, id_))) is not None, id_
            assert found.name == f"Guest {id_}"
        whose = {row[0] for row in reader.conn.execute("SELECT customer FROM credentials")}
        assert whose >= {aliases.ours(reader, id_) for id_ in acknowledged}
    for words in (("journal", "verify"), ("journal", "rebuild", "--check")):
        ended = said(*words, "--data", data)
        assert ended.exit_code == 0, ended.output
    made = [event.data["what"] for event in rotated(data)]
    assert made == ["master", "chain", "receipts", "operator", "pins", "master"]


def test_a_new_operators_key_is_certified_by_the_old_one_and_the_house_by_the_new(data: Path) -> None:
    old = json.loads(keys(data, "export").stdout)
    assert keys(data, "rotate", "operator").exit_code == 0
    new = json.loads(keys(data, "export").stdout)
    first, second = new["operators"]
    assert (first["key"], first["until"] is None) == (old["operators"][0]["key"], False)
    assert certifies(first["key"], second["crossed"])
    assert certifies(second["key"], new["keys"][-1])
    assert trust.read(old).operator(kid_of(unb64(second["key"])), [second["crossed"]]) is not None
    with closing(reading(data)) as reader, closing(reader.keyring):
        private = reader.keyring.select("SELECT kid FROM receipt_keys WHERE wrapped IS NOT NULL")
        assert {row[0] for row in private} == {second["kid"], new["keys"][-1]["cert"]["kid"]}, "old halves are gone"
        signer = receipt_keys.signer(reader.keyring)
        assert signer.keys[1] == {"operator": second["key"], "kid": second["kid"]}


def test_a_stolen_key_is_exported_with_where_the_journal_stood(data: Path) -> None:
    ended = keys(data, "rotate", "receipts", "--stolen-at", "2100-01-01T00:00:00Z")
    assert ended.exit_code == 0, ended.output
    with closing(reading(data)) as reader, closing(reader.keyring):
        events = reader.conn.execute("SELECT count(*) FROM journal").fetchone()[0] - 1  # that of the rotation
    old, new = json.loads(keys(data, "export").stdout)["keys"]
    assert old["stolen"]["head"] == {"venue": "flagship", "epoch": 1, "position": events}
    assert new["stolen"] is None


def test_an_exported_key_is_public_and_a_folder_without_keys_says_so(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "keys.json"
    assert keys(data, "export", "--out", str(out)).exit_code == 0
    assert set(json.loads(out.read_text())) == {"format", "operators", "keys"}
    with closing(reading(data)) as reader, closing(reader.keyring):
        private = receipt_keys.signer(reader.keyring).private
    for file in data.rglob("*"):
        if file.is_file():
            raw = file.read_bytes()
            assert private not in raw
            assert private.hex().encode() not in raw
    empty = tmp_path / "empty"
    Store.open(empty, source="/venues/empty").close()
    ended = keys(empty, "export")
    assert (ended.exit_code, "when the gateway starts" in ended.stderr) == (1, True)


def test_a_customer_has_another_key_and_an_erasure_destroys_both(data: Path) -> None:
    with closing(reading(data)) as reader, closing(reader.keyring):
        before = reader.keyring.ids_of("c-1")
    assert keys(data, "rotate", "customer", "c-1").exit_code == 0
    assert keys(data, "rotate", "customer", "nobody").exit_code == 1
    assert keys(data, "rotate", "customer").exit_code == 2
    with opened(data) as alone:
        both = alone.store.keyring.ids_of("c-1")
        assert (len(before), len(both), both[0]) == (1, 2, before[0])
        changed = {"customer": "c-1", "changed": {"name": "Other"}, "was": {"name": "Guest 1"}, "source": "staff"}
        alone.record([News("customer.changed", "c-1", changed)])
        sealed = alone.store.reader.conn.execute("SELECT sealed FROM customers WHERE id = 'c-1'").fetchone()[0]
        assert sealed[1:9].hex() == both[1], "what is new is sealed with the new key"
        alone.record([News("customer.erased", "c-1", {"customer": "c-1", "keys": []})])
        assert alone.store.keyring.ids_of("c-1") == []
        assert all(alone.store.keyring.destroyed(bytes.fromhex(each)) for each in both)


def test_what_cannot_be_made_anew_here_is_said_in_words(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = data / "venue.toml"
    config.write_text(venue_toml([]), "utf-8")
    for what, words in (("ca", "certificate authority"), ("broker", "no broker of ours")):
        ended = keys(data, "rotate", what, "--config", str(config))
        assert (ended.exit_code, words in ended.stderr) == (1, True), ended.output
    credentials = data / "credentials"
    credentials.mkdir()
    (credentials / "master-key").write_bytes((data / "master.key").read_bytes())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    ended = keys(data, "rotate", "master")
    assert (ended.exit_code, "credential of the system" in ended.stderr) == (1, True), ended.output


def test_what_stands_at_the_doors_is_made_anew_and_a_password_is_said_once(data: Path) -> None:
    config = data / "venue.toml"
    config.write_text(venue_toml([]) + '\n[mqtt]\nurl = "embedded"\n\n[home_assistant]\n', "utf-8")
    ended = keys(data, "rotate", "broker", "--config", str(config))
    assert ended.exit_code == 0, ended.output
    name, password = ended.stdout.split()
    assert (name, len(password)) == ("home-assistant", 32)
    assert password not in (data / "broker" / "users.json").read_text()
    write_authority(data, (old := new_authority("flagship", ["localhost"], datetime.now(UTC))))
    ended = keys(data, "rotate", "ca", "--config", str(config))
    assert ended.exit_code == 0, ended.output
    new = read_authority(data)
    assert new is not None
    assert (old.fingerprint in ended.stdout, new.fingerprint in ended.stdout) == (True, True)
    assert old.fingerprint != new.fingerprint
    assert [event.data["what"] for event in rotated(data)] == ["broker", "ca"]

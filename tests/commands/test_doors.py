"""``moments tls show``, ``moments reader password``, what ``check`` says of open doors, and what ``serve`` refuses."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from pathlib import Path

import pytest

from gateway.operations import broker_users
from tests.commands.folder import told
from tests.console.served import config as served_config
from tests.console.served import served
from tests.program import moments, run

VENUE = """
[venue]
id = "flagship"
name = { en = "Flagship" }

[console]
listen = "127.0.0.2:0"

[mqtt]
url = "embedded"

[[zones]]
id = "bar"
name = { en = "Bar" }

[[readers]]
id = "phones"
driver = "espresense"
link = "espresense"
role = "zone"
rooms = { bar = "bar" }
"""


@pytest.fixture
def venue(tmp_path: Path) -> Path:
    file = tmp_path / "venue.toml"
    file.write_text(VENUE)
    return file


def test_a_reader_s_password_is_shown_once_and_kept_as_a_hash(venue: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    words = ("reader", "password", "phones", "--config", venue, "--data", data)
    first, second = run(*words), run(*words)
    assert (first.code, second.code) == (0, 0), first
    users = [out.out.split() for out in (first, second)]
    assert [user for user, _ in users] == ["bar@phones"] * 2
    assert users[0][1] != users[1][1]
    kept = data / "broker" / "users.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(json.loads(kept.read_text())) == ["bar@phones"]
    events = told(data)
    assert [(each.type, each.data["users"]) for each in events] == [("reader.password_made", ["bar@phones"])] * 2
    everything = b"".join(file.read_bytes() for file in data.rglob("*") if file.is_file())
    assert not [password for _, password in users if password.encode() in everything]
    unknown = run("reader", "password", "door", "--config", venue, "--data", data)
    assert (unknown.code, "its users are: bar@phones" in unknown.err) == (1, True)


async def test_the_same_through_a_gateway_that_runs_and_it_says_how_it_is_trusted(tmp_path: Path) -> None:
    phones = {"id": "phones", "driver": "espresense", "link": "espresense", "role": "zone", "zone": "bar"}
    own = served_config(console={"listen": "127.0.0.2:0"}, readers=[phones], mqtt={"url": "embedded"})
    file = tmp_path / "venue.toml"
    file.write_text(VENUE)
    async with served(tmp_path / "data", own) as house:
        made = await moments("reader", "password", "phones", "--config", file, "--data", tmp_path / "data")
        assert made.code == 0, made
        assert made.out.split()[0] == "phones"
        assert "phones" in broker_users.hashes(tmp_path / "data")
        it = await house.local()
        assert (await it.post("/api/readers/nobody/password")).status_code == 404
        trust = (await it.get("/api/trust")).json()
        assert trust["own"]
        assert trust["page"] == house.running.doors.trust_url
        assert trust["picture"].startswith("data:image/svg+xml")
        shown = await moments("tls", "show", "--config", file, "--data", tmp_path / "data")
        assert shown.code == 0, shown
        assert trust["fingerprint"] in shown.out
        assert trust["page"] in shown.out
        assert trust["until"][:10] in shown.out


def test_without_tls_of_its_own_it_says_why(venue: Path, tmp_path: Path) -> None:
    none_yet = run("tls", "show", "--config", venue, "--data", tmp_path / "data")
    assert (none_yet.code, "when it starts" in none_yet.err) == (1, True)
    venue.write_text(VENUE.replace("127.0.0.2:0", "127.0.0.1:0"))
    here = run("tls", "show", "--config", venue, "--data", tmp_path / "data")
    assert (here.code, "only programs of this machine reach it" in here.out) == (0, True)


def test_serve_is_not_open_to_the_network_unless_told_in_so_many_words(venue: Path, tmp_path: Path) -> None:
    for change, words in (
        ('listen = "0.0.0.0:0"\nbehind_proxy = true', "anybody on this network can read names and PINs"),
        ('listen = "0.0.0.0:0"\nunencrypted = "true"', "anybody on this network can read names and PINs"),
    ):
        venue.write_text(VENUE.replace('listen = "127.0.0.2:0"', change))
        refused = run("serve", "--config", venue, "--data", tmp_path / "data")
        assert (refused.code, words in refused.err) == (2, True), refused
    plain = 'url = "embedded"\nlisten_plain = "0.0.0.0:1884"'
    venue.write_text(VENUE.replace('url = "embedded"', plain))
    refused = run("serve", "--config", venue, "--data", tmp_path / "data")
    assert (refused.code, "anybody on this network can read and forge" in refused.err) == (2, True), refused


def test_check_says_what_is_open_and_what_others_may_read(venue: Path, tmp_path: Path) -> None:
    words = "anybody on this network can read names and PINs"
    data = tmp_path / "data"
    (data / "tls").mkdir(parents=True)
    secret = data / "tls" / "console.pem"
    secret.write_text("secret")
    secret.chmod(0o644)
    data.chmod(0o755)
    open_ = VENUE.replace('listen = "127.0.0.2:0"', f'listen = "0.0.0.0:0"\nunencrypted = "{words}"')
    venue.write_text(open_.partition("[mqtt]")[0])
    said = run("check", "--config", venue, "--data", data, "--seconds", "0.1")
    assert said.code == 1
    assert (
        f"FAIL console (http, 0.0.0.0:0): the console is open to the network without TLS on 0.0.0.0:0: {words}"
        in said.out
    )
    assert f"others on this machine may read {secret} (mode 0644); type: chmod 0700 {data}" in said.out
    data.chmod(0o700)
    wide = VENUE.replace('url = "embedded"', 'url = "embedded"\nlisten = "127.0.0.2:18884"')
    venue.write_text(wide)
    lacking = run("check", "--config", venue, "--data", data, "--seconds", "0.1")
    assert "no password yet for bar@phones: moments reader password ID" in lacking.out
    venue.write_text(VENUE.partition("[mqtt]")[0])
    well = run("check", "--config", venue, "--data", data, "--seconds", "0.1")
    assert well.code == 0, well


async def test_a_port_that_is_taken_for_the_page_of_new_tablets_is_named(venue: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.2", 0)) as taken:
        port = taken.getsockname()[1]
        at = f'listen = "127.0.0.2:0"\ntrust_page = "127.0.0.2:{port}"'
        venue.write_text(VENUE.replace('listen = "127.0.0.2:0"', at).partition("[mqtt]")[0])
        refused = await asyncio.to_thread(run, "serve", "--config", venue, "--data", tmp_path / "data")
    assert refused.code == 1, refused
    assert f"[console] trust_page: 127.0.0.2:{port} cannot be had" in refused.err

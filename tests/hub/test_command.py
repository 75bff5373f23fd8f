"""``moments hub``: its settings and its commands."""

from __future__ import annotations

import json
import re
import resource
import socket
from pathlib import Path

import pytest

from gateway.settings.hub import parse
from gateway.settings.mistakes import BadConfig
from tests.hub.program import Program
from tests.program import run

HUB = {"id": "maison", "name": {"en": "Maison"}}


def wrong(**tables: object) -> str:
    with pytest.raises(BadConfig) as bad:
        parse({"hub": HUB, **tables})
    return str(bad.value)


def test_the_settings_have_defaults_and_refuse_what_they_do_not_know() -> None:
    found = parse({"hub": HUB})
    assert (found.hub.host, found.hub.port, found.store.embedded) == ("127.0.0.1", 8443, True)
    assert (found.hub.lease_days, found.hub.tail_days, found.hub.handshakes_per_s) == (30, 60, 50)
    assert "did you mean 'listen'" in wrong(hub={**HUB, "lissten": "127.0.0.1:1"})
    assert "postgresql://user@host/database" in wrong(store={"url": "mysql://x/y"})
    assert "stands twice" in wrong(brands=[{"id": "a"}, {"id": "a"}])


def test_a_hub_is_not_open_to_a_network_without_tls() -> None:
    assert "expected tls, or behind_proxy" in wrong(hub={**HUB, "listen": "0.0.0.0:8443"})
    assert parse({"hub": {**HUB, "listen": "0.0.0.0:8443", "behind_proxy": True}}).hub.behind_proxy
    words = wrong(hub={**HUB, "listen": "0.0.0.0:8443", "tls": {"cert": "no.pem", "key": "no.key"}})
    assert "no such file" in words


def test_a_password_stands_in_no_file_and_in_no_message() -> None:
    words = wrong(store={"url": "postgresql://moments:hunter2@db/moments"})
    assert "MOMENTS_HUB_STORE_PASSWORD" in words
    assert "hunter2" not in words


def test_an_invitation_is_printed_alone_so_that_it_can_be_read_out(tmp_path: Path) -> None:
    program = Program(tmp_path)
    assert re.fullmatch(r"(?:[A-Z2-7]{4}-){4}[0-9A-F]{4}-[0-9A-F]{4}", program.invite("flagship"))
    before = run("hub", "--config", program.config, "--data", program.data, "invite", "lounge")
    assert before.code == 0, before
    assert before.out.strip()[-9:] == program.invite("lounge")[-9:]
    done = program.command("invite", "a venue")
    assert (done.code, "no venue's id" in done.err) == (2, True)


def test_a_house_with_several_brands_asks_for_one(tmp_path: Path) -> None:
    program = Program(tmp_path, brands='[[brands]]\nid = "borealis"\n')
    done = program.command("invite", "flagship")
    assert (done.code, "--brand borealis" in done.err) == (2, True)
    assert program.command("invite", "flagship", "--brand", "borealis").code == 0
    assert program.command("invite", "flagship", "--brand", "other").code == 2


def test_check_says_what_is_there_and_an_unreachable_store_is_said(tmp_path: Path) -> None:
    done = Program(tmp_path / "one").command("check")
    assert (done.code, "all is well" in done.out) == (0, True)
    pytest.importorskip("asyncpg", reason="the extra 'postgres' is not installed")
    gone = Program(tmp_path / "two", f"postgresql://moments@/moments?host={tmp_path}").command("check")
    assert (gone.code, "the store cannot be reached" in gone.err) == (1, True)
    assert Program(tmp_path / "three", more="hat = 1").command("check").code == 2


def test_a_hub_makes_room_for_a_connection_of_every_venue(tmp_path: Path) -> None:
    program = Program(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        program.start()
        [process] = program.processes
        now, _ = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        program.stop()
    assert now >= min(hard if hard != resource.RLIM_INFINITY else 16_384, 16_384)


def test_an_address_that_is_taken_is_said(tmp_path: Path) -> None:
    program = Program(tmp_path)
    with socket.create_server(("127.0.0.1", program.port)):
        done = run("hub", "--config", program.config, "--data", program.data)
    assert (done.code, f"[hub] listen: 127.0.0.1:{program.port} cannot be had" in done.err) == (1, True)


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    program = Program(tmp_path)
    assert program.command("boxes").out == ""
    assert program.command("revoke", "no-such-box").code == 1
    done = program.command("receipt", "no-such-erasure")
    assert (done.code, "no such erasure" in done.err) == (1, True)
    assert "dark at once" in program.command("rewrap").err


def test_the_documents_of_the_command_name_every_command() -> None:
    page = (Path(__file__).parents[2] / "docs" / "hub.md").read_text("utf-8")
    done = run("hub", "--help")
    commands = re.findall(r"^  (\w[\w-]*)  ", done.out.partition("Commands:")[2], re.MULTILINE)
    assert len(commands) >= 5
    assert [each for each in commands if f"`moments hub {each}" not in page] == []
    assert json.dumps(commands)

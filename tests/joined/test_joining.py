"""Joining a house by an invitation: what is refused, in which words, and what is said of a hub that is not reached."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import ssl
import stat
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.hub import invitations
from gateway.hub.wire import b64
from gateway.joined import boxes, signing
from gateway.joined.calling import Answered, Unreached, post, trust
from gateway.joined.health import LinkHealth
from gateway.joined.link import Pause
from gateway.joined.standing import Standing
from gateway.records.errors import Damaged
from gateway.records.sqlite_file import sqlite3
from gateway.settings.mistakes import BadConfig
from gateway.settings.venue import parse
from tests.certificates import Authority
from tests.console.served import config as settings
from tests.hub.program import Program, hub
from tests.joined.machine import Machine

NAMED = {"url": "https://hub.example.com", "brand": "aurelia"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """A hub that serves."""
    with hub(tmp_path_factory.mktemp("hub")) as program:
        yield program


def test_a_box_joins_keeps_its_keys_to_itself_and_leaves(served: Program, tmp_path: Path) -> None:
    machine = Machine(tmp_path, "joining", served.url)
    done = machine.join(f"{served.url}/", served.invite("joining").lower())
    assert done.code == 0, done
    box = boxes.read(machine.data)
    assert box is not None
    assert (box.venue, box.hub, box.url) == ("joining", "maison", served.url)
    assert box.id in done.out
    kept = machine.data / boxes.BOX_FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    again = machine.join(served.url, served.invite("joining"))
    assert (again.code, "has joined" in again.err) == (1, True), again
    left = machine.types("leave", "--data", str(machine.data))
    assert (left.code, f"moments hub revoke {box.id}" in left.out) == (0, True), left
    assert not kept.exists()
    assert machine.types("leave", "--data", str(machine.data)).code == 1


def test_a_box_without_the_table_is_told_what_to_add(served: Program, tmp_path: Path) -> None:
    done = Machine(tmp_path, "tableless").join(served.url, served.invite("tableless"))
    assert (done.code, f'url = "{served.url}"' in done.err) == (0, True), done


def test_an_invitation_that_is_not_good_is_refused_in_words_that_say_which(served: Program, tmp_path: Path) -> None:
    code = served.invite("wanted")
    secret, fingerprint = code[:19], code[20:]
    assert "six groups of four" in Machine(tmp_path / "0").join(served.url, "ABCD").err
    forged = Machine(tmp_path / "1", "wanted").join(served.url, f"AAAA-{secret[5:]}-{fingerprint}")
    assert (forged.code, "none of this hub's" in forged.err) == (1, True), forged
    other = Machine(tmp_path / "2", "another").join(served.url, code)
    assert (other.code, "is not proved" in other.err) == (1, True), other
    assert Machine(tmp_path / "3", "wanted").join(served.url, code).code == 0
    used = Machine(tmp_path / "4", "wanted").join(served.url, code)
    assert (used.code, "was used already" in used.err) == (1, True), used
    late = served.invite("late")
    with closing(sqlite3.connect(served.data / "hub.db", timeout=40)) as db, db:
        db.execute("UPDATE invitations SET until = ? WHERE venue = 'late'", (int(time.time() * 1000) - 1,))
    old = Machine(tmp_path / "5", "late").join(served.url, late)
    assert (old.code, "older than 15 minutes" in old.err) == (1, True), old
    assert not any((tmp_path / name / "data" / boxes.BOX_FILE).exists() for name in "01245")


def test_a_hub_with_another_fingerprint_is_refused(served: Program, tmp_path: Path) -> None:
    code = served.invite("careful")
    turned = code[:-1] + ("0" if code[-1] != "0" else "1")
    done = Machine(tmp_path, "careful").join(served.url, turned)
    assert (done.code, "another hub" in done.err) == (1, True), done
    assert not (tmp_path / "data" / boxes.BOX_FILE).exists()


async def test_whoever_answers_an_invitation_hears_neither_its_secret_nor_a_box_without_tls(tmp_path: Path) -> None:
    secret, asked = invitations.new_secret(), bytearray()
    keys = boxes.new_keys()
    code = invitations.code(secret, keys.public[0])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        asked.extend(head + await reader.readexactly(size))
        other = dict(zip(("sign", "open"), (b64(each) for each in boxes.new_keys().public), strict=True))
        said = json.dumps({"box": "b", "hub": "maison", "keys": other}).encode()
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%b" % (len(said), said))
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(signing.AnotherHub):
            await signing.join(url, code, "flagship", "Flagship", keys, context=None, now=0.0)
    said = asked.decode().lower()
    assert invitations.id_of(secret) in said
    for never in (secret.hex(), b64(secret), base64.b32encode(secret).decode(), code, code.replace("-", "")):
        assert never.lower() not in said
    for plain in ("http://hub.example.com", "http://192.168.7.3:8443"):
        refused = await asyncio.to_thread(Machine(tmp_path / plain[7:10], "flagship").join, plain, code)
        assert (refused.code, "without TLS" in refused.err) == (2, True), refused


def test_keys_may_come_as_a_credential_and_stand_in_no_file_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = boxes.new_keys()
    raw = made.sign.private_bytes_raw() + made.open.private_bytes_raw()
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / boxes.CREDENTIAL).write_text(raw.hex())
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "credentials"))
    keys = boxes.new_keys()
    assert keys.public == made.public
    boxes.keep(tmp_path, boxes.Box("b", "flagship", "maison", "http://127.0.0.1:1", b"s" * 32, b"o" * 32, keys))
    assert "keys" not in json.loads((tmp_path / boxes.BOX_FILE).read_text())
    found = boxes.read(tmp_path)
    assert found is not None
    assert found.keys.public == made.public
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(Damaged, match="credential"):
        boxes.read(tmp_path)


def test_the_table_is_checked(tmp_path: Path) -> None:
    assert settings(hub=NAMED).hub is not None
    for wrong, words in {
        "http://hub.example.com": "without TLS",
        "https://me:secret@hub.example.com": "by its own key",
        "ftp://hub": "expected https://host",
    }.items():
        with pytest.raises(BadConfig, match=words):
            settings(hub={**NAMED, "url": wrong})
    with pytest.raises(BadConfig, match="no such file"):
        parse({"venue": {"id": "v", "name": {"en": "V"}}, "hub": {**NAMED, "ca": "no.pem"}}, tmp_path / "venue.toml")
    with pytest.raises(BadConfig, match="scope"):
        settings(hub={**NAMED, "scope": "everybody"})


@asynccontextmanager
async def with_certificate(folder: Path, days: int) -> AsyncIterator[tuple[str, str]]:
    """A server with a certificate that is good for so many days, and the authority that vouches for it."""
    authority = Authority(folder)
    paper = authority.vouch("hub", days=days)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(paper.cert, paper.key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nnope!\r\n0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}", str(authority.file)


async def test_a_certificate_that_is_over_by_our_clock_is_said_so(tmp_path: Path) -> None:
    now = datetime(2027, 11, 28, tzinfo=UTC).timestamp()
    async with with_certificate(tmp_path, -5) as (url, ca):
        with pytest.raises(Unreached) as refused:
            await post(f"{url}/hub/v1/challenge", {}, context=trust(url, ca), now=now)
        words = "The hub's certificate is not valid at this box's time (2027-11-28). Is the clock right?"
        assert str(refused.value) == words
    standing = Standing(joined=True, fault=words, heard_at=now)
    assert LinkHealth(standing, now, lambda: 0).why(now) == [words]


async def test_what_is_no_hub_is_said_so(tmp_path: Path) -> None:
    async with with_certificate(tmp_path, 5) as (url, ca):
        with pytest.raises(Answered, match="no answer of a hub") as refused:
            await post(f"{url}/x", {}, context=trust(url, ca), now=0.0)
        assert refused.value.code == ""
        with pytest.raises(Unreached, match="not to be trusted"):
            await post(f"{url}/x", {}, context=trust(url, None), now=0.0)
        named = url.replace("127.0.0.1", "localhost")  # of which the certificate says nothing
        with pytest.raises(Unreached, match="not to be trusted"):
            await post(f"{named}/x", {}, context=trust(named, ca), now=0.0)
    with pytest.raises(Unreached, match="not reached"):
        await post(f"{url}/x", {}, context=None, now=0.0)


def test_who_was_cut_off_comes_back_spread_over_what_the_hub_said() -> None:
    pause = Pause(chance=lambda: 1.0)
    assert [pause.after(60.0) for _ in range(4)] == [60.0, 120.0, 240.0, 300.0]
    pause.begin()
    assert pause.after(60.0, at_least=5.0) == 65.0
    rolled = [Pause(random.Random(seed).random).after(60.0) for seed in range(50)]
    assert (min(rolled) < 10.0, max(rolled) > 50.0) == (True, True)


def test_health_says_what_it_is_told_and_a_lost_link_after_ten_minutes() -> None:
    standing = Standing(joined=True, fault="the hub does not answer", heard_at=1_800_000_000.0)
    health = LinkHealth(standing, 1_800_000_000.0, lambda: 0)
    assert health.why(1_800_000_500.0) == []
    assert health.why(1_800_000_700.0) == [
        "not heard from the hub since 2027-01-15T08:00:00.000Z: the hub does not answer"
    ]
    words = {"en": "This box's clock is 9,999 s ahead", "zh-CN": "快"}
    standing.connected, standing.fault = True, None
    standing.told["clock-ahead"] = {"words": words, "since": "2027-01-15T08:00:00.000Z"}
    standing.told["fork"] = {"words": {"en": "restored"}, "since": "2027-01-15T08:00:00.000Z"}
    assert health.why(1_800_000_700.0) == [words["en"], "restored"]
    assert [each["code"] for each in health.report(1_800_000_000.0 + 90_000)["told"]] == ["clock-ahead"]


def test_health_counts_the_rows_that_the_hub_has_not_as_they_are_written_with_a_link_or_without() -> None:
    rows = iter((30, 30, 37))
    standing = Standing(joined=True)
    health = LinkHealth(standing, 0.0, lambda: next(rows))
    assert health.report(0.0)["behind"] is None
    standing.sent, standing.connected = 30, True
    assert health.report(0.0)["behind"] == 0
    standing.sent = 29
    assert health.report(0.0)["behind"] == 1
    standing.connected = False
    assert health.report(0.0)["behind"] == 8

"""What somebody tries who means harm, over real sockets: each is stopped, and everybody else is served meanwhile."""

from __future__ import annotations

import asyncio
import bz2
import io
import json
import os
import struct
import zipfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from gateway.console import guesses, limits
from gateway.console.limits import BIGGEST_BODY
from tests.console.served import FOB, PIN, Served, config, served
from tests.console.test_doors import raw
from tests.records.test_exchange import HEADER
from tests.story.venue import answered

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]

PRIVACY = {"controller": {"name": "Bund House", "address": "1 Bund", "contact": "privacy@example.com"}}
CSV = {"Content-Type": "text/csv"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("attacked"), config(privacy=PRIVACY)) as house:
        await house.hire("anna", "ben")
        await house.hire("mei", roles=("manager",))
        await house.enrol("chen")
        await house.enrol("hale", "em:0700C4A92F")
        yield house


async def serves(house: Served) -> None:
    """Everybody else is answered."""
    async with asyncio.timeout(40):
        assert (await (await house.client()).get("/health")).status_code == 200


# --- who signs in ----------------------------------------------------------------------------------------------------


async def test_a_pin_is_not_guessed_from_many_addresses_and_its_owner_signs_in_meanwhile(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna", "ben")
        hers = await house.signs_in("anna")
        most, addresses = guesses.OF_STRANGERS + 10, guesses.OF_STRANGERS // guesses.FIRST_OF_ONE + 1
        clock = guesses_clock(house)
        tried = []
        for number in range(most):
            clock[0] += 20  # so that no address waits for its own
            thief = await house.client_at(f"127.0.7.{number % addresses + 1}")
            answer = await thief.post("/api/sign-in", json={"staff": "anna", "pin": f"9{number:03}"})
            tried.append(answer.status_code)
        assert tried.count(401) <= addresses * guesses.FIRST_OF_ONE
        assert tried[-5:] == [429] * 5
        assert "devices that are not known here" in answer.json()["detail"]
        right = await thief.post("/api/sign-in", json={"staff": "anna", "pin": PIN})
        assert right.status_code == 429, "nor is the right one looked at"
        assert (await hers.post("/api/sign-in", json={"staff": "anna", "pin": PIN})).status_code == 200
        new = await house.client_at("127.0.9.1")
        assert (await new.post("/api/sign-in", json={"staff": "anna", "pin": PIN})).status_code == 200, "her new phone"


def guesses_clock(house: Served) -> list[float]:
    """The time by which the gateway counts guesses, for a test to move."""
    clock = [0.0]
    found: guesses.Guesses = house.running.front.app.state.guesses
    found._now = lambda: clock[0]
    return clock


NEARLY = ("ANNA", "Anna", "\uff41nna", "\u0430nna", "a\u0301nna", "ann\u00aa", "anna/../ben", "anna%20")
SPELT = ("anna\u200b", "anna\0", "anna ", " anna", "an\u00adna", "anna\u202e")
"""What nobody can see in a name is taken out at every door: these are Anna, and count as hers."""
OTHER_DIGITS = ("\uff12\uff14\uff16\uff18", "\u0662\u0664\u0666\u0668", "2468 ", "02468", "2468\0", "\ud800")


async def test_a_name_or_a_pin_that_only_looks_the_same_opens_nothing(house: Served) -> None:
    for number, (name, pin) in enumerate(
        [*((each, PIN) for each in NEARLY), *(("anna", each) for each in OTHER_DIGITS)]
    ):
        thief = await house.client_at(f"127.0.8.{number + 1}")
        body = json.dumps({"staff": name, "pin": pin}).encode()
        answer = await thief.post("/api/sign-in", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (401, 422), (name, pin)
        assert "set-cookie" not in answer.headers
    thief = await house.client_at("127.0.8.200")
    tried = [await thief.post("/api/sign-in", json={"staff": each, "pin": "9753"}) for each in ("anna", *SPELT)]
    assert [each.status_code for each in tried] == [401, *[429] * len(SPELT)], "another spelling is no other try"


async def test_nobody_new_is_called_so_that_a_colleague_would_be_read(house: Served) -> None:
    boss, facts = await house.client("manager"), {"name": "Somebody", "roles": ["floor"]}
    for same in ("\u0430nna", "\uff41nna", "ann\u03b1", "b\u0435n"):
        refused = await boss.put(f"/api/staff/{same}", json=facts)
        assert (refused.status_code, "looks like" in refused.text) == (409, True), refused.text
    for other in ("\u674e\u5a1c", "\u0430\u043d\u043d\u0430", "anne"):
        assert (await boss.put(f"/api/staff/{other}", json=facts)).status_code == 201, other
    assert (await boss.put("/api/staff/anna", json={**facts, "name": "Anna"})).status_code == 200


async def test_a_wrong_pin_costs_the_same_whoever_it_is_tried_at(
    house: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time tells nobody who works here, nor who has a PIN: the same work is done, whatever comes of it."""
    await answered((await house.client("manager")).put("/api/staff/nopin", json={"name": "No", "roles": ["floor"]}))
    done: list[str] = []
    real = PasswordHasher.verify

    def verify(self: PasswordHasher, hash: Any, password: Any) -> Any:  # noqa: A002
        done.append("$".join(str(hash).split("$")[:4]))
        return real(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    for number, who in enumerate(("anna", "nopin", "nobody-here")):
        thief = await house.client_at(f"127.0.10.{number + 1}")
        assert (await thief.post("/api/sign-in", json={"staff": who, "pin": "9753"})).status_code == 401
    assert len(done) == 3
    assert len(set(done)) == 1, "by the same parameters"


# --- what is sent ----------------------------------------------------------------------------------------------------


def bombs() -> dict[str, bytes]:
    """Files of customers that are meant to take a machine down."""
    most = BIGGEST_BODY - 1_000
    return {
        "columns": b"a," * (most // 2),
        "columns of the same name": b"customer," * (most // 9),
        "columns of many names": b",".join(b"%x" % number for number in range(most // 6)),
        "one field": HEADER.encode() + b"\n" + b"x" * most,
        "an unclosed quote": HEADER.encode() + b'\n"' + b"x,\n" * (most // 3),
        "rows": HEADER.encode() + b"\n" * most,
        "cells": HEADER.encode() + b"\n" + b"," * most,
        "identifiers": HEADER.encode() + b"\nx,X,,,,,," + b";".join(b"em:%010x" % n for n in range(most // 14)) + b",",
        "signs": "".join(chr(number) for number in range(0x2000, 0xD000)).encode(),
    }


@pytest.mark.parametrize("bomb", [*bombs()])
async def test_no_file_of_customers_takes_the_house_down(house: Served, bomb: str) -> None:
    boss = await house.client("manager")
    answer = await boss.post("/api/imports?dry_run=1", content=bombs()[bomb], headers=CSV)
    assert answer.status_code in (200, 422), answer.text[:200]
    assert len(answer.content) < 64 * BIGGEST_BODY
    await serves(house)


def zipped(how: int, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as made:
        made.writestr("person.json", content)
    return out.getvalue()


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
async def test_a_file_that_unpacks_at_once_to_whatever_is_in_it_is_not_unpacked(
    house: Served, how: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> Any:
        raise AssertionError("it was unpacked")

    bomb = zipped(how, b"[" * 2_000_000)
    assert len(bomb) < 3_000, "a gigabyte would be a megabyte"
    monkeypatch.setattr(bz2, "BZ2Decompressor", never)
    monkeypatch.setattr(zipfile, "_get_decompressor", never)
    boss, why = await house.client("manager"), {"reason": "they are back"}
    answer = await boss.post(
        "/api/customers/import", params=why, content=bomb, headers={"Content-Type": "application/zip"}
    )
    assert (answer.status_code, "is packed in a way that is not read here" in answer.text) == (422, True), answer.text


async def test_json_that_is_deep_or_says_things_twice_is_refused_at_once(house: Served) -> None:
    boss = await house.client("manager")
    deep, zip_ = "[" * 4_000, {"Content-Type": "application/zip"}
    answer = await boss.post(
        "/api/customers/import", params={"reason": "back", "trust": deep}, content=b"PK", headers=zip_
    )
    assert answer.status_code == 422
    floor = await house.client("floor", "anna")
    members = ",".join(f'"{number:x}":0' for number in range(20_000))
    for text in (f'{{{members},"4e1f":0}}', "[" * 100_000, '{"proof":' * 10_000, "MOM1:" + "A" * 200_000):
        answer = await floor.post("/api/receipts/verify", json={"text": text})
        assert answer.status_code == 422, answer.text[:200]
    for body in (b'{"staff":' * 20_000, b"9" * 200_000, b'{"pin":' + b"1" * 200_000 + b"}", b'{"staff":1e999999}'):
        answer = await boss.post("/api/sign-in", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), answer.text[:200]
    await serves(house)


# --- how it is sent --------------------------------------------------------------------------------------------------

SMUGGLED = b"GET /asyncapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
TWICE = [
    b"Content-Length: 0\r\nContent-Length: 50\r\n",
    b"Content-Length: +50\r\n",
    b"Content-Length: 50, 51\r\n",
    b"Content-Length: 0x32\r\n",
    b"Content-Length: 5_0\r\n",
    b"Content-Length: -1\r\n",
    b"Content-Length : 50\r\n",
    b"Transfer-Encoding : chunked\r\n",
    b"Transfer-Encoding: xchunked\r\n",
    b"Transfer-Encoding: chunked, identity\r\n",
    b"Transfer-Encoding: identity, chunked\r\n",
    b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    b"Transfer-Encoding:\x0bchunked\r\nContent-Length: 50\r\n",
    b"X: y\rTransfer-Encoding: chunked\r\n",
    b"X\0: y\r\n",
    b"Host: evil.example\r\n",
]


@pytest.mark.parametrize("header", TWICE)
async def test_no_request_hides_behind_another_that_is_read_in_two_ways(house: Served, header: bytes) -> None:
    head = b"POST /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    status, answer = await asyncio.to_thread(raw, house.url, head + header + b"\r\n" + SMUGGLED + SMUGGLED)
    assert 400 <= status <= 501, answer[:300]
    assert b"asyncapi" not in answer, "what was behind it was answered"


UPGRADE = b"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: "
LAST = b"GET /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
BEHIND = {
    "a body that is refused unread": b"POST /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\n"
    b"Content-Length: %d\r\n\r\n" % len(SMUGGLED),
    "a body of a read": b"GET /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED),
    "a body that waits for leave": b"POST /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED),
    "a tunnel that was refused": UPGRADE + b"websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 777\r\n\r\n",
    "a tunnel of nobody": UPGRADE + b"websocket\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "another protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an upgrade to it": UPGRADE + b"h2c\r\n"
    b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED),
    "an old version that stays": b"GET / HTTP/1.0\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED),
    "no version": b"GET /api/sign-in\r\n",
}  # fmt: skip


async def test_what_stands_behind_a_whole_request_is_one_and_would_be_seen(house: Served) -> None:
    _, answer = await asyncio.to_thread(raw, house.url, LAST.replace(b"Connection: close\r\n", b"") + SMUGGLED + LAST)
    assert b"asyncapi" in answer


@pytest.mark.parametrize("first", BEHIND)
async def test_what_stands_in_a_body_or_behind_a_tunnel_is_no_request(house: Served, first: str) -> None:
    status, answer = await asyncio.to_thread(raw, house.url, BEHIND[first] + SMUGGLED + LAST)
    assert status < 500 or status == 505, answer[:300]
    assert b"asyncapi" not in answer, "what was behind it was answered"


@pytest.mark.parametrize("size", [b"ffffffffffffffff1", b"-1", b"0x5", b"5;" + b"x" * 70_000, b"5\n", b" 5"])
async def test_a_chunk_of_an_absurd_size_ends_the_connection(
    house: Served, size: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BODY_WITHIN", 0.5)
    head = (
        b"POST /api/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    status, answer = await asyncio.to_thread(raw, house.url, head + size + b"\r\n{}\r\n0\r\n\r\n" + SMUGGLED)
    assert 400 <= status < 500, answer[:300]
    assert b"asyncapi" not in answer


UP, UP_CODED = "../" * 16, "%2e%2e/" * 16  # more than any checkout is deep
ELSEWHERE = [
    f"/{UP}etc/passwd", f"/assets/{UP}etc/passwd", f"/assets/{UP_CODED}etc/passwd",
    f"/assets/{UP.replace('/', '%2f')}etc/passwd", "/assets/" + "..\\" * 16 + "etc\\passwd",
    "/assets/" + "..%5c" * 16 + "etc%5cpasswd",
    "//etc/passwd", "/%2fetc/passwd", "/assets//etc/passwd", "/assets/%00", "/index.html%00.gz", "/assets/\x01",
    "/me/../../gateway/__init__.py", "/.git/config", "/assets/" + "....//" * 16 + "etc/passwd",
    "/" + "%c0%ae%c0%ae/" * 16 + "etc/passwd", "/assets/" + "../" * 2_000 + "etc/passwd", "/moments.db", "/keys.db",
    "/master.key", "/" + "%252e%252e/" * 16 + "etc/passwd",
]  # fmt: skip


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: path[:30])
async def test_no_path_leads_out_of_the_consoles_own_files(house: Served, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    status, answer = await asyncio.to_thread(raw, house.url, request.encode("latin-1"))
    assert 400 <= status < 500, answer[:200]
    assert b"root:" not in answer
    assert b"SQLite format" not in answer


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "//evil.example/", "//evil.example/..", "/%2fevil.example/", "/\\evil.example", "/api/staff/",
     "/live/", "/me//evil.example", "/assets//evil.example/", "/api//evil.example/", "https://evil.example/"],
)  # fmt: skip
async def test_nobody_is_sent_to_another_site(house: Served, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    status, answer = await asyncio.to_thread(raw, house.url, request)
    head = answer.partition(b"\r\n\r\n")[0].decode("latin-1").lower()
    where = next((line.partition(": ")[2] for line in head.split("\r\n") if line.startswith("location:")), "")
    assert status < 500
    assert urlsplit(where).hostname in (None, "127.0.0.1"), where
    assert not where.startswith(("//", "/\\")), where


def frame(opcode: int, payload: bytes, *, fin: bool = True, mask: bool = True, rsv: int = 0) -> bytes:
    """A WebSocket frame as RFC 6455 has it, or nearly."""
    first, key = (0x80 if fin else 0) | rsv | opcode, os.urandom(4)
    size = len(payload)
    length = (
        bytes([size])
        if size < 126
        else b"\x7e" + struct.pack("!H", size)
        if size < 65_536
        else b"\x7f" + struct.pack("!Q", size)
    )
    said = bytes(byte ^ key[place % 4] for place, byte in enumerate(payload)) if mask else payload
    return bytes([first, length[0] | (0x80 if mask else 0)]) + length[1:] + (key if mask else b"") + said


FRAMES: dict[str, bytes] = {
    "not masked": frame(1, b"{}", mask=False),
    "too large": frame(1, b"x" * 20_000),
    "a length of an exabyte": bytes([0x81, 0xFF]) + struct.pack("!Q", 2**60) + b"mask",
    "no UTF-8": frame(1, b"\xff\xfe"),
    "a reserved bit": frame(1, b"{}", rsv=0x40),
    "a reserved opcode": frame(3, b"{}"),
    "the middle of nothing": frame(0, b"{}"),
    "a ping in pieces": frame(9, b"", fin=False),
    "a large ping": frame(9, b"x" * 126),
    "a close with half a code": frame(8, b"\x03"),
    "pieces without an end": frame(1, b"x", fin=False) + frame(0, b"x" * 100, fin=False) * 400,
    "a flood of what is no word": frame(1, b"[" * 4_000) * 200,
    "a flood of pings": frame(9, b"x" * 100) * 2_000,
}


@pytest.mark.parametrize("said", [*FRAMES])
async def test_no_frame_on_the_live_socket_takes_it_from_others(house: Served, said: str) -> None:
    token = await house.token("floor", "anna")
    other = {"Authorization": f"Bearer {await house.token('floor', 'ben')}"}
    host, port = urlsplit(house.url).hostname, urlsplit(house.url).port
    async with house.tablet(other) as tablet:
        reader, writer = await asyncio.open_connection(host, port)
        asked = (
            f"GET /live HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        writer.write(asked.encode())
        async with asyncio.timeout(40):
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError):
            writer.write(FRAMES[said])
            await writer.drain()
        if not said.startswith("a flood"):
            with suppress(ConnectionError, TimeoutError):
                async with asyncio.timeout(10):
                    while await reader.read(65_536):
                        pass
        house.tap(FOB)
        await tablet.tick()
        await serves(house)
        writer.close()


# --- whose it is -----------------------------------------------------------------------------------------------------


async def test_what_belongs_to_one_guest_cannot_be_reached_through_another(house: Served) -> None:
    """An id under somebody else's name opens and changes nothing, whoever asks."""
    boss, floor = await house.client("manager"), await house.client("floor", "anna")
    wish = {"category": "drink", "value": "still water", "polarity": "do", "basis": "stated", "scope": "standing"}
    page = "/api/customers/hale"
    ids = {
        "preferences": (await answered(floor.post(f"{page}/preferences", json=wish)))["id"],
        "promises": (await answered(floor.post(f"{page}/promises", json={"text": "a table by the window"})))["id"],
        "complaints": (await answered(floor.post(f"{page}/complaints", json={"text": "cold soup"})))["id"],
        "credentials": (await answered(boss.get(f"{page}/record")))["credentials"][0]["id"],
    }
    before = (await answered(boss.get(page)), await answered(boss.get(f"{page}/record")))
    asked = [
        ("POST", f"preferences/{ids['preferences']}/retract", {"reason": "no", "basis": "stated"}),
        ("POST", f"preferences/{ids['preferences']}/served", {}),
        ("POST", f"promises/{ids['promises']}/close", {}),
        ("POST", f"promises/{ids['promises']}/hand-over", {"to": "ben"}),
        ("POST", f"complaints/{ids['complaints']}/close", {"note": "done"}),
        ("POST", f"complaints/{ids['complaints']}/hand-over", {"to": "ben"}),
        ("DELETE", f"credentials/{ids['credentials']}", None),
    ]
    for who in (boss, floor):
        for method, path, body in asked:
            answer = await who.request(method, f"/api/customers/chen/{path}", json=body)
            assert answer.status_code in (403, 404, 409, 422), f"{path}: {answer.status_code} {answer.text}"
            assert "still water" not in answer.text
            assert "window" not in answer.text
    assert (await answered(boss.get(page)), await answered(boss.get(f"{page}/record"))) == before


async def test_a_receipt_is_shown_to_whom_its_guest_is_and_to_nobody_by_a_number_that_is_near(house: Served) -> None:
    boss = await house.client("manager")
    (receipt, *_) = await answered(boss.get("/api/customers/chen/receipts"))
    number = receipt["id"]
    assert (await boss.get(f"/api/receipts/{number}")).status_code == 200
    last = number[-1]
    near = [number[:-1] + each for each in "0123456789ABCDEF" if each != last]
    for guess in [*near, number.lower(), f"{number}%00", f"{number}/", f"{number}'--", "*", "%", "R-"]:
        assert (await boss.get(f"/api/receipts/{guess}")).status_code == 404, guess

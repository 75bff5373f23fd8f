"""A house as it is set up, attacked from the network: TLS, logins, paired tablets, its own process."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio
from websockets.exceptions import InvalidStatus

from tests.console.devices import Device
from tests.console.test_attacks import ELSEWHERE, TWICE, bombs, frame
from tests.story.guarded import ADDRESS, PIN, Guarded, cookies
from tests.story.venue import answered, guest

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]

JSON = {"Content-Type": "application/json"}
FOREIGN = ("https://evil.example", "null", f"http://{ADDRESS}", f"https://{ADDRESS}.evil.example", "file://")
MEMORY = 96 << 20  # bytes that a flood may add to a gateway of some 90 MB
WAITS = 60  # seconds for an answer on a busy machine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Guarded]:
    async with Guarded(tmp_path_factory.mktemp("guarded")) as house:
        await house.hire("anna", "ben")
        await house.hire("mei", roles=("manager", "floor"))
        yield house


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def serves(house: Guarded) -> AsyncIterator[None]:
    """Whatever was tried: the same process serves, and has written nothing that it did not foresee."""
    yield
    assert house.running, house.tail()
    assert (await house.health())["status"] in ("ok", "degraded")
    assert "Traceback" not in house.log, house.tail()


def said(house: Guarded, request: bytes, *, tls: bool = True) -> bytes:
    """The whole answer to bytes that no client library would send; nothing where the connection was ended."""
    with socket.create_connection((ADDRESS, house.port), timeout=WAITS) as plain:
        answer = b""
        line = house.trusts.wrap_socket(plain, server_hostname=ADDRESS) if tls else plain
        with line, suppress(ConnectionError, ssl.SSLError):
            line.sendall(request)
            while chunk := line.recv(65_536):
                answer += chunk
        return answer


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


# --- a cookie, and what was signed ---------------------------------------------------------------------------------


async def test_a_stolen_cookie_opens_nothing_without_the_key_of_its_tablet(house: Guarded) -> None:
    tablet, device = await house.signs_in("anna", "bar 1")
    assert (await tablet.get("/api/present")).status_code == 200
    stolen = cookies(tablet)
    other, others_key = await house.signs_in("ben", "bar 2")
    for thief in (await house.browser(headers=stolen), await house.browser(Device(), stolen)):
        for method, path in (("GET", "/api/session"), ("GET", "/api/present"), ("GET", "/api/customers?q=a")):
            assert (await thief.request(method, path)).status_code == 401, path
        assert (await thief.post("/api/unlock", json={"pin": PIN})).status_code == 401
        assert (await thief.post("/api/sign-in", json={"staff": "anna", "pin": PIN})).status_code == 403
    assert (await (await house.browser(others_key, stolen)).get("/api/session")).status_code == 401, "nor a colleague's"
    for who in (None, Device(), others_key):
        with pytest.raises(InvalidStatus) as refused:
            await house.live(stolen, who).__aenter__()
        assert refused.value.response.status_code == 401
    assert "without the key of the tablet" in str((await house.health())["why"])
    for each in (tablet, other):
        assert (await each.get("/api/session")).status_code == 200, "and both tablets go on"
    async with house.live(stolen, device) as socket:
        assert socket.state["me"]["staff"] == "anna"


async def test_what_was_signed_is_good_once_for_what_was_signed_and_not_after_a_restart(house: Guarded) -> None:
    tablet, device = await house.signs_in("anna", "lounge 1")
    assert (await tablet.get("/api/session")).status_code == 200
    listening = await house.browser(headers=cookies(tablet))
    body = json.dumps({"name": "Mallory"}).encode()
    seen = {"Moments-Proof": device.proof("PUT", "/api/customers/mallory", body), **JSON}
    first = await listening.put("/api/customers/mallory", content=body, headers=seen)
    again = await listening.put("/api/customers/mallory", content=body, headers=seen)
    assert (first.status_code in (200, 201, 403), again.status_code) == (True, 401)
    for method, path, content in (
        ("GET", "/api/present", b""), ("PUT", "/api/customers/mallory", b'{"name": "Eve"}'),
        ("PUT", "/api/customers/mallory?x=1", body), ("PUT", "/api/customers/eve", body),
    ):  # fmt: skip
        fresh = {"Moments-Proof": device.proof("PUT", "/api/customers/mallory", body), **JSON}
        answer = await listening.request(method, path, content=content, headers=fresh)
        assert answer.status_code == 401, (method, path)
    unused = {"Moments-Proof": device.proof("GET", "/api/session")}
    kept = cookies(tablet)
    await house.restart()
    old = await (await house.browser(headers=kept)).get("/api/session", headers=unused)
    assert (old.status_code, old.json()["prove"]) == (401, True)
    assert (await (await house.browser(device, kept)).get("/api/session")).json()["staff"] == "anna"


# --- another page, another name, another way in ---------------------------------------------------------------------


async def test_a_foreign_page_or_name_does_nothing_with_a_tablets_cookie_and_key(house: Guarded) -> None:
    tablet, device = await house.signs_in("anna", "page")
    for headers in (
        *({"Origin": each} for each in FOREIGN), {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
    ):  # fmt: skip
        for path in ("/api/sign-out", "/api/staff/anna/shift"):
            assert (await tablet.post(path, json={}, headers=headers)).status_code == 403, (headers, path)
    for each in FOREIGN:
        with pytest.raises(InvalidStatus) as refused:
            await house.live({**cookies(tablet), "Origin": each}, device).__aenter__()
        assert refused.value.response.status_code == 403
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):

        async def in_pieces() -> AsyncIterator[bytes]:
            yield b"{"
            yield b"}"

        whole = await tablet.post("/api/staff/anna/shift", content=b"{}", headers={"Content-Type": kind})
        assert whole.status_code == 415, kind
        sent = await house.browser(headers=cookies(tablet))
        proof = device.proof("POST", "/api/staff/anna/shift", b"{}")
        chunked = await sent.post(
            "/api/staff/anna/shift", content=in_pieces(), headers={"Content-Type": kind, "Moments-Proof": proof}
        )
        assert chunked.status_code == 415, kind
    for host in ("evil.example", f"{ADDRESS}.evil.example", "", f"{ADDRESS}, evil.example", f"x@{ADDRESS}"):
        for path in ("/", "/health", "/api/session", "/live", "/me"):
            request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
            assert status_of(await asyncio.to_thread(said, house, request)) == 400, (host, path)
    assert (await tablet.get("/api/session")).status_code == 200


async def test_nothing_is_said_without_tls_nor_with_old_tls_nor_with_weak_ciphers(house: Guarded) -> None:
    plain = f"GET /health HTTP/1.1\r\nHost: {ADDRESS}\r\nConnection: close\r\n\r\n".encode()
    assert not (await asyncio.to_thread(said, house, plain, tls=False)).startswith(b"HTTP")
    mqtt = b"\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00"
    with socket.create_connection((ADDRESS, house.mqtt_port), timeout=WAITS) as line:
        line.sendall(mqtt)
        with suppress(ConnectionError):
            assert line.recv(4)[:1] != b"\x20", "no CONNACK"

    def handshake(port: int, context: ssl.SSLContext) -> str:
        line = socket.create_connection((ADDRESS, port), timeout=WAITS)
        with line, context.wrap_socket(line, server_hostname=ADDRESS) as secure:
            return str(secure.version())

    for port in (house.port, house.mqtt_port):
        assert await asyncio.to_thread(handshake, port, house.trusts) == "TLSv1.3"
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
            old.set_ciphers("ALL:@SECLEVEL=0")
            with pytest.warns(DeprecationWarning, match="deprecated"):
                old.minimum_version = old.maximum_version = version
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await asyncio.to_thread(handshake, port, old)
        for ciphers in ("aNULL", "AES128-SHA:AES256-SHA", "RC4", "3DES"):
            weak = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            weak.check_hostname, weak.verify_mode = False, ssl.CERT_NONE
            weak.maximum_version = ssl.TLSVersion.TLSv1_2
            try:
                weak.set_ciphers(f"{ciphers}:@SECLEVEL=0")
            except ssl.SSLError:
                continue  # this machine's OpenSSL has none of them left to try with
            with pytest.raises((ssl.SSLError, ConnectionError)):
                await asyncio.to_thread(handshake, port, weak)
        with pytest.raises(ssl.SSLCertVerificationError):
            await asyncio.to_thread(handshake, port, ssl.create_default_context())
    answer = await (await house.browser()).get("/")
    assert answer.headers["strict-transport-security"].startswith("max-age=")


# --- who is somebody else now ----------------------------------------------------------------------------------------


async def test_another_role_or_leaving_ends_tokens_sessions_and_open_sockets(house: Guarded) -> None:
    boss = await house.client("manager")
    for name, change in (("rita", "role"), ("leo", "leaves")):
        await house.hire(name, roles=("floor", "manager"))
        tablet, device = await house.signs_in(name, f"of {name}")
        token = {"Authorization": f"Bearer {await house.token(name)}"}
        program = await house.browser(headers=token)
        assert (await program.get("/api/session")).status_code == 200
        async with house.live(cookies(tablet), device) as hers, house.live(token) as its:
            if change == "role":
                facts = {"name": name.capitalize(), "roles": ["it"]}
                await answered(boss.put(f"/api/staff/{name}", json=facts))
            else:
                assert (await boss.delete(f"/api/staff/{name}")).status_code == 204
            for each in (hers, its):
                await house.eventually(lambda each=each: closed(each), bool, within=WAITS)  # type: ignore[misc]
        assert (await tablet.get("/api/session")).status_code == 401, change
        assert (await program.get("/api/session")).status_code == 401, change
        for headers, who in ((cookies(tablet), device), (token, None)):
            with pytest.raises(InvalidStatus):
                await house.live(headers, who).__aenter__()
        signing = await tablet.post("/api/sign-in", json={"staff": name, "pin": PIN, "key": device.key})
        assert signing.status_code == (200 if change == "role" else 401)


async def closed(tablet: object) -> bool:
    return getattr(tablet, "close_code", None) is not None


# --- what is sent ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: path[:30])
async def test_no_path_leads_out(house: Guarded, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: {ADDRESS}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
    answer = await asyncio.to_thread(said, house, request.encode("latin-1"))
    assert 400 <= status_of(answer) < 500, answer[:200]
    assert b"root:" not in answer
    assert b"PRIVATE KEY" not in answer


@pytest.mark.parametrize("header", TWICE)
async def test_no_request_hides_behind_another(house: Guarded, header: bytes) -> None:
    hidden = f"GET /asyncapi.json HTTP/1.1\r\nHost: {ADDRESS}\r\n\r\n".encode()
    head = f"POST /api/sign-in HTTP/1.1\r\nHost: {ADDRESS}\r\nContent-Type: application/json\r\n".encode()
    answer = await asyncio.to_thread(said, house, head + header + b"\r\n" + hidden + hidden)
    assert 400 <= status_of(answer) <= 501, answer[:300]
    assert b"asyncapi" not in answer


async def test_json_that_is_big_deep_or_says_things_twice_or_is_none_is_refused(house: Guarded) -> None:
    boss, thief = await house.client("manager"), await house.browser()
    before = house.resident()
    big = b'{"name": "' + b"x" * (4 << 20) + b'"}'
    bodies = {
        "big": big, "deep": b'{"a":' * 200_000, "deep list": b"[" * 400_000,
        "digits": b'{"name":' + b"9" * 300_000 + b"}",
        "members": b"{" + b",".join(b'"%x":0' % n for n in range(50_000)) + b"}", "no utf-8": b'{"name": "\xff"}',
        "lone surrogate": b'{"name": "\\ud800"}', "NaN": b'{"name": NaN}', "a list": b"[]", "nothing": b"",
        "twice": b'{"name": "Ann", "name": "Eve"}', "twice deep": b'{"name": "Ann", "facts": {"a": 1, "a": 2}}',
    }  # fmt: skip
    for who, method, path in ((boss, "PUT", "/api/customers/big"), (thief, "POST", "/api/sign-in")):
        for name, body in bodies.items():
            answer = await who.request(method, path, content=body, headers=JSON)
            assert answer.status_code in (400, 413, 422), (path, name, answer.status_code, answer.text[:200])
            assert len(answer.content) < 20_000, name
    assert (await boss.get("/api/customers/big")).status_code == 404
    large = await thief.post("/api/sign-in", content=b" " * 20_000, headers=JSON)
    assert (large.status_code, "before anybody has signed in" in large.text) == (413, True)
    assert (await boss.put("/api/customers/large", content=b" " * 20_000 + b'{"name": "X"}', headers=JSON)).is_success
    for bomb, content in bombs().items():
        answer = await boss.post("/api/imports?dry_run=1", content=content, headers={"Content-Type": "text/csv"})
        assert answer.status_code in (200, 422), (bomb, answer.text[:200])
    assert house.resident() - before < 4 * MEMORY, "what one file needs, and no more with each"


async def test_floods_of_connections_halves_and_slow_readers_are_bounded_and_staff_are_served(house: Guarded) -> None:
    tablet, device = await house.signs_in("anna", "flooded")
    await house.health()
    before, held = house.resident(), []
    half = f"POST /api/sign-in HTTP/1.1\r\nHost: {ADDRESS}\r\nContent-Type: application/json\r\nX: ".encode()
    body = half.removesuffix(b"X: ") + b'Content-Length: 16000\r\n\r\n{"staff": "' + b"x" * 15_000
    try:
        for number in range(700):
            with suppress(ConnectionError, ssl.SSLError, TimeoutError):
                line = socket.create_connection((ADDRESS, house.port), timeout=WAITS)
                held.append(line)
                if number % 7 == 0:  # TLS, and then half of something
                    secure = await asyncio.to_thread(house.trusts.wrap_socket, line, server_hostname=ADDRESS)
                    held[-1] = secure
                    secure.sendall((half, body, half + b"y" * 30_000)[number % 3])
                elif number % 7 == 1:
                    line.sendall(b"\x16\x03\x01\x02\x00\x01\x00")  # a hello that stops
        async with asyncio.timeout(WAITS):
            assert (await tablet.get("/api/session")).status_code == 200
            async with house.live(cookies(tablet), device) as socket_:
                await socket_.tick()
        assert house.resident() - before < MEMORY, "what a flood may cost is counted"
    finally:
        for line in held:
            line.close()
    token = {"Authorization": f"Bearer {await house.token('anna')}"}
    await asyncio.gather(*(deaf_and_loud(house, token["Authorization"]) for _ in range(6)))
    assert house.resident() - before < MEMORY


async def deaf_and_loud(house: Guarded, authorization: str) -> None:
    """A live socket that says a great deal that is no word, and reads nothing."""
    reader, writer = await asyncio.open_connection(ADDRESS, house.port, ssl=house.trusts)
    asked = (
        f"GET /live HTTP/1.1\r\nHost: {ADDRESS}:{house.port}\r\nAuthorization: {authorization}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    writer.write(asked.encode())
    async with asyncio.timeout(WAITS):
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        with suppress(ConnectionError):
            for _ in range(40):
                writer.write(frame(9, b"x" * 100) * 400 + frame(1, b"{" * 4_000) * 20)
                await writer.drain()
    writer.close()


# --- what leaves -----------------------------------------------------------------------------------------------------

FORMULAS = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://evil.example")', "'=1", "＝1+1", "a;=1+1", "b;'@x",
    "c|+1", "d,-1", 'e";=1', "f;  =1", "g\n=1",
)  # fmt: skip
BEGINS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


async def test_a_spreadsheet_finds_no_formula_in_what_is_exported_in_whatever_way_it_cuts_the_lines(
    house: Guarded,
) -> None:
    for number, formula in enumerate(FORMULAS):
        one = guest(f"{formula} {number}", address_as=formula)
        await house.enrol(one)
        await house.knows(one, "mei", "do", "drink", formula)
    await two_open_an_export(house)
    out = house.folder / "customers.csv"
    ended = await house.moments("customers", "export", "--out", out)
    assert ended.code == 0, ended
    text = out.read_text("utf-8-sig")
    assert "HYPERLINK" in text
    for sign in (",", ";", "\t", "|"):
        cells = [cell for row in csv.reader(io.StringIO(text), delimiter=sign) for cell in row]
        assert not [cell for cell in cells if cell.strip().startswith(BEGINS)], sign
    back = await house.moments("customers", "import", out)
    assert back.code == 0, back
    again = house.folder / "again.csv"
    assert (await house.moments("customers", "export", "--out", again)).code == 0
    assert again.read_bytes() == out.read_bytes(), "and whoever reads it in again has what there was"


async def two_open_an_export(house: Guarded) -> None:
    """Two managers, each on a tablet of their own, open a file of all customers for half an hour."""
    await house.hire("noor", roles=("manager",))
    (mei, _), (noor, _) = await house.signs_in("mei", "office"), await house.signs_in("noor", "office 2")
    wanted = {"kind": "export", "about": "story", "reason": "the house moves to another program today"}
    waits = await answered(mei.post("/api/break-glass", json=wanted))
    await answered(noor.post(f"/api/break-glass/{waits['id']}/confirm", json={"pin": PIN}))

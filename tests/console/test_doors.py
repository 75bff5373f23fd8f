"""What comes in through the doors: foreign pages, odd tokens, large bodies, keys nobody asked for."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.exceptions import InvalidStatus

from gateway.console.limits import BIGGEST_BODY
from gateway.console.roles import Principal
from gateway.console.sessions import LONGEST_TOKEN
from staff_console import DIST
from tests.console.served import FOB, Served
from tests.console.test_sign_in import cookie_of
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

FOREIGN = [
    "https://evil.example", "http://evil.example:8080", "null", "file://", "http://127.0.0.1", "http://[::1", "http://[x]",
]  # fmt: skip


def raw(url: str, request: bytes) -> tuple[int, bytes]:
    """Status and whole answer to bytes that no client library would send."""
    with socket.create_connection((urlsplit(url).hostname, urlsplit(url).port), timeout=40) as line:
        line.sendall(request)
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
    return int(answer.split(b" ", 2)[1]), answer


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_foreign_page_gets_no_socket_and_changes_nothing_with_a_tablet_s_cookie(
    house: Served, origin: str
) -> None:
    browser = await house.signs_in("anna")
    with pytest.raises(InvalidStatus) as refused:
        await house.tablet({**cookie_of(browser), "Origin": origin}).__aenter__()
    assert refused.value.response.status_code == 403
    for headers in ({"Origin": origin}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        answer = await browser.post("/api/staff/anna/shift", json={}, headers=headers)
        assert answer.status_code == 403, headers
        stranger = await house.client()
        signing = await stranger.post("/api/sign-in", json={"staff": "anna", "pin": "2468"}, headers=headers)
        assert (signing.status_code, signing.headers.get("set-cookie")) == (403, None)


@pytest.mark.parametrize("site", ["same-origin", None])
async def test_behind_a_proxy_that_drops_the_port_our_own_page_may_or_is_told_why(
    house: Served, site: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    host = urlsplit(house.url).hostname
    origin = f"https://{host}:8443"
    headers = {"Host": str(host), "Origin": origin} | ({"Sec-Fetch-Site": site} if site else {})
    for _ in range(3):
        answer = await (await house.client()).post(
            "/api/sign-in", json={"staff": "anna", "pin": "2468"}, headers=headers
        )
    if site:
        assert answer.status_code == 200
        return
    assert answer.status_code == 403
    for word in (f"Host '{host}'", f"Origin '{origin}'", "the proxy must pass Host with its port"):
        assert word in answer.json()["detail"]
        assert sum(word in each.getMessage() for each in caplog.records) == 1, "told once"


async def test_the_usual_port_may_be_said_or_not(house: Served) -> None:
    host = urlsplit(house.url).hostname
    for headers in (
        {"Host": f"{host}:443", "Origin": f"https://{host}"},
        {"Host": f"{host}", "Origin": f"https://{host}:443"},
        {"Host": f"{host}:80", "Origin": f"http://{host}"},
    ):
        stranger = await house.client()
        answer = await stranger.post("/api/sign-in", json={"staff": "anna", "pin": "2468"}, headers=headers)
        assert answer.status_code == 200, headers


async def test_a_plain_get_of_the_socket_is_told_what_a_proxy_must_pass(house: Served) -> None:
    answer = await (await house.client()).get("/live")
    assert (answer.status_code, answer.headers["upgrade"]) == (426, "websocket")
    assert answer.headers["content-type"] == "application/problem+json"
    for word in ("WebSocket", "Upgrade", "Connection"):
        assert word in answer.json()["detail"]


async def test_our_own_page_may(house: Served) -> None:
    browser = await house.signs_in("anna")
    ours = {"Origin": house.url, "Sec-Fetch-Site": "same-origin"}
    assert (await browser.post("/api/staff/anna/shift", json={}, headers=ours)).status_code == 200
    async with house.tablet({**cookie_of(browser), **ours}) as tablet:
        assert tablet.state["me"]["staff"] == "anna"


async def test_a_form_of_another_site_cannot_be_mistaken_for_json(house: Served) -> None:
    browser = await house.signs_in("anna")
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = await browser.post("/api/staff/anna/shift", content=b"{}", headers={"Content-Type": kind})
        assert answer.status_code == 415, kind


odd = st.one_of(
    st.sampled_from(["", " ", "a", "x" * (LONGEST_TOKEN + 1), "x" * 10_000, "\x7f", "ÿ" * 43, "Bearer", "' OR 1=1 --"]),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=300),
)


@settings(max_examples=30)
@given(token=odd, scheme=st.sampled_from(["Bearer ", "bearer ", "Basic ", "", "Bearer  "]))
async def test_an_odd_token_is_nobody_s_and_no_error(house: Served, token: str, scheme: str) -> None:
    client = await odd_client(house)
    for headers in (
        {"Authorization": f"{scheme}{token}".strip().encode("latin-1")},
        {"Cookie": f"moments={token}".strip().encode("latin-1")},
    ):
        answer = await client.get("/api/present", headers=headers)
        assert answer.status_code == 401


@given(at=st.integers(1, 42), cut=st.booleans())
@settings(max_examples=20)
async def test_a_token_that_is_nearly_right_is_wrong(house: Served, at: int, cut: bool) -> None:
    right = await house.token("manager")
    wrong = right[:at] if cut else right[:at] + ("A" if right[at] != "A" else "B") + right[at + 1 :]
    answer = await (await odd_client(house)).get("/api/present", headers={"Authorization": f"Bearer {wrong}"})
    assert answer.status_code == 401


async def odd_client(house: Served) -> Any:
    """One client without a login for all examples."""
    if not hasattr(house, "anybody"):
        house.anybody = await house.client()  # type: ignore[attr-defined]
    return house.anybody  # type: ignore[attr-defined]


BODIES: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "/api/customers/x", {"name": "X"}),
    ("POST", "/api/customers/x/credentials", {"identifier": FOB}),
    ("POST", "/api/customers/x/consents", {"purpose": "recognise_tag"}),
    ("POST", "/api/customers/x/preferences", {"category": "drink", "value": "tea"}),
    ("POST", "/api/customers/x/promises", {"text": "x"}),
    ("POST", "/api/customers/x/promises/1/close", {}),
    ("POST", "/api/visits/x/asks", {"question": "lunch"}),
    ("POST", "/api/asks/x/answer", {"answer": "yes"}),
    ("POST", "/api/alerts/x/hand-over", {"to": "ben"}),
    ("POST", "/api/alerts/x/close", {"outcome": "greeted"}),
    ("PUT", "/api/staff/x", {"name": "X", "roles": ["floor"]}),
    ("POST", "/api/staff/x/shift", {}),
    ("POST", "/api/sign-in", {"staff": "anna", "pin": "2468"}),
]


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=lambda value: str(value)[:40])
async def test_a_key_that_nobody_asked_for_is_refused_by_name(
    house: Served, method: str, path: str, body: dict[str, Any]
) -> None:
    boss = await house.client("manager")
    for extra in ({"role": "manager"}, {"venue": "other"}, {"sequence": 1}):
        answer = await boss.request(method, path, json={**body, **extra})
        assert answer.status_code == 422
        assert next(iter(extra)) in answer.json()["detail"]
    for broken in (b"{", b"[]", b"\xff", b'"x"', b"[" * 50_000):
        answer = await boss.request(method, path, content=broken, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422), broken[:5]
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_pin_is_not_repeated_in_the_answer_that_refuses_it(house: Served) -> None:
    boss = await house.client("manager")
    answer = await boss.put("/api/staff/x", json={"name": "X", "roles": ["floor"], "pin": "secret-pin"})
    assert answer.status_code == 422
    assert "pin" in answer.json()["detail"]
    assert "secret-pin" not in answer.text


async def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(house: Served) -> None:
    boss = await house.client("manager")
    large = json.dumps({"name": "x" * BIGGEST_BODY}).encode()
    kind = {"Content-Type": "application/json"}
    assert (await boss.put("/api/customers/x", content=large, headers=kind)).status_code == 413

    async def unsaid() -> Any:
        for start in range(0, len(large), 50_000):
            yield large[start : start + 50_000]

    assert (await boss.put("/api/customers/x", content=unsaid(), headers=kind)).status_code == 413
    assert (await boss.get("/api/staff")).status_code == 200


@pytest.mark.parametrize("path", ["/", "/manifest.webmanifest", "/api/sign-in", "/health"])
async def test_many_ranges_and_many_headers_are_answered_soon_and_are_no_fault_of_ours(
    house: Served, path: str
) -> None:
    ranges = "bytes=" + ",".join(f"{n}-{n}" for n in range(0, 200, 2))
    many = "".join(f"X-{n}: {n}\r\n" for n in range(300))
    for header in (f"Range: {ranges}\r\n", many, f"Cookie: {'a=b; ' * 2000}\r\n", "Range: bytes=9-1\r\n"):
        request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{header}Connection: close\r\n\r\n".encode()
        status, answer = await asyncio.to_thread(raw, house.url, request)
        assert status < 500 or (path == "/" and status == 503), (path, header[:20])  # a console that is not built
        assert len(answer) < 1_000_000
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {'x' * 200_000}\r\n\r\n".encode()
    with suppress(ConnectionError):  # it hangs up on what is still to come
        status, _ = await asyncio.to_thread(raw, house.url, request)
        assert status in (400, 431)
    assert (await (await house.client()).get("/health")).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "moments.evil.example", "", "127.0.0.1:80, evil.example",
     "127.0.0.1@evil.example", "127.0.0.1:evil.example"],
)  # fmt: skip
async def test_a_foreign_host_name_is_refused_on_requests_and_sockets(house: Served, host: str) -> None:
    request = f"GET /health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode()
    status, answer = await asyncio.to_thread(raw, house.url, request)
    assert status == 400
    assert b"content-security-policy" in answer.lower() or not host
    upgrade = request.replace(b"/health", b"/live").replace(
        b"Connection: close",
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    status, _ = await asyncio.to_thread(raw, house.url, upgrade)
    assert status in (400, 403)


async def test_a_request_that_says_twice_how_long_it_is_hides_no_other_behind_it(house: Served) -> None:
    name = house.url.partition("//")[2]
    hidden = f"GET /health HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n"
    both = (
        f"POST /api/sign-in HTTP/1.1\r\nHost: {name}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {5 + len(hidden)}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
    )
    status, answer = await asyncio.to_thread(raw, house.url, both.encode())
    assert status == 400
    assert answer.count(b"HTTP/1.1 ") <= 1, answer
    assert b'"status":"ok"' not in answer


async def test_every_answer_has_the_security_headers(house: Served) -> None:
    boss, stranger = await house.client("manager"), await house.client()
    answers = [
        await boss.get("/api/present"),
        await stranger.get("/api/present"),
        await boss.get("/api/alerts/none"),
        await boss.get("/nothing/here"),
        await boss.get("/"),
        await boss.get("/health"),
        await boss.put("/api/customers/x", json={"no": 1}),
        await boss.put("/api/customers/x", content=b"x" * (BIGGEST_BODY + 1)),
        await stranger.get("/health", headers={"Host": "evil.example"}),
        await stranger.request("DELETE", "/health"),
    ]
    assert {a.status_code for a in answers} >= {200, 401, 404, 422, 413, 400, 405}
    for answer in answers:
        assert "default-src 'self'" in answer.headers["content-security-policy"], answer.request.url
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in answer.headers["permissions-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "server" not in answer.headers
        if answer.request.url.path.startswith(("/api/", "/health")):
            assert answer.headers["cache-control"] == "no-store"


async def test_pages_speak_to_the_host_they_came_from_and_to_no_other(house: Served) -> None:
    boss = await house.client()
    ours = urlsplit(house.url).netloc
    for host, allowed in ((ours, {"'self'", f"ws://{ours}"}), ("localhost:1", {"'self'", "ws://localhost:1"})):
        policy = (await boss.get("/", headers={"Host": host})).headers["content-security-policy"]
        assert set(policy.partition("connect-src ")[2].partition(";")[0].split()) == allowed
    evil = (await boss.get("/", headers={"Host": "a; script-src *"})).headers["content-security-policy"]
    assert "connect-src 'self';" in evil
    assert "*" not in evil


async def test_scripts_and_styles_come_gzipped_to_who_takes_that(house: Served) -> None:
    names = [f"/assets/{file.name}" for file in (DIST / "assets").iterdir() if file.suffix in {".js", ".css"}]
    assert names
    async with httpx2.AsyncClient(base_url=house.url, trust_env=False) as anyone:
        for name in names:
            plain = await anyone.get(name, headers={"accept-encoding": "identity"})
            small = await anyone.get(name, headers={"accept-encoding": "gzip, br"})
            assert plain.content == small.content == (DIST / name[1:]).read_bytes()
            assert ("content-encoding" in plain.headers, small.headers["content-encoding"]) == (False, "gzip")
            if len(plain.content) > 4_000:  # a line or two does not get smaller, and a page of them not by half
                assert int(small.headers["content-length"]) < len(plain.content) / 2
            assert small.headers["content-type"] == plain.headers["content-type"]
            assert "immutable" in small.headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/assets/../index.py"]
)
async def test_no_path_leads_out_of_the_console_s_folder(house: Served, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode()
    status, answer = await asyncio.to_thread(raw, house.url, request)
    assert status in (400, 404)
    assert b"root:" not in answer


async def test_names_that_try_to_be_more_than_names_stay_text(house: Served) -> None:
    boss = await house.client("manager")
    for number, name in enumerate(
        ("<img src=x onerror=alert(1)>", "=HYPERLINK(1)", "a\u202eb", "Robert'); DROP TABLE customers;--")
    ):
        await answered(boss.put(f"/api/customers/odd-{number}", json={"name": name}))
        kept = name.replace("\u202e", "")  # which would turn round what stands after it
        assert (await answered(boss.get(f"/api/customers/odd-{number}")))["name"] == kept
    for bad in ("..", "a/b", "", "%00", "x" * 80, "a b"):
        answer = await boss.put(f"/api/customers/{bad}", json={"name": "X"})
        assert answer.status_code in (404, 405, 422), bad


async def test_a_get_changes_nothing(house: Served) -> None:
    boss = await house.client("manager")
    await house.enrol("seen", "em:0700C4A999")
    before = house.gateway.journal.sequence
    for path in (
        "/api/present",
        "/api/alerts",
        "/api/customers?q=nobody",
        "/api/staff",
        "/api/readers",
        "/api/session",
    ):
        assert (await boss.get(path)).status_code == 200
    assert house.gateway.journal.sequence == before


async def test_a_look_is_in_the_journal_with_who_and_why_and_a_search_is_one(house: Served) -> None:
    boss = await house.client("manager")
    await house.enrol("seen-too", "em:0700C4A99A")
    before = house.gateway.journal.sequence
    for path in ("", "", "/preferences", "/journal", "/consents"):  # a page that refreshes itself is one look
        await answered(boss.get(f"/api/customers/seen-too{path}", params={"why": "search"} if not path else {}))
    assert [row["id"] for row in await answered(boss.get("/api/customers", params={"q": "seen-too"}))] == ["seen-too"]
    await house.gateway.store.write(lambda tx: None)
    looked, searched = house.gateway.journal.since(before) or []
    assert (looked.type, looked.subject, looked.data["why"]) == (
        "customer.viewed",
        (who := house.whose("seen-too")),
        "search",
    )
    assert (searched.type, searched.data) == ("customers.searched", {"found": [who]})
    assert looked.actor == searched.actor


async def test_a_manager_leads_and_a_waiter_does_not() -> None:
    def lead(*roles: Any) -> bool:
        return Principal("x", "X", roles, "x", "door", by_cookie=True).lead

    assert lead("manager", "floor")
    assert not lead("floor", "crew", "it", "integration")

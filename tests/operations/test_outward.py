"""What the gateway calls by itself: no name, answer or redirect turns it against this machine or its link."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.joined import calling
from gateway.joined.boxes import Box, new_keys
from gateway.joined.link import Line, Way
from gateway.operations import outward, webhooks
from gateway.operations.acme import Acme, AcmeRefused
from gateway.operations.webhooks import Sender, check
from tests.certificates import Authority
from tests.operations.acme_server import AcmeServer
from tests.operations.receiver import Receiver

SECRET = "a secret that is long enough"
EVENT: Any = {"id": "id-1", "type": "visit.arrived", "source": "/v", "specversion": "1.0"}
NAME = "spa.example.com"
INSIDE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.169.254", "224.0.0.1", "::1", "::", "fe80::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::1", "::127.0.0.1",
]  # fmt: skip


def posted(url: str) -> webhooks.Answer:
    """What one try comes to."""
    sender = Sender(url, SECRET)
    try:
        return sender.post(EVENT, time.time())
    finally:
        sender.close()


def says(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Whoever answers for NAME says these addresses, one after the other; who asked for what."""
    real, asked, turn = socket.getaddrinfo, [], iter((*answers, *[answers[-1]] * 20))

    def looked_up(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host != NAME:
            return real(host, port, *rest, **more)
        asked.append(host)
        return real(next(turn), port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return asked


@contextmanager
def listening() -> Iterator[tuple[int, list[Any]]]:
    """A program of this machine that listens, and who came."""
    came: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        ended = threading.Event()

        def accept() -> None:
            while not ended.is_set():
                with suppress(TimeoutError):
                    line, peer = server.accept()
                    came.append(peer)
                    line.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield server.getsockname()[1], came
        finally:
            time.sleep(0.1)
            ended.set()
            thread.join()


@pytest.mark.parametrize("address", INSIDE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_leads_inside_is_refused_before_anybody_is_called(
    monkeypatch: pytest.MonkeyPatch, address: str, scheme: str
) -> None:
    says(monkeypatch, address)
    with listening() as (port, came):
        answer = posted(f"{scheme}://{NAME}:{port}/hook")
        told = check(f"{scheme}://{NAME}:{port}/hook")
    assert (answer.status, came) == (0, [])
    for words in (answer.fault or "", told or ""):
        assert "leads back to this machine" in words or "no address of a receiver" in words


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "[fe80::1]", "[::]", "224.0.0.1"])
def test_nor_does_an_address_of_the_link_or_of_nobody_get_anything(address: str) -> None:
    answer = posted(f"http://{address}:80/latest/meta-data/")
    assert (answer.status, "no address of a receiver" in (answer.fault or "")) == (0, True)


def test_a_name_is_looked_up_once_and_the_address_that_was_looked_at_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rebinding: the second answer would be inside."""
    asked = says(monkeypatch, "192.0.2.1", "127.0.0.1")
    called: list[Any] = []
    monkeypatch.setattr(webhooks, "CONNECTS", 0.2)
    monkeypatch.setattr(socket.socket, "connect", lambda _self, address: called.append(address))
    outward.connect((NAME, 80), 0.2).close()
    assert (len(asked), called) == (1, [("192.0.2.1", 80)])


def test_this_machine_is_meant_where_its_address_or_localhost_is_written() -> None:
    for host in ("127.0.0.1", "localhost"):
        with Receiver(SECRET.encode()) as receiver:
            answer = posted(f"http://{host}:{receiver.port}/hook")
            assert (answer.status, answer.fault) == (204, None)
    assert [outward.refusal(each, each) for each in ("10.0.0.7", "192.168.1.9", "fd00::7", "93.184.216.34")] == [
        None
    ] * 4
    assert outward.refusal("reader.lan", "192.168.1.9") is None, "another machine of the house, by its name"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_leads_inside(status: int) -> None:
    with listening() as (port, came), Receiver(SECRET.encode()) as receiver:
        receiver.answer = lambda _: (status, {"Location": f"http://127.0.0.1:{port}/"})
        answer = posted(receiver.url)
    assert (answer.status, came) == (status, [])


# --- an authority that gives certificates -------------------------------------------------------------------------


def turned(server: AcmeServer, which: str, to: str) -> Callable[..., Any]:
    """The authority's answers, of which one names another place."""
    real = server.answer

    def answer(path: str, body: bytes | None) -> tuple[int, dict[str, str], bytes]:
        status, headers, said = real(path, body)
        if which == "Location" and "Location" in headers:
            headers = {"Location": to}
        elif which.encode() in said:
            found = json.loads(said)
            found[which] = [to] if isinstance(found[which], list) else to
            said = json.dumps(found).encode()
        return status, headers, said

    return answer


@pytest.mark.parametrize("which", ["newNonce", "newAccount", "newOrder", "authorizations", "finalize"])
@pytest.mark.parametrize("inside", ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", NAME])
async def test_an_authority_sends_nobody_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str, inside: str
) -> None:
    says(monkeypatch, "127.0.0.1")
    authority = Authority(tmp_path)
    server = AcmeServer(authority.vouch("acme"))
    trust = ssl.create_default_context(cafile=str(authority.file))
    with server.serving() as directory, listening() as (port, came):
        monkeypatch.setattr(server, "answer", turned(server, which, f"https://{inside}:{port}/order"))
        client = Acme(directory, ec.generate_private_key(ec.SECP256R1()), trust, sleep=lambda _: None)
        key = ec.generate_private_key(ec.SECP256R1())
        with pytest.raises(AcmeRefused):
            await asyncio.to_thread(client.certificate, ["moments.example.com"], key, lambda *_: None)
    assert came == []


# --- a hub --------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def sending_on(to: str, *methods: str) -> AsyncIterator[str]:
    """What signs every box in, and sends it on to another place at requests of these methods."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.decode().startswith(methods):
            writer.write(b"HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % to.encode())
        else:
            said = json.dumps({"nonce": "AAAA", "token": "a token"}).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize("address", INSIDE[::4])
async def test_a_hubs_name_that_leads_inside_is_refused_before_anybody_is_called(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    says(monkeypatch, address)
    with listening() as (port, came):
        context = ssl.create_default_context()
        with pytest.raises(calling.Unreached, match=r"leads back to this machine|no address of a receiver"):
            await calling.post(f"https://{NAME}:{port}/hub/v1/join", {}, context=context, now=0.0)
    assert came == []


@pytest.mark.parametrize("to", ["ws://127.0.0.1:{port}/", "http://localhost:{port}/", "/elsewhere"])
async def test_a_hub_sends_nobody_on_to_another_place(to: str) -> None:
    box = Box("b-1", "flagship", "maison", "", b"", b"", new_keys())
    with listening() as (port, came):
        async with sending_on(to.format(port=port), "GET") as url:
            line = Line(url, box, "boot", "build", None, time.time, Way())
            with pytest.raises(calling.Unreached, match=r"refused on the way \(302\)"):
                await line.converse(None, lambda _: None)  # type: ignore[arg-type]  # it never comes to a talk
    assert came == []


async def test_nor_does_an_answer_to_a_box_that_joins() -> None:
    with listening() as (port, came):
        async with sending_on(f"http://127.0.0.1:{port}/", "POST") as url:
            with pytest.raises(calling.Answered, match="it answered 302"):
                await calling.post(f"{url}/hub/v1/join", {}, context=None, now=0.0)
    assert came == []

"""ACME with an authority that really comes and looks: given, renewed, refused in words."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.operations.acme import Acme, AcmeRefused
from gateway.operations.acme_certificate import AcmeCertificate
from gateway.operations.shown_tokens import ShownTokens
from gateway.operations.venue_ca import read_certificate
from tests.certificates import Authority
from tests.console.served import config, served
from tests.console.test_tls import meets, presented, trusting
from tests.operations.acme_server import AcmeServer
from tests.ports import free_port

NAMES = ["moments.example.com", "lounge.example.com"]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    folder = tmp_path / "paper"
    folder.mkdir()
    return Authority(folder)


@pytest.fixture
def server(authority: Authority) -> Iterator[AcmeServer]:
    acme = AcmeServer(authority.vouch("acme"))
    with acme.serving():
        yield acme


def console(server: AcmeServer, authority: Authority, **more: Any) -> dict[str, Any]:
    port = free_port("127.0.0.2")
    server.look_at = f"http://127.0.0.2:{port}"
    acme = {"directory": f"{server.url}/directory", "contact": "mailto:it@example.com", "ca": str(authority.file)}
    return {"listen": "127.0.0.2:0", "hosts": NAMES, "acme": acme, "trust_page": f"127.0.0.2:{port}", **more}


async def test_a_house_gets_its_certificate_while_it_serves_and_keeps_it_over_a_restart(
    tmp_path: Path, server: AcmeServer, authority: Authority
) -> None:
    data, settings = tmp_path / "data", config(console=console(server, authority))
    trusts = trusting(server.root_der)
    async with served(data, settings) as house:
        with pytest.raises(ssl.SSLCertVerificationError):
            await meets(house, trusts, NAMES[0])  # its own authority's, until the other has looked
        await asyncio.to_thread(presented(house).look, datetime.now(UTC))
        for name in NAMES:
            assert (await meets(house, trusts, name)).issuer == server.name
        assert house.running.doors.trust_url is None, "what the world trusts needs no page"
        page = urlsplit(server.look_at)
        reader, writer = await asyncio.open_connection(page.hostname, page.port)
        writer.write(b"GET /.well-known/acme-challenge/guess HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b" 404 " in await reader.readline()
        writer.close()
    asked = len(server.asked)
    async with served(data, settings) as house:
        await asyncio.to_thread(presented(house).look, datetime.now(UTC))
        assert (await meets(house, trusts, NAMES[0])).issuer == server.name
    assert len(server.asked) == asked, "a good certificate is not asked for again"


async def test_it_is_renewed_when_a_third_is_left_and_a_refusal_leaves_what_there_was(
    tmp_path: Path, server: AcmeServer, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    data, settings = tmp_path / "data", config(console=console(server, authority))
    async with served(data, settings) as house:
        now = datetime.now(UTC)
        await asyncio.to_thread(presented(house).look, now)
        first = read_certificate(data / "tls" / "console.pem")
        await asyncio.to_thread(presented(house).look, now + timedelta(days=50))
        assert read_certificate(data / "tls" / "console.pem") == first
        looks_at, server.look_at = server.look_at, "http://127.0.0.2:1"
        await asyncio.to_thread(presented(house).look, now + timedelta(days=70))
        assert read_certificate(data / "tls" / "console.pem") == first
        assert "moments.example.com: the authority has looked and refuses" in caplog.text
        asked = len(server.asked)
        await asyncio.to_thread(presented(house).look, now + timedelta(days=70, minutes=1))
        assert len(server.asked) == asked, "not again before five minutes have passed"
        server.look_at = looks_at
        await asyncio.to_thread(presented(house).look, now + timedelta(days=70, minutes=6))
        assert read_certificate(data / "tls" / "console.pem") != first


def test_an_authority_that_cannot_be_reached_leaves_the_house_with_its_own(
    tmp_path: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    acme = {"directory": f"https://127.0.0.1:{free_port('127.0.0.2')}/directory", "ca": str(authority.file)}
    settings = config(console={"listen": "127.0.0.2:0", "hosts": NAMES, "acme": acme})
    one, now = AcmeCertificate(tmp_path, settings, ShownTokens()), datetime.now(UTC)
    one.renew(now)
    first = read_certificate(one.file)
    assert first is not None
    one.renew(now)
    assert read_certificate(one.file) == first
    assert "no certificate by ACME: " in caplog.text


def client(server: AcmeServer, authority: Authority, trust: ssl.SSLContext | None = None) -> Acme:
    trusts = trust or ssl.create_default_context(cafile=str(authority.file))
    key = ec.generate_private_key(ec.SECP256R1())
    return Acme(f"{server.url}/directory", key, trusts, sleep=lambda _: None)


def test_a_nonce_that_went_stale_is_tried_once_more(server: AcmeServer, authority: Authority) -> None:
    server.stale_nonces = 1
    with pytest.raises(AcmeRefused, match="has looked and refuses"):
        client(server, authority).certificate(NAMES, ec.generate_private_key(ec.SECP256R1()), lambda *_: None)
    server.stale_nonces = 2
    with pytest.raises(AcmeRefused, match="that nonce is none of ours"):
        client(server, authority).certificate(NAMES, ec.generate_private_key(ec.SECP256R1()), lambda *_: None)


def test_what_it_does_not_vouch_for_and_who_it_is_not_is_said_in_words(
    server: AcmeServer, authority: Authority
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(AcmeRefused, match=r"lounge\.invalid is not a name that we vouch for"):
        client(server, authority).certificate(["lounge.invalid"], key, lambda *_: None)
    with pytest.raises(AcmeRefused, match="certificate verify failed"):
        client(server, authority, ssl.create_default_context()).certificate(NAMES, key, lambda *_: None)
    plain = Acme("http://127.0.0.1/directory", key, ssl.create_default_context())
    with pytest.raises(AcmeRefused, match="expected an https address"):
        plain.certificate(NAMES, key, lambda *_: None)


@pytest.mark.parametrize(
    "more", [{"hosts": []}, {"listen": "127.0.0.1:8080"}, {"acme": {"directory": "http://ca.example.com"}}]
)
def test_acme_without_a_name_or_without_tls_is_a_mistake(
    server: AcmeServer, authority: Authority, more: dict[str, Any]
) -> None:
    with pytest.raises(Exception, match="expected"):
        config(console=console(server, authority, **more))

"""TLS of the house's own authority, or of the operator's files: real sockets, clients that trust it and do not."""

from __future__ import annotations

import asyncio
import socket
import ssl
import stat
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from gateway.operations import asking
from gateway.operations.own_addresses import addresses, names
from gateway.operations.own_certificate import OwnCertificate, faults
from gateway.operations.presented import Presented, running_out
from gateway.operations.tls_folder import GIVEN, TLS
from gateway.operations.venue_ca import new_authority, read_authority, rotate_ca
from tests.certificates import Authority, Paper
from tests.console.served import Served, config, served

OWN = {"listen": "127.0.0.2:0", "hosts": ["moments.example.com"]}  # another address than this machine's usual ones
NOT_THERE = ("/api/sign-in", "/health", "/metrics", "/live", "/assets/", "/tls/console.pem", "/index.html")
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def trusting(*authorities: bytes) -> ssl.SSLContext:
    """A client that knows these authorities, DER, and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for each in authorities:
        context.load_verify_locations(cadata=each)
    return context


def looking() -> ssl.SSLContext:
    """A client that takes whatever it is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def given(folder: Path) -> bytes:
    """What tablets are to trust now."""
    return (folder / TLS / GIVEN).read_bytes()


def shown(url: str, context: ssl.SSLContext, name: str = "127.0.0.2") -> x509.Certificate:
    """The certificate that a client meets which knows the house by ``name``; raises ssl.SSLError."""
    parts = urlsplit(url)
    line = socket.create_connection((parts.hostname, parts.port or 0), timeout=40)
    with line, context.wrap_socket(line, server_hostname=name) as secure:
        return x509.load_der_x509_certificate(secure.getpeercert(binary_form=True) or b"")


async def meets(house: Served, context: ssl.SSLContext, name: str = "127.0.0.2") -> x509.Certificate:
    return await asyncio.to_thread(shown, house.url, context, name)


def presented(house: Served) -> Presented:
    found = house.running.doors.presented
    assert found is not None
    return found


async def test_what_the_network_reaches_speaks_tls_by_itself_and_only_who_trusts_it_comes_in(tmp_path: Path) -> None:
    async with served(tmp_path, config(console=OWN)) as house:
        assert house.url.startswith("https://127.0.0.2:")
        trusts = trusting(given(tmp_path))
        async with httpx2.AsyncClient(verify=trusts, trust_env=False, base_url=house.url) as tablet:
            answer = await tablet.get("/")
            assert answer.headers["strict-transport-security"].startswith("max-age=")
            assert f"wss://{urlsplit(house.url).netloc}" in answer.headers["content-security-policy"]
            signing = await tablet.post("/api/sign-in", json={"staff": "nobody", "pin": "0000"})
            assert signing.status_code == 401
            for own in ["moments.example.com", *names()]:
                assert (await tablet.get("/health", headers={"Host": own})).status_code == 200, own
            assert (await tablet.get("/health", headers={"Host": "evil.example"})).status_code == 400
        leaf = await meets(house, trusts, "moments.example.com")
        assert leaf.not_valid_after_utc - leaf.not_valid_before_utc <= timedelta(days=398)
        for context, name in ((trusting(), "127.0.0.2"), (trusts, "bank.example.com"), (trusts, "10.9.9.9")):
            with pytest.raises(ssl.SSLCertVerificationError):
                await meets(house, context, name)
        reader, writer = await asyncio.open_connection("127.0.0.2", urlsplit(house.url).port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n")
        with suppress(ConnectionResetError):
            assert not (await reader.read()).startswith(b"HTTP"), "nothing is said without TLS"
        writer.close()
    files = [tmp_path / TLS, *(tmp_path / TLS).iterdir()]
    assert {file.name: stat.S_IMODE(file.stat().st_mode) & 0o077 for file in files} == {f.name: 0 for f in files}


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
async def test_old_tls_is_refused(tmp_path: Path, version: ssl.TLSVersion) -> None:
    async with served(tmp_path, config(console=OWN)) as house:
        old = trusting(given(tmp_path))
        old.set_ciphers("ALL:@SECLEVEL=0")
        with pytest.warns(DeprecationWarning, match="deprecated"):
            old.minimum_version = old.maximum_version = version
        with pytest.raises((ssl.SSLError, ConnectionResetError)):
            await meets(house, old)
        new = trusting(given(tmp_path))
        new.maximum_version = ssl.TLSVersion.TLSv1_2
        assert await meets(house, new)


async def test_it_is_renewed_while_it_serves_and_drops_nobody(tmp_path: Path) -> None:
    async with served(tmp_path, config(console=OWN)) as house:
        trusts = trusting(given(tmp_path))
        before = await meets(house, trusts)
        line = await asyncio.open_connection("127.0.0.2", urlsplit(house.url).port, ssl=trusts)
        for later in (timedelta(days=200), timedelta(days=330)):
            presented(house).look(datetime.now(UTC) + later)
        after = await meets(house, looking())  # nobody here trusts it yet: it begins in a year, to who has our clock
        assert after.not_valid_after_utc > before.not_valid_after_utc + timedelta(days=300)
        assert after.public_key() != before.public_key()
        line[1].write(b"GET /health HTTP/1.1\r\nHost: 127.0.0.2\r\n\r\n")
        assert b"200" in await line[0].readline(), "who was connected before is connected still"
        line[1].close()
    async with served(tmp_path, config(console=OWN)) as house:
        again = await meets(house, trusts)
        assert again.issuer == before.issuer, "a restart keeps the authority"


async def test_who_trusts_the_old_authority_and_who_trusts_the_new_one_both_come_in(tmp_path: Path) -> None:
    async with served(tmp_path, config(console=OWN)) as house:
        ages = [given(tmp_path)]
        for _ in range(3):
            old, new = rotate_ca(tmp_path, "flagship", ["moments.example.com"], datetime.now(UTC))
            presented(house).look(datetime.now(UTC))
            ages.append(given(tmp_path))
            digests = [sha256(each).digest().hex(":").upper() for each in ages[-2:]]
            assert [old, new] == digests
            for age in ages:
                assert await meets(house, trusting(age), "moments.example.com")
        assert len(set(ages)) == 4
        with pytest.raises(ssl.SSLCertVerificationError):
            await meets(house, trusting(new_authority("other", [], NOW).der))


def test_the_certificate_holds_by_the_rules_that_browsers_follow_and_names_nothing_else(tmp_path: Path) -> None:
    own = OwnCertificate(tmp_path, config(console=OWN))
    own.renew(NOW)
    authority = read_authority(tmp_path)
    assert authority is not None
    leaf, *cross = x509.load_pem_x509_certificates(own.file.read_bytes())
    asked = x509.DNSName("moments.example.com")
    verifier = PolicyBuilder().store(Store([authority.certificate])).time(NOW).build_server_verifier(asked)
    assert verifier.verify(leaf, cross)
    for name in ("moments.example.com", "tablet.local", "192.168.7.7", "fd00::7"):
        assert authority.allows(name), name
    for name in ("bank.example.com", "example.com", "8.8.8.8", "evilmoments.example.com"):
        assert not authority.allows(name), name
    assert faults(authority, ["bank.example.com"], NOW)[0].endswith("moments keys rotate ca makes one for them")
    assert "ends on" in faults(authority, [], NOW + timedelta(days=3300))[0]


def test_a_new_address_of_the_machine_gets_a_certificate_and_a_known_one_is_left_alone(tmp_path: Path) -> None:
    one = OwnCertificate(tmp_path, config(console=OWN))
    one.renew(NOW)
    first = one.file.read_bytes()
    one.renew(NOW + timedelta(days=100))
    assert one.file.read_bytes() == first
    OwnCertificate(tmp_path, config(console={**OWN, "listen": "10.0.0.9:0"})).renew(NOW)
    assert one.file.read_bytes() != first
    assert "127.0.0.1" in addresses()


# --- the operator's own files --------------------------------------------------------------------------------------


@pytest.fixture
def papers(tmp_path: Path) -> tuple[Authority, Paper, Paper]:
    folder = tmp_path / "paper"
    folder.mkdir()
    authority = Authority(folder)
    return authority, authority.vouch("first"), authority.vouch("second")


async def test_files_that_change_are_taken_up_and_half_of_a_pair_changes_nothing(
    tmp_path: Path, papers: tuple[Authority, Paper, Paper], caplog: pytest.LogCaptureFixture
) -> None:
    authority, first, second = papers
    trusts = ssl.create_default_context(cafile=str(authority.file))
    tls = {"cert": str(first.cert), "key": str(first.key)}
    async with served(tmp_path / "data", config(console={"listen": "127.0.0.1:0", "tls": tls})) as house:
        one = await meets(house, trusts, "127.0.0.1")
        first.cert.write_bytes(second.cert.read_bytes())
        presented(house).look(NOW)
        assert await meets(house, trusts, "127.0.0.1") == one, "a certificate without its key is not shown"
        assert "the old one is shown still" in caplog.text
        first.key.write_bytes(second.key.read_bytes())
        presented(house).look(NOW)
        assert await meets(house, trusts, "127.0.0.1") != one
    assert not (tmp_path / "data" / TLS).exists(), "nothing is made where yours is taken"


def test_a_certificate_that_runs_out_is_told_in_time(papers: tuple[Authority, Paper, Paper]) -> None:
    authority, paper, _ = papers
    now = datetime.now(UTC)
    assert "runs out on" in str(running_out(paper.cert, now))
    assert "ran out on" in str(running_out(authority.vouch("old", days=-1).cert, now))
    assert "clock right?" in str(running_out(paper.cert, now - timedelta(days=400)))
    assert running_out(authority.vouch("long", days=300).cert, now) is None


async def test_a_certificate_that_ran_out_is_refused_by_who_connects(
    tmp_path: Path, papers: tuple[Authority, Paper, Paper]
) -> None:
    authority, _, _ = papers
    old = authority.vouch("old", days=-1)
    tls = {"cert": str(old.cert), "key": str(old.key)}
    async with served(tmp_path / "data", config(console={"listen": "127.0.0.1:0", "tls": tls})) as house:
        with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
            await meets(house, ssl.create_default_context(cafile=str(authority.file)), "127.0.0.1")


# --- a tablet's first visit ----------------------------------------------------------------------------------------


async def test_the_first_visit_gives_the_certificate_and_the_steps_and_nothing_else(tmp_path: Path) -> None:
    async with served(tmp_path, config(console=OWN)) as house:
        port = urlsplit(house.running.doors.trust_url or "").port
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.2:{port}", trust_env=False) as tablet:
            answers: dict[str, Any] = {}
            for language, words in (("zh-CN", "下载证书"), ("en-GB", "Download the certificate")):
                page = answers[language] = await tablet.get("/", headers={"Accept-Language": language})
                assert (page.status_code, words in page.text) == (200, True)
                for device in ("iPad", "Android", "Windows"):
                    assert device in page.text
                assert page.text.count("data:image/svg+xml") == 1
                assert sha256(given(tmp_path)).digest().hex(":").upper() in page.text
                assert f'href="https://127.0.0.2:{urlsplit(house.url).port}/"' in page.text
            certificate = await tablet.get("/moments-ca.crt")
            assert certificate.content == given(tmp_path)
            assert certificate.headers["content-type"] == "application/x-x509-ca-cert"
            assert "下载证书" in (await tablet.get("/?lang=zh-CN")).text
            for path in NOT_THERE:
                assert (await tablet.get(path)).status_code == 404, path
            assert (await tablet.post("/", content=b"x" * 100_000)).status_code == 405
            odd = await tablet.get("/", headers={"Host": '"><script>alert(1)</script>'})
            assert odd.status_code == 400
            for answer in (*answers.values(), certificate, odd):
                assert "set-cookie" not in answer.headers
                assert answer.headers["content-security-policy"].startswith("default-src 'none'")
                assert answer.headers["x-content-type-options"] == "nosniff"


async def test_there_is_no_such_page_where_it_is_not_wanted_or_not_needed(tmp_path: Path) -> None:
    for name, console in (("off", {**OWN, "trust_page": ""}), ("loopback", {"listen": "127.0.0.1:0"})):
        async with served(tmp_path / name, config(console=console)) as house:
            assert house.running.doors.trust_url is None


async def test_who_asks_and_never_reads_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "READ_WITHIN", 0.3)
    async with served(tmp_path) as house:
        line = socket.socket()
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.connect(("127.0.0.1", urlsplit(house.url).port or 0))
        line.sendall(b"GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 30)
        async with asyncio.timeout(40):
            while len(house.gateway_gate):
                await asyncio.sleep(0.05)
        line.close()


@pytest.mark.parametrize(
    "console",
    [
        {"listen": "0.0.0.0:0", "unencrypted": "yes please"},
        {"listen": "0.0.0.0:0", "behind_proxy": True},
    ],
)
def test_what_is_open_to_the_network_without_tls_has_to_be_asked_for_in_so_many_words(console: dict[str, Any]) -> None:
    words = "anybody on this network can read names and PINs"
    with pytest.raises(Exception, match=words):
        config(console=console)
    opened = config(console={**console, "unencrypted": words}).console
    assert not opened.speaks_tls

"""LLRP over TLS: who is trusted, who is not, and in which words."""

from __future__ import annotations

import asyncio
import os
import ssl
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from reader_drivers import ReaderLost
from reader_drivers.rfid import llrp_conversation
from reader_drivers.rfid.llrp import Llrp
from reader_drivers.simulated_llrp import SimulatedLlrp
from tests.certificates import Authority, Paper
from tests.reader_drivers.readers import Heard, until

TAG = "epc:30751FEB705C5904E3D50D70"


def secured(paper: Paper) -> SimulatedLlrp:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paper.cert, paper.key)
    device = SimulatedLlrp(round_s=0.01, secured=context)
    device.present(TAG)
    return device


def make(link: str, **settings: Any) -> Llrp:
    return Llrp("door", link, Llrp.Settings.model_validate(settings))


async def reason(driver: Llrp) -> str:
    with pytest.raises(ReaderLost) as lost:
        await anext(driver.listen())
    return str(lost.value)


async def test_a_reader_whose_certificate_is_ours_is_heard_lost_and_back(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    async with secured(ours.vouch("a name that nobody calls it by", address="10.0.0.7")) as device:
        for _ in range(3):
            door = make(device.link, certificate=str(ours.file))
            async with Heard(door) as heard:
                await until(lambda heard=heard: len(heard.sightings) >= 10)  # type: ignore[misc]
                device.cut()
                await until(lambda heard=heard: heard.lost)  # type: ignore[misc]
            assert heard.lost == f"{device.link} closed the connection"
            assert {each.identifier for each in heard.sightings} == {TAG}
            assert not door.status.rejected
        async with Heard(make(device.link, certificate=str(ours.file))) as heard:
            await until(lambda: heard.sightings)
        await until(lambda: device.goodbyes)
        assert device.active == set(), "the field is not left on"


async def test_many_openings_leave_nothing_open(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    counts = []
    async with secured(ours.vouch("reader")) as device:
        for _ in range(6):
            async with Heard(make(device.link, certificate=str(ours.file))) as heard:
                await until(lambda heard=heard: heard.sightings)  # type: ignore[misc]
            await asyncio.sleep(0.05)  # the other end closes a moment later
            counts.append(len(os.listdir("/proc/self/fd")))  # noqa: PTH208 - what is counted is not paths
    assert counts[-1] <= counts[1]


async def test_who_is_not_trusted_is_told_in_words(tmp_path: Path) -> None:
    ours, strange = Authority(tmp_path), Authority(tmp_path, "strange")
    async with secured(strange.vouch("reader")) as device:
        for settings in ({}, {"certificate": str(ours.file)}):
            assert (await reason(make(device.link, **settings))).startswith(
                f"the certificate of {device.link} is not trusted: "
            )
        assert device.heard == [], "nothing was said to it"


async def test_a_reader_that_does_not_speak_tls_and_one_that_speaks_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llrp_conversation, "GREETS", 0.3)
    ours = Authority(tmp_path)
    async with SimulatedLlrp() as plain:
        told = await reason(make(f"tls://{plain.link}", certificate=str(ours.file)))
        assert told.startswith(f"tls://{plain.link} does not speak TLS as expected: ")
    async with secured(ours.vouch("reader")) as device:
        told = await reason(make(device.link.removeprefix("tls://")))
        assert "is it an LLRP reader" in told


async def test_a_certificate_that_would_not_be_looked_at_is_refused() -> None:
    assert "a certificate needs a link that begins with tls://" in await reason(make("10.0.0.7", certificate="a.pem"))


@pytest.mark.parametrize(("content", "word"), [(None, "no such file"), ("no certificate", "expected PEM")])
async def test_a_certificate_file_that_cannot_be_used(tmp_path: Path, content: str | None, word: str) -> None:
    file = tmp_path / "reader.pem"
    if content is not None:
        file.write_text(content)
    told = await reason(make("tls://127.0.0.1", certificate=str(file)))
    assert told.startswith("certificate: ")
    assert word in told


async def test_a_port_where_nobody_shakes_hands_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reader_drivers.serial_link.OPEN_TIMEOUT", 0.2)
    over = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await reader.read()
        writer.close()
        over.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        link = f"tls://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert await reason(make(link)) == f"{link} does not answer"
        await over.wait()

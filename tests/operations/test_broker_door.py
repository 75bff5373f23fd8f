"""The embedded broker's door, with the real mosquitto: who says nothing keeps no device out."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.operations import broker_door
from gateway.operations.broker import EmbeddedBroker
from gateway.operations.broker_settings import Credentials
from gateway.operations.mqtt_passage import length_of
from tests.operations.test_broker import TOPIC, client, subscribe, until

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def connect(broker: EmbeddedBroker, will: bytes = b"") -> bytes:
    """A CONNECT as a reader says it, with a will where one is given."""
    user, password = (text.encode() for text in broker.reader_credentials)
    fields = [b"a reader", *([b"espresense/will", will] if will else []), user, password]
    body = b"\x00\x04MQTT\x04" + bytes([0b1100_0010 | (0b100 if will else 0), 0, 60])
    body += b"".join(len(field).to_bytes(2, "big") + field for field in fields)
    length, left = b"", len(body)
    while True:
        left, digit = divmod(left, 128)[0], left % 128
        length += bytes([digit | (0x80 if left else 0)])
        if not left:
            return b"\x10" + length + body


async def raw(broker: EmbeddedBroker, said: bytes) -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", broker.port)
    writer.write(said)
    await writer.drain()
    return reader, writer


@pytest.mark.parametrize("said", [b"", b"\x10", b"\x10\x30\x00\x04MQTT"])
async def test_a_thousand_silent_connections_keep_no_reader_out(tmp_path: Path, said: bytes) -> None:
    async with EmbeddedBroker(tmp_path, ["espresense/#"]) as broker:
        held = [await raw(broker, said) for _ in range(1_050)]
        reader, ours = await raw(broker, connect(broker))
        async with asyncio.timeout(40):
            assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
        for _, writer in [*held, (reader, ours)]:
            writer.close()


@pytest.mark.parametrize("said", [b"", b"\x10", b"\x10\x30\x00\x04MQTT"])
async def test_who_says_no_connect_in_time_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: bytes
) -> None:
    monkeypatch.setattr(broker_door, "CONNECT_WITHIN", 0.3)
    async with EmbeddedBroker(tmp_path, ["espresense/#"]) as broker:
        reader, writer = await raw(broker, said)
        async with asyncio.timeout(40):
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"\x10\xff\xff\xff\xff", b"\x10\xff\xff\x7f"])
async def test_what_is_no_mqtt_goes_no_further(tmp_path: Path, said: bytes) -> None:
    async with EmbeddedBroker(tmp_path, ["espresense/#"]) as broker:
        reader, writer = await raw(broker, said)
        async with asyncio.timeout(40):
            with suppress(ConnectionResetError):
                assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("will", [b"", b"gone" * 10_000])
async def test_a_connect_may_come_in_pieces(tmp_path: Path, will: bytes) -> None:
    async with EmbeddedBroker(tmp_path, ["espresense/#"]) as broker:
        reader, writer = await raw(broker, b"")
        said = connect(broker, will)
        for place in range(0, len(said), max(1, len(said) // 40)):
            writer.write(said[place : place + max(1, len(said) // 40)])
            await writer.drain()
            await asyncio.sleep(0.001)
        async with asyncio.timeout(40):
            assert await reader.readexactly(4) == b"\x20\x02\x00\x00"
        writer.close()


async def test_large_messages_pass_whole(tmp_path: Path) -> None:
    def conversation(broker: EmbeddedBroker) -> None:
        with (
            client(broker.port, Credentials(broker.username, broker.password)) as (gateway, heard),
            client(broker.port, broker.reader_credentials) as (reader, _),
        ):
            subscribe(gateway, "espresense/#")
            sent = [f"{n}:" + "x" * 250_000 for n in range(20)]
            for text in sent:
                reader.publish(TOPIC, text, qos=1).wait_for_publish(10)
            assert until(lambda: len(heard) == len(sent), seconds=20)
            assert heard == [f"{TOPIC} {text}" for text in sent]

    async with EmbeddedBroker(tmp_path, ["espresense/#"]) as broker:
        await asyncio.to_thread(conversation, broker)


@given(st.binary(max_size=8))
def test_how_long_a_connect_is_can_be_told_of_any_bytes(said: bytes) -> None:
    found = length_of(said)
    assert found is None or found >= 0

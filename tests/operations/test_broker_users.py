"""Readers beyond this machine: over TLS, each as itself alone, and out as soon as its password is another."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.enums import CallbackAPIVersion

from gateway.operations import broker_users
from gateway.operations.broker import EmbeddedBroker
from gateway.operations.broker_settings import Credentials
from gateway.operations.house_broker import follow_users, house_broker
from gateway.operations.mqtt_passage import Malformed, Passage, not_retained, of_its_own
from gateway.operations.overruns import Overruns
from gateway.operations.presented import presented_of
from gateway.operations.tls_folder import GIVEN, TLS
from gateway.settings.venue import VenueConfig, parse
from tests.operations.test_broker import client, subscribe, until
from tests.ports import free_port

FOYER, BAR = "foyer@phones", "bar@phones"


def config(**mqtt: Any) -> VenueConfig:
    zones = [{"id": each, "name": {"en": each}} for each in ("foyer", "bar", "door")]
    phones = {"id": "phones", "driver": "espresense", "link": "espresense", "role": "zone"}
    return parse(
        {
            "venue": {"id": "flagship", "name": {"en": "Flagship"}},
            "mqtt": {"url": "embedded", "listen": f"127.0.0.2:{free_port('127.0.0.2')}", **mqtt},
            "zones": zones,
            "readers": [
                {**phones, "rooms": {"foyer": "foyer", "bar": "bar"}},
                {"id": "gateway", "driver": "json", "link": "gate/in/", "role": "inner", "zone": "door",
                 "settings": {"identifier": "epc", "scheme": "epc"}},
            ],
        }
    )  # fmt: skip


@contextmanager
def reader(
    port: int, user: Credentials | None, authority: Path | None, *, id_: str = "", will: str | None = None
) -> Iterator[paho.Client]:
    """A device that is signed in over TLS; refused ones raise ConnectionRefusedError, and ssl.SSLError."""
    answered, answer = threading.Event(), [""]
    c = paho.Client(CallbackAPIVersion.VERSION2, client_id=id_)
    if will:
        c.will_set(will, "forged", qos=1, retain=True)
    if user:
        c.username_pw_set(*user)
    if authority:
        context = ssl.create_default_context(cadata=authority.read_bytes())
        c.tls_set_context(context)

    def connected(_c: object, _u: object, _f: object, reason: object, _p: object) -> None:
        answer[0] = str(reason)
        answered.set()

    c.on_connect = connected
    c.connect("127.0.0.2", port)
    c.loop_start()
    try:
        if not answered.wait(2) or answer[0] != "Success":
            raise ConnectionRefusedError(answer[0])
        yield c
    finally:
        c.disconnect()
        c.loop_stop()


def knock(port: int, user: Credentials | None, authority: Path | None) -> None:
    with reader(port, user, authority):
        pass


def test_each_reader_has_a_user_and_each_device_of_a_room_one_of_its_own() -> None:
    venue = config()
    assert broker_users.users_of(venue) == {
        FOYER: ("espresense/devices/+/foyer", "espresense/rooms/foyer", "espresense/rooms/foyer/#"),
        BAR: ("espresense/devices/+/bar", "espresense/rooms/bar", "espresense/rooms/bar/#"),
        "reader-gateway": ("gate/in/#",),
    }
    assert broker_users.of_reader(venue, "phones") == [FOYER, BAR]
    assert broker_users.of_reader(venue, FOYER) == [FOYER]
    assert broker_users.of_reader(venue, "gateway") == ["reader-gateway"]
    assert broker_users.of_reader(venue, "home-assistant") == broker_users.of_reader(venue, "nobody") == []


async def test_a_reader_speaks_tls_signs_in_as_itself_and_cannot_publish_as_another(tmp_path: Path) -> None:
    venue = config()
    presented = presented_of(venue, tmp_path)
    authority = tmp_path / TLS / GIVEN
    users = broker_users.new_passwords(tmp_path, [FOYER, BAR, "reader-gateway"])

    def conversation(broker: EmbeddedBroker, inner: int) -> list[str]:
        with (
            client(inner, Credentials(broker.username, broker.password)) as (gateway, heard),
            reader(broker.port, Credentials(FOYER, users[FOYER]), authority) as foyer,
            reader(broker.port, Credentials("reader-gateway", users["reader-gateway"]), authority) as gate,
        ):
            subscribe(gateway, "#")
            for topic in ("espresense/devices/tag/bar", "espresense/rooms/bar/status", "gate/in/1", "other"):
                foyer.publish(topic, "forged", qos=1).wait_for_publish(40)
            gate.publish("espresense/devices/tag/foyer", "forged", qos=1).wait_for_publish(40)
            gate.publish("gate/in/1", "real", qos=1).wait_for_publish(40)
            foyer.publish("espresense/devices/tag/foyer", "real", qos=1).wait_for_publish(40)
            assert until(lambda: len(heard) == 2)
            return heard

    async with house_broker(venue, tmp_path, Overruns(), presented) as broker:
        inner = int(broker.inner_url.rpartition(":")[2])
        heard = await asyncio.to_thread(conversation, broker, inner)
        assert sorted(heard) == ["espresense/devices/tag/foyer real", "gate/in/1 real"]
        for user in (None, Credentials(FOYER, users[BAR]), Credentials("readers", users[FOYER])):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.to_thread(knock, broker.port, user, authority)
        with pytest.raises((ConnectionRefusedError, OSError)):
            await asyncio.to_thread(knock, broker.port, Credentials(FOYER, users[FOYER]), None)
    kept = (tmp_path / "broker" / "users.json").read_text()
    assert not [password for password in users.values() if password in kept]


async def test_a_new_password_is_taken_up_while_it_runs_and_the_old_one_is_out(tmp_path: Path) -> None:
    venue = config()
    presented, authority = presented_of(venue, tmp_path), tmp_path / TLS / GIVEN
    old = broker_users.new_passwords(tmp_path, [FOYER, BAR])

    async with house_broker(venue, tmp_path, Overruns(), presented) as broker:
        following = asyncio.create_task(follow_users(broker, tmp_path))
        await asyncio.sleep(0)

        def conversation() -> dict[str, str]:
            gone = threading.Event()
            with reader(broker.port, Credentials(FOYER, old[FOYER]), authority) as foyer:
                foyer.on_disconnect = lambda *_: gone.set()
                new = broker_users.rotate_broker(tmp_path, venue)
                assert gone.wait(40), "who came in with the old password is still in"
            return new

        new = await asyncio.to_thread(conversation)
        assert set(new) == {FOYER, BAR, "reader-gateway"}
        for user in (FOYER, BAR):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.to_thread(knock, broker.port, Credentials(user, old[user]), authority)
            await asyncio.to_thread(knock, broker.port, Credentials(user, new[user]), authority)
        following.cancel()


async def test_the_plain_door_is_one_more_and_asks_for_the_password_too(tmp_path: Path) -> None:
    words = "anybody on this network can read and forge what readers hear"
    plain = free_port("127.0.0.2")
    venue = config(listen_plain=f"127.0.0.2:{plain}", unencrypted=words)
    users = broker_users.new_passwords(tmp_path, [FOYER])
    async with house_broker(venue, tmp_path, Overruns(), presented_of(venue, tmp_path)) as broker:
        assert broker.port != plain
        await asyncio.to_thread(knock, plain, Credentials(FOYER, users[FOYER]), None)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.to_thread(knock, plain, None, None)


async def test_a_reader_that_turned_speaks_for_no_other_by_any_means_of_the_protocol(tmp_path: Path) -> None:
    """Another's client id, a will, a mark to be kept, a topic with wildcards, what others say, too large a message."""
    venue = config()
    presented = presented_of(venue, tmp_path)
    authority = tmp_path / TLS / GIVEN
    users = broker_users.new_passwords(tmp_path, [FOYER, BAR, "reader-gateway"])

    def conversation(broker: EmbeddedBroker, inner: int) -> list[str]:
        ours, theirs = Credentials(FOYER, users[FOYER]), Credentials(BAR, users[BAR])
        with (
            client(inner, Credentials(broker.username, broker.password)) as (gateway, heard),
            reader(broker.port, ours, authority, id_="espresense-foyer") as foyer,
        ):
            subscribe(gateway, "#")
            gone = threading.Event()
            foyer.on_disconnect = lambda *_: gone.set()
            for id_ in ("espresense-foyer", str(gateway._client_id, "utf-8")):
                with reader(broker.port, theirs, authority, id_=id_, will="espresense/devices/tag/foyer") as bar:
                    overheard: list[str] = []
                    bar.on_message = lambda _c, _u, message, to=overheard: to.append(message.topic)
                    for topic in ("#", "$SYS/#", "espresense/#", "espresense/devices/+/foyer"):
                        subscribe(bar, topic)
                    for topic in ("espresense/devices/tag/foyer", "$SYS/broker/x", "espresense/devices/x/../foyer"):
                        bar.publish(topic, "forged", qos=1, retain=True).wait_for_publish(40)
                    foyer.publish("espresense/devices/tag/foyer", "real", qos=1).wait_for_publish(40)
                    bar.publish("espresense/devices/tag/bar", "x" * 400_000, qos=0)
                    bar._sock_close()  # as a device that loses its power: its will is told
                assert until(lambda: heard.count("espresense/devices/tag/foyer real") >= 1)
                assert not overheard
            assert not gone.is_set(), "whoever says they are another puts nobody out"
            assert gateway.is_connected()
            foyer.publish("espresense/devices/tag/foyer", "last", qos=1).wait_for_publish(40)
            assert until(lambda: any(each.endswith(" last") for each in heard))
            return heard

    async with house_broker(venue, tmp_path, Overruns(), presented) as broker:
        heard = await asyncio.to_thread(conversation, broker, int(broker.inner_url.rpartition(":")[2]))
    real = "espresense/devices/tag/foyer real"
    assert heard == [real, real, "espresense/devices/tag/foyer last"]


@pytest.mark.parametrize(
    ("mqtt", "told"),
    [
        ({"listen": "0.0.0.0:1883"}, "port 1883 is where devices expect none"),
        ({"listen_plain": "10.0.0.1:1883"}, "would be open to the network without TLS"),
        ({"listen_plain": "10.0.0.1:1883", "unencrypted": "ok"}, "expected the words 'anybody on this network"),
    ],
)
def test_an_open_broker_has_to_be_asked_for_in_so_many_words(mqtt: dict[str, str], told: str) -> None:
    with pytest.raises(Exception, match=told):
        config(**mqtt)


# --- packets on their way -----------------------------------------------------------------------------------------


def packet(first: int, body: bytes) -> bytes:
    length, left = b"", len(body)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (0x80 if left else 0)])
        if not left:
            return bytes([first]) + length + body


packets = st.lists(
    st.tuples(st.sampled_from([0x30, 0x31, 0x32, 0x33, 0x3D, 0xC0, 0xE0, 0x82, 0x62]), st.binary(max_size=400)),
    max_size=12,
)


@given(packets, st.data())
def test_in_whatever_pieces_packets_come_each_goes_on_whole_and_without_the_mark(
    said: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    stream = b"".join(packet(*each) for each in said)
    expected = b"".join(packet(first & ~1 if first & 0xF0 == 0x30 else first, body) for first, body in said)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=20)))
    passage, passed = Passage(), b""
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        passed += passage.of(stream[begin:end])
    assert passed == expected


@given(st.binary(max_size=2_000))
def test_no_bytes_break_the_passage(said: bytes) -> None:
    try:
        assert len(Passage().of(said)) <= len(said)
    except Malformed:
        assert len(said) >= 4


def test_a_length_of_five_digits_ends_the_connection() -> None:
    with pytest.raises(Malformed):
        Passage().of(b"\x30\xff\xff\xff\xff\x01")


def test_a_will_is_told_and_not_kept() -> None:
    body = b"\x00\x04MQTT\x04" + bytes([0b1110_0110, 0, 60]) + b"\x00\x01a"
    changed = not_retained(packet(0x10, body))
    assert changed[9] == 0b1100_0110


@pytest.mark.parametrize("level", [4, 5])
@pytest.mark.parametrize("will", [False, True])
def test_an_id_is_one_of_its_users_own(level: int, will: bool) -> None:
    def text(said: bytes) -> bytes:
        return len(said).to_bytes(2, "big") + said

    props = b"\x05\x11\x00\x00\x00\x3c" if level == 5 else b""
    said = (b"\x00" if level == 5 else b"") + text(b"a/topic") + text(b"gone" * 40) if will else b""
    before = text(b"MQTT") + bytes([level, 0b1100_0010 | (0b100 if will else 0), 0, 60]) + props
    behind = said + text(b"foyer@phones") + text(b"secret")
    made = of_its_own(packet(0x10, before + text(b"espresense") + behind))
    assert made == packet(0x10, before + text(b"foyer@phones/espresense") + behind)
    nobody = packet(0x10, text(b"MQTT") + bytes([level, 2, 0, 60]) + (b"\x00" if level == 5 else b"") + text(b"me"))
    assert of_its_own(nobody) == nobody


@given(st.binary(max_size=300))
def test_no_bytes_break_it(said: bytes) -> None:
    of_its_own(said)
    of_its_own(packet(0x10, said))

"""TLS to a broker: who is trusted, who is not, and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reader_drivers.mqtt_link import Broker
from reader_drivers.mqtt_wire import Trust
from tests.certificates import Authority, Paper
from tests.mosquitto import Mosquitto, mosquitto
from tests.reader_drivers.readers import until
from tests.reader_drivers.test_mqtt_link import Listening, lost_reason

USERS = {"gateway": "right"}


@contextmanager
def secure(authority: Authority, paper: Paper, *extra: str) -> Iterator[Mosquitto]:
    """A mosquitto that speaks TLS only, and lets the gateway in with its password."""
    lines = [f"cafile {authority.file}", f"certfile {paper.cert}", f"keyfile {paper.key}", *extra]
    with mosquitto(users=USERS, extra="\n".join(lines)) as server:
        yield server


def broker(server: Mosquitto, trust: Trust, password: str = "right", scheme: str = "mqtts") -> Broker:
    return Broker(f"{scheme}://gateway@127.0.0.1:{server.port}", password=password, trust=trust)


async def test_a_broker_that_an_authority_of_ours_vouches_for_is_heard(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    with secure(ours, ours.vouch("broker")) as server:
        async with broker(server, Trust(str(ours.file))) as one, Listening(one, "a/#") as listening:
            await listening.up()
            await one.publish("a/b", "over TLS", qos=1)
            await until(lambda: listening.messages)
            assert [m.payload for m in listening.messages] == [b"over TLS"]
            server.stop()
            await until(lambda: listening.lost)
            server.start()
            async with Listening(one, "a/#") as again:
                await until(lambda: again.batches, within=40)


async def test_a_wrong_password_over_tls_is_told_as_that(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    with secure(ours, ours.vouch("broker")) as server:
        async with broker(server, Trust(str(ours.file)), "wrong") as one:
            assert await lost_reason(one) == f"{one.address} refuses user gateway: wrong user name or password"


async def test_whoever_cannot_prove_who_they_are_is_told_no_password(tmp_path: Path) -> None:
    ours, strange = Authority(tmp_path), Authority(tmp_path, "strange")
    with secure(strange, strange.vouch("broker")) as server:
        for trust in (Trust(str(ours.file)), Trust()):
            async with broker(server, trust) as one:
                reason = await lost_reason(one)
            assert reason.startswith(f"the certificate of {one.address} is not trusted: ")
    with secure(ours, ours.vouch("elsewhere", address="127.0.0.9")) as server:
        async with broker(server, Trust(str(ours.file))) as one:
            assert "is not trusted: IP address mismatch" in await lost_reason(one)
    with secure(ours, ours.vouch("late", days=-1)) as server:
        async with broker(server, Trust(str(ours.file))) as one:
            assert "is not trusted: certificate has expired" in await lost_reason(one)


async def test_a_broker_that_asks_for_our_certificate_gets_it(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    mine = ours.vouch("gateway")
    with secure(ours, ours.vouch("broker"), "require_certificate true") as server:
        trust = Trust(str(ours.file), str(mine.cert), str(mine.key))
        async with broker(server, trust) as one, Listening(one, "a/#") as listening:
            await listening.up()
        async with broker(server, Trust(str(ours.file))) as one:
            assert await lost_reason(one), "without one nobody is let in"


async def test_tls_where_none_is_spoken_and_none_where_it_is(tmp_path: Path) -> None:
    ours = Authority(tmp_path)
    with secure(ours, ours.vouch("broker")) as server:
        async with broker(server, Trust(), scheme="mqtt") as one:
            assert await lost_reason(one) == f"{one.address} closed the connection"
    with mosquitto(users=USERS) as server:
        async with broker(server, Trust(str(ours.file))) as one:
            reason = await lost_reason(one)
            assert str(one.address) in reason
            assert "TLS" in reason or "closed the connection" in reason


@pytest.mark.parametrize(
    ("files", "word"),
    [
        (("missing.pem",), "cannot be read: no such file"),
        (("nonsense.pem",), "cannot be used"),
        (("authority.pem", "gateway.pem", "other.key"), "cannot be used"),
        (("authority.pem", "missing.pem", "gateway.key"), "cannot be read"),
    ],
)
async def test_certificate_files_that_cannot_be_used_are_a_reason_and_no_crash(
    tmp_path: Path, files: tuple[str, ...], word: str
) -> None:
    ours = Authority(tmp_path)
    ours.vouch("gateway")
    ours.vouch("other")
    (tmp_path / "nonsense.pem").write_text("not a certificate")
    async with Broker("mqtts://127.0.0.1:1", trust=Trust(*(str(tmp_path / file) for file in files))) as one:
        assert word in await lost_reason(one)

"""What the embedded mosquitto reads at its start: configuration, passwords, and who may read and write what."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gateway.operations.broker_users import HOME_ASSISTANT, below
from gateway.operations.private_file import private_file

COUNTED = "$SYS/broker/publish/messages/dropped"  # how many messages it has thrown away
UPTIME = "$SYS/broker/uptime"  # said at every interval, changed or not
GATEWAY, READERS = "gateway", "readers"
# What is kept nowhere cannot be found: messages live in memory alone, and only for who is connected.
CONFIGURATION = """\
# Written by moments at each start: changes are lost.
listener {port} {host}
allow_anonymous {anonymous}
password_file {folder}/passwords
acl_file {folder}/acl
max_packet_size 300000
max_connections 1100
max_inflight_messages 20
max_queued_messages 10000
max_queued_bytes 16777216
memory_limit 134217728
persistent_client_expiration 1h
persistence false
set_tcp_nodelay true
sys_interval 5
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages true
{user}"""
LEFT_BEHIND = ("mosquitto.db", "mosquitto.db.new")


class Credentials(NamedTuple):
    """A user name and a password of the broker."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """What a start of the broker is configured by; ``hashes`` has a hashed password for each user that has one.

    Readers write ``topics`` and the gateway reads them; the gateway writes ``published`` and Home Assistant reads them;
    Home Assistant writes ``subscribed`` and the gateway reads them. ``anonymous``: who does not sign in, or as READERS,
    may write all ``topics``; else each of ``readers`` may write its own.
    """

    folder: Path
    host: str
    port: int
    anonymous: bool
    topics: tuple[str, ...]
    published: tuple[str, ...]
    subscribed: tuple[str, ...]
    readers: Mapping[str, tuple[str, ...]]
    hashes: Mapping[str, str]


def write_settings(broker: BrokerSettings) -> None:
    """Writes configuration, passwords and rights of this broker into its folder, and removes what an older one kept."""
    folder = broker.folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in LEFT_BEHIND:
        (folder / name).unlink(missing_ok=True)
    configuration = CONFIGURATION.format(
        port=broker.port,
        host=broker.host,
        anonymous=str(broker.anonymous).lower(),
        folder=folder,
        # Started by root mosquitto would become another user, who cannot read this folder.
        user=f"user {pwd.getpwuid(0).pw_name}\n" if os.geteuid() == 0 else "",
    )
    private_file(folder / "mosquitto.conf", configuration.encode())
    write_users(broker)


def write_users(broker: BrokerSettings) -> None:
    """Writes passwords and rights: what mosquitto takes up anew while it runs."""
    rights = _rights_of(broker)
    anyone = f"{_rights('write', broker.topics)}\n" if broker.anonymous else ""
    acl = anyone + "\n".join(f"user {user}\n{lines}" for user, lines in rights.items())
    known = (f"{user}:{broker.hashes[user]}\n" for user in rights if user in broker.hashes)
    private_file(broker.folder / "acl", acl.encode())
    private_file(broker.folder / "passwords", "".join(known).encode())


def _rights_of(broker: BrokerSettings) -> dict[str, str]:
    users = {
        GATEWAY: _rights("read", [*broker.topics, *broker.subscribed, COUNTED, UPTIME])
        + _rights("write", broker.published),
        HOME_ASSISTANT: _rights("read", broker.published) + _rights("write", broker.subscribed),
    }
    if broker.anonymous:
        users[READERS] = _rights("write", broker.topics)
    return users | {user: _rights("write", topics) for user, topics in broker.readers.items()}


def _rights(right: str, topics: Iterable[str]) -> str:
    return "".join(f"topic {right} {topic}\n" for topic in topics)


def topics_of(links: Iterable[str]) -> list[str]:
    """What the gateway hears: the topics below each MQTT reader's link."""
    return sorted({below(link) for link in links})

"""What the embedded mosquitto reads at its start: configuration, passwords, and who may read and write what."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import pwd
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

COUNTED = "$SYS/broker/publish/messages/dropped"  # how many messages it has thrown away
ITERATIONS = 101  # what mosquitto_passwd uses; the passwords are 192 random bits, which no count makes safer
GATEWAY, READERS, HOME_ASSISTANT = USERS = ("gateway", "readers", "home-assistant")
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
set_tcp_nodelay true
sys_interval 5
log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages true
{user}{persistence}"""

PERSISTENCE = """\
persistence true
persistence_location {folder}/
autosave_interval 60
persistent_client_expiration 7d
"""


class Credentials(NamedTuple):
    """A user name and a password of the broker."""

    username: str
    password: str


@dataclass(frozen=True, slots=True)
class BrokerSettings:
    """What a start of the broker is configured by; ``passwords`` has one for each of USERS.

    Readers write ``topics`` and the gateway reads them; the gateway writes ``published`` and Home Assistant reads them;
    Home Assistant writes ``subscribed`` and the gateway reads them. ``anonymous``: who does not sign in is a reader.
    """

    folder: Path
    host: str
    port: int
    durable: bool
    anonymous: bool
    topics: tuple[str, ...]
    published: tuple[str, ...]
    subscribed: tuple[str, ...]
    passwords: Mapping[str, str]


def write_settings(broker: BrokerSettings) -> None:
    """Writes configuration, passwords and rights of this broker into its folder."""
    folder = broker.folder
    hashed = (f"{user}:{_hashed(broker.passwords[user])}\n" for user in USERS)
    _private(folder / "passwords", "".join(hashed))
    writing = _rights("write", broker.topics)
    rights = {
        GATEWAY: _rights("read", [*broker.topics, *broker.subscribed, COUNTED]) + _rights("write", broker.published),
        READERS: writing,
        HOME_ASSISTANT: _rights("read", broker.published) + _rights("write", broker.subscribed),
    }
    anyone = f"{writing}\n" if broker.anonymous else ""
    _private(folder / "acl", anyone + "\n".join(f"user {user}\n{lines}" for user, lines in rights.items()))
    configuration = CONFIGURATION.format(
        port=broker.port,
        host=broker.host,
        anonymous=str(broker.anonymous).lower(),
        folder=folder,
        # Started by root mosquitto would become another user, who cannot read this folder.
        user=f"user {pwd.getpwuid(0).pw_name}\n" if os.geteuid() == 0 else "",
        persistence=PERSISTENCE.format(folder=folder) if broker.durable else "persistence false\n",
    )
    _private(folder / "mosquitto.conf", configuration)


def credentials(folder: Path) -> dict[str, str]:
    """The passwords by user; kept, so that a reader which was given one may go on with it after a restart."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "credentials.json"
    try:
        kept = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        kept = None
    known = {user: kept[user] for user in USERS if isinstance(kept, dict) and isinstance(kept.get(user), str)}
    made = {user: known.get(user) or secrets.token_urlsafe(24) for user in USERS}
    if made != kept:
        _private(file, json.dumps(made))
    return made


def _rights(right: str, topics: Iterable[str]) -> str:
    return "".join(f"topic {right} {topic}\n" for topic in topics)


def _hashed(password: str) -> str:
    """A password as mosquitto_passwd writes it: ``$7$iterations$salt$PBKDF2-HMAC-SHA512``."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _private(file: Path, text: str) -> None:
    """Writes a file whole, for its owner alone."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    fresh.replace(file)

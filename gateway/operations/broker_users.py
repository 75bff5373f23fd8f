"""Who signs in at the embedded broker, each with a password of its own: every reader, and Home Assistant.

A password is made here and said once; what is kept, in ``broker/users.json`` of the data folder, is its hash. A broker
that runs takes up a new one within a second or two, and ends who came in with the old one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path

from gateway.operations.private_file import private_file
from gateway.settings.venue import ReaderConfig, VenueConfig

FOLDER, FILE, OLD = "broker", "users.json", "credentials.json"
HOME_ASSISTANT = "home-assistant"
OURS = frozenset({"gateway", "readers"})
ITERATIONS = 101  # what mosquitto_passwd uses; the passwords are 192 random bits, which no count makes safer
_ROOM = re.compile(r"[\w.-]+( [\w.-]+)*")


def users_of(config: VenueConfig) -> dict[str, tuple[str, ...]]:
    """The users of this venue's readers, each with the topics that it alone may write.

    A reader that is a device in each room, as of ESPresense, has a user for each of them: ``room@reader``.
    """
    users: dict[str, tuple[str, ...]] = {}
    for reader in config.readers:
        if reader.over == "mqtt":
            users |= _of_rooms(reader) if reader.driver == "espresense" and reader.rooms else _of(reader)
    return users


def _of(reader: ReaderConfig) -> dict[str, tuple[str, ...]]:
    return {_named(reader.id): (below(reader.link),)}


def _of_rooms(reader: ReaderConfig) -> dict[str, tuple[str, ...]]:
    prefix = reader.link.strip("/") or "espresense"
    return {
        f"{room}@{reader.id}": (f"{prefix}/devices/+/{room}", f"{prefix}/rooms/{room}", f"{prefix}/rooms/{room}/#")
        for room in map(str, reader.rooms or ())
        if _ROOM.fullmatch(room)
    }


def _named(reader: str) -> str:
    return f"reader-{reader}" if reader in OURS or reader == HOME_ASSISTANT else reader


def of_reader(config: VenueConfig, name: str) -> list[str]:
    """The users behind a name: a user itself, or all of the reader so called; empty where there is none."""
    users = [*users_of(config), *([HOME_ASSISTANT] if config.home_assistant is not None else [])]
    return [each for each in users if name in (each, each.rpartition("@")[2]) or each == _named(name)]


def below(link: str) -> str:
    """The filter of all topics below a reader's link."""
    return f"{link.rstrip('/#')}/#"


# --- passwords ----------------------------------------------------------------------------------------------------


def hashes(data: Path) -> dict[str, str]:
    """The hashed passwords by user, as they are kept in this data folder."""
    try:
        kept = json.loads((data / FOLDER / FILE).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return {str(user): str(value) for user, value in kept.items()} if isinstance(kept, dict) else {}


def new_passwords(data: Path, users: Iterable[str]) -> dict[str, str]:
    """Makes a new password for each of these users in place of what they had; nobody can be told it a second time."""
    made = {user: secrets.token_urlsafe(24) for user in users}
    _keep(data, hashes(data) | {user: hashed(password) for user, password in made.items()})
    return made


def rotate_broker(data: Path, config: VenueConfig) -> dict[str, str]:
    """Gives every reader and Home Assistant a new password; those of users that there are no longer are forgotten."""
    users = [*users_of(config), *([HOME_ASSISTANT] if config.home_assistant is not None else [])]
    made = {user: secrets.token_urlsafe(24) for user in users}
    _keep(data, {user: hashed(password) for user, password in made.items()})
    return made


def take_over(data: Path) -> bool:
    """Takes what an older version kept in clear: Home Assistant's password is kept hashed, the file is gone.

    True where readers have signed in with one password for all, which is good no longer.
    """
    file = data / FOLDER / OLD
    try:
        old = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return False
    except ValueError:
        old = {}
    old = old if isinstance(old, dict) else {}
    known, password = hashes(data), old.get(HOME_ASSISTANT)
    if isinstance(password, str) and HOME_ASSISTANT not in known:
        _keep(data, known | {HOME_ASSISTANT: hashed(password)})
    file.unlink()
    return "readers" in old


def hashed(password: str) -> str:
    """A password as mosquitto_passwd writes it: ``$7$iterations$salt$PBKDF2-HMAC-SHA512``."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return f"$7${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(digest).decode()}"


def _keep(data: Path, users: Mapping[str, str]) -> None:
    private_file(data / FOLDER / FILE, json.dumps(dict(users), ensure_ascii=False).encode())

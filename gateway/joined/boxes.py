"""Who this box is to its hub: two key pairs of its own, and what the hub said when it joined."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.hub.wire import b64, octets, table, text
from gateway.records import outside
from gateway.records.errors import Damaged
from gateway.records.sqlite_file import sync_folder

BOX_FILE = "hub-box.json"
CREDENTIAL = "hub-box-keys"
"""A systemd credential with the two private keys, 128 hex digits, where they are not to lie in the data folder."""


@dataclass(slots=True, frozen=True)
class Keys:
    """The private halves: ``sign`` proves who we are, ``open`` opens what is sealed for us."""

    sign: Ed25519PrivateKey
    open: X25519PrivateKey

    @property
    def public(self) -> tuple[bytes, bytes]:
        """What the hub knows of them: sign, open."""
        return self.sign.public_key().public_bytes_raw(), self.open.public_key().public_bytes_raw()


@dataclass(slots=True, frozen=True)
class Box:
    """This box, since it joined: its name at the hub, the hub's, and the keys by which they know each other."""

    id: str
    venue: str
    hub: str
    url: str
    hub_sign: bytes
    hub_open: bytes
    keys: Keys


def new_keys() -> Keys:
    """The keys that the credential holds, or new ones; raises Damaged for a credential that is none."""
    return _given() or Keys(Ed25519PrivateKey.generate(), X25519PrivateKey.generate())


def keep(folder: Path, box: Box) -> None:
    """Writes down who this box is, for this user alone; returns when the disk has it."""
    facts: dict[str, Any] = {
        "box": box.id, "venue": box.venue, "hub": box.hub, "url": box.url,
        "hub_keys": {"sign": b64(box.hub_sign), "open": b64(box.hub_open)},
    }  # fmt: skip
    if _given() is None:
        keys = box.keys
        facts["keys"] = {"sign": b64(keys.sign.private_bytes_raw()), "open": b64(keys.open.private_bytes_raw())}
    path = folder / BOX_FILE
    outside.replace(path, (json.dumps(facts, indent=1) + "\n").encode())


def read(folder: Path) -> Box | None:
    """Who this box is; None where it has not joined. Raises Damaged."""
    path = folder / BOX_FILE
    try:
        facts = table(json.loads(path.read_text("utf-8")), "the file")
        hub_keys, own = table(facts.get("hub_keys"), "hub_keys"), facts.get("keys")
        keys = _given() if own is None else keys_of(*(octets(own.get(name), name, 32) for name in ("sign", "open")))
        if keys is None:
            raise ValueError(f"its keys are in the credential {CREDENTIAL!r}, which is not there")
        box, venue, hub, url = (text(facts.get(name), name) for name in ("box", "venue", "hub", "url"))
        sign, open_ = (octets(hub_keys.get(name), name, 32) for name in ("sign", "open"))
        return Box(box, venue, hub, url, sign, open_, keys)
    except FileNotFoundError:
        return None
    except (ValueError, AttributeError) as error:
        raise Damaged(f"{path}: {error}; join the hub anew (moments join)") from None


def leave(folder: Path) -> bool:
    """Forgets who this box was, and its keys; whether it was one."""
    path = folder / BOX_FILE
    try:
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.write(bytes(size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return False
    sync_folder(folder)
    return True


def keys_of(sign: bytes, open_: bytes) -> Keys:
    """The keys with these private halves."""
    return Keys(Ed25519PrivateKey.from_private_bytes(sign), X25519PrivateKey.from_private_bytes(open_))


def _given() -> Keys | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    file = Path(folder, CREDENTIAL) if folder else None
    if file is None or not file.exists():
        return None
    try:
        raw = bytes.fromhex(file.read_text("ascii").strip())
    except ValueError:
        raw = b""
    if len(raw) != 64:
        raise Damaged(f"{file}: expected 128 hex digits")
    return keys_of(raw[:32], raw[32:])

"""The master key of a data folder: where it stands, and what it wraps."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.records.errors import Altered, WrongMasterKey
from gateway.records.sqlite_file import sync_folder

MASTER_FILE = "master.key"
MASTER_CREDENTIAL = "master-key"


def credential() -> Path | None:
    """The master key among systemd's credentials; None where it stands in the data folder."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(folder) / MASTER_CREDENTIAL if folder else None
    return path if path is not None and path.exists() else None


_held: dict[Path, bytes | None] = {}


@contextmanager
def in_mind(folder: Path) -> Iterator[None]:
    """The master key of this folder stays in memory: a trial on a stick leaves no trace of it there."""
    _held[folder] = None
    try:
        yield
    finally:
        del _held[folder]


def hold(folder: Path, key: bytes) -> bool:
    """Keeps the key of a folder that is ``in_mind``; False for any other, whose key is a file."""
    if folder not in _held:
        return False
    _held[folder] = key
    return True


def read_master(folder: Path) -> bytes | None:
    """The 32-byte master key of ``folder``: systemd's credential, else the file; None when there is neither."""
    if held := _held.get(folder):
        return held
    path = credential() or folder / MASTER_FILE
    return read_key(path) if path.exists() else None


def read_key(path: Path) -> bytes:
    """The 32 bytes of a master key in a file; raises WrongMasterKey for what is none."""
    raw = path.read_bytes()
    try:
        key = raw if len(raw) == 32 else bytes.fromhex(raw.decode("ascii").strip())
    except ValueError:
        key = b""
    if len(key) != 32:
        raise WrongMasterKey(f"{path}: expected 32 bytes or 64 hex digits, found {len(raw)} bytes")
    return key


def make_master(folder: Path) -> bytes:
    """A new master key in ``folder/master.key`` (0600), on the disk before anything is sealed with it."""
    key = os.urandom(32)
    descriptor = os.open(folder / MASTER_FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    _write(descriptor, key)
    sync_folder(folder)
    return key


def replace_master(folder: Path, key: bytes) -> None:
    """Puts ``key`` in place of the one in the folder; a cut leaves the old or the new."""
    part = folder / f"{MASTER_FILE}.part"
    part.unlink(missing_ok=True)
    _write(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), key)
    part.rename(folder / MASTER_FILE)
    sync_folder(folder)


def _write(descriptor: int, key: bytes) -> None:
    with os.fdopen(descriptor, "w") as file:
        file.write(key.hex() + "\n")
        file.flush()
        os.fsync(file.fileno())


def proof_of(master: bytes) -> bytes:
    """What proves in ``keys.db`` that this is the key it was made with, and tells nothing of it."""
    return hmac.digest(master, b"moments proof", "sha256")


class Wrapping:
    """Wraps what is kept in ``keys.db`` with the master key.

    While one master key takes another's place both open; the newest wraps.
    """

    def __init__(self, master: bytes) -> None:
        self._ciphers = [_cipher(master)]

    def wrap(self, key: bytes, bound: bytes) -> bytes:
        """``key`` (32 bytes), wrapped for ``bound``: nonce 12, key 32, tag 16."""
        nonce = os.urandom(12)
        return nonce + self._ciphers[0].encrypt(nonce, key, bound)

    def unwrap(self, wrapped: bytes, bound: bytes) -> bytes:
        """The key inside; raises Altered."""
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(wrapped[:12], wrapped[12:], bound)
            except (InvalidTag, ValueError):
                continue
        raise Altered("keys.db: a key was changed")

    def admit(self, master: bytes, *, newest: bool) -> None:
        """Another master key opens too from now on; the ``newest`` wraps."""
        self._ciphers.insert(0 if newest else len(self._ciphers), _cipher(master))

    def only(self, master: bytes) -> None:
        """No other master key opens any more."""
        self._ciphers = [_cipher(master)]


def _cipher(master: bytes) -> AESGCM:
    return AESGCM(hmac.digest(master, b"moments data keys", "sha256"))

"""The hub's own keys, in ``hub-keys.db`` on its own disk: by which it signs, is sent keys, and seals wraps once more.

Several processes of one machine share the file. Where a hub runs on several machines, each is given the same keys as
credentials: ``hub-signing-key`` (from which the others follow) and ``hub-generation-key``.
"""

from __future__ import annotations

import hmac
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.hub.bundles import DataKey
from gateway.records.errors import Altered
from gateway.records.master_key import read_key
from gateway.records.sqlite_file import connect_to_write, in_one, private_folder

FILE = "hub-keys.db"
SIGNING, GENERATION = "hub-signing-key", "hub-generation-key"
_TABLES = """
CREATE TABLE IF NOT EXISTS own (name TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS generations (generation INTEGER PRIMARY KEY, key BLOB NOT NULL) STRICT;
"""


class OtherGeneration(Exception):
    """A wrap was sealed with a generation key that is not on this machine."""


def _credential(name: str) -> bytes | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    file = Path(folder, name) if folder else None
    return read_key(file) if file is not None and file.exists() else None


class OwnKeys:
    """What one hub machine holds, opened; a new folder gets new keys."""

    def __init__(self, folder: Path) -> None:
        private_folder(folder)
        self._db = connect_to_write(folder / FILE)
        self._db.executescript(_TABLES)
        seed = _credential(SIGNING) or self._own("sign")
        self._sign = Ed25519PrivateKey.from_private_bytes(seed)
        self.opening = X25519PrivateKey.from_private_bytes(hmac.digest(seed, b"moments hub open", "sha256"))
        self.challenges = hmac.digest(seed, b"moments hub challenges", "sha256")
        """By which a challenge is known again."""
        self._given = _credential(GENERATION)
        if self._given is None and not self._db.execute("SELECT 1 FROM generations").fetchone():
            in_one(self._db, "INSERT OR IGNORE INTO generations VALUES (1, ?)", [(os.urandom(32),)])

    def _own(self, name: str) -> bytes:
        in_one(self._db, "INSERT OR IGNORE INTO own VALUES (?, ?)", [(name, os.urandom(32))])
        row = self._db.execute("SELECT key FROM own WHERE name = ?", (name,)).fetchone()
        return bytes(row[0])

    @property
    def sign(self) -> bytes:
        """The public key by which boxes know this hub."""
        return self._sign.public_key().public_bytes_raw()

    @property
    def open(self) -> bytes:
        """The public key for which boxes seal what they send it."""
        return self.opening.public_key().public_bytes_raw()

    def signature(self, said: bytes) -> bytes:
        """What proves that this hub said it."""
        return self._sign.sign(said)

    # --- generations -------------------------------------------------------------------------------------------------

    @property
    def given(self) -> bool:
        """Whether the generation key is a credential, which only who gave it can replace."""
        return self._given is not None

    def generation(self, number: int) -> bytes:
        """The key of one generation; raises OtherGeneration."""
        if self._given is not None:
            return self._given
        row = self._db.execute("SELECT key FROM generations WHERE generation = ?", (number,)).fetchone()
        if row is None or not any(row[0]):
            raise OtherGeneration(number)
        return bytes(row[0])

    def proof(self, number: int) -> str:
        """What two machines compare to know that they hold the same key, and that tells nothing of it."""
        return hmac.digest(self.generation(number), b"moments generation", "sha256").hex()

    def next_generation(self, number: int) -> None:
        """Makes the key of generation ``number`` if there is none."""
        in_one(self._db, "INSERT OR IGNORE INTO generations VALUES (?, ?)", [(number, os.urandom(32))])

    def destroy_before(self, number: int) -> None:
        """Overwrites the keys of all generations before ``number``; on the disk when this returns."""
        sql = "UPDATE generations SET key = ? WHERE generation < ?"
        in_one(self._db, sql, [(bytes(32), number)])
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def wrap(self, each: DataKey, generation: int) -> bytes:
        """A data key as the store keeps it."""
        nonce = os.urandom(12)
        return nonce + AESGCM(self.generation(generation)).encrypt(nonce, each.key, _bound(each.customer, each.key_id))

    def unwrap(self, customer: str, key_id: bytes, wrapped: bytes, generation: int) -> DataKey:
        """The data key inside; raises Altered, or OtherGeneration."""
        cipher = AESGCM(self.generation(generation))
        try:
            return DataKey(customer, key_id, cipher.decrypt(wrapped[:12], wrapped[12:], _bound(customer, key_id)))
        except (InvalidTag, ValueError):
            raise Altered(f"the key of {customer} in the hub's store was changed") from None

    def close(self) -> None:
        """Closes ``hub-keys.db``."""
        self._db.close()


def _bound(customer: str, key_id: bytes) -> bytes:
    return customer.encode() + b"\x00" + key_id

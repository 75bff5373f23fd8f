"""The recovery key: what opens a copy on an empty box, and lies in no copy.

Set-up makes an X25519 key pair, prints its private half once as 24 words and a picture, and keeps the public half; or
both halves follow from a passphrase (argon2id). Copies hold the master key sealed to the public half
(``master.sealed``). The private half also vouches for the key that signs for the house: a copy that another house made,
sealed to the same public half, is known for what it is.
"""

from __future__ import annotations

import difflib
import hashlib
import hmac
import json
import os
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.events.times import iso, now
from gateway.records import outside
from gateway.records.errors import Damaged
from gateway.records.signing import Hand

RECOVERY_FILE = "recovery.json"
SEALED_FILE = "master.sealed"
WORDS = 24
SHORTEST = 12  # characters of a passphrase
ARGON2 = {"time": 3, "memory": 262_144, "lanes": 4}  # 256 MiB: half a second on a small box, once at a restore
MOST = {"time": 20, "memory": 1_048_576, "lanes": 16}  # what a file may ask of us
HEADER = ("kind", "public", "salt", "argon2", "made", "house", "voucher", "sig")

NONE_YET = (
    "there is no recovery key, without which a copy could never be opened elsewhere: make one first with"
    " `moments recovery new` (24 words, printed once) or `moments recovery new --passphrase`;"
    " `moments recovery show` says what there is"
)


class NoRecovery(Exception):
    """No recovery key was made, or it is none of this house's."""


class WrongRecovery(Exception):
    """These words or this passphrase are not those of the recovery key; which word is wrong, where one is."""


# --- words -----------------------------------------------------------------------------------------------------------


@cache
def _language() -> Any:
    from mnemonic import Mnemonic  # reads its list, 2,048 words, only where somebody asks for it

    return Mnemonic("english")


def in_words(secret: bytes) -> list[str]:
    """The 24 words (BIP-39, English) of 32 bytes."""
    return str(_language().to_mnemonic(secret)).split()


def of_words(text: str) -> bytes:
    """The 32 bytes of 24 words; raises WrongRecovery, which names the word that is on no list, or says what else."""
    words = re.findall(r"[^\W\d_]+", text.lower())  # as they stand on the sheet, with numbers or without
    known = _language().wordlist
    for number, word in enumerate(words, 1):
        if word not in known:
            near = difflib.get_close_matches(word, known, 1)
            hint = f"; is it {near[0]!r}?" if near else ""
            raise WrongRecovery(f"word {number}, {word!r}, is not one of the list{hint}")
    if len(words) != WORDS:
        raise WrongRecovery(f"expected {WORDS} words, found {len(words)}")
    try:
        return bytes(_language().to_entropy(words))
    except ValueError:
        raise WrongRecovery("these words do not belong together: one is another, or two are exchanged") from None


def of_passphrase(text: str, salt: bytes, costs: Mapping[str, int]) -> bytes:
    """The 32 bytes that follow from a passphrase by argon2id."""
    return hash_secret_raw(
        unicodedata.normalize("NFC", text.strip()).encode(),
        salt,
        time_cost=costs["time"],
        memory_cost=costs["memory"],
        parallelism=costs["lanes"],
        hash_len=32,
        type=Type.ID,
    )


# --- the key ---------------------------------------------------------------------------------------------------------


class Recovery:
    """The public half of a recovery key as a house keeps it, and what vouches for whom."""

    def __init__(self, header: Mapping[str, Any]) -> None:
        """Raises Damaged for what is no header of a recovery key."""
        self.header = {name: header.get(name) for name in HEADER}
        try:
            self.kind: str = {"words": "words", "passphrase": "passphrase"}[header["kind"]]
            self.public = bytes.fromhex(header["public"])
            self.house = bytes.fromhex(header["house"])
            self._voucher = bytes.fromhex(header["voucher"])
            self.made = str(header["made"])
            X25519PublicKey.from_public_bytes(self.public)
            if self.kind == "passphrase":
                self._salt = bytes.fromhex(header["salt"])
                self._costs = {name: int(header["argon2"][name]) for name in ARGON2}
                if any(not 0 < value <= MOST[name] for name, value in self._costs.items()):
                    raise ValueError("asks too much")
        except (KeyError, ValueError, TypeError) as error:
            raise Damaged("this is no recovery key") from error

    def secret(self, text: str) -> bytes:
        """The private half of what somebody has typed or read from the sheet; raises WrongRecovery."""
        secret = of_words(text) if self.kind == "words" else of_passphrase(text, self._salt, self._costs)
        if _public_of(secret) != self.public:
            what = "are the words of another recovery key" if self.kind == "words" else "is not the passphrase"
            raise WrongRecovery(f"{'these' if self.kind == 'words' else 'this'} {what}")
        if not hmac.compare_digest(self._voucher, _voucher(secret, self.house)):
            raise WrongRecovery("another house than that of this recovery key made the copy")
        return secret


def new_secret() -> bytes:
    """32 random bytes: the private half of a recovery key."""
    return os.urandom(32)


def make(folder: Path, hand: Hand, *, passphrase: str | None = None) -> tuple[Recovery, bytes]:
    """Makes a recovery key for the house and keeps its public half; the private half is answered and kept nowhere.

    Raises ValueError for a passphrase that is too short.
    """
    salt = os.urandom(16) if passphrase is not None else None
    if passphrase is not None and len(passphrase.strip()) < SHORTEST:
        raise ValueError(f"a passphrase has {SHORTEST} characters or more")
    secret = new_secret() if passphrase is None or salt is None else of_passphrase(passphrase, salt, ARGON2)
    facts = {
        "kind": "words" if passphrase is None else "passphrase",
        "public": _public_of(secret).hex(),
        "salt": salt.hex() if salt else None,
        "argon2": ARGON2 if salt else None,
        "made": iso(now()),
        "house": hand.public.hex(),
        "voucher": _voucher(secret, hand.public).hex(),
    }
    recovery = Recovery({**facts, "sig": hand.sign("recovery", facts)})
    keep(folder, recovery)
    return recovery, secret


def keep(folder: Path, recovery: Recovery) -> None:
    """Writes the public half down; returns when the disk has it."""
    _write(folder / RECOVERY_FILE, recovery.header)


def of(folder: Path, hand: Hand) -> Recovery:
    """The recovery key of a data folder; raises NoRecovery where none was made, or another house made it."""
    path = folder / RECOVERY_FILE
    if not path.exists():
        raise NoRecovery(NONE_YET)
    recovery = Recovery(_read(path))
    if not signed_by(hand, recovery):
        raise NoRecovery(f"{path} is not what this house made; make a new one with `moments recovery new --replace`")
    return recovery


def signed_by(hand: Hand, recovery: Recovery) -> bool:
    """Whether the house of this hand made this recovery key."""
    facts = {name: value for name, value in recovery.header.items() if name != "sig"}
    return hand.signed("recovery", facts, recovery.header["sig"])


# --- the sealed master key -------------------------------------------------------------------------------------------


def seal(folder: Path, recovery: Recovery, master: bytes, of_master: str) -> None:
    """Puts the master key into ``folder/master.sealed``, sealed; older ones stay for the copies that need them."""
    ephemeral = X25519PrivateKey.generate()
    to = X25519PublicKey.from_public_bytes(recovery.public)
    mine = ephemeral.public_key().public_bytes_raw()
    key = _key(ephemeral.exchange(to), mine, recovery.public)
    body = AESGCM(key).encrypt(bytes(12), master, of_master.encode())
    entry = {**recovery.header, "of": of_master, "ephemeral": mine.hex(), "sealed": body.hex()}
    others = [one for one in entries(folder) if one.get("of") != of_master]
    _write(folder / SEALED_FILE, {"moments": "sealed-master-1", "sealed": [*others, entry]})


def entries(folder: Path) -> list[dict[str, Any]]:
    """The sealed master keys in ``folder``, each with the recovery key that opens it; raises Damaged."""
    path = folder / SEALED_FILE
    if not path.exists():
        return []
    found = _read(path).get("sealed")
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Damaged(f"{path.name} is no sealed master key")
    return found


def unseal(entry: Mapping[str, Any], secret: bytes) -> bytes:
    """The master key inside; raises WrongRecovery where this is not the key it was sealed for."""
    try:
        ephemeral, of_master = bytes.fromhex(entry["ephemeral"]), str(entry["of"])
        shared = X25519PrivateKey.from_private_bytes(secret).exchange(X25519PublicKey.from_public_bytes(ephemeral))
        key = _key(shared, ephemeral, _public_of(secret))
        return AESGCM(key).decrypt(bytes(12), bytes.fromhex(entry["sealed"]), of_master.encode())
    except (InvalidTag, ValueError, KeyError, TypeError):
        raise WrongRecovery(f"{SEALED_FILE} does not open with this recovery key, or was changed") from None


def _key(shared: bytes, ephemeral: bytes, public: bytes) -> bytes:
    info = b"moments master.sealed 1" + ephemeral + public
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(shared)


def _public_of(secret: bytes) -> bytes:
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def _voucher(secret: bytes, house: bytes) -> bytes:
    key = hashlib.sha256(b"moments recovery vouches" + secret).digest()
    return hmac.digest(key, house, "sha256")


# --- files -----------------------------------------------------------------------------------------------------------


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(outside.text_in(path))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Damaged(f"{path.name} cannot be read")
    return found


def _write(path: Path, facts: Mapping[str, Any]) -> None:
    outside.replace(path, (json.dumps(facts, indent=1) + "\n").encode())


def picture_of(words: Iterable[str]) -> str:
    """What a QR of the words holds."""
    return " ".join(words)

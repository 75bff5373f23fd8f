"""Personal data at rest: identifiers as keyed hashes, fields sealed with a key per customer.

A sealed value is ``version (1 byte), key id (8), nonce (12), AES-256-GCM ciphertext and tag``; what is inside is JSON.
It is bound to where it stands: by version 1 to its place and holder, by version 2 to the head of its event (chain.py).
The data keys stand in ``keys.db``, wrapped by the master key. Destroying a data key erases every value sealed with it,
in the database, in its journal, and in every backup whose ``keys.db`` has been replaced since.
"""

from __future__ import annotations

import hmac
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.events.event import HOUSE, STAFF
from gateway.records import master_rotation, schema
from gateway.records.compact import compact
from gateway.records.damage import Damage
from gateway.records.erasure_list import ErasureList
from gateway.records.errors import Altered, Damaged, Erased, Unreadable, WrongMasterKey
from gateway.records.house_secrets import HouseSecrets
from gateway.records.master_key import MASTER_FILE, Wrapping, make_master, proof_of, read_master
from gateway.records.sealed_value import KEY_ID, bound_to, open_for, open_with
from gateway.records.signing import Hand
from gateway.records.sqlite_file import connect_to_read, connect_to_write, in_one, sqlite3, transaction

__all__ = ["HOUSE", "KEYS_FILE", "MASTER_FILE", "STAFF", "Keyring", "open_with", "read_master"]

KEYS_FILE = "keys.db"

BY_PLACE = b"\x01"
BY_HEAD = b"\x02"
JOURNAL = "journal"  # the place of events
DESTROYED = bytes(60)  # as long as a wrapped key (nonce 12, key 32, tag 16), so that it is overwritten in place
CACHE = 100_000  # data keys in memory, about 20 MB
LATELY = 1_000  # of them ready to use, about 2.5 MB
MADE = """
INSERT INTO keys (key_id, holder, wrapped) VALUES (?, ?, ?)
ON CONFLICT (key_id) DO UPDATE SET wrapped = excluded.wrapped WHERE holder = excluded.holder
"""
KEEP_HEAD = "INSERT OR REPLACE INTO head (id, epoch, position, hash, proof) VALUES (1, ?, ?, ?, ?)"


class Keyring:
    """The keys of one data folder.

    Opening is free to every thread; sealing belongs to the writer. New keys wait in memory for ``commit``, which comes
    before the rows that need them, and retired ones for ``settle``, which comes after the rows are gone.
    """

    def __init__(self, folder: Path, *, read_only: bool = False) -> None:
        """Opens ``folder``; a new folder gets a master key and an empty ``keys.db`` unless ``read_only``."""
        path = folder / KEYS_FILE
        master = read_master(folder)
        if master is None:
            if read_only or path.exists():
                raise WrongMasterKey(f"{folder}: no master key; put the venue's into {folder / MASTER_FILE}")
            master = make_master(folder)
        self._raw: dict[bytes, bytes] = {}  # key id -> data key, for keys on the disk
        self._ciphers: dict[bytes, AESGCM] = {}  # the same, ready to use, for those used lately
        self._current: dict[str, bytes] = {}  # holder -> id of the key that seals now
        self._made: list[tuple[str, bytes]] = []  # (holder, key id) not yet on the disk, in order
        self._made_for: dict[str, bytes] = {}  # the same as a look-up, newest for each holder
        self._made_raw: dict[bytes, bytes] = {}
        self._made_ciphers: dict[bytes, AESGCM] = {}
        self.damage = Damage()
        """What could not be opened since we began, though nobody was erased."""
        self._doomed: dict[bytes, bool] = {}  # ids to destroy once the rows are gone, in order; whether they are listed
        self._lock = threading.Lock()
        self._write = None if read_only else self._open_to_write(path)
        self._read = connect_to_read(path)
        self.folder = folder
        self.wrapping = Wrapping(master)
        self._check(master)
        self.secrets = HouseSecrets(self._read, master, self.wrapping)
        self.chain_key = self.secrets.all("lists")[0]
        self.hand = Hand(self.secrets.all("hand")[0], self.chain_key)
        self.erasures = ErasureList(folder, self.hand)

    @staticmethod
    def _open_to_write(path: Path) -> sqlite3.Connection:
        connection = connect_to_write(path)
        schema.migrate(schema.KEYS, schema.bare(connection))
        return connection

    def _check(self, master: bytes) -> None:
        """Refuses a master key that is not the one this folder began with, before anything is sealed wrongly."""
        row = self._read.execute("SELECT proof FROM master").fetchone()
        if row is None and self._write is not None:
            self._write.execute("INSERT INTO master (id, proof) VALUES (1, ?)", (proof_of(master),))
        elif row is None or not master_rotation.admits(self._read, self.wrapping, master, row[0]):
            raise WrongMasterKey("the master key is not the one these records were sealed with")

    # --- identifiers -------------------------------------------------------------------------------------------------

    def fingerprint(self, identifier: str) -> bytes:
        """The 32-byte keyed hash that stands on disk instead of ``identifier``."""
        return self.fingerprints(identifier)[0]

    def fingerprints(self, identifier: str) -> list[bytes]:
        """That one, and those that were made of it with keys from before, newest first."""
        value = identifier.encode()
        return [digest(value) for digest in self.secrets.hashings("identifiers")]

    def salt(self, event: str, sequence: int) -> str:
        """32 hex digits, random to whoever has no key; with it they prove which number the event has."""
        return _salt(self.secrets.all("salts")[0], event, sequence)

    def salted(self, event: str, sequence: int, salt: str) -> bool:
        """Whether this is the salt of the event, by the key of now or one from before."""
        return any(_salt(key, event, sequence) == salt for key in self.secrets.all("salts"))

    # --- values ------------------------------------------------------------------------------------------------------

    def seal(self, customer: str, value: object, *, place: str) -> bytes:
        """``value`` (JSON) sealed for ``place`` with the customer's key, made at first use; raises Erased."""
        return self._seal(customer, value, BY_PLACE, bound_to(place, customer))

    def seal_event(self, holder: str, data: object, head: bytes) -> bytes:
        """An event's data (JSON) sealed to the digest of its head; raises Erased."""
        return self._seal(holder, data, BY_HEAD, head)

    def _seal(self, holder: str, value: object, version: bytes, bound: bytes) -> bytes:
        key_id = self._key_for_sealing(holder)
        nonce = os.urandom(12)
        body = self._cipher(key_id).encrypt(nonce, compact(value).encode(), bound)
        return b"".join((version, key_id, nonce, body))

    def open_event(self, holder: str, sealed: bytes, head: bytes) -> Any:
        """The data of an event; raises Erased when its key is destroyed, Altered when it was changed or moved."""
        if sealed[:1] == BY_PLACE:  # from before events had heads
            return open_for(self._cipher(sealed[KEY_ID]), sealed, bound_to(JOURNAL, holder), JOURNAL)
        return open_for(self._cipher(sealed[KEY_ID]), sealed, head, JOURNAL)

    def open(self, customer: str, sealed: bytes, *, place: str) -> Any:
        """The value inside; raises Erased when its key is destroyed, Altered when it was changed or moved.

        What was altered is found in ``damage`` from then on.
        """
        try:
            return open_for(self._cipher(sealed[KEY_ID]), sealed, bound_to(place, customer), place)
        except Altered:
            self.damage.note(place, customer)
            raise

    def unwrap(self, key_id: bytes | None, holder: str, wrapped: bytes | None) -> bytes:
        """The data key inside a row of ``keys.db``; raises Erased where it was destroyed, Altered where none is."""
        if key_id is None or wrapped is None:  # a destroyed one stays as zeros: this was never a key of ours
            raise Altered("a value is sealed with a key that is not ours")
        if wrapped == DESTROYED:
            raise Erased
        return self.wrapping.unwrap(wrapped, key_id + holder.encode())

    def _cipher(self, key_id: bytes) -> AESGCM:
        cipher = self._ciphers.get(key_id) or self._made_ciphers.get(key_id)
        if cipher is None:
            cipher = AESGCM(self._key(key_id))
            if key_id not in self._raw:  # what is only made may still be undone
                self._made_ciphers[key_id] = cipher
                return cipher
            if len(self._ciphers) >= LATELY:
                self._ciphers = {}
            self._ciphers[key_id] = cipher
        return cipher

    def _key(self, key_id: bytes) -> bytes:
        key = self._raw.get(key_id) or self._made_raw.get(key_id)
        if key is None:
            with self._lock:
                row = self._read.execute("SELECT holder, wrapped FROM keys WHERE key_id = ?", (key_id,)).fetchone()
            key = self._keep(key_id, self.unwrap(key_id, *(row or ("", None))))
        return key

    def _keep(self, key_id: bytes, key: bytes) -> bytes:
        if len(self._raw) >= CACHE:
            self._raw, self._current = {}, {}
        self._raw[key_id] = key
        return key

    # --- keys --------------------------------------------------------------------------------------------------------

    def _key_for_sealing(self, holder: str) -> bytes:
        key_id = self._newest(holder)
        if key_id == b"":
            raise Erased
        return self._make(holder) if key_id is None else key_id

    def _newest(self, holder: str) -> bytes | None:
        """Id of the key that seals for ``holder``; None: never had one; empty: erased."""
        key_id = self._made_for.get(holder) or self._current.get(holder)
        if key_id is None:
            with self._lock:
                row = self._read.execute(
                    "SELECT key_id, wrapped FROM keys WHERE holder = ? ORDER BY position DESC LIMIT 1", (holder,)
                ).fetchone()
            if row is None:
                return None
            if row[1] == DESTROYED:
                return b""
            key_id = self._current[holder] = bytes(row[0])
        return b"" if key_id in self._doomed else key_id

    def _make(self, holder: str) -> bytes:
        key_id = os.urandom(8)
        self._made.append((holder, key_id))
        self._made_for[holder] = key_id
        self._made_raw[key_id] = os.urandom(32)
        return key_id

    def another(self, holder: str) -> None:
        """Gives a holder a key that seals from now on; what those from before sealed they still open."""
        if self._newest(holder):
            self._make(holder)

    def renew(self, holder: str) -> None:
        """Gives a holder who is new, or was erased and comes back, a key; what the old one sealed stays dark."""
        if not self._newest(holder):
            self._make(holder)

    def erased(self, holder: str) -> bool:
        """Whether the holder had a key and has none now."""
        return self._newest(holder) == b""

    def has(self, key_id: bytes) -> bool:
        """Whether the key with this id still opens what it sealed."""
        try:
            return bool(self._key(key_id))
        except Unreadable:
            return False

    def destroyed(self, key_id: bytes) -> bool:
        """Whether the key with this id was destroyed on purpose; one that never was is not."""
        try:
            return not self._key(key_id)
        except Erased:
            return True
        except Altered:
            return False

    def ids_of(self, holder: str) -> list[str]:
        """The ids, in hex, of every data key of ``holder`` that still opens something, oldest first."""
        with self._lock:
            rows = self._read.execute(
                "SELECT key_id FROM keys WHERE holder = ? AND wrapped <> ? ORDER BY position", (holder, DESTROYED)
            ).fetchall()
        made = [key_id for of, key_id in self._made if of == holder]
        return [key_id.hex() for key_id in [*(row[0] for row in rows), *made] if key_id not in self._doomed]

    def holders(self, prefix: str) -> list[str]:
        """Those whose name begins with ``prefix`` and who have a key that still opens something."""
        with self._lock:
            rows = self._read.execute(
                "SELECT DISTINCT holder FROM keys WHERE holder >= ? AND holder < ? AND wrapped <> ?",
                (prefix, prefix[:-1] + chr(ord(prefix[-1]) + 1), DESTROYED),
            ).fetchall()
        return [row[0] for row in rows]

    def bring(self, holder: str, key_id: bytes, key: bytes) -> None:
        """Takes in a key that another house made for ``holder``; one that was given back may come again."""
        if not self.has(key_id):
            self._made.append((holder, key_id))
            self._made_for[holder], self._made_raw[key_id] = key_id, key

    def retire(self, key_ids: Iterable[bytes], *, listed: bool = True) -> None:
        """Seals nothing more with these keys; ``settle`` destroys them, for good where they are ``listed``."""
        self._doomed.update(dict.fromkeys((key_id for key_id in key_ids if self.has(key_id)), listed))

    def forget(self, customer: str) -> None:
        """Destroys the customer's data keys now, on the disk and in memory."""
        self.retire(map(bytes.fromhex, self.ids_of(customer)))
        self.commit()
        self.settle()

    # --- the writer's side -------------------------------------------------------------------------------------------

    def mark(self) -> tuple[int, int]:
        """Where ``undo`` may come back to."""
        return len(self._made), len(self._doomed)

    def undo(self, mark: tuple[int, int]) -> None:
        """Drops the keys made and retired since ``mark``."""
        for _, key_id in self._made[mark[0] :]:
            del self._made_raw[key_id]
            self._made_ciphers.pop(key_id, None)
        del self._made[mark[0] :]
        self._made_for = dict(self._made)
        for key_id in list(self._doomed)[mark[1] :]:
            del self._doomed[key_id]

    def commit(self) -> None:
        """Writes the new keys; returns when the disk has them."""
        if not self._made or self._write is None:
            return
        made = ((key_id, holder, self._made_raw[key_id]) for holder, key_id in self._made)
        rows = [(key_id, holder, self.wrapping.wrap(key, key_id + holder.encode())) for key_id, holder, key in made]
        in_one(self._write, MADE, rows)
        for holder, key_id in self._made:
            self._keep(key_id, self._made_raw[key_id])
            self._current[holder] = key_id
        self._made, self._made_for, self._made_raw, self._made_ciphers = [], {}, {}, {}

    @contextmanager
    def changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction on ``keys.db``, for the writer; on the disk when the block ends, undone where it raises."""
        if self._write is None:
            raise PermissionError("these keys are open to be read alone")
        with transaction(self._write):
            yield self._write

    def fold(self) -> None:
        """Folds the WAL into ``keys.db``: what was overwritten is gone from the disk."""
        if self._write is not None:
            self._write.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def select(self, sql: str, *values: object) -> list[Any]:
        """Rows of ``keys.db``, as the disk has them."""
        with self._lock:
            return self._read.execute(sql, values).fetchall()

    def settle(self) -> None:
        """Destroys the retired keys: overwritten in the file, and no copy left in its WAL."""
        for listed in (True, False):
            self.destroy([key_id for key_id, each in self._doomed.items() if each == listed], listed=listed)
        self._doomed.clear()

    def destroy(self, key_ids: list[bytes], *, listed: bool = True) -> None:
        """Overwrites the keys with these ids, whoever holds them; once they are on the list of erasures."""
        if not key_ids or self._write is None:
            return
        if listed:
            self.erasures.add(key_ids)
        in_one(self._write, "UPDATE keys SET wrapped = ? WHERE key_id = ?", [(DESTROYED, k) for k in key_ids])
        self.fold()
        gone = set(key_ids)
        self._raw = {k: key for k, key in self._raw.items() if k not in gone}
        self._ciphers = {k: cipher for k, cipher in self._ciphers.items() if k not in gone}
        self._current = {holder: k for holder, k in self._current.items() if k not in gone}

    # --- the head of the journal -------------------------------------------------------------------------------------

    def keep_head(self, epoch: int, position: int, hash_: bytes) -> None:
        """Keeps where the journal stands; returns when the disk has it."""
        if self._write is not None:
            row = self.proved_head(epoch, position, hash_)
            in_one(self._write, KEEP_HEAD, [row])

    def proved_head(self, epoch: int, position: int, hash_: bytes) -> tuple[int, int, bytes, bytes]:
        """The same as it is kept, with what proves it."""
        return epoch, position, hash_, self.prove(b"head %d %d " % (epoch, position) + hash_)

    def kept_head(self) -> tuple[int, int, bytes] | None:
        """Epoch, position and hash where the journal stood, None where none is; raises Damaged for a forged one."""
        with self._lock:
            row = self._read.execute("SELECT epoch, position, hash, proof FROM head").fetchone()
        if row is None:
            return None
        if not self.proves(row[3], b"head %d %d " % row[:2] + row[2]):
            raise Damaged(f"{KEYS_FILE}: the head of the journal was changed")
        return row[0], row[1], row[2]

    def prove(self, text: bytes) -> bytes:
        """What proves that the house wrote ``text`` of its journal."""
        return hmac.digest(self.secrets.all("proofs")[0], text, "sha256")

    def keys_for(self, purpose: bytes) -> list[bytes]:
        """Keys of the house for one purpose, the newest first: they follow from what proves its journal."""
        return [hmac.digest(key, purpose, "sha256") for key in self.secrets.all("proofs")]

    def proves(self, proof: bytes, text: bytes) -> bool:
        """Whether this is such a proof, by the key of now or one from before."""
        made = [hmac.digest(key, text, "sha256") for key in self.secrets.all("proofs")]
        return any(hmac.compare_digest(proof, each) for each in made)

    def close(self) -> None:
        """Closes ``keys.db``."""
        self._read.close()
        if self._write is not None:
            self._write.close()


def _salt(key: bytes, event: str, sequence: int) -> str:
    return blake2b(f"{event} {sequence}".encode(), key=key, digest_size=16).hexdigest()

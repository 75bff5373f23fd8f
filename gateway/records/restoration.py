"""The way back: a copy brought into a data folder, with nobody in it who was erased and no right that nobody gave."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import NamedTuple

from gateway.events import venue_time
from gateway.events.event import GATEWAY, News
from gateway.events.times import iso, now
from gateway.records import (
    aliases,
    belonging,
    lent,
    manifest,
    master_rotation,
    numbers,
    outside,
    quarantine,
    rebuild,
    recovery,
    sealed_authority,
    swap,
)
from gateway.records.anchor import ANCHOR_FILE
from gateway.records.connection import SealedDatabase
from gateway.records.copying import copied, part_of
from gateway.records.erasure_list import ERASURES_FILE, hash_of, unite, write
from gateway.records.errors import Damaged, WrongMasterKey
from gateway.records.journal import Journal
from gateway.records.manifest import AUTHORITY, beside, made_at
from gateway.records.master_key import MASTER_FILE, Wrapping, hold, read_key, read_master
from gateway.records.recovery import Recovery
from gateway.records.seal import DESTROYED, KEYS_FILE, Keyring
from gateway.records.signing import Hand
from gateway.records.sqlite_file import connect_to_read, connect_to_write, in_one, private_folder, sqlite3
from gateway.records.store import LOCK_FILE, RECORDS_FILE, Store, reading, take_lock
from gateway.records.verify import verify

COPIES = "moments-*.db"
Ask = Callable[[Recovery], bytes]
"""Asks a person for the recovery key; answers its private half, raises WrongRecovery."""


class NotEmpty(Exception):
    """The data folder holds records already."""


class Brought(NamedTuple):
    """The copy that was brought back, what is wrong with its journal, newer ones that were not taken, with why.

    ``quarantined`` says why the house begins in quarantine, ``ended`` how many sessions and tokens are over.
    """

    path: Path
    wrong: str | None
    passed: list[tuple[Path, str]]
    quarantined: str | None = None
    ended: int = 0
    was_open: bool = False


def restore(
    source: Path,
    data_folder: Path,
    *,
    force: bool = False,
    broken: bool = False,
    erasures: Sequence[Path] = (),
    receipts: Sequence[Path] = (),
    ask: Ask | None = None,
    keep_tokens: bool = False,
) -> Brought:
    """Brings a copy (a file, or the newest good one of a folder) into ``data_folder``; says which, and why not a newer.

    The folder holds no records unless ``force``. Each copy is checked and its journal walked before anything is
    replaced; one whose journal is broken is taken with ``broken`` alone. Sessions and tokens end. Who was erased is
    forgotten again: by every list of erasures that is within reach, and those of ``erasures``. Where these cannot say
    whom the house has forgotten since, it begins in quarantine.

    Raises FileNotFoundError, NotEmpty, DataFolderInUse, Damaged, WrongMasterKey, WrongRecovery or NewerSchema.
    """
    copies = _choose(source)
    private_folder(data_folder)
    lock = take_lock(data_folder)
    ask = _once(ask) if ask is not None else None
    try:
        swap.finish(data_folder)
        if (data_folder / RECORDS_FILE).exists() and not force:
            raise NotEmpty(f"{data_folder} holds records already")
        lists, newest = [data_folder / ERASURES_FILE, *erasures], _newest_epoch(data_folder / KEYS_FILE)
        passed: list[tuple[Path, str]] = []
        for copy in copies:
            try:
                with swap.stage(data_folder) as stage:
                    was_open = fill(stage, copy, data_folder, ask)
                    _made_by_us(stage, copy, broken=broken)
                    why = _forget_again(stage, copy, lists, receipts)
                    _follow(stage, broken=broken)
                    ended: list[News] = []
                    wrong = prove(stage, newest, broken=broken, ending=ended, keep_tokens=keep_tokens)
                    _put(stage, copy, data_folder)
                return Brought(copy, wrong, passed, why, len(ended), was_open)
            except (Damaged, FileNotFoundError) as error:
                if copy == copies[-1] and not passed:
                    raise
                passed.append((copy, str(error)))
    finally:
        os.close(lock)
    raise Damaged("no copy can be brought back: " + "; ".join(f"{copy.name}: {why}" for copy, why in passed))


def _once(ask: Ask) -> Ask:
    """Asks a person once for each recovery key, however many copies are tried."""
    known: dict[bytes, bytes] = {}

    def asked(of: Recovery) -> bytes:
        if of.public not in known:
            known[of.public] = ask(of)
        return known[of.public]

    return asked


def _choose(source: Path) -> list[Path]:
    """The copies to try, the newest first."""
    if source.is_file():
        return [source]
    copies = sorted(source.glob(COPIES), reverse=True)
    if not copies:
        raise FileNotFoundError(f"{source}: no copy ({COPIES}) here")
    return copies


# --- what is staged --------------------------------------------------------------------------------------------------


def fill(stage: Path, copy: Path, data_folder: Path, ask: Ask | None = None) -> bool:
    """Stages a copy with its keys and the master key; whether that lay open beside it, as an older program left it."""
    own = beside(copy, "keys")
    keys = own if own.exists() and own != copy else copy.parent / KEYS_FILE  # as copies were made before
    if not keys.exists():
        raise FileNotFoundError(f"{copy.parent}: no {own.name} here, without which nothing can be read")
    copied(copy, stage / RECORDS_FILE)
    copied(keys, stage / KEYS_FILE)
    anchor = beside(copy, "anchor")
    if anchor.exists() and anchor != copy:
        copied(anchor, stage / ANCHOR_FILE)
    was_open, asked = _bring_master(stage, copy, data_folder, ask)
    _add_keys(data_folder / KEYS_FILE, stage / KEYS_FILE)
    _keep_recovery(stage, copy, data_folder, asked)
    sealed_authority.stage(stage, copy, data_folder)
    return was_open


def _bring_master(stage: Path, copy: Path, data_folder: Path, ask: Ask | None) -> tuple[bool, Recovery | None]:
    """Has the master key that opens the staged keys: the house's own, one left open by an older program, the sealed.

    Whether it lay open, and the recovery key that somebody was asked for.
    """
    keys, ours, left = stage / KEYS_FILE, read_master(data_folder), copy.parent / MASTER_FILE
    if ours is not None and _opens(keys, ours):
        if (data_folder / MASTER_FILE).exists() and read_key(data_folder / MASTER_FILE) == ours:
            _write_key(stage, ours)
        return False, None
    if outside.is_file(left) and _opens(keys, read_key(left)):
        _write_key(stage, read_key(left))
        return True, None
    for entry in recovery.entries(copy.parent)[::-1] if ask is not None else ():
        asked = Recovery(entry)
        master = recovery.unseal(entry, ask(asked)) if ask is not None else b""
        if _opens(keys, master):
            _write_key(stage, master)
            return False, asked
    raise WrongMasterKey(
        f"no master key: bring {recovery.SEALED_FILE} of the backup folder beside the copy and give its recovery key,"
        f" or put the venue's master key into {data_folder / MASTER_FILE}"
    )


def _opens(keys: Path, master: bytes) -> bool:
    """Whether this master key opens what these keys wrap; raises Damaged where they hold none."""
    try:
        with closing(connect_to_read(keys)) as connection:
            row = connection.execute("SELECT proof FROM master").fetchone()
            if row is None:
                raise Damaged(f"{keys.name} holds no keys")
            return master_rotation.admits(connection, Wrapping(master), master, row[0])
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{keys.name}: {error}") from error


def _write_key(stage: Path, key: bytes) -> None:
    if hold(stage, key):
        return
    with part_of(stage / MASTER_FILE) as part:
        part.write_text(key.hex() + "\n", encoding="ascii")


def _keep_recovery(stage: Path, copy: Path, data_folder: Path, asked: Recovery | None) -> None:
    """The recovery key goes on with the records, where this house made it.

    Raises Damaged where the keys are of another house than the one that the recovery key vouches for.
    """
    with closing(Keyring(stage)) as keyring:
        hand = keyring.hand
    if asked is not None and asked.house != hand.public:
        raise Damaged(f"{copy.name} was made by another house than that of this recovery key")
    found: list[Recovery] = []
    if (data_folder / recovery.RECOVERY_FILE).exists():
        with suppress(Damaged, recovery.NoRecovery):
            found.append(recovery.of(data_folder, hand))
    with suppress(Damaged):
        found += [Recovery(entry) for entry in recovery.entries(copy.parent)]
    good = [one for one in found if recovery.signed_by(hand, one)]
    if good:
        recovery.keep(stage, max(good, key=lambda one: one.made))


def _add_keys(present: Path, staged: Path) -> None:
    """What the data folder knows beyond the copy: keys made since, and above all keys destroyed since."""
    if not present.exists():
        return
    with (
        suppress(sqlite3.DatabaseError),  # damage is one reason to restore
        closing(connect_to_read(present)) as old,
        closing(connect_to_write(staged)) as new,
    ):
        if old.execute("SELECT proof FROM master").fetchone() != new.execute("SELECT proof FROM master").fetchone():
            return  # keys of another venue, or from before or after the master key was exchanged
        rows = old.execute("SELECT key_id, holder, wrapped FROM keys ORDER BY position").fetchall()
        in_one(new, "INSERT OR IGNORE INTO keys (key_id, holder, wrapped) VALUES (?, ?, ?)", rows)
        gone = [(DESTROYED, key_id) for key_id, _, wrapped in rows if wrapped == DESTROYED]
        in_one(new, "UPDATE keys SET wrapped = ? WHERE key_id = ?", gone)


def _newest_epoch(keys: Path) -> int:
    """The number of the newest epoch that a folder knows; a restored copy begins one beyond it."""
    if keys.exists():
        with suppress(sqlite3.DatabaseError), closing(connect_to_read(keys)) as connection:
            row = connection.execute("SELECT epoch FROM head").fetchone()
            return int(row[0]) if row else 0
    return 0


def _put(stage: Path, copy: Path, data_folder: Path) -> None:
    """Puts what was staged in the place of the folder's own.

    Invented people stay so: as the copy says, or the folder where the copy is from before copies said it. Last days
    are days of the venue that made the copy.
    """
    said = manifest.is_demo(copy)
    if said or (said is None and belonging.is_demo(data_folder)):
        belonging.mark_as_demo(stage)
    if zone := manifest.zone_of(copy):
        (stage / venue_time.ZONE_FILE).write_text(zone, encoding="utf-8")
    swap.ready(stage)
    swap.finish(data_folder)


# --- whom it gives a right -------------------------------------------------------------------------------------------


def _made_by_us(stage: Path, copy: Path, *, broken: bool) -> None:
    """Raises Damaged where this house did not make the copy, or not so; a ``broken`` one is taken as it is."""
    if broken:
        return
    if beside(copy, "manifest").exists():
        with closing(Keyring(stage, read_only=True)) as keyring:
            manifest.check(copy, keyring.hand)
    elif beside(copy, "keys").exists():
        raise Damaged(f"{copy.name} was never finished: it has no manifest")


def _follow(stage: Path, *, broken: bool) -> None:
    """Raises Damaged, with their names, where rows that give a right or take one do not follow from the journal."""
    with closing(reading(stage)) as reader, closing(reader.keyring):
        try:
            found = rebuild.check(reader, stage).differences
        except rebuild.Incomplete as error:
            if broken:
                return  # without the snapshot nothing can be told of what the journal has let go
            raise Damaged(str(error)) from error
    strange = [f"{one.table} {one.id}: {one.what}" for one in found if one.table in AUTHORITY]
    if strange:
        raise Damaged(f"the journal of the copy does not say so: {'; '.join(strange[:5])}")


# --- whom it forgets -------------------------------------------------------------------------------------------------


def _forget_again(stage: Path, copy: Path, others: Sequence[Path], receipts: Sequence[Path]) -> str | None:
    """Destroys, before anything is read, the keys of everybody whom a list within reach names.

    Why the house begins in quarantine, in words; None where the lists are enough.
    """
    with closing(Keyring(stage)) as keyring:
        listed = unite([copy.parent / ERASURES_FILE, *others], keyring.hand)
        write(stage / ERASURES_FILE, listed.lines)  # which destroying goes on with
        lines = {hash_of(line) for line in listed.lines}
        until = manifest.complete_until(copy.parent.glob(COPIES), keyring.hand, lines)
        newest = max(listed.newest, until)
        entries = tuple(_entry_of(path, keyring.hand) for path in receipts)
        needs = quarantine.Needs(made_at(copy), manifest.listed_by(copy), entries)
        facts = {"needs": iso(needs.newest), "length": needs.length, "entries": list(entries)}
        because = quarantine.lacks(facts, listed._replace(newest=newest), now())
        keyring.destroy(list(listed.keys))
    if because is None:
        return None
    if because == "stale" and newest < needs.newest:
        because = "older_than_copy"
    quarantine.begin(stage, because, copy.name, needs)
    return quarantine.IN_WORDS[because]


def _entry_of(path: Path, hand: Hand) -> str:
    """The line of the list that an erasure's receipt names; raises Damaged for what is no receipt of this house."""
    try:
        receipt = json.loads(outside.text_in(path))
        proof = receipt.pop("proof")
        entry = str(receipt["entry"]["hash"]).removeprefix("sha256:")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Damaged(f"{path} is no receipt of an erasure") from None
    if not hand.signed("erasure", receipt, proof.get("sig") if isinstance(proof, dict) else None):
        raise Damaged(f"{path} is no receipt of this house, or was changed")
    return entry


# --- on trial --------------------------------------------------------------------------------------------------------


def prove(
    stage: Path, newest_epoch: int, *, broken: bool, ending: list[News] | None = None, keep_tokens: bool = False
) -> str | None:
    """Opens what was staged, walks its journal, begins a new epoch, and erases again whoever was erased since.

    With ``ending`` sessions and tokens end, and are put there. Answers what is wrong with the journal; raises Damaged
    with it unless ``broken`` is meant.
    """
    store = Store.open(stage, source="")
    try:
        with closing(store.open_reader()) as reader:
            verdict = verify(reader, kept=False)
        wrong = None if verdict.ok else f"the journal of the copy is broken at sequence {verdict.broken_at}"
        if wrong is not None and not broken:
            raise Damaged(wrong)
        beyond = max(newest_epoch, _newest_epoch(stage / KEYS_FILE))
        store.call(numbers.skip)
        store.call(store.anchor.mend)
        journal = Journal(store, origin="")
        journal.begin_epoch(journal.origin, "restored", {}, now(), beyond=beyond)
        store.call(lambda tx: lent.end_dark(tx, now()))
        news = list(_erased_since(store.reader))
        if ending is not None:
            gone = {one.subject for one in news}
            ending += [one for one in _over(store.reader, keep_tokens=keep_tokens) if one.data.get("staff") not in gone]
            news = [*ending, *news]
        events = [journal.event(one, GATEWAY, now()) for one in news]
        store.call(lambda tx: journal.record(tx, events))
    finally:
        store.close()
    (stage / LOCK_FILE).unlink(missing_ok=True)
    return wrong


def _over(reader: SealedDatabase, *, keep_tokens: bool) -> Iterator[News]:
    """The end of every session, and of every token unless those stay: who holds one may have it from before."""
    rows = reader.conn.execute("SELECT hash, staff FROM sessions WHERE ended_at IS NULL ORDER BY created_at").fetchall()
    for hash_, staff in rows:
        session = hash_.hex()
        yield News("session.ended", staff, {"session": session, "staff": staff, "because": "restored"})
    if keep_tokens:
        return
    for (id_,) in reader.conn.execute("SELECT id FROM tokens WHERE revoked_at IS NULL ORDER BY created_at").fetchall():
        yield News("token.revoked", id_, {"token": id_, "because": "restored"})


def _erased_since(reader: SealedDatabase) -> Iterator[News]:
    """Of everyone whose key is destroyed and whose rows the copy still has: that they were forgotten."""
    for table, kind in (("customers", "customer"), ("staff", "staff")):
        rows = reader.conn.execute(f"SELECT id, substr(sealed, 2, 8) FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
        for id_, key_id in rows:
            if not reader.keyring.destroyed(key_id):
                continue
            if kind == "customer":
                hashed = aliases.hash_of(reader, id_)
                yield News("customer.erased", id_, {"customer": id_, "keys": [key_id.hex()], "alias": hashed})
            else:
                yield News("staff.removed", id_, {"staff": id_, "keys": [key_id.hex()], "tokens": []})

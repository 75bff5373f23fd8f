"""Who changes, moves or cuts what happened is found out; and a stranger can check the chain without a key."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.records import journal as journals
from gateway.records.head_keeper import HeadKeeper
from gateway.records.journal import Journal
from gateway.records.retention import Retention
from gateway.records.seal import KEYS_FILE
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import RECORDS_FILE, Store, reading
from gateway.records.verify import Verdict, verify
from tests.records import happening as h
from tests.records.conftest import ORIGIN, SOURCE
from tests.records.happening import record


@pytest.fixture
def kept(folder: Path) -> Path:
    """A folder whose gateway has ended: epoch.began and eight events."""
    store = Store.open(folder, source=SOURCE)
    journal = Journal(store, origin=ORIGIN, at=0.0)
    for number in range(8):
        record(store, journal, h.enrolled(f"c-{number}"))
    store.close()
    return folder


def tamper(folder: Path, sql: str, file: str = RECORDS_FILE) -> None:
    with sqlite3.connect(folder / file) as records:
        assert records.execute(sql).rowcount > 0
    records.close()


def walked(folder: Path, known: str = "") -> Verdict:
    reader = reading(folder)
    try:
        return verify(reader, known)
    finally:
        reader.close()
        reader.keyring.close()


def test_what_nobody_touched_holds(kept: Path) -> None:
    verdict = walked(kept)
    assert (verdict.ok, verdict.events, verdict.sequence, verdict.epoch, verdict.position) == (True, 9, 9, 1, 9)


# --- a stranger ------------------------------------------------------------------------------------------------------


def stranger(rows: list[tuple[int, str, bytes, str]]) -> None:
    """Walks rows (position, head, sealed, hash in hex) by what is written down of them, with nothing of ours."""
    last, last_epoch = b"\0" * 32, 0
    for position, head, sealed, expected in rows:
        salt, origin, epoch, inside, _id, _type, _subject, _holder, stamp, brand, actor = json.loads(head)
        assert head == json.dumps(json.loads(head), ensure_ascii=False, separators=(",", ":"))
        assert len(bytes.fromhex(salt)) == 16
        assert len(stamp) == 16
        assert int(stamp, 16) > 0
        assert (type(brand), type(actor), inside) == (str, str, position)
        before = last
        if epoch != last_epoch:
            assert (position, epoch > last_epoch) == (1, True)
            before = hashlib.sha256(b"\x03" + origin.encode() + b"\0" + b"%d" % epoch + b"\0" + last).digest()
        head_digest = hashlib.sha256(b"\x01" + head.encode()).digest()
        body_digest = hashlib.sha256(b"\x02" + sealed).digest()
        last = hashlib.sha256(b"\0" + before + struct.pack(">Q", position) + head_digest + body_digest).digest()
        last_epoch = epoch
        assert last.hex() == expected
        assert sealed[0] == 2


def test_a_stranger_can_walk_the_chain_from_what_is_written_down(kept: Path) -> None:
    store = Store.open(kept, source=SOURCE)
    journal = Journal(store, origin="elsewhere")
    record(store, journal, h.enrolled("王"), h.erased("c-3"))
    rows = store.reader.conn.execute("SELECT position, head, sealed, lower(hex(hash)) FROM journal ORDER BY number")
    found = rows.fetchall()
    store.close()
    assert [row[0] for row in found] == [*range(1, 10), 1, 2, 3]
    stranger(found)
    with pytest.raises(AssertionError):
        stranger([*found[:4], *found[5:]])


def test_who_has_the_key_opens_a_row_from_what_is_written_down(store: Store, journal: Journal) -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    [event] = record(store, journal, h.enrolled())
    head, sealed = store.reader.conn.execute("SELECT head, sealed FROM journal WHERE number = 2").fetchone()
    key = store.keyring._key(sealed[1:9])
    opened = AESGCM(key).decrypt(sealed[9:21], sealed[21:], hashlib.sha256(b"\x01" + head.encode()).digest())
    assert json.loads(opened) == event.data


# --- tampering -------------------------------------------------------------------------------------------------------

CHANGES: dict[str, str] = {
    "number": "number = 99",
    "epoch": "epoch = 2",
    "position": "position = 17",
    "sequence": "sequence = 99",
    "id": "id = substr(id, 1, 35) || CASE substr(id, 36) WHEN '0' THEN '1' ELSE '0' END",
    "type": "type = 'customer.changed'",
    "subject": "subject = 'c-9'",
    "holder": "holder = 'c-9'",
    "time": "time = time + 0.001",
    "hlc": "hlc = hlc + 1",
    "actor": "actor = 'ben'",
    "head": "head = replace(head, 'lina', 'anna')",
    "sealed": "sealed = CAST(sealed || x'00' AS BLOB)",
    "hash": "hash = zeroblob(32)",
}


def test_every_column_is_tried(store: Store) -> None:
    assert {row[1] for row in store.reader.conn.execute("PRAGMA table_info(journal)")} == set(CHANGES)


@pytest.mark.parametrize("column", CHANGES)
def test_a_changed_column_is_found_where_it_is(kept: Path, column: str) -> None:
    tamper(kept, f"UPDATE journal SET {CHANGES[column]} WHERE sequence = 4")
    verdict = walked(kept)
    assert not verdict.ok
    assert verdict.broken_at == {"number": 5, "sequence": 99}.get(column, 4)


@pytest.mark.parametrize(
    ("tampering", "broken_at"),
    [
        ("DELETE FROM journal WHERE sequence = 4", 5),
        ("DELETE FROM journal WHERE sequence = 1", 2),
        ("UPDATE journal SET number = 99 WHERE sequence = 9", 9),
        (
            """UPDATE journal SET (sealed, subject) = (SELECT o.sealed, o.subject FROM journal o
               WHERE o.sequence = 9 - journal.sequence) WHERE sequence IN (4, 5)""",
            4,
        ),
        ("UPDATE journal SET number = -number WHERE sequence IN (4, 5)", 5),
    ],
)
def test_rows_that_were_cut_out_or_swapped_are_found(kept: Path, tampering: str, broken_at: int) -> None:
    tamper(kept, tampering)
    assert walked(kept).broken_at == broken_at


def test_a_tail_that_was_cut_off_is_missed(kept: Path) -> None:
    heads = [row[0] for row in rows_of(kept, "SELECT lower(hex(hash)) FROM journal ORDER BY number")]
    assert walked(kept, heads[-1]).known_at == 9
    tamper(kept, "DELETE FROM journal WHERE number > 6")
    verdict = walked(kept, heads[-1])
    assert (verdict.ok, verdict.broken_at, verdict.known_at) == (False, None, None)
    assert "after event 6 were cut off" in str(verdict.wrong)
    assert walked(kept, heads[5]).known_at == 6


def test_a_journal_that_was_emptied_is_missed(kept: Path) -> None:
    tamper(kept, "DELETE FROM journal")
    assert "emptied" in str(walked(kept).wrong)


def test_a_chain_that_was_written_anew_is_not_the_one_that_was_kept(kept: Path, tmp_path: Path) -> None:
    """Nobody needs a key to hash: whoever writes the whole chain anew is betrayed by the head beside the keys."""
    rewritten = rows_of(kept, "SELECT head, sealed FROM journal ORDER BY number")
    before = hashlib.sha256(b"\x03test\0" + b"1\0" + b"\0" * 32).digest()
    for position, (head, sealed) in enumerate(rewritten, 1):
        text = head.replace("lina", "anna")
        digests = hashlib.sha256(b"\x01" + text.encode()).digest() + hashlib.sha256(b"\x02" + sealed).digest()
        before = hashlib.sha256(b"\0" + before + struct.pack(">Q", position) + digests).digest()
        change = (
            f"actor = replace(actor, 'lina', 'anna'), head = replace(head, 'lina', 'anna'), hash = x'{before.hex()}'"
        )
        tamper(kept, f"UPDATE journal SET {change} WHERE number = {position}")
    stranger(rows_of(kept, "SELECT position, head, sealed, lower(hex(hash)) FROM journal ORDER BY number"))
    assert "not the one whose head is kept" in str(walked(kept).wrong)


@pytest.mark.parametrize(
    ("sql", "words"),
    [("DELETE FROM head", "taken away"), ("UPDATE head SET position = 3", "the head of the journal was changed")],
)
def test_the_head_beside_the_keys_cannot_be_bent(kept: Path, sql: str, words: str) -> None:
    tamper(kept, sql, KEYS_FILE)
    assert words in str(walked(kept).wrong)


def rows_of(folder: Path, sql: str) -> list[Any]:
    records = sqlite3.connect(folder / RECORDS_FILE)
    try:
        return records.execute(sql).fetchall()
    finally:
        records.close()


# --- the cut that we make --------------------------------------------------------------------------------------------


def cut(store: Store, journal: Journal, days: float) -> int:
    now = 1_000 * 86_400.0
    keep = Retention(1e4, 1e4, 1e4, skeleton=1_000 - days, receipts=1e4, sessions=1e4, answers=1e4)
    [event] = record(store, journal, h.retained(now, keep), at=now)
    return int(event.data["gone"]["journal"])


def test_the_chain_goes_on_after_it_was_cut(store: Store, journal: Journal) -> None:
    for day in range(10):
        record(store, journal, h.viewed(), at=day * 86_400.0)
    before = journals.head(store.reader)
    assert cut(store, journal, 4.5) == 6  # epoch.began, and five days
    assert walked(store.folder, before.hash).known_at == before.sequence
    verdict = walked(store.folder)
    assert (verdict.ok, verdict.events) == (True, 6)
    assert journal.since(5) is None
    assert len(journal.since(6) or []) == 6
    record(store, journal, h.viewed())
    assert walked(store.folder).events == 7
    store.close()
    tamper(store.folder, "DELETE FROM journal WHERE number < 9")
    assert walked(store.folder).broken_at == 9


def test_a_cut_that_we_did_not_make_is_found(store: Store, journal: Journal) -> None:
    for day in range(10):
        record(store, journal, h.viewed(), at=day * 86_400.0)
    cut(store, journal, 4.5)
    store.close()
    tamper(store.folder, "UPDATE journal_anchor SET sequence = 2")
    assert not walked(store.folder).ok


def test_a_journal_of_which_everything_went_still_has_its_place_in_the_chain(store: Store, journal: Journal) -> None:
    record(store, journal, h.viewed(), at=1.0)
    assert cut(store, journal, 999) == 2
    assert cut(store, journal, 1_000.5) == 1
    assert journals.head(store.reader).position == 4
    store.close()
    assert (walked(store.folder).ok, walked(store.folder).events) == (True, 1)
    tamper(store.folder, "DELETE FROM journal")
    assert "cut off" in str(walked(store.folder).wrong)


def test_a_long_journal_is_cut_in_pieces(store: Store, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.records.anchor.AT_ONCE", 4)
    for _ in range(3):
        record(store, journal, *[h.viewed()] * 3, at=1.0)
    assert [cut(store, journal, 500) for _ in range(4)] == [4, 4, 2, 0]
    assert walked(store.folder).ok


# --- when the head is kept -------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock by which the head is kept."""
    now = [1_000.0]
    monkeypatch.setattr("gateway.records.head_keeper.time.monotonic", lambda: now[0])

    def to(at: float) -> None:
        now[0] = at

    return to


def test_the_head_is_kept_every_few_seconds_and_not_with_each_commit(
    store: Store, journal: Journal, clock: Callable[[float], None]
) -> None:
    keeper = HeadKeeper(store._db)
    written: list[int] = []
    store.keyring.keep_head = lambda epoch, position, hash_: written.append(position)  # type: ignore[method-assign]
    keeper.committed()
    for _ in range(3):
        store._writer._head._next = 1e9  # the store's own stays out of this
        record(store, journal, h.viewed())
        keeper.committed()
    assert written == [1]
    assert keeper.wait == 5.0
    clock(1_005.0)
    assert keeper.wait == 0.0
    keeper.keep()
    assert written == [1, 4]
    assert keeper.wait is None


def test_the_head_is_kept_at_once_when_the_journal_is_cut(
    store: Store, journal: Journal, clock: Callable[[float], None]
) -> None:
    store._writer._head.committed = lambda: None  # type: ignore[method-assign]  # the store's own stays out of this
    keeper = HeadKeeper(store._db)
    keeper.committed()
    record(store, journal, h.viewed(), at=1.0)
    keeper.committed()
    assert store.keyring.kept_head() != standing(store)
    cut(store, journal, 500)
    keeper.committed()
    assert store.keyring.kept_head() == standing(store)


def standing(store: Store) -> tuple[int, int, bytes]:
    head = journals.head(store.reader)
    return head.epoch, head.position, bytes.fromhex(head.hash)

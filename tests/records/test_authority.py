"""Who may write to a copy gets no right by it: rows that do not follow from its journal are named."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from gateway.records import manifest, restoration, staff
from gateway.records.backup import backup
from gateway.records.errors import Damaged
from gateway.records.journal import Journal
from gateway.records.manifest import AUTHORITY, beside
from gateway.records.seal import Keyring
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import Store
from tests.records import happening as h
from tests.records.conftest import SOURCE
from tests.records.happening import record
from tests.records.recovering import on_the_sheet, with_recovery

# Of each table a row that was put in, taken out or changed.
FORGED = {
    "staff": "UPDATE staff SET sealed = (SELECT sealed FROM staff WHERE id = 'boss') WHERE id = 'lina'",
    "shifts": "UPDATE shifts SET zones = '[]'",
    "tokens": "INSERT INTO tokens (hash, id, role, created_at) VALUES (x'00', 't-9', 'manager', 1.0)",
    "sessions": "UPDATE sessions SET staff = 'boss'",
    "tablets": "INSERT INTO tablets (id, hash, name, paired_at, paired_by, last_seen) VALUES (9, x'01', '', 1, '', 1)",
    "passkeys": "UPDATE passkeys SET staff = 'boss'",
    "credentials": "UPDATE credentials SET customer = 'ben'",
    "consents": "DELETE FROM consents WHERE customer = 'anna' AND act <> 'given'",
    "unrecognised": "DELETE FROM unrecognised",
    "mistakes": "DELETE FROM mistakes",
}
MORE = {
    "tokens": "UPDATE tokens SET role = 'manager' WHERE id = 't-1'",
    "staff": "DELETE FROM staff WHERE id = 'lina'",
    "tablets": "UPDATE tablets SET key = zeroblob(65), bound_at = 1.0",
    "consents": "UPDATE consents SET stopped_at = NULL, until = NULL WHERE customer = 'anna' AND act = 'given'",
}


@pytest.fixture
def away(store: Store, journal: Journal, tmp_path: Path) -> Path:
    """A copy that somebody carried away."""
    with_recovery(store.folder)
    record(store, journal, h.enrolled("anna", wishes=["do_not_recognise"]), h.enrolled("ben"), h.given("anna"))
    record(store, journal, h.granted("anna"), h.revoked("anna"), h.granted("ben"), h.mistaken("anna"))
    record(store, journal, h.staff_changed("lina"), h.staff_changed("boss"), h.shift_started(), h.session_began())
    record(store, journal, h.token_made(), h.token_made("t-2", "dd", "lina"), h.tablet_paired(), h.passkey_added())
    backup(store.folder, tmp_path / "copies")
    shutil.copytree(tmp_path / "copies", tmp_path / "away")
    return tmp_path / "away"


def forge(folder: Path, sql: str, *, signed: Store | None = None) -> Path:
    """Changes the copy in this folder; with ``signed`` whoever does it has stolen that house's signature too."""
    (copy,) = folder.glob("moments-*.db")
    with closing(sqlite3.connect(copy)) as forged:
        assert forged.execute(sql).rowcount == 1
        forged.commit()
    if signed is not None:
        beside(copy, "manifest").write_text(manifest.text_of(copy, None, signed.keyring.hand))
    return copy


@pytest.mark.parametrize("table", sorted(AUTHORITY))
def test_a_changed_row_is_found_by_the_signature(away: Path, tmp_path: Path, table: str) -> None:
    copy = forge(away, FORGED[table])
    with pytest.raises(Damaged, match=f"{copy.name} was changed after the copy was made"):
        restoration.restore(away, tmp_path / "back", ask=on_the_sheet)
    assert not (tmp_path / "back" / "moments.db").exists()


@pytest.mark.parametrize(
    ("table", "sql", "broken"),
    [(table, sql, False) for table, sql in (*FORGED.items(), *MORE.items())]
    + [(table, sql, True) for table, sql in MORE.items()],
)
def test_it_is_named_by_the_journal_even_where_the_signature_was_stolen_or_is_not_asked_for(
    store: Store, away: Path, tmp_path: Path, table: str, sql: str, broken: bool
) -> None:
    forge(away, sql, signed=None if broken else store)
    with pytest.raises(Damaged, match=f"does not say so: .*{table} "):
        restoration.restore(away, tmp_path / "back", ask=on_the_sheet, broken=broken)
    assert not (tmp_path / "back" / "moments.db").exists()


@pytest.mark.parametrize("keep_tokens", [False, True])
def test_a_restore_ends_who_was_signed_in_and_tokens_unless_those_are_kept(
    away: Path, tmp_path: Path, keep_tokens: bool
) -> None:
    brought = restoration.restore(away, tmp_path / "back", ask=on_the_sheet, keep_tokens=keep_tokens)
    assert brought.ended == (1 if keep_tokens else 3)
    with closing(Store.open(tmp_path / "back", source=SOURCE)) as back:
        assert back.reader.conn.execute("SELECT count(*) FROM sessions WHERE ended_at IS NULL").fetchone() == (0,)
        live = back.reader.conn.execute("SELECT id FROM tokens WHERE revoked_at IS NULL ORDER BY id").fetchall()
        assert live == ([("t-1",), ("t-2",)] if keep_tokens else [])
        assert {member.id for member in staff.list_staff(back.reader)} == {"boss", "lina"}


def test_a_manifest_says_what_a_person_may_compare(store: Store, away: Path) -> None:
    (path,) = away.glob("manifest-*.json")
    with closing(Keyring(store.folder, read_only=True)) as keyring:
        said = manifest._read(path)
        facts = {name: value for name, value in said.items() if name not in ("house", "sig")}
        assert keyring.hand.signed("manifest", facts, said["sig"])
    assert said["counts"]["tokens"] == 2
    assert said["counts"]["customers"] == 2
    assert said["head"]["epoch"] == 1
    assert said["erasures"] == 1

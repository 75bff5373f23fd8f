"""No name, identifier, preference, PIN or secret stands in clear in any file of the data folder, nor in a backup."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from gateway.records import (
    alerts,
    asks,
    consents,
    customers,
    exchange,
    idempotency,
    preferences,
    promises,
    staff,
    visits,
)
from gateway.records.backup import backup
from gateway.records.doubtful import Doubts
from gateway.records.import_plan import plan
from gateway.records.journal import Journal
from gateway.records.preferences import Preference
from gateway.records.store import Store, Tx
from gateway.records.visits import Visit
from tests.records import happening as h
from tests.records.happening import record
from tests.records.recovering import with_recovery

PLANTED = {
    "name": "Plantagenet-Kowalski",
    "name in Chinese": "欧阳植物学",
    "form of address": "Comtesse Plantagenet",
    "tier": "obsidian-tier",
    "wish": "never-before-noon",
    "identifier": "epc:3034257BF7194E40DEADBEEF",
    "secret": "irk:e0e1e2e3e4e5e6e7e8e9eaebecedfeed",
    "tid": "E28011605000FEEDFACE",
    "label": "crocodile key ring",
    "document": "form-scan-8812.pdf",
    "preference": "lapsang souchong",
    "allergy": "brazil nuts",
    "zone and reason": "3 reads at boudoir/inner",
    "card": "greet in Esperanto",
    "question": "zeppelin or landau",
    "answer": "the landau, please",
    "promise": "a rare orchid by Friday",
    "note": "she dislikes magnolia",
    "staff name": "Wilhelmina Featherstone",
    "pin hash": "$argon2id$v=19$planted",
    "token": "token-0xC0FFEE-planted",
    "session": "session-0xC0FFEE-planted",
    "answer body": "told once and for all",
    "event": "only in the journal",
    "staff event": "Featherstone went home",
}


def live(tx: Tx) -> None:
    p = PLANTED
    facts = {"name": p["name"], "address_as": p["form of address"], "tier": p["tier"], "wishes": [p["wish"]]}
    customers.put_customer(tx, "c-1", facts, at=1.0)
    customers.put_customer(tx, "c-2", {"name": p["name in Chinese"]}, at=1.0)
    customers.add_credential(tx, "c-1", p["identifier"], p["label"], p["tid"])
    customers.add_credential(tx, "c-1", p["secret"])
    consents.grant_consent(tx, "c-1", "recognise_tag", method="paper", document=p["document"], at=1.0)
    preferences.add(
        tx, Preference("f-1", "c-1", "drink", p["preference"], "do", "stated", 1.0, by_name=p["staff name"])
    )
    preferences.add(tx, Preference("f-2", "c-1", "allergy", p["allergy"], "allergy", "stated", 1.0))
    visits.open(tx, Visit("v-1", "c-1", "boudoir", 1.0, 1.0, reason=p["zone and reason"]))
    alerts.save(tx, {"alert": "a", "customer": "c-1", "visit": "v-1", "state": "open", "card": {"x": p["card"]}})
    ask = {"id": "q", "customer": "c-1", "visit": "v-1", "state": "answered"}
    asks.save(tx, {**ask, "question": p["question"], "answer": p["answer"]})
    promise = {"id": "p", "kind": "promise", "customer": "c-1", "state": "open"}
    promises.save(tx, {**promise, "text": p["promise"], "note": p["note"]})
    staff.put_staff(tx, staff.Staff("w", p["staff name"], pin_hash=p["pin hash"]), at=1.0)
    staff.put_token(tx, staff.Token("t", "floor", "w", 1.0), staff.hash_of(p["token"]))
    staff.put_session(tx, staff.Session("w", 1.0, 1.0), staff.hash_of(p["session"]))
    idempotency.remember(tx, "k", "w", "print", 201, {"x": p["answer body"]}, at=1.0)


def found_in(folder: Path) -> set[str]:
    """What is planted and stands in clear in a file of ``folder``, in any case and in the encodings it may take."""
    files = {path.name: path.read_bytes().lower() for path in folder.rglob("*") if path.is_file()}
    assert files
    hits = set()
    for what, text in PLANTED.items():
        bare = text.partition(":")[2] if what in ("identifier", "secret") else text
        shapes = [text.encode(), bare.encode(), text.encode("utf-16-le"), text.encode("unicode_escape")]
        if what in ("identifier", "secret", "tid"):
            shapes.append(bytes.fromhex(bare))
        hits |= {f"{what} in {name}" for name, raw in files.items() for shape in shapes if shape.lower() in raw}
    return hits


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "careless").write_text("\n".join(PLANTED.values()).upper())
    assert len(found_in(tmp_path)) == len(PLANTED)


def test_nothing_personal_stands_in_clear_on_the_disk(
    store: Store, journal: Journal, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store.call(live)
    seen = h.preferred("c-1", "f-3", PLANTED["event"])
    record(store, journal, seen, h.staff_changed("w", name=PLANTED["staff event"], new_pin=False))
    rows = [exchange.Row(2, "c-3", PLANTED["name"], "", "", "", None, None, ["ble:aabbccddeeff"], [])]
    news, _ = plan(store.reader, rows, 1.0, Doubts(), document="sha256:00")
    record(store, journal, *news)
    with pytest.raises(customers.Taken):
        store.call(lambda tx: customers.add_credential(tx, "c-2", PLANTED["identifier"]))
    with_recovery(store.folder)
    backup(store.folder, tmp_path / "copies")
    while_open = tmp_path / "while-open"
    while_open.mkdir()
    for path in store.folder.iterdir():  # through a copy: closing a file that SQLite has open would drop its locks
        (while_open / path.name).write_bytes(_read_elsewhere(path))
    assert (while_open / "moments.db-wal").stat().st_size > 0
    assert found_in(while_open) == set()
    store.close()
    assert found_in(store.folder) == set()
    assert found_in(tmp_path / "copies") == set()
    assert not [what for what, text in PLANTED.items() if text in caplog.text]


def _read_elsewhere(path: Path) -> bytes:
    import subprocess

    return subprocess.run(["cat", str(path)], check=True, capture_output=True).stdout

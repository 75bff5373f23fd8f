"""A folder of an older release is brought up to date without losing a line; its tables stay what they were.

``data/folder-0003.tar.xz`` was written by the release whose newest migration is 0003_tablets: two customers who were
erased, one of whom came back; consents renewed, taken back, expired, given late and given again; open alerts, questions
and promises; staff, one of whom left; tablets, tokens, sessions; a journal of which retention took the first forty
events. ``data/folder-0003.json`` is what that release read from it, at ``now``.
"""

from __future__ import annotations

import json
import shutil
import tarfile
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from gateway.events.times import read
from gateway.records import (
    alerts,
    asks,
    consents,
    customers,
    house_documents,
    idempotency,
    journal_rows,
    preferences,
    promises,
    rebuild,
    staff,
    tablets,
    upgrade,
    visit_facts,
    visits,
)
from gateway.records.backup import restore
from gateway.records.journal import Journal
from gateway.records.retention import Retention
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import Store, reading
from gateway.records.verify import verify
from tests.records import happening as h
from tests.records.happening import record

DATA = Path(__file__).parent / "data"
SOURCE = "/venues/flagship"

WAS: dict[str, Any] = json.loads((DATA / "folder-0003.json").read_text("utf-8"))
NOW: float = WAS["now"]


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The folder as the older release left it."""
    folder = tmp_path / "data"
    with tarfile.open(DATA / "folder-0003.tar.xz") as tar:
        tar.extractall(folder, filter="data")
    folder.chmod(0o700)
    return folder


def plain(value: object) -> Any:
    return json.loads(json.dumps(value))


def fields(found: Any) -> dict[str, Any]:
    assert found is not None
    return {name: value for name, value in asdict(found).items() if name != "alias"}  # nobody had one


def _visit(found: Any) -> dict[str, Any]:
    """A visit of which it is still known where it was."""
    facts = fields(found)
    assert facts.pop("zones") is None
    return facts


def of_each(read_one: Any) -> dict[str, Any]:
    return {customer: plain(read_one(customer)) for customer in WAS["customers"]}


def test_the_tables_are_what_they_were(old: Path) -> None:
    with closing(Store.open(old, source=SOURCE)) as store:
        r = store.reader
        assert of_each(lambda c: fields(customers.get_customer(r, c))) == WAS["customers"]
        assert of_each(lambda c: [asdict(one) for one in customers.credentials_of(r, c)]) == WAS["credentials"]
        assert sorted(plain(list(customers.enrolled(store.open_reader(), NOW)))) == WAS["roster"]
        facts = of_each(lambda c: [asdict(one) for one in preferences.facts_of(r, c)])
        assert {c: [_as_it_was(one) for one in found] for c, found in facts.items()} == {
            c: [_as_it_was(one) for one in found] for c, found in WAS["preferences"].items()
        }
        assert of_each(lambda c: [_visit(visits.get(r, v["id"])) for v in WAS["visits"][c]]) == WAS["visits"]
        assert of_each(lambda c: visits.count(r, c)) == {c: len(found) for c, found in WAS["visits"].items()}
        assert {v: fields(visit_facts.get(r, v)) for v in WAS["visit_facts"]} == WAS["visit_facts"]
        assert plain([asdict(one) for one in staff.list_staff(r)]) == WAS["staff"]
        assert plain([asdict(one) for one in staff.shifts(r)]) == WAS["shifts"]
        without = {
            "name": "",
            "scopes": None,
            "until": None,
            "used_at": None,
            "used_from": None,
        }  # all its role may, no end
        assert plain([asdict(one) for one in staff.list_tokens(r)]) == [{**one, **without} for one in WAS["tokens"]]
        kept = [{name: getattr(one, name) for name in WAS["tablets"][0]} for one in tablets.every(r)]
        assert plain(kept) == WAS["tablets"]
        assert [one.key for one in tablets.every(r)] == [None]  # until the next sign-in
        assert fields(staff.find_session(r, "session-lina")) == {**WAS["session"], "key": None, "locked_at": None}
        assert staff.find_session(r, "session-old") is None
        assert {name: house_documents.get(r, name) for name in WAS["documents"]} == WAS["documents"]
        assert plain(idempotency.recall(r, "key-1", "lina")) == WAS["answer"]


def _as_it_was(fact: dict[str, Any]) -> dict[str, Any]:
    """What nothing that came later has changed of a fact."""
    names = ("id", "customer", "visit", "value", "basis", "scope", "at", "by", "by_name")
    corrects = fact["corrects"]
    return {name: fact[name] for name in names} | {
        "corrects": [corrects] if isinstance(corrects, str) else corrects or []
    }


ID = {"alerts": "alert", "asks": "id", "promises": "id"}


@pytest.mark.parametrize("table", ["alerts", "asks", "promises"])
def test_documents_say_the_same_with_their_times_as_text(old: Path, table: str) -> None:
    module = {"alerts": alerts, "asks": asks, "promises": promises}[table]
    with closing(Store.open(old, source=SOURCE)) as store:
        found = of_each(lambda c: [module.get(store.reader, row[ID[table]]) for row in WAS[table][c]])
        [count] = store.reader.conn.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert count == sum(map(len, WAS[table].values()))
    for customer, rows in WAS[table].items():
        for was, now in zip(rows, found[customer], strict=True):
            if "group" in was:
                was["party"] = was.pop("group")
            times = upgrade.TIMES[table]
            assert all(isinstance(now[name], str | None) for name in times)
            assert read(now, times) == {
                name: round(value, 3) if name in times and value is not None else value for name, value in was.items()
            }


def test_the_same_consents_are_alive_and_the_same_are_taken_back(old: Path) -> None:
    with closing(Store.open(old, source=SOURCE)) as store:
        r = store.reader
        alive = of_each(lambda c: [asdict(one) for one in consents.consents_of(r, c, NOW)])
        for customer, before in WAS["consents"].items():
            assert [
                {n: one["stopped_at" if n == "ended_at" else n] for n in before[0]} for one in alive[customer]
            ] == before
        assert {
            c: {p: consents.last_revoked(r, c, p) for p in WAS["last_revoked"][c]} for c in WAS["customers"]
        } == WAS["last_revoked"]
        assert {c: {p: consents.withdrew(r, c, p, NOW) for p in WAS["withdrew"][c]} for c in WAS["customers"]} == WAS[
            "withdrew"
        ]
        sql = (
            "SELECT customer, purpose, at, expires, stopped_at IS NULL AND NOT EXISTS (SELECT 1 FROM consents o WHERE"
            " o.customer = c.customer AND o.purpose = c.purpose AND o.act = 'given' AND o.at > c.at)"
            " FROM consents c WHERE act = 'given' ORDER BY 1, 2, 3"
        )
        assert plain(r.conn.execute(sql).fetchall()) == WAS["receipts"]
        told = {event["id"] for event in WAS["events"] if event["type"] == "consent.granted"}
        kept = {row[0] for row in r.conn.execute("SELECT id FROM consents WHERE act = 'given' AND customer = 'duval'")}
        assert kept <= told, "a consent has the id of the event that told of it"


def test_who_took_a_consent_back_gives_it_again_by_naming_that(old: Path) -> None:
    with closing(Store.open(old, source=SOURCE)) as store:
        journal = Journal(store, origin="flagship", at=NOW)
        record(store, journal, h.granted("wang", "keep_preferences"), at=NOW)
        assert consents.withdrew(store.reader, "wang", "keep_preferences", NOW)
        lifts = consents.revocations_of(store.reader, "wang", "keep_preferences")
        record(store, journal, h.granted("wang", "keep_preferences", lifts=lifts), at=NOW)
        assert not consents.withdrew(store.reader, "wang", "keep_preferences", NOW)


def test_no_line_of_the_journal_is_lost(old: Path) -> None:
    with closing(Store.open(old, source=SOURCE)) as store:
        journal = Journal(store, origin="flagship", at=NOW)
        events = list(journal_rows.select(store.reader, "ORDER BY number"))
        *carried, began = events
        assert (journal.epoch, [event.position for event in carried]) == (2, list(range(1, len(carried) + 1)))
        for was, event in zip(WAS["events"], carried, strict=True):
            now = {name: getattr(event, name) for name in ("sequence", "id", "type", "subject", "actor", "data")}
            assert {**plain(now), "time": was["time"]} == was
            assert event.time == pytest.approx(was["time"], abs=0.001)
        assert (began.type, began.data["because"], began.sequence) == ("epoch.began", "upgraded", WAS["sequence"] + 1)
        assert (began.data["parent_epoch"], began.data["parent_position"]) == (1, len(carried))
        assert began.data["carried"]["events"] == len(WAS["events"])
        assert began.data["carried"]["customers"] == len(WAS["customers"])
        assert journal.of_customer("wang")[0].type == "customer.viewed"


def test_what_is_sealed_in_it_is_what_was_byte_for_byte(old: Path) -> None:
    with closing(sqlite3.connect(old / "moments.db")) as records:
        before = records.execute("SELECT id, sealed FROM journal ORDER BY position").fetchall()
    Store.open(old, source=SOURCE).close()
    with closing(sqlite3.connect(old / "moments.db")) as records:
        assert records.execute("SELECT id, sealed FROM journal ORDER BY number").fetchall() == before
        tables = {row[0] for row in records.execute("SELECT name FROM sqlite_master")}
    assert not [name for name in tables if "before" in name]


def test_the_chain_goes_on_from_the_head_that_was_noted_before(old: Path) -> None:
    store = Store.open(old, source=SOURCE)
    Journal(store, origin="flagship")
    store.close()
    with closing(reading(old)) as reader, closing(reader.keyring):
        verdict = verify(reader, WAS["head"])
    assert (verdict.ok, verdict.known_at) == (True, WAS["head_sequence"])
    assert (verdict.epoch, verdict.position) == (2, 1)


def test_a_tablet_that_was_there_before_needs_a_snapshot(old: Path) -> None:
    with closing(Store.open(old, source=SOURCE)) as store:
        journal = Journal(store, origin="flagship")
        assert journal.since(WAS["sequence"]) is None
        assert journal.since(WAS["sequence"] + 1) == []


def test_tables_can_be_made_anew_after_an_upgrade_and_what_came_after_it(old: Path) -> None:
    with closing(Store.open(old, source=SOURCE)) as store:
        journal = Journal(store, origin="flagship", at=NOW)
        record(store, journal, h.enrolled("new"), h.moved("wang", "v-2", "door", NOW), h.revoked("wang"), at=NOW)
        record(store, journal, h.erased("duval"), at=NOW)
        for _ in range(2):
            with closing(store.open_reader()) as reader:
                assert rebuild.check(reader, old).differences == []
            record(store, journal, h.retained(NOW + 1e8, Retention()), at=NOW + 1e8)
            rebuild.replace(store)
        assert customers.get_customer(store.reader, "duval") is None


def test_a_journal_that_was_tampered_with_before_says_so_in_its_beginning(
    old: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(old / "moments.db")) as records:
        records.execute("UPDATE journal SET actor = 'nobody' WHERE sequence = 50")
        records.commit()
    with closing(Store.open(old, source=SOURCE)) as store:
        journal = Journal(store, origin="flagship")
        [began] = journal_rows.select(store.reader, "WHERE type = 'epoch.began'")
        assert began.data["carried"]["broken_at"] == 50
        assert journal.verify().ok
    assert "broken at event 50" in caplog.text


def test_an_upgrade_that_is_cut_short_is_done_at_the_next_start(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_short(*_: object) -> None:
        raise OSError("the power went")

    with monkeypatch.context() as power:
        power.setattr(upgrade, "_documents", cut_short)
        with pytest.raises(OSError, match="power"):
            Store.open(old, source=SOURCE)
    test_no_line_of_the_journal_is_lost(old)


def test_what_only_reads_brings_a_folder_up_to_date_too(old: Path) -> None:
    with closing(reading(old)) as reader, closing(reader.keyring):
        assert sorted(c.id for c in customers.customers(reader)) == sorted(WAS["customers"])
        assert verify(reader).ok
        assert rebuild.check(reader, old).differences == []


def test_an_older_backup_comes_back(old: Path, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    shutil.copy(old / "moments.db", copies / "moments-20251009T100000.000000Z.db")
    for name in ("keys.db", "master.key"):
        shutil.copy(old / name, copies / name)
    brought = restore(copies, tmp_path / "elsewhere")
    assert brought.quarantined == "there is no list of erasures"
    assert brought.was_open, "the master key lay beside it"
    with closing(Store.open(tmp_path / "elsewhere", source=SOURCE)) as store:
        Journal(store, origin="flagship")
        kinds = [event.data["because"] for event in journal_rows.select(store.reader, "WHERE type = 'epoch.began'")]
        assert kinds == ["upgraded", "restored", "renamed"]
        with closing(store.open_reader()) as reader:
            assert rebuild.check(reader, store.folder).differences == []
            assert verify(reader).ok


def test_a_folder_of_which_no_event_told_begins_with_what_it_holds(old: Path) -> None:
    with closing(sqlite3.connect(old / "moments.db")) as records:
        records.execute("DELETE FROM journal")
        records.execute("DELETE FROM journal_anchor")
        records.commit()
    with closing(Store.open(old, source=SOURCE)) as store:
        journal = Journal(store, origin="flagship")
        [began] = journal_rows.select(store.reader, "")
        assert (began.type, began.data["because"], journal.epoch) == ("epoch.began", "upgraded", 1)
        assert began.data["carried"]["customers"] == len(WAS["customers"])
        with closing(store.open_reader()) as reader:
            assert rebuild.check(reader, old).differences == []


def test_a_new_folder_has_nothing_of_the_old_shape(tmp_path: Path) -> None:
    with closing(Store.open(tmp_path / "data", source=SOURCE)) as store:
        assert not upgrade.is_due(store.reader)
        journal = Journal(store, origin="flagship")
        [began] = journal_rows.select(store.reader, "WHERE type = 'epoch.began'")
    assert (began.data["because"], journal.epoch) == ("new", 1)
    assert not (tmp_path / "data" / "anchor.db").exists()

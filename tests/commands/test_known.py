"""``moments preferences check`` and ``moments catalogue check``."""

from __future__ import annotations

import json
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.events.event import News
from gateway.records import doubts, preferences, rebuild
from gateway.records.journal import Journal
from gateway.records.sqlite_file import sqlite3
from gateway.records.store import BEFORE_MIGRATION, RECORDS_FILE, Store
from gateway.records.values import starter
from tests.program import moments
from tests.records import happening as h
from tests.records.happening import older

OLD = Path(__file__).parents[1] / "records" / "data" / "folder-0003.tar.xz"


def known(folder: Path, *news: News) -> Path:
    """A data folder in which these facts were recorded."""
    store = Store.open(folder, source="/venues/test")
    journal = Journal(store, origin="test")
    events = [journal.event(each, "lina", 5.0) for each in (h.enrolled("c-1"), *news)]
    store.call(lambda tx: journal.record(tx, events))
    store.close()
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of an older program whose chips said no and were kept as likes."""
    return known(
        tmp_path / "data",
        older("f-1", "food", "不要香菜"),
        older("f-2", "drink", "Green tea"),
        older("f-3", "food", "花生", "allergy"),
        older("f-4", "service", "不要打扰"),
        older("f-5", "service", "", "avoid", corrects="f-4"),
        older("f-6", "name", "Madame"),
    )


async def test_facts_of_an_older_program_are_all_there_and_what_is_in_doubt_is_named(data: Path) -> None:
    found = await moments("preferences", "check", "--data", data)
    assert (found.code, found.err) == (0, "")
    assert found.out.splitlines() == [
        "6 facts before, 6 now",
        "f-1: recorded as a like, reads as avoid",
        "f-4: recorded as a like, reads as avoid, settled",
        "1 in doubt: a manager sees them at /api/doubts and settles each",
    ]
    with closing(Store.open(data, source="/venues/test")) as store, closing(store.open_reader()) as reader:
        assert rebuild.check(reader, data).differences == []
        by_id = {fact.id: fact for fact in preferences.facts_of(reader, "c-1")}
    assert {id_: fact.code for id_, fact in by_id.items()} == {
        "f-1": "dislike.coriander", "f-2": "drink.green_tea", "f-3": "allergy.peanuts", "f-4": "service.disturbance",
        "f-5": None, "f-6": None,
    }  # fmt: skip


async def test_a_folder_that_is_upgraded_has_the_facts_that_it_had(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with tarfile.open(OLD) as tar:
        tar.extractall(folder, filter="data")
    folder.chmod(0o700)
    first = await moments("preferences", "check", "--data", folder)
    assert (first.code, first.out.splitlines()[0]) == (0, "4 facts before, 4 now"), first
    with closing(sqlite3.connect(folder / RECORDS_FILE)) as records:
        records.execute("DELETE FROM preferences WHERE id = 'f-1'")
        records.commit()
    lost = await moments("preferences", "check", "--data", folder)
    assert (lost.code, "1 facts are missing or say something else: f-1" in lost.err) == (1, True), lost


def test_what_was_changed_since_before_an_upgrade_is_named(data: Path) -> None:
    with closing(Store.open(data, source="/venues/test")) as store, closing(store.open_reader()) as reader:
        (data / BEFORE_MIGRATION).unlink(missing_ok=True)
        reader.conn.execute("VACUUM INTO ?", (str(data / BEFORE_MIGRATION),))
        with closing(sqlite3.connect(data / BEFORE_MIGRATION)) as copy:
            copy.execute("DELETE FROM _sqlite_migrations WHERE name >= '0005'")
            copy.commit()
        whole = doubts.check(reader, data, starter())
        assert (whole.before, whole.now, whole.different) == (6, 6, [])
        changed = dict(older("f-2", "drink", "Black tea").data)
        store.call(lambda tx: tx.db.conn.execute("DELETE FROM preferences WHERE id = 'f-2'"))
        store.call(lambda tx: preferences.record(tx, changed))
        assert doubts.check(reader, data, starter()).different == ["f-2"]


GOOD: dict[str, Any] = {
    "code": "drink.house_tea", "category": "drink", "polarity": "do", "about": "house_tea",
    "labels": {"zh-CN": "本店茶", "en": "House tea"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ([GOOD], ""),
        ([GOOD, {**GOOD, "code": "drink.b", "labels": {"zh-CN": "乙", "en": "B"}}], ""),
        ([GOOD, GOOD], "drink.house_tea is there twice"),
        ([{**GOOD, "labels": {"en": "House tea"}}], "drink.house_tea has none in zh-CN"),
        ([{**GOOD, "labels": {"zh-CN": "绿茶", "en": "House tea"}}], "'绿茶' names drink.green_tea already"),
        ([GOOD, {**GOOD, "code": "drink.b"}], "'本店茶' names drink.house_tea already"),
        ([{**GOOD, "category": "food"}], "code: expected a category and a word"),
        ([{**GOOD, "code": "drink.latte", "about": "tea"}], "about, contains of drink.latte cannot change"),
        ([{**GOOD, "code": "allergy.x", "category": "allergy"}], "a value of allergy is allergy, not do"),
        ([{**GOOD, "colour": "red"}], "unexpected keyword argument 'colour'"),
        ({"values": 3}, "expected a list of values"),
    ],
)
async def test_a_file_of_values_is_fit_for_the_catalogue_or_says_why(tmp_path: Path, rows: Any, wrong: str) -> None:
    file = tmp_path / "values.json"
    file.write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    found = await moments("catalogue", "check", file)
    assert (found.code, wrong in found.err) == (1 if wrong else 0, True), found

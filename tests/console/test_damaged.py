"""One damaged record harms one customer: the rest goes on, the start too, and the journal gives back what it knows."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.records.connection import SealedDatabase
from gateway.records.rebuild import Incomplete
from gateway.records.sqlite_file import connect_to_write, sqlite3
from gateway.records.store import RECORDS_FILE
from tests.console.served import Served, served
from tests.story.venue import answered

OTHER = "em:0700C4A92F"
SEALED = [
    "customers", "credentials", "consents", "preferences", "visits", "alerts", "asks", "promises", "staff", "seats",
    "expected",
]  # fmt: skip
PLAIN = [
    ("documents", "json", "name = 'catalogue'"), ("shifts", "zones", "1"), ("menus", "json", "1"),
    ("rounds", "json", "1"), ("merges", "said", "1"),
]  # fmt: skip


async def lived(folder: Path) -> None:
    """A house in which Anna and Ben are known, and Anna is here with all that can be recorded of her."""
    async with served(folder) as house:
        await house.hire("lina")
        await house.enrol("anna")
        await house.enrol("ben", OTHER)
        boss = await house.client("manager")
        await house.enrol("anna-2", "em:0700C4A930")
        await answered(boss.post("/api/customers/anna/merge", json={"other": "anna-2"}))
        await answered(boss.put("/api/expected", json={"expected": [{"customer": "anna"}]}))
        spritz = {"labels": {"zh-CN": "气泡酒", "en": "Spritz"}}
        await answered(boss.put("/api/catalogue/values/drink.spritz", json=spritz))
        await answered(boss.put("/api/menus/lunch", json={"question": "lunch", "items": [{"id": "tea", **spritz}]}))
        await answered(boss.post("/api/rounds", json={"question": "lunch", "menu": "lunch"}))
        async with house.tablet({"Authorization": f"Bearer {await house.token('floor', 'lina')}"}) as tablet:
            house.tap()
            opened = await tablet.expect("alert.opened")
            page = "/api/customers/anna"
            said = {"category": "allergy", "value": "peanuts", "polarity": "allergy", "basis": "stated"}
            await answered(boss.post(f"{page}/preferences", json={**said, "scope": "standing"}))
            await answered(boss.post(f"{page}/promises", json={"text": "a window seat", "owner": "lina"}))
            visit = f"/api/visits/{opened['data']['visit']}"
            await answered(boss.post(f"{visit}/place", json={"place": "1A"}))
            await answered(boss.post(f"{visit}/asks", json={"question": "lunch"}))


def spoil(folder: Path, table: str, where: str = "1", column: str = "sealed", at: int = 30) -> None:
    """One byte of each such value is another one, as a disk does it."""
    with closing(connect_to_write(folder / RECORDS_FILE)) as db:
        rows = db.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {where}").fetchall()
        assert rows
        for (value,) in rows:
            raw = bytearray(value if isinstance(value, bytes) else value.encode())
            raw[min(at, len(raw) - 1)] ^= 0x41
            spoilt: Any = bytes(raw) if isinstance(value, bytes) else raw.decode("latin-1")
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (spoilt, value))


async def all_is_there(house: Served) -> None:
    boss = await house.client("manager")
    anna = await answered(boss.get("/api/customers/anna"))
    assert anna["name"] == "Anna"
    assert [fact["value"] for fact in anna["preferences"]] == ["peanuts"]
    [here] = await answered(boss.get("/api/present"))
    assert (here["customer"], here["zone"]) == ("anna", "bar")
    assert {seat["place"]: seat["customer"] for seat in await answered(boss.get("/api/places"))}["1A"] == "anna"
    assert [menu["menu"] for menu in await answered(boss.get("/api/menus"))] == ["lunch"]
    [round_] = await answered(boss.get("/api/rounds"))
    assert round_["rows"][0]["order"]["state"] == "open"
    values = (await answered(boss.get("/api/catalogue")))["values"]
    assert "drink.spritz" in {value["code"] for value in values}
    assert (await answered(boss.get("/health")))["why"] == ["counter is lost"]


@pytest.mark.parametrize("table", SEALED)
@pytest.mark.parametrize("at", [3, 15, 30], ids=["key", "nonce", "body"])
async def test_a_damaged_record_is_made_anew_from_the_journal_at_the_start(tmp_path: Path, table: str, at: int) -> None:
    await lived(tmp_path)
    spoil(tmp_path, table, at=at)
    async with served(tmp_path) as house:
        looking = house.running.looking
        looking.look_at_everything()
        await looking.mend()
        await all_is_there(house)


@pytest.mark.parametrize(("table", "column", "where"), PLAIN)
async def test_so_is_one_that_nothing_seals(tmp_path: Path, table: str, column: str, where: str) -> None:
    await lived(tmp_path)
    spoil(tmp_path, table, where, column, at=0)
    async with served(tmp_path) as house:
        await house.running.looking.mend()
        await all_is_there(house)


def lost_to_the_journal(folder: Path, type_: str) -> None:
    """What tells of it in the journal is damaged, too."""
    spoil(folder, "journal", f"type = '{type_}' AND subject IN ('lina', (SELECT id FROM customers WHERE {ANNA}))")


async def test_what_nobody_can_make_anew_is_set_aside_and_told_and_ben_is_greeted(tmp_path: Path) -> None:
    await lived(tmp_path)
    spoil(tmp_path, "customers", ANNA)
    lost_to_the_journal(tmp_path, "customer.enrolled")
    async with aside(tmp_path) as house:
        boss = await house.client("manager")
        async with house.tablet({"Authorization": f"Bearer {await house.token('floor', 'lina')}"}) as tablet:
            house.tap()  # the fob of whom nobody can name any more
            house.tap(OTHER)
            opened = await tablet.expect("alert.opened")
        assert opened["data"]["customer"] == "ben"
        assert opened["data"]["card"]["name"] == "Ben"
        assert (await boss.get("/api/customers/anna")).status_code == 404
    async with aside(tmp_path) as house:  # and so it is at every start
        boss = await house.client("manager")
        assert SET_ASIDE in (await answered(boss.get("/health")))["why"]
        assert [row["customer"] for row in await answered(boss.get("/api/present"))] == ["ben"]


ANNA = "rowid = (SELECT min(rowid) FROM customers)"  # who was enrolled first
SET_ASIDE = "1 damaged record is set aside (customers 1): restore a backup"


def aside(folder: Path) -> Any:
    """Served, without the law at its end: what is damaged is not what the journal says."""
    return served(folder, lawful=False)


async def test_a_damaged_record_met_while_running_is_back_a_moment_later(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("lina")
        await house.enrol("anna")
        await house.gateway.settle()
        spoil(tmp_path, "customers", f"id = '{house.whose('anna')}'")
        house.gateway.memory.read_again(house.whose("anna"))
        boss = await house.client("manager")
        assert (await boss.get("/api/customers/anna")).status_code == 404
        await house.running.looking.mend()
        assert (await answered(boss.get("/api/customers/anna")))["name"] == "Anna"
        assert (await answered(boss.get("/health")))["why"] == ["counter is lost"]


async def test_a_page_of_the_file_that_cannot_be_read_is_told_and_the_gateway_goes_on(tmp_path: Path) -> None:
    async with aside(tmp_path) as house:
        await house.hire("lina")
        await house.enrol("anna")
        await house.gateway.settle()
        overwrite_first_page(tmp_path, "consents")
        house.running.looking.look_at_everything()
        boss = await house.client("manager")
        assert "the database file is damaged: restore a backup" in (await answered(boss.get("/health")))["why"]


async def test_what_cannot_be_made_anew_now_is_not_tried_again_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with aside(tmp_path) as house:
        await house.enrol("anna")
        await house.gateway.settle()
        spoil(tmp_path, "customers", f"id = '{house.whose('anna')}'")
        house.gateway.memory.read_again(house.whose("anna"))
        boss = await house.client("manager")
        assert (await boss.get("/api/customers/anna")).status_code == 404

        def cut(*_: object) -> Any:
            raise Incomplete("the journal was cut")

        with monkeypatch.context() as patched:
            patched.setattr("gateway.records.rebuild.made_anew", cut)
            for _ in range(3):
                await house.running.looking.mend()
        assert [r for r in caplog.messages if "cannot be made anew now" in r] == [
            "damaged records are set aside, and cannot be made anew now: the journal was cut"
        ]


def overwrite_first_page(folder: Path, table: str) -> None:
    """The page where the table begins is all ones, as a dying disk gives it."""
    with closing(connect_to_write(folder / RECORDS_FILE)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with (folder / RECORDS_FILE).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


async def test_a_journal_page_with_a_damaged_event_shows_the_others(tmp_path: Path) -> None:
    await lived(tmp_path)
    spoil(tmp_path, "journal", "type = 'preference.recorded'")
    async with aside(tmp_path) as house:
        boss = await house.client("manager")
        events = await answered(boss.get("/api/customers/anna/journal"))
        assert {"customer.enrolled", "credential.given", "preference.recorded"} <= {each["type"] for each in events}
        anna = await answered(boss.get("/api/customers/anna"))
        assert [fact["value"] for fact in anna["preferences"]] == ["peanuts"], "the tables still know it"


async def test_a_record_of_a_key_that_was_never_ours_is_no_erasure(tmp_path: Path) -> None:
    await lived(tmp_path)
    spoil(tmp_path, "customers", ANNA, at=3)
    with closing(sqlite3.connect(tmp_path / RECORDS_FILE)) as db:
        assert db.execute("SELECT count(*) FROM erasures").fetchone() == (0,)
    async with served(tmp_path) as house:
        house.running.looking.look_at_everything()
        await house.running.looking.mend()
        reader: SealedDatabase = house.gateway.store.reader
        assert reader.conn.execute("SELECT count(*) FROM erasures").fetchone() == (0,)
        await all_is_there(house)

"""An erasure is a receipt: every place that may hold something answers, and is asked until it does."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from gateway.operations import erasing
from gateway.records import erasure_list, signing
from gateway.records.sqlite_file import sqlite3
from tests.commands.folder import of
from tests.console.served import FOB, Served, config, served
from tests.program import Ended, moments
from tests.records.recovering import with_recovery
from tests.story.venue import answered


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(erasing, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(erasing, "REACH_EVERY", 0.05)


async def said(house: Served, *words: str | Path) -> Ended:
    return await moments(*words, "--data", house.gateway.store.folder)


async def erased(house: Served, customer: str) -> dict[str, Any]:
    answer = await (await house.client("manager")).delete(f"/api/customers/{customer}")
    assert answer.status_code == 202
    return dict(answer.json())


async def until(house: Served, receipt: str, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The receipt once it is so."""
    boss = await house.client("manager")
    async with asyncio.timeout(40):
        while not good(found := await answered(boss.get(f"/api/erasures/{receipt}"))):
            await asyncio.sleep(0.02)
    return dict(found)


def place(receipt: dict[str, Any], kind: str) -> dict[str, Any]:
    (found,) = [each for each in receipt["places"] if each["kind"] == kind]
    return dict(found)


async def test_each_place_is_on_the_receipt_and_completes_it_as_it_answers(tmp_path: Path) -> None:
    nas, away = tmp_path / "nas", tmp_path / "stick"
    settings = config(backup={"erasures": [str(nas)]})
    async with served(tmp_path / "data", settings) as house:
        with_recovery(house.gateway.store.folder)
        await house.enrol("anna")
        assert (await said(house, "backup", away)).code == 0
        wrapped = keys_in(away, house.whose("anna"))
        shutil.move(away, tmp_path / "in the drawer")
        first = await erased(house, "anna")
        assert (first["by"], first["because"], first["dark_at"]) == ("staff", "asked", None)
        assert place(first, "venue")["done_at"] is not None
        assert place(first, "backup")["not_heard_since"] is not None
        assert place(first, "backup")["place"] == str(away)
        assert (await said(house, "erasures", "list")).code == 1

        shutil.move(tmp_path / "in the drawer", away)  # the stick is put in again, and the share is there
        nas.mkdir()
        whole = await until(house, first["erasure"], lambda found: found["dark_at"] is not None)
        assert not [path.name for path in away.iterdir() if wrapped in path.read_bytes()]
        hand = house.gateway.store.keyring.hand
        for folder in (away, nas):
            listed = erasure_list.read(folder / "erasures.jsonl", hand)
            assert erasure_list.hash_of(listed.lines[whole["entry"]["n"] - 1]) == whole["entry"]["hash"][7:]
        facts = {name: value for name, value in whole.items() if name != "proof"}
        assert signing.verify(hand.public, "erasure", facts, whole["proof"]["sig"])
        assert not signing.verify(hand.public, "erasure", {**facts, "dark_at": None}, whole["proof"]["sig"])
        assert (await said(house, "erasures", "list")).code == 0
        assert (await said(house, "erasures", "verify", nas / "erasures.jsonl")).code == 0
        kinds = [each.data["kind"] for each in of(house.gateway.journal.since(0, 10_000) or [], "erasure.answered")]
        assert sorted(kinds) == ["backup", "list"]


def keys_in(folder: Path, holder: str) -> bytes:
    (path,) = folder.glob("keys-*.db")
    with closing(sqlite3.connect(path)) as keys:
        return bytes(keys.execute("SELECT wrapped FROM keys WHERE holder = ?", (holder,)).fetchone()[0])


async def test_a_tablet_answers_by_showing_it_and_one_that_is_away_is_not_heard_from(tmp_path: Path) -> None:
    async with served(tmp_path / "data") as house:
        await house.hire("lina")
        browsers = {}
        for name in ("bar 1", "bar 2"):
            code = await answered((await house.client("manager")).post("/api/tablets/codes", json={"name": name}))
            browsers[name] = browser = await house.client()
            await answered(browser.post("/api/pair", json={"code": code["code"]}))
            await answered(browser.post("/api/sign-in", json={"staff": "lina", "pin": "2468"}))
        await house.enrol("anna")
        cookie = "; ".join(f"{name}={value}" for name, value in browsers["bar 1"].cookies.items())
        async with house.tablet({"Cookie": cookie}) as tablet:
            await tablet.send(json.dumps({"type": "painted", "sequence": 10**16, "ms": 40}))
            await tablet.tick()
            receipt = await erased(house, "anna")
            gone = await tablet.expect("customer.erased")
            await tablet.tick()
            early = await until(house, receipt["erasure"], lambda each: bool(each["places"]))
            assert names(early)["bar 1"]["done_at"] is None, "nobody has shown what had not happened"
            await tablet.send(json.dumps({"type": "painted", "sequence": gone["sequence"], "ms": 40}))
            found = await until(house, receipt["erasure"], lambda each: names(each)["bar 1"]["done_at"] is not None)
        assert names(found)["bar 2"]["done_at"] is None
        assert names(found)["bar 2"]["not_heard_since"] is not None
        assert found["dark_at"] is None


def names(receipt: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["place"]: each for each in receipt["places"]}


async def test_a_list_elsewhere_that_knows_more_is_taken_and_never_replaced(tmp_path: Path) -> None:
    nas = tmp_path / "nas"
    nas.mkdir()
    async with served(tmp_path / "data", config(backup={"erasures": [str(nas)]})) as house:
        await house.enrol("anna")
        await house.enrol("ben", "em:0700C4A92F")
        await until(house, (await erased(house, "anna"))["erasure"], lambda found: found["dark_at"] is not None)
        keyring = house.gateway.store.keyring
        ahead = erasure_list.ErasureList(nas, keyring.hand)
        ahead.add(
            map(bytes.fromhex, keyring.ids_of(house.whose("ben")))
        )  # as a house wrote it that this one was copied from
        for other in (b"somebody", b"else_who", b"was_here"):
            ahead.add([other])
        longer = (nas / "erasures.jsonl").read_text()
        await house.enrol("carl", "em:0700C4A930")
        await until(house, (await erased(house, "carl"))["erasure"], lambda found: found["dark_at"] is not None)
        assert (nas / "erasures.jsonl").read_text().startswith(longer)
        assert (await (await house.client("manager")).get("/api/customers/ben")).status_code == 404
        assert len(erasure_list.read(nas / "erasures.jsonl", keyring.hand).keys) == 6


async def test_a_list_from_outside_erases_whom_it_names_and_a_strangers_list_nobody(tmp_path: Path) -> None:
    async with served(tmp_path / "data") as house:
        await house.enrol("anna")
        await house.enrol("ben", "em:0700C4A92F")
        hand, elsewhere = house.gateway.store.keyring.hand, tmp_path / "elsewhere"
        elsewhere.mkdir()
        keys = house.gateway.store.keyring.ids_of(house.whose("anna"))
        erasure_list.ErasureList(elsewhere, hand).add(map(bytes.fromhex, keys))
        strange = tmp_path / "strange"
        strange.write_text((elsewhere / "erasures.jsonl").read_text().replace(keys[0], "00" * 8))
        refused = await said(house, "erasures", "merge", strange)
        assert (refused.code, "line 1 is not what this house wrote" in refused.err) == (1, True)
        done = await said(house, "erasures", "merge", elsewhere / "erasures.jsonl")
        assert done.out.strip() == "erased here by these lists: 1"
        boss = await house.client("manager")
        assert (await boss.get("/api/customers/anna")).status_code == 404
        assert (await boss.get("/api/customers/ben")).status_code == 200
        (receipt,) = await answered(boss.get("/api/erasures"))
        assert (receipt["because"], receipt["by"]) == ("restored", "house")
        house.tap(FOB)
        assert not house.gateway.memory.presence.here()


async def test_the_same_deletion_sent_twice_is_one_receipt(tmp_path: Path) -> None:
    async with served(tmp_path / "data") as house:
        await house.enrol("anna")
        boss = await house.client("manager", **{"Idempotency-Key": "once"})
        first, again = [await boss.delete("/api/customers/anna") for _ in range(2)]
        assert (first.status_code, again.status_code) == (202, 202)
        assert first.json()["erasure"] == again.json()["erasure"]
        assert len(await answered((await house.client("manager")).get("/api/erasures"))) == 1
        floor = await house.client("floor")
        assert (await floor.get(f"/api/erasures/{first.json()['erasure']}")).status_code == 403

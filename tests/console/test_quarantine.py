"""A house that cannot know whom it has forgotten shows nobody, sends nothing, and says so until it may."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.records import erasure_list, journal_rows, quarantine
from tests.console.served import FOB, PIN, Served, served
from tests.program import Ended, moments
from tests.records.recovering import with_recovery
from tests.story.venue import answered

REASON = "the box burnt on Monday and the copy is of Sunday"


async def said(house: Served, *words: str | Path, stdin: bytes = b"") -> Ended:
    return await moments(*words, "--data", house.gateway.store.folder, stdin=stdin)


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A house that was brought back without a list that is fresh enough."""
    async with served(tmp_path / "data") as house:
        await house.hire("mei", "pavel", roles=("manager",))
        await house.hire("lina")
        await house.enrol("anna")
        house.tap()
        with_recovery(house.gateway.store.folder)
        assert (await said(house, "backup", tmp_path / "copies")).code == 0
    for list_ in (tmp_path / "copies" / "erasures.jsonl", tmp_path / "data" / "erasures.jsonl"):
        list_.rename(list_.with_name("kept"))  # nobody has it at hand
    shutil.move(tmp_path / "copies", tmp_path / "away")
    brought = await moments("restore", tmp_path / "away", "--data", tmp_path / "data", "--force")
    assert brought.code == 0, brought
    return tmp_path / "data"


async def test_nobody_is_known_and_every_screen_says_why(folder: Path) -> None:
    async with served(folder, lawful=False) as house:
        boss, lina = await house.client("manager"), await house.signs_in("lina")
        for path in ("/api/customers/anna", "/api/customers?q=anna", "/api/present", "/api/alerts", "/api/today"):
            answer = await boss.get(path)
            assert (answer.status_code, "in quarantine since" in answer.json()["detail"]) == (423, True), path
        for path in ("/api/customers/anna/consents", "/api/customers/anna/preferences", "/api/visits/v/asks"):
            assert (await lina.post(path, json={})).status_code == 423
        assert (await boss.get("/api/staff")).status_code == 200
        exported = await said(house, "customers", "export")
        assert (exported.code, "in quarantine" in exported.err) == (1, True), exported
        async with house.tablet({"Authorization": f"Bearer {await house.token('manager')}"}) as tablet:
            state = tablet.state
            assert state["quarantine"]["because"] == "none"
            assert (state["present"], state["alerts"], state["preferences"]) == ([], [], {})
            house.tap()
            assert not house.gateway.memory.presence.here()


async def test_two_managers_sign_and_one_is_not_two(folder: Path) -> None:
    async with served(folder, lawful=False) as house:
        sign = ("erasures", "sign", "--pins", "-", "--reason")
        for people, pins, why in (
            (("mei", "mei"), (PIN, PIN), "one is not two"),
            (("mei", "lina"), (PIN, PIN), "is no manager"),
        ):
            refused = await said(house, *sign, REASON, *people, stdin="\n".join(pins).encode())
            assert (refused.code, why in refused.err) == (1, True), refused
        short = await said(house, *sign, "just so", "mei", "pavel", stdin=f"{PIN}\n{PIN}".encode())
        assert short.code == 1
        async with house.tablet({"Authorization": f"Bearer {await house.token('manager')}"}) as tablet:
            assert tablet.state["quarantine"] is not None
            done = await said(house, *sign, REASON, "mei", "pavel", stdin=f"{PIN}\n{PIN}".encode())
            assert done.code == 0, done
            again = await tablet.expect("hello")
            assert again["state"]["quarantine"] is None
        wrong = await said(house, *sign, REASON, "mei", "pavel", stdin=f"{PIN}\n9999".encode())
        assert "is not in quarantine" in wrong.err
        (ended,) = journal_rows.select(house.gateway.store.reader, "WHERE type = 'quarantine.ended'")
        assert (ended.data["because"], ended.data["by"], ended.data["reason"]) == ("signed", ["mei", "pavel"], REASON)
        assert (await (await house.client("manager")).get("/api/customers/anna")).status_code == 200
        house.tap(FOB)
        assert [here.customer for here in house.gateway.memory.presence.here()] == [house.whose("anna")]
    assert quarantine.reason(folder) is None


async def test_two_managers_end_it_on_two_tablets(folder: Path) -> None:
    async with served(folder, lawful=False) as house:
        tablets = []
        for address, who in (("127.0.0.41", "mei"), ("127.0.0.42", "pavel")):
            tablets.append(await house.client_at(address))
            await answered(tablets[-1].post("/api/sign-in", json={"staff": who, "pin": PIN}))
        mei, pavel = tablets
        body = {"kind": "quarantine", "about": "house", "reason": REASON}
        nobody = await mei.post("/api/break-glass", json={**body, "kind": "customer", "about": "anna"})
        assert (nobody.status_code, "knows nobody" in nobody.json()["detail"]) == (422, True)
        waits = await answered(mei.post("/api/break-glass", json=body))
        assert (await mei.post(f"/api/break-glass/{waits['id']}/confirm", json={"pin": PIN})).status_code == 403
        assert quarantine.reason(folder) is not None
        done = await answered(pavel.post(f"/api/break-glass/{waits['id']}/confirm", json={"pin": PIN}))
        assert done["b"] == "pavel"
        assert quarantine.reason(folder) is None
        assert (await (await house.client("manager")).get("/api/customers/anna")).status_code == 200
        await house.gateway.settle()
        (ended,) = journal_rows.select(house.gateway.store.reader, "WHERE type = 'quarantine.ended'")
        assert (ended.data["because"], ended.data["by"]) == ("signed", ["mei", "pavel"])
        assert await answered(mei.get("/api/break-glass")) == []


async def test_a_wrong_pin_signs_nothing(folder: Path) -> None:
    async with served(folder, lawful=False) as house:
        sign = ("erasures", "sign", "--pins", "-", "--reason", REASON, "mei", "pavel")
        refused = await said(house, *sign, stdin=f"{PIN}\n9999".encode())
        assert (refused.code, "wrong PIN of pavel" in refused.err) == (1, True), refused
        assert quarantine.reason(folder) is not None


async def test_a_fresh_list_ends_it_and_erases_whom_it_names(folder: Path, tmp_path: Path) -> None:
    async with served(folder, lawful=False) as house:
        old = await said(house, "erasures", "merge", tmp_path / "away" / "kept")
        assert (old.code, "in quarantine" in old.err) == (1, True), "it was written before the copy"
        listed = tmp_path / "fresh" / "erasures.jsonl"
        listed.parent.mkdir()
        shutil.copy(tmp_path / "away" / "kept", listed)
        keyring = house.gateway.store.keyring
        erasure_list.ErasureList(listed.parent, keyring.hand).add(
            map(bytes.fromhex, keyring.ids_of(house.whose("anna")))
        )
        fresh = await said(house, "erasures", "merge", listed)
        assert fresh.code == 0, fresh
        assert "erased here by these lists: 1\nthe quarantine is over" in fresh.out
        boss = await house.client("manager")
        assert (await boss.get("/api/customers/anna")).status_code == 404
        house.tap(FOB)
        assert not house.gateway.memory.presence.here()

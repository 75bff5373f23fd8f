"""Customers by what other systems call them: every door takes it and answers with it, and it goes with the customer."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.operations import erasing, webhooks
from gateway.records import aliases, left_names
from gateway.records.erasure_receipts import WEBHOOK
from tests.console.served import FOB, Served, config, served
from tests.operations.receiver import Receiver
from tests.program import moments
from tests.reader_drivers.readers import until
from tests.records.recovering import with_recovery
from tests.story.venue import answered

CHEN = "chen-wei-birthday-0412"
PAGE = f"/api/customers/{CHEN}"
TEA = {"category": "drink", "value": "Green tea", "polarity": "do", "basis": "stated", "scope": "standing"}
OURS = ("gateway", "reader_drivers", "uvicorn")  # whose log is the house's
SECRET = "a secret of more than 24 characters"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path / "data", config()) as running:
        yield running


def venue(crm: Receiver) -> Any:
    hooks = [{"name": "crm", "url": crm.url, "events": ["*"], "personal": True}]
    return config(webhooks=hooks)


async def lives(house: Served) -> str:
    """A guest whom another system named comes, and everything that a house does with one is done; their id of ours."""
    boss = await house.client("manager")
    await house.hire("anna")
    await house.enrol(CHEN, name="Chen Wei", associate="anna")
    await house.enrol("lin", "em:0700C4A92F", meets=[CHEN])
    anna = await house.client("floor", "anna")
    house.tap()
    await house.gateway.settle()
    [here] = await answered(boss.get("/api/present"))
    assert here["customer"] == CHEN
    [alert] = await answered(anna.get("/api/alerts?state=open"))
    assert alert["customer"] == CHEN
    await answered(anna.post(f"/api/alerts/{alert['alert']}/claim"))
    for path, body in (
        ("preferences", TEA), ("promises", {"text": "a window seat"}), ("complaints", {"text": "cold soup"}),
        ("wishes", {"wishes": ["no_photographs"]}),
    ):  # fmt: skip
        await answered(anna.post(f"{PAGE}/{path}", json=body))
    await answered(anna.post(f"/api/visits/{here['visit']}/asks", json={"question": "lunch"}))
    await answered(boss.put("/api/expected", json={"expected": [{"customer": CHEN, "place": "1A"}]}))
    return house.whose(CHEN)


async def test_a_name_that_an_outside_id_was_is_nowhere_once_they_are_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_CRM", SECRET)
    with Receiver(SECRET.encode()) as crm:
        async with served(tmp_path / "data", venue(crm)) as house:
            with_recovery(house.gateway.store.folder)
            ours, boss = await lives(house), await house.client("manager")
            data, copy = house.gateway.store.folder, tmp_path / "copy"
            assert (await moments("backup", copy, "--data", data)).code == 0
            async with house.tablet({"Authorization": f"Bearer {await house.token('floor', 'anna')}"}) as tablet:
                assert [row["customer"] for row in tablet.state["present"]] == [CHEN]
                gone = await answered(boss.delete(PAGE, headers={"Idempotency-Key": f"erase {CHEN}"}))
                told = await tablet.expect("customer.erased")
            assert (gone["customer"], told["subject"], told["data"]["customer"]) == (ours, CHEN, CHEN)
            await until(lambda: any(each["type"] == "customer.erased" for each in crm.events))
            [erased] = [each for each in crm.events if each["type"] == "customer.erased"]
            assert (erased["subject"], erased["data"]["customer"]) == (CHEN, CHEN), "by their own id they can act"
            assert not [each for each in crm.events if ours in json.dumps(each)]
            places = {each["kind"]: each for each in gone["places"]}
            assert WEBHOOK in places
            for path in (PAGE, f"{PAGE}/journal", f"{PAGE}/consents", f"/api/customers/{ours}"):
                assert (await boss.get(path)).status_code == 404
            for path in ("/api/present", "/api/alerts", "/api/expected", "/api/customers?q=chen", "/api/erasures"):
                assert CHEN not in (await boss.get(path)).text
            chain = await moments("journal", "export", "--data", data)
            assert (chain.code, CHEN in chain.out) == (0, False)
            await house.gateway.store.write(lambda tx: None)
            while_open = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for found in (while_open, {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}):
        assert len(found) > 5
        assert not [path for path, raw in found.items() if CHEN.encode() in raw or b"chen-wei" in raw]
    assert not [each for each in caplog.records if each.name.startswith(OURS) and CHEN in each.getMessage()]


async def test_a_webhook_that_was_away_over_a_restart_is_told_by_the_name_that_it_knows_and_then_that_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOMENTS_WEBHOOK_SECRET_CRM", SECRET)
    monkeypatch.setattr(webhooks, "LONGEST_WAIT", 0.2)
    monkeypatch.setattr(erasing, "LOOK_EVERY", 0.05)
    data = tmp_path / "data"
    with Receiver(SECRET.encode()) as crm:
        crm.answer = lambda _: 503
        async with served(data, venue(crm)) as house:
            await house.enrol(CHEN)
            ours, boss = house.whose(CHEN), await house.client("manager")
            assert (await boss.delete(PAGE)).status_code == 202
            kept = left_names.of(house.gateway.store.reader, ours)
            waiting = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
            assert (kept, CHEN.encode() in waiting) == (CHEN, False), "kept, and sealed"
            [key] = house.gateway.store.keyring.ids_of(left_names.HOLDER + ours)
        crm.tries.clear()
        async with served(data, venue(crm)) as house:
            await until(lambda: bool(crm.tries), within=40)
            assert ours not in json.dumps(crm.tries)
            crm.answer = lambda _: 204
            await until(lambda: any(each["type"] == "customer.erased" for each in crm.events), within=40)
            [erased] = [each for each in crm.events if each["type"] == "customer.erased"]
            assert (erased["subject"], erased["data"]["customer"]) == (CHEN, CHEN)
            keyring = house.gateway.store.keyring
            await until(lambda: not keyring.holders(left_names.HOLDER), within=40)
            assert keyring.erasures.entry_of([bytes.fromhex(key)]) is not None, "no copy of meanwhile says it either"


async def test_every_door_takes_both_names_and_answers_with_theirs(house: Served) -> None:
    ours, boss = await lives(house), await house.client("manager")
    assert aliases.OURS.fullmatch(ours)
    for named in (CHEN, ours):
        page = await answered(boss.get(f"/api/customers/{named}"))
        assert (page["id"], page["name"]) == (CHEN, "Chen Wei")
        again = await boss.put(f"/api/customers/{named}", json={"name": "Chen Wei", "associate": "anna"})
        assert (again.status_code, again.json()["id"]) == (200, CHEN)
        expected = await answered(boss.put("/api/expected", json={"expected": [{"customer": named}]}))
        assert [row["customer"] for row in expected] == [CHEN]
        for path in ("journal", "consents", "preferences", "record", "purposes"):
            told = await boss.get(f"/api/customers/{named}/{path}")
            assert (told.status_code, ours in told.text) == (200, False), path
    for path in ("present", "alerts", "today", "customers?q=chen", "expected", "places", "retention"):
        assert ours not in (await boss.get(f"/api/{path}")).text, path
    lin = await answered(boss.get("/api/customers/lin"))
    assert lin["meets"] == [CHEN]
    taken = await boss.post("/api/customers/lin/credentials", json={"identifier": FOB})
    assert taken.status_code == 409


async def test_two_who_enrol_the_same_one_at_once_make_one(house: Served) -> None:
    boss = await house.client("manager")
    answers = await asyncio.gather(*(boss.put("/api/customers/twice", json={"name": f"No {n}"}) for n in range(4)))
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 201]
    assert [row["id"] for row in await answered(boss.get("/api/customers?q=twice"))] == ["twice"]


async def test_what_looks_like_an_id_of_ours_names_nobody_new(house: Served) -> None:
    boss, strange = await house.client("manager"), aliases.new_id()
    refused = await boss.put(f"/api/customers/{strange}", json={"name": "Somebody"})
    assert (refused.status_code, "looks like an id of ours" in refused.text) == (422, True)
    row = f"customer,name,address_as,language,tier,associate,deputy,identifiers,consents\n{strange},X,,,,,,,\n"
    done = await answered(
        boss.post("/api/imports?partial=1", content=row.encode(), headers={"Content-Type": "text/csv"})
    )
    assert (done["new"], "looks like an id of ours" in done["problems"][0]["reason"]) == (0, True)


async def test_what_is_signed_names_them_by_our_id(house: Served) -> None:
    ours, boss = await lives(house), await house.client("manager")
    [receipt, *_] = await answered(boss.get(f"{PAGE}/receipts"))
    whole = await answered(boss.get(f"/api/receipts/{receipt['id']}?as=json"))
    assert (whole["pii_principal_id"], whole["proof"]["core"]["sub"]) == (ours, ours)
    assert CHEN not in json.dumps(whole)
    verdict = await answered(boss.post("/api/receipts/verify", json={"text": json.dumps(whole)}))
    assert verdict["state"] == "good"


async def test_of_two_records_both_names_lead_to_the_one_that_is_kept(house: Served) -> None:
    await lives(house)
    boss = await house.client("manager")
    merged = await answered(boss.post(f"{PAGE}/merge", json={"other": "lin"}))
    assert (merged["customer"], merged["other"]) == (CHEN, "lin")
    assert (await answered(boss.get("/api/customers/lin")))["id"] == CHEN
    await answered(boss.post(f"{PAGE}/unmerge", json={"merge": merged["merge"]}))
    assert (await answered(boss.get("/api/customers/lin")))["id"] == "lin"

"""Entries through the door: kept once for ever, refused by name, never changed, and forgotten with their customer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gateway.events.times import new_id
from gateway.records import entries, rebuild
from tests.console.served import Served, config, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")
URN = "urn:moments:problem:"
ON = "2026-07-31"
TODAY = datetime.now(UTC).date().isoformat()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("house"), config(insight={"approve_above": 1500})) as house:
        await house.hire("anna")
        await house.hire("mei", "noor", roles=("manager",))
        boss = await house.client("manager")
        for name in ("k1", "k2"):
            await answered(boss.put(f"/api/customers/{name}", json={"name": name}))
        yield house


def value(**more: Any) -> dict[str, Any]:
    return {"side": "value", "customer": "k1", "on": ON, "amount": 6000.00, "margin": 3000, **more}


def cost(**more: Any) -> dict[str, Any]:
    return {"side": "cost", "customer": "k1", "on": ON, "way": "gift", "amount": 150, "reason": "birthday", **more}


async def test_value_and_cost_are_kept_as_they_were_said(house: Served) -> None:
    till, anna = await house.client("integration"), await house.client("floor", "anna")
    said = await till.post("/api/entries", json=value(currency="CNY", source="pos-1", reference="T-88121"))
    assert said.status_code == 201
    sold = said.json()
    assert (sold["customer"], sold["amount"], sold["margin"], sold["by"]) == ("k1", 6000.0, 3000.0, sold["by"])
    row = cost(way="service_time", amount=None, minutes=90, role="floor", expects="test drive", approver="mei")
    spent = await answered(anna.post("/api/entries", json=row))
    assert (spent["lever"], spent["by"], spent["amount"], spent["minutes"]) == ("relational", "anna", None, 90)
    assert (await anna.post("/api/entries", json=value())).status_code == 403
    assert (await answered(anna.post("/api/entries", json=cost(reason="", way="discount"))))["reason"] is None


async def test_a_line_sent_twice_is_one_and_another_with_its_name_is_refused_with_it(house: Served) -> None:
    till = await house.client("integration")
    row = value(source="pos-2", reference="T-1", id=new_id())
    first = await answered(till.post("/api/entries", json=row))
    again = await till.post("/api/entries", json={**row, "id": new_id()})
    assert (again.status_code, again.json()) == (200, first)
    assert (await till.post("/api/entries", json=row)).status_code == 200
    other = await till.post("/api/entries", json={**row, "amount": 6001})
    assert (other.status_code, other.json()["type"]) == (409, f"{URN}entry-differs")
    assert other.json()["entry"] == first
    keyed = {"Idempotency-Key": new_id()}
    one, two = [await till.post("/api/entries", json=value(amount=5), headers=keyed) for _ in range(2)]
    assert one.json() == two.json()


async def test_two_at_once_are_one(house: Served) -> None:
    till = await house.client("integration")
    both = [till.post("/api/entries", json=value(customer=k, source="pos-2", reference="T-2")) for k in ("k1", "k1")]
    one, two = await asyncio.gather(*both)
    assert one.json() == two.json()
    assert sorted((one.status_code, two.status_code)) == [200, 201]
    split = [value(customer=k, source="pos-2", reference="T-3") for k in ("k1", "k2")]
    answers = await asyncio.gather(*(till.post("/api/entries", json=each) for each in split))
    assert sorted(each.status_code for each in answers) == [201, 409]


@pytest.mark.parametrize(
    ("row", "name", "at"),
    [
        (value(currency="USD"), "currency", "currency"),
        (value(margin=6000.01), "margin-above-amount", "margin"),
        (cost(amount=None), "cost-without-size", "amount"),
        (cost(amount=None, minutes=20), "cost-without-size", "amount"),
        (value(amount=10.005, margin=None), "too-many-digits", "amount"),
        (value(margin=1.001), "too-many-digits", "margin"),
        (value(on="2199-01-01"), "future-date", "on"),
        (cost(amount=1500.01), "approver", "approver"),
        (cost(amount=1500.01, approver="nobody"), "approver", "approver"),
        (cost(amount=None, minutes=1600, role="floor"), "approver", "approver"),
    ],
)
async def test_what_is_wrong_has_a_name_a_place_and_what_was_expected(
    house: Served, row: dict[str, Any], name: str, at: str
) -> None:
    till = await house.client("manager")
    refused = await till.post("/api/entries", json=row)
    assert (refused.status_code, refused.json()["type"]) == (422, URN + name)
    (error,) = refused.json()["errors"]
    assert error["at"] == at
    assert error["given"] == row.get(at)
    assert error["expected"]


@pytest.mark.parametrize("row", [value(amount=0), value(amount=-1), value(amount=1e9 + 1), value(customer=None)])
async def test_what_is_no_value_is_refused(house: Served, row: dict[str, Any]) -> None:
    assert (await (await house.client("manager")).post("/api/entries", json=row)).status_code == 422


async def test_a_stranger_is_not_found(house: Served) -> None:
    refused = await (await house.client("manager")).post("/api/entries", json=value(customer="nobody"))
    assert (refused.status_code, refused.json()["detail"]) == (404, "there is no such customer")


async def test_nobody_approves_their_own(house: Served) -> None:
    mei = await house.client("manager", "mei")
    refused = await mei.post("/api/entries", json=cost(amount=2000, approver="mei"))
    assert refused.json()["type"] == f"{URN}approver"
    assert (await mei.post("/api/entries", json=cost(amount=2000, approver="noor"))).status_code == 201
    assert (await mei.post("/api/entries", json=cost(amount=1500))).status_code == 201


async def test_nothing_is_changed_only_reversed_and_judged(house: Served) -> None:
    mei = await house.client("manager", "mei")
    entry = await answered(mei.post("/api/entries", json=cost()))
    place = f"/api/entries/{entry['id']}"
    assert (await mei.post(f"{place}/reverse", json={})).json()["type"] == f"{URN}reason"
    assert (await mei.post("/api/entries/none/reverse", json={"reason": "x"})).json()["type"] == f"{URN}entry-unknown"
    judged = await answered(mei.post(f"{place}/result", json={"result": "worked", "words": "came again"}))
    assert (judged["result"]["result"], judged["result"]["by"]) == ("worked", "mei")
    first = await answered(mei.post(f"{place}/reverse", json={"reason": "wrong guest"}))
    second = await answered(mei.post(f"{place}/reverse", json={"reason": "another"}))
    assert first == second
    assert first["reversed"]["reason"] == "wrong guest"
    gone = await mei.post(f"/api/entries/{first['reversed']['id']}/reverse", json={"reason": "back"})
    assert gone.status_code == 404, "a reversal is not reversible"


async def test_a_list_has_an_answer_for_each_line(house: Served) -> None:
    till = await house.client("integration")
    rows = [
        value(source="b", reference="1"), value(source="b", reference="1"),
        value(source="b", reference="1", amount=1, margin=0),
        value(margin=9999), {"side": "neither"}, cost(gathering="g1", customer=None),
    ]  # fmt: skip
    answers = await answered(till.post("/api/entries", json=rows))
    assert [each["status"] for each in answers] == [201, 200, 409, 422, 422, 201]
    assert answers[2]["type"] == f"{URN}entry-differs"
    assert answers[1]["entry"] == answers[0]["entry"]
    assert (await answered(till.post("/api/entries", json=rows[:1])))[0]["status"] == 200


async def test_making_a_complaint_good_is_a_cost_by_itself_once(house: Served) -> None:
    mei = await house.client("manager", "mei")
    page = "/api/customers/k1/complaints"
    told = {"text": "waited 40 minutes", "recovery_cost": {"amount": 200}}
    complaint = (await answered(mei.post(page, json=told)))["id"]
    await answered(mei.post(f"{page}/{complaint}/close", json={}))
    kept = entries.recovering(house.gateway.store.reader, complaint)
    assert kept is not None
    assert (kept["way"], kept["lever"], kept["amount"], kept["reason"]) == (
        "recovery",
        "procedural",
        20000,
        told["text"],
    )
    again = await mei.post("/api/entries", json=cost(way="recovery", touch=complaint))
    assert (again.status_code, again.json()["type"], again.json()["entry"]["id"]) == (
        409, f"{URN}entry-differs", kept["id"],
    )  # fmt: skip
    free = (await answered(mei.post(page, json={"text": "a cold soup"})))["id"]
    await answered(mei.post("/api/entries", json=cost(way="recovery", touch=free)))
    await answered(mei.post(f"{page}/{free}/close", json={"recovery_cost": {"amount": 90}}))
    assert len(entries.select(house.gateway.store.reader, "touch = ?", free)) == 1


async def test_a_person_decides_the_tier_and_says_why(house: Served) -> None:
    mei = await house.client("manager", "mei")
    refused = await mei.post("/api/customers/k2/tier", json={"tier": "gold"})
    assert (refused.status_code, refused.json()["type"]) == (422, f"{URN}reason")
    decided = await answered(mei.post("/api/customers/k2/tier", json={"tier": "gold", "reason": "brings friends"}))
    assert (decided["tier"], decided["was"], decided["by"]) == ("gold", "", "mei")
    assert (await answered(mei.get("/api/customers/k2")))["tier"] == "gold"
    await answered(mei.post("/api/customers/k2/potential", json={"reason": "opens a second house"}))
    await answered(mei.post("/api/customers/k2/lost", json={"cause": "moved", "words": "to Lisbon"}))
    assert (await mei.post("/api/customers/k2/lost", json={"cause": "guessed"})).status_code == 422
    assert (await mei.post("/api/customers/nobody/lost", json={"cause": "moved"})).status_code == 404


async def test_a_budget_is_set_in_the_money_of_the_house(house: Served) -> None:
    mei = await house.client("manager", "mei")
    spring = {"amount": 5000, "begins": "2026-03-01", "ends": "2026-06-01"}
    await answered(mei.put("/api/budgets/spring", json=spring))
    assert (await mei.put("/api/budgets/spring", json={**spring, "currency": "EUR"})).json()["type"] == f"{URN}currency"
    (kept,) = await answered(mei.get("/api/budgets"))
    assert (kept["budget"], kept["amount"], kept["by"]) == ("spring", 5000, "mei")


async def test_the_tables_follow_from_the_journal(house: Served) -> None:
    await house.gateway.settle()
    reader = house.gateway.store.open_reader()
    assert not rebuild.check(reader, house.gateway.store.folder).differences


async def test_who_is_erased_takes_their_entries_along(tmp_path: Path) -> None:
    async with served(tmp_path / "data") as house:
        boss = await house.client("manager")
        await answered(boss.put("/api/customers/k1", json={"name": "Margaux"}))
        said = await answered(boss.post("/api/entries", json=cost(reason="her anniversary")))
        ours = house.whose("k1")
        mine = await boss.get("/api/customers/k1/export", params={"reason": "she asked"})
        assert b"anniversary" in await _inside(mine)
        await answered(boss.delete("/api/customers/k1"))
        assert (await boss.post(f"/api/entries/{said['id']}/reverse", json={"reason": "x"})).status_code == 404
        assert entries.select(house.gateway.store.reader, "customer = ?", ours) == []
    written = b"".join(each.read_bytes() for each in (tmp_path / "data").rglob("*") if each.is_file())
    assert b"anniversary" not in written


async def _inside(answer: httpx2.Response) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        return b"".join(packed.read(name) for name in packed.namelist())


async def test_what_is_given_often_is_a_tap_and_names_nobody(house: Served) -> None:
    anna = await house.client("floor", "anna")
    for customer in ("k1", "k2", "k1"):
        await answered(
            anna.post("/api/entries", json=cost(customer=customer, on=TODAY, amount=150, reason="champagne"))
        )
    for _ in range(3):
        await answered(
            anna.post("/api/entries", json=cost(customer="k1", on=TODAY, amount=99, reason="for Mr Wu's knee"))
        )
    usual = await answered(anna.get("/api/entries/usual"))
    assert [each for each in usual if each["reason"] == "champagne"] == [
        {"way": "gift", "amount": 150, "reason": "champagne", "times": 3, "currency": "CNY"}
    ]
    assert not any("knee" in each["reason"] for each in usual)

"""The customer ledger through the doors: who is in it, who is chosen, what was bought, what is owed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.console.served import Served, config, served
from tests.console.test_insight import IDS, ran, worked
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")
LEDGER = "/api/insight/ledger"
SAID: dict[str, dict[str, str]] = {
    "k1": {"sector": "shipping", "region": "Ningbo", "relation": "company", "company": " Hale  Lines "},
    "k2": {"sector": "shipping", "region": "Ningbo", "relation": "company", "company": "Hale Lines"},
    "k3": {"sector": "tea", "region": "Hangzhou", "relation": "partner", "owes": "the deposit for the 12th"},
    "k9": {"sector": "tea", "region": "Hangzhou", "relation": "shareholder", "company": "Nobody's"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("ledger"), config()) as house:
        house.ahead = 0.0
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def boss(house: Served) -> httpx2.AsyncClient:
    boss = await worked(house)
    await answered(boss.put("/api/customers/k9", json={"name": "K9"}))  # agrees to nothing
    for each, said in SAID.items():
        await answered(boss.post(f"/api/customers/{each}/standing", json=said))
    await answered(boss.post("/api/customers/k1/promises", json={"text": "a seat by the window"}))
    soup = await answered(boss.post("/api/customers/k1/complaints", json={"text": "cold soup"}))
    await answered(boss.post(f"/api/customers/k1/complaints/{soup['id']}/close", json={}))
    await ran(boss, on="2026-12-01")
    return boss


async def page(boss: httpx2.AsyncClient, **chosen: Any) -> dict[str, Any]:
    found: dict[str, Any] = await answered(boss.get(LEDGER, params=chosen))
    return found


def who(page: dict[str, Any]) -> list[str]:
    return [row["customer"] for row in page["rows"]]


async def test_how_many_of_which_kind_and_what_each_bought_and_is_owed(boss: httpx2.AsyncClient) -> None:
    told = await page(boss)
    assert who(told) == list(IDS)
    assert (told["count"], told["of"], told["others"]) == (5, 5, 1)
    assert told["by"] == {
        "sector": {"": 2, "shipping": 2, "tea": 1},
        "region": {"": 2, "Ningbo": 2, "Hangzhou": 1},
        "relation": {"company": 2, "person": 2, "partner": 1},
    }
    assert told["companies"] == [{"company": "Hale Lines", "people": ["k1", "k2"]}]
    k1, _, k3, *_ = told["rows"]
    assert [(each["on"], each["amount"]) for each in k1["bought"]] == [("2026-11-28", 4000), ("2026-07-31", 6000)]
    assert [(each["kind"], each["text"]) for each in k1["owed"]] == [("promise", "a seat by the window")]
    assert (k3["relation"], k3["owes"], k3["owed"]) == ("partner", "the deposit for the 12th", [])


async def test_of_whom_nothing_may_be_said_nothing_is(boss: httpx2.AsyncClient) -> None:
    for form in ("json", "csv"):
        said = (await boss.get(LEDGER, params={"format": form})).text
        assert "k1" in said
        assert not any(each in said for each in ("k9", "K9", "shareholder", "Nobody"))


async def test_choices_are_kept_as_lists_and_leave_as_files(boss: httpx2.AsyncClient) -> None:
    assert who(await page(boss, sector="shipping", region="Ningbo")) == ["k1", "k2"]
    assert who(await page(boss, company="Hale Lines", relation="partner")) == []
    assert who(await page(boss, sector="")) == ["k4", "k5"]
    first = await page(boss, limit=2)
    assert (who(first), who(await page(boss, limit=2, after=first["after"]))) == (["k1", "k2"], ["k3", "k4"])
    kept = await answered(boss.put("/api/insight/lists/航运", json={"sector": "shipping"}))
    assert (kept["list"], kept["sector"], kept["relation"]) == ("航运", "shipping", None)
    assert (await page(boss))["lists"] == [{"list": "航运", "sector": "shipping", "region": None, "relation": None}]
    nothing = await boss.put("/api/insight/lists/all", json={})
    assert nothing.status_code == 422
    for _ in range(2):
        assert (await boss.delete("/api/insight/lists/航运")).status_code == 204
    assert (await page(boss))["lists"] == []
    lines = (await boss.get(LEDGER, params={"format": "csv", "relation": "company"})).text.splitlines()
    assert lines[0].endswith("name,customer,sector,region,relation,company,owes,purchases,bought,owed")
    assert (
        lines[1]
        == "K1,k1,shipping,Ningbo,company,Hale Lines,,2,2026-11-28 4000.00; 2026-07-31 6000.00,a seat by the window"
    )
    book = await boss.get(LEDGER, params={"format": "xlsx"})
    assert book.content[:2] == b"PK"


async def test_whoever_ends_insight_is_one_of_the_others_at_once(boss: httpx2.AsyncClient) -> None:
    await answered(boss.delete("/api/customers/k3/consents/insight"))
    told = await page(boss)
    assert (who(told), told["of"], told["others"]) == (["k1", "k2", "k4", "k5"], 4, 2)
    assert "tea" not in told["choices"]["sector"]

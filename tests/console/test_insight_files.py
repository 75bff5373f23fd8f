"""Files about value, cost and days: a bad row is named, a good one comes once however often the file does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gateway.records import entries, insight_sheets, rebuild, statements
from gateway.records.column_maps import BadMap
from gateway.records.sheets import Unreadable
from tests.console.served import Served, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")

TILL = """side,on,reference,customer,amount,margin,way,reason,reverses
value,2026-07-31,T-1,k1,6000.00,3000,,,
value,2026-11-28,T-2,k1,4000,,,,
cost,2026-08-30,T-3,k2,150,,gift,birthday,
value,2026-08-30,T-4,k2,-500,,,,
value,2026-07-31,T-5,k1,,,,wrong guest,T-1
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("house")) as house:
        boss = await house.client("manager")
        for name in ("k1", "k2", "k3"):
            await answered(boss.put(f"/api/customers/{name}", json={"name": name}))
        for name in ("k1", "k2"):
            await answered(boss.post(f"/api/customers/{name}/consents", json={"purpose": "introductions"}))
        yield house


async def bring(house: Served, kind: str, text: str, source: str = "pos", **params: Any) -> httpx2.Response:
    boss = await house.client("manager")
    asked = {"kind": kind, "source": source, **params}
    return await boss.post(
        "/api/insight/imports", params=asked, content=text.encode(), headers={"Content-Type": "text/csv"}
    )


async def brought(house: Served, kind: str, text: str, **params: Any) -> tuple[int, int, list[dict[str, Any]]]:
    answer = await answered(bring(house, kind, text, **params))
    return answer["rows"], answer["changed"], answer["problems"]


async def test_a_till_s_file_comes_once_and_a_dry_run_not_at_all(house: Served) -> None:
    reader = house.gateway.store.reader
    assert await brought(house, "entries", TILL, dry_run=True) == (5, 5, [])
    assert entries.select(reader) == []
    assert await brought(house, "entries", TILL) == (5, 5, [])
    kept = entries.select(reader)
    first = next(each for each in kept if each["reference"] == "T-1")
    assert first["reversed"]["reason"] == "wrong guest"
    back = next(each for each in kept if each["reference"] == "T-4")
    assert (back["amount"], back["margin"]) == (-50000, -30000), "what came back takes its likely margin along"
    assert await brought(house, "entries", TILL) == (5, 0, [])
    shuffled = "\n".join([TILL.split("\n")[0], *sorted(TILL.split("\n")[1:], reverse=True)])
    assert await brought(house, "entries", shuffled) == (5, 0, [])
    assert entries.select(reader) == kept


async def test_a_bad_row_is_named_by_line_and_reason_and_costs_no_other(house: Served) -> None:
    bad = (
        TILL.replace("T-", "B-").replace("4000,", "4000.005,")
        + "cost,2026-08-30,B-6,k9,5,,gift,,\nTotal,,,,10500,,,,\n"
    )
    refused = await bring(house, "entries", bad)
    assert refused.status_code == 422
    assert [each["line"] for each in refused.json()["problems"]] == [3, 7, 8]
    assert entries.select(house.gateway.store.reader, "mark = ?", entries.mark_of("pos", "B-1")) == []
    rows, changed, problems = await brought(house, "entries", bad, partial=True)
    assert (rows, changed, len(problems)) == (6, 4, 3)
    reasons = [each["reason"] for each in problems]
    assert "digits" in reasons[0]
    assert "'k9'" in reasons[1]
    assert "totals" in reasons[2]
    other = TILL.replace("6000.00", "6000.01")
    refused = await bring(house, "entries", other)
    assert "said otherwise" in refused.json()["problems"][0]["reason"]


async def test_days_causes_and_answers_come_in_and_once(house: Served) -> None:
    files = {
        "visits": "customer,on,reference\nk1,2025-06-04,S-1\nk2,2025-06-05,S-2\n",
        "gatherings": "gathering,on,customer\ng1,2026-07-03,k1\ng1,2026-07-03,k2\n",
        "lost": "customer,on,cause,words\nk3,2026-07-03,moved,to Lisbon\n",
        "wallet": "customer,on,low,high\nk1,2026-07-03,20000,30000\n",
        "survey": "customer,on,overall,f1\nk1,2026-07-03,4,5\n",
        "ties": "a,b,kind,on,reference\nk2,k1,introduced,2026-07-04,I-1\n",
    }
    for kind, text in files.items():
        rows = text.count("\n") - 1
        assert await brought(house, kind, text) == (rows, rows, []), kind
        assert await brought(house, kind, text) == (rows, 0, []), kind
    reader = house.gateway.store.reader
    assert len(statements.select(reader, "kind = 'visit'")) == 2
    assert len(statements.ties(reader)) == 1
    later = await bring(house, "visits", "customer,on,reference\nk1,2199-06-04,S-9\n")
    assert "expected a day until" in later.json()["problems"][0]["reason"]
    guessed = await bring(house, "lost", "customer,on,cause\nk1,2026-07-03,probably\n")
    assert "none of death" in guessed.json()["problems"][0]["reason"]


@pytest.mark.parametrize("pair", ["k1,k3", "k3,k1"])
async def test_a_tie_is_of_two_who_agreed_and_the_words_are_the_same_whoever_did_not(house: Served, pair: str) -> None:
    refused = await bring(house, "ties", f"a,b,kind,on,reference\n{pair},family,2026-07-04,I-2\n")
    (problem,) = refused.json()["problems"]
    assert problem["reason"] == "a tie needs the agreement of both to introductions"


async def test_the_tables_follow_from_the_journal(house: Served) -> None:
    await house.gateway.settle()
    assert rebuild.check(house.gateway.store.open_reader(), house.gateway.store.folder).differences == []


MAP = """
encoding = "utf-8"
dates = "%d.%m.%Y"
decimal = ","
[columns]
reference = "Bon"
on = "Datum"
customer = "Kunde"
amount = "Summe"
side = "Art"
[before]
customer = "crm:"
[values.side]
Verkauf = "value"
"""


async def test_another_program_s_columns_signs_and_customers_are_told_by_a_map(tmp_path: Path) -> None:
    place = tmp_path / "map.toml"
    place.write_text(MAP)
    wanted = insight_sheets.Map.of_file(place)
    raw = "Bon;Datum;Kunde;Art;Summe\n7;31.07.2026;4711;Verkauf;1.234,50\n8;31.07.2026;4711;Pfand;1,00\n"
    sheet = insight_sheets.read(raw.encode(), "entries", wanted)
    ((line, cells),) = sheet.rows
    assert (line, cells["customer"], cells["on"], cells["amount"], cells["side"]) == (
        2, "crm:4711", "2026-07-31", "1234.50", "value",
    )  # fmt: skip
    assert [(each.line, each.reason) for each in sheet.problems] == [(3, "side: 'Pfand' is none of Verkauf")]
    with pytest.raises(Unreadable, match="there is no Bon"):
        insight_sheets.read(raw.replace("Bon", "Beleg").encode(), "entries", wanted)
    place.write_text(MAP + "[colums]\n")
    with pytest.raises(BadMap, match="colums"):
        insight_sheets.Map.of_file(place)

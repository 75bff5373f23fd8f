"""The worked example through the doors: files in, a run in a process of its own, the same digits out."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from gateway.records import insight_file
from tests.console.served import Served, config, served
from tests.insight.worlds import WORKED
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")
URN = "urn:moments:problem:"
WORLD: dict[str, Any] = json.loads(Path(WORKED).read_text("utf-8"))
IDS = ("k1", "k2", "k3", "k4", "k5")


async def brought(boss: httpx2.AsyncClient, kind: str, rows: list[list[Any]], columns: str) -> None:
    """A file of these rows."""
    text = "\n".join([columns, *(",".join("" if each is None else str(each) for each in row) for row in rows)])
    kept = {"Content-Type": "text/csv"}
    asked = {"kind": kind, "source": "worked"}
    await answered(boss.post("/api/insight/imports", params=asked, content=f"{text}\n".encode(), headers=kept))


async def worked(house: Served) -> httpx2.AsyncClient:
    """The five customers of the example with all that is told of them, brought by files and by hand."""
    boss = await house.client("manager")
    for each in IDS:
        await answered(boss.put(f"/api/customers/{each}", json={"name": each.upper()}))
        for purpose in WORLD["customers"][each]["consents"]:
            await answered(boss.post(f"/api/customers/{each}/consents", json={"purpose": purpose}))
    visits = [[each["customer"], each["on"], f"v{at}"] for at, each in enumerate(WORLD["visits"])]
    await brought(boss, "visits", visits, "customer,on,reference")
    attended = WORLD["gatherings"]["g1"]
    await brought(boss, "gatherings", [["g1", attended["on"], each] for each in attended["attended"]],
                  "gathering,on,customer")  # fmt: skip
    await brought(boss, "ties", [["k1", "k2", "introduced", "2026-06-01", "i1"]], "a,b,kind,on,reference")
    for entry in WORLD["entries"]:
        said = {name: value for name, value in entry.items() if name != "id"}
        await answered(boss.post("/api/entries", json={**said, "source": "worked", "reference": entry["id"]}))
    return boss


async def ran(boss: httpx2.AsyncClient, **body: str) -> str:
    """A run, to its end."""
    run: str = (await answered(boss.post("/api/insight/runs", json=body)))["run"]
    for _ in range(600):
        state = await answered(boss.get(f"/api/insight/runs/{run}"))
        if state["state"] != "running":
            break
        await asyncio.sleep(0.1)
    assert state["state"] == "done", state["words"]
    return run


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("house"), config()) as house:
        house.ahead = 0.0
        yield house


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def boss(house: Served) -> httpx2.AsyncClient:
    return await worked(house)


@pytest.mark.parametrize("asked", ["", "?run="])
async def test_before_the_first_run_the_answer_says_so(house: Served, asked: str) -> None:
    early = await (await house.client("manager")).get(f"/api/insight/worth{asked}")
    assert (early.status_code, early.json()["type"]) == (409, f"{URN}no-run-yet")


async def test_the_worked_example_to_the_last_digit(boss: httpx2.AsyncClient) -> None:
    run = await ran(boss, on="2026-12-01")
    worth = await answered(boss.get("/api/insight/worth"))
    assert (worth["run"], worth["on"], worth["from"], worth["until"]) == (run, "2026-12-01", "2025-12-01", "2026-12-01")
    rows = {each["customer"]: each for each in worth["rows"]}
    assert list(rows) == list(IDS)
    assert [rows[each]["net"]["amount"] for each in IDS] == [4976.66, 1166.67, 66.67, -200, -400]
    assert (rows["k1"]["net"]["low"], rows["k1"]["net"]["high"]) == (4576.66, 5376.66)
    assert rows["k1"]["strategic"] == 178.33
    total = worth["total"]
    assert (total["value"]["amount"], total["cost"], total["net"]["amount"]) == (7500, 1890, 5610)
    assert worth["net"] == {"top20": 0.8871, "bottom30": -0.0891, "eats": 0.0818, "peak": 1.107, "peak_customers": 3}
    assert worth["revenue"] == {"top20": 0.6993, "bottom30": 0.0175}
    assert worth["loss_makers"] == {"count": 2, "net": -600}
    assert worth["names"] == {each: each.upper() for each in IDS}
    risk = {each["customer"]: each for each in (await answered(boss.get("/api/insight/risk")))["rows"]}
    assert [(risk[each]["silent_days"], risk[each]["ratio"], risk[each]["band"]) for each in IDS] == [
        (3, 0.1, "in time"), (151, 3.36, "long silent"), (101, 2.75, "late"), (10, 0.33, "in time"),
        (295, 16.39, "gone quiet"),
    ]  # fmt: skip
    assert risk["k2"]["reasons"][0]["words"]["en"] == "silent 151 days, usually every 60 (2 gaps)"
    stages = {each["customer"]: each for each in (await answered(boss.get("/api/insight/stages")))["rows"]}
    assert [(stages[each]["stage"], stages[each]["since"]) for each in IDS] == [
        ("repeat", "2026-11-28"), ("dormant", "2026-11-15"), ("user", "2026-08-22"), ("woken", "2026-11-21"),
        ("lost", "2026-08-08"),
    ]  # fmt: skip
    network = await answered(boss.get("/api/insight/network"))
    assert {(each["a"], each["b"]): each["theta"] for each in network["ties"]} == {
        ("k1", "k2"): 0.15, ("k1", "k3"): 0.05, ("k2", "k3"): 0.05,
    }  # fmt: skip
    assert [each["stickiness"] for each in network["rows"]] == [0.6292, 0.3458, 0.2083, 0.0833, 0.1667]
    assert [each["influence_money"] for each in network["rows"]] == [178.33, 749.83, 307.17, 0, 0]


async def test_the_morning_is_one_figure_of_each_page_and_whom_it_is_about(boss: httpx2.AsyncClient) -> None:
    told = await answered(boss.get("/api/insight/morning"))
    assert [(each["page"], each["count"], each["of"], each["people"]) for each in told["sentences"]] == [
        ("worth", 2, 5, ["k1"]), ("risk", 2, 5, ["k5", "k2"]), ("spend", 1, 5, ["k5"]),
        ("network", 3, None, ["k1", "k2", "k3"]), ("voices", 0, 0, []),
    ]  # fmt: skip
    worth, _, spend, *_ = told["sentences"]
    assert (worth["share"], spend["amount"]) == (0.8871, 450)
    assert told["names"] == {each: each.upper() for each in ("k1", "k5", "k2", "k3")}
    lines = (await boss.get("/api/insight/morning", params={"format": "csv"})).text.splitlines()
    assert lines[1:3] == ["worth,2,5,0.8871,", "risk,2,5,,"]


async def test_spend_begins_with_what_has_no_reason(boss: httpx2.AsyncClient) -> None:
    spend = await answered(boss.get("/api/insight/spend"))
    assert spend["total"] == 1890
    assert {lever: (each["amount"], each["share"]) for lever, each in spend["by_lever"].items()} == {
        "relational": (1090, 0.5767), "financial": (600, 0.3175), "procedural": (200, 0.1058),
    }  # fmt: skip
    assert spend["no_reason"] == {"entries": 1, "amount": 450, "share": 0.2381}
    assert spend["only_money"] == ["k5"]
    first = spend["rows"][0]
    assert (first["has_reason"], first["customer"], first["amount"]) == (False, "k5", 450)
    shared = next(each for each in spend["rows"] if each["gathering"] == "g1")
    assert shared["parts"] == {"k1": 333.34, "k2": 333.33, "k3": 333.33}
    by = await answered(boss.get("/api/insight/spend", params={"by": "customer"}))
    assert {each["key"]: each["amount"] for each in by["groups"]} == {
        "k1": 423.34, "k2": 333.33, "k3": 333.33, "k4": 200, "k5": 600,
    }  # fmt: skip
    assert (await boss.get("/api/insight/spend", params={"by": "mood"})).status_code == 422


async def test_what_if_is_exact_and_kept_nowhere(house: Served, boss: httpx2.AsyncClient) -> None:
    met = await answered(boss.post("/api/insight/what-if", json={"gathering": ["k2", "k3", "k5"]}))
    rows = {each["customer"]: (each["before"], each["after"]) for each in met["rows"]}
    assert (rows["k2"], rows["k3"], rows["k5"]) == ((0.3458, 0.3542), (0.2083, 0.2208), (0.1667, 0.1667))
    gone = await answered(boss.post("/api/insight/what-if", json={"without": "k1"}))
    assert {each["customer"]: each["after"] for each in gone["rows"]} == {
        "k2": 0.2583, "k3": 0.1792, "k4": 0.0833, "k5": 0.1667,
    }  # fmt: skip
    assert (await answered(boss.get("/api/insight/network")))["rows"][0]["stickiness"] == 0.6292
    assert (await boss.post("/api/insight/what-if", json={})).status_code == 422


async def test_one_person_has_all_that_it_rests_on_and_the_look_is_told(
    house: Served, boss: httpx2.AsyncClient
) -> None:
    found = await answered(boss.get("/api/insight/customers/k2"))
    assert found["contact_days"] == ["2026-03-05", "2026-05-04", "2026-07-03"]
    assert (found["stage"]["stage"], found["risk"]["band"], found["worth"]["net"]["amount"]) == (
        "dormant", "long silent", 1166.67,
    )  # fmt: skip
    assert [(each["a"], each["b"]) for each in found["ties"]] == [("k1", "k2"), ("k2", "k3")]
    await house.gateway.store.write(lambda _: None)  # what is told is written after
    looks = house.gateway.journal.of_customer(house.whose("k2"), type="customer.viewed")
    assert [each.data["why"] for each in looks] == ["list"]


async def test_pages_and_files_have_the_same_rows(boss: httpx2.AsyncClient) -> None:
    seen, after = [], None
    for _ in range(3):
        page = await answered(
            boss.get("/api/insight/worth", params={"limit": 2, **({"after": after} if after else {})})
        )
        seen += [each["customer"] for each in page["rows"]]
        after = page["after"]
    assert (seen, after) == (list(IDS), None)
    as_csv = await boss.get("/api/insight/risk", params={"format": "csv"})
    lines = as_csv.text.lstrip("\ufeff").splitlines()
    assert lines[0].startswith("name,customer,silent_days")
    assert [line.split(",")[1] for line in lines[1:]] == ["k5", "k2", "k3", "k4", "k1"]
    book = await boss.get("/api/insight/worth", params={"format": "xlsx"})
    with zipfile.ZipFile(io.BytesIO(book.content)) as packed:
        sheet = packed.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count("<row>") == 6
    assert "<v>4976.66</v>" in sheet


async def test_deleted_and_made_again_it_is_the_same(house: Served, boss: httpx2.AsyncClient) -> None:
    place = house.gateway.store.folder / insight_file.FILE
    digest = insight_file.digests(place.parent)[-1]
    for name in (place.name, f"{place.name}-wal", f"{place.name}-shm"):
        (place.parent / name).unlink(missing_ok=True)
    await ran(boss, on="2026-12-01")
    assert insight_file.digests(place.parent) == [digest]
    for words in (b"silent 151 days", b"own specialist", b"summer evening", b"4976.66"):
        assert words not in place.read_bytes(), "each row is sealed"


async def test_who_ends_it_is_in_no_answer_and_soon_in_no_row(house: Served, boss: httpx2.AsyncClient) -> None:
    old = (await answered(boss.get("/api/insight/worth")))["run"]
    ours = house.whose("k5")
    await answered(boss.delete("/api/customers/k5/consents/insight"))
    worth = await answered(boss.get("/api/insight/worth", params={"run": old}))
    assert [each["customer"] for each in worth["rows"]] == list(IDS[:4])
    assert worth["total"]["net"]["amount"] == 6010
    spend = await answered(boss.get("/api/insight/spend"))
    assert (spend["total"], spend["only_money"]) == (1890, [])
    for path in ("risk", "stages", "network", "spend", "worth"):
        assert "k5" not in (await boss.get(f"/api/insight/{path}")).text.lower()
        assert "birthday" not in (await boss.get(f"/api/insight/{path}")).text
    none, stranger = [await boss.get(f"/api/insight/customers/{each}") for each in ("k5", "nobody")]
    assert (none.status_code, none.json()) == (stranger.status_code, stranger.json()) == (404, none.json())
    for _ in range(40):
        if ours not in insight_file.customers(house.gateway.store.folder):
            break
        await asyncio.sleep(0.05)
    assert ours not in insight_file.customers(house.gateway.store.folder), "within two seconds"
    again = await ran(boss, on="2026-12-01")
    worth = await answered(boss.get("/api/insight/worth"))
    assert (worth["run"], worth["total"]["net"]["amount"]) == (again, 6010)


async def test_a_run_that_is_not_there(boss: httpx2.AsyncClient) -> None:
    for path in ("worth?run=none", "runs/none"):
        unknown = await boss.get(f"/api/insight/{path}")
        assert (unknown.status_code, unknown.json()["type"]) == (404, f"{URN}run-unknown")


async def test_a_file_that_is_no_database_ends_no_gateway(house: Served, boss: httpx2.AsyncClient) -> None:
    place = house.gateway.store.folder / insight_file.FILE
    kept = place.read_bytes()
    place.write_bytes(b"no database at all, and longer than a header of one would be" * 20)
    await answered(boss.delete("/api/customers/k4/consents/insight"))
    await asyncio.sleep(0.4)
    assert (await house.client()).base_url
    assert (await boss.get("/api/present")).status_code == 200
    assert (await boss.get("/api/insight/worth")).status_code in (200, 409)
    place.write_bytes(kept)

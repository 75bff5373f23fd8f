"""The list of who is expected: put whole, kept over a restart, shown by name, and forgotten with the customer."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.events.times import iso
from tests.console.served import FOB, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="function")


async def test_a_list_is_put_whole_read_by_everybody_and_kept(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.enrol("chen", address_as="Ms Chen")
        await house.enrol("li", "em:0700C4A91F", wishes=["no_name"])
        boss, anna = await house.client("manager"), await house.client("floor", "anna")
        now = house.now()
        rows = [{"customer": "li", "from": iso(now + 3600.0), "until": iso(now + 7200.0)}, {"customer": "chen"}]
        put = await answered(boss.put("/api/expected", json={"expected": rows}))
        assert [(e["customer"], e["name"], e["here"]) for e in put] == [("chen", "Chen", False), ("li", None, False)]
        assert put[1]["from"] == iso(now + 3600.0)
        assert iso(now - 86_400.0) < put[0]["from"] <= iso(now) <= put[0]["until"] < iso(now + 86_400.0)
        house.tap(FOB)
        assert [e["here"] for e in await answered(anna.get("/api/expected"))] == [True, False]
        before = house.gateway.journal.sequence
        await answered(boss.put("/api/expected", json={"expected": rows[:1]}))
        assert [e["customer"] for e in await answered(anna.get("/api/expected"))] == ["li"]
        assert [e.type for e in house.gateway.journal.since(before, 9) or []].count("expected.changed") == 1
    async with served(tmp_path) as house:
        anna, boss = await house.client("floor", "anna"), await house.client("manager")
        assert [e["customer"] for e in await answered(anna.get("/api/expected"))] == ["li"]
        await answered(boss.delete("/api/customers/li"))
        assert await answered(anna.get("/api/expected")) == []


async def test_who_does_not_come_is_said_once_and_stays_in_the_book_for_the_day(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.enrol("chen")
        await house.enrol("li", "em:0700C4A91F")
        boss, now = await house.client("manager"), house.now()
        await answered(boss.put("/api/customers/nobody", json={"name": "Without a tag"}))
        rows = [
            {"customer": each, "from": iso(now - 60.0), "until": iso(now + 60.0)} for each in ("chen", "li", "nobody")
        ]
        await answered(boss.put("/api/expected", json={"expected": rows}))
        house.tap(FOB)
        before = house.gateway.journal.sequence
        house.ahead += 120.0
        missing = house.gateway._table._missing
        for _ in range(2):
            missing._next = 0.0
            house.gateway.pulse(house.now())
        await house.gateway.store.write(lambda tx: None)
        told = [e for e in house.gateway.journal.since(before, 50) or [] if e.type == "expected.missed"]
        assert [e.subject for e in told] == [house.whose("li")]
        book = await answered(boss.get("/api/expected"))
        assert [(e["customer"], e["missed"], e["here"]) for e in book] == [("li", True, False)]
        later = {**rows[1], "from": iso(house.now()), "until": iso(house.now() + 600.0)}
        await answered(boss.put(f"/api/expected/{book[0]['id']}", json=later))
        book = await answered(boss.get("/api/expected"))
        assert [(e["customer"], e["missed"]) for e in book] == [("li", False)]
        house.ahead += 900.0
        missing._next = 0.0
        house.gateway.pulse(house.now())
        await house.gateway.store.write(lambda tx: None)
    async with served(tmp_path, ahead=1100.0) as house:
        book = await answered((await house.client("manager")).get("/api/expected"))
        assert [(e["customer"], e["missed"]) for e in book] == [("li", True)]


async def test_who_was_expected_earlier_is_expected_no_more(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.enrol("chen")
        boss, now = await house.client("manager"), house.now()
        row = {"customer": "chen", "from": iso(now - 60.0), "until": iso(now + 60.0)}
        await answered(boss.put("/api/expected", json={"expected": [row]}))
        house.ahead += 120.0
        assert await answered(boss.get("/api/expected")) == []


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([{"customer": "nobody"}], "no customer 'nobody'"),
        ([{"customer": "chen"}, {"customer": "chen"}], "twice"),
        ([{"customer": "chen", "from": "2026-11-22T10:00:00Z", "until": "2026-11-22T09:00:00Z"}], "before"),
        ([{"customer": "chen", "from": "tomorrow"}], "expected"),
        ([{"customer": "chen", "room": 7}], "room"),
    ],
)
async def test_what_is_wrong_is_refused_whole(tmp_path: Path, rows: list[dict[str, object]], why: str) -> None:
    async with served(tmp_path) as house:
        await house.enrol("chen")
        boss = await house.client("manager")
        answer = await boss.put("/api/expected", json={"expected": rows})
        assert answer.status_code == 422
        assert why in answer.text
        assert await answered(boss.get("/api/expected")) == []

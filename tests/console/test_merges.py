"""The customer on screen: changed by two at once, in the records twice, and not the one who was met."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.console.served import Served, config, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="function")

KEYS = "em:0700C4A9F1"
NAMES = [
    "Wolfeschlegelsteinhausenbergerdorff-Weiß",  # 40 letters
    "ณัฐวุฒิ ศรีสุวรรณ",
    "عبد الرحمن بن محمد",
    "מרים כהן־לוי",
    "王建国",
]


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, config()) as made:
        await made.hire("mei", roles=("manager",))
        await made.hire("anna")
        yield made


def facts(record: dict[str, Any]) -> dict[str, Any]:
    """What ``PUT`` takes of a record."""
    names = ("name", "address_as", "language", "tier", "associate", "deputy", "wishes", "birthday", "meets")
    return {name: record[name] for name in names}


@pytest.mark.parametrize("name", NAMES)
async def test_every_fact_is_changed_on_screen_and_stands_as_it_was_typed(house: Served, name: str) -> None:
    await house.enrol("chen")
    await house.enrol("okafor", KEYS)
    boss = await house.client("manager", "mei")
    record = await answered(boss.get("/api/customers/chen/record"))
    said = facts(record) | {
        "name": name, "address_as": name, "language": "de", "tier": "black", "associate": "anna", "deputy": "mei",
        "wishes": ["no_photographs", "introductions"], "birthday": "02-29", "meets": ["okafor"],
    }  # fmt: skip
    await answered(boss.put("/api/customers/chen", json=said, headers={"If-Match": f'"{record["version"]}"'}))
    now = await answered(boss.get("/api/customers/chen/record"))
    assert facts(now) == said
    assert now["named"] == {"okafor": "Okafor"}
    assert now["version"] != record["version"]
    assert now["consents"] == record["consents"] != []


async def test_of_two_who_edit_at_once_the_second_sees_what_the_first_changed(house: Served) -> None:
    await house.enrol("chen", tier="gold")
    mei, boss = await house.client("manager", "mei"), await house.client("manager")
    record = await answered(boss.get("/api/customers/chen/record"))
    await answered(mei.put("/api/customers/chen", json=facts(record) | {"tier": "black"}))
    late = facts(record) | {"address_as": "Ms Chen"}
    refused = await boss.put("/api/customers/chen", json=late, headers={"If-Match": record["version"]})
    assert refused.status_code == 412
    changed = refused.json()["changed"]
    assert (changed["facts"]["tier"], changed["by_name"]) == ("black", "Mei")
    both = late | {"tier": changed["facts"]["tier"]}
    await answered(boss.put("/api/customers/chen", json=both, headers={"If-Match": changed["version"]}))
    now = await answered(boss.get("/api/customers/chen/record"))
    assert (now["tier"], now["address_as"]) == ("black", "Ms Chen")


async def test_both_answers_to_one_question_are_none(house: Served) -> None:
    boss = await house.client("manager")
    wishes = ["introductions", "no_introductions"]
    assert (await boss.put("/api/customers/chen", json={"name": "Chen", "wishes": wishes})).status_code == 422


async def test_who_may_be_one_is_proposed_merged_and_parted_and_every_tablet_is_told_whole(house: Served) -> None:
    await house.enrol("chen", birthday="04-30", tier="gold")
    await house.enrol("c-9", KEYS)
    boss = await house.client("manager", "mei")
    await answered(boss.put("/api/customers/c-9", json={"name": "CHEN", "birthday": "04-30"}))
    [pair] = await answered(boss.get("/api/duplicates"))
    assert pair["grade"] == "likely"
    assert [each["kind"] for each in pair["reasons"]] == ["same_name", "same_birthday"]
    header = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
    async with house.tablet(header) as tablet:
        house.tap(KEYS)
        await tablet.expect("alert.opened")
        made = await answered(boss.post("/api/customers/chen/merge", json={"other": "c-9"}))
        await tablet.expect("customer.merged")
        [hello] = [e for e in tablet.events if e["type"] == "hello"]
        assert [p["customer"] for p in hello["state"]["present"]] == ["chen"]
        assert [a["customer"] for a in hello["state"]["alerts"]] == ["chen"]
        assert await answered(boss.get("/api/duplicates")) == []
        page = await answered(boss.get("/api/customers/c-9"))
        assert (page["id"], page["presence"]["customer"]) == ("chen", "chen")
        assert [each["id"] for each in await answered(boss.get("/api/customers", params={"q": "c-9"}))] == ["chen"]
        record = await answered(boss.get("/api/customers/chen/record"))
        assert [(p["other"], p["merge"]) for p in record["parts"]] == [("c-9", made["merge"])]
        again = await boss.post("/api/customers/chen/merge", json={"other": "c-9"})
        assert again.status_code == 409
        parted = await answered(boss.post("/api/customers/c-9/unmerge", json={"merge": made["merge"]}))
        assert (parted["customer"], parted["other"]) == ("chen", "c-9")
        await tablet.expect("customer.unmerged")
    assert (await answered(boss.get("/api/customers/c-9")))["id"] == "c-9"
    assert await answered(boss.get("/api/duplicates")) == []  # somebody has said that they are two


async def test_two_who_are_told_apart_are_proposed_no_more(house: Served) -> None:
    await house.enrol("chen")
    await house.enrol("chen~2", KEYS)
    boss = await house.client("manager")
    await answered(boss.put("/api/customers/chen~2", json={"name": "Chen"}))
    assert len(await answered(boss.get("/api/duplicates"))) == 1
    await answered(boss.post("/api/customers/chen~2/told-apart", json={"other": "chen"}))
    assert await answered(boss.get("/api/duplicates")) == []


async def test_a_tag_that_was_the_ones_and_is_the_others_speaks_for_one_person(house: Served) -> None:
    await house.enrol("chen")
    boss = await house.client("manager")
    [held] = (await answered(boss.get("/api/customers/chen")))["credentials"]
    await answered(boss.delete(f"/api/customers/chen/credentials/{held['id']}"))
    await house.enrol("lee")
    [pair] = await answered(boss.get("/api/duplicates"))
    assert (pair["grade"], [r["kind"] for r in pair["reasons"]]) == ("likely", ["same_thing"])


async def test_a_card_of_the_wrong_person_is_told_to_who_keeps_the_records(house: Served) -> None:
    await house.enrol("chen", associate="anna")
    anna, it = await house.client("floor", "anna"), await house.client("it")
    header = {"Authorization": f"Bearer {await house.token('floor', 'anna')}"}
    async with house.tablet(header) as tablet:
        house.tap()
        card = (await tablet.expect("alert.opened"))["data"]
        await answered(anna.post(f"/api/visits/{card['visit']}/place", json={"place": "1A"}))
        body = {"outcome": "wrong_person", "note": "a man of sixty"}
        closed = await answered(anna.post(f"/api/alerts/{card['alert']}/close", json=body))
        assert (closed["state"], closed["outcome"]) == ("closed", "wrong_person")
        assert (await tablet.expect("place.freed"))["data"]["was"] == "1A"
        assert (await tablet.expect("visit.departed"))["data"]["customer"] == "chen"
        [said] = await answered(it.get("/api/mistakes"))
        assert (said["by_name"], said["note"], said["zone"]) == ("Anna", "a man of sixty", card["zone"])
        house.ahead += 300
        house.tap()
        card = (await tablet.expect("alert.opened", kind="arrival"))["data"]["card"]
        assert (card["verify"], card["verify_reason"]) == (True, "wrong_person")
        await answered(it.post(f"/api/mistakes/{said['id']}/settle", json={"because": "taken_back"}))
        await tablet.expect("visit.departed")
    assert await answered(it.get("/api/mistakes")) == []
    assert (await answered(anna.get("/api/customers/chen")))["credentials"] == []

"""Two guests who may like to meet: through the doors, nothing of what one said reaches the other's side."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.records import person_journal, person_rows
from tests.console.served import Served, config, served
from tests.story.venue import answered

DAY = 86_400.0
ON = {"introductions": True}


async def guests(house: Served, *names: str) -> None:
    """Guests who said that they like sailing and agreed to be introduced."""
    boss = await house.client("manager")
    for n, name in enumerate(names):
        await house.enrol(name, f"em:07{n:08X}", associate="anna" if n % 2 else "ben")
        await answered(boss.post(f"/api/customers/{name}/consents", json={"purpose": "introductions"}))
        said = {"category": "leisure", "value": "Sailing", "polarity": "do", "basis": "stated", "scope": "standing"}
        await answered(boss.post(f"/api/customers/{name}/preferences", json=said))


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[Served]:
    async with served(tmp_path, config(club=ON)) as found:
        await found.hire("anna", "ben")
        await guests(found, "chen", "hale")
        yield found


async def opened(house: Served) -> str:
    boss = await house.client("manager")
    made = await answered(boss.post("/api/introductions", json={"one": "chen", "other": "hale", "why": "sailing"}))
    return str(made["id"])


async def says(house: Served, id_: str, customer: str, answer: str, status: int = 200) -> dict[str, Any]:
    anna = await house.client("floor", "anna")
    said = await anna.post(f"/api/introductions/{id_}/answers", json={"customer": customer, "answer": answer})
    assert said.status_code == status, said.text
    found: dict[str, Any] = said.json()
    return found


async def sees(house: Served, id_: str, customer: str) -> str:
    """All that somebody's own side is shown, as text: sheet, answers, rows and journal of their file."""
    anna, boss = await house.client("floor", "anna"), await house.client("manager")
    reader = house.gateway.store.reader
    ours = [house.whose(customer)]
    page = await answered(boss.get(f"/api/customers/{customer}"))
    shown = [
        await answered(anna.get(f"/api/customers/{customer}/introductions")),
        await answered(boss.get("/api/introductions")),
        {name: value for name, value in page.items() if name != "journal"},
        person_rows.rows(reader, ours).get("introduction_answers", []),
        [line["type"] for line in person_journal.lines(reader, ours) if line["type"].startswith("introduction")],
    ]
    return json.dumps(shown, sort_keys=True, default=str, ensure_ascii=False)


async def test_a_pair_is_suggested_by_what_both_said_and_asked_without_a_name(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    (pair,) = await answered(boss.get("/api/introductions/suggestions"))
    assert ({pair["one"]["name"], pair["other"]["name"]}, pair["why"]) == ({"Chen", "Hale"}, "sailing")
    await opened(house)
    assert await answered(boss.get("/api/introductions/suggestions")) == [], "the same two once a year"
    (asked,) = await answered(anna.get("/api/customers/chen/introductions"))
    assert (asked["state"], asked["with"], asked["answered"]) == ("open", None, False)
    assert "sailing" in asked["words"]["en"]
    assert "Hale" not in json.dumps(asked)


@pytest.mark.parametrize("answer", ["yes", "no", "later", None])
async def test_what_the_other_said_is_nowhere_on_this_side(tmp_path: Path, answer: str | None) -> None:
    seen = []
    for folder, said in (("one", answer), ("other", None)):
        async with served(tmp_path / folder, config(club=ON)) as house:
            await house.hire("anna", "ben")
            await guests(house, "chen", "hale")
            id_ = await opened(house)
            before = await sees(house, id_, "chen")
            if said is not None:
                told = await says(house, id_, "hale", said)
                assert told == {"id": id_, "noted": True, "state": "open"}
            assert await sees(house, id_, "chen") == before
            house.ahead += 29 * DAY
            seen.append(json.loads(await sees(house, id_, "chen"))[0][0]["state"])
            house.ahead += 2 * DAY
            seen.append(json.loads(await sees(house, id_, "chen"))[0][0]["state"])
    assert seen == ["open", "lapsed"] * 2, "no early end tells a no"


async def test_both_say_yes_and_either_says_stop(house: Served) -> None:
    boss, anna = await house.client("manager"), await house.client("floor", "anna")
    id_ = await opened(house)
    assert (await says(house, id_, "chen", "no"))["state"] == "open"
    assert (await says(house, id_, "hale", "yes"))["state"] == "open"
    assert (await says(house, id_, "chen", "yes"))["state"] == "made", "who said no may think again"
    (asked,) = await answered(anna.get("/api/customers/hale/introductions"))
    assert (asked["state"], asked["with"]["name"]) == ("made", "Chen")
    meets = {name: (await answered(boss.get(f"/api/customers/{name}")))["meets"] for name in ("chen", "hale")}
    assert meets == {"chen": ["hale"], "hale": ["chen"]}
    await answered(anna.delete(f"/api/customers/hale/introductions/{id_}"))
    for name in ("chen", "hale"):
        assert (await answered(boss.get(f"/api/customers/{name}")))["meets"] == []
        assert await answered(anna.get(f"/api/customers/{name}/introductions")) == []
    await answered(boss.delete("/api/customers/hale"))  # and the tables still follow from the journal


async def test_who_ended_it_meanwhile_is_not_made_known(house: Served) -> None:
    boss = await house.client("manager")
    id_ = await opened(house)
    await says(house, id_, "hale", "yes")
    await answered(boss.delete("/api/customers/hale/consents/introductions"))
    assert (await says(house, id_, "chen", "yes"))["state"] == "open"
    assert (await answered(boss.get("/api/customers/chen")))["meets"] == []
    refused = await boss.post("/api/introductions", json={"one": "chen", "other": "hale", "why": "sailing"})
    assert refused.status_code == 409


async def test_what_is_not_kept_any_more_introduces_nobody(house: Served) -> None:
    boss = await house.client("manager")
    await answered(boss.delete("/api/customers/hale/consents/keep_preferences"))
    assert await answered(boss.get("/api/introductions/suggestions")) == []


async def test_an_erasure_of_one_is_no_answer_to_the_other(house: Served) -> None:
    boss = await house.client("manager")
    id_ = await opened(house)
    await says(house, id_, "hale", "no")
    before = json.loads(await sees(house, id_, "chen"))[0]
    await answered(boss.delete("/api/customers/hale"))
    anna = await house.client("floor", "anna")
    assert await answered(anna.get("/api/customers/chen/introductions")) == before
    left = house.gateway.store.reader.conn.execute("SELECT count(*) FROM introduction_answers").fetchone()[0]
    assert left == 0

"""What a customer judges us by: said by them, in their own words, each with the last evidence for it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio

from tests.console.served import Served, config, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")
NAME, ASKED = "greeted by name", "never asked twice"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with served(tmp_path_factory.mktemp("measures"), config()) as house:
        await house.hire("anna")
        yield house


async def guest(house: Served, customer: str, *, agrees: bool = True) -> tuple[httpx2.AsyncClient, str]:
    """Somebody of the floor, and where this customer's measures lie."""
    boss = await house.client("manager")
    await answered(boss.put(f"/api/customers/{customer}", json={"name": customer}))
    if agrees:
        await house.agrees(customer)
    return await house.client("floor", "anna"), f"/api/customers/{customer}/measures"


def read(rows: list[dict[str, Any]]) -> list[tuple[str, bool | None, str]]:
    """Each measure with the last evidence for it."""
    return [
        (row["measure"], *((last["met"], last["words"]) if (last := row["evidence"]) else (None, ""))) for row in rows
    ]


async def test_their_own_words_stand_with_the_last_evidence_for_each(house: Served) -> None:
    anna, at = await guest(house, "lin")
    assert await answered(anna.get(at)) == []
    said = await answered(anna.put(at, json={"measures": [f"  {NAME} ", ASKED, "Greeted  by name"]}))
    assert read(said) == [("Greeted by name", None, ""), (ASKED, None, "")], "said twice is said once"
    for met, words in ((True, "Mei knew the room"), (False, "asked for the room again")):
        await answered(anna.post(f"{at}/evidence", json={"measure": ASKED.upper(), "met": met, "words": words}))
    rows = await answered(anna.get(at))
    assert read(rows) == [("Greeted by name", None, ""), (ASKED, False, "asked for the room again")]
    assert (rows[1]["by"], rows[1]["evidence"]["by"]) == ("anna", "anna")
    wrong = await anna.post(f"{at}/evidence", json={"measure": "the price", "met": True})
    assert wrong.status_code == 422
    assert "by which this customer judges us" in wrong.json()["detail"]


async def test_what_they_say_later_is_in_place_of_it_and_four_are_too_many(house: Served) -> None:
    anna, at = await guest(house, "wu")
    await answered(anna.put(at, json={"measures": [NAME, ASKED]}))
    await answered(anna.post(f"{at}/evidence", json={"measure": NAME, "met": True}))
    told = house.gateway.journal.sequence
    assert read(await answered(anna.put(at, json={"measures": [NAME, ASKED]}))) == [(NAME, True, ""), (ASKED, None, "")]
    assert house.gateway.journal.sequence == told, "the same once more is nothing new"
    assert (await anna.put(at, json={"measures": list("abcd")})).status_code == 422
    assert read(await answered(anna.put(at, json={"measures": ["quiet", NAME]}))) == [
        ("quiet", None, ""), (NAME, True, ""),
    ]  # fmt: skip
    assert await answered(anna.put(at, json={"measures": []})) == []


async def test_of_who_does_not_agree_that_it_is_kept_none_is_taken_and_none_shown(house: Served) -> None:
    anna, at = await guest(house, "ma", agrees=False)
    refused = await anna.put(at, json={"measures": [NAME]})
    assert (refused.status_code, refused.json()["detail"]) == (
        403, "the customer has not agreed that preferences are kept",
    )  # fmt: skip
    await house.agrees("ma")
    await answered(anna.put(at, json={"measures": [NAME]}))
    boss = await house.client("manager")
    await answered(boss.delete("/api/customers/ma/consents/keep_preferences"))
    assert await answered(anna.get(at)) == []
    late = await anna.post(f"{at}/evidence", json={"measure": NAME, "met": True})
    assert (late.status_code, late.json()["detail"]) == (
        403, "the customer no longer agrees that preferences are kept",
    )  # fmt: skip


async def test_two_records_of_one_person_have_one_list_and_what_is_erased_is_gone(house: Served) -> None:
    anna, one = await guest(house, "he")
    _, other = await guest(house, "he-2")
    await answered(anna.put(one, json={"measures": [NAME]}))
    await answered(anna.put(other, json={"measures": [ASKED]}))
    await answered(anna.post(f"{other}/evidence", json={"measure": ASKED, "met": True, "words": "all was on file"}))
    boss = await house.client("manager")
    await answered(boss.post("/api/customers/he/merge", json={"other": "he-2"}))
    assert read(await answered(anna.get(one))) == [(ASKED, True, "all was on file")]
    theirs = await boss.get("/api/customers/he/export", params={"reason": "they asked for it"})
    rows = json.loads(zipfile.ZipFile(io.BytesIO(theirs.content)).read("person.json"))
    assert "all was on file" in json.dumps(rows), "their own copy holds it"
    await answered(boss.delete("/api/customers/he"))
    assert (await anna.get(one)).status_code == 404
    reader = house.gateway.store.reader
    kept = "SELECT count(*) FROM statements WHERE kind IN ('measures', 'evidence') AND customer IN (?, ?)"
    assert reader.conn.execute(kept, (house.whose("he"), house.whose("he-2"))).fetchone() == (0,)

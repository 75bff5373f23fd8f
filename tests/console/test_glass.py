"""What a tablet sends of consent on glass: one act by whoever stands there, and a book that forgets who ended it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gateway.events.times import iso, new_id
from tests.console.served import Served, served
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="function")

SIGNED = {"media": "application/json", "content": "eyJ0eXBlZCI6IkNoZW4ifQ=="}  # {"typed":"Chen"}


async def saying(house: Served, purpose: str, lifts: list[str] | None = None) -> dict[str, Any]:
    """One answer as the tablet sends it, with the text that was read."""
    anna = await house.client("floor", "anna")
    notices = await answered(anna.get("/api/notices"))
    text = next(one for one in notices if purpose in one["purposes"])
    shown = {"id": text["id"], "version": text["version"], "language": "en", "hash": text["hashes"]["en"]}
    return {
        "id": new_id(house.now()), "purpose": purpose, "partner": None, "data": None, "act": "given",
        "method": "signed_on_glass", "notice": {**shown, "shown_at": iso(house.now() - 5.0)}, "lifts": lifts or [],
    }  # fmt: skip


async def test_whoever_stands_there_sends_one_act_and_who_keeps_the_records_hands_out_tags(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.enrol("chen")
        anna = await house.client("floor", "anna")
        body = {"of_age": True, "consents": [await saying(house, "introductions")], "signature": SIGNED}
        path = "/api/customers/chen/enrolments"
        made = await answered(anna.post(path, json=body))
        assert [(one["purpose"], one["act"], one["witness"]) for one in made["consents"]] == [
            ("introductions", "given", "anna")
        ]
        tag = {"credentials": [{"identifier": "em:0700C4BBBB"}], "consents": [await saying(house, "insight")]}
        refused = await anna.post(path, json={**body, **tag})
        assert (refused.status_code, "manager" in refused.json()["detail"]) == (403, True)
        ledger = await answered(anna.get("/api/customers/chen/consents?all=1"))
        assert "insight" not in {one["purpose"] for one in ledger}  # all of it, or nothing


async def test_what_a_house_asks_for_is_told_before_it_knows_anybody(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        anna = await house.client("floor", "anna")
        told = await answered(anna.get("/api/purposes"))
        assert told["guardian_under"] == 14
        rows = {row["purpose"]: row for row in told["purposes"]}
        assert {"recognise_tag", "keep_preferences", "insight"} <= rows.keys()
        assert {row["state"] for row in rows.values()} == {"never_asked"}
        assert (rows["insight"]["adults"], rows["recognise_tag"]["adults"]) == (True, False)


async def test_the_book_keeps_the_place_of_who_ended_it_and_nobodys_name(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.enrol("chen", address_as="Ms Chen")
        boss, anna = await house.client("manager"), await house.client("floor", "anna")
        await answered(boss.put("/api/expected", json={"expected": [{"customer": "chen", "note": "her birthday"}]}))

        async def booked() -> tuple[str | None, str | None, bool]:
            (row,) = await answered(anna.get("/api/expected"))
            return row["name"], row["note"], row["ended"]

        assert await booked() == ("Chen", "her birthday", False)
        for purpose in ("recognise_tag", "recognise_phone"):
            await answered(anna.delete(f"/api/customers/chen/consents/{purpose}"))
        assert await booked() == (None, None, True)
        ledger = await answered(anna.get("/api/customers/chen/consents?all=1"))
        stops = [one["id"] for one in ledger if one["act"] == "withdrawn" and one["purpose"] == "recognise_tag"]
        body = {"of_age": True, "consents": [await saying(house, "recognise_tag", stops)], "signature": SIGNED}
        await answered(anna.post("/api/customers/chen/enrolments", json=body))
        assert await booked() == ("Chen", "her birthday", False)

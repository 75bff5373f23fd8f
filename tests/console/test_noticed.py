"""What is about security is in the journal, and on a quiet list of whoever leads; some of it live."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.console.odd import MANY, oddness
from tests.console.served import PIN, Served, served
from tests.console.test_sign_in import cookie_of
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def listed(house: Served) -> list[dict[str, Any]]:
    """The list, once what is told first is written down."""
    await house.gateway.settle()
    await house.gateway.store.write(lambda tx: None)
    found: list[dict[str, Any]] = await answered((await house.client("manager")).get("/api/security"))
    return found


async def test_wrong_pins_new_programs_codes_and_foreign_pages_are_on_the_list(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.hire("mei", roles=("manager",))
        boss = await house.client("manager")
        async with house.tablet(cookie_of(await house.signs_in("mei"))) as manager:
            thief = await house.client()
            assert (await thief.post("/api/sign-in", json={"staff": "anna", "pin": "9999"})).status_code == 401
            foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
            assert (
                await thief.post("/api/sign-in", json={"staff": "anna", "pin": PIN}, headers=foreign)
            ).status_code == 403
            await answered(boss.post("/api/tokens", json={"scopes": ["read:presence"], "name": "till"}))
            await answered((await house.client("it")).post("/api/staff/anna/pin-code"))
            told = await manager.expect("token.made")
            assert told["data"]["what"] == "till · integration · read:presence"
            assert (await manager.expect("staff.code_made"))["data"]["staff"] == "anna"
        rows = await listed(house)
        assert [row["sequence"] for row in rows] == sorted((row["sequence"] for row in rows), reverse=True)
        kinds = {(row["type"], row["staff"], row["because"]) for row in rows}
        assert ("sign_in.refused", "anna", None) in kinds
        assert ("limit.reached", None, "origin") in kinds
        assert ("staff.changed", "anna", None) in kinds
        assert {row["what"] for row in rows if row["because"] == "origin"} == {"https://evil.example"}
        older = await answered(boss.get("/api/security", params={"before": rows[0]["sequence"]}))
        assert [row["sequence"] for row in older][:1] == [rows[1]["sequence"]]
        assert "pin_hash" not in str(rows)


async def test_wrong_pins_before_the_right_one_are_told_to_the_manager(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        await house.hire("mei", roles=("manager",))
        async with house.tablet(cookie_of(await house.signs_in("mei"))) as manager:
            browser = await house.client()
            monkeypatch.setattr("gateway.tries.Tries.may_try", lambda *_: None)  # who is patient may try again
            for pin in ("9999",) * MANY + (PIN,):
                answer = await browser.post("/api/sign-in", json={"staff": "anna", "pin": pin})
                assert answer.status_code == (200 if pin == PIN else 401)
            odd = await manager.expect("sign_in.odd")
            assert (odd["data"]["staff"], odd["data"]["because"]) == ("anna", "after_wrong_pins")


def at(hour: int) -> float:
    """This hour of a day in UTC, the zone of the tests."""
    return float(calendar.timegm(datetime(2026, 11, 28, hour, 30, tzinfo=UTC).timetuple()))


async def test_a_device_that_is_new_to_somebody_is_odd_by_night_alone(house: Served) -> None:
    reader = house.gateway.store.reader
    for hour, odd in ((12, None), (22, None), (23, "new_device_at_night"), (3, "new_device_at_night"), (5, None)):
        assert oddness(reader, "anna", "10.0.0.9", None, 0, at(hour)) == odd, hour
    assert oddness(reader, "anna", "a browser of anna", None, 0, at(3)) is None
    assert oddness(reader, "anna", "a browser of ben", None, 0, at(3)) == "new_device_at_night"
    assert oddness(reader, "anna", "a browser of anna", None, MANY, at(12)) == "after_wrong_pins"
    assert oddness(reader, "anna", "tablet d-1", "d-1", 0, at(3)) == "new_device_at_night"

"""A PIN is its owner's to choose: a one-time code for who has lost theirs, and what a new PIN ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.console.pin_codes import DIGITS, LASTS, TRIES, PinCodes
from tests.console.served import PIN, Served, served
from tests.console.test_sign_in import cookie_of
from tests.story.venue import answered

pytestmark = pytest.mark.asyncio(loop_scope="module")
NEW = "734019"


async def code_for(house: Served, staff: str, role: str = "it") -> str:
    """A one-time code, as IT asks for it."""
    made = await answered((await house.client(role)).post(f"/api/staff/{staff}/pin-code"))
    assert (set(made), len(made["code"])) == ({"code", "expires"}, DIGITS)
    return str(made["code"])


async def tries(house: Served, staff: str, pin: str, **more: Any) -> httpx2.Response:
    """What a browser is answered that tries to sign in."""
    return await (await house.client()).post("/api/sign-in", json={"staff": staff, "pin": pin, **more})


async def test_a_code_is_good_once_and_only_for_choosing_a_new_pin(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna")
        lost = await house.signs_in("anna")
        code = await code_for(house, "anna")
        assert (await lost.get("/api/session")).status_code == 200, "the PIN before is good until there is another"
        asked = await tries(house, "anna", code)
        assert (asked.status_code, asked.json()["choose_pin"]) == (409, True)
        for none in ("1234", "1111", code, "12"):
            assert (await tries(house, "anna", code, new_pin=none)).status_code == 422, none
        async with house.tablet(cookie_of(lost)) as tablet:
            chosen = await tries(house, "anna", code, new_pin=NEW)
            assert (chosen.status_code, chosen.json()["staff"]) == (200, "anna")
            assert await tablet.closed() is not None
        assert (await lost.get("/api/session")).status_code == 401
        assert (await tries(house, "anna", code, new_pin="905173")).status_code == 401
    async with served(tmp_path, ahead=60) as house:
        await house.signs_in("anna", NEW)
        assert (await tries(house, "anna", PIN)).status_code == 401
        events = house.gateway.journal.since(0, 100_000) or []
        (made,) = [e for e in events if e.type == "staff.code_made"]
        assert (made.subject, set(made.data)) == ("anna", {"staff", "until"})
        assert code not in json.dumps([e.data for e in events])
        assert [e.actor for e in events if e.type == "staff.changed" and e.data["new_pin"]][-1] == "anna"


async def test_a_code_is_over_in_minutes_and_after_a_few_wrong_ones() -> None:
    codes = PinCodes()
    code, until = codes.new("anna", 0.0)
    wrong = f"{(int(code) + 1) % 10**DIGITS:0{DIGITS}d}"
    assert until == LASTS
    assert not codes.fits("ben", code, 1.0)
    assert [codes.fits("anna", each, 1.0) for each in ("2468", wrong, wrong, wrong)] == [False] * 4
    assert codes.fits("anna", code, LASTS - 1)
    assert not codes.fits("anna", code, LASTS)
    code, _ = codes.new("anna", 0.0)
    for _ in range(TRIES):
        assert not codes.fits("anna", wrong if wrong != code else "00000000", 1.0)
    assert not codes.fits("anna", code, 1.0)
    first, _ = codes.new("anna", 0.0)
    codes.new("anna", 0.0)
    assert not codes.fits("anna", first, 1.0), "a new code ends the one before"


async def test_it_gives_codes_and_no_pins_and_none_to_a_manager(house: Served) -> None:
    it, boss = await house.client("it"), await house.client("manager")
    facts = {"name": "Ben", "roles": ["floor"], "pin": NEW}
    refused = await it.put("/api/staff/ben", json=facts)
    assert (refused.status_code, "one-time code" in refused.json()["detail"]) == (403, True)
    assert (await it.post("/api/staff/mei/pin-code")).status_code == 403
    assert (await (await house.client("integration")).post("/api/staff/ben/pin-code")).status_code == 403
    assert (await boss.post("/api/staff/nobody/pin-code")).status_code == 404
    await house.signs_in("ben")
    code = await code_for(house, "mei", "manager")
    assert (await tries(house, "mei", code, new_pin=NEW)).status_code == 200


async def test_a_changed_pin_ends_the_other_sessions_and_keeps_this_tablet_signed_in(tmp_path: Path) -> None:
    async with served(tmp_path) as house:
        await house.hire("anna", "ben")
        other, mine, bens = await house.signs_in("anna"), await house.signs_in("anna"), await house.signs_in("ben")
        async with house.tablet(cookie_of(other)) as elsewhere:
            await answered(mine.post("/api/session/pin", json={"pin": PIN, "new_pin": NEW}))
            assert await elsewhere.closed() is not None
        assert (await other.get("/api/session")).status_code == 401
        assert (await mine.get("/api/session")).json()["staff"] == "anna"
        assert (await bens.get("/api/session")).status_code == 200
        program = await house.client("floor", "anna")
        assert (await program.post("/api/session/pin", json={"pin": NEW, "new_pin": "905173"})).status_code == 403
        assert (await mine.post("/api/session/pin", json={"pin": "9999", "new_pin": "905173"})).status_code == 401
        assert (await mine.post("/api/session/pin", json={"pin": NEW, "new_pin": "905173"})).status_code == 429

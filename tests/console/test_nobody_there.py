"""A card that nobody could be given is given to whoever becomes reachable, for as long as it is open."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.console.served import Served, config, served
from tests.console.test_sign_in import cookie_of

ALONE = pytest.mark.parametrize("there", [(), ("ben",)], ids=["nobody is there", "one is there and does not react"])
STEPS = {"alerts": {"escalate_after_s": [8, 15]}}


async def until(house: Served, second: float, began: float) -> None:
    """Time passes until so many seconds after the arrival."""
    while house.now() - began < second:
        house.ahead += min(1.0, second - (house.now() - began))
        await asyncio.sleep(0.3)


@ALONE
async def test_whoever_signs_in_while_the_card_is_open_is_told(tmp_path: Path, there: tuple[str, ...]) -> None:
    async with served(tmp_path, config(**STEPS)) as house, AsyncExitStack() as floor:
        await house.hire(*there)
        for name in there:
            await floor.enter_async_context(house.tablet(cookie_of(await house.signs_in(name))))
        await house.hire("anna")
        await house.hire("mei", roles=("manager",))
        boss = await house.client("manager")
        for name in ("anna", "mei"):
            await boss.delete(f"/api/staff/{name}/shift")
        await house.enrol("chen", associate="anna")
        house.tap()
        began = house.now()
        await until(house, 13, began)
        annas = await house.signs_in("anna")
        async with house.tablet(cookie_of(annas)) as anna:
            told = await anna.expect("alert.escalated", customer="chen", within=40)
            assert "anna" in told["data"]["to"]
            await until(house, 27, began)
            meis = await house.signs_in("mei")
            async with house.tablet(cookie_of(meis)) as mei:
                told = await mei.expect("alert.escalated", customer="chen", within=40)
                assert "mei" in told["data"]["to"]

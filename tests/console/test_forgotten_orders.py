"""Who is forgotten takes nothing back to the galley: what is left of a dish is what is there."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.records import rebuild
from tests.console.day import morning, venue
from tests.console.served import served

pytestmark = [pytest.mark.asyncio(loop_scope="function"), pytest.mark.timeout(60)]

FISH = {"id": "fish", "labels": {"en": "Fish"}, "allergens": ["fish"], "stock": 5}


async def test_what_is_left_of_a_dish_rests_on_nobody_who_was_erased(tmp_path: Path) -> None:
    async with served(tmp_path / "data", venue(tmp_path)) as house, AsyncExitStack() as stack:
        day = await morning(house, tmp_path, stack)
        await day.does("mei", "PUT", "menus/lunch", question="lunch", items=[FISH])
        await day.reads("counter", "hale", "chen")
        for customer in ("hale", "chen"):
            visit = day.visit(customer)
            await day.does("anna", "POST", f"visits/{visit}/asks", question="lunch", item="fish")
        await day.does("mei", "DELETE", "customers/hale")
        [lunch] = await day.does("mei", "GET", "menus")
        assert lunch["items"][0]["left"] == 3
        assert house.gateway.memory.menus.get("lunch").left("fish") == 3
        gateway = house.gateway
        await gateway.store.write(lambda tx: None)
        assert rebuild.check(gateway.store.reader, tmp_path / "data").differences == []

"""The tablets' own app before a real gateway: what it recorded out of reach brings nobody back, and stays nowhere."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.console.day import CONSOLE
from tests.console.served import config, served

STORIES = max(12, int(os.environ.get("MOMENTS_INTERLEAVINGS", "0")) // 40)
SEED = 20_261_130
STAFF = ("anna", "ben", "lina")

pytestmark = [pytest.mark.asyncio(loop_scope="function"), pytest.mark.timeout(180 + 5 * STORIES)]


async def _node() -> dict[str, str]:
    """The environment in which node has sockets: by themselves it has them from 22 on."""
    asked = await asyncio.create_subprocess_exec("node", "--version", stdout=asyncio.subprocess.PIPE)
    said, _ = await asked.communicate()
    old = int(said.decode().lstrip("v").partition(".")[0]) < 22
    return {**os.environ, "NO_COLOR": "1", **({"NODE_OPTIONS": "--experimental-websocket"} if old else {})}


async def test_the_tablets_own_app_brings_nobody_back_and_keeps_no_word_of_what_was_ended(tmp_path: Path) -> None:
    async with served(tmp_path / "data", config(alerts={"escalate_after_s": [60, 120]})) as house:
        await house.hire(*STAFF)
        guests = [f"g-{number}" for number in range(STORIES)]
        for number, guest in enumerate(guests):
            await house.enrol(guest, f"em:{0x0900000000 + number:010X}")
            house.tap(f"em:{0x0900000000 + number:010X}")
        await house.gateway.settle()
        ids = [house.whose(guest) for guest in guests]
        tablets = [{"staff": name, "token": await house.token("floor", name)} for name in STAFF]
        told = {
            "url": house.url, "boss": await house.token("manager"), "tablets": tablets, "guests": guests, "seed": SEED,
        }  # fmt: skip
        npx = shutil.which("npx")
        assert npx is not None, "the console is built with node, and so is this"
        run = await asyncio.create_subprocess_exec(
            npx, "--no-install", "vitest", "run", "tests/late.test.ts", cwd=CONSOLE,
            env={**await _node(), "MOMENTS_LATE": json.dumps(told)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await run.communicate()
        assert run.returncode == 0, said.decode()
        assert "1 passed" in said.decode(), said.decode()
        memory = house.gateway.memory
        gone = [guest for guest in ids if house.gateway.customer(guest) is None]
        assert gone
        assert not [
            guest for guest in gone if memory.presence.where(guest) or memory.dues.of_customer(guest, "promise")
        ]

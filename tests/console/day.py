"""A day before tablets of every audience: what each was sent, and what fresh ones were told meanwhile.

The law: who began with a snapshot and took every event holds what a fresh snapshot says. The console's own reducer, run
once in node, takes the events from here: ``staff_console/tests/law.test.ts`` compares, and says what may differ.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from gateway.settings.venue import VenueConfig
from reader_drivers import Sighting
from tests.console.served import Served, config
from tests.program import REPOSITORY
from tests.story.tablet import Tablet
from tests.story.venue import answered

CONSOLE = REPOSITORY / "staff_console"
AUDIENCES = {
    "anna": ("floor", "anna"),
    "ben": ("crew", "ben"),
    "mei": ("manager", "mei"),
    "it": ("it", None),
    "a program": ("integration", None),
}
FOBS = {name: f"em:0700C4A9{n:02X}" for n, name in enumerate(("chen", "hale", "okafor", "sato", "li"), 16)}


def venue(folder: Path) -> VenueConfig:
    """A bar and a lounge with a counter each, and a way out."""
    name = {"zh-CN": "馆", "en": "House"}
    return config(
        zones=[{"id": "bar", "name": name}, {"id": "lounge", "name": name}],
        readers=[
            {"id": id_, "driver": "em4100", "link": str(folder / id_), "role": role, "zone": zone}
            for id_, role, zone in (("counter", "tap", "bar"), ("sofa", "tap", "lounge"), ("way-out", "exit", "bar"))
        ],
        moments=[
            {"kind": "moved", "zones": ["lounge"], "to": "zone"},
            {"kind": "waiting", "after_minutes": 5, "to": "zone"},
            {"kind": "leaving", "off": True},
        ],
        alerts={"escalate_after_s": [60, 120], "hand_over_s": 45},
    )


class Day:
    """A house before tablets of every audience, and what each of them was sent."""

    def __init__(self, house: Served, folder: Path) -> None:
        self.house = house
        self.folder = folder
        self.tablets: dict[str, Tablet] = {}
        self.told: dict[str, list[dict[str, Any]]] = {name: [] for name in AUDIENCES}

    async def tablet(self, name: str, since: int | None = None) -> Tablet:
        """A tablet that is not entered yet."""
        audience = AUDIENCES[name.partition(",")[0]]
        headers = {"Authorization": f"Bearer {await self.house.token(*audience)}"}
        return self.house.tablet(headers, since)

    async def does(self, who: str, method: str, path: str, rows: Any = None, /, **body: Any) -> Any:
        """What this person's tablet asks for, answered."""
        client = await self.house.client(*AUDIENCES[who])
        return await answered(client.request(method, f"/api/{path}", json=body if rows is None else rows))

    async def sends(self, who: str, path: str, text: str) -> Any:
        """A file that this person sends, answered."""
        client = await self.house.client(*AUDIENCES[who])
        kind = {"Content-Type": "text/csv"}
        return await answered(client.post(f"/api/{path}", content=text.encode(), headers=kind))

    async def reads(self, reader: str, *customers: str) -> None:
        """These customers hold their fobs to a reader."""
        for customer in customers:
            self.house.gateway.see(Sighting(reader, None, FOBS[customer], None, None, self.house.now()))

    async def later(self, seconds: float) -> None:
        """Time passes, and is noticed."""
        for _ in range(8):
            self.house.ahead += seconds / 8
            self.house.gateway.pulse(self.house.now())
        await self.house.gateway.settle()
        await self.house.gateway.store.write(lambda tx: None)  # so much time is enough to write down who left

    def visit(self, customer: str) -> str:
        """The visit of somebody who is here."""
        here = self.house.gateway.memory.presence.where(self.house.whose(customer))
        assert here is not None, f"{customer} is not here"
        return here.visit

    def alert(self, customer: str, kind: str = "arrival") -> str:
        """The open alert of this kind."""
        alerts, whose = self.house.gateway.memory.desk.alerts(), self.house.whose(customer)
        return next(a.id for a in alerts if a.customer == whose and a.kind == kind)

    async def check(self, after: str) -> None:
        """A fresh tablet of every audience comes; what it is told is what the others hold by now."""
        await self.house.gateway.settle()
        for name in self.tablets:
            async with await self.tablet(name) as fresh:
                told = {"after": after, "sequence": fresh.hello["sequence"], "state": fresh.state}
                self.told[name].append(told)
        number = self.house.running.live.sequence
        self.house.running.live.tick(self.house.now())  # whoever has it has all that came before
        for tablet in self.tablets.values():
            while not tablet.ticks or tablet.ticks[-1]["sequence"] < number:
                await tablet.tick()

    def written(self) -> list[dict[str, Any]]:
        """What every tablet was sent, and what fresh ones were told."""
        return [
            {"name": name, "state": tablet.state, "events": tablet.events, "told": self.told[name]}
            for name, tablet in self.tablets.items()
        ]


async def morning(house: Served, folder: Path, stack: AsyncExitStack) -> Day:
    """Everybody is at work, customers are enrolled, and a tablet of every audience looks on."""
    for name in ("anna", "ben", "mei"):
        await house.hire(name, roles=(AUDIENCES[name][0],))
    for customer, fob in FOBS.items():
        await house.enrol(customer, fob, language="en")
    day = Day(house, folder)
    for name in AUDIENCES:
        day.tablets[name] = await stack.enter_async_context(await day.tablet(name))
    return day


async def night(day: Day, stack: AsyncExitStack) -> None:
    """Tablets that slept wake up; then what all of them hold is compared."""
    for name in ("anna", "ben", "mei", "a program"):
        await _was_away(day, name, 10, stack)
        await _was_away(day, name, -2, stack)
    await day.check("all that")
    await hold(day.written(), day.folder)


async def _was_away(day: Day, name: str, after: int, stack: AsyncExitStack) -> None:
    """A tablet that had gone to sleep ``after`` so many scenes, and wakes now that all is over.

    It is told what it missed. Whoever sees some zones alone is told the whole state: by now others are in view. So is
    a person's where a guest has stopped meanwhile.
    """
    early, sleeper = day.told[name][after], f"{name}, who was away after {after}"
    tablet = await stack.enter_async_context(await day.tablet(name, since=early["sequence"]))
    me = day.told[name][-1]["state"]["me"]
    anew = tablet.hello["state"] is not None
    limited = me["role"] in ("floor", "crew") and me["zones"] != []
    assert anew == (limited or (name != "a program" and tablet.hello["stopped"] != []))
    tablet.hello["state"] = tablet.hello["state"] if anew else early["state"]
    day.tablets[sleeper], day.told[sleeper] = tablet, []


async def hold(tablets: list[dict[str, Any]], folder: Path) -> None:
    """Has the console's own reducer take the events in; raises what it says does not hold."""
    told = folder / "law.json"
    told.write_text(json.dumps(tablets), "utf-8")
    npx = shutil.which("npx")
    assert npx is not None, "the console is built with node, and so is this"
    run = await asyncio.create_subprocess_exec(
        npx, "--no-install", "vitest", "run", "--test-timeout=120000", "tests/law.test.ts", cwd=CONSOLE,
        env={**os.environ, "MOMENTS_LAW": str(told), "NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await run.communicate()
    assert run.returncode == 0, said.decode()

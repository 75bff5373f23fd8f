"""The law of tablets on any day: what guests and staff may do, in any order; what the house refuses is refused."""

from __future__ import annotations

import os
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.events.times import iso
from gateway.service.owed import Kind
from tests.console.day import AUDIENCES, FOBS, Day, morning, night, venue
from tests.console.monday import every_number_is_its_list
from tests.console.served import served

Act = Callable[[], Awaitable[Any]]

pytestmark = [pytest.mark.asyncio(loop_scope="function"), pytest.mark.timeout(300)]


class AnyDay:
    """What may happen, in any order; what the house refuses is refused."""

    def __init__(self, day: Day, seed: int) -> None:
        self.day = day
        self.any = random.Random(seed)
        self.people = ["anna", "ben", "mei"]

    async def goes_on(self) -> None:
        """One thing happens."""
        acts = [self.reads, self.time, self.alert, self.asks, self.owes, self.learns, self.names, self.works]
        await self.any.choices(acts, weights=[4, 3, 5, 3, 3, 3, 3, 2])[0]()

    @property
    def someone(self) -> str:
        return self.any.choice(self.people)

    @property
    def customer(self) -> str:
        return self.any.choice(list(FOBS))

    async def tries(self, method: str, path: str, /, **body: Any) -> Any:
        client = await self.day.house.client(*AUDIENCES[self.someone])
        answer = await client.request(method, f"/api/{path}", json=body)
        assert answer.status_code < 500, answer.text
        return answer.json() if answer.is_success and answer.content else None

    async def reads(self) -> None:
        await self.day.reads(self.any.choice(["counter", "counter", "sofa", "way-out"]), self.customer)

    async def time(self) -> None:
        await self.day.later(self.any.choice([1, 20, 70, 400, 2000]))

    async def alert(self) -> None:
        desk = self.day.house.gateway.memory.desk
        alerts = [a.id for a in (*desk.alerts(), *desk.alerts("closed"))]
        if alerts:
            acts = ["claim", "claim", "met", "release", "hand-over", "close", "seen", "rate"]
            one, act = self.any.choice(alerts), self.any.choice(acts)
            zone = self.any.choice(["bar", "lounge"])
            close = {"outcome": self.any.choice(["greeted", "not_found", "declined"])}
            close |= {"zone": zone} if self.any.random() < 0.3 else {}
            body: dict[str, dict[str, Any]] = {
                "close": close,
                "seen": {"zone": zone},
                "hand-over": {"to": self.someone},
                "met": {"met": self.any.random() < 0.8},
                "rate": {"useful": self.any.random() < 0.5},
            }
            await self.tries("POST", f"alerts/{one}/{act}", **body.get(act, {}))

    async def asks(self) -> None:
        here = self.day.house.gateway.memory.presence.here()
        if here:
            visit, again = self.any.choice(here).visit, self.any.random() < 0.5
            asked = await self.tries("POST", f"visits/{visit}/asks", question=self.any.choice("ab"), again=again)
            if asked and self.any.random() < 0.7:
                await self.tries("POST", f"asks/{asked['id']}/answer", answer="yes")
                await self.tries("POST", f"asks/{asked['id']}/served", served=self.any.random() < 0.7)
            await self.tries("POST", f"visits/{visit}/companions", count=self.any.randrange(3))

    async def owes(self) -> None:
        kinds: list[Kind] = ["promise", "complaint"]
        kind, customer = self.any.choice(kinds), self.customer
        due = iso(self.day.house.now() + self.any.choice([60, 900])) if self.any.random() < 0.5 else None
        of = f"customers/{customer}/{kind}s"
        made = await self.tries("POST", of, text=f"{kind} {self.any.random()}", due=due, owner=self.someone)
        ledger = self.day.house.gateway.memory.dues.of_customer(self.day.house.whose(customer), kind)
        if made and self.any.random() < 0.4:
            await self.tries("POST", f"{of}/{self.any.choice(ledger).id}/hand-over", to=self.someone)
        if made and self.any.random() < 0.5:
            await self.tries("POST", f"{of}/{self.any.choice(ledger).id}/close")

    async def learns(self) -> None:
        fact = {
            "category": self.any.choice(["drink", "food", "other"]), "value": self.any.choice(["tea", "nuts", "ice"]),
            "polarity": self.any.choice(["do", "avoid", "allergy"]), "basis": self.any.choice(["stated", "observed"]),
            "scope": self.any.choice(["standing", "standing", "one_off"]),
        }  # fmt: skip
        await self.tries("POST", f"customers/{self.customer}/preferences", **fact)

    async def names(self) -> None:
        customer, wishes = self.customer, self.any.choice([[], ["no_name"], ["do_not_disturb"], ["anonymous"]])
        purpose = self.any.choice(["keep_preferences", "recognise_tag", "share_partners"])
        meets = [self.customer]
        acts: list[Act] = [
            lambda: self.tries("POST", f"customers/{customer}/wishes", wishes=wishes),
            lambda: self.tries("PUT", f"customers/{customer}", name=self.customer.title(), wishes=wishes, meets=meets),
            lambda: self.tries("POST", f"customers/{customer}/consents", purpose=purpose),
            lambda: self.tries("DELETE", f"customers/{customer}/consents/{purpose}"),
            lambda: self.tries("DELETE", f"customers/{customer}") if self.any.random() < 0.1 else self.reads(),
        ]
        await self.any.choice(acts)()

    async def works(self) -> None:
        staff, zones = self.any.choice(["anna", "ben", "cleo"]), self.any.choice([[], ["bar"], ["lounge"]])
        until = iso(self.day.house.now() + 500) if self.any.random() < 0.5 else None
        name = f"{staff} {self.any.choice('xy')}"
        roles = [AUDIENCES[staff][0] if staff in AUDIENCES else "floor"]
        acts: list[Act] = [
            lambda: self.tries("PUT", f"staff/{staff}", name=name, roles=roles, zones=zones),
            lambda: self.tries("POST", f"staff/{staff}/shift", zones=zones, until=until),
            lambda: self.tries("DELETE", f"staff/{staff}/shift"),
            lambda: self.tries("DELETE", "staff/cleo"),
        ]
        await self.any.choice(acts)()


SEEDS = [int(seed) for seed in os.environ.get("MOMENTS_SEEDS", "7").split(",")]


@pytest.mark.parametrize("seed", SEEDS)
async def test_so_it_is_on_any_day(tmp_path: Path, seed: int) -> None:
    async with served(tmp_path / "data", venue(tmp_path)) as house, AsyncExitStack() as stack:
        day = await morning(house, tmp_path, stack)
        anything = AnyDay(day, seed)
        for n in range(160):
            await anything.goes_on()
            if n % 4 == 3:
                await day.check(f"{n} things")
        await night(day, stack)
        await every_number_is_its_list(house)

"""A gateway that serves in this process, on a real port, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any, Self

import httpx2

from gateway.console.secrets import door_of, new_token
from gateway.core import restoring
from gateway.core.glass import Scope
from gateway.core.state import Memory, plan_of
from gateway.events.event import News
from gateway.events.times import new_id
from gateway.operations.control import SOCKET_FILE
from gateway.records import rebuild
from gateway.running import Running
from gateway.runtime import Runtime
from gateway.settings.venue import VenueConfig, load, parse
from reader_drivers import Sighting
from tests.console.devices import Device
from tests.core.picture import picture
from tests.shapes import as_documented
from tests.story.tablet import Tablet
from tests.story.venue import answered

PIN = "2468"
FOB = "em:0700C4A91E"


def config(**tables: Any) -> VenueConfig:
    """Two zones and a counter to tap at, whose reader is not there: the test itself says what it heard.

    People sign in on any device, unless the test says otherwise.
    """
    name = {"zh-CN": "馆", "en": "House"}
    venue: dict[str, Any] = {
        "venue": {"id": "house", "name": name},
        "zones": [{"id": "bar", "name": name}, {"id": "lounge", "name": name}],
        "readers": [{"id": "counter", "driver": "em4100", "link": "/nowhere/counter", "role": "tap", "zone": "bar"}],
        "alerts": {"escalate_after_s": [60, 120]},
        "places": [{"zone": "bar", "rows": "1-2", "letters": "AC"}, {"zone": "lounge", "ids": ["T1"], "seats": 2}],
    }
    console = {"listen": "127.0.0.1:0", "paired_tablets": False, **tables.pop("console", {})}
    return parse({**venue, "console": console, **tables})


class Served:
    """What a test holds on to; ``ahead`` is how many seconds the gateway's clock is ahead of ours."""

    def __init__(self, running: Running, stack: AsyncExitStack) -> None:
        self.running = running
        self.gateway = running.gateway
        self.url = running.url
        self.gateway_gate = running.gate
        self.ahead = 0.0
        self._stack = stack
        self._tokens: dict[tuple[str, str | None], str] = {}
        self.gateway.memory.now = self.now  # type: ignore[method-assign]

    def now(self) -> float:
        """The gateway's time."""
        return time.time() + self.ahead

    def whose(self, named: str) -> str:
        """The id of ours of the customer who is named so."""
        return self.gateway.names.ours(named)

    def two_open(self, kind: str = "export") -> None:
        """Two people have opened something of the house, each on a tablet of their own."""
        glass = self.gateway.glass
        scope = Scope(kind, self.gateway.config.venue.id)
        glass.confirm(glass.ask("mei", "one", "they move to another program", scope).id, "noor", "another")

    async def token(self, role: str, staff: str | None = None) -> str:
        """A bearer token, as ``moments token`` makes one."""
        if (role, staff) not in self._tokens:
            token = self._tokens[role, staff] = new_token()
            made = {"token": (id_ := new_id()), "hash": door_of(token), "role": role, "staff": staff}
            await self.gateway.record([News("token.made", id_, made)], "tests")
        return self._tokens[role, staff]

    async def client(self, role: str | None = None, staff: str | None = None, **headers: str) -> httpx2.AsyncClient:
        """HTTP with a token of this role, or without any login; cookies are kept."""
        if role is not None:
            headers["Authorization"] = f"Bearer {await self.token(role, staff)}"
        hooks = {"response": [as_documented]}
        made = httpx2.AsyncClient(base_url=self.url, headers=headers, trust_env=False, timeout=30, event_hooks=hooks)
        return await self._stack.enter_async_context(made)

    async def on(self, device: Device) -> httpx2.AsyncClient:
        """HTTP from a browser that signs what it asks with this device's key; cookies are kept."""
        browser = await self.client()
        browser.auth = device
        return browser

    async def client_at(self, address: str, **headers: str) -> httpx2.AsyncClient:
        """HTTP from another address of this machine, without any login."""
        made = httpx2.AsyncClient(
            base_url=self.url, headers=headers, timeout=30, event_hooks={"response": [as_documented]},
            transport=httpx2.AsyncHTTPTransport(local_address=address),
        )  # fmt: skip
        return await self._stack.enter_async_context(made)

    async def local(self) -> httpx2.AsyncClient:
        """HTTP on the data folder's own socket."""
        door = httpx2.AsyncHTTPTransport(uds=str(self.gateway.store.folder / SOCKET_FILE))
        hooks = {"response": [as_documented]}
        made = httpx2.AsyncClient(
            base_url="http://localhost", transport=door, trust_env=False, timeout=30, event_hooks=hooks
        )
        return await self._stack.enter_async_context(made)

    def tablet(self, headers: dict[str, str], since: int | None = None, device: Device | None = None) -> Tablet:
        """A live socket with these headers, which the device signs, to be entered."""
        query = device.live(since) if device else "" if since is None else f"since={since}"
        return Tablet(f"{self.url}/live" + (f"?{query}" if query else ""), headers, name="the tablet")

    async def hire(self, *names: str, roles: tuple[str, ...] = ("floor",)) -> None:
        """Staff with the PIN of this house, on shift."""
        boss = await self.client("manager")
        for name in names:
            facts = {"name": name.capitalize(), "roles": roles, "pin": PIN}
            await answered(boss.put(f"/api/staff/{name}", json=facts))
            await answered(boss.post(f"/api/staff/{name}/shift", json={}))

    async def enrol(self, customer: str, identifier: str = FOB, **facts: Any) -> None:
        """A customer who carries one fob and agrees to be recognised by it."""
        boss = await self.client("manager")
        page = f"/api/customers/{customer}"
        await answered(boss.put(page, json={"name": customer.capitalize(), **facts}))
        await answered(boss.post(f"{page}/credentials", json={"identifier": identifier}))
        for purpose in ("recognise_tag", "keep_preferences"):
            await answered(boss.post(f"{page}/consents", json={"purpose": purpose}))

    async def agrees(self, *customers: str) -> None:
        """These customers, who are known, agree that what is learnt of them is kept."""
        boss = await self.client("manager")
        for customer in customers:
            consent = {"purpose": "keep_preferences"}
            await answered(boss.post(f"/api/customers/{customer}/consents", json=consent))

    def tap(self, identifier: str = FOB) -> None:
        """The counter's reader hears this fob now."""
        self.gateway.see(Sighting("counter", None, identifier, None, None, self.now()))

    async def signs_in(self, staff: str, pin: str = PIN) -> httpx2.AsyncClient:
        """A browser in which this person has signed in."""
        browser = await self.client()
        await answered(browser.post("/api/sign-in", json={"staff": staff, "pin": pin}))
        return browser

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()


async def same_from_its_records(house: Served) -> None:
    """A gateway that started now would hold what this one does, and the journal says what the tables do."""
    gateway, seen = house.gateway, -1
    while seen != gateway.journal.sequence:  # time may bring something while the last of it is being written
        seen = gateway.journal.sequence
        await gateway.settle()
        await gateway.store.write(lambda tx: None)
    again = Memory(gateway.config, plan_of(gateway.config), gateway.store)
    again.now = house.now  # type: ignore[method-assign]
    restoring.restore(again, gateway.store.reader, house.now())
    held, made = picture(gateway.memory), picture(again)
    assert held == made, {name: (held[name], made[name]) for name in held if held[name] != made[name]}
    with closing(gateway.store.open_reader()) as reader:
        differences = rebuild.check(reader, gateway.store.folder).differences
        assert not differences, differences


@asynccontextmanager
async def served(
    folder: Path, settings: VenueConfig | None = None, *, ahead: float = 0.0, lawful: bool = True,
    file: Path | None = None,
) -> AsyncIterator[Served]:  # fmt: skip
    """A gateway that serves while this is entered; its data folder stays.

    Its settings are those of ``file``, where there is one. Its records are held against its journal at the end,
    unless a test has damaged them.
    """
    runtime = Runtime(settings or (load(file) if file is not None else config()), folder, file=file)
    up: asyncio.Future[Running] = asyncio.get_running_loop().create_future()

    async def then(running: Running) -> None:
        up.set_result(running)

    life = asyncio.create_task(runtime.run(then))
    waiting: list[asyncio.Future[Any]] = [life, up]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if life.done():
        await life
    async with Served(await up, AsyncExitStack()) as house:
        house.ahead = ahead
        try:
            yield house
            if lawful:
                await same_from_its_records(house)
        finally:
            runtime.stop()
            await life

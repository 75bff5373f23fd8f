"""A house as it is set up: its own process and authority, TLS, paired tablets, PINs, a broker with a user a reader."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx2

from gateway.operations.control import ask
from gateway.operations.tls_folder import GIVEN, TLS
from tests.console.devices import Device
from tests.ports import free_port
from tests.shapes import as_documented
from tests.story.settings import COUNTER, PHONES, Place
from tests.story.tablet import Tablet
from tests.story.venue import Venue, answered

ADDRESS = "127.0.0.2"  # no address by which this machine is usually asked: what is heard here speaks TLS
PIN = "728391"


class Guarded(Venue):
    """A house of which every default holds that a demo softens; ``tables`` are further lines of its file."""

    def __init__(self, folder: Path, places: Iterable[Place] = (COUNTER, PHONES), *, tables: str = "") -> None:
        self.trusts = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().__init__(folder, places, mqtt="embedded", trusts=self.trusts)
        self.mqtt_port = free_port(ADDRESS)
        self._tables = tables
        self._more: list[httpx2.AsyncClient] = []

    async def start(self) -> None:
        """Serves with TLS on an address of the network, and with paired tablets."""
        text = self.config.read_text("utf-8")
        if ADDRESS not in text:
            text = text.replace("127.0.0.1:", f"{ADDRESS}:").replace("paired_tablets = false\n", "")
            listen = f'url = "embedded"\nlisten = "{ADDRESS}:{self.mqtt_port}"'
            self.config.write_text(text.replace('url = "embedded"', listen) + self._tables, "utf-8")
        await super().start()

    async def health(self) -> dict[str, Any]:
        """What a monitor sees that trusts this house."""
        if not self.trusts.get_ca_certs():
            self.trusts.load_verify_locations(cadata=(self.data / TLS / GIVEN).read_bytes())
        return await super().health()

    async def stop(self) -> None:
        """The same, with every browser closed before."""
        for each in self._more:
            await each.aclose()
        self._more.clear()
        await super().stop()

    @property
    def pid(self) -> int:
        """The process of the gateway."""
        return self.processes()[0]

    @property
    def port(self) -> int:
        """Where the console listens."""
        return int(self.url.rpartition(":")[2])

    async def browser(self, device: Device | None = None, headers: dict[str, str] | None = None) -> httpx2.AsyncClient:
        """HTTP from a browser without any login, which signs with this device's key; cookies are kept."""
        made = httpx2.AsyncClient(
            base_url=self.url, headers=headers, verify=self.trusts, trust_env=False, timeout=60, auth=device,
            event_hooks={"response": [as_documented]},
        )  # fmt: skip
        self._more.append(made)
        return made

    async def hire(self, *names: str, roles: Iterable[str] = ("floor",)) -> None:
        """Staff with the PIN of this house, on shift."""
        boss = await self.client("manager")
        for name in names:
            facts = {"name": name.capitalize(), "roles": list(roles), "pin": PIN}
            await answered(boss.put(f"/api/staff/{name}", json=facts))
            await answered(boss.post(f"/api/staff/{name}/shift", json={}))

    async def pair(self, name: str) -> tuple[httpx2.AsyncClient, Device]:
        """A new tablet, paired by the code that IT was given."""
        made = await answered((await self.client("it")).post("/api/tablets/codes", json={"name": name}))
        device = Device()
        tablet = await self.browser(device)
        await answered(tablet.post("/api/pair", json={"code": made["code"], "key": device.key}))
        return tablet, device

    async def signs_in(self, staff: str, name: str) -> tuple[httpx2.AsyncClient, Device]:
        """A new paired tablet on which this person has signed in."""
        tablet, device = await self.pair(name)
        await answered(tablet.post("/api/sign-in", json={"staff": staff, "pin": PIN, "key": device.key}))
        return tablet, device

    def live(self, headers: dict[str, str], device: Device | None = None) -> Tablet:
        """A live socket with these headers, which the device signs, to be entered."""
        query = f"?{device.live()}" if device else ""
        return Tablet(f"{self.url}/live{query}", headers, name="a tablet", trusts=self.trusts)

    async def passwords(self, reader: str) -> dict[str, str]:
        """New passwords of this reader's users with the broker, as they are shown once."""
        made = await asyncio.to_thread(ask, self.data, "POST", f"/api/readers/{reader}/password")
        return {each["user"]: each["password"] for each in made["passwords"]}

    def resident(self) -> int:
        """The memory of the gateway's process at its largest so far, in bytes."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) * 1024


def cookies(browser: httpx2.AsyncClient) -> dict[str, str]:
    """The header that a browser with these cookies sends."""
    return {"Cookie": "; ".join(f"{each.name}={each.value}" for each in browser.cookies.jar)}

"""A venue as its users have it: the gateway as a process, readers on real links, tablets on real sockets."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import ssl
import subprocess
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, closing, suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx2

from gateway.operations.control import ask
from gateway.records import rebuild
from gateway.records.store import reading
from gateway.records.verify import verify
from reader_drivers.simulated import SimulatedEm4100, SimulatedM100
from tests.program import REPOSITORY, Ended, command_line, moments
from tests.shapes import as_documented
from tests.story.settings import Place, venue_toml
from tests.story.tablet import Tablet

START_WITHIN = 90.0  # seconds; a start takes one on a machine that is not busy
STOP_WITHIN = 20.0
THROUGH_A_DOOR = 1.5  # seconds in the field of a reader, some thirty reads
SERVES = re.compile(r"(https?://127\.0\.0\.\d:\d+)$", re.MULTILINE)

T = TypeVar("T")
_numbers = count(1)


@dataclass(slots=True)
class Guest:
    """A customer of a story with what they carry; every one has numbers of their own."""

    id: str
    name: str
    epc: str
    em: str
    irk: str
    facts: dict[str, Any] = field(default_factory=dict)


def guest(name: str, **facts: Any) -> Guest:
    """A customer nobody has heard of yet; ``facts`` is what ``PUT /api/customers/{id}`` takes beside the name."""
    number = next(_numbers)
    return Guest(
        f"guest-{number}",
        name,
        epc=f"epc:3034F10A5C0E4000{number:08X}",
        em=f"em:07{number:08X}",
        irk=f"irk:5f2d8c61b0a94e7f93d21{number:011x}",
        facts={"address_as": name, "language": "en", "tier": "gold", **facts},
    )


class Venue:
    """One gateway with its data folder, readers and people; entered, it serves; left, nothing of it remains."""

    def __init__(
        self,
        folder: Path,
        places: Iterable[Place] = (),
        *,
        mqtt: str | None = None,
        escalate_after_s: tuple[float, float] = (60, 120),
        port: int = 0,
        trusts: ssl.SSLContext | bool = True,
        wrong_by: float | None = None,
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.config = folder / "venue.toml"
        self.log_file = folder / "gateway.log"
        self.url = ""
        self.m100: dict[str, SimulatedM100] = {}
        self.em4100: dict[str, SimulatedEm4100] = {}
        self._places = [replace(p) for p in places]
        self._mqtt = mqtt
        self._escalate_after_s = escalate_after_s
        self._port = port
        self._trusts = trusts
        self._clock = folder / "clock" if wrong_by is not None else None
        if wrong_by is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self.clock_is_wrong(by=wrong_by)
        self._process: subprocess.Popen[bytes] | None = None
        self._stack = AsyncExitStack()
        self._clients: dict[str, httpx2.AsyncClient] = {}
        self._tokens: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        (self.folder / "dev").mkdir(parents=True, exist_ok=True)
        for place in self._places:
            line = self.folder / "dev" / place.id
            if place.driver == "m100":
                self.m100[place.id] = await self._stack.enter_async_context(SimulatedM100(line))
            elif place.driver == "em4100":
                self.em4100[place.id] = await self._stack.enter_async_context(SimulatedEm4100(line))
            else:
                continue
            place.link = str(line)
        toml = venue_toml(self._places, mqtt=self._mqtt, escalate_after_s=self._escalate_after_s, port=self._port)
        self.config.write_text(toml, "utf-8")
        try:
            await self.start()
        except BaseException:
            await self.__aexit__(AssertionError)  # nothing calls it for a venue that was never entered
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if self.running and kind is None:
                await self.stop()
                assert "Traceback" not in self.log, self.tail()
        finally:
            self.kill()
            await self._drop_clients()
            await self._stack.aclose()

    # --- the process -----------------------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether the gateway's process lives."""
        return self._process is not None and self._process.poll() is None

    def processes(self) -> list[int]:
        """The ids of the gateway and of what it started, such as its broker."""
        assert self._process is not None
        own = self._process.pid
        children = Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [own, *map(int, children)]

    @property
    def log(self) -> str:
        """All it has said on stderr, over every start."""
        return self.log_file.read_text("utf-8") if self.log_file.exists() else ""

    def tail(self) -> str:
        """The end of the log, for who reads a failure."""
        return "the gateway's log ends:\n" + "\n".join(self.log.splitlines()[-40:])

    async def start(self) -> None:
        """Returns when the gateway serves."""
        before = len(self.log)
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                command_line("serve", "--config", self.config, "--data", self.data, clock=self._clock),
                cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        give_up = time.monotonic() + START_WITHIN
        while (serves := SERVES.search(self.log, before)) is None:
            if not self.running or time.monotonic() > give_up:
                raise AssertionError(f"the gateway does not start (exit {self._process.poll()}); {self.tail()}")
            await asyncio.sleep(0.02)
        self.url = serves[1]
        await self._drop_clients()
        await self.eventually(self.health, lambda h: "status" in h)

    def clock_is_wrong(self, *, by: float) -> None:
        """From now on the gateway's wall clock is wrong by so many seconds; only of a venue that began with one."""
        assert self._clock is not None
        fresh = self._clock.with_suffix(".new")
        fresh.write_text(str(by))
        fresh.replace(self._clock)

    async def stop(self) -> None:
        """SIGTERM; the gateway must end by itself, well."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        code = await self._ended()
        assert code == 0, f"the gateway ended with {code}; {self.tail()}"
        await asyncio.to_thread(self.is_what_its_journal_says)

    def is_what_its_journal_says(self) -> None:
        """The chain holds, and tables made anew from the journal are the tables: after every story."""
        with closing(reading(self.data)) as reader, closing(reader.keyring):
            verdict = verify(reader)
            assert verdict.ok, verdict
            differences = rebuild.check(reader, self.data).differences
            assert not differences, differences

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    async def restart(self) -> None:
        """Stops as systemd does, and starts again."""
        await self.stop()
        await self.start()

    async def _ended(self) -> int:
        assert self._process is not None
        try:
            return await asyncio.to_thread(self._process.wait, STOP_WITHIN)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the gateway does not stop within {STOP_WITHIN} s; {self.tail()}") from None

    # --- people ----------------------------------------------------------------------------------------------------

    async def staff(
        self, *names: str, roles: Iterable[str] = ("floor",), zones: Iterable[str] = (), languages: Iterable[str] = ()
    ) -> None:
        """Puts staff on the books and on shift."""
        boss = await self.client("manager")
        body = {"roles": list(roles), "zones": list(zones), "languages": list(languages)}
        for name in names:
            await answered(boss.put(f"/api/staff/{name}", json={"name": name.capitalize(), **body}))
            await answered(boss.post(f"/api/staff/{name}/shift", json={}))

    async def enrol(
        self, *guests: Guest, consents: Iterable[str] = ("recognise_tag", "recognise_phone", "keep_preferences")
    ) -> None:
        """Makes customers with all they carry, and what they agreed to."""
        boss = await self.client("manager")
        for one in guests:
            page = f"/api/customers/{one.id}"
            await answered(boss.put(page, json={"name": one.name, **one.facts}))
            carried = [boss.post(f"{page}/credentials", json={"identifier": i}) for i in (one.epc, one.em, one.irk)]
            agreed = [boss.post(f"{page}/consents", json={"purpose": purpose}) for purpose in consents]
            await asyncio.gather(*map(answered, [*carried, *agreed]))

    async def token(self, who: str) -> str:
        """The token of a member of staff, or of a program with a role."""
        if who not in self._tokens:
            program = who in ("floor", "crew", "manager", "it", "integration")
            role, staff = (who, None) if program else ("floor", who)
            # As `moments token` does it, without the half second that a process takes to start.
            made = await asyncio.to_thread(ask, self.data, "POST", "/api/tokens", {"role": role, "staff": staff})
            self._tokens[who] = made["token"]
        return self._tokens[who]

    async def client(self, who: str) -> httpx2.AsyncClient:
        """HTTP as this member of staff or role."""
        if who not in self._clients:
            headers = {"Authorization": f"Bearer {await self.token(who)}"}
            self._clients[who] = httpx2.AsyncClient(
                base_url=self.url, headers=headers, verify=self._trusts, trust_env=False, timeout=30,
                event_hooks={"response": [as_documented]},
            )  # fmt: skip
        return self._clients[who]

    async def tablet(self, who: str, *, since: int | None = None) -> Tablet:
        """A tablet of this member of staff, to be entered."""
        query = "" if since is None else f"?since={since}"
        headers = {"Authorization": f"Bearer {await self.token(who)}"}
        return Tablet(f"{self.url}/live{query}", headers, name=f"{who}'s tablet")

    async def _drop_clients(self) -> None:
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    # --- what customers do -----------------------------------------------------------------------------------------

    async def taps(self, who: Guest, tablet: Tablet) -> dict[str, Any]:
        """Holds a fob to the counter's reader until the tablet says that this customer is here; the event's data."""
        self.em4100["counter"].hold(who.em)
        try:
            return dict((await tablet.expect("visit.arrived", customer=who.id))["data"])
        finally:
            self.em4100["counter"].release()

    async def goes(self, who: Guest, tablet: Tablet) -> dict[str, Any]:
        """Carries the tag out by the exit, and waits until the tablet says that they have left; the event's data."""
        await self.passes_the_exit(who)
        return dict((await tablet.expect("visit.departed", customer=who.id))["data"])

    async def passes_the_exit(self, *guests: Guest) -> None:
        """Carries tags through the field of the exit's reader."""
        for who in guests:
            self.m100["way-out"].present(who.epc, -45)
        await asyncio.sleep(THROUGH_A_DOOR)
        for who in guests:
            self.m100["way-out"].remove(who.epc)

    async def hears(self, reader: str) -> None:
        """Returns when this reader has told the gateway of what is held to it now, more than once."""
        boss = await self.client("manager")

        async def last() -> Any:
            return next(r["last_sighting"] for r in await answered(boss.get("/api/readers")) if r["id"] == reader)

        for _ in range(3):
            before = await last()
            await self.eventually(last, lambda now, before=before: now != before)  # type: ignore[misc]

    async def hears_once(self, reader: str) -> None:
        """Returns when this reader has told the gateway of anything at all."""
        boss = await self.client("manager")

        async def last() -> Any:
            return next(r["last_sighting"] for r in await answered(boss.get("/api/readers")) if r["id"] == reader)

        await self.eventually(last, lambda now: now is not None)

    async def knows(self, who: Guest, by: str, polarity: str, category: str, value: str) -> dict[str, Any]:
        """A member of staff records what to do or to avoid."""
        fact = {"category": category, "value": value, "polarity": polarity}
        client = await self.client(by)
        return dict(await answered(client.post(f"/api/customers/{who.id}/preferences", json=fact)))

    # --- what can be seen ------------------------------------------------------------------------------------------

    async def health(self) -> dict[str, Any]:
        """What a monitor sees."""
        async with httpx2.AsyncClient(base_url=self.url, verify=self._trusts, trust_env=False, timeout=40) as anyone:
            return dict((await anyone.get("/health")).json())

    async def present(self) -> dict[str, dict[str, Any]]:
        """Who is here, by customer."""
        boss = await self.client("manager")
        return {p["customer"]: p for p in await answered(boss.get("/api/present"))}

    async def moments(self, *words: str | Path) -> Ended:
        """A command of the command line on this venue's data folder."""
        return await moments(*words, "--data", self.data)

    async def eventually(
        self, look: Callable[[], Awaitable[T]], good: Callable[[T], bool], *, within: float = 40.0
    ) -> T:
        """Looks again and again until what is seen is good."""
        give_up = time.monotonic() + within
        while True:
            with suppress(httpx2.TransportError):
                seen = await look()
                if good(seen):
                    return seen
                assert time.monotonic() < give_up, f"after {within} s: {seen}; {self.tail()}"
            assert time.monotonic() < give_up, f"nothing answers; {self.tail()}"
            await asyncio.sleep(0.05)


async def answered(asking: Awaitable[httpx2.Response]) -> Any:
    """The answer's JSON (None for 204); says what was wrong where it is an error."""
    answer = await asking
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    return json.loads(answer.text) if answer.text else None
